"""Singling out: does a description read off the made rows fit exactly one person who was learned from?

The attacker describes a made row by a few of its cells so that no other made row fits, and guesses that
exactly one real person does (Giomi et al. 2023). Three kinds of description: one column ("the only one aged
97"); a few columns, numbers as "at least" or "at most"; and every column, numbers to within one per cent of
all rows. The third is not the paper's: the first two hardly notice whole rows that were copied.

A made number that is always one which a learned row held is a true finding of the first kind, wherever most
people's numbers are their own.
"""

from __future__ import annotations

import numpy as np

from sampan.evaluate.found.risk import Tries, leak, risk
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides

GUESSES = 1_000
"""Descriptions of each kind: a risk of 1 % is then ten of them."""

DRAWS = 5
"""Made rows described for each description wanted: of a few columns most fit several rows."""

MOST_ROWS = 20_000
"""Rows of each side in which a description is looked up."""

FEW_COLUMNS = 4
"""Columns of a description in the middle: what people are likely to know of somebody."""

WIDTH = 0.01
"""Half the width of a number in a full description, as a share of the rows."""

Description = list[tuple[str, float, float]]
"""Column, lowest and highest value: a row fits where all hold. A category is its code twice."""


def singling_out(sides: Sides) -> list[Score]:
    """The score singling_out: the risk, in per cent, of the worst kind of description."""
    if not sides.seen.rows or not sides.made.rows or not sides.unseen.rows or not sides.kinds:
        return []
    rng = sides.rng("singling out")
    rows = min(sides.seen.rows, sides.unseen.rows, MOST_ROWS)
    seen, unseen = sides.seen.some(rows, rng), sides.unseen.some(rows, rng)
    both = leak(sides.made, sides.seen, rows, rng)
    order, names = np.arange(both.rows.rows), list(sides.kinds)
    ranked = {}
    for name in sides.numbers:
        values = np.concatenate([seen.numbers[name], unseen.numbers[name]])
        ranked[name] = np.sort(values[~np.isnan(values)])
    attacks: dict[str, list[Tries]] = {"one column": [], "a few columns": [], "all columns": []}
    for made in (both.rows.take(order[both.plain]), both.rows.take(order[both.leaky])):
        attacks["one column"].append(_tried(_single(made, rng), seen, unseen))
        for title, width in (("a few columns", FEW_COLUMNS), ("all columns", len(names))):
            guesses: list[Description] = []
            for row in rng.permutation(made.rows)[: DRAWS * GUESSES]:
                columns = [names[place] for place in rng.permutation(len(names))[:width]]
                guess = _described(made, row, columns, ranked, title == "all columns")
                if len(_fitting(guess, made)) == 1:
                    guesses.append(guess)
                if len(guesses) == GUESSES:
                    break
            attacks[title].append(_tried(guesses, seen, unseen))
    return [risk("singling_out", {title: (two[0], two[1]) for title, two in attacks.items()}, rows)]


def _single(made: Side, rng: np.random.Generator) -> list[Description]:
    """Values that one made row alone holds, and both ends of every number; some of them where many."""
    found: Description = []
    for name in (*made.numbers, *made.codes):
        cells = made.column(name)[~made.missing(name)].astype(np.float64)
        values, counts = np.unique(cells, return_counts=True)
        alone = values[counts == 1]
        alone = alone[rng.permutation(alone.size)[:GUESSES]]
        found += [(name, float(value), float(value)) for value in alone]
        if name in made.numbers and values.size:
            ends = (-np.inf, float(values[0])), (float(values[-1]), np.inf)
            found += [(name, low, high) for low, high in ends]
    return [[found[place]] for place in rng.permutation(len(found))[:GUESSES]]


def _described(
    made: Side, row: int, columns: list[str], ranked: dict[str, np.ndarray], closely: bool
) -> Description:
    """A made row by some of its cells, missing ones left out."""
    out: Description = []
    for name in columns:
        value = float(made.column(name)[row])
        if name in made.codes:
            if value >= 0:
                out.append((name, value, value))
            continue
        base = ranked[name]
        if np.isnan(value) or not base.size:
            continue
        if closely:
            # between the first and the last row that hold the value, and a little to both sides
            reach = WIDTH * base.size
            first = int(np.searchsorted(base, value) - reach)
            last = int(np.searchsorted(base, value, side="right") + reach)
            low, high = base[max(first, 0)], base[min(last, base.size - 1)]
            out.append((name, min(float(low), value), max(float(high), value)))
        elif value >= base[base.size // 2]:
            out.append((name, value, np.inf))
        else:
            out.append((name, -np.inf, value))
    return out


def _fitting(guess: Description, side: Side) -> np.ndarray:
    """The rows that a description fits; a missing cell fits none."""
    left: np.ndarray | None = None
    for name, low, high in guess:
        cells = side.column(name) if left is None else side.column(name)[left]
        if low == high:
            fits = cells == low
        elif low == -np.inf:
            fits = cells <= high
        elif high == np.inf:
            fits = cells >= low
        else:
            fits = (cells >= low) & (cells <= high)
        left = np.flatnonzero(fits) if left is None else left[fits]
        if not left.size:
            break
    return np.arange(side.rows) if left is None else left


def _tried(guesses: list[Description], seen: Side, unseen: Side) -> Tries:
    """How many descriptions fit exactly one row of a side, and how many rows were found so."""
    counts, hits = [], []
    for side in (seen, unseen):
        alone = [int(rows[0]) for guess in guesses if len(rows := _fitting(guess, side)) == 1]
        counts.append(len(alone))
        hits.append(len(set(alone)))
    return Tries(len(guesses), counts[0], counts[1], (hits[0], hits[1]), (seen.rows, unseen.rows))
