"""What follows from other rules, and is not told again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from sampan.rules.rule import Fixes
from sampan.rules.search.candidate import Candidate
from sampan.rules.search.linear import Linear
from sampan.rules.search.near import NEAR
from sampan.rules.search.partly import partly
from sampan.rules.search.sheet import Sheet
from sampan.where.formula import Atom, Formula, Not, Or, Relation, asked
from sampan.where.reckoning import holds
from sampan.where.shown import show_term
from sampan.where.term import Apply, Of, Term, columns_of

MOST_FIXES = 500
"""Columns that fix another one, of which is found which follow from which; those of the greatest support."""

Step = tuple[frozenset[str], str]
"""From knowing some columns follows another."""


def least(found: Sequence[Candidate], sheet: Sheet) -> list[Candidate]:
    """The candidates without those that follow from the rest."""
    equations, steps, linear = _equations(
        [one for one in found if is_equation(one.claim) and one.share >= 1], sheet
    )
    reckoned = {asked(one.claim)[0] for one in equations}  # type: ignore[arg-type]
    parts = [one.claim.parts[1] for one in found if isinstance(one.claim, Or)]
    pieces = [claim for claim in parts if is_equation(claim)]
    reckoned |= {asked(claim)[0] for claim in pieces}
    steps += _of_ifs([one.claim for one in found if isinstance(one.claim, Or)], sheet)
    fixes = _fixes([one for one in found if isinstance(one.claim, Fixes)], reckoned, steps, linear, sheet)
    steps += [step for one in fixes for step in _of_fixes(one.claim)]  # type: ignore[arg-type]
    binding = [*(one.claim for one in equations), *pieces]
    near = [one for one in found if one.share < 1 and one.rank == NEAR]
    some = _some([one for one in found if one.share < 1 and one.rank != NEAR], binding, sheet)
    some = partly([*near, *some], sheet)
    orders = _orders([one for one in found if is_order(one.claim)], binding, sheet)
    ifs = [one for one in found if isinstance(one.claim, Or)]
    return [*equations, *fixes, *some, *orders, *_ifs(ifs, steps)]


def is_equation(claim: Formula | Fixes) -> bool:
    """Whether a claim says what a column equals."""
    return isinstance(claim, Relation) and claim.op == "=="


def is_order(claim: Formula | Fixes) -> bool:
    """Whether a claim says that a column is never below another."""
    return isinstance(claim, Relation) and claim.op in (">", ">=")


def closure(known: Iterable[str], steps: Sequence[Step], linear: Linear | None = None) -> set[str]:
    """All columns that follow from knowing some, step by step and by solving what is linear."""
    out = set(known)
    left = list(steps)
    while True:
        rest = [step for step in left if step[1] not in out]
        fresh = {made for need, made in rest if need <= out}
        if linear is not None:
            fresh |= {name for name in linear.bound - out if linear.determines(out, name)}
        if not fresh:
            return out
        out |= fresh
        left = rest


# --- equations
def _equations(found: list[Candidate], sheet: Sheet) -> tuple[list[Candidate], list[Step], Linear]:
    """The plainest first, each that binds columns not bound yet; and what follows from what by them."""
    kept: list[Candidate] = []
    steps: list[Step] = []
    linear = Linear(sheet)
    for one in sorted(found, key=lambda one: (one.rank, len(asked(one.claim)), -one.support)):  # type: ignore[arg-type]
        assert isinstance(one.claim, Relation)
        if not _bound(one.claim, steps) and linear.adds(one.claim):
            kept.append(one)
            steps += _of_equation(one.claim)
    return kept, steps, linear


def _bound(claim: Formula | Fixes, steps: Sequence[Step], linear: Linear | None = None) -> bool:
    """Whether one of the columns of a claim follows from the others already."""
    if isinstance(claim, Fixes):
        return claim.of in closure(_known(claim), steps, linear)
    columns = asked(claim)
    return any(name in closure(set(columns) - {name}, steps) for name in columns)


def _of_equation(claim: Relation) -> list[Step]:
    columns = [*columns_of(claim.left), *columns_of(claim.right)]
    every = frozenset(columns)
    made = list(columns_of(claim.left))
    if len(every) == len(columns) and _turns(claim.right):
        made = columns  # each of them follows from the rest
    steps = [(every - {name}, name) for name in made]
    if isinstance(claim.left, Of):  # a column that is the month of a day is its month wherever that is asked
        steps.append((frozenset((claim.left.column,)), show_term(claim.right)))
    return steps


def _turns(term: Term) -> bool:
    """Whether an equation can be solved for any of its columns."""
    match term:
        case Apply("+" | "-" | "*" | "/" | "neg" | "local" | "utc", parts):
            return all(map(_turns, parts))
        case Apply():
            return False
        case _:
            return True


# --- columns that fix others
def _fixes(
    found: list[Candidate], reckoned: set[str], steps: list[Step], linear: Linear, sheet: Sheet
) -> list[Candidate]:
    """A least set from which all others follow, with equations."""
    place = {name: i for i, name in enumerate(sheet.columns)}
    # an equation tells more than a table of values; it may also be one that cannot be turned round
    left = [one for one in found if one.claim.of not in reckoned]  # type: ignore[union-attr]
    left = [one for one in left if not _bound(one.claim, steps, linear)]
    left = sorted(left, key=lambda one: (one.rank, -one.support))[:MOST_FIXES]

    def plain(one: Candidate) -> tuple[int, int]:
        assert isinstance(one.claim, Fixes)
        return one.rank, sum(place[name] for name in (*one.claim.causes, one.claim.of))

    for one in sorted(left, key=plain, reverse=True):
        others = [step for two in left if two is not one for step in _of_fixes(two.claim)]  # type: ignore[arg-type]
        if _bound(one.claim, [*steps, *others], linear):
            left = [other for other in left if other is not one]
    return left


def _known(claim: Fixes) -> set[str]:
    """What is known beside it: parts of a moment under names of their own."""
    return {one if isinstance(one, str) else show_term(one) for one in claim.by}


def _of_fixes(claim: Fixes) -> list[Step]:
    parts = [(frozenset(columns_of(one)), show_term(one)) for one in claim.by if not isinstance(one, str)]
    return [*parts, (frozenset(_known(claim)), claim.of)]


# --- in some rows
def _some(found: list[Candidate], equations: Sequence[Formula | Fixes], sheet: Sheet) -> list[Candidate]:
    """Without those that hold where a factor is 1 or a part is 0, or where one that is plainer holds."""
    factors = Components(claim for claim in equations if not _is_sum(claim))
    kept: list[tuple[Candidate, np.ndarray]] = []
    for one in sorted(found, key=lambda one: (one.rank, -one.support)):
        assert isinstance(one.claim, Relation)
        columns = asked(one.claim)
        if len(columns) == 2 and factors.joined(*columns):
            continue
        true, _ = holds(one.claim, sheet.cells)
        plainer = any(set(asked(two.claim)) < set(columns) and _same(true, rows) for two, rows in kept)  # type: ignore[arg-type]
        if not plainer and not _idle(true, columns, sheet):
            kept.append((one, true))
    return [one for one, _ in kept]


def _same(rows: np.ndarray, others: np.ndarray) -> bool:
    """Whether nearly all of some rows are among others."""
    return (rows & others).sum() > 0.9 * rows.sum()


def _idle(rows: np.ndarray, columns: Sequence[str], sheet: Sheet) -> bool:
    """Whether some rows are those in which another column adds or multiplies nothing."""
    for name, values in sheet.numbers.items():
        for value in (0.0, 1.0) if name not in columns else ():
            there = values == value
            if _same(rows, there) and _same(there, rows):
                return True
    return False


def _is_sum(claim: Formula | Fixes) -> bool:
    return isinstance(claim, Relation) and any(
        isinstance(term, Apply) and term.op in ("+", "-") for term in (claim.left, claim.right)
    )


class Components:
    """Columns that equations bind together, directly or by others."""

    def __init__(self, claims: Iterable[Formula | Fixes]) -> None:
        self._root: dict[str, str] = {}
        for claim in claims:
            first, *others = asked(claim)  # type: ignore[arg-type]
            for other in others:
                self._root[self._find(other)] = self._find(first)

    def _find(self, name: str) -> str:
        while name in self._root and self._root[name] != name:
            name = self._root[name]
        return name

    def joined(self, a: str, b: str) -> bool:
        """Whether two columns are bound together."""
        return self._find(a) == self._find(b)


# --- orders
def _orders(found: list[Candidate], equations: Sequence[Formula | Fixes], sheet: Sheet) -> list[Candidate]:
    """Without those that follow from two others, from equal columns, or from how columns are reckoned.

    Of moments the order is told beside the stretch between them: people look for it.
    """
    twins = {claim.right.column for claim in equations if _twins(claim)}  # type: ignore[union-attr]
    numbers = Components(equations)
    moments = Components(claim for claim in equations if len(asked(claim)) == 2)  # type: ignore[arg-type]
    above: dict[str, dict[str, Candidate]] = {}
    for one in found:
        high, low = (side.column for side in (one.claim.left, one.claim.right))  # type: ignore[union-attr]
        if not {high, low} & twins:
            above.setdefault(low, {})[high] = one
    kept: list[Candidate] = []
    for low, others in above.items():
        bound = moments if low in sheet.moments else numbers
        for high, one in others.items():
            between = any(high in above.get(name, {}) for name in others)
            if not between and not bound.joined(low, high):
                kept.append(one)
    return kept


def _twins(claim: Formula | Fixes) -> bool:
    return isinstance(claim, Relation) and isinstance(claim.left, Of) and isinstance(claim.right, Of)


# --- if
def _ifs(found: list[Candidate], steps: Sequence[Step]) -> list[Candidate]:
    """Without those whose effect the cause fixes anyway, or of which a wider cause says the same."""
    kept: list[Candidate] = []
    causes: dict[str, set[str]] = {}
    for one in found:
        pair = _pair(one.claim)
        if pair is not None:
            causes.setdefault(pair[1], set()).add(pair[0])
    for one in found:
        pair = _pair(one.claim)
        if pair is not None:
            reach = closure({pair[0]}, steps)
            # a city that says its country says what the country says
            wider = causes[pair[1]] & reach - {pair[0]}
            if pair[1] in reach or any(pair[0] not in closure({name}, steps) for name in wider):
                continue
        kept.append(one)
    return kept


def _of_ifs(found: list[Or], sheet: Sheet) -> list[Step]:
    """A column of two values that is one of them exactly where another shows something follows from that."""
    pairs = [pair for pair in map(_pair, found) if pair is not None and sheet.distinct(pair[0]) == 2]
    return [
        (frozenset((effect,)), cause) for cause, effect in set(pairs) if pairs.count((cause, effect)) == 2
    ]


def _pair(claim: Formula | Fixes) -> tuple[str, str] | None:
    """The cause and the effect of an `if` between two columns' own values."""
    match claim:
        case Or((Not(Atom(cause)), Atom(effect))) if cause != effect:
            return cause, effect
        case _:
            return None
