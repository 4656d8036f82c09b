"""What is zero, missing or said where another column says so.

if cancelled = false then fee = 0        and where it is true, more than nothing
if kind = cash then card is missing      and where it is not, there is one
debit = 0 or credit = 0                  either, or
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sampan.field import Compare, In, Missing
from sampan.rules.search.candidate import Candidate
from sampan.rules.search.sheet import SUPPORT, Sheet
from sampan.where.formula import Atom, Formula, Not, Or

FEW = 20
"""Values up to which each value of a column is asked what it goes with."""

CAUSES = 40
"""Columns that are asked, those with the fewest values first."""


LEAST = 0.003
"""Breaks that were expected, as a share of the rows: of fewer, nobody asks."""


@dataclass(frozen=True, eq=False)
class Sign:
    """Something that a row shows or does not: that k is v, that a is 0, below 0, missing.

    there: where it does. said: where it could: the cells that are not missing, or all. yes, no: the formulas.
    value: v, where it is one of k.
    """

    column: str
    there: np.ndarray
    said: np.ndarray
    yes: Formula
    no: Formula
    value: object = None


def together(sheet: Sheet, but: set[str]) -> Iterator[Candidate]:
    """What is zero or missing where another column says so. but: columns that are reckoned from others."""
    zeros = [_zero(sheet, name) for name in sheet.numbers if (sheet.numbers[name] == 0).any()]
    gaps = [_gap(sheet, name) for name in sheet.columns if sheet.cells[name].gone.any()]
    below = [_below(sheet, name) for name in sheet.numbers if _both_signs(sheet.numbers[name])]
    causes = [*_values(sheet), *zeros, *below, *(sign for sign in gaps if not sign.there.all())]
    enough = max(SUPPORT, LEAST * sheet.rows)
    same = {id(sign): id(sign) for sign in causes}
    for place, effect in enumerate(causes):
        if effect.column in but or effect.value is not None:
            continue
        alike: dict[str, list[tuple[Sign, float]]] = {}
        for other, cause in enumerate(causes):
            if effect.column == cause.column or same[id(effect)] == same[id(cause)]:
                continue  # what goes with one of those that always go together goes with all
            where, only = _goes_with(effect, cause)
            if where < enough:
                continue
            if only >= enough:
                if other < place:  # else it is told the other way round
                    yield Candidate(_if(cause.yes, effect.yes), where, 3)
                    yield Candidate(_if(cause.no, effect.no), only, 3)
                    same[id(effect)] = same[id(cause)]
                continue
            alike.setdefault(cause.column, []).append((cause, where))
        for several in alike.values():
            support = sum(where for _, where in several)
            yield Candidate(_if(_one_of([cause for cause, _ in several]), effect.yes), support, 3)
    yield from _either(zeros, but, enough)


def _goes_with(effect: Sign, cause: Sign) -> tuple[float, float]:
    """How many breaks luck would make of `where the cause is, the effect is`, of `only there`; or 0."""
    both = effect.said & cause.said
    count = float(both.sum())
    there, asked = effect.there & both, cause.there & both
    yes, no, spared = (there & asked).sum(), (asked & ~there).sum(), (there & ~asked).sum()
    if not count or not yes or no:
        return 0.0, 0.0
    # were the two shuffled, so many rows would break each half of the law
    return yes * (count - yes - spared) / count, 0.0 if spared else yes * (count - yes) / count


def _one_of(causes: list[Sign]) -> Formula:
    """That a column holds one of some values."""
    if len(causes) == 1:
        return causes[0].yes
    return Atom(causes[0].column, In(tuple(cause.value for cause in causes)))


def _if(condition: Formula, then: Formula) -> Formula:
    return Or((Not(condition), then))


def _zero(sheet: Sheet, name: str) -> Sign:
    values = sheet.numbers[name]
    yes, no = Atom(name, Compare("==", 0)), Atom(name, Compare("!=", 0))
    return Sign(name, values == 0, ~np.isnan(values), yes, no)


def _both_signs(values: np.ndarray) -> bool:
    return bool((values < 0).any() and (values > 0).any())


def _below(sheet: Sheet, name: str) -> Sign:
    values = sheet.numbers[name]
    yes, no = Atom(name, Compare("<", 0)), Atom(name, Compare(">=", 0))
    return Sign(name, values < 0, ~np.isnan(values), yes, no)


def _gap(sheet: Sheet, name: str) -> Sign:
    gone = sheet.cells[name].gone
    every = np.ones(gone.size, dtype=bool)
    return Sign(name, gone, every, Atom(name, Missing()), Atom(name, Missing(negated=True)))


def _values(sheet: Sheet) -> list[Sign]:
    """Each value of the columns with few."""
    sizes = {name: sheet.distinct(name) for name in sheet.codes if name not in sheet.moments}
    few = sorted((name for name in sizes if 2 <= sizes[name] <= FEW), key=lambda name: sizes[name])
    out = []
    for name in few[:CAUSES]:
        code, cells = sheet.codes[name], sheet.cells[name]
        for place in range(sizes[name]):
            first = int(np.flatnonzero(code == place)[0])
            value = sheet.plain(name, first)
            if cells.kind == "number" and value == 0 and not sheet.is_flag(name):
                continue  # that it is 0 is asked of every number
            yes, no = Atom(name, Compare("==", value)), Atom(name, Compare("!=", value))
            out.append(Sign(name, code == place, code >= 0, yes, no, value))
    return out


def _either(zeros: list[Sign], but: set[str], enough: float) -> Iterator[Candidate]:
    for a, b in itertools.combinations([sign for sign in zeros if sign.column not in but], 2):
        both = a.said & b.said
        x, y = both & ~a.there, both & ~b.there
        support = float(x.sum()) * float(y.sum()) / max(int(both.sum()), 1)
        if support >= enough and not (x & y).any():
            yield Candidate(Or((a.yes, b.yes)), support, 3)
        neither = float((both & ~x).sum()) * float((both & ~y).sum()) / max(int(both.sum()), 1)
        if neither >= enough and not (both & ~x & ~y).any():
            yield Candidate(Or((a.no, b.no)), neither, 3)
