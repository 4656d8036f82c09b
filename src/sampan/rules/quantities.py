"""Quantities of columns: cells as numbers through their codec, and numbers as the column writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from arro3 import compute
from arro3.core import DataType

from sampan.arrow_type import from_text
from sampan.column import Column, floats, from_strings, is_text, join, take
from sampan.field import Codec
from sampan.where.quantity import DAY, Quantity, quantity


class Cells(Mapping[str, Quantity]):
    """Columns of one table as quantities, each read when it is first asked for; some may be written anew."""

    def __init__(self, codecs: Mapping[str, Codec], columns: Mapping[str, Column]) -> None:
        self._codecs = codecs
        self.columns = dict(columns)
        self._read: dict[str, Quantity] = {}

    def __getitem__(self, name: str) -> Quantity:
        if name not in self._read:
            self._read[name] = quantity(self._codecs[name].plain(self.columns[name]))
        return self._read[name]

    @property
    def rows(self) -> int:
        """How many rows they are of."""
        return len(next(iter(self.columns.values())))

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def put(self, name: str, column: Column) -> None:
        """Another column in place of one, or a new one."""
        self.columns[name] = column
        self._read.pop(name, None)


def plain_columns(codecs: Mapping[str, Codec], columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns of a table with the numbers and moments that texts spell as such."""
    return {
        name: codecs[name].plain(column) if name in codecs else column for name, column in columns.items()
    }


def numbers_of(found: Quantity) -> np.ndarray:
    """What a codec is given to write: whole numbers and microseconds int64, other numbers float64."""
    if found.kind != "number":
        return found.values
    if found.exact:
        return found.values if not found.scale else found.values / 10.0**found.scale
    return found.values


def in_days(found: Quantity) -> Quantity:
    """A stretch of time as the number of its days."""
    if found.values.size and (found.values % DAY == 0)[~found.gone].all():
        return Quantity("number", found.values // DAY, found.gone)
    values = found.values / DAY
    return Quantity("number", values, found.gone, size=np.abs(values))


def as_cells(found: Quantity, kind: str, rows: int) -> Quantity:
    """What was reckoned, as cells of a column of numbers, of moments, ...: so many rows."""
    if found.kind == "duration" and kind == "number":
        found = in_days(found)
    if found.values.shape != (rows,):
        values, gone = np.broadcast_to(found.values, rows), np.broadcast_to(found.gone, rows)
        found = replace(found, values=values, gone=gone, size=None if found.size is None else np.abs(values))
    return found


def possible(codec: Codec, found: Quantity, drawn: bool) -> np.ndarray:
    """Which of some cells the column may hold, as `Codec.makes` has it; missing ones too: bool (rows,)."""
    if found.kind == "text":
        return found.gone | ~codec.unknown(_texts(found))
    return found.gone | codec.makes(numbers_of(found), drawn)


def written(codec: Codec, found: Quantity) -> Column | None:
    """The cells as the column writes them, those of missing ones being anything; None where it cannot."""
    if found.kind == "text":
        examples = codec.examples()
        return None if examples is None else from_text(_texts(found), examples.type)
    return codec.of_numbers(numbers_of(found))


def _texts(found: Quantity) -> Column:
    pairs = zip(found.values.tolist(), found.gone.tolist(), strict=True)
    return from_strings([None if gone else str(text) for text, gone in pairs])


def merged(first: Column, second: Column, where: np.ndarray) -> Column:
    """The cells of the second column where said, of the first elsewhere."""
    if not where.any():
        return first
    if where.all():
        return second
    rows = np.arange(len(first))
    return take(_together(first, second), np.where(where, rows + len(first), rows))


def put(column: Column, rows: np.ndarray, other: Column, places: np.ndarray) -> Column:
    """The column with cells of another one in some rows: those at as many places."""
    if not rows.size:
        return column
    index = np.arange(len(column))
    index[rows] = len(column) + places
    return take(_together(column, other), index)


def _told(column: Column) -> Column:
    """Whole numbers as such, where they were read as floats because some cells are missing: 9 and not 9.0."""
    if not DataType.is_floating(column.type):
        return column
    values = floats(column)
    there = values[~np.isnan(values)]
    return compute.cast(column, DataType.int64()) if (there == np.round(there)).all() else column


def _together(first: Column, second: Column) -> Column:
    """Two columns end to end, in a type that holds both: records that are filled may be of another one."""
    kinds = first.type, second.type
    if kinds[0] != kinds[1] and not (is_text(first) and is_text(second)):
        both = kinds[0]
        first, second = (
            _told(one) if is_text(other) else one for one, other in ((first, second), (second, first))
        )
        if all(DataType.is_numeric(kind) for kind in kinds):
            both = DataType.float64()
        elif all(DataType.is_temporal(kind) for kind in kinds) and DataType.is_date(both):
            both = kinds[1]
        first, second = compute.cast(first, both), compute.cast(second, both)
    return join([first, second])
