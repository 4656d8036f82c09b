"""Comparable columns: what a check can compare, with amounts, dates and times as numbers.

A table out of a text file holds text. Its model knows which of it are amounts ("HK$ 1,234.50"), moments
("3 Feb 2024") or names, so its codecs say how each column is compared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType

from sampan.column import Column, codes, from_numpy, is_text, missing
from sampan.evaluate.columns import Kind
from sampan.field import Codec
from sampan.fields.category import CategoryCodec
from sampan.fields.dateformat import DateFormat
from sampan.fields.moment import MomentCodec, is_nothing, is_temporal
from sampan.fields.number import NumberCodec

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY = 86_400


@dataclass(frozen=True)
class Comparable:
    """Tables whose columns can be compared.

    tables: in the order given, the columns of `kinds` only. ticks: how the number of a moment is written.
    left_out: columns that are invented, constant or not learned: there is nothing to compare.
    """

    tables: list[dict[str, Column]]
    kinds: dict[str, Kind]
    ticks: dict[str, Callable[[float], str]]
    left_out: list[str]


def comparable(codecs: Mapping[str, Codec], tables: Sequence[Mapping[str, Column]]) -> Comparable:
    """The tables with every learned column as numbers or as categories."""
    kinds: dict[str, Kind] = {}
    ticks: dict[str, Callable[[float], str]] = {}
    out: list[dict[str, Column]] = [{} for _ in tables]
    left_out = []
    for name, codec in codecs.items():
        columns = [table[name] for table in tables]
        match codec:
            case NumberCodec():
                kinds[name] = "number"
                spelling = codec.spelling
                if spelling is not None:
                    columns = [from_numpy(spelling.parse(column)) for column in columns]
            case MomentCodec():
                kinds[name] = "number"
                ticks[name] = _clock if _is_clock(codec, columns[0]) else _day
                columns = [from_numpy(seconds(column, codec.format)) for column in columns]
            case CategoryCodec():
                kinds[name] = "category"
            case _:
                left_out.append(name)
                continue
        for table, column in zip(out, columns, strict=True):
            table[name] = column
    return Comparable(out, kinds, ticks, left_out)


def seconds(column: Column, form: str) -> np.ndarray:
    """Dates as seconds since 1970, times as seconds since midnight, NaN where missing: float64 (rows,).

    form: how text writes them, in the directives of `DateFormat`; what it cannot read is NaN.

    >>> from sampan.column import from_strings
    >>> seconds(from_strings(["02/01/1970", None]), "%d/%m/%Y").tolist()
    [86400.0, nan]
    """
    if not is_temporal(column.type):
        text = column if is_text(column) else compute.cast(column, DataType.string())
        index, distinct = codes(text)
        texts = [cell.strip() for cell in distinct]
        kept = np.flatnonzero([not is_nothing(cell) for cell in texts])
        read = DateFormat(form or "%Y-%m-%d").read([texts[place] for place in kept])
        table = np.full(len(distinct) + 1, np.nan)  # the last is for nulls, whose index is -1
        table[kept] = np.where(read.wrong, np.nan, read.day * float(_DAY) + read.nano / 1e9)
        return table[index]
    kind = column.type
    gone = missing(column)
    out = np.full(len(column), np.nan)
    there = compute.take(column, Array.from_numpy(np.flatnonzero(~gone)))
    ticks = np.asarray(compute.cast(there, DataType.int64()).to_numpy(), dtype=np.float64)
    if DataType.is_date32(kind):
        out[~gone] = ticks * _DAY
    else:
        out[~gone] = ticks / (1_000 if DataType.is_date64(kind) else _PER_SECOND[kind.time_unit or "ms"])
    return out


def _is_clock(codec: MomentCodec, column: Column) -> bool:
    return DateFormat(codec.format).is_clock if codec.format else DataType.is_time(column.type)


def _day(value: float) -> str:
    return (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=value)).strftime("%Y-%m-%d")


def _clock(value: float) -> str:
    return f"{int(value) // 3600:02d}:{int(value) % 3600 // 60:02d}"
