"""Scattered: numbers that a key spreads, the same for one row or person whatever is drawn beside it."""

from __future__ import annotations

import numpy as np

from sampan.field import Rows
from sampan.randomness import rng_of


def mix(x: np.ndarray) -> np.ndarray:
    """A hash of 64-bit numbers (the finaliser of SplitMix64)."""
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return x ^ x >> np.uint64(31)


def hashed(index: np.ndarray, key: int) -> np.ndarray:
    """A number of [0, 1) for each index, the same whatever the others are: float64 (rows,)."""
    salt = np.uint64(key & 0xFFFFFFFFFFFFFFFF)
    return (mix(mix(index.astype(np.uint64) + salt) ^ salt) >> np.uint64(11)).astype(np.float64) / 2.0**53


def key_of(rows: Rows, purpose: str) -> int:
    """A key that depends on the user's seed and the purpose, and not on the block of rows."""
    return int(rng_of(rows.seed, purpose).integers(0, 1 << 63))


def row_numbers(rows: Rows) -> np.ndarray:
    """The index of each row among all that are made: int64 (rows.count,)."""
    return rows.start + np.arange(rows.count, dtype=np.int64)
