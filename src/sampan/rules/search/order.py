"""Columns of which one is never above the other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from sampan.rules.search.candidate import Candidate
from sampan.rules.search.sheet import HEAD, SUPPORT, Sheet
from sampan.where.formula import Relation
from sampan.where.term import Of


def orders(sheet: Sheet) -> Iterator[Candidate]:
    """`high >= low` and `high > low`, of numbers, of moments, of stretches of time."""
    for kind in ("number", "moment", "duration"):
        names = [name for name in sheet.codes if sheet.cells[name].kind == kind and not sheet.is_flag(name)][
            : sheet.most[0]
        ]
        values = {name: sheet.cells[name].numbers for name in names}
        for low, high in itertools.permutations(names, 2):
            x, y = values[low], values[high]
            if (x[:HEAD] > y[:HEAD]).any() or (x > y).any():
                continue
            known = ~(np.isnan(x) | np.isnan(y))
            x, y = x[known], y[known]
            if x.size < SUPPORT:
                continue
            # how many rows would break it, were one of the two shuffled
            support = float(x.size - np.searchsorted(np.sort(x), y, side="right").mean())
            if support < SUPPORT or (x == y).all():
                continue
            # many rows at one smallest gap above 0 say that the two may not meet
            gap = y - x
            apart = gap.min() > 0 and (gap <= gap.min() * (1 + 1e-9)).sum() >= SUPPORT
            yield Candidate(Relation(Of(high), ">" if apart else ">=", Of(low)), support, 4)
