"""A column of moments taken apart into days and times of day, and put together again."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
from arro3 import compute
from arro3.core import Array, DataType

from sampan.column import Column, codes, from_strings, is_nothing, is_text, missing, take
from sampan.errors import DataError
from sampan.fields.moment.dateformat import DateFormat, Read
from sampan.fields.moment.directives import SECOND
from sampan.fields.zone import DAY, Zone

_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": SECOND}  # ticks in a second


class Parts(NamedTuple):
    """A column taken apart, in local time: each int64 (rows,), `gone` bool (rows,)."""

    gone: np.ndarray
    day: np.ndarray  # since 1970
    nano: np.ndarray  # nanoseconds of the day
    offset: np.ndarray  # minutes east of UTC, as a text says


def is_temporal(kind: DataType) -> bool:
    """Whether an Arrow type is a date, a time of day or a timestamp."""
    return DataType.is_date(kind) or DataType.is_timestamp(kind) or DataType.is_time(kind)


def zone_name(kind: DataType, form: DateFormat | None) -> str:
    """The zone that a column's moments are kept in, as its type or its format says; "" for none."""
    if DataType.is_timestamp(kind):
        return kind.tz or ""
    return "UTC" if form is not None and form.is_universal else ""


def _as_text(column: Column, form: DateFormat | None = None) -> Column:
    """The column as utf8: whole numbers such as 20240105 may be dates too, and 930 may be 0930."""
    if is_text(column):
        return column
    texts = compute.cast(column, DataType.string())
    digits = form.digits if form is not None else 0
    if not digits:
        return texts
    which, distinct = codes(texts)
    return take(from_strings([text.zfill(digits) for text in distinct] or [None]), which)


def texts_of(column: Column) -> list[str]:
    """The distinct texts of a column that say something, without blanks around them."""
    return [text.strip() for text in codes(_as_text(column))[1] if not is_nothing(text)]


class _Texts(NamedTuple):
    """The distinct texts of a column, and what a format reads in those that say something."""

    which: np.ndarray  # of them each cell is, -1 where null: int64 (rows,)
    texts: list[str]
    kept: np.ndarray  # the places of those that say something: int64 (kept,)
    read: Read  # as many as are kept

    @classmethod
    def of(cls, column: Column, form: DateFormat) -> _Texts:
        which, distinct = codes(_as_text(column, form))
        texts = [text.strip() for text in distinct]
        kept = np.flatnonzero([not is_nothing(text) for text in texts])
        return cls(which, texts, kept, form.read([texts[place] for place in kept]))


def _ticks(column: Column) -> tuple[np.ndarray, np.ndarray]:
    """The whole numbers of a column of an Arrow date, time or timestamp, 0 where null; and which are null."""
    gone = missing(column)
    ticks = np.zeros(len(column), dtype=np.int64)
    kept = compute.take(column, Array.from_numpy(np.flatnonzero(~gone)))
    ticks[~gone] = compute.cast(kept, DataType.int64()).to_numpy()
    return ticks, gone


def _rate(kind: DataType) -> int:
    """How many ticks of an Arrow date64, time or timestamp are a second."""
    return 1000 if DataType.is_date64(kind) else _UNITS[kind.time_unit or "ms"]


def parts_of(column: Column, form: DateFormat | None, zone: str, lenient: bool = False) -> Parts:
    """A column taken apart. Raises DataError for a text that the format does not read.

    lenient: such a text says nothing, as if the cell were empty.
    """
    if form is not None:
        which, texts, kept, read = _Texts.of(column, form)
        if lenient and read.wrong.any():
            right = ~read.wrong
            kept, read = kept[right], Read(*(part[right] for part in read))
        if read.wrong.any():
            raise DataError(
                f"{texts[kept[read.wrong][0]]!r} is no moment in the format {form.text}.",
                "Every cell holds a date or time in that format, or nothing.",
                'Mend the cell, or say another format: --type "COLUMN=moment:%d/%m/%Y"',
            )
        table = np.zeros((4, len(texts) + 1), dtype=np.int64)  # the last is for nulls, whose index is -1
        table[:, kept] = np.ones(kept.size), read.day, read.nano, read.offset
        held, day, nano, offset = table[:, which]
        return Parts(held == 0, day, nano, offset)
    ticks, gone = _ticks(column)
    zeros = np.zeros(len(column), dtype=np.int64)
    kind = column.type
    if DataType.is_date32(kind):
        return Parts(gone, ticks, zeros, zeros)
    rate = _rate(kind)
    second, rest = ticks // rate, ticks % rate * (SECOND // rate)
    second = Zone(zone).local(second)
    return Parts(gone, second // DAY, second % DAY * SECOND + rest, zeros)


def unread(column: Column, form: DateFormat) -> np.ndarray:
    """Which cells hold a text that the format does not read: bool (rows,)."""
    which, texts, kept, read = _Texts.of(column, form)
    wrong = np.zeros(len(texts) + 1, dtype=bool)  # the last is for nulls, whose index is -1
    wrong[kept] = read.wrong
    return wrong[which]


def seconds_of(column: Column, form: DateFormat) -> np.ndarray:
    """Dates as seconds since 1970, times as seconds since midnight: float64 (rows,), NaN where missing.

    What the format cannot read in a text is NaN too.
    """
    if not is_temporal(column.type):
        which, texts, kept, read = _Texts.of(column, form)
        table = np.full(len(texts) + 1, np.nan)  # the last is for nulls, whose index is -1
        table[kept] = np.where(read.wrong, np.nan, read.day * float(DAY) + read.nano / SECOND)
        return table[which]
    ticks, gone = _ticks(column)
    seconds = ticks.astype(np.float64)
    seconds = seconds * DAY if DataType.is_date32(column.type) else seconds / _rate(column.type)
    return np.where(gone, np.nan, seconds)


def as_day(second: float) -> str:
    """A second since 1970 as the day that it lies in."""
    return (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=second)).strftime("%Y-%m-%d")


def as_clock(second: float) -> str:
    """A second since midnight as hours and minutes."""
    return f"{int(second) // 3600:02d}:{int(second) % 3600 // 60:02d}"


def of_instants(second: np.ndarray, rest: np.ndarray, kind: DataType) -> Column:
    """Seconds and nanoseconds as a column of an Arrow date, time or timestamp."""
    if DataType.is_date32(kind):
        ticks = second // DAY
    else:
        rate = _rate(kind)
        ticks = second * rate + rest // (SECOND // rate)
    narrow = DataType.is_date32(kind) or DataType.is_time32(kind)
    return compute.cast(Array.from_numpy(ticks.astype(np.int32 if narrow else np.int64)), kind)
