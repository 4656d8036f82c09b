"""Likeness: made cells in the form of the column whose gaps they fill.

The column may write its values otherwise than the one that was learned: "12.50" beside "$12.50", 1 beside
"yes", whole numbers beside decimals. Where every value that can be made fits the column's own type it keeps
it; else both come in a type that holds all of them. Nothing is rounded, cut or lost on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import arro3.compute as compute
import numpy as np
from arro3.core import Array, ChunkedArray, DataType

from sampan.arrow_type import as_text, from_text, name_of, nulls
from sampan.column import Column, codes, is_mark, is_text, missing, take, with_nulls
from sampan.field import Codec
from sampan.fields.category import Category, CategoryCodec
from sampan.fields.constant import ConstantCodec
from sampan.fields.moment import MomentCodec
from sampan.fields.number import NumberCodec
from sampan.fields.number.spelling import Spelling
from sampan.fields.omitted import OmittedCodec

_SHORTEST = 17
"""Digits after the decimal mark that say any float64 exactly."""

_Writer = Callable[[Column, DataType], Column]
"""(made cells, a type) -> the same cells in that type, null where they do not fit."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """How made cells come beside those of a column.

    kind: the Arrow type of both together. write: made cells, as the codec decodes them, in that type.
    """

    kind: DataType
    write: Callable[[Column], Column]

    def fill(self, column: Column, made: Column, gone: np.ndarray) -> Column:
        """The column with the cells of `gone` (bool (rows,)) taken from the made ones."""
        own = _cast(column, self.kind)
        if not gone.any():
            return own
        index = np.arange(len(column))
        index[gone] += len(column)
        both = ChunkedArray([own, _cast(self.write(made), self.kind)])
        return take(both.combine_chunks(), index)


def likeness(codec: Codec, column: Column, kind: DataType) -> Likeness:
    """How what a codec makes, in Arrow's type `kind`, comes beside a column that the codec can encode."""
    if column.null_count == len(column) and is_text(column):  # what holds nothing has no form of its own
        return Likeness(kind, lambda made: made)
    match codec:
        case OmittedCodec():
            return Likeness(column.type, lambda made: nulls(len(made), column.type))
        case NumberCodec() if is_text(column):
            return Likeness(column.type, _spelled(codec, column))
        case NumberCodec():
            return _typed(codec, partial(_written, codec), column, (kind, DataType.float64()))
        case MomentCodec():
            return _typed(codec, _moments(codec), column, (kind, *_finer(column.type)))
        case CategoryCodec():
            return _typed(codec, _categories(codec, column), column, (kind,))
        case ConstantCodec(value=str()):
            return likeness(Category().fit(codec.examples()), column, kind)
        case _ if is_text(column):
            return Likeness(column.type, as_text)
        case _ if _holds_all(kind, column):  # nobody knows beforehand what is invented: its type is taken
            return Likeness(kind, lambda made: made)
        case _:
            return Likeness(DataType.string(), as_text)


def _typed(
    codec: NumberCodec | MomentCodec | CategoryCodec,
    write: _Writer,
    column: Column,
    others: Sequence[DataType],
) -> Likeness:
    """The first of the column's own type, some others, and text in which everything stays what it is."""
    examples = codec.examples()
    meant = codec.meaning(examples)
    for kind in (column.type, *(other for other in others if "string" not in name_of(other))):
        if not _holds_all(kind, column):
            continue
        try:
            written = write(examples, kind)
            kept = not missing(written).any() and codec.meaning(written) == meant
        except Exception:  # Arrow's casts have errors of their own; such values have no such type
            continue
        if kept:
            return Likeness(kind, lambda made, kind=kind: write(made, kind))
    return Likeness(DataType.string(), as_text)


def _cast(column: Column, kind: DataType) -> Column:
    if column.type == kind:
        return column
    return as_text(column) if kind == DataType.string() else compute.cast(column, kind)


def _holds_all(kind: DataType, column: Column) -> bool:
    """Whether a column comes back the same from another type."""
    if column.type == kind:
        return True
    try:
        back = _cast(_cast(column, kind), column.type)
    except Exception:  # Arrow's casts have errors of their own; there is no way from the one to the other
        return False
    return as_text(back).to_pylist() == as_text(column).to_pylist()


# --- numbers
def _written(codec: NumberCodec, made: Column, kind: DataType) -> Column:
    values, gone = codec.cells(made)
    return with_nulls(_cast(Array.from_numpy(values), kind), gone)


def _spelled(codec: NumberCodec, column: Column) -> Callable[[Column], Column]:
    """Numbers as text, in the spelling of the column."""
    spelling = _spelling(codec, column)
    if spelling is None:
        return as_text
    if spelling == codec.spelling:
        return lambda made: made
    return lambda made: spelling.write(codec.cells(made)[0])


def _spelling(codec: NumberCodec, column: Column) -> Spelling | None:
    """The codec's own spelling where the column's cells are written so; else theirs; None if none suits."""
    cells = [text for text in codes(column)[1] if not is_mark(text)]
    there = Array(cells, DataType.string())
    if codec.spelling is not None and codec.spelling.write(codec.cells(there)[0]).to_pylist() == cells:
        return codec.spelling
    found = Spelling.find(there)
    if found is None or codec.values.dtype.kind != "f":
        return codec.spelling
    for spelling in (found, replace(found, most=_SHORTEST)):
        if np.array_equal(spelling.parse(spelling.write(codec.values)), codec.values):
            return spelling
    return codec.spelling


# --- moments
def _moments(codec: MomentCodec) -> _Writer:
    def write(made: Column, kind: DataType) -> Column:
        if DataType.is_temporal(kind):
            return codec.in_type(made, kind)
        text = as_text(made)
        if DataType.is_temporal(made.type):
            days = codec.in_type(made, DataType.date32()) if not DataType.is_time(made.type) else made
            text = as_text(days) if codec.meaning(days) == codec.meaning(made) else text
        return from_text(text, kind)

    return write


def _finer(kind: DataType) -> list[DataType]:
    """Types of moments in which nothing of one of this type is lost."""
    if DataType.is_time(kind):
        return [DataType.time64("us"), DataType.time64("ns")]
    if not DataType.is_temporal(kind):
        return []
    zone = kind.tz if DataType.is_timestamp(kind) else None
    return [DataType.timestamp("us", tz=zone), DataType.timestamp("ns", tz=zone)]


# --- categories
def _categories(codec: CategoryCodec, column: Column) -> _Writer:
    """Each value as the column writes it most often, and as the codec does where the column lacks it."""
    texts = codec.forms(column)
    tables: dict[str, Column] = {}

    def write(made: Column, kind: DataType) -> Column:
        if str(kind) not in tables:
            tables[str(kind)] = from_text(Array(texts, DataType.string()), kind)
        return take(tables[str(kind)], codec.places(made))

    return write
