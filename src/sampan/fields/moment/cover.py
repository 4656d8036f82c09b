"""Days and times that together satisfy a condition: whole days, and days that are cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from sampan.errors import WhereError
from sampan.fields.moment.span import Bounds, ends_of
from sampan.fields.zone import DAY, Zone

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
