"""Rules found in a table: looked for in a sample of its rows, confirmed in all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from sampan.column import Column, take
from sampan.rules.rule import Fixes, Rule
from sampan.rules.search.arithmetic import arithmetic, partial_sums, sums
from sampan.rules.search.calendar import clocks, labels, parts, spans
from sampan.rules.search.candidate import Candidate
from sampan.rules.search.equal import equal, sometimes
from sampan.rules.search.fixes import dependences
from sampan.rules.search.implied import least
from sampan.rules.search.line import capped, lines, ratios
from sampan.rules.search.near import near_sums
from sampan.rules.search.order import orders
from sampan.rules.search.sheet import Sheet
from sampan.rules.search.together import together
from sampan.rules.search.within import edges, within
from sampan.rules.truth import truth
from sampan.where.formula import Formula, Relation, asked
from sampan.where.quantity import Quantities
from sampan.where.term import Of

SAMPLE = 20_000
"""Rows in which rules are looked for."""

FEWEST = 50
"""Rows of a table in which none is looked for."""

PATIENT = 30
"""Columns in threes from which there is time to look at the rows of each kind by themselves."""

MOST_PAIRS, MOST_THREES = 150, 40
"""Columns that are looked at in pairs, and in threes, where there is time."""


def found(columns: Mapping[str, Column], rng: np.random.Generator, seconds: float = 20.0) -> list[Rule]:
    """What holds between the columns of a table, in all rows or in a share of them; none where all is chance.

    columns: of plain numbers, dates, flags and text. seconds: how long may be looked for it; few make the
    search look at fewer columns together.
    """
    rows = max((len(column) for column in columns.values()), default=0)
    if rows < FEWEST or len(columns) < 2:
        return []
    looked = np.arange(rows) if rows <= SAMPLE else np.sort(rng.choice(rows, SAMPLE, replace=False))
    sample = dict(columns) if rows <= SAMPLE else {name: take(one, looked) for name, one in columns.items()}
    sheet = Sheet(sample, _most(seconds))
    cells = Quantities(columns) if rows > SAMPLE else sheet.cells
    confirmed: list[Candidate] = []
    for one in _candidates(sheet):
        true, known = truth(one.claim, columns, cells)
        says = int(known.sum())
        share = float(true[known].sum()) / says if says else 0.0
        if (share == 1.0) if one.share == 1 else (0 < share < 1):
            confirmed.append(replace(one, share=share, rows=int(true[known].sum())))
    return [Rule(one.claim, one.share, one.rows) for one in least(confirmed, sheet)]


def _most(seconds: float) -> tuple[int, int]:
    """How many columns are looked at in pairs and in threes, so that it takes so long at most."""
    time = max(seconds, 0.1)
    return min(max(int(48 * time**0.4), 60), MOST_PAIRS), min(max(int(22 * time**0.25), 24), MOST_THREES)


def _candidates(sheet: Sheet) -> Iterator[Candidate]:
    """Everything that holds in the sample, the plainest kinds first."""
    known: set[frozenset[str]] = set()
    made: set[str] = set()
    for search in (equal, arithmetic, lines, spans, parts):
        for one in search(sheet):
            assert not isinstance(one.claim, Fixes)
            yield one
            _note(one.claim, known, made)
    for search in (lambda: sums(sheet, made), lambda: capped(sheet, known), lambda: clocks(sheet, known)):
        for one in search():
            yield one
            assert not isinstance(one.claim, Fixes)
            _note(one.claim, known, made)
    for search in (
        lambda: labels(sheet, made),
        lambda: sometimes(sheet, known),
        lambda: ratios(sheet, known),
    ):
        yield from search()
    yield from near_sums(sheet, made)
    yield from partial_sums(sheet, made)
    yield from dependences(sheet)
    yield from orders(sheet)
    yield from together(sheet, made)
    yield from edges(sheet)
    if sheet.most[1] >= PATIENT:
        yield from within(sheet, known, made)


def _note(claim: Formula, known: set[frozenset[str]], made: set[str]) -> None:
    """Remember which columns are bound, and which one is reckoned."""
    names = asked(claim)
    if len(names) == 2:
        known.add(frozenset(names))
    match claim:
        case Relation(Of(), "==", Of(twin)):
            made.add(twin)
        case Relation(_, "==", _):
            made.add(names[0])
