"""Columns of which one, or two together, fix another: a code its name, a product its list price.

Whatever the number of codes: a column is asked where its values come back. (Discovery of dependencies:
Papenbrock et al. 2015; here the search ends at two columns on the left.)
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from sampan.rules.rule import Fixes
from sampan.rules.search.candidate import Candidate
from sampan.rules.search.sheet import HEAD, SUPPORT, Sheet, spread

PAIR_COLUMNS, PAIR_VALUES = 25, 2_000
"""Columns of which every two are asked together, those with the fewest values first, and how many at most."""

TRIALS, PAIR_TRIALS = 100, 1_000
"""Rows that hold what an earlier row held, in all of which the law was kept: of one that a row in a hundred
breaks so few would not do, when thousands of pairs are tried."""

CELLS = 50_000_000
"""Largest table from two values to a third."""


def dependences(sheet: Sheet) -> Iterator[Candidate]:
    """`code fixes name`, and `product, shop fixes price`."""
    names = list(sheet.codes)[: sheet.most[0]]
    codes = [sheet.codes[name] for name in names]
    sizes = [sheet.distinct(name) for name in names]
    apart = [spread(code) for code in codes]
    again = [_again(code) for code in codes]
    follows: set[tuple[int, int]] = set()
    for a, b in itertools.permutations(range(len(names)), 2):
        if min(again[a], again[a] * apart[b]) >= SUPPORT and sizes[a] >= sizes[b]:
            support = _support(codes[a], sizes[a], codes[b], TRIALS)
            if support >= SUPPORT:
                follows.add((a, b))
                yield Candidate(Fixes((names[a],), names[b]), support, 3)
    few = [i for i in range(len(names)) if sizes[i] <= PAIR_VALUES]
    few = sorted(sorted(few, key=lambda i: sizes[i])[:PAIR_COLUMNS])
    for a, b in itertools.combinations(few, 2):
        if (a, b) in follows or (b, a) in follows or sizes[a] * sizes[b] > CELLS:
            continue
        joint = np.where((codes[a] < 0) | (codes[b] < 0), -1, codes[a] * sizes[b] + codes[b])
        if _again(joint) < PAIR_TRIALS:
            continue
        for c in range(len(names)):
            if c not in (a, b) and (a, c) not in follows and (b, c) not in follows and apart[c] > 0.02:
                support = _support(joint, sizes[a] * sizes[b], codes[c], PAIR_TRIALS)
                if support >= SUPPORT:
                    yield Candidate(Fixes((names[a], names[b]), names[c]), support, 4)


def _again(code: np.ndarray) -> int:
    """Rows that hold what another row held before."""
    there = code[code >= 0]
    return there.size - np.unique(there).size


def _support(cause: np.ndarray, size: int, effect: np.ndarray, trials: int) -> float:
    """Breaks that luck would make where rows that agree in the one agree in the other; 0 where they do not.

    What always follows from a column's most frequent value says nothing of the others: its rows do not count.
    """
    known = (cause >= 0) & (effect >= 0)
    cause, effect = cause[known], effect[known]
    if cause.size < trials:
        return 0.0
    table = np.empty(size, dtype=np.int64)
    for rows in (HEAD, 10 * HEAD, cause.size):
        table[cause[:rows]] = effect[:rows]  # the last row of each value stays
        if (table[cause[:rows]] != effect[:rows]).any():
            return 0.0
    often = np.bincount(cause).argmax()
    telling = cause != often
    seen = _again(cause[telling])
    return seen * spread(effect[telling]) if seen >= trials else 0.0
