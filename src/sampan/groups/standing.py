"""Standing: which group each row of a table is of, as which of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sampan.arrow_type import as_text
from sampan.column import Column, codes


@dataclass(frozen=True, eq=False)
class Standing:
    """Rows of a table in their groups.

    group: the number of each row's group, from 0 (rows,). place: as which of the group's rows it stands, from
    1 (rows,).
    """

    group: np.ndarray
    place: np.ndarray

    @classmethod
    def of(cls, key: Column, by: np.ndarray | None = None, back: bool = False) -> Standing:
        """Rows with the same key are a group; a row without one is a group of its own.

        by: numbers in whose order the rows of a group stand, those that are NaN last; the order of the table
        unless given. back: whether the table has the last row of each group first.

        >>> from sampan.column import from_strings
        >>> rows = Standing.of(from_strings(["a", "b", "a", None, "a"]))
        >>> rows.group.tolist(), rows.place.tolist(), rows.size.tolist()
        ([0, 1, 0, 2, 0], [1, 1, 2, 1, 3], [3, 1, 3, 1, 3])
        """
        index, values = codes(as_text(key))
        group = np.where(index < 0, len(values) + np.cumsum(index < 0) - 1, index)
        rows = np.arange(group.size)
        order = np.lexsort((-rows if back else rows, rows * 0 if by is None else by, group))
        held, first = np.unique(group[order], return_index=True)
        place = np.empty(group.size, dtype=np.int64)
        place[order] = np.arange(group.size) - np.repeat(first, np.diff([*first, group.size])) + 1
        return cls(np.searchsorted(held, group), place)

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.group.size

    @cached_property
    def sizes(self) -> np.ndarray:
        """Rows of each group: int64 (groups,)."""
        return np.bincount(self.group)

    @property
    def size(self) -> np.ndarray:
        """Rows of the group of each row: int64 (rows,)."""
        return self.sizes[self.group]

    @cached_property
    def firsts(self) -> np.ndarray:
        """Which row is the first of each group: int64 (groups,)."""
        out = np.zeros(self.sizes.size, dtype=np.int64)
        first = np.flatnonzero(self.place == 1)
        out[self.group[first]] = first
        return out

    @cached_property
    def order(self) -> np.ndarray:
        """The rows one group after another, each group's in the order of their places: int64 (rows,)."""
        return np.lexsort((self.place, self.group))

    @cached_property
    def follows(self) -> np.ndarray:
        """Of the rows in that order, whether each is of the same group as the one before: bool (rows,)."""
        return self.place[self.order] > 1
