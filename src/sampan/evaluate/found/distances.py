"""Distances between rows of mixed columns (Gower 1971): each column adds at most 1.

A number adds the difference of its ranks, a category 1 where it differs, a missing cell 1 against any other;
a column of points the mean difference of the ranks of its components.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from sampan.evaluate.sides import Side, Sides

BLOCK = 128
"""Rows compared at a time: a block against 10,000 rows then takes 5 MB."""


def points(sides: Sides, tables: Sequence[Side]) -> list[np.ndarray]:
    """Each table as float32 (rows, columns): numbers as ranks in 0..1, codes as they are, missing far off.

    Ranks are taken over the first two tables together: over the seen rows alone, values between two of
    theirs would be tied with one of them, and seen rows would look nearer.
    """
    out = [np.empty((table.rows, len(sides.kinds)), dtype=np.float32) for table in tables]
    together = Counter(sides.parts.values())
    for place, name in enumerate(sides.kinds):
        if name in sides.seen.numbers:
            weight = 1.0 / together.get(sides.owner(name), 1)
            base = np.concatenate([table.numbers[name] for table in tables[:2]])
            base = np.sort(base[~np.isnan(base)])
            for point, table in zip(out, tables, strict=True):
                values = table.numbers[name]
                rank = np.searchsorted(base, values) + np.searchsorted(base, values, side="right")
                point[:, place] = weight * np.where(np.isnan(values), -1.0, rank / max(2 * base.size, 1))
        else:
            for point, table in zip(out, tables, strict=True):
                point[:, place] = table.codes[name]
    return out


def blocks(rows: np.ndarray, others: np.ndarray) -> Iterator[tuple[slice, Callable[[int], np.ndarray]]]:
    """A few rows at a time, and how far they lie from others by a column: float32 (rows, others), 0..1."""
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]

        def gap(column: int, some: np.ndarray = some) -> np.ndarray:
            far = np.abs(some[:, column, None] - others[None, :, column])
            return np.minimum(far, 1.0, out=far)

        yield slice(start, start + len(some)), gap


def nearest(rows: np.ndarray, others: np.ndarray, most: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Of each row the place of the nearest other, and the distances of the `most` nearest, nearest first."""
    most = min(most, len(others))
    places, distances = [], []
    for _, gap in blocks(rows, others):
        far = sum_of(gap, range(rows.shape[1]))
        places.append(far.argmin(axis=1))
        distances.append(np.sort(np.partition(far, most - 1, axis=1)[:, :most], axis=1))
    return np.concatenate(places), np.concatenate(distances).astype(np.float64)


def sum_of(gap: Callable[[int], np.ndarray], columns: Iterable[int]) -> np.ndarray:
    """How far rows lie by some columns together."""
    first, *rest = columns
    far = gap(first)
    for column in rest:
        far += gap(column)
    return far
