"""A copy of the built-in model that was tuned to urgent texts: it reads a text once more where the words leave a doubt.

rules/urgency.safetensors holds what tests/bench/tune_urgency.py changed: thin pairs of matrices whose products are added to the
model's own (Hu et al. 2021), its biases and scales, and a linear head over the mean of the token vectors. How well it
does: docs/safety.md.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from assistant.embedding import Embedder
from assistant.exported import BUILT_IN_SHA256, Exported, Floats, exported, file_sha256
from assistant.rulebook import RULES
from assistant.safety import opinion_model

WEIGHTS = RULES / "urgency.safetensors"
REMEMBERED = 64  # texts


class ModelSenses:
    """How the urgent screen reads a text: its vector, and what the tuned copy says; the copy is loaded when it is first asked."""

    def __init__(self, embedder: Embedder, tuned: Callable[[], Exported]) -> None:
        self._embedder, self._tuned = embedder, cache(tuned)
        self.read = lru_cache(maxsize=REMEMBERED)(self._read)

    def embed(self, text: str) -> Floats:
        """The unit vector of ``text``, shape (dimension,)."""
        vector: Floats = self._embedder.embed([text])[0]
        return vector

    def _read(self, text: str) -> Floats:
        """Log odds that ``text`` is urgent, then one number for each family: shape (1 + families,). Raises ModelError."""
        tuned = self._tuned()
        said: Floats = tuned.run(tuned.tokens([text]))[0][0]
        return said


def senses(embedder: Embedder, models: Path) -> ModelSenses | None:
    """Return the senses of the screen, or None where ``embedder`` is not the model that it was trained on.

    ``models``: where the ONNX form of the copy is kept; where it is missing it is made there once the copy is asked.
    """
    fits = embedder.fingerprint == opinion_model()
    return ModelSenses(embedder, lambda: Exported(_made(models))) if fits else None


def prepare(embedder: Embedder, models: Path) -> None:
    """Make the ONNX form of the copy in ``models`` where ``embedder`` is its model and it is missing. Raises ModelError."""
    if embedder.fingerprint == opinion_model():
        _made(models)


def _made(models: Path) -> Path:
    digest = f"{BUILT_IN_SHA256[:6]}{file_sha256(WEIGHTS)[:6]}"
    return exported(models / f"urgency-{digest}", _network, {0: "text"})


@cache
def about() -> Mapping[str, str]:
    """What is written beside the weights: `families`, separated by commas, and `trained_on`, the mark of the texts."""
    from safetensors import safe_open

    with safe_open(WEIGHTS, framework="np") as file:
        metadata: Mapping[str, str] = file.metadata()
    return metadata


def _network(transformer: Any) -> Any:
    """The transformer with its changes and head; what it gives has the shape (texts, 1 + families)."""
    import torch
    from safetensors.torch import load_file

    changes = {name: change.float() for name, change in load_file(WEIGHTS).items()}
    weights = dict(transformer.encoder.named_parameters())
    for name, change in changes.items():
        matrix = name.removesuffix(".down")
        if matrix != name:
            weights[f"{matrix}.weight"].data += changes[f"{matrix}.up"] @ change
        elif name in weights:
            weights[name].data = change

    class Tuned(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            states = self.transformer(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state
            mask = attention_mask[:, :, None].to(states.dtype)
            return (states * mask).sum(1) / mask.sum(1) @ changes["head.weight"].T + changes["head.bias"]

    return Tuned()
