"""Moment: dates, times of day and date-times, with or without a zone, in the form that they came in.

A moment is a period (trend), a weekday and a time of day (cycles), each of few ordered symbols, so that what
depends on them can be learned. Noise leaves say which observed day of that period and weekday, and which
observed time of that symbol: no day or time is made that the column never held, none outside its range.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from arro3 import compute
from arro3.core import Array, DataType

from sampan.column import Column, codes, from_strings, is_text, missing, with_nulls
from sampan.errors import DataError, StoreError, WhereError
from sampan.field import Between, Box, Codec, Compare, Condition, Field, In, Leaves, Missing, Rows, Scale
from sampan.fields import arrow_type
from sampan.fields.dateformat import CLOCK, SECOND, DateFormat, Read, days_of
from sampan.fields.quantiles import cut, pick, rows_before, runs
from sampan.fields.spelling import is_mark
from sampan.fields.zone import DAY, Zone
from sampan.space import Choice, Space

PERIODS = 256
"""Symbols of the trend: ten years in pieces of two weeks."""

CLOCKS = 288
"""Symbols of a day: five minutes each, if all are as frequent."""

TIMES = 65_536
"""Distinct times of day that a codec keeps: beyond them, the quantiles at that many points."""

_UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": SECOND}  # ticks in a second


@dataclass(frozen=True)
class Moment(Field):
    """A column of dates, times of day or date-times.

    format: how text writes them, in the directives of `sampan.fields.dateformat` ("%d/%m/%Y"); "" finds it.
    Columns of an Arrow date, time or timestamp type need none.
    """

    kind: ClassVar[str] = "moment"
    format: str = ""

    def fit(self, column: Column) -> MomentCodec:
        """Learn the days, the times of day and how they are written. Raises DataError if there is none."""
        form = None if is_temporal(column.type) else self._form(column)
        zone = _zone_name(column.type, form)
        parts = _parts(column, form, zone)
        seen = ~parts.gone
        if not seen.any():
            raise DataError(
                f"none of the {len(column)} cells is a date or a time.",
                "A moment column needs at least one.",
                "Give the column another type, --type COLUMN=category for instance.",
            )
        day, nano = parts.day[seen], parts.nano[seen]
        days, day_counts = np.unique(day, return_counts=True)
        times, time_counts = np.unique(nano, return_counts=True)
        if times.size > TIMES:
            order = np.linspace(0, nano.size - 1, TIMES).round().astype(np.int64)
            times, time_counts = np.unique(np.sort(nano)[order], return_counts=True)
        return MomentCodec(
            dtype=arrow_type.name_of(column.type),
            format="" if form is None else form.text,
            zone=zone,
            has_missing=bool(parts.gone.any()),
            days=days,
            day_counts=day_counts.astype(np.int64),
            periods=cut(day_counts, PERIODS),
            times=times,
            time_counts=time_counts.astype(np.int64),
            clocks=cut(time_counts, CLOCKS),
            edges=np.array([nano[day == days[0]].min(), nano[day == days[-1]].max()], dtype=np.int64),
            offsets=np.unique(parts.offset[seen]),
        )

    def _form(self, column: Column) -> DateFormat:
        """The format as given, its zeros and capitals as the column has them, or the one that is found."""
        texts = texts_of(column)
        if self.format:
            return DateFormat(self.format).fitting(texts)[0]
        found = DateFormat.find(texts)
        if found is None:
            shown = ", ".join(map(repr, texts[:3])) or "nothing"
            raise DataError(
                f"no way of writing dates fits the column: it holds {shown}.",
                "Dates or times that are all written alike.",
                'Say how they are written: --type "COLUMN=moment:%d/%m/%Y" (or learn it as text).',
            )
        return found[0]


# --- Arrow columns and their parts
class _Parts(NamedTuple):
    """A column taken apart, in local time: each int64 (rows,), `gone` bool (rows,)."""

    gone: np.ndarray
    day: np.ndarray  # since 1970
    nano: np.ndarray  # nanoseconds of the day
    offset: np.ndarray  # minutes east of UTC, as a text says


def is_temporal(kind: DataType) -> bool:
    """Whether an Arrow type is a date, a time of day or a timestamp."""
    return DataType.is_date(kind) or DataType.is_timestamp(kind) or DataType.is_time(kind)


def _zone_name(kind: DataType, form: DateFormat | None) -> str:
    if DataType.is_timestamp(kind):
        return kind.tz or ""
    return "UTC" if form is not None and form.is_universal else ""


def _as_text(column: Column) -> Column:
    """The column as utf8: whole numbers such as 20240105 may be dates too."""
    return column if is_text(column) else compute.cast(column, DataType.string())


def is_nothing(text: str) -> bool:
    """Whether a text says that there is no date: "NA", or a date of zeros as MySQL writes it.

    >>> is_nothing("0000-00-00 00:00:00"), is_nothing("00:00")
    (True, False)
    """
    if not text.startswith("0000"):
        return is_mark(text)
    return re.fullmatch(r"0000[-/.]?00[-/.]?00([ T]0?0:00(:00)?)?", text.strip()) is not None


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
        which, distinct = codes(_as_text(column))
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


def _parts(column: Column, form: DateFormat | None, zone: str) -> _Parts:
    """A column taken apart. Raises DataError for a text that the format does not read."""
    if form is not None:
        which, texts, kept, read = _Texts.of(column, form)
        if read.wrong.any():
            raise DataError(
                f"{texts[kept[read.wrong][0]]!r} is no moment in the format {form.text}.",
                "Every cell holds a date or time in that format, or nothing.",
                'Mend the cell, or say another format: --type "COLUMN=moment:%d/%m/%Y"',
            )
        table = np.zeros((4, len(texts) + 1), dtype=np.int64)  # the last is for nulls, whose index is -1
        table[:, kept] = np.ones(kept.size), read.day, read.nano, read.offset
        held, day, nano, offset = table[:, which]
        return _Parts(held == 0, day, nano, offset)
    ticks, gone = _ticks(column)
    zeros = np.zeros(len(column), dtype=np.int64)
    kind = column.type
    if DataType.is_date32(kind):
        return _Parts(gone, ticks, zeros, zeros)
    rate = _rate(kind)
    second, rest = ticks // rate, ticks % rate * (SECOND // rate)
    second = Zone(zone).local(second)
    return _Parts(gone, second // DAY, second % DAY * SECOND + rest, zeros)


def _seconds(column: Column, form: DateFormat) -> np.ndarray:
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


def _day(second: float) -> str:
    """A second since 1970 as the day that it lies in."""
    return (dt.datetime(1970, 1, 1) + dt.timedelta(seconds=second)).strftime("%Y-%m-%d")


def _clock(second: float) -> str:
    """A second since midnight as hours and minutes."""
    return f"{int(second) // 3600:02d}:{int(second) % 3600 // 60:02d}"


def _of_instants(second: np.ndarray, rest: np.ndarray, kind: DataType) -> Column:
    """Seconds and nanoseconds as a column of an Arrow date, time or timestamp."""
    if DataType.is_date32(kind):
        ticks = second // DAY
    else:
        rate = _rate(kind)
        ticks = second * rate + rest // (SECOND // rate)
    narrow = DataType.is_date32(kind) or DataType.is_time32(kind)
    return compute.cast(Array.from_numpy(ticks.astype(np.int32 if narrow else np.int64)), kind)


# --- conditions
class _Literal(NamedTuple):
    """A moment out of a condition: from its first nanosecond up to, not including, its end.

    Each is (second, nanosecond); zoned: they are in UTC, else on the column's own clock.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    zoned: bool


