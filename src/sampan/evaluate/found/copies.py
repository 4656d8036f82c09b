"""Copies: are learned rows repeated more often than real rows that were never learned?

Some rows of a real table occur again by chance. So the rows that made ones hit are counted among seen rows
and among as many unseen ones: without a leak neither is hit more often, and Fisher's exact test (1935) says
how far luck explains the difference.
"""

from __future__ import annotations

import math

import numpy as np

from sampan.evaluate.score import Part, Score
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

    Values that both have are left out. A test that would not notice a planted leak lets nobody pass.
    """
    if not sides.seen.rows or not sides.made.rows:
        return []
    rng = sides.rng("copies")
    rows = min(sides.seen.rows, sides.unseen.rows or sides.seen.rows)
    seen, unseen = sides.seen.some(rows, rng), sides.unseen.some(rows, rng)
    made = side_hashes(sides.made)
    planted = made.copy()
    count = min(max(1, round(PLANTED * made.size)), made.size, sides.seen.rows)
    leak = sides.seen.take(rng.permutation(sides.seen.rows)[:count])
    planted[rng.permutation(made.size)[:count]] = side_hashes(leak)
    hashes = side_hashes(seen), side_hashes(unseen)
    uncommon = rare_rows(seen, unseen)
    parts, chances = [], []
    facts: dict[str, str | float] = {"rows": float(rows)}
    for name, chosen in (("all rows", None), ("rare rows", uncommon)):
        groups = hashes if chosen is None else (hashes[0][chosen[0]], hashes[1][chosen[1]])
        first, second = (np.setdiff1d(a, b) for a, b in (groups, groups[::-1]))
        a, b = int(np.isin(first, made).sum()), int(np.isin(second, made).sum())
        found, stray = int(np.isin(first, planted).sum()), int(np.isin(second, planted).sum())
        size = groups[0].size, groups[1].size
        chance = fisher(a, first.size, b, second.size)
        noticed = fisher(found, first.size, stray, second.size) < ALARM
        passed = None
        if sides.unseen.rows and rows >= FEWEST_ROWS:
            passed = False if chance < ALARM else True if noticed else None
        figures = percent(a, size[0]), percent(b, size[1]), percent(found, size[0])
        parts.append(Part(name, figures[0], figures[1], power=figures[2], passed=passed))
        chances.append(chance)
        if chosen is None:
            facts |= {"hits": float(a), "floor_hits": float(b), "power": figures[2]}
    facts["p_value"] = chances[0] if sides.unseen.rows else math.nan
    whole = False if any(part.passed is False for part in parts) else parts[0].passed
    value, floor = parts[0].value, parts[0].floor
    low, high = wilson(value / 100.0, rows)
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
            unit="%",
            facts=facts,
            parts=tuple(parts),
        )
    ]


def percent(count: int, of: int) -> float:
    """A share in per cent; NaN of nothing.

    >>> percent(1, 4)
    25.0
    """
    return 100.0 * count / of if of else math.nan


def wilson(share: float, rows: float) -> tuple[float, float]:
    """The 95 % interval of a share of so many rows, in per cent (Wilson 1927)."""
    z = 1.96
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows)) / (1 + z * z / rows)
    return 100.0 * max(0.0, middle - half), 100.0 * min(1.0, middle + half)


def fisher(a: int, first: int, b: int, second: int) -> float:
    """The chance of at least `a` hits among `first` rows where a + b hits fall anywhere in both.

    >>> round(fisher(3, 3, 0, 3), 3)
    0.05
    """
    hits = a + b
    whole = _log_choose(first + second, hits)
    most = min(hits, first)
    tail = (
        math.exp(_log_choose(first, k) + _log_choose(second, hits - k) - whole)
        for k in range(max(a, hits - second), most + 1)
    )
    return min(1.0, math.fsum(tail))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def side_hashes(side: Side) -> np.ndarray:
    """A 64-bit hash of every row, equal where all cells are: uint64 (rows,)."""
    out = np.zeros(side.rows, dtype=np.uint64)
    for values in side.numbers.values():
        # + 0.0 makes -0.0 equal 0.0, and there is one NaN
        cells = values + 0.0
        out = _mixed(out ^ _mixed(np.where(np.isnan(cells), np.nan, cells).view(np.uint64)))
    for codes in side.codes.values():
        out = _mixed(out ^ _mixed(codes.astype(np.uint64)))
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
