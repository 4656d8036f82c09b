"""Copies: are learned rows repeated more often than real rows that were never learned?

Some rows of a real table occur again by chance. So the rows that made ones hit are counted among seen rows
and among unseen ones: without a leak neither is hit more often, and Fisher's exact test (1935) says
how far luck explains the difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from sampan.evaluate.score import NAN, Part, Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Side, Sides
from sampan.evaluate.state import decided

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
    ends = floor_ends = NAN, NAN
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
        enough = sides.unseen.rows > 0 and rows >= FEWEST_ROWS
        passed = decided(enough, chance < ALARM, noticed)
        figures = percent(a, size[0]), percent(b, size[1]), percent(found, size[0])
        parts.append(Part(name, figures[0], figures[1], power=figures[2], passed=passed))
        chances.append(chance)
        if chosen is None:
            facts |= {"rows": float(size[0]), "floor_rows": float(size[1])}
            facts |= {"hits": float(a), "floor_hits": float(b), "power": figures[2]}
            ends, floor_ends = wilson(a, size[0]), wilson(b, size[1])
    facts["p_value"] = chances[0] if sides.unseen.rows else math.nan
    whole = False if any(part.passed is False for part in parts) else parts[0].passed
    figures = (parts[0].value, "lower", whole, *ends, parts[0].floor, *floor_ends, NAN)
    return [Score("copies", "found", *figures, "%", facts, tuple(parts))]


def side_hashes(side: Side) -> np.ndarray:
    """The hash of every row: uint64 (rows,)."""
    return row_hashes([*side.numbers.values(), *side.codes.values()], side.rows)


def row_hashes(columns: Iterable[np.ndarray], rows: int) -> np.ndarray:
    """A 64-bit hash of every row: uint64 (rows,). columns: float64 (NaN: missing) or int64 codes, (rows,).

    Among a million rows and a million others two that differ collide with a chance of about 1 in 20
    million.

    >>> out = row_hashes([np.array([0.0, -0.0, np.nan, -np.nan])], 4)
    >>> bool(out[0] == out[1]), bool(out[2] == out[3]), bool(out[0] == out[2])
    (True, True, False)
    """
    out = np.zeros(rows, dtype=np.uint64)
    for cells in columns:
        if cells.dtype.kind == "f":
            cells = cells + 0.0  # -0.0 equals 0.0, and there is one NaN
            words = np.where(np.isnan(cells), np.nan, cells).view(np.uint64)
        else:
            words = cells.astype(np.uint64)
        out = _mixed(out ^ _mixed(words))
    return out


def _mixed(words: np.ndarray) -> np.ndarray:
    """The finaliser of SplitMix64: every bit of the input moves about half the bits of the output."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


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