_Bounds = tuple[tuple[int, int] | None, ...]
"""(seconds, nanoseconds) in UTC of the four bounds of a span."""

_ISO = re.compile(
    r"(?:(?P<year>\d{4})(?:[-/.](?P<month>\d\d?)(?:[-/.](?P<date>\d\d?))?)?)?(?:(?<=\d)[T ]+)?"
    r"(?:(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<rest>\d{1,9}))?)?"
    r"(?: ?(?P<noon>[AaPp])\.?[Mm]\.?)? ?(?P<zone>Z|UTC|[-+]\d\d:?\d\d)?)?"
)


def _from_iso(text: str, clock: bool) -> _Literal | None:
    """What a text in ISO 8601, or the beginning of one ("2024", "2024-05"), says."""
    match = _ISO.fullmatch(text.strip())
    if match is None or not match[0] or (match["year"] is None) != clock:
        return None
    if match["hour"] and not clock and match["date"] is None:
        return None
    number = {name: int(cell) for name, cell in match.groupdict().items() if cell and cell.isdigit()}
    year, month, date = number.get("year", 1970), number.get("month", 1), number.get("date", 1)
    first, right = days_of(*(np.array([part]) for part in (year, month, date)))
    hour, minute, second = (number.get(name, 0) for name in ("hour", "minute", "second"))
    if match["noon"]:
        hour = hour % 12 + (12 if match["noon"] in "Pp" else 0)
    if not right.all() or hour > 23 or minute > 59 or second > 59:
        return None
    shift = 0
    if match["zone"]:
        shift = Zone(match["zone"].replace("UTC", "Z"))._offset(0)
    start = int(first[0]) * DAY + hour * 3600 + minute * 60 + second - shift
    rest = int((match["rest"] or "").ljust(9, "0"))
    if match["hour"] or match["date"]:
        return _Literal((start, rest), (start, rest + 1), bool(match["zone"]))
    months = (year - 1970) * 12 + month - 1 + (1 if match["month"] else 12)
    end = int(np.array(months).astype("M8[M]").astype("M8[D]").astype(np.int64))
    return _Literal((start, 0), (end * DAY, 0), False)


