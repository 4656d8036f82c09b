"""Scale: from where to where a score is drawn, on the page and in a figure."""

from __future__ import annotations

import math
from collections.abc import Iterable


def ends_of(figures: Iterable[float], floor: float, unit: str) -> tuple[float, float]:
    """The two ends of the scale of a score: those of what it holds, beside its floor; else of all it can be.

    figures: what is drawn on it, NaN where not known. floor: what real rows reach; where that is not known
    (or all is one and the same) the ends of what is drawn would say nothing.

    >>> ends_of((3.0, 2.0, 6.0), 4.0, "%"), ends_of((3.0, 2.0, 6.0), math.nan, "%")
    ((2.0, 6.0), (0.0, 100.0))
    >>> ends_of((0.7,), math.nan, ""), ends_of((1.0, 1.0), 1.0, ""), ends_of((30.0,), math.nan, "")
    ((0.0, 1.0), (0.0, 1.0), (0.0, 36.0))
    """
    known = [figure for figure in figures if math.isfinite(figure)]
    low, high = min(known), max(known)
    if math.isfinite(floor) and high > low:
        return low, high
    whole = 100.0 if unit in ("%", "points") else 1.0
    return min(0.0, low), whole if high <= whole else 1.2 * high
