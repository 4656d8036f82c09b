"""Cells: a column of points on all sides, as vectors that its eye sees and as their leading components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.eyes import Eye

COMPONENTS = 8
"""Leading components of each space that stand for a column of points beside numbers and categories."""


@dataclass(frozen=True, eq=False)
class Cells:
    """All cells of a column of points, those of seen, unseen and made rows one below another.

    eye: what looks at them. parts: the cells of each side, as the codec has them. plain: space -> vectors,
    float32 (cells, d). components: name -> one number for each cell, float64 (cells,): "features 1" first.
    """

    eye: Eye
    parts: tuple[np.ndarray, ...]
    plain: Mapping[str, np.ndarray]
    components: Mapping[str, np.ndarray]

    def take(self, places: np.ndarray) -> np.ndarray:
        """The cells at some places."""
        out = np.empty((len(places), *self.parts[0].shape[1:]), dtype=self.parts[0].dtype)
        start = 0
        for part in self.parts:
            here = (places >= start) & (places < start + len(part))
            out[here] = part[places[here] - start]
            start += len(part)
        return out


def looked_at(eye: Eye, parts: Sequence[np.ndarray]) -> Cells:
    """The cells of each side, seen ones first, as an eye sees them."""
    plain = {space: np.concatenate([eye.plain(part, space) for part in parts]) for space in eye.spaces}
    components: dict[str, np.ndarray] = {}
    for space, vectors in plain.items():
        for place, column in enumerate(leading(vectors, len(parts[0])).T):
            components[f"{space} {place + 1}"] = column
    return Cells(eye, tuple(parts), plain, components)


def leading(vectors: np.ndarray, seen: int, most: int = COMPONENTS) -> np.ndarray:
    """The principal components of vectors, of which the first so many are seen and say which they are.

    float64 (rows, at most `most`), those of the largest variance first; one that does not vary is left out.
    """
    base = vectors[:seen].astype(np.float64)
    middle = base.mean(axis=0)
    spread, axes = np.linalg.eigh(np.atleast_2d(np.cov(base, rowvar=False)))
    kept = np.argsort(-spread)[:most]
    kept = kept[spread[kept] > 1e-9 * max(float(spread.sum()), 1e-300)]
    return (vectors - middle) @ axes[:, kept]
