"""Columns of Python objects, whatever library holds them: what says that nothing is there, what a cell is."""

from __future__ import annotations

import decimal
from typing import Any, NamedTuple

import numpy as np
from arro3.core import DataType

from sampan.column import Column, is_text, stands_for
from sampan.data.objects import stood_for
from sampan.data.stream import from_values, kind_of
from sampan.media import medium_of_list


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


def of_objects(values: np.ndarray, gone: np.ndarray | None = None) -> Column:
    """A column of Python objects; None, and what `gone` says, is null."""
    cells = values.astype(object)
    if gone is None:
        gone = np.array([is_nothing(cell) for cell in cells], dtype=bool)
    cells[gone] = None
    listed = [*cells]
    if any(issubclass(kind, np.generic) for kind in set(map(type, listed))):
        listed = [cell.item() if isinstance(cell, np.generic) else cell for cell in listed]
    kind = kind_of(listed)
    plain = DataType.is_string(kind) or (DataType.is_binary(kind) and not _are_files(listed))
    stood = stood_for(listed) if plain else None
    return from_values(listed, kind) if stood is None else stood


def _are_files(cells: list[Any]) -> bool:
    """Whether all bytes are files of one medium."""
    there = [cell for cell in cells if cell is not None]
    return not there or medium_of_list(there) is not None


def of_cells(cells: np.ndarray, gone: np.ndarray) -> tuple[Column, str]:
    """Python objects as a column, and what is to be said where some would come back as another kind."""
    column = of_objects(cells, gone)
    kinds = sorted({type(cell).__name__ for cell in cells[~gone]})
    if is_text(column) and not stands_for(column) and kinds not in (["str"], []):
        several = (
            f"mixes {', '.join(kinds[:4])}: all" if len(kinds) > 1 else f"holds cells of {kinds[0]}, which"
        )
        return column, f"{{}} {several} are taken as text, and come back as text"
    if len(kinds) > 1 and DataType.is_floating(column.type) and {"int", "float"} <= set(kinds):
        return column, "{} mixes whole numbers with decimals: all come back as decimals"
    return column, ""
