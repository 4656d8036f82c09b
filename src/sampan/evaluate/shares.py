"""Shares of rows: their interval, and whether one is larger than another by more than luck."""

from __future__ import annotations

import math

from sampan.evaluate.score import NAN


def percent(count: int, of: int) -> float:
    """A share in per cent; NaN of nothing.

    >>> percent(1, 4)
    25.0
    """
    return 100.0 * count / of if of else NAN


def wilson(hits: int, rows: int) -> tuple[float, float]:
    """The 95 % interval of a share, in per cent (Wilson 1927); NaN of no rows.

    A bootstrap would make it a point where no row is a hit.

    >>> [round(end, 1) for end in wilson(0, 100)]
    [0.0, 3.7]
    """
    if not rows:
        return NAN, NAN
    share, z = hits / rows, 1.96
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    # the ends meet the share itself at 0 and 1, but for the last digit
    return 100.0 * max(0.0, min(share, middle - half)), 100.0 * min(1.0, max(share, middle + half))


def fisher(hits: int, rows: int, other_hits: int, other_rows: int) -> float:
    """The chance of at least so many hits among the first rows, were hits dealt out blindly (Fisher 1935).

    >>> round(fisher(3, 3, 0, 3), 3)
    0.05
    """
    total = hits + other_hits
    whole = _log_choose(rows + other_rows, total)
    tail = (
        math.exp(_log_choose(rows, k) + _log_choose(other_rows, total - k) - whole)
        for k in range(max(hits, total - other_rows), min(rows, total) + 1)
    )
    return min(1.0, math.fsum(tail))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
