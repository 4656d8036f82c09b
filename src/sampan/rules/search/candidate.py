"""Candidate: a rule that holds in the sample, before it is tried on every row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sampan.rules.rule import Fixes
from sampan.rules.search.sheet import Sheet
from sampan.where.formula import Formula, Relation
from sampan.where.reckoning import holds
from sampan.where.term import Apply, Number, Of, Term


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may hold, how many breaks were expected by luck, and how plain it is (0: plainest).

    share: of the rows that say something, those for which it holds; 1 unless it is a rule of some rows.
    rows: in how many of the whole table, once that is known.
    """

    claim: Formula | Fixes
    support: float
    rank: int = 0
    share: float = 1.0
    rows: int = 0


def true_of(relation: Relation, sheet: Sheet) -> bool:
    """Whether a relation holds in every row of a sheet that says something of it, and one does."""
    true, known = holds(relation, sheet.cells)
    return bool(known.any()) and bool(true[known].all())


def equation(target: str, term: Term, sheet: Sheet, digits: int | None) -> Relation | None:
    """`target = term`, or `target = round(term, digits)`, whichever holds; None where neither does."""
    plain = Relation(Of(target), "==", term)
    if true_of(plain, sheet):
        return plain
    if digits is None:
        return None
    rounded = Relation(Of(target), "==", Apply("round", (term, Number(digits))))
    return rounded if true_of(rounded, sheet) else None


def half(name: str, sheet: Sheet) -> float:
    """Half of the last digit that a column is written with, which rounding moves at most; else 0."""
    cells = sheet.cells[name]
    return 0.5 * 10.0**-cells.scale if cells.exact else 0.0


def near(values: np.ndarray, guess: np.ndarray, reach: float) -> np.ndarray:
    """Where two lie within a reach, and what floats lose; so also where one is missing."""
    return ~(np.abs(values - guess) > reach + 1e-9 * np.abs(guess) + 1e-12)


def roundest(low: float, high: float) -> float | None:
    """The number of the fewest digits from low to high; None where they cross.

    >>> roundest(0.04996, 0.05003), roundest(7_050.0, 7_110.0), roundest(2.0, 1.0)
    (0.05, 7100.0, None)
    """
    if not low <= high:
        return None
    middle = (low + high) / 2
    for digits in range(1, 16):
        for value in (middle, low, high):
            tried = float(f"{value:.{digits}g}")
            if low <= tried <= high:
                return tried
    return middle
