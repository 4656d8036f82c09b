"""Sums, differences, products and shares among numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sampan.rules.search.candidate import Candidate, equation, half
from sampan.rules.search.equal import stands_out
from sampan.rules.search.sheet import HEAD, SUPPORT, Sheet, variety
from sampan.where.formula import Relation
from sampan.where.term import Apply, Number, Of, Term

FEWEST = 5
"""Values of a column that others make, and of one that makes it: flags do not; a rate may have two."""

HUGE = 1e100
"""Numbers whose products would overflow take no part."""

LONGEST = 60
"""Columns of which sums of any length are looked for."""

PARTIAL = 12
"""Columns among which sums are looked for that hold in some rows."""


@dataclass(frozen=True, slots=True)
class Form:
    """How two columns may make a third: the numbers, the term, and where both say something.

    turned: whether the two the other way round make another one.
    """

    make: Callable[[np.ndarray, np.ndarray], np.ndarray]
    term: Callable[[Term, Term], Term]
    idle: tuple[float, ...]
    turned: bool
    rank: int


def _apply(op: str) -> Callable[[Term, Term], Term]:
    return lambda a, b: Apply(op, (a, b))  # type: ignore[arg-type]


_ONE, _HUNDRED = Number(1), Number(100)
FORMS = (
    Form(np.add, _apply("+"), (0.0,), False, 0),
    Form(np.multiply, _apply("*"), (0.0, 1.0), False, 0),
    Form(np.divide, _apply("/"), (0.0, 1.0), True, 1),
    Form(np.minimum, _apply("min"), (), False, 2),
    Form(np.maximum, _apply("max"), (), False, 2),
    Form(lambda a, b: np.abs(a - b), lambda a, b: Apply("abs", (Apply("-", (a, b)),)), (0.0,), False, 2),
    Form(lambda a, b: a * (1 - b), lambda a, b: Apply("*", (a, Apply("-", (_ONE, b)))), (0.0,), True, 1),
    Form(lambda a, b: a * (1 + b), lambda a, b: Apply("*", (a, Apply("+", (_ONE, b)))), (0.0,), True, 1),
    Form(lambda a, b: a * b / 100, lambda a, b: Apply("/", (Apply("*", (a, b)), _HUNDRED)), (0.0,), False, 1),
    Form(
        lambda a, b: a * (1 - b / 100),
        lambda a, b: Apply("*", (a, Apply("-", (_ONE, Apply("/", (b, _HUNDRED)))))),
        (0.0,),
        True,
        1,
    ),
    Form(lambda a, b: a / b * 100, lambda a, b: Apply("*", (Apply("/", (a, b)), _HUNDRED)), (0.0,), True, 1),
)


def arithmetic(sheet: Sheet) -> Iterator[Candidate]:
    """Columns that two others make: a + b, a * b, a / b, the smaller of both, a * (1 - b), a * b / 100."""
    names = countable(sheet, 2)[: sheet.most[1]]
    many = {i for i, name in enumerate(names) if sheet.distinct(name) >= FEWEST}
    if len(names) < 3:
        return
    table = np.stack([sheet.numbers[name] for name in names], axis=1)
    head = table[:HEAD]
    reach = np.array([half(name, sheet) for name in names]) * (1 + 1e-6) + 1e-12
    seen: set[frozenset[str]] = set()
    for form in FORMS:
        every = itertools.permutations if form.turned else itertools.combinations
        for a, b in every(range(len(names)), 2):
            with np.errstate(all="ignore"):
                guess = form.make(head[:, a], head[:, b])
            guess = np.where(np.isfinite(guess), guess, np.nan)[:, None]
            off = np.abs(head - guess) > reach + 1e-9 * np.abs(guess)
            for c in np.flatnonzero(~off.any(axis=0)).tolist():
                three = frozenset((names[a], names[b], names[c]))
                if c in (a, b) or c not in many or three in seen or not many & {a, b}:
                    continue
                x, y, z = table[:, a], table[:, b], table[:, c]
                with np.errstate(all="ignore"):
                    whole = form.make(x, y)
                whole = np.where(np.isfinite(whole), whole, np.nan)
                if (np.abs(z - whole) > reach[c] + 1e-9 * np.abs(whole)).any():
                    continue
                tells = ~(np.isin(x, form.idle) | np.isin(y, form.idle) | np.isnan(x + y + z))
                if not form.idle:  # the smaller of both is now the one, now the other
                    tells &= ((z == x).sum() >= SUPPORT) & ((z == y).sum() >= SUPPORT) & (x != y)
                support = float(tells.sum()) * variety(z[tells])
                if support < SUPPORT:
                    continue
                term = form.term(Of(names[a]), Of(names[b]))
                claim = equation(names[c], term, sheet, _digits(names[c], sheet))
                if claim is not None:
                    seen.add(three)
                    yield Candidate(claim, support, form.rank)


def countable(sheet: Sheet, fewest: int = FEWEST) -> list[str]:
    """The columns that take part in arithmetic, of so many values at least."""
    out = []
    for name, values in sheet.numbers.items():
        there = values[~np.isnan(values)]
        usable = there.size and np.isfinite(there).all() and np.abs(there).max() < HUGE
        if usable and sheet.distinct(name) >= fewest:
            out.append(name)
    return out


def _digits(name: str, sheet: Sheet) -> int | None:
    cells = sheet.cells[name]
    return cells.scale if cells.exact else None


# --- sums of any length
def sums(sheet: Sheet, made: set[str]) -> Iterator[Candidate]:
    """Columns that are a sum of three others or more, each added or taken away.

    made: columns that other rules make, which are no parts of a sum.
    """
    names = [name for name in countable(sheet) if name not in made][:LONGEST]
    whole = (
        ~np.isnan(np.stack([sheet.numbers[name] for name in names], axis=1)).any(axis=1) if names else None
    )
    if whole is None or whole.sum() < 3 * len(names) + SUPPORT:
        return
    table = np.stack([sheet.numbers[name][whole][:4_000] for name in names], axis=1)
    left = list(range(len(names)))
    for target in sorted(range(len(names)), key=lambda i: -float(np.abs(table[:, i]).mean())):
        others = [i for i in left if i != target]
        weights = _weights(table[:, others], table[:, target], half(names[target], sheet))
        if weights is None:
            continue
        parts = [(names[i], weight) for i, weight in zip(others, weights, strict=True) if weight]
        if len(parts) < 3:
            continue
        parts.sort(key=lambda part: (part[1] < 0, names.index(part[0])))
        claim = equation(names[target], sum_of(parts), sheet, _digits(names[target], sheet))
        if claim is not None:
            left.remove(target)
            yield Candidate(claim, float(whole.sum()) * variety(table[:, target]), 1)


def _weights(parts: np.ndarray, total: np.ndarray, reach: float) -> list[int] | None:
    """By what each part counts in a total, -1, 0 or 1; None where there is no such sum."""
    size = np.abs(parts).max(axis=0)
    size[size == 0] = 1.0
    weights, _, rank, _ = np.linalg.lstsq(parts / size, total, rcond=1e-10)
    if rank < parts.shape[1]:
        return None
    weights = weights / size
    whole = np.round(weights)
    if (
        np.abs(whole).max(initial=0) > 1
        or np.abs(parts @ whole - total).max() > reach + 1e-9 * np.abs(total).max()
    ):
        return None
    return [int(weight) for weight in whole]


def sum_of(parts: list[tuple[str, int]]) -> Term:
    """Columns added and taken away, one after another."""
    (first, sign), *rest = parts
    out: Term = Of(first) if sign > 0 else Apply("neg", (Of(first),))
    for name, sign in rest:
        out = Apply("+" if sign > 0 else "-", (out, Of(name)))
    return out


# --- sums that hold in some rows
def partial_sums(sheet: Sheet, made: set[str]) -> Iterator[Candidate]:
    """Columns that are a sum of two or three others in some rows, by more than their likeness."""
    names = [name for name in countable(sheet) if name not in made and sheet.distinct(name) >= 50][:PARTIAL]
    seen: set[frozenset[str]] = set()
    for size in (2, 3):
        for target in names:
            for parts in itertools.combinations([name for name in names if name != target], size):
                three = frozenset((target, *parts))
                if any(known <= three for known in seen):
                    continue
                for signs in itertools.product((1, -1), repeat=size - 1):
                    if size == 2 and signs == (-1,):
                        continue  # a = b - c is b = a + c, which is tried as such
                    found = _partial(sheet, target, parts, (1, *signs))
                    if found is not None:
                        seen.add(three)
                        yield found
                        break


def _partial(sheet: Sheet, target: str, parts: tuple[str, ...], signs: tuple[int, ...]) -> Candidate | None:
    total = sheet.numbers[target]
    head = slice(0, 5 * HEAD)
    guess = sum(sign * sheet.numbers[name][head] for name, sign in zip(parts, signs, strict=True))
    known = ~np.isnan(guess + total[head])
    if (np.abs(guess - total[head])[known] <= 1e-9 * np.abs(total[head][known]) + 1e-9).mean() < 0.01:
        return None
    columns = np.stack([sheet.numbers[name] for name in parts])
    guess = np.where((columns == 0).any(axis=0), np.nan, np.array(signs) @ columns)
    # where a part is nothing, the sum is one of fewer
    found = stands_out(total, guess)
    if found is None or found[1] < SUPPORT:
        return None
    ordered = sorted(zip(parts, signs, strict=True), key=lambda part: part[1] < 0)
    return Candidate(Relation(Of(target), "==", sum_of(ordered)), found[1], 6, found[0])
