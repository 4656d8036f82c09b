"""Special values: what a cell is never, or always, where another column says so.

b is 0 where a is 0                 counts and their amounts
b is 0 where k = no, and only there a fee that only the cancelled pay
a is missing where b is             and only there
a and b are never both not 0        either, or
never missing                       in the columns that have no hole
multiples of 25, two decimals       what a number is written in
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.look.law import SUPPORT, Broken, Law
from sampan.evaluate.sides import Side, Sides

FEW = 20
"""Values of a category up to which each is asked what it goes with."""

CATEGORIES = 40
"""Categories that are asked, those with the fewest values first."""

MOST_DECIMALS = 6
"""Digits behind the point that a column may be written with to be a lattice."""

DAY = 86_400
"""Moments are counted in seconds."""

EXACT = 2.0**52
"""Above it not every whole number has a float of its own."""


@dataclass(frozen=True, eq=False)
class Sign:
    """Something that a row shows or does not: that k is v, that a is 0, that a is missing.

    effect, cause: the words for it where it follows from another one, and where another follows from it.
    there: where it does. said: where it could: the cells that are not missing, or all.
    """

    column: str
    effect: str
    cause: str
    there: Broken
    said: Broken


def specials(seen: Side, sides: Sides, names: Sequence[str]) -> list[Law]:
    """The laws of special values. names: the number columns."""
    return [
        *_where(seen, sides, names),
        *_either(seen, names),
        *_lattices(seen, names, frozenset(sides.ticks)),
        *_holes(seen, list(sides.kinds)),
    ]


# --- one thing where another is
def _where(seen: Side, sides: Sides, names: Sequence[str]) -> Iterator[Law]:
    zeros = [_zero(name) for name in names if (seen.numbers[name] == 0).any()]
    gaps = [_missing(name) for name in sides.kinds if seen.missing(name).any()]
    causes = [*_values(seen, sides), *zeros, *gaps]
    held = {id(sign): (sign.there(seen), sign.said(seen)) for sign in {*causes, *zeros, *gaps}}
    one: dict[int, int] = {}
    for effect, cause in itertools.product([*zeros, *gaps], causes):
        if effect.column == cause.column:
            continue
        (there, could), (asked, known) = held[id(effect)], held[id(cause)]
        both = could & known
        count = float(both.sum())
        yes, no = (there & asked & both).sum(), (~there & asked & both).sum()
        spared = (there & ~asked & both).sum()
        # were the two shuffled, so many rows would break each half of the law
        shown, rest = yes + spared, count - yes - spared
        if not count or not yes or no:
            continue
        where = (yes + no) * rest / count
        only = shown * (count - yes - no) / count
        told = f"{effect.column} {effect.effect} where {cause.column} {cause.cause}"
        columns = (cause.column, effect.column)
        first, second = (one.get(id(sign), id(sign)) for sign in (effect, cause))
        if first == second:
            continue  # what goes with one of those that always go together goes with all
        if not spared and only >= SUPPORT and where >= SUPPORT:
            for sign in (effect, cause, *(key for key in causes if one.get(id(key)) in (first, second))):
                one[id(sign)] = first
            yield Law(f"{told}, and only there", where + only, _apart(effect, cause, True), columns)
        elif where >= SUPPORT:
            yield Law(told, where, _apart(effect, cause, False), columns)


def _apart(effect: Sign, cause: Sign, only: bool) -> Broken:
    def broken(side: Side) -> np.ndarray:
        both = effect.said(side) & cause.said(side)
        there, asked = effect.there(side), cause.there(side)
        return both & ((there != asked) if only else (asked & ~there))

    return broken


def _values(seen: Side, sides: Sides) -> list[Sign]:
    """Each value of the categories with few."""
    sizes = {name: int(seen.codes[name].max(initial=-1)) + 1 for name in seen.codes}
    few = sorted((name for name in sizes if 2 <= sizes[name] <= FEW), key=lambda name: sizes[name])
    out = []
    for name in few[:CATEGORIES]:
        labels = sides.labels.get(name, [])
        for code in range(sizes[name]):
            label = labels[code] if code < len(labels) else code
            out.append(Sign(name, "", f"= {label}", _is(name, code), _known(name)))
    return out


def _zero(name: str) -> Sign:
    return Sign(name, "is 0", "is 0", lambda side: side.numbers[name] == 0, _known(name))


def _missing(name: str) -> Sign:
    gone = "is missing"
    return Sign(
        name, gone, gone, lambda side: side.missing(name), lambda side: np.ones(side.rows, dtype=bool)
    )


def _is(name: str, code: int) -> Broken:
    return lambda side: side.codes[name] == code


def _known(name: str) -> Broken:
    return lambda side: ~side.missing(name)


def _either(seen: Side, names: Sequence[str]) -> Iterator[Law]:
    there = {name: _counts(seen, name) for name in names}
    for a, b in itertools.combinations(names, 2):
        support = float(there[a].sum()) * float(there[b].sum()) / max(seen.rows, 1)
        if support >= SUPPORT and not (there[a] & there[b]).any():
            name = f"{a} and {b} are never both other than 0"
            yield Law(name, support, lambda side, a=a, b=b: _counts(side, a) & _counts(side, b), (a, b))


def _counts(side: Side, name: str) -> np.ndarray:
    """Where a number is there and not 0."""
    return (side.numbers[name] != 0) & ~np.isnan(side.numbers[name])


# --- what numbers are written in
def _lattices(seen: Side, names: Sequence[str], moments: frozenset[str]) -> Iterator[Law]:
    """Multiples of a step that is more than the last digit, and numbers of few decimals; of moments, days."""
    for name in names:
        cells = seen.numbers[name]
        there = cells[np.isfinite(cells)]
        if there.size < 2 * SUPPORT or np.unique(there).size < 3:
            continue
        for decimals in range(MOST_DECIMALS + 1):
            scaled = there * 10.0**decimals
            whole = np.round(scaled)
            if np.abs(whole).max() > EXACT / 4:
                break
            if np.abs(scaled - whole).max() > 1e-6 + 1e-9 * np.abs(scaled).max():
                continue
            unit = int(np.gcd.reduce(np.abs(whole).astype(np.int64)))
            if unit < 1:
                break
            step = unit / 10.0**decimals
            support = float(there.size) * (1.0 - 1.0 / unit) if unit > 1 else float(there.size)
            told = (
                f"multiples of {step:g}" if unit > 1 else f"at most {decimals} decimal{'s' * (decimals > 1)}"
            )
            if not decimals and unit == 1:
                told = "whole numbers"
            if name in moments:
                if unit % DAY or decimals:
                    break
                step, told = float(DAY), "whole days"
            if support >= SUPPORT:
                yield Law(f"{name}: {told}", support, _between_steps(name, step), (name,))
            break


def _between_steps(name: str, step: float) -> Broken:
    def broken(side: Side) -> np.ndarray:
        ratio = side.numbers[name] / step
        with np.errstate(invalid="ignore"):
            # numbers that a file kept in fewer digits lie a hair beside their step
            return np.abs(ratio - np.round(ratio)) > 1e-3 + 1e-7 * np.abs(ratio)

    return broken


# --- holes
def _holes(seen: Side, names: list[str], most: int = 5) -> Iterator[Law]:
    whole = [name for name in names if not seen.missing(name).any()]
    if whole and seen.rows >= SUPPORT:
        rest = f" and {len(whole) - most} more" if len(whole) > most else ""
        told = f"never missing: {', '.join(whole[:most])}{rest}"
        yield Law(told, float(seen.rows), lambda side: np.logical_or.reduce([side.missing(n) for n in whole]))
