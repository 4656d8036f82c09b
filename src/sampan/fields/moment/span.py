"""Stretches of time that a condition asks for: from its literals to the days and times that lie in them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sampan.errors import WhereError
from sampan.field import Between, Compare, In
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.moment.directives import SECOND, days_of
from sampan.fields.zone import DAY, Zone


class Literal(NamedTuple):
    """A moment out of a condition: from its first nanosecond up to, not including, its end.

    Each is (second, nanosecond); zoned: they are in UTC, else on the column's own clock.
    """

    start: tuple[int, int]
    end: tuple[int, int]
    zoned: bool


_ISO = re.compile(
    r"(?:(?P<year>\d{4})(?:[-/.](?P<month>\d\d?)(?:[-/.](?P<date>\d\d?))?)?)?(?:(?<=\d)[T ]+)?"
    r"(?:(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<rest>\d{1,9}))?)?"
    r"(?: ?(?P<noon>[AaPp])\.?[Mm]\.?)? ?(?P<zone>Z|UTC|[-+]\d\d:?\d\d)?)?"
)


def _from_iso(text: str, clock: bool) -> Literal | None:
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
        return Literal((start, rest), (start, rest + 1), bool(match["zone"]))
    months = (year - 1970) * 12 + month - 1 + (1 if match["month"] else 12)
    end = int(np.array(months).astype("M8[M]").astype("M8[D]").astype(np.int64))
    return Literal((start, 0), (end * DAY, 0), False)


def _from_format(text: str, form: DateFormat) -> Literal | None:
    """What a text in the column's own format says."""
    read = form.read([text])
    if read.wrong[0]:
        read = form.lenient.read([text])
    if read.wrong[0]:
        return None
    start = int(read.day[0]) * DAY + int(read.nano[0]) // SECOND - int(read.offset[0]) * 60
    rest = int(read.nano[0]) % SECOND
    return Literal((start, rest), (start, rest + 1), "z" in form.names or form.is_universal)


def literal_of(value: Any, form: DateFormat | None, clock: bool) -> Literal | None:
    """The moment that a literal means; None where it means none.

    form: how the column writes its own, where it is text. clock: it holds times of day without a date.
    """
    match value:
        case dt.datetime() if not clock:
            # a stretch of time, as no moment is before the year 1 or after 9999
            since = (
                value.replace(tzinfo=None) - dt.datetime(1970, 1, 1) - (value.utcoffset() or dt.timedelta())
            )
            start = (since.days * DAY + since.seconds, since.microseconds * 1000)
            return Literal(start, (start[0], start[1] + 1), value.utcoffset() is not None)
        case dt.date() if not clock and not isinstance(value, dt.datetime):
            midnight = (value - dt.date(1970, 1, 1)).days * DAY
            return Literal((midnight, 0), (midnight, 1), False)
        case dt.time() if clock:
            start = (value.hour * 3600 + value.minute * 60 + value.second, value.microsecond * 1000)
            return Literal(start, (start[0], start[1] + 1), False)
        case np.datetime64() if not clock:
            return literal_of(str(value), form, clock)
        case str() | int() | float() if not isinstance(value, bool):
            text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
            own = None if form is None else _from_format(text.strip(), form)
            return own or _from_iso(text, clock)
        case _:
            return None


MOST = 5_000
"""Moments of one list: each is a stretch of its own, whose ends the clocks of a zone may move."""


class Span(NamedTuple):
    """A stretch of time between literals, each of which may be a day, a month or a year long."""

    since: Literal | None = None  # at or after its start
    until: Literal | None = None  # before its end
    before: Literal | None = None  # before its start
    after: Literal | None = None  # at or after its end


def spans_of(condition: Compare | In | Between, read: Callable[[Any], Literal]) -> tuple[list[Span], bool]:
    """The spans of which one must hold, or none where negated; and whether they are negated."""
    match condition:
        case Compare(op, value):
            literal = read(value)
            span = {
                "==": Span(since=literal, until=literal),
                "!=": Span(since=literal, until=literal),
                "<": Span(before=literal),
                "<=": Span(until=literal),
                ">": Span(after=literal),
                ">=": Span(since=literal),
            }[op]
            return [span], op == "!="
        case In(values, negated):
            if len(values) > MOST:
                raise WhereError(
                    f"a list of {len(values):,} dates or times is asked for.",
                    f"At most {MOST:,} are expected.",
                    "Use `between` for many in a row.",
                )
            literals = map(read, values)
            return [Span(since=literal, until=literal) for literal in literals], negated
        case Between(low, high, negated):
            return [Span(since=read(low), until=read(high))], negated


