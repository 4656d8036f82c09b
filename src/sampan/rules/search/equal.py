"""Columns that say the same: in every row, a constant stretch apart, or in some rows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from sampan.rules.search.candidate import Candidate
from sampan.rules.search.sheet import HEAD, SUPPORT, Sheet, spread, variety
from sampan.where.formula import Relation
from sampan.where.term import Apply, Duration, Of, Term

LEAST_SHARE, LEAST_ROWS = 0.01, 50
"""Of rows in which something holds that does not hold in all."""

FREQUENT = 0.02
"""Share of rows from which a value is so frequent that two columns share it by luck."""

NEIGHBOURS = 12
"""Differences about 0 on either side, beside which 0 must stand out."""


def equal(sheet: Sheet) -> Iterator[Candidate]:
    """Columns equal in every row, each with the first that it equals; moments also at a constant distance."""
    twins: set[str] = set()
    names = list(sheet.codes)[: sheet.most[0]]
    for a, b in itertools.combinations(names, 2):
        x, y = sheet.cells[a], sheet.cells[b]
        if b in twins or x.kind != y.kind:
            continue
        known = ~(x.gone | y.gone)
        if x.kind == "moment":
            gap = (y.values - x.values)[known]
            if not gap.size or (gap[:HEAD] != gap[0]).any() or (gap != gap[0]).any():
                continue
            stretch = int(gap[0])
            other: Term = Of(a)
            if stretch:
                other = Apply("+" if stretch > 0 else "-", (Of(a), Duration(abs(stretch) / 1e6)))
        elif x.kind == "text" or (x.exact and y.exact and x.scale == y.scale):
            same = x.values == y.values
            if not same[:HEAD][known[:HEAD]].all() or not same[known].all():
                continue
            other = Of(a)
        else:
            first, second = x.numbers, y.numbers
            if not np.allclose(first[known], second[known], rtol=1e-9, atol=0):
                continue
            other = Of(a)
        support = float(known.sum()) * spread(sheet.codes[b][known])
        if support >= SUPPORT:
            twins.add(b)
            left, right = (Of(b), other) if not isinstance(other, Of) else (Of(a), Of(b))
            yield Candidate(Relation(left, "==", right), support)


def sometimes(sheet: Sheet, but: set[frozenset[str]]) -> Iterator[Candidate]:
    """Numbers and moments that are equal in some rows, by more than their likeness.

    but: pairs of which more is known already.
    """
    for a, b in itertools.combinations(list(sheet.numbers), 2):
        if frozenset((a, b)) not in but:
            yield from _spike(sheet, Relation(Of(a), "==", Of(b)), sheet.numbers[a], sheet.numbers[b])
    for a, b in itertools.combinations(list(sheet.moments), 2):
        if frozenset((a, b)) not in but:
            x, y = sheet.moments[a].numbers, sheet.moments[b].numbers
            yield from _spike(sheet, Relation(Of(a), "==", Of(b)), x, y)


def _spike(sheet: Sheet, claim: Relation, x: np.ndarray, y: np.ndarray) -> Iterator[Candidate]:
    found = stands_out(x, y)
    if found is not None:
        share, support = found
        yield Candidate(claim, support, 5, share)


def stands_out(x: np.ndarray, y: np.ndarray) -> tuple[float, float] | None:
    """The share of rows in which two columns agree, and its support; None where it is no more than likeness.

    What stands out is 0 among the differences: as often as it are all others near it not. Rows in which both
    hold a value that is frequent anyway (0) say nothing.
    """
    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    if x.size < 2 * LEAST_ROWS:
        return None
    same = near_zero(x - y, x)
    share = float(same.mean())
    if share < LEAST_SHARE or share > 0.999999:
        return None
    telling = same & ~(_frequent(x) | _frequent(y))
    count = int(telling.sum())
    if count < LEAST_ROWS or count < LEAST_SHARE * x.size:
        return None
    gaps, times = np.unique(np.round((x - y)[~same], 9), return_counts=True)
    place = int(np.searchsorted(gaps, 0.0))
    beside = times[max(place - NEIGHBOURS, 0) : place + NEIGHBOURS]
    most = int(beside.max(initial=0))
    if count < 5 * most + LEAST_ROWS:
        return None
    return share, count * variety(x[telling])


def near_zero(gap: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Where a difference is none but for what floats lose."""
    return np.abs(gap) <= 1e-9 * np.abs(size) + 1e-12


def _frequent(values: np.ndarray) -> np.ndarray:
    """Where a value stands that is frequent in its column."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    return (times >= FREQUENT * values.size)[place]
