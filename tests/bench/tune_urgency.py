"""Tune a copy of the built-in model to urgent texts: `python tests/bench/tune_urgency.py` writes assistant/rules/urgency.safetensors.

Each matrix of the six layers is changed by a product of two thin ones (Hu et al. 2021, "LoRA"), the biases and the scales of
the layers by themselves; on the mean of the token vectors stand two linear heads: urgent or not, and which family. The texts are
those of tests/bench/fit_opinion.py. The stored weights were made without an accelerator: three quarters of an hour on two cores with nothing beside it, and 13 GB
of memory; about two minutes with one (`--device cuda`). The last digits depend on the machine. `--left-out FILE` instead trains once for each batch of
texts without that batch, and writes what the weights say of it, in log odds: fit_opinion.py weighs the two readings by that.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch
from torch import nn
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


from assistant.exported import MAX_TOKENS, encodable, package_folder
from assistant.rulebook import RULES
from tests.bench.fit_opinion import Text, data_fingerprint, more, read

OUT = RULES / "urgency.safetensors"
RANK = 32  # of the change of a matrix
EPOCHS, BATCH, BUCKET = 3, 64, 50  # texts of a step; steps whose texts are sorted by length
RATE, HEAD_RATE, DECAY, WARM_UP = 5e-4, 1e-3, 0.01, 0.06
DROPOUT = 0.1
SMOOTHING = 0.02  # some labels are wrong
FAMILY_WEIGHT = 0.4  # of the second head's loss beside the first's
SMALLEST_FAMILY = 20  # texts
LEFT_OUT = ("h", "i", "j", "k", "l", "m", "n", "p", "q", "v", "w", "everyday", "questions")  # batches of whole writers


class Changed(nn.Module):
    """A linear layer and its low-rank change."""

    def __init__(self, linear: nn.Linear, rank: int) -> None:
        super().__init__()
        self.linear = linear
        self.down = nn.Parameter(torch.randn(rank, linear.in_features) * 0.02)
        self.up = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.linear(x) + (x @ self.down.T) @ self.up.T * 2
        return out


class Net(nn.Module):
    """The transformer with its changes, mean pooling and two heads; the first column is urgent or not, then the families."""

    def __init__(self, folder: Path, families: int, rank: int) -> None:
        from transformers import BertModel

        super().__init__()
        transformer: Any = BertModel.from_pretrained(str(folder), add_pooling_layer=False)
        self.transformer = transformer.to(torch.float32)
        for name, weight in self.transformer.named_parameters():
            weight.requires_grad = ".layer." in name and (name.endswith("bias") or "LayerNorm" in name)
        for layer in transformer.encoder.layer:
            own = layer.attention.self
            for owner, names in (
                (own, ("query", "key", "value")),
                (layer.attention.output, ("dense",)),
                (layer.intermediate, ("dense",)),
                (layer.output, ("dense",)),
            ):
                for name in names:
                    setattr(owner, name, Changed(getattr(owner, name), rank))
        self.dropout = nn.Dropout(DROPOUT)
        self.head = nn.Linear(self.transformer.config.hidden_size, 1 + families)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        states = self.transformer(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[:, :, None].to(states.dtype)
        out: torch.Tensor = self.head(self.dropout((states * weight).sum(1) / weight.sum(1)))
        return out


@dataclass(frozen=True)
class Data:
    """The texts as token ids and labels."""

    texts: tuple[Text, ...]
    ids: tuple[tuple[int, ...], ...]
    families: tuple[str, ...]  # those that are frequent enough

    def family(self, at: int) -> int:
        name = self.texts[at].family
        return self.families.index(name) if name in self.families else -1

    def batch(self, chosen: Sequence[int], device: str) -> tuple[torch.Tensor, torch.Tensor]:
        longest = max(len(self.ids[at]) for at in chosen)
        ids, mask = numpy.zeros((2, len(chosen), longest), dtype=numpy.int64)
        for row, at in enumerate(chosen):
            ids[row, : len(self.ids[at])], mask[row, : len(self.ids[at])] = self.ids[at], 1
        return torch.from_numpy(ids).to(device), torch.from_numpy(mask).to(device)


def tokenised(texts: Sequence[Text], folder: Path) -> Data:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    encodings = tokenizer.encode_batch([encodable(text.joined) for text in texts])
    named = [text.family for text in texts if text.family]
    families = sorted(name for name in set(named) if named.count(name) >= SMALLEST_FAMILY)
    return Data(tuple(texts), tuple(tuple(encoding.ids) for encoding in encodings), tuple(families))


def steps(data: Data, chosen: Sequence[int], epochs: int, dice: numpy.random.Generator) -> Iterator[list[int]]:
    """The texts of each step: shuffled, texts of about one length together."""
    for _ in range(epochs):
        shuffled = dice.permutation(chosen).tolist()
        for start in range(0, len(shuffled), BATCH * BUCKET):
            bucket = sorted(shuffled[start : start + BATCH * BUCKET], key=lambda at: len(data.ids[at]))
            batches = [bucket[at : at + BATCH] for at in range(0, len(bucket), BATCH)]
            yield from (batches[at] for at in dice.permutation(len(batches)))


def loss_of(out: torch.Tensor, data: Data, chosen: Sequence[int]) -> torch.Tensor:
    urgent = torch.tensor([float(data.texts[at].urgent) for at in chosen], device=out.device)
    families = torch.tensor([data.family(at) for at in chosen], device=out.device)
    loss = functional.binary_cross_entropy_with_logits(out[:, 0], urgent * (1 - 2 * SMOOTHING) + SMOOTHING)
    known = families >= 0
    if known.any():
        share = known.float().mean()
        loss = loss + FAMILY_WEIGHT * share * functional.cross_entropy(out[known, 1:], families[known])
    return loss


def trained(data: Data, chosen: Sequence[int], folder: Path, options: argparse.Namespace) -> Net:
    torch.manual_seed(options.seed)
    dice = numpy.random.default_rng(options.seed)
    net = Net(folder, len(data.families), options.rank).to(options.device)
    heads = list(net.head.parameters())
    body = [weight for weight in net.transformer.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": RATE}, {"params": heads, "lr": HEAD_RATE}], weight_decay=DECAY
    )
    total = math.ceil(len(chosen) / BATCH) * options.epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * total)) * max(0.0, 1 - step / total)
    )
    net.train()
    for batch in steps(data, chosen, options.epochs, dice):
        with torch.autocast(options.device, torch.bfloat16, enabled=options.device == "cuda"):
            out = net(*data.batch(batch, options.device))
        loss = loss_of(out.float(), data, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_([*body, *heads], 1.0)
        optimizer.step()
        schedule.step()
    return net.eval()


def judged(net: Net, data: Data, chosen: Sequence[int], device: str) -> numpy.ndarray:
    """Log odds that each of the chosen texts is urgent, shape (chosen,)."""
    order = sorted(chosen, key=lambda at: -len(data.ids[at]))
    out: dict[int, float] = {}
    with torch.no_grad():
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            out |= dict(zip(batch, net(*data.batch(batch, device))[:, 0].tolist(), strict=True))
    return numpy.array([out[at] for at in chosen])


def tensors(net: Net) -> dict[str, torch.Tensor]:
    """What training changed, in half precision: `down` and `up` of each matrix, with the 2 in `up`, and what stands for itself."""
    out = {}
    for name, weight in net.named_parameters():
        if weight.requires_grad:
            name = name.replace("transformer.encoder.", "").replace(".linear.", ".")
            out[name] = (weight * 2 if name.endswith(".up") else weight).detach().half().cpu().contiguous()
    return out


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Tune a copy of the built-in model to urgent texts.")
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--base", type=Path, help="the folder of the model, if its package is not installed")
    parser.add_argument(
        "--left-out", type=Path, metavar="FILE", help="only judge each batch by weights that have not seen it"
    )
    parser.add_argument("--only", help="with --left-out: only these batches, with commas between them")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--rank", type=int, default=RANK)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    chosen = options(arguments)
    folder = chosen.base or package_folder()
    texts = read()
    data = tokenised([*texts, *more(texts)], folder)
    if chosen.left_out:
        found: dict[str, Any] = {}
        for name in chosen.only.split(",") if chosen.only else LEFT_OUT:
            seen = [at for at, text in enumerate(data.texts) if text.batch != name]
            kept = [at for at, text in enumerate(texts) if text.batch == name]
            found[name] = judged(trained(data, seen, folder, chosen), data, kept, chosen.device)
            sys.stdout.write(f"{name}: {len(kept)} texts\n")
            sys.stdout.flush()
        numpy.savez(chosen.left_out, **found)
        return 0
    from safetensors.torch import save_file

    net = trained(data, range(len(data.texts)), folder, chosen)
    about = {"families": ",".join(data.families), "trained_on": data_fingerprint()}
    save_file(tensors(net), str(chosen.out), metadata=about)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
