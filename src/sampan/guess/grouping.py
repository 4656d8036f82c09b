"""Grouping: whether rows belong together: by a key, which is kept, or in ways that no model of rows keeps.

A key that repeats (a customer's number in every row of theirs), a series (a date and a ticker; a
measurement every hour), and a table that is mostly free text. Each is said before learning begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sampan.arrow_type import as_text
from sampan.column import Column, codes, floats
from sampan.errors import SampanError
from sampan.field import Claim, Field
from sampan.fields.category import Category
from sampan.fields.constant import Constant
from sampan.fields.identifier import Identifier
from sampan.fields.moment import Moment
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.moment.parts import seconds_of
from sampan.fields.number import Number
from sampan.fields.omitted import Omitted
from sampan.fields.people.cells import KEYS
from sampan.fields.personal import Personal
from sampan.groups.groups import constants_of, usual_groups
from sampan.groups.standing import Standing
from sampan.schema import as_key, is_key

LEAST = 20
"""Rows, or steps from one to the next, below which nothing is a series."""

LOOK = 20_000
"""Rows at the beginning of a table in which a series is looked for: its order says it."""

SMOOTH = 0.95
"""Correlation of a number with that of the row above it from which on the rows look like a series."""

STEADY = 0.95
"""Share of the steps from row to row that must go forward in time."""


_LEARNED = (Category, Number, Moment)


# --- a key
def key_found(
    claims: Mapping[str, Claim], fields: Mapping[str, Field], columns: Mapping[str, Column]
) -> dict[str, Claim]:
    """The column by whose value rows belong together, as a key: where others are the same in all of its rows,
    or a time goes forward in them.

    claims: those of columns that nobody said anything of.
    """
    found: list[tuple[int, str]] = []
    for name, claim in claims.items():
        if not isinstance(claim.field, Identifier | Personal):
            continue
        if isinstance(claim.field, Personal) and claim.field.what not in KEYS:
            continue
        standing = Standing.of(columns[name])
        if not usual_groups(standing):
            continue
        said = {other: columns[other] for other, field in fields.items() if isinstance(field, _LEARNED)}
        ties = len(constants_of(columns[name], said))
        ties += any(
            (times := _times(other, columns[other], field)) is not None
            and _goes_forward(times.seconds, standing)
            for other, field in fields.items()
            if isinstance(field, Moment)
        )
        if ties:
            found.append((ties, name))
    if not found:
        return {}
    name = max(found, key=lambda one: one[0])[1]
    claim = claims[name]
    notice = (
        "rows of one value belong together and are made together, under new values. To make rows one by one: "
        f'--type "{name}={claim.field.word}"'
    )
    personal = f"{claim.notice}; " if isinstance(claim.field, Personal) and claim.notice else ""
    return {name: Claim(as_key(claim.field), claim.reason, personal + notice)}


def _goes_forward(seconds: np.ndarray, standing: Standing) -> bool:
    """Whether moments go forward in the rows of each group, and not in the whole table."""
    steps = np.diff(seconds[standing.order])[standing.follows[1:]]
    steps = steps[~np.isnan(steps)]
    whole = np.diff(seconds)
    ahead = max((whole >= 0).mean(), (whole <= 0).mean())
    return steps.size >= LEAST and ahead < STEADY <= max((steps > 0).mean(), (steps < 0).mean())


# --- series and free text
def together(columns: Mapping[str, Column], fields: Mapping[str, Field]) -> list[str]:
    """What is said of a table whose rows belong together, or whose content is mostly free text."""
    key = next((name for name, field in fields.items() if is_key(field)), None)
    series = _series(columns, fields) if key is None else ""
    return [note for note in (series, _prose(fields)) if note]


@dataclass(frozen=True)
class _Times:
    """A column of moments: its name, and seconds, NaN where missing."""

    name: str
    seconds: np.ndarray


def _series(columns: Mapping[str, Column], fields: Mapping[str, Field]) -> str:
    head = {name: column.slice(0, min(LOOK, len(column))) for name, column in columns.items()}
    found = [_times(name, head[name], field) for name, field in fields.items() if isinstance(field, Moment)]
    for times in [*found, _calendar(head)]:
        if times is None:
            continue
        name = times.name
        if _even(times.seconds):
            return (
                f'"{name}": its times follow each other in even steps, a row each: the rows are a series '
                "and belong together. They are made one by one: what goes from row to row (order, trends, "
                "changes from one time to the next) will not hold, and times will repeat."
            )
        for key, other in fields.items():
            if key != name and isinstance(other, Category | Identifier | Personal | Number):
                if _by_key(times.seconds, head[key], isinstance(other, Number)):
                    return (
                        f'"{name}" goes forward within each "{key}": the rows of one "{key}" are a series '
                        "and belong together. They are made one by one: what goes from row to row (order, "
                        "running totals, changes from one time to the next) will not hold."
                    )
    return _smooth(head, fields)


def _smooth(columns: Mapping[str, Column], fields: Mapping[str, Field]) -> str:
    """Rows without a time that are like the row above them, as prices day by day are."""
    numbers = {
        name: values
        for name, field in fields.items()
        if isinstance(field, Number)
        and (values := floats(columns[name])).size >= 200
        and not np.isnan(values).any()
        and np.unique(values).size >= 50
    }
    for values in numbers.values():
        steps = np.diff(values)
        up = (steps[steps != 0] > 0).mean()
        if not 0.1 < up < 0.9:
            return ""  # sorted by a column, at least within groups, and what goes with it
    for name, values in numbers.items():
        ranks = np.argsort(np.argsort(values))
        alike = np.corrcoef(ranks[1:], ranks[:-1])[0, 1]
        if alike >= SMOOTH:
            return (
                f'"{name}" hardly changes from one row to the next (their correlation is {alike:.2f}): the '
                "rows look like a series and then belong together. They are made one by one: what goes from "
                "row to row (order, trends, changes) will not hold."
            )
    return ""


def _times(name: str, column: Column, field: Moment) -> _Times | None:
    """The moments of a column; None where they are times of day, or too many are missing."""
    form = DateFormat(field.format or "%Y-%m-%d")
    if form.is_clock or len(column) < LEAST:
        return None
    try:
        seconds = seconds_of(column, form)
    except (SampanError, ValueError):  # whatever is wrong with the column, learning it will say
        return None
    return None if np.isnan(seconds).mean() > 0.05 else _Times(name, seconds)


def _calendar(columns: Mapping[str, Column]) -> _Times | None:
    """The moments that columns called year, month, day and hour say together; None where there are none."""
    called = {name.strip().lower(): name for name in columns}
    parts = [called[word] for word in ("year", "month", "day", "hour", "minute") if word in called]
    if "year" not in called or len(parts) < 2:
        return None
    first = {"year": 1970, "month": 1, "day": 1}
    seconds = np.zeros(len(columns[parts[0]]))
    for name in parts:
        word = name.strip().lower()
        values = floats(columns[name]) - first.get(word, 0)
        match word:
            case "year":
                seconds += values * 366 * 86_400
            case "month":
                seconds += values * 31 * 86_400
            case _:
                seconds += values * {"day": 86_400, "hour": 3600, "minute": 60}[word]
    return _Times('", "'.join(parts), seconds)


def _even(seconds: np.ndarray) -> bool:
    """Whether each row is one step after (or before) the one above it: most steps of the same length."""
    steps = np.diff(seconds[~np.isnan(seconds)])
    if steps.size < LEAST or not ((steps > 0).all() or (steps < 0).all()):
        return False
    _, often = np.unique(np.round(np.abs(steps)), return_counts=True)
    days = np.round(np.abs(steps) / 86_400)
    monthly = np.isin(days, (28, 29, 30, 31)).all() or np.isin(days, (90, 91, 92)).all()
    # trading days: a step is a day, or a few over a week's end
    return bool(monthly or often.max() >= 0.6 * steps.size)


def _by_key(seconds: np.ndarray, column: Column, numeric: bool) -> bool:
    """Whether moments go forward within each key: in the order of rows, or as a full grid of both."""
    texts = as_text(column)
    index, distinct = codes(texts)
    there = ~np.isnan(seconds) & (index >= 0)
    seconds, index = seconds[there], index[there]
    rows, keys = len(seconds), len(np.unique(index))
    if rows < 2 * LEAST or not 2 <= keys <= rows / 3:
        return False
    moments = np.unique(seconds)
    order = np.lexsort((seconds, index))
    alike = np.diff(index[order]) == 0
    unique = not (np.diff(seconds[order])[alike] == 0).any()
    shared = 2 * rows >= 3 * moments.size  # a moment stands in several rows
    if unique and shared and moments.size >= 10 and 2 * rows >= moments.size * keys:
        return True  # a date and a ticker: nearly every pair once
    if numeric:  # any two numbers would do for the order of rows
        return False
    forward = np.diff(seconds)
    if (forward >= 0).mean() > STEADY or (forward <= 0).mean() > STEADY:
        return False  # the whole table is in order of time: so is every part of it
    order = np.argsort(index, kind="stable")
    steps = np.diff(seconds[order])[np.diff(index[order]) == 0]
    return steps.size >= LEAST and max((steps > 0).mean(), (steps < 0).mean()) >= STEADY


def _prose(fields: Mapping[str, Field]) -> str:
    """A table that is mostly free text."""
    left = [name for name, field in fields.items() if isinstance(field, Omitted)]
    other = (Omitted, Constant, Identifier, Personal)
    learned = [name for name, field in fields.items() if not isinstance(field, other)]
    if not left or len(left) < len(learned):
        return ""
    return (
        f"{len(left)} of {len(fields)} columns are text that is not learned ({_some(left)}): what is made is "
        f"only {_some(learned) or 'empty'}. A table whose content is its text cannot be modelled as rows."
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(f'"{name}"' for name in names[:3]) + more
