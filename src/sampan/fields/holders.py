"""Holders: by how many people each value of a column is held; whose each row is where whole rows repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text
from sampan.column import Column, codes, file_kind, is_text, take

LEAST = 10
"""Rows below which the rule says nothing, because nothing is learned from so few."""


@dataclass(frozen=True, eq=False)
class Holders:
    """By how many each distinct value of a column, in order, is held.

    rows: in how many rows each was seen (M,). persons: by how many persons, or records where nobody says
    which rows are one person's. low, high: the places between which two held or more lie on both sides;
    low is above high where there are none such.
    """

    rows: np.ndarray
    persons: np.ndarray
    low: int
    high: int

    @classmethod
    def of(cls, rows: np.ndarray) -> Self:
        """Every row is a record of its own."""
        last = rows.size - 1
        return cls(rows, rows, int(rows[0] < 2), last - int(rows[last] < 2))

    @classmethod
    def by(cls, index: np.ndarray, size: int, persons: np.ndarray | None) -> Self:
        """index: which of `size` values each cell holds. persons: whose row it is, any whole numbers (rows,).

        >>> holders = Holders.by(np.array([0, 0, 1, 2, 2]), 3, np.array([7, 7, 8, 8, 9]))
        >>> holders.rows.tolist(), holders.persons.tolist(), holders.low, holders.high
        ([2, 1, 2], [1, 1, 2], 1, 2)
        """
        rows = np.bincount(index, minlength=size)
        if persons is None:
            return cls.of(rows)
        pairs = np.unique(np.stack([index, persons]), axis=1)
        counts = np.bincount(pairs[0], minlength=size)
        ends = []
        for end, reduced, nothing in ((0, np.min, size), (size - 1, np.max, -1)):
            at = pairs[0] == end
            if at.sum() > 1:
                ends.append(end)
            else:
                others = pairs[0][pairs[1] != pairs[1][at][0]]
                ends.append(int(reduced(others)) if others.size else nothing)
        return cls(rows, counts, ends[0], ends[1])

    @classmethod
    def found(cls, values: np.ndarray, persons: np.ndarray | None) -> tuple[np.ndarray, Self]:
        """The distinct values in order, and who holds them."""
        distinct, index = np.unique(values, return_inverse=True)
        return distinct, cls.by(index.reshape(-1), distinct.size, persons)

    def thinned(self, most: int) -> tuple[np.ndarray, Holders]:
        """(places of at most so many of the values, the same of these): the quantiles, the ends kept."""
        order = np.linspace(0, self.rows.sum() - 1, most).round().astype(np.int64)
        places, rows = np.unique(
            np.searchsorted(np.cumsum(self.rows), order, side="right"), return_counts=True
        )
        return places, self.of_some(places, rows)

    def of_some(self, places: np.ndarray, rows: np.ndarray) -> Holders:
        """The same of some of the values, which stand for so many rows."""
        low = int(np.searchsorted(places, self.low))
        high = int(np.searchsorted(places, self.high, side="right")) - 1
        return Holders(rows, self.persons[places], low, high)

    @property
    def nowhere(self) -> bool:
        """Whether no range is left in which something unshared could be made."""
        return self.low > self.high or (self.low == self.high and bool(self.singletons[self.low]))

    @property
    def singletons(self) -> np.ndarray:
        """Which values one holder alone has: bool (M,)."""
        return self.persons < 2


BY_CHANCE = 1e-3
"""How often rows that are the same in every column may be so by chance, for them to count as one record."""


def repeated_records(columns: Mapping[str, Column]) -> np.ndarray | None:
    """Whose row each is where whole rows repeat that could hardly do so by chance (an import done twice).

    int64 (rows,), as `Holders.by` takes them; None where there are none such. Rows of a few common values
    (sex, yes/no) are alike by chance; by the shares of its values, as if columns were independent, another
    row like a repeated one is expected less often than `BY_CHANCE` in the table.

    >>> from sampan.column import from_numpy
    >>> rng = np.random.default_rng(0)
    >>> twice, coin = from_numpy(np.tile(rng.integers(0, 10**6, 50), 2)), from_numpy(rng.integers(0, 2, 100))
    >>> persons = repeated_records({"a": twice, "b": twice, "c": twice})
    >>> len(set(persons)), repeated_records({"coin": coin})
    (50, None)
    """
    rows = len(next(iter(columns.values()), ()))
    if rows < LEAST:
        return None
    group, alive = np.zeros(rows, dtype=np.int64), np.arange(rows)
    for column in columns.values():  # rows that are alone in what was looked at are alone
        index = _index_of(take(column, alive) if alive.size < rows else column)
        if index is None:
            return None
        _, group, counts = np.unique(
            group * (index.max(initial=0) + 2) + index + 1, return_inverse=True, return_counts=True
        )
        kept = counts[group] > 1
        alive, group = alive[kept], group[kept]
        if not alive.size:
            return None
    surprise = np.zeros(alive.size)
    for column in columns.values():
        index = _index_of(column)
        assert index is not None
        surprise -= np.log(np.bincount(index + 1)[index[alive] + 1] / rows)
    odd = surprise > np.log(rows / BY_CHANCE)
    if not odd.any():
        return None
    persons = np.arange(rows)
    _, first, place = np.unique(group[odd], return_index=True, return_inverse=True)
    persons[alive[odd]] = alive[odd][first][place]
    return persons


def _index_of(column: Column) -> np.ndarray | None:
    """Which of a column's distinct values each cell holds, -1 where null; None for lists, bytes and files."""
    kind = column.type
    if DataType.is_nested(kind) or "binary" in str(kind).lower() or file_kind(column):
        return None
    plain = is_text(column) or DataType.is_numeric(kind)
    return codes(column if plain else as_text(column))[0]
