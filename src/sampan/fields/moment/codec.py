"""The codec of moments: what was learned of a column's days and times, and the way there and back.

Long because days, times of day and clocks of zones are one column: each answer needs all three.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from arro3 import compute
from arro3.core import DataType

from sampan import arrow_type
from sampan.column import Column, from_strings, with_nulls
from sampan.errors import WhereError
from sampan.field import Box, Codec, Condition, Leaves, Missing, Rows, Scale, refuse_missing
from sampan.fields.moment import instants
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.moment.days import Days
from sampan.fields.moment.directives import SECOND
from sampan.fields.moment.parts import (
    Parts,
    as_clock,
    as_day,
    is_temporal,
    of_instants,
    parts_of,
    seconds_of,
    unread,
)
from sampan.fields.moment.span import Bounds, Literal, Span, bounds_of, literal_of, products, spans_of, within
from sampan.fields.moment.state import ARRAYS, PLAIN, read
from sampan.fields.quantiles import Cuts, nearest_of
from sampan.fields.zone import DAY, Zone
from sampan.space import Choice, Space


@dataclass(frozen=True, eq=False)
class MomentCodec(Codec):
    """The days and the times of day of a column, each in order and cut into symbols.

    dtype, format, zone: what the column is made of. days, times: the distinct ones, local, and how often each
    was seen. periods, clocks: where each symbol begins among them. edges: the first time on the first day,
    the last on the last. offsets: the minutes east of UTC that its texts carry. weekly: whether weekdays are
    told apart. lone: the share of rows whose day one record alone holds.
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
    weekly: bool = True
    lone: float = 0.0
    lenient: bool = False

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

    @cached_property
    def _days(self) -> Days:
        return Days(self.days, self.day_counts, self.periods, self.weekly)

    @cached_property
    def _times(self) -> Cuts:
        return Cuts(self.time_counts, self.clocks)

    @property
    def _main(self) -> int:
        """How many symbols the main leaf has besides "missing"."""
        return self._times.symbols if self._is_clock else self._days.periods

    @property
    def _has_time(self) -> bool:
        return not self._is_clock and self.times.size > 1

    @property
    def _has_offset(self) -> bool:
        """Whether its texts say how far their clock stands from UTC."""
        return self._form is not None and "z" in self._form.names

    @property
    def spaces(self) -> Mapping[str, Space]:
        """The period (or the time, where there is no date); "weekday", "time", "offset" where they vary."""
        off = (self._main,) if self.has_missing else ()
        spikes = self._times.spikes if self._is_clock else Cuts(self.day_counts, self.periods).spikes
        found: dict[str, Space] = {"": Choice(self._main + len(off), ordered=True, off=off, spikes=spikes)}
        if self._days.has_weekday:
            found["weekday"] = Choice(7)
        if self._has_time:
            found["time"] = Choice(self._times.symbols, ordered=True, spikes=self._times.spikes)
        if self.offsets.size > 1:
            found["offset"] = Choice(self.offsets.size)
        return found

    @property
    def noise(self) -> tuple[str, ...]:
        """ "day": which day of that period and weekday. "clock": which time of that symbol."""
        found = ("day",) if self._days.shares else ()
        return (*found, "clock") if self._times.shares else found

    # --- local clocks and UTC
    def _kept(self, day: np.ndarray, nano: np.ndarray) -> np.ndarray:
        """Times of day, kept within the column's range on its first and its last day."""
        if self._is_clock:
            return nano
        nano = np.where(day == self.days[0], np.maximum(nano, self.edges[0]), nano)
        return np.where(day == self.days[-1], np.minimum(nano, self.edges[1]), nano)

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
        day = nearest_of(self.days, parts.day)
        time = nearest_of(self.times, self._kept(self.days[day], parts.nano))
        clock = self._times.symbol_of(time)
        main = clock if self._is_clock else self._days.period_of(day)
        leaves = {"": np.where(parts.gone, self._main, main)}
        if self._days.has_weekday:
            leaves["weekday"] = self._days.weekdays[day]
        if self._has_time:
            leaves["time"] = clock
        if self.offsets.size > 1:
            leaves["offset"] = np.searchsorted(self.offsets, parts.offset)
        return {
            name: np.where(parts.gone & (name != ""), 0, symbols).astype(np.int64)
            for name, symbols in leaves.items()
        }

    def literal(self, value: object) -> Column | None:
        """None; DataError for a text that is no moment, though such a cell of a table is missing here."""
        if self.lenient and isinstance(value, str):
            parts_of(from_strings([value]), self._reader_of(from_strings([value])), self.zone)
        return None

    def unknown(self, column: Column) -> np.ndarray:
        """The cells that are no moment as the column writes them, and missing ones where none ever was."""
        form = self._reader_of(column)
        strange = np.zeros(len(column), dtype=bool)
        if form is not None and not self.lenient:
            strange = unread(column, form)
        gone = parts_of(with_nulls(column, strange), form, self.zone, self.lenient).gone
        return strange | (gone & (not self.has_missing))

    def _reader_of(self, column: Column) -> DateFormat | None:
        """How the texts of a column are read; None for one of moments by its type."""
        return None if is_temporal(column.type) else self._form or DateFormat("%Y-%m-%d")

    def _read(self, column: Column) -> Parts:
        """The column taken apart, its offsets among the known ones."""
        parts = parts_of(column, self._reader_of(column), self.zone, self.lenient)
        if not self.has_missing:
            refuse_missing(parts.gone)
        strange = ~np.isin(parts.offset, self.offsets)
        if not strange.any():
            return parts
        # the same moment, told by a clock that the column knows
        shift = np.where(strange, self.offsets[0] - parts.offset, 0) * 60
        second = parts.day * DAY + parts.nano // SECOND + shift
        nano = second % DAY * SECOND + parts.nano % SECOND
        return Parts(parts.gone, second // DAY, nano, np.where(strange, self.offsets[0], parts.offset))

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """A day of the period and weekday and a time of the symbol, as the column writes them."""
        main = leaves[""]
        gone = main >= self._main
        held = np.where(gone, 0, main)
        nothing = np.zeros(held.shape, dtype=np.int64)
        if self._is_clock:
            day, clock = nothing, held
        else:
            day = self._days.made(held, leaves.get("weekday"), leaves.get("day"))
            clock = leaves["time"] if self._has_time else nothing
        nano = self.times[self._times.place_of(clock, leaves.get("clock"))]
        offset = self.offsets[leaves["offset"] if self.offsets.size > 1 else nothing]
        return self._column(day, nano, offset, gone)

    def _column(self, day: np.ndarray, nano: np.ndarray, offset: np.ndarray, gone: np.ndarray) -> Column:
        kind = arrow_type.named(self.dtype)
        zone = Zone(self.zone if is_temporal(kind) else "")
        second, rest = self._universal(day, self._kept(day, nano), zone)
        if self._form is not None:
            texts = self._form.write(second // DAY, second % DAY * SECOND + rest, offset)
            pairs = zip(gone.tolist(), texts, strict=True)
            column = from_strings([None if nothing else text for nothing, text in pairs])
            return compute.cast(column, kind) if column.type != kind else column
        return with_nulls(of_instants(second, rest, kind), gone)

    def in_type(self, column: Column, kind: DataType) -> Column:
        """The moments of a column in another Arrow type of dates, times or timestamps."""
        parts = self._read(column)
        second, rest = self._moments_of(parts)
        if DataType.is_date32(kind) and not self._has_offset:
            second, rest = parts.day * DAY, parts.nano % SECOND
        return with_nulls(of_instants(second, rest, kind), parts.gone)

    def _moments_of(self, parts: Parts) -> tuple[np.ndarray, np.ndarray]:
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

    # --- its moments as numbers
    def plain(self, column: Column) -> Column:
        """The moments that texts spell, and times of day."""
        if is_temporal(column.type):
            return column
        if self._is_clock:
            return self.in_type(column, DataType.time64("us"))
        return self.in_type(
            column, DataType.timestamp("us", tz="UTC" if self._has_offset else self.zone or None)
        )

    def of_numbers(self, values: np.ndarray) -> Column:
        """The moments as the column writes them."""
        return instants.column_of(
            values, arrow_type.named(self.dtype), self._form, self.zone, int(self.offsets[0])
        )

    def span(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The first moment and the last of each symbol; where clocks move, a day more on either side."""
        if self._is_clock:
            return self.times[self.clocks[:-1]] // 1_000, self.times[self.clocks[1:] - 1] // 1_000
        slack = 1 if self.zone or self._has_offset else 0
        low = (self.days[self.periods[:-1]] - slack) * DAY + self.times[0] // SECOND
        high = (self.days[self.periods[1:] - 1] + slack) * DAY + self.times[-1] // SECOND
        return low * 1_000_000, high * 1_000_000 + (999_999 if self._has_time else 0)

    def makes(self, values: np.ndarray, drawn: bool) -> np.ndarray:
        """Those from the first day to the last, on weekdays and at times that are made."""
        zone = (
            "" if self._is_clock else Zone.fixed(int(self.offsets[0])).name if self._has_offset else self.zone
        )
        day, nano = instants.local(values, zone)
        right = np.isin(nano, self.times) | (
            self._times.shares & (nano >= self.times[0]) & (nano <= self.times[-1])
        )
        if self._is_clock:
            return right
        if drawn and not self._days.shares:
            return right & np.isin(day, self.days)
        known = np.isin((day + 3) % 7, (self.days + 3) % 7)
        return right & known & (day >= self.days[0]) & (day <= self.days[-1])

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
        spans, negated = spans_of(condition, self._literal)
        boxes: list[Box] = []
        several = self.offsets.size > 1
        zones = [Zone(self.zone)]
        if self._has_offset:
            zones = [Zone.fixed(minutes) for minutes in self.offsets.tolist()]
        for place, zone in enumerate(zones):
            only = {"offset": np.arange(self.offsets.size) == place} if several else {}
            for days, times in self._products(spans, negated, zone):
                dated = [Box({}, {})] if self._is_clock else self._days.boxes(days, int(self.has_missing))
                for box, other in itertools.product(dated, self._time_boxes(times)):
                    symbols = {**box.symbols, **other.symbols, **only}
                    boxes.append(Box(symbols, {**box.noise, **other.noise}))
        return boxes

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        """Which cells satisfy a condition, by their moments and not their symbols: bool (rows,)."""
        parts = self._read(column)
        if isinstance(condition, Missing):
            return parts.gone != condition.negated
        spans, negated = spans_of(condition, self._literal)
        out = np.zeros(len(column), dtype=bool)
        for minutes in np.unique(parts.offset).tolist():
            zone = Zone.fixed(minutes) if self._has_offset else Zone(self.zone)
            bounds = [bounds_of(span, zone) for span in spans]
            at = parts.offset == minutes
            second, rest = self._universal(parts.day[at], parts.nano[at], zone)
            out[at] = within(second, rest, bounds) != negated
        return out & ~parts.gone

    def _products(
        self, spans: list[Span], negated: bool, zone: Zone
    ) -> Iterable[tuple[np.ndarray, np.ndarray]]:
        """Disjoint pairs (which days, which times) that together satisfy the spans."""
        bounds = [bounds_of(span, zone) for span in spans]

        def holds(day: np.ndarray, nano: np.ndarray, among: list[Bounds]) -> np.ndarray:
            return within(*self._universal(day, self._kept(day, nano), zone), among) != negated

        if self._is_clock:
            nothing = np.zeros(self.times.size, dtype=np.int64)
            return [(np.ones(1, dtype=bool), holds(nothing, self.times, bounds))]
        return products(self.days, self.times, bounds, zone, holds)

    def _time_boxes(self, held: np.ndarray) -> list[Box]:
        """Boxes in which just the held times are."""
        if held.all() and not (self._is_clock and self.has_missing):
            return [Box({}, {})]
        leaf, missing = ("", False if self.has_missing else None) if self._is_clock else ("time", None)
        return self._times.boxes(held, missing, leaf, "clock")

    def _literal(self, value: Any) -> Literal:
        """A moment out of a condition. Raises WhereError where it is none, or has a zone that no cell has."""
        found = literal_of(value, self._form, self._is_clock)
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

    def _text_of_first(self) -> str:
        plain = DateFormat("%H:%M" if self._is_clock else "%Y-%m-%d")
        return (self._form or plain).write(self.days[:1], self.edges[:1], self.offsets[:1])[0]

    def log_share(self, column: Column) -> np.ndarray:
        """log of the day's share of its period and weekday, and of the time's share of its symbol."""
        parts = self._read(column)
        day = nearest_of(self.days, parts.day)
        nano = self._kept(self.days[day], parts.nano)
        time = nearest_of(self.times, nano)
        share = np.zeros(len(column))
        if "day" in self.noise:
            share += np.log(self._days.share(day))
        if "clock" in self.noise:
            # what would lie outside the range is its end
            dated = not self._is_clock
            from_first = dated & (day == 0) & (nano == self.edges[0])
            to_last = dated & (day == self.days.size - 1) & (nano == self.edges[1])
            share += np.log(self._times.share(time, from_first, to_last))
        return np.where(parts.gone, 0.0, share)

    def view(self, column: Column) -> Scale:
        """Seconds since 1970, written as their day; or since midnight, written as hours and minutes."""
        form = self._form or DateFormat("%Y-%m-%d")
        return Scale(seconds_of(column, form), as_clock if self._is_clock else as_day)

    # --- in words and on disk
    def describe(self) -> str:
        """How many days or times, from when to when, and what is missing."""
        tail = "; some missing" if self.has_missing else ""
        nothing = np.zeros(2, dtype=np.int64)
        if self._is_clock:
            first, last = (self._form or DateFormat("%H:%M:%S")).write(nothing, self.times[[0, -1]], nothing)
            return f"{self.times.size:,} times of day, {first} to {last}{tail}"
        # a card is shown around: where days are one record's own, the years say enough
        form = DateFormat("%Y" if self.lone else "%Y-%m-%d")
        first, last = form.write(self.days[[0, -1]], nothing, nothing)
        hours = f", {self.times.size:,} times of day" if self._has_time else ""
        zone = f", {self.zone}" if self.zone and not self._form else ""
        return f"{self.days.size:,} days, {first} to {last}{hours}{zone}{tail}"

    @property
    def notes(self) -> tuple[str, ...]:
        """That made days lie about the real ones, where most of those are one record's own."""
        if self.lone <= 0.5 or self._is_clock:
            return ()
        weekdays = "" if self.weekly else ", on any weekday"
        return (
            f"{100 * self.lone:.0f} % of its days are one person's own: made days are near them, not the same"
            f"{weekdays}. To make the days themselves: --exact COLUMN",
        )

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Days, times, counts and cuts as arrays; the rest as JSON."""
        values = {name: getattr(self, name) for name in PLAIN}
        return values, {name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described; every table is checked before it is trusted."""
        return cls(**read(values, arrays))
