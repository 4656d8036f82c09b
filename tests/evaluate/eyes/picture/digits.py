"""Real pictures for the tests: scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, dealt out once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from sampan.evaluate.pictures import FeatureNet, learn_features

Side = tuple[np.ndarray, np.ndarray]


@cache
def digits(*sizes: int) -> tuple[Side, ...]:
    """Disjoint sides of so many pictures and labels each: uint8 (rows, 1, 8, 8) and int64 (rows,)."""
    held: Any = load_digits()
    pictures = (held.images * (255 / 16)).round().astype(np.uint8)[:, None]
    order = np.random.default_rng(0).permutation(len(pictures))
    ends = np.cumsum([0, *sizes])
    places = [order[a:b] for a, b in zip(ends, ends[1:], strict=False)]
    return tuple((pictures[place], held.target[place].astype(np.int64)) for place in places)


@cache
def net_of(rows: int) -> FeatureNet:
    """A network that has seen the first so many digits."""
    ((pictures, labels),) = digits(rows)
    return learn_features(pictures, labels, steps=60)


def touched(pictures: np.ndarray, seed: int = 0) -> np.ndarray:
    """The same pictures with a little noise, half of them mirrored."""
    rng = np.random.default_rng(seed)
    noisy = np.clip(pictures + rng.normal(0, 12, pictures.shape), 0, 255).astype(np.uint8)
    noisy[::2] = noisy[::2, ..., ::-1]
    return noisy
