"""What holds where another column says so: an equation of one kind of rows, the last day of a month.

if kind = refund then amount < 0           (`together`)
if place = abroad then total = net * 1.2
if month = 2 then day <= 29
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from sampan.column import take
from sampan.field import Compare, In
from sampan.rules.search.arithmetic import arithmetic, countable
from sampan.rules.search.candidate import Candidate
from sampan.rules.search.equal import equal
from sampan.rules.search.line import lines
from sampan.rules.search.sheet import SUPPORT, Sheet
from sampan.where.formula import Atom, Formula, Not, Or, Relation, asked

KINDS, VALUES = 4, 6
"""Columns whose values part the rows, those with the fewest, and how many values each has at most."""

FEWEST, MOST = 100, 4_000
"""Rows of one value among which something is looked for."""

NUMBERS = 10
"""Columns of numbers and moments that are looked at in each part."""

EDGE_VALUES, CAUSE_VALUES = (10, 60), 40
"""Values of a column of whole numbers whose largest is looked for (of fewer, it is a code); and of a
column on which it may depend, at most."""

PILE = 0.015
"""Share of the rows of one value that lie on the edge: where fewer do, it is the end of a tail."""


def within(sheet: Sheet, known: set[frozenset[str]], made: set[str]) -> Iterator[Candidate]:
    """Equations that hold where a column of few values has one of them. known: pairs of which more is known.

    made: columns that are reckoned anyway.
    """
    names = [name for name in countable(sheet, 2) if name not in made][:NUMBERS]
    names += [name for name in sheet.moments if name not in made][: NUMBERS // 4]
    if len(names) < 2:
        return
    sizes = {name: sheet.distinct(name) for name in sheet.codes if name not in sheet.moments}
    kinds = sorted((name for name in sizes if 2 <= sizes[name] <= VALUES), key=lambda name: sizes[name])
    for kind in kinds[:KINDS]:
        code = sheet.codes[kind]
        for place in range(sizes[kind]):
            rows = np.flatnonzero(code == place)
            if rows.size < FEWEST:
                continue
            part = Sheet(
                {name: take(sheet.columns[name], rows) for name in names if name != kind}, sheet.most
            )
            condition = Atom(kind, Compare("==", sheet.plain(kind, int(rows[0]))))
            best: dict[frozenset[str], Candidate] = {}
            for one in itertools.chain(equal(part), arithmetic(part), lines(part)):
                assert isinstance(one.claim, Relation)
                columns = frozenset(asked(one.claim))
                if any(pair <= columns for pair in known):
                    continue
                if columns not in best or one.rank < best[columns].rank:
                    best[columns] = Candidate(Or((Not(condition), one.claim)), one.support, one.rank)
            yield from best.values()


def edges(sheet: Sheet) -> Iterator[Candidate]:
    """`if month = 2 then day <= 29`: whole numbers that end earlier beside some value of another column."""
    whole = [name for name in sheet.numbers if _is_whole(sheet, name)]
    effects = [name for name in whole if EDGE_VALUES[0] <= sheet.distinct(name) <= EDGE_VALUES[1]]
    causes = [
        name
        for name in sheet.codes
        if 3 <= sheet.distinct(name) <= CAUSE_VALUES and name not in sheet.moments
    ]
    causes = [name for name in causes if name in whole or name not in sheet.numbers]
    for cause, effect in itertools.product(causes[: sheet.most[1]], effects[: sheet.most[1]]):
        if cause != effect:
            yield from _edge(sheet, cause, effect)


def _is_whole(sheet: Sheet, name: str) -> bool:
    cells = sheet.cells[name]
    return cells.exact and not cells.scale


def _edge(sheet: Sheet, cause: str, effect: str) -> Iterator[Candidate]:
    code, values = sheet.codes[cause], sheet.numbers[effect]
    known = (code >= 0) & ~np.isnan(values)
    code, values = code[known], values[known]
    for sign, op in ((1.0, "<="), (-1.0, ">=")):
        found: dict[float, list[tuple[object, float]]] = {}
        for place in range(sheet.distinct(cause)):
            own = sign * values[code == place]
            if own.size < FEWEST:
                continue
            edge = float(own.max())
            beyond = own.size * float((sign * values > edge).mean())
            if beyond >= SUPPORT and (own == edge).sum() >= max(SUPPORT / 3, PILE * own.size):
                row = int(np.flatnonzero(known)[np.flatnonzero(code == place)[0]])
                found.setdefault(sign * edge, []).append((sheet.plain(cause, row), beyond))
        for edge, several in found.items():
            value = int(edge)
            then = Atom(effect, Compare(op, value))
            yield Candidate(
                Or((Not(_one_of(cause, [one for one, _ in several])), then)), sum(n for _, n in several), 4
            )


def _one_of(column: str, values: list[object]) -> Formula:
    return Atom(column, Compare("==", values[0]) if len(values) == 1 else In(tuple(values)))
