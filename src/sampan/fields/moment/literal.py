"""A moment out of a condition: text in the column's format or in ISO 8601, or a Python date or time."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, NamedTuple

import numpy as np

from sampan.fields.moment.calendar import SECOND, days_of
from sampan.fields.moment.dateformat import DateFormat
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
