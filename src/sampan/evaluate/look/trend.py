"""Trend: how far pairs of columns are from the real ones, over all pairs ("Trend" in the papers on tables).

Two numbers by half the difference of Pearson's r, any other pair by the total variation distance of its joint
table, in per cent (sdmetrics' CorrelationSimilarity and ContingencySimilarity, upside down). Numbers are cut
at edges of the seen column: see `sampan.evaluate.columns`, which also says why not at those of sdmetrics.
"""

from __future__ import annotations

import itertools

import numpy as np

from sampan.evaluate.columns import binned, correlations, levelled
from sampan.evaluate.look.chance import contest, contest_score, equal_rows, some
from sampan.evaluate.score import NAN, Score
from sampan.evaluate.sides import Sides, stacked

MARGIN = 0.5
"""Points above the floor that do not matter: half a row in a hundred lies in another cell, pair by pair."""

PART_MARGIN = 5.0
"""The same of one pair by itself: one row in twenty, or 0.1 of a correlation."""

MOST_COLUMNS = 100
"""Columns whose pairs are measured, drawn where there are more: 4,950 pairs."""

WATCHED_COLUMNS = 20
"""Columns whose pairs the decision rests on, drawn where there are more: 190 pairs, tallied 200 times."""


def trend(sides: Sides) -> list[Score]:
    """The score `trend`; parts: the 200 worst pairs; reference: independent columns."""
    rng = sides.rng("trend")
    names = list(sides.kinds)
    names = [names[i] for i in some(np.arange(len(names)), MOST_COLUMNS, rng)]
    if len(set(map(sides.owner, names))) < 2:
        return []
    both = stacked(*sides.each)
    seen = sides.seen.rows
    cells: list[np.ndarray] = []
    sizes: list[int] = []
    for name in names:
        column = both.column(name)
        cut = binned if sides.kinds[name] == "number" else levelled
        first, rest, size = cut(column[:seen], column[seen:])
        cells.append(np.concatenate([first, rest]))
        sizes.append(size)
    numbers = [place for place, name in enumerate(names) if sides.kinds[name] == "number"]
    values = np.column_stack([np.zeros((both.rows, 0)), *(both.numbers[names[place]] for place in numbers)])
    few = some(np.arange(len(names)), WATCHED_COLUMNS, rng)
    own = [sides.owner(name) for name in names]  # of two components of one column, likeness tells
    pairs = [(a, b) for a, b in itertools.combinations(range(len(names)), 2) if own[a] != own[b]]
    watched = np.array([i for i, (a, b) in enumerate(pairs) if a in few and b in few])

    def tally(rows: np.ndarray, only: bool) -> list[np.ndarray]:
        chosen = [i for i, place in enumerate(numbers) if not only or place in few]
        picked = {place: cells[place][rows] for place in (few if only else range(len(names)))}
        return tallied(picked, correlations(values[rows][:, chosen]), only)

    def tallied(picked: dict[int, np.ndarray], r: np.ndarray, only: bool) -> list[np.ndarray]:
        """Of every pair its correlation, or its joint table."""
        slot = {place: i for i, place in enumerate(place for place in numbers if place in picked)}
        out = []
        for a, b in (pairs[i] for i in watched) if only else pairs:
            if a in slot and b in slot:
                out.append(r[slot[a], slot[b]])
                continue
            cell = picked[a] * sizes[b] + picked[b]
            out.append(np.bincount(cell, minlength=sizes[a] * sizes[b]) / max(cell.size, 1))
        return out

    def gap(first: list[np.ndarray], second: list[np.ndarray], only: bool) -> np.ndarray:
        return np.array([50.0 * np.abs(p - q).sum() for p, q in zip(first, second, strict=True)])

    found = contest(sides.sizes, tally, gap, watched, rng)

    # independent columns: rows other than the seen ones where there are any, each column shuffled by itself
    start, count = (seen, sides.unseen.rows) if sides.unseen.rows else (0, seen)
    rows = equal_rows(sides.sizes, found.rows)
    one = some(np.arange(seen), rows, rng)
    other = some(np.arange(start, start + count), rows, rng)
    reference = NAN
    if one.size and other.size:
        loose = {place: rng.permutation(cells[place][other]) for place in range(len(names))}
        # no correlation is left between numbers but chance: 0 is told rather than drawn
        torn = tallied(loose, np.eye(len(numbers)), False)
        reference = float(np.mean(gap(tally(one, False), torn, False)))
    facts = {"pairs": float(len(pairs)), "columns": float(len(names))}
    told = [f"{names[a]} × {names[b]}" for a, b in pairs]
    return [contest_score("trend", found, told, MARGIN, PART_MARGIN, reference=reference, facts=facts)]
