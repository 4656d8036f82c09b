"""Special values: what a column is written in, where it is never missing, which values never meet.

multiples of 25, two decimals       what a number is written in
never missing                       in the columns that have no hole
pairs that never occur              of the values of two categories
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from sampan.evaluate.look.law import SUPPORT, Broken, Law
from sampan.evaluate.sides import Side, Sides

CATEGORIES, FEW = 30, 250
"""Categories of which every two are asked which of their values meet, those with the fewest, and how many
values at most."""

MOST_DECIMALS = 6
"""Digits behind the point that a column may be written with to be a lattice."""

DAY = 86_400
"""Moments are counted in seconds."""

EXACT = 2.0**52
"""Above it not every whole number has a float of its own."""


def specials(seen: Side, sides: Sides) -> list[Law]:
    """The laws of special values."""
    return [
        *_lattices(seen, sides.numbers, frozenset(sides.ticks)),
        *_holes(seen, list(sides.kinds)),
        *_never_together(seen, sides),
    ]


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
                yield Law(f"{name}: {told}", support, _between_steps(name, step))
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


# --- values that never meet
def _never_together(seen: Side, sides: Sides) -> Iterator[Law]:
    """Two categories' values that should meet SUPPORT times by chance and never do."""
    sizes = {name: int(seen.codes[name].max(initial=-1)) + 2 for name in sides.categories}
    few = sorted((name for name in sizes if sizes[name] <= FEW), key=lambda name: sizes[name])[:CATEGORIES]
    for a, b in itertools.combinations(few, 2):
        joint = (seen.codes[a] + 1) * sizes[b] + seen.codes[b] + 1
        counts = np.bincount(joint, minlength=sizes[a] * sizes[b]).reshape(sizes[a], sizes[b])
        wanted = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / max(seen.rows, 1)
        never = (counts == 0) & (wanted >= SUPPORT)
        if never.any():
            yield Law(f"{a} and {b}: pairs that never occur", float(wanted[never].sum()), _met(a, b, never))


def _met(a: str, b: str, never: np.ndarray) -> Broken:
    def broken(side: Side) -> np.ndarray:
        first, second = side.codes[a] + 1, side.codes[b] + 1
        known = (first < never.shape[0]) & (second < never.shape[1])
        return known & never[np.where(known, first, 0), np.where(known, second, 0)]

    return broken