Bounds = tuple[tuple[int, int] | None, ...]
"""(seconds, nanoseconds) in UTC of the four bounds of a span."""


def bounds_of(span: Span, zone: Zone) -> Bounds:
    """Where a span begins and ends on the clock of a zone."""
    since, before = (_edges(literal, zone)[0] for literal in (span.since, span.before))
    until, after = (_edges(literal, zone)[1] for literal in (span.until, span.after))
    return since, until, before, after


def _edges(literal: Literal | None, zone: Zone) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """The start and the end of a literal in UTC, which is local where it names no zone."""
    if literal is None:
        return None, None
    start, end = literal.start, literal.end
    if not literal.zoned and zone.name:
        exact = start[0] == end[0]
        start = (int(zone.universal(np.array([start[0]]))[0]), start[1])
        end = (start[0], end[1]) if exact else (int(zone.universal(np.array([end[0]]))[0]), end[1])
    return start, end


def ends_of(bounds: Sequence[Bounds], first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """The seconds in UTC that each span lies between, within the first and the last that matter."""
    lows = [max((low[0] for low in (one[0], one[3]) if low is not None), default=first) for one in bounds]
    highs = [min((high[0] for high in (one[1], one[2]) if high is not None), default=last) for one in bounds]
    return np.array(lows), np.array(highs)


def within(second: np.ndarray, rest: np.ndarray, spans: Sequence[Bounds]) -> np.ndarray:
    """Which moments (seconds and nanoseconds, in UTC) lie in one of the spans."""
    out = np.zeros(second.shape, dtype=bool)
    for since, until, before, after in spans:
        inside = np.ones(second.shape, dtype=bool)
        for low in (since, after):
            if low is not None:
                inside &= (second > low[0]) | ((second == low[0]) & (rest >= low[1]))
        for high in (until, before):
            if high is not None:
                inside &= (second < high[0]) | ((second == high[0]) & (rest < high[1]))
        out |= inside
    return out


MOST_MOMENTS = 20_000_000
"""Times of days that one condition is tried on: a second or two."""

ENDS = ((0, -1), (-1, 1))
"""The first day and the last, and which way is out."""


def products(
    days: np.ndarray,
    times: np.ndarray,
    bounds: list[Bounds],
    zone: Zone,
    holds: Callable[[np.ndarray, np.ndarray, list[Bounds]], np.ndarray],
) -> Iterable[tuple[np.ndarray, np.ndarray]]:
    """Disjoint pairs (which days, which times) that together satisfy a condition.

    bounds: of its stretches of time. holds: which of some moments satisfy it, asked of some of these alone.
    """
    whole = holds(days, np.full(days.size, times[0]), bounds)
    if times.size > 1:
        cut: dict[bytes, np.ndarray] = {}
        places = _cut(days, bounds, zone)
        if len(places) * times.size > MOST_MOMENTS:
            raise WhereError(
                f"the condition begins or ends on {len(places):,} days of {times.size:,} times.",
                "Fewer days in which a stretch of time begins or ends.",
                "Use whole days or `between`.",
            )
        lows, highs = ends_of(bounds, *(int(days[end]) * DAY + side * 2 * DAY for end, side in ENDS))
        for place in places:
            # only spans that touch the day, a day more on both sides for zones
            start = int(days[place]) * DAY
            here = np.flatnonzero((lows <= start + 2 * DAY) & (highs >= start - DAY))
            spanned = [bounds[one] for one in here.tolist()]
            held = holds(np.full(times.size, days[place]), times, spanned)
            whole[place] = held.all()
            if held.any() and not held.all():
                cut.setdefault(held.tobytes(), np.zeros(days.size, dtype=bool))[place] = True
        for mask, at in cut.items():
            yield at, np.frombuffer(mask, dtype=bool)
    yield whole, np.ones(times.size, dtype=bool)


def _cut(every: np.ndarray, bounds: list[Bounds], zone: Zone) -> list[int]:
    """Places of the days in which a bound may fall, and of the ends of the range."""
    bounded = [bound[0] for span in bounds for bound in span if bound is not None]
    seconds = np.array(bounded, dtype=np.int64)
    days = np.concatenate([zone.local(seconds) // DAY + step for step in (-1, 0, 1)])
    found = np.flatnonzero(np.isin(every, days))
    return sorted({*found.tolist(), 0, every.size - 1})
