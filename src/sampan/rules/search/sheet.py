"""Sheet: a sample of a table's rows as the search looks at them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from arro3.core import DataType

from sampan.column import Column
from sampan.where.quantity import Quantities, Quantity, codes_of

SUPPORT = 30.0
"""Breaks expected in as many rows, were the columns that a rule binds shuffled: that none occurs by luck has
then a chance of e ** -30, times the thousands of rules that are tried."""

HEAD = 400
"""Rows on which a rule is tried first: most fail there, and cost nothing more."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """Columns as they are, and as quantities.

    most: how many columns are looked at in pairs, and in threes.
    """

    columns: Mapping[str, Column]
    most: tuple[int, int] = (150, 40)
    cells: Quantities = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", Quantities(self.columns))

    @cached_property
    def rows(self) -> int:
        """How many there are."""
        return max((len(column) for column in self.columns.values()), default=0)

    @cached_property
    def numbers(self) -> dict[str, np.ndarray]:
        """The columns of numbers that vary, in the order of the table: float64 (rows,), NaN where missing."""
        out: dict[str, np.ndarray] = {}
        for name in self.columns:
            cells = self.cells[name]
            if cells.kind == "number" and not self.is_flag(name) and self.varies(name):
                out[name] = cells.numbers
                if len(out) >= self.most[0]:
                    break
        return out

    @cached_property
    def moments(self) -> dict[str, Quantity]:
        """The columns of dates and moments that vary, half as many as are looked at in threes."""
        out: dict[str, Quantity] = {}
        for name in self.columns:
            if self.cells[name].kind == "moment" and len(out) < self.most[1] // 2 and self.varies(name):
                out[name] = self.cells[name]
        return out

    def plain(self, name: str, row: int) -> object:
        """One cell as a condition compares it."""
        value = self.columns[name][row].as_py()
        return value if isinstance(value, bool | int | float | str) else str(value)

    def is_flag(self, name: str) -> bool:
        """Whether a column says true or false, which are no numbers to reckon with."""
        return self.columns[name].type == DataType.bool()

    def varies(self, name: str) -> bool:
        """Whether a column has two values."""
        cells = self.cells[name]
        there = cells.values[~cells.gone]
        return bool(there.size) and bool((there[0] != there).any())

    @cached_property
    def codes(self) -> dict[str, np.ndarray]:
        """Of every column that varies, the place of each cell among its distinct values, -1 where missing."""
        return {name: dense(codes_of(self.cells[name])) for name in self.columns if self.varies(name)}

    def distinct(self, name: str) -> int:
        """How many values a column has."""
        return int(self.codes[name].max(initial=-1)) + 1


def dense(code: np.ndarray) -> np.ndarray:
    """Codes without gaps, in the same order; -1 stays."""
    there = code[code >= 0]
    if not there.size:
        return code
    taken = np.zeros(int(there.max()) + 1, dtype=bool)
    taken[there] = True
    return np.where(code < 0, -1, (np.cumsum(taken) - 1)[code])


def spread(code: np.ndarray) -> float:
    """The chance that two cells differ, of codes from 0; those below are left out."""
    code = code[code >= 0]
    shares = np.bincount(code) / max(code.size, 1)
    return 1.0 - float((shares * shares).sum())


def variety(values: np.ndarray) -> float:
    """The chance that two of some numbers differ."""
    return spread(np.unique(values, return_inverse=True)[1]) if values.size else 0.0
