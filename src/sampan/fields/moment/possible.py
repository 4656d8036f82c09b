"""The days that a column could hold: those of its weekdays, days of months and months, where it keeps any."""

from __future__ import annotations

from math import lgamma, log

import numpy as np

BY_CHANCE = 0.05
"""A pattern is one where days that keep none would show it less often than so."""

ENOUGH = 20
"""Days from which one that keeps no pattern of the others is put aside."""


def possible_days(days: np.ndarray, shared: np.ndarray) -> np.ndarray:
    """Every day between the first and the last that keeps the pattern of all, or of all but one: int64.

    days: distinct, in order, since 1970. Business days, first or last days of months, quarters and weeks are
    found by the classes of days (weekday, day of the month, days left in it, month, day of the year) of which
    the column holds fewer than chance would leave empty.

    shared: days that several records hold, which are possible whatever the others keep.

    >>> mondays = np.arange(4, 700, 7)
    >>> np.array_equal(possible_days(np.delete(mondays, [3, 50]), mondays[:2]), mondays)
    True
    """
    span = np.arange(days[0], days[-1] + 1)
    kept = np.ones(span.size, dtype=bool)
    every, mine = _classes(span), _classes(days)
    for size, spanned, held in zip(_SIZES, every, mine, strict=True):
        counts = np.bincount(held, minlength=size)
        for least in (1, 2) if days.size >= ENOUGH else (1,):
            seen = counts >= least
            if (counts[~seen]).sum() <= 1 and _is_pattern(int(seen.sum()), size, int(counts[seen].sum())):
                kept &= seen[spanned]
                break
    step = int(np.gcd.reduce(days - days[0])) if days.size > 2 else 1
    kept &= (span - days[0]) % max(step, 1) == 0
    kept[shared - days[0]] = True
    return span[kept]


_SIZES = (7, 31, 31, 12, 372)


def _classes(days: np.ndarray) -> tuple[np.ndarray, ...]:
    """Of each day: its weekday, day of the month, days left in the month, month, and day of the year."""
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    of_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
    left = ((months + 1).astype("datetime64[D]") - dates).astype(np.int64) - 1
    month = months.astype(np.int64) % 12
    return (days + 3) % 7, of_month, left, month, month * 31 + of_month


def _is_pattern(seen: int, size: int, days: int) -> bool:
    """Whether so many days would hardly leave all but so many classes empty by chance."""
    if seen == size:
        return False
    ways = lgamma(size + 1) - lgamma(seen + 1) - lgamma(size - seen + 1)
    return days * log(max(seen, 1) / size) + ways < log(BY_CHANCE)


def weekdays_matter(days: np.ndarray, possible: np.ndarray) -> bool:
    """Whether some weekdays hold more of the days than by chance (chi-square, one in a thousand)."""
    there = np.bincount((possible + 3) % 7, minlength=7).astype(np.float64)
    seen = np.bincount((days + 3) % 7, minlength=7)
    kept = there > 0
    free = int(kept.sum()) - 1
    if free < 1:
        return False
    wanted = there[kept] * seen[kept].sum() / there.sum()
    distance = float(((seen[kept] - wanted) ** 2 / wanted).sum())
    ninth = 2 / (9 * free)  # Wilson and Hilferty: the cube root of a chi-square is almost normal
    return bool(distance > free * (1 - ninth + 3.09 * ninth**0.5) ** 3)
