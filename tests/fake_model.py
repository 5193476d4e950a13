"""A stand-in for the embedding model that needs no weights, in this process and in others that a test starts."""

import re
import zlib
from collections.abc import Sequence

import numpy as np

from assistant.embedding import Progress, Vectors


class FakeEmbedder:
    """A deterministic stand-in for the embedding model: texts that share words are near each other.

    Each word's first five letters (which folds most endings) add +1 or -1 to one of 64 places. ``embedded`` lists every
    text it was given.
    """

    fingerprint = "fake:64"
    dimension = 64

    def __init__(self, words: frozenset[str] = frozenset()) -> None:
        self.words = words  # correctly spelt words, for what repairs spelling
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Return one unit vector a text, shape (len(texts), 64)."""
        self.embedded.extend(texts)
        vectors: Vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in re.findall(r"\w+", text.casefold()):
                hashed = zlib.crc32(word[:5].encode("utf-8", "replace"))
                row[hashed % self.dimension] += 1 if hashed & 0x10000 else -1
            if not row.any():
                row[0] = 1  # a text without a word still has a direction
        if progress and texts:
            progress(len(texts))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors
