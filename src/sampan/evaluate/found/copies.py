"""Copies: are learned rows repeated more often than real rows that were never learned?

Some rows of a real table occur again by chance. So the rows that made ones hit are counted among seen rows
and among unseen ones: without a leak neither is hit more often, and Fisher's exact test (1935) says
how far luck explains the difference.
"""

from __future__ import annotations

import math

import numpy as np

from sampan.evaluate.hashes import row_hashes
from sampan.evaluate.score import NAN, Part, Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Side, Sides

ALARM = 1e-4
"""Below this chance a leak is no luck: one false alarm in about ten thousand tables, for a false one costs
the trust in all the others."""

FEWEST_ROWS = 50
"""Below so many rows of each side nothing is decided."""

PLANTED = 0.02
"""Share of made rows replaced by learned ones to see whether the test would notice."""

RARE = 0.01
"""A category value below this frequency, or a number in the outer tails of this mass, makes a row rare."""


def copies(sides: Sides) -> list[Score]:
    """The score copies: the share of seen rows that made rows repeat, in per cent; the floor: of unseen ones.

    Columns of points have a copy of their own (`found.cells`), for no made picture is one to the last bit.
    Counted over rows that stand once among all the real ones: each is somebody's own, and whether it was seen
    is a draw, however many rows either side has. So all rows count, and a short unseen side costs little.
    A test that would not notice a planted leak lets nobody pass.

    Long because a figure, its floor, its interval and its parts are one computation.
    """
    if not sides.seen.rows or not sides.made.rows or not sides.kinds:
        return []
    rng = sides.rng("copies")
    seen, unseen = sides.seen, sides.unseen
    rows = min(seen.rows, unseen.rows or seen.rows)
    made = side_hashes(sides.made)
    planted = made.copy()
    count = min(max(1, round(PLANTED * made.size)), made.size, sides.seen.rows)
    leak = sides.seen.take(rng.permutation(sides.seen.rows)[:count])
    planted[rng.permutation(made.size)[:count]] = side_hashes(leak)
    hashes = side_hashes(seen), side_hashes(unseen)
    values, counts = np.unique(np.concatenate(hashes), return_counts=True)
    single = values[counts == 1]
    if sides.points and not single.size:  # no two people differ but by what `found.cells` looks at
        return []
    uncommon = rare_rows(seen, unseen)
    parts, chances = [], []
    facts: dict[str, str | float] = {}
    low, high, floor_low, floor_high = NAN, NAN, NAN, NAN
    for name, chosen in (("all rows", None), ("rare rows", uncommon)):
        groups = hashes if chosen is None else (hashes[0][chosen[0]], hashes[1][chosen[1]])
        first, second = (np.intersect1d(group, single) for group in groups)
        a, b = int(np.isin(first, made).sum()), int(np.isin(second, made).sum())
        found, stray = int(np.isin(first, planted).sum()), int(np.isin(second, planted).sum())
        size = first.size, second.size
        chance = fisher(a, first.size, b, second.size)
        # beyond what luck repeats: a leak that is there already must not help the planted one to be noticed
        luck = round(b * first.size / max(second.size, 1))
        planted_hits = min(found - a + luck, first.size)
        noticed = fisher(max(planted_hits, 0), first.size, stray, second.size) < ALARM
        passed = None
        if sides.unseen.rows and rows >= FEWEST_ROWS:
            passed = False if chance < ALARM else True if noticed else None
        figures = percent(a, size[0]), percent(b, size[1]), percent(found, size[0])
        parts.append(Part(name, figures[0], figures[1], power=figures[2], passed=passed))
        chances.append(chance)
        if chosen is None:
            facts |= {"rows": float(size[0]), "floor_rows": float(size[1])}
            facts |= {"hits": float(a), "floor_hits": float(b), "power": figures[2]}
            low, high = wilson(a, size[0])
            floor_low, floor_high = wilson(b, size[1])
    facts["p_value"] = chances[0] if sides.unseen.rows else math.nan
    whole = False if any(part.passed is False for part in parts) else parts[0].passed
    value, floor = parts[0].value, parts[0].floor
    return [
        Score(
            "copies",
            "found",
            value,
            "lower",
            whole,
            low,
            high,
            floor,
            floor_low,
            floor_high,
            unit="%",
            facts=facts,
            parts=tuple(parts),
        )
    ]


def side_hashes(side: Side) -> np.ndarray:
    """The hash of every row: uint64 (rows,)."""
    return row_hashes([*side.numbers.values(), *side.codes.values()], side.rows)


def rare_rows(seen: Side, unseen: Side) -> tuple[np.ndarray, np.ndarray]:
    """Which rows hold something rare: bool each. Counted over both, so that neither is favoured."""
    rare = np.zeros(seen.rows + unseen.rows, dtype=bool)
    for name in seen.numbers:
        values = np.concatenate([seen.numbers[name], unseen.numbers[name]])
        known = values[np.isfinite(values)]
        if known.size:
            low, high = np.quantile(known, [RARE / 2, 1 - RARE / 2])
            rare |= (values < low) | (values > high)
    for name in seen.codes:
        codes = np.concatenate([seen.codes[name], unseen.codes[name]]) + 1
        rare |= (codes > 0) & (np.bincount(codes)[codes] < RARE * codes.size)
    return rare[: seen.rows], rare[seen.rows :]
