"""Cells of Python objects: what says that nothing is there, and what a series of one type remembers."""

from __future__ import annotations

import decimal
from typing import Any, NamedTuple

import numpy as np


def is_nothing(cell: Any) -> bool:
    """Whether a Python object says that something is missing: None, NaN, NaT, NA."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(cell, float | np.floating | np.datetime64 | decimal.Decimal) and bool(cell != cell)


class Cells(NamedTuple):
    """A series of Python objects whose cells are all of one pandas type."""

    type: str


def cells_of(values: list[Any]) -> np.ndarray:
    out = np.empty(len(values), dtype=object)
    if not any(isinstance(value, list | tuple | np.ndarray) for value in values):
        out[:] = values
        return out
    for place, value in enumerate(values):  # a list is one cell, and no row of cells
        out[place] = value
    return out