@dataclass(frozen=True, eq=False)
class MomentCodec(Codec):
    """The days and the times of day of a column, each in order and cut into symbols.

    dtype, format, zone: what the column is made of. days, times: the distinct ones, local, and how often each
    was seen. periods, clocks: where each symbol begins among them. edges: the first time on the first day,
    the last on the last. offsets: the minutes east of UTC that its texts carry.
    """

    kind: ClassVar[str] = "moment"
    dtype: str
    format: str
    zone: str
    has_missing: bool
    days: np.ndarray
    day_counts: np.ndarray
    periods: np.ndarray
    times: np.ndarray
    time_counts: np.ndarray
    clocks: np.ndarray
    edges: np.ndarray
    offsets: np.ndarray

    # --- what there is
    @cached_property
    def _form(self) -> DateFormat | None:
        return DateFormat(self.format) if self.format else None

    @property
    def _is_clock(self) -> bool:
        """Whether the column holds times of day without a date."""
        if self._form is not None:
            return self._form.is_clock
        return DataType.is_time(arrow_type.named(self.dtype))

    @property
    def _main(self) -> int:
        """How many symbols the main leaf has besides "missing"."""
        return (self.clocks if self._is_clock else self.periods).size - 1

    @cached_property
    def _weekdays(self) -> np.ndarray:
        return (self.days + 3) % 7  # 1970 began on a Thursday; Monday is 0

    @cached_property
    def _has_weekday(self) -> bool:
        return self.days.size > self.periods.size - 1 and np.unique(self._weekdays).size > 1

    @property
    def _has_time(self) -> bool:
        return not self._is_clock and self.times.size > 1

    @property
    def spaces(self) -> Mapping[str, Space]:
        """The period (or the time, where there is no date); "weekday", "time", "offset" where they vary."""
        off = (self._main,) if self.has_missing else ()
        main = _alone(self.clocks if self._is_clock else self.periods)
        found: dict[str, Space] = {"": Choice(self._main + len(off), ordered=True, off=off, spikes=main)}
        if self._has_weekday:
            found["weekday"] = Choice(7)
        if self._has_time:
            found["time"] = Choice(self.clocks.size - 1, ordered=True, spikes=_alone(self.clocks))
        if self.offsets.size > 1:
            found["offset"] = Choice(self.offsets.size)
        return found

    @property
    def noise(self) -> tuple[str, ...]:
        """ "day": which day of that period and weekday. "clock": which time of that symbol."""
        found = ("day",) if self.days.size > self.periods.size - 1 else ()
        return (*found, "clock") if self.times.size > self.clocks.size - 1 else found

    # --- the days of a period and weekday: a cell
    @cached_property
    def _cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(days' places, cell by cell; rows before each of them; where each cell begins; where it ends).

        A cell is a period, times seven plus the weekday where that is a leaf. A period that lacks a weekday
        takes the days of the nearest weekday that it has.
        """
        period = np.repeat(np.arange(self.periods.size - 1), np.diff(self.periods))
        wide = 7 if self._has_weekday else 1
        key = period * wide + (self._weekdays if self._has_weekday else 0)
        order = np.argsort(key, kind="stable")
        cells = np.arange((self.periods.size - 1) * wide)
        start = np.searchsorted(key[order], cells, side="left")
        end = np.searchsorted(key[order], cells, side="right")
        held = (end > start).reshape(-1, wide)
        source = cells.reshape(-1, wide).copy()
        found = held.copy()
        for step in (1, -1, 2, -2, 3, -3) if wide == 7 else ():
            lent = ~found & np.roll(held, -step, axis=1)
            source[lent] = np.roll(cells.reshape(-1, wide), -step, axis=1)[lent]
            found |= lent
        source = source.ravel()
        return order, rows_before(self.day_counts[order]), start[source], end[source]

    @cached_property
    def _before_time(self) -> np.ndarray:
        return rows_before(self.time_counts)

    def _instants(self, day: np.ndarray, nano: np.ndarray, zone: Zone) -> tuple[np.ndarray, np.ndarray]:
        """(seconds, nanoseconds) in UTC of local days and times, kept within the column's range."""
        if not self._is_clock:
            nano = np.where(day == self.days[0], np.maximum(nano, self.edges[0]), nano)
            nano = np.where(day == self.days[-1], np.minimum(nano, self.edges[1]), nano)
        return self._universal(day, nano, zone)

    def _universal(self, day: np.ndarray, nano: np.ndarray, zone: Zone) -> tuple[np.ndarray, np.ndarray]:
        """(seconds, nanoseconds) in UTC of local days and times as they are."""
        second = day * DAY + nano // SECOND
        rest = nano % SECOND
        if not zone.name:
            return second, rest
        universal = zone.universal(second)
        # in an hour that the clocks leave out, the moment of the change itself: to the second
        return universal, np.where(zone.local(universal) != second, 0, rest) if zone.moves else rest

    # --- there and back
    def encode(self, column: Column) -> Leaves:
        """The symbols of the nearest day and time that were seen."""
        parts = self._read(column)
        day, time = self._nearest(self.days, parts.day), self._nearest(self.times, parts.nano)
        clock = np.searchsorted(self.clocks, time, side="right") - 1
        period = np.searchsorted(self.periods, day, side="right") - 1
        leaves = {"": np.where(parts.gone, self._main, clock if self._is_clock else period)}
        if self._has_weekday:
            leaves["weekday"] = self._weekdays[day]
        if self._has_time:
            leaves["time"] = clock
        if self.offsets.size > 1:
            leaves["offset"] = np.searchsorted(self.offsets, parts.offset)
        return {
            name: np.where(parts.gone & (name != ""), 0, symbols).astype(np.int64)
            for name, symbols in leaves.items()
        }

    def _read(self, column: Column) -> _Parts:
        """The column taken apart, its offsets among the known ones."""
        form = None if is_temporal(column.type) else self._form or DateFormat("%Y-%m-%d")
        parts = _parts(column, form, self.zone)
        if parts.gone.any() and not self.has_missing:
            raise DataError(
                f"{int(parts.gone.sum())} of {parts.gone.size} cells are missing.",
                "The column had no missing cell when the model was learned.",
                "Fill them, or learn again from data in which some are missing.",
            )
        strange = ~np.isin(parts.offset, self.offsets)
        if not strange.any():
            return parts
        # the same moment, told by a clock that the column knows
        shift = np.where(strange, self.offsets[0] - parts.offset, 0) * 60
        second = parts.day * DAY + parts.nano // SECOND + shift
        nano = second % DAY * SECOND + parts.nano % SECOND
        return _Parts(parts.gone, second // DAY, nano, np.where(strange, self.offsets[0], parts.offset))

    @staticmethod
    def _nearest(table: np.ndarray, values: np.ndarray) -> np.ndarray:
        right = np.searchsorted(table, values).clip(0, table.size - 1)
        left = np.maximum(right - 1, 0)
        return np.where(np.abs(values - table[left]) < np.abs(table[right] - values), left, right)

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """A day of the period and weekday and a time of the symbol, as the column writes them."""
        main = leaves[""]
        gone = main >= self._main
        held = np.where(gone, 0, main)
        nothing = np.zeros(held.shape, dtype=np.int64)
        if self._is_clock:
            day, clock = nothing, held
        else:
            order, before, start, end = self._cells
            cell = held * 7 + leaves["weekday"] if self._has_weekday else held
            place = start[cell]
            if "day" in self.noise:
                place = pick(leaves["day"], start[cell], end[cell], before)
            day = self.days[order[place]]
            clock = leaves["time"] if self._has_time else nothing
        place = self.clocks[clock]
        if "clock" in self.noise:
            place = pick(leaves["clock"], place, self.clocks[clock + 1], self._before_time)
        offset = self.offsets[leaves["offset"] if self.offsets.size > 1 else nothing]
        return self._column(day, self.times[place], offset, gone)

    def _column(self, day: np.ndarray, nano: np.ndarray, offset: np.ndarray, gone: np.ndarray) -> Column:
        kind = arrow_type.named(self.dtype)
        second, rest = self._instants(day, nano, Zone(self.zone if is_temporal(kind) else ""))
        if self._form is not None:
            texts = self._form.write(second // DAY, second % DAY * SECOND + rest, offset)
            pairs = zip(gone.tolist(), texts, strict=True)
            column = from_strings([None if nothing else text for nothing, text in pairs])
            return compute.cast(column, kind) if column.type != kind else column
        return with_nulls(_of_instants(second, rest, kind), gone)

    def told(self, column: Column, kind: DataType) -> Column:
        """The moments of a column in another Arrow type of dates, times or timestamps."""
        parts = self._read(column)
        second, rest = self._moments_of(parts)
        if DataType.is_date32(kind) and not self._has_offset:
            second, rest = parts.day * DAY, parts.nano % SECOND
        return with_nulls(_of_instants(second, rest, kind), parts.gone)

    def _moments_of(self, parts: _Parts) -> tuple[np.ndarray, np.ndarray]:
        """(seconds, nanoseconds) of the parts of a column, in UTC where a zone or an offset is known."""
        if self._has_offset:
            second, rest = self._universal(parts.day, parts.nano, Zone(""))
            return second - parts.offset * 60, rest
        return self._universal(parts.day, parts.nano, Zone(self.zone))

    def meaning(self, column: Column) -> list[tuple[int, int]]:
        """The moments that a column says, of whatever type it is and however it writes them."""
        second, rest = self._moments_of(self._read(column))
        return list(zip(second.tolist(), rest.tolist(), strict=True))

    def examples(self) -> Column:
        """Every day, every time of day and every offset that can be made, at least once."""
        count = self.days.size + self.times.size + self.offsets.size
        day = np.full(count, self.days[self.days.size // 2])
        nano, offset = np.full(count, self.times[0]), np.full(count, self.offsets[0])
        day[: self.days.size] = self.days
        nano[self.days.size : self.days.size + self.times.size] = self.times
        offset[self.days.size + self.times.size :] = self.offsets
        return self._column(day, nano, offset, np.zeros(count, dtype=bool))

    # --- conditions
    def allow(self, condition: Condition) -> list[Box]:
        """Whole periods, then cells and runs of days where a period is cut, then times where a day is cut.

        A date that is compared with date-times is its midnight, as in SQL; a moment without a zone is on the
        column's own clock. A month or a year is all of it: `joined = "2024-05"` is any day of that May, and
        `joined > 2024` is from 2025 on.
        """
        if isinstance(condition, Missing):
            mask = np.full(self._main + int(self.has_missing), condition.negated)
            if self.has_missing:
                mask[-1] = not condition.negated
            return [Box({"": mask}, {})] if mask.any() else []
        spans, negated = self._spans(condition)
        boxes: list[Box] = []
        several = self.offsets.size > 1
        zones = [Zone(self.zone)]
        if self._has_offset:
            zones = [Zone.fixed(minutes) for minutes in self.offsets.tolist()]
        for place, zone in enumerate(zones):
            only = {"offset": np.arange(self.offsets.size) == place} if several else {}
            for days, times in self._products(spans, negated, zone):
                for box in self._day_boxes(days):
                    for other in self._time_boxes(times):
                        symbols = {**box.symbols, **other.symbols, **only}
                        boxes.append(Box(symbols, {**box.noise, **other.noise}))
        return boxes

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        """Which cells satisfy a condition, by their moments and not their symbols: bool (rows,)."""
        parts = self._read(column)
        if isinstance(condition, Missing):
            return parts.gone != condition.negated
        spans, negated = self._spans(condition)
        out = np.zeros(len(column), dtype=bool)
        for minutes in np.unique(parts.offset).tolist():
            zone = Zone.fixed(minutes) if self._has_offset else Zone(self.zone)
            bounds = [_bounds(span, zone) for span in spans]
            at = parts.offset == minutes
            second, rest = self._universal(parts.day[at], parts.nano[at], zone)
            out[at] = _within(second, rest, bounds) != negated
        return out & ~parts.gone

    @property
    def _has_offset(self) -> bool:
        return self._form is not None and "z" in self._form.names

    def _spans(self, condition: Compare | In | Between) -> tuple[list[tuple[_Literal | None, ...]], bool]:
        """The condition as (from, to, before) spans of which one must hold, or none where negated.

        A span is (a, b): at or after a's start and before b's end; a third literal c means before c's start,
        a fourth at or after d's end.
        """
        match condition:
            case Compare(op, value):
                literal = self._literal(value)
                span = {
                    "==": (literal, literal, None, None),
                    "!=": (literal, literal, None, None),
                    "<": (None, None, literal, None),
                    "<=": (None, literal, None, None),
                    ">": (None, None, None, literal),
                    ">=": (literal, None, None, None),
                }[op]
                return [span], op == "!="
            case In(values, negated):
                literals = map(self._literal, values)
                return [(literal, literal, None, None) for literal in literals], negated
            case Between(low, high, negated):
                return [(self._literal(low), self._literal(high), None, None)], negated

    def _products(
        self, spans: list[tuple[_Literal | None, ...]], negated: bool, zone: Zone
    ) -> Iterable[tuple[np.ndarray, np.ndarray]]:
        """Disjoint pairs (which days, which times) that together satisfy the spans."""
        bounds = [_bounds(span, zone) for span in spans]

        def holds(day: np.ndarray, nano: np.ndarray) -> np.ndarray:
            return _within(*self._instants(day, nano, zone), bounds) != negated

        every = np.ones(self.times.size, dtype=bool)
        if self._is_clock:
            yield np.ones(1, dtype=bool), holds(np.zeros(self.times.size, dtype=np.int64), self.times)
            return
        days = holds(self.days, np.full(self.days.size, self.times[0]))
        if self.times.size > 1:
            cut: dict[bytes, np.ndarray] = {}
            for place in self._cut_days(bounds, zone):
                times = holds(np.full(self.times.size, self.days[place]), self.times)
                days[place] = times.all()
                if times.any() and not times.all():
                    cut.setdefault(times.tobytes(), np.zeros(days.size, dtype=bool))[place] = True
            for mask, at in cut.items():
                yield at, np.frombuffer(mask, dtype=bool)
        yield days, every

    def _cut_days(self, bounds: list[_Bounds], zone: Zone) -> list[int]:
        """Places of the days in which a bound may fall, and of the ends of the range."""
        bounded = [bound[0] for span in bounds for bound in span if bound is not None]
        seconds = np.array(bounded, dtype=np.int64)
        days = np.concatenate([zone.local(seconds) // DAY + step for step in (-1, 0, 1)])
        found = np.flatnonzero(np.isin(self.days, days))
        return sorted({*found.tolist(), 0, self.days.size - 1})

    def _day_boxes(self, held: np.ndarray) -> list[Box]:
        """Boxes of the main leaf, the weekday and the noise in which just the held days are."""
        if self._is_clock:
            return [Box({}, {})]
        order, before, start, end = self._cells
        wide = 7 if self._has_weekday else 1
        count = np.concatenate([[0], np.cumsum(held[order])])
        inside = (count[end] - count[start]).reshape(-1, wide)
        spans = (end - start).reshape(-1, wide)
        full = inside == spans
        boxes: list[Box] = []
        patterns, which = np.unique(full, axis=0, return_inverse=True)
        for place, pattern in enumerate(patterns):
            if pattern.any():
                symbols = {"": self._padded(which.reshape(-1) == place)}
                if not pattern.all():
                    symbols["weekday"] = pattern
                boxes.append(Box(symbols, {}))
        for period, weekday in zip(*np.nonzero((inside > 0) & ~full), strict=True):
            cell = period * wide + weekday
            symbols = {"": self._padded(np.arange(self._main) == period)}
            if wide == 7:
                symbols["weekday"] = np.arange(7) == weekday
            for low, high in runs(held[order], before, int(start[cell]), int(end[cell])):
                boxes.append(Box(symbols, {"day": (low, high)}))
        return boxes

    def _time_boxes(self, held: np.ndarray) -> list[Box]:
        """Boxes of the time and its noise in which just the held times are."""
        if self.times.size == 1 and not self._is_clock:
            return [Box({}, {})] if held[0] else []
        leaf = "" if self._is_clock else "time"
        size = self.clocks.size - 1
        inside = np.add.reduceat(held.astype(np.int64), self.clocks[:-1])
        spans = np.diff(self.clocks)
        whole = inside == spans
        if whole.all() and leaf:
            return [Box({}, {})]
        boxes = [Box({leaf: whole if leaf else self._padded(whole)}, {})] if whole.any() else []
        for symbol in np.flatnonzero((inside > 0) & ~whole):
            only = np.arange(size) == symbol
            first, last = self.clocks[symbol], self.clocks[symbol + 1]
            for low, high in runs(held, self._before_time, first, last):
                boxes.append(Box({leaf: only if leaf else self._padded(only)}, {"clock": (low, high)}))
        return boxes

    def _padded(self, mask: np.ndarray) -> np.ndarray:
        """A mask of the main leaf with "missing" left out."""
        return np.concatenate([mask, np.zeros(int(self.has_missing), dtype=bool)])

    def _literal(self, value: Any) -> _Literal:
        """A moment out of a condition: text in the column's format or in ISO, or a Python date or time."""
        found = None
        match value:
            case dt.datetime() if not self._is_clock:
                naive = value.replace(tzinfo=None) - (value.utcoffset() or dt.timedelta())
                since = naive - dt.datetime(1970, 1, 1)
                start = (since.days * DAY + since.seconds, since.microseconds * 1000)
                found = _Literal(start, (start[0], start[1] + 1), value.utcoffset() is not None)
            case dt.date() if not self._is_clock and not isinstance(value, dt.datetime):
                midnight = (value - dt.date(1970, 1, 1)).days * DAY
                found = _Literal((midnight, 0), (midnight, 1), False)
            case dt.time() if self._is_clock:
                start = (value.hour * 3600 + value.minute * 60 + value.second, value.microsecond * 1000)
                found = _Literal(start, (start[0], start[1] + 1), False)
            case np.datetime64() if not self._is_clock:
                return self._literal(str(value))
            case str() | int() | float() if not isinstance(value, bool):
                text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
                found = self._own(text.strip()) or _from_iso(text, self._is_clock)
            case _:
                pass
        if found is None:
            example = self._text_of_first()
            raise WhereError(
                f"{value!r} is compared with a column of {'times of day' if self._is_clock else 'dates'}.",
                f"A literal such as {example!r}.",
                f'Write it like: column >= "{example}"',
            )
        if found.zoned and not self.zone and not self._has_offset:
            raise WhereError(
                f"{value!r} has a time zone, and the column has none.",
                "A moment without a zone.",
                f'Write it like: column >= "{self._text_of_first()}"',
            )
        return found

    def _own(self, text: str) -> _Literal | None:
        """A text in the column's own format."""
        if self._form is None:
            return None
        read = self._form.read([text])
        if read.wrong[0]:
            read = self._form.lenient.read([text])
        if read.wrong[0]:
            return None
        start = int(read.day[0]) * DAY + int(read.nano[0]) // SECOND - int(read.offset[0]) * 60
        rest = int(read.nano[0]) % SECOND
        zoned = self._has_offset or self._form.is_universal
        return _Literal((start, rest), (start, rest + 1), zoned)

    def _text_of_first(self) -> str:
        form = self._form or DateFormat("%H:%M" if self._is_clock else "%Y-%m-%d")
        return form.write(self.days[:1], self.edges[:1], self.offsets[:1])[0]

    def log_share(self, column: Column) -> np.ndarray:
        """log of the day's share of its period and weekday, and of the time's share of its symbol."""
        parts = self._read(column)
        day, time = self._nearest(self.days, parts.day), self._nearest(self.times, parts.nano)
        share = np.zeros(len(column))
        if "day" in self.noise:
            order, before, start, end = self._cells
            wide = 7 if self._has_weekday else 1
            cell = (np.searchsorted(self.periods, day, side="right") - 1) * wide
            cell = cell + (self._weekdays[day] if self._has_weekday else 0)
            share += np.log(self.day_counts[day] / (before[end[cell]] - before[start[cell]]))
        if "clock" in self.noise:
            before = self._before_time
            symbol = np.searchsorted(self.clocks, time, side="right") - 1
            first, last = self.clocks[symbol], self.clocks[symbol + 1]
            low, high = time, time + 1
            if not self._is_clock:  # what would lie outside the range is its end
                low = np.where((day == 0) & (parts.nano == self.edges[0]), first, low)
                high = np.where((day == self.days.size - 1) & (parts.nano == self.edges[1]), last, high)
            share += np.log((before[high] - before[low]) / (before[last] - before[first]))
        return np.where(parts.gone, 0.0, share)

    def view(self, column: Column) -> Scale:
        """Seconds since 1970, written as their day; or since midnight, written as hours and minutes."""
        form = self._form or DateFormat("%Y-%m-%d")
        return Scale(_seconds(column, form), _clock if self._is_clock else _day)

    # --- in words and on disk
    def describe(self) -> str:
        """How many days or times, from when to when, and what is missing."""
        tail = "; some missing" if self.has_missing else ""
        nothing = np.zeros(2, dtype=np.int64)
        if self._is_clock:
            form = self._form or DateFormat("%H:%M:%S")
            first, last = form.write(nothing, self.times[[0, -1]], nothing)
            return f"{self.times.size:,} times of day, {first} to {last}{tail}"
        first, last = DateFormat("%Y-%m-%d").write(self.days[[0, -1]], nothing, nothing)
        hours = f", {self.times.size:,} times of day" if self._has_time else ""
        zone = f", {self.zone}" if self.zone and not self._form else ""
        return f"{self.days.size:,} days, {first} to {last}{hours}{zone}{tail}"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Days, times, counts and cuts as arrays; the rest as JSON."""
        values = {name: getattr(self, name) for name in ("dtype", "format", "zone", "has_missing")}
        return values, {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described; every table is checked before it is trusted."""
        held = {name: arrays[name] for name in _ARRAYS}
        sound = all(table.ndim == 1 and table.size > 0 for table in held.values()) and held["edges"].size == 2
        for name, counts, first in (("days", "day_counts", "periods"), ("times", "time_counts", "clocks")):
            cuts = held[first]
            sound = sound and held[name].size == held[counts].size and (held[counts] > 0).all()
            sound = sound and (np.diff(held[name]) > 0).all() and (np.diff(cuts) > 0).all() and cuts.size > 1
            sound = sound and cuts[0] == 0 and cuts[-1] == held[name].size
        sound = sound and held["times"][0] >= 0 and held["times"][-1] < CLOCK
        sound = sound and (np.diff(held["offsets"]) > 0).all()
        if not sound:
            raise StoreError(
                "the tables of a moment column contradict each other.",
                "Sorted days and times, as many counts, and cuts that cover them.",
                "The model folder is damaged: restore it, or learn the model again.",
            )
        arrow_type.named(values["dtype"])
        dtype, form, zone = (str(values[name]) for name in ("dtype", "format", "zone"))
        return cls(dtype, form, zone, bool(values["has_missing"]), **held)


_ARRAYS = ("days", "day_counts", "periods", "times", "time_counts", "clocks", "edges", "offsets")


def _alone(first: np.ndarray) -> tuple[int, ...]:
    """The symbols that are a single day or time."""
    return tuple(np.flatnonzero(np.diff(first) == 1).tolist())


def _bounds(span: tuple[_Literal | None, ...], zone: Zone) -> _Bounds:
    return tuple(_bound(literal, zone, place) for place, literal in enumerate(span))


def _within(second: np.ndarray, rest: np.ndarray, spans: list[_Bounds]) -> np.ndarray:
    """Which moments (seconds and nanoseconds, in UTC) lie in one of the spans."""
    out = np.zeros(second.shape, dtype=bool)
    for at, before, under, over in spans:
        inside = np.ones(second.shape, dtype=bool)
        for low in (at, over):
            if low is not None:
                inside &= (second > low[0]) | ((second == low[0]) & (rest >= low[1]))
        for high in (before, under):
            if high is not None:
                inside &= (second < high[0]) | ((second == high[0]) & (rest < high[1]))
        out |= inside
    return out


def _bound(literal: _Literal | None, zone: Zone, place: int) -> tuple[int, int] | None:
    """The start (places 0 and 2 of a span) or the end (1 and 3) of a literal, in UTC."""
    if literal is None:
        return None
    start, end = literal.start, literal.end
    if not literal.zoned and zone.name:
        exact = start[0] == end[0]
        start = (int(zone.universal(np.array([start[0]]))[0]), start[1])
        end = (start[0], end[1]) if exact else (int(zone.universal(np.array([end[0]]))[0]), end[1])
    return start if place in (0, 2) else end
