"""What all invented data are drawn from: a style, free numbers, and the draws of a block of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sampan.field import Rows
from sampan.fields.identifier import FreeNumbers, key_of, row_numbers, scatter

SAMPLE = 5_000
"""Cells looked at to find a style."""

Style = dict[str, Any]
"""What was learned about how a column writes one kind of personal data: JSON values."""

Learned = tuple[Style, FreeNumbers]
"""A style, and the numbers that may be made where it makes numbers."""

NOTHING = FreeNumbers(1, 1, np.zeros(1, dtype=np.int64))
"""The free numbers of a kind that makes none."""


def beside(used: np.ndarray, size: int) -> FreeNumbers:
    """Numbers of range(size) not in use; any, where so many are in use that none can be told to be free."""
    free = FreeNumbers.beside(used, size)
    return free if free.count else FreeNumbers(size, 1, np.zeros(1, dtype=np.int64))


class Draw:
    """The random draws of a block of rows: the person's own, and those of one column."""

    def __init__(self, rows: Rows, what: str, person: str) -> None:
        self.count = rows.count
        self.index = row_numbers(rows)
        self.key = key_of(rows, f"{what} {person}")
        # the same three for every column that speaks of this person
        self.first, self.last, self.middle = rows.rng(f"person {person}").random((3, rows.count))
        self.rng = rows.rng(f"{what} of {person}")

    def of(self, pool: Sequence[Any], at: np.ndarray | None = None) -> list[Any]:
        """One of the pool for each row; `at` in [0, 1) says which."""
        at = self.rng.random(self.count) if at is None else at
        return np.array(pool, dtype=object)[(at * len(pool)).astype(np.int64)].tolist()

    def weighted(self, weights: Sequence[float]) -> np.ndarray:
        """A place in the list for each row, in proportion to its weight: int64 (rows,)."""
        edges = np.cumsum(np.array(weights) / np.sum(weights))
        return np.minimum(np.searchsorted(edges, self.rng.random(self.count), side="right"), len(edges) - 1)

    def numbers(self, free: FreeNumbers) -> np.ndarray:
        """A free number for each row, distinct while there are enough: int64 (rows,)."""
        return free.pick(self.index % free.count, self.key)

    def suffixes(self) -> list[str]:
        """Digits that differ in every row: four, then more."""
        out = np.empty(self.count, dtype=object)
        begin, width = 0, 4
        while True:
            here = (self.index >= begin) & (self.index < begin + 10**width)
            if here.any():
                numbers = scatter(self.index[here] - begin, 10**width, self.key)
                out[here] = [f"{number:0{width}d}" for number in numbers.tolist()]
            begin += 10**width
            if not (self.index >= begin).any():
                return out.tolist()
            width += 3
