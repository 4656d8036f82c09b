"""A table on its way: blocks of named Arrow columns, one after another, and what was assumed about them.

Every source becomes a Stream and every target is fed from one, so a table is never wholly in memory
unless somebody gathers it. Columns are brought to few types: text is `string`, categories are their
values, nested values are JSON text, NaN is null.
"""

from __future__ import annotations

import datetime
import decimal
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType, RecordBatch, struct_field
from arro3.core import Schema as ArrowSchema
from arro3.core import Table as ArrowTable

from sampan.column import (
    UTF8_LIMIT,
    Column,
    as_plain,
    floats,
    from_numpy,
    from_strings,
    is_text,
    missing,
    stands_for,
    with_nulls,
)
from sampan.data.foreign import of_foreign
from sampan.data.hush import hushed
from sampan.data.objects import of_nested
from sampan.provenance import KEY, Provenance

Columns = dict[str, Column]

BLOCK = 65_536
"""Rows of one block: large enough that Python costs nothing per row, small enough to stay in cache."""

_CELLS = 1 << 22
"""Cells of one block of a wide table, which has fewer rows for it."""


@dataclass(frozen=True, slots=True)
class Stream:
    """Blocks of the columns `names`, in that order. `notes` may still grow while the blocks are read.

    index: what a pandas frame calls its rows, where that is more than their number. provenance: what they say
    of where they come from, where a model made them.
    """

    names: tuple[str, ...]
    blocks: Iterator[Columns]
    notes: list[str] = field(default_factory=list)
    index: Any = None
    provenance: Provenance | None = None


def unique_names(names: Iterable[Any]) -> tuple[tuple[str, ...], list[str]]:
    """The names as distinct strings that are not blank, and notes on those that had to change.

    Blanks around a name stay: a made file has the names of the real one.

    >>> unique_names(["a", "", "a"])[0]
    ('a', 'column_2', 'a_2')
    """
    wanted = [str(name) if str(name).strip() else "" for name in names]
    taken, out, notes = set(wanted), [], []
    used: set[str] = set()
    for place, name in enumerate(wanted, start=1):
        new, count = name or f"column_{place}", 2
        while new in used or (new != name and new in taken):
            new, count = f"{name or f'column_{place}'}_{count}", count + 1
        if new != name:
            told = f"column {place} had no name" if not name else f'column {place} repeated the name "{name}"'
            notes.append(f'{told}: it is called "{new}"')
        used.add(new)
        out.append(new)
    return tuple(out), notes


