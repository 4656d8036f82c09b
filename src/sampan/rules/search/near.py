"""Sums that hold nearly: a balance is the last one, less what was paid, plus what was bought and interest.

What is left of such a sum is small beside all of its columns, and nothing in some rows. The sums are looked
for in the covariances of the columns alone, a few of the best so far at a time: what is added or taken away
must leave ever less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from sampan.rules.search.arithmetic import LONGEST, countable, sum_of
from sampan.rules.search.candidate import Candidate
from sampan.rules.search.equal import LEAST_ROWS, LEAST_SHARE, near_zero
from sampan.rules.search.sheet import Sheet, variety
from sampan.rules.solved import parts_of, solved
from sampan.where.formula import Relation
from sampan.where.term import Of, columns_of

SMALL = 0.15
"""Of the spread of each column of a sum, the most that what is left of it may be spread."""

BEST = 8
"""Sums that are tried further, of each number of columns."""

MOST = 5
"""Columns beside the first."""

ROWS = 4_000
"""Rows from which covariances are told."""

NEAR = 4
"""How plain such a sum is."""

Weights = tuple[int, ...]


def near_sums(sheet: Sheet, made: set[str]) -> Iterator[Candidate]:
    """The sums of three columns or more that hold nearly, and wholly in some rows.

    made: columns that other rules make, which are no parts of a sum.
    """
    names = [name for name in countable(sheet) if name not in made and sheet.distinct(name) >= LEAST_ROWS]
    names = names[:LONGEST]
    if len(names) < 3:
        return
    table = np.stack([sheet.numbers[name] for name in names], axis=1)
    rows = np.flatnonzero(~np.isnan(table).any(axis=1))[:ROWS]
    if rows.size < 2 * LEAST_ROWS:
        return
    size = np.abs(table[rows]).max(axis=0).max() or 1.0
    cover = np.cov(table[rows] / size, rowvar=False)
    seen: list[frozenset[int]] = []
    found = {weights for start in range(len(names)) for weights in _grown(cover, start)}
    for weights in sorted(found, key=lambda one: (np.abs(one).sum(), one)):
        members = frozenset(np.flatnonzero(weights).tolist())
        if any(other <= members for other in seen):
            continue
        one = _candidate(sheet, names, np.array(weights))
        if one is not None:
            seen.append(members)
            yield one


def _grown(cover: np.ndarray, start: int) -> Iterator[Weights]:
    """The sums that begin with a column and leave little: how often each column counts, -1, 0 or 1."""
    first = np.zeros(len(cover), dtype=np.int64)
    first[start] = 1
    beam, own = [first], np.diag(cover)
    for _ in range(MOST):
        grown: dict[Weights, float] = {}
        for weights in beam:
            left, with_each = weights @ cover @ weights, cover @ weights
            for sign in (1, -1):
                left_then = left + 2 * sign * with_each + own
                left_then[weights != 0] = np.inf
                for place in np.argsort(left_then)[:BEST].tolist():
                    if left_then[place] < left:
                        more = weights.copy()
                        more[place] = sign
                        grown[tuple(more.tolist())] = float(left_then[place])
        best = sorted(grown, key=lambda one: grown[one])[:BEST]
        beam = [np.array(one) for one in best]
        for one in best:
            least = own[np.flatnonzero(one)].min()
            if np.count_nonzero(one) >= 3 and grown[one] < SMALL**2 * least:
                ends = np.flatnonzero(one)
                yield one if one[ends[-1]] > 0 else tuple(-weight for weight in one)


def _candidate(sheet: Sheet, names: list[str], weights: np.ndarray) -> Candidate | None:
    """A sum as what its last column is, which is read after what it follows from."""
    places = np.flatnonzero(weights).tolist()
    target = names[places[-1]]
    parts = [(names[place], -int(weights[place])) for place in places[:-1]]
    parts.sort(key=lambda part: part[1] < 0)
    if parts[0][1] < 0:
        return None
    total = sheet.numbers[target]
    rest = total - sum(sign * sheet.numbers[name] for name, sign in parts)
    known = ~np.isnan(rest)
    same = near_zero(rest, np.maximum(np.abs(total), sum(np.abs(sheet.numbers[name]) for name, _ in parts)))
    count, share = int(same[known].sum()), float(same[known].mean())
    if count < LEAST_ROWS or not LEAST_SHARE <= share < 1:
        return None
    ordered = _read(parts, names)
    return Candidate(Relation(Of(target), "==", sum_of(ordered)), count * variety(total[same]), NEAR, share)


def turned_sums(one: Candidate, sheet: Sheet) -> list[Candidate]:
    """The sum as what each of its columns is: first the last one of the table, then those that vary most."""
    claim = one.claim
    assert isinstance(claim, Relation) and isinstance(claim.left, Of)
    names = list(sheet.numbers)
    out = [one]
    others = sorted({*columns_of(claim.right)}, key=lambda name: -float(np.nanstd(sheet.numbers[name])))
    for name in others:
        found = solved(claim, name)
        if found is not None:
            parts = _read(parts_of(found[0]), names)
            out.append(replace(one, claim=Relation(Of(name), "==", sum_of(parts))))
    return out


def _read(parts: list[tuple[str, int]], names: list[str]) -> list[tuple[str, int]]:
    """The parts as they are read: in the order of the table, from the first that is added on."""
    ordered = sorted(parts, key=lambda part: names.index(part[0]))
    first = next(part for part in ordered if part[1] > 0)
    return [first, *(part for part in ordered if part is not first)]
