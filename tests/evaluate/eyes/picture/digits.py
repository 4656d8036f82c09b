"""Real pictures for the tests: scikit-learn's 1,797 handwritten digits of 8 x 8 pixels, dealt out once."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from sklearn.datasets import load_digits

from sampan.evaluate.eyes.picture import PictureEye
from sampan.evaluate.eyes.picture.features import FeatureNet, learn_features
from sampan.evaluate.sides import Side as Rows
from sampan.evaluate.sides import Sides
from sampan.field import Points

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


def sides_of(
    made: np.ndarray, seen: np.ndarray, unseen: np.ndarray | None = None, net: FeatureNet | None = None
) -> Sides:
    """Records that hold a picture and nothing else."""
    stacks = seen, seen[:0] if unseen is None else unseen, made
    bare = Sides(*(Rows(len(stack), {}, {}) for stack in stacks), {}, {}, {})  # type: ignore[arg-type]
    views = [Points("picture", stack, np.ones(len(stack), dtype=bool)) for stack in stacks]
    return bare.with_points("picture", PictureEye(net or net_of(140)), views)
