"""Stretches of time that a condition asks for, and which moments lie in one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from sampan.errors import WhereError
from sampan.field import Between, Compare, In
from sampan.fields.moment.literal import Literal
from sampan.fields.zone import Zone

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