def block_rows(width: int) -> int:
    """How many rows of so many columns make a block."""
    return max(64, min(BLOCK, _CELLS // max(1, width)))


def numbered(number: int, rows: int) -> Column:
    """A column of so many rows that all hold one whole number."""
    return from_numpy(np.full(rows, number, dtype=np.int64))


def rows_of(columns: Mapping[str, Column]) -> int:
    """How many rows the columns hold."""
    return len(next(iter(columns.values()))) if columns else 0


def part(columns: Columns, start: int, count: int) -> Columns:
    """`count` rows from `start` on, sharing memory."""
    return {name: column.slice(start, count) for name, column in columns.items()}


def to_list(column: Column) -> list[Any]:
    """The cells as Python values, None where null."""
    return list(column.to_pylist())


def as_batch(columns: Columns) -> RecordBatch:
    """The columns as one Arrow record batch."""
    return RecordBatch.from_pydict(dict(columns))


def as_table(columns: Columns) -> ArrowTable:
    """The columns as an Arrow table."""
    return ArrowTable.from_pydict(dict(columns))


def told_normal(column: Column) -> tuple[Column, str]:
    """The column in a type that a table holds, and what is to be said of it; "{}" stands for its name."""
    known, said = of_foreign(as_plain(column))
    return normal(known), said


def normal(column: Column) -> Column:
    """The column in one of the few types that a table holds; see the top of this file."""
    kind = column.type
    if DataType.is_dictionary(kind) and kind.value_type is not None:
        return normal(compute.cast(column, kind.value_type))
    if DataType.is_large_string(kind) or DataType.is_string_view(kind):
        return column if column.nbytes > UTF8_LIMIT else compute.cast(column, DataType.string())
    if DataType.is_large_binary(kind) or DataType.is_binary_view(kind):
        return column if column.nbytes > UTF8_LIMIT else compute.cast(column, DataType.binary())
    if DataType.is_null(kind):
        return from_strings([None] * len(column))
    if _is_file_struct(kind):
        return normal(with_nulls(struct_field(column, [0]), missing(column)))
    if DataType.is_nested(kind):
        return of_nested(column, [None if value is None else as_json(value) for value in to_list(column)])
    if DataType.is_fixed_size_binary(kind):
        return compute.cast(column, DataType.binary())
    if DataType.is_float16(kind):
        gone = missing(column)  # 12.34 stays 12.34, though float16 means 12.34375 by it
        return normal(compute.cast(from_numpy(floats(column), gone), DataType.float32()))
    if DataType.is_floating(kind):
        gone = missing(column)
        kept = compute.filter(column, Array.from_numpy(~gone)) if gone.any() else column
        nan = np.isnan(kept.to_numpy())
        if nan.any():
            gone[~gone] = nan
            return with_nulls(column, gone)
    return column


def _is_file_struct(kind: DataType) -> bool:
    """Whether cells are bytes beside a path, which is how public sets of files keep them in Parquet."""
    if not DataType.is_struct(kind) or [one.name for one in kind.fields] != ["bytes", "path"]:
        return False
    inner = kind.fields[0].type
    return DataType.is_binary(inner) or DataType.is_large_binary(inner) or DataType.is_binary_view(inner)


def as_json(value: Any) -> str:
    """A nested value as JSON text; NaN and the infinities, which JSON has not, are null."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if "NaN" in text or "Infinity" in text:
        found = json.loads(text, parse_constant=lambda _: None)
        return json.dumps(found, ensure_ascii=False)
    return text


# --- Python values (databases, spreadsheets, JSON, object columns) into columns
def kind_of(values: Sequence[Any]) -> DataType:
    """The Arrow type that holds these Python values without loss; text when they are of several kinds."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return DataType.bool()
    if kinds == {int}:
        fits = all(-(2**63) <= value < 2**63 for value in values if value is not None)
        return DataType.int64() if fits else DataType.string()
    if kinds and kinds <= {int, float}:
        return DataType.float64()
    if kinds == {datetime.date}:
        return DataType.date32()
    if kinds == {datetime.datetime}:
        naive = {value.tzinfo is None for value in values if value is not None}
        if len(naive) == 1:
            return DataType.timestamp("us") if naive.pop() else DataType.timestamp("us", tz="UTC")
    if kinds == {datetime.time} and all(value.tzinfo is None for value in values if value is not None):
        return DataType.time64("us")
    if kinds == {datetime.timedelta}:
        return DataType.duration("us")
    if kinds == {bytes}:
        return DataType.binary()
    if kinds == {decimal.Decimal}:
        scale, whole = 0, 1
        for value in filter(None, values):
            _, digits, exponent = value.as_tuple()
            if not isinstance(exponent, int):  # Decimal("NaN") and the infinities
                return DataType.string()
            scale, whole = max(scale, -exponent), max(whole, len(digits) + exponent)
        if whole + scale <= 38:
            return DataType.decimal128(38, scale)
    return DataType.string()


def from_values(values: Sequence[Any], kind: DataType | None = None) -> Column:
    """A column of Python values, of the type given or of the one that `kind_of` finds.

    Raises TypeError, ValueError or OverflowError where a value is not of the type given.
    """
    kind = kind or kind_of(values)
    if DataType.is_string(kind):
        return from_strings([None if value is None else _text(value) for value in values])
    if DataType.is_decimal(kind):
        return compute.cast(from_strings([None if v is None else f"{v:f}" for v in values]), kind)
    if DataType.is_date(kind):
        return from_numpy(np.array(values, dtype="M8[us]").astype("M8[D]"))
    if DataType.is_timestamp(kind):
        if kind.tz is not None:
            values = [None if v is None else v.astimezone(datetime.UTC).replace(tzinfo=None) for v in values]
        return of_instants(from_numpy(np.array(values, dtype="M8[us]")), kind)
    if DataType.is_time(kind):
        ticks = [0 if value is None else _microseconds(value) for value in values]
        gone = np.array([value is None for value in values], dtype=bool)
        return with_nulls(compute.cast(from_numpy(np.array(ticks, dtype=np.int64)), kind), gone)
    if DataType.is_duration(kind):
        return from_numpy(np.array(values, dtype="m8[us]"))
    column = Array(values, kind)
    return normal(column) if DataType.is_floating(kind) else column


def from_rows(names: Sequence[str], kinds: Sequence[DataType], rows: Sequence[Sequence[Any]]) -> Columns:
    """Columns of rows of Python values, of the types given."""
    cells = zip(names, kinds, zip(*rows, strict=True), strict=True)
    return {name: from_values(values, kind) for name, kind, values in cells}


def of_instants(column: Column, kind: DataType) -> Column:
    """Moments in UTC (timestamps without a zone) as timestamps of `kind`, whatever its zone.

    By way of integers: Arrow's own cast would take them for local times of that zone.
    """
    return compute.cast(compute.cast(column, DataType.int64()), kind)


def _microseconds(time: datetime.time) -> int:
    return ((time.hour * 60 + time.minute) * 60 + time.second) * 1_000_000 + time.microsecond


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case dict() | list() | tuple():
            return as_json(value)
        case bool():
            return "true" if value else "false"
        case bytes():
            return value.decode("utf-8", "backslashreplace")
        case datetime.date() | datetime.time():
            return value.isoformat()
        case _:
            return str(value)


def as_text(column: Column) -> Column:
    """The column as text."""
    return column if is_text(column) else from_values(to_list(column), DataType.string())


def unify(pieces: Sequence[Column]) -> list[Column]:
    """Pieces of one column, whose types were found one by one, brought to one type."""
    full = [piece for piece in pieces if piece.null_count < len(piece)]
    kinds = {str(piece.type): piece.type for piece in full}
    if len(kinds) > 1 and all(DataType.is_numeric(kind) for kind in kinds.values()):
        return [from_values(to_list(piece), DataType.float64()) for piece in pieces]
    if len(kinds) == 1:
        kind = next(iter(kinds.values()))
        return [piece if piece.type == kind else from_values([None] * len(piece), kind) for piece in pieces]
    return [as_text(piece) for piece in pieces]


def of_arrow(
    batches: Iterable[Any], names: Sequence[str], notes: list[str], fail: Callable[[BaseException], Exception]
) -> Iterator[Columns]:
    """Blocks from Arrow record batches, in normal types; `fail` words the reader's errors for people."""
    told: set[str] = set()
    source = iter(batches)
    while True:
        try:
            with hushed():
                batch = next(source)
                raw = [batch.column(place) for place in range(batch.num_columns)]
                block: Columns = {}
                for name, column in zip(names, raw, strict=True):
                    block[name], said = told_normal(column)
                    if said and (note := said.format(f'"{name}"')) not in told:
                        told.add(note)
                        notes.append(note)
        except StopIteration:
            return
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # the Rust readers report some damage as a panic, a BaseException
            raise fail(error) from error
        for name, column, was in zip(names, block.values(), raw, strict=True):
            if name in told:
                continue
            if DataType.is_nested(was.type) and is_text(column) and not stands_for(column):
                told.add(name)
                notes.append(f'the nested values of "{name}" are taken as JSON text, and come back as that')
            elif DataType.is_floating(was.type) and column.null_count > was.null_count:
                told.add(name)
                notes.append(f'NaN counts as missing in "{name}"')
        if batch.num_rows:
            yield block


def said_of(schema: Any) -> dict[str, Any]:
    """What an Arrow schema says of itself beside names and types: text -> bytes."""
    try:
        return {bytes(name).decode(): value for name, value in dict(schema.metadata or {}).items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def saying(schema: ArrowSchema, provenance: Provenance | None) -> ArrowSchema:
    """The schema, saying which model made its rows."""
    if provenance is None:
        return schema
    said = {name: bytes(value).decode("utf-8", "replace") for name, value in said_of(schema).items()}
    return schema.with_metadata({**said, KEY: provenance.to_text()})
