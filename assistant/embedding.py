"""Turn texts into unit vectors with a sentence-transformers model, offline."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from assistant.errors import ModelError
from assistant.exported import BUILT_IN_MODEL, BUILT_IN_SHA256, MAX_TOKENS, Exported, encodable, exported

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int], None]  # called with the number of texts just embedded

_REMEMBERED = 64  # texts
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

    def __init__(self, model: Exported, fingerprint: str) -> None:
        self._model = model
        self._fingerprint = fingerprint
        self._words = _whole_words(model.vocabulary)

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._model.width

    @property
    def words(self) -> frozenset[str]:
        return self._words

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        tokens = self._model.tokens(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        # By tokens, not by letters and numbers of texts as sentence-transformers does it: a third less time and memory.
        for batch in by_length(tokens, BATCH_TOKENS, BATCH_TOKENS):
            vectors[batch] = self._embed_batch([tokens[i] for i in batch])
            if progress:
                progress(len(batch))
        return vectors

    def _embed_batch(self, tokens: Sequence[Sequence[int]]) -> Vectors:
        """Embed lists of token ids, the longest first."""
        states, mask = self._model.run(tokens)
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
                [encodable(texts[i]) for i in batch], normalize_embeddings=True, show_progress_bar=False
            )
            if progress:
                progress(len(batch))
        return vectors


def _built_in(cache: Path) -> Embedder:
    folder = exported(cache / f"{BUILT_IN_MODEL}-{BUILT_IN_SHA256[:12]}", _token_vectors, {0: "text", 1: "token"})
    return OnnxEmbedder(Exported(folder), f"{BUILT_IN_MODEL}:{BUILT_IN_SHA256[:12]}:mean:{MAX_TOKENS}")


def _token_vectors(transformer: Any) -> Any:
    """The transformer as a network whose only output is the vectors of the tokens."""
    import torch

    class TokenVectors(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any) -> Any:
            return self.transformer(
                input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
            ).last_hidden_state

    return TokenVectors()


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


def _whole_words(vocabulary: Mapping[str, int]) -> frozenset[str]:
    return frozenset(token for token in vocabulary if token.isalpha() and len(token) > 1)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
