"""Steps: numbers that rise or fall with another one, without one exception: a grade with its marks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from sampan.evaluate.look.law import SUPPORT, Broken, Law
from sampan.evaluate.sides import Side, Sides

NUMBERS = 40
"""Number columns among which steps are looked for, the first ones."""

STEPS = (500, 5_000)
"""Rows on which a candidate is tried first: most fail there, and cost nothing more."""


def steps(seen: Side, sides: Sides, bound: Sequence[frozenset[str]]) -> Iterator[Law]:
    """c rises with a, or falls, without one exception. bound: columns of which a rule says more."""
    names = [name for name in sides.numbers if not np.isnan(seen.numbers[name]).all()][:NUMBERS]
    for a, c in itertools.permutations(names, 2):
        if any({a, c} <= columns for columns in bound):
            continue
        x, z = seen.numbers[a], seen.numbers[c]
        for told, sign in (("rises", 1.0), ("falls", -1.0)):
            if not all(_climbs(x[:rows], sign * z[:rows]) for rows in (*STEPS, len(x))):
                continue
            there = np.isfinite(x + z)
            # the finer column says of the coarser one where it must lie, not the other way round
            if np.unique(x[there]).size < np.unique(z[there]).size:
                continue
            broken = _between(x[there], z[there], a, c)
            shuffled = np.random.default_rng(len(z)).permutation(z[there])
            support = float(broken(Side(len(shuffled), {a: x[there], c: shuffled}, {})).sum())
            if support >= SUPPORT:
                yield Law(f"{c} {told} with {a}, without exception", support, broken)


def _climbs(x: np.ndarray, z: np.ndarray) -> bool:
    there = np.isfinite(x + z)
    x, z = x[there], z[there]
    if z.size < SUPPORT or z.min() == z.max() or x.min() == x.max():
        return False
    order = np.lexsort((z, x))
    return bool((np.diff(z[order]) >= 0).all())


def _between(x: np.ndarray, z: np.ndarray, a: str, c: str) -> Broken:
    """Broken where c lies outside what the seen rows on both sides of a hold."""
    order = np.argsort(x, kind="stable")
    steps, first = np.unique(x[order], return_index=True)
    low = np.minimum.reduceat(z[order], first)
    high = np.maximum.reduceat(z[order], first)

    def broken(side: Side) -> np.ndarray:
        at, held = side.numbers[a], side.numbers[c]
        left = (np.searchsorted(steps, at, side="right") - 1).clip(0)
        right = np.searchsorted(steps, at, side="left").clip(max=steps.size - 1)
        inside = (at >= steps[0]) & (at <= steps[-1])
        least, most = np.minimum(low[left], low[right]), np.maximum(high[left], high[right])
        return inside & ((held < least) | (held > most))

    return broken
