"""Trend: how far pairs of columns are from the real ones, over all pairs ("Trend" in the papers on tables).

Two numbers by half the difference of Pearson's r, any other pair by the total variation distance of its joint
table, in per cent (sdmetrics' CorrelationSimilarity and ContingencySimilarity, upside down). Numbers are cut
at edges of the seen column: see `sampan.evaluate.columns`, which also says why not at those of sdmetrics.
"""

from __future__ import annotations

import itertools

import numpy as np

from sampan.evaluate.columns import binned, correlations, levelled
from sampan.evaluate.look.chance import contest, contest_score, dealt, equal_rows, some
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
    """The score `trend`; parts: the 200 worst pairs; reference: independent columns.

    Long because a figure, its floor, its interval and its parts are one computation.
    """
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
        match sides.kinds[name]:
            case "number":
                first, rest, size = binned(column[:seen], column[seen:])
            case "category":
                first, rest, size = levelled(column[:seen], column[seen:])
        cells.append(np.concatenate([first, rest]))
        sizes.append(size)
    numbers = [place for place, name in enumerate(names) if sides.kinds[name] == "number"]
    values = np.stack([both.numbers[names[place]] for place in numbers], axis=1) if numbers else None

    few = some(np.arange(len(names)), WATCHED_COLUMNS, rng)
    own = [sides.owner(name) for name in names]  # of two components of one column, likeness tells
    pairs = [(a, b) for a, b in itertools.combinations(range(len(names)), 2) if own[a] != own[b]]
    watched = np.array([i for i, (a, b) in enumerate(pairs) if a in few and b in few])
    few_pairs = [pairs[i] for i in watched]
    few_numbers = [place for place in numbers if place in few]
    slot_all = {place: i for i, place in enumerate(numbers)}
    slot_few = {place: i for i, place in enumerate(few_numbers)}
    chosen = np.array([slot_all[place] for place in few_numbers], dtype=np.int64)

    def tally(rows: np.ndarray, only: bool) -> tuple[np.ndarray, list[np.ndarray]]:
        picked = {place: cells[place][rows] for place in (few if only else range(len(names)))}
        return tallied(rows, only, picked)

    def tallied(
        rows: np.ndarray, only: bool, picked: dict[int, np.ndarray]
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        r = np.zeros((0, 0))
        if values is not None and (not only or chosen.size):
            r = correlations(values[np.ix_(rows, chosen)] if only else values[rows])
        joint = []
        for a, b in few_pairs if only else pairs:
            if a in slot_all and b in slot_all:
                joint.append(np.zeros(0))
                continue
            cell = picked[a] * sizes[b] + picked[b]
            joint.append(np.bincount(cell, minlength=sizes[a] * sizes[b]) / max(cell.size, 1))
        return r, joint

    def gap(
        first: tuple[np.ndarray, list[np.ndarray]], second: tuple[np.ndarray, list[np.ndarray]], only: bool
    ) -> np.ndarray:
        slot = slot_few if only else slot_all
        out = []
        for (a, b), p, q in zip(few_pairs if only else pairs, first[1], second[1], strict=True):
            if a in slot and b in slot:
                out.append(50.0 * abs(float(first[0][slot[a], slot[b]] - second[0][slot[a], slot[b]])))
            else:
                out.append(50.0 * float(np.abs(p - q).sum()))
        return np.array(out)

    sizes_of_sides = dealt(sides)
    found = contest(sizes_of_sides, tally, gap, watched, rng)

    # independent columns: rows other than the seen ones where there are any, each column shuffled by itself
    start, count = (seen, sides.unseen.rows) if sides.unseen.rows else (0, seen)
    rows = equal_rows(sizes_of_sides, found.rows)
    one = some(np.arange(seen), rows, rng)
    other = some(np.arange(start, start + count), rows, rng)
    reference = NAN
    if one.size and other.size:
        loose = {place: rng.permutation(cells[place][other]) for place in range(len(names))}
        # no correlation is left between numbers but chance: 0 is told rather than drawn
        _, joint = tallied(other, False, loose)
        reference = float(np.mean(gap(tally(one, False), (np.eye(len(numbers)), joint), False)))
    facts: dict[str, str | float] = {"pairs": float(len(pairs)), "columns": float(len(names))}
    return [
        contest_score(
            "trend",
            found,
            [f"{names[a]} × {names[b]}" for a, b in pairs],
            MARGIN,
            PART_MARGIN,
            reference=reference,
            facts=facts,
        )
    ]
