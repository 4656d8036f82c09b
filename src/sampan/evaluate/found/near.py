"""Near: do made rows lie nearer to learned rows than to rows never learned?

Without a leak each lies nearer to either with a chance of one half. Several made rows may share one nearest
real row, and then fall together: luck is reckoned over the real rows, whose labels it deals out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS
from sampan.evaluate.found.distances import nearest, points
from sampan.evaluate.score import Part, Score
from sampan.evaluate.sides import Sides
from sampan.evaluate.state import decided, together

MOST_ROWS = 3_000
"""Rows of each side: a share of so many is known to within 2 points."""

MARGIN = 5.0
"""Points above one half that are let pass: published generators of good repute lie up to 55 %."""

PLANTED = 0.1
"""Share of made rows replaced by learned ones to see whether the measure would notice."""

CLOSEST, FEWEST_CLOSEST = 0.01, 20
"""The share of made rows that lie closest, and at least how many: fewer than 15 cannot convince."""


@dataclass(frozen=True, slots=True)
class Close:
    """A made row and the learned row nearest to it.

    made, seen: positions of the rows. distance: between them; unseen: to the nearest row never learned.
    """

    made: int
    seen: int
    distance: float
    unseen: float


def near(sides: Sides, *, shown: int = 10) -> tuple[list[Score], list[Close]]:
    """The score near, in per cent of made rows, and the closest pairs.

    The planted rows come from all learned rows, not only from those that are compared: a large table's leak
    is as hard to see as in truth.
    """
    if not sides.seen.rows or not sides.made.rows or not sides.unseen.rows or not sides.kinds:
        return [], []
    rng = sides.rng("near")
    rows = min(sides.seen.rows, sides.unseen.rows, MOST_ROWS)
    picks = [
        np.sort(rng.permutation(side.rows)[:most])
        for side, most in ((sides.seen, rows), (sides.unseen, rows), (sides.made, MOST_ROWS))
    ]
    count = min(max(1, round(PLANTED * len(picks[2]))), sides.seen.rows, len(picks[2]))
    leak = sides.seen.take(rng.permutation(sides.seen.rows)[:count])
    tables = [side.take(pick) for side, pick in zip(sides.each, picks, strict=True)]
    seen, unseen, made, copied = points(sides, [*tables, leak])
    asked = np.concatenate([made, copied])
    to_seen, to_unseen = nearest(asked, seen), nearest(asked, unseen)
    place = np.where(to_seen[1][:, 0] < to_unseen[1][:, 0], to_seen[0], len(seen) + to_unseen[0])
    first, second = to_seen[1][:, 0], to_unseen[1][:, 0]
    own = np.arange(len(made))
    leaky = np.concatenate([rng.permutation(len(made))[count:], len(made) + np.arange(count)])
    parts, chances = [], []
    for name in ("all rows", "closest 1 %"):
        figures = []
        for who in (own, leaky):
            if name != "all rows":
                who = _closest(who, first, second, rng)
            figures.append(share_nearer(first[who], second[who], place[who]))
        (share, error), (power, doubt) = figures
        enough = min(rows, len(made)) >= FEWEST_ROWS
        passed = decided(enough, _fails(share, error), _fails(power, doubt))
        low, high = max(0.0, share - 1.96 * error), min(100.0, share + 1.96 * error)
        parts.append(Part(name, share, 50.0, low, high, power, passed))
        chances.append(chance_of(share, error))
    whole, warned = together(parts)
    all_rows = parts[0]
    facts: dict[str, str | float] = {
        "rows": float(rows),
        "made_rows": float(len(made)),
        "p_value": chances[0],
        "power": all_rows.power,
        "closest": parts[1].value,
        "closest_p_value": chances[1],
        "closest_power": parts[1].power,
    }
    figures = (all_rows.value, "lower", whole, all_rows.low, all_rows.high, 50.0)
    held = tuple(sorted(parts, key=lambda part: -part.value))
    score = Score("near", "found", *figures, unit="%", facts=facts, parts=held, excess=warned)
    ratio = second[own] / np.maximum(first[own], 1e-9)
    order = np.lexsort((first[own], -ratio))[:shown]
    pairs = [
        Close(int(picks[2][k]), int(picks[0][to_seen[0][k]]), float(first[k]), float(second[k]))
        for k in order
    ]
    return [score], pairs


def _closest(who: np.ndarray, first: np.ndarray, second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The made rows that lie closest to one side as measured by the other, whichever that is.

    Taking those closest to seen rows only would find seen rows even where there is no leak.
    """
    # a draw decides between equals
    who = rng.permutation(who)
    less, more = np.minimum(first[who], second[who]), np.maximum(first[who], second[who])
    ratio = np.where(more > 0, less / np.where(more > 0, more, 1.0), 1.0)
    count = min(len(who), max(FEWEST_CLOSEST, round(CLOSEST * len(who))))
    return who[np.lexsort((less, ratio))[:count]]


def share_nearer(first: np.ndarray, second: np.ndarray, place: np.ndarray) -> tuple[float, float]:
    """The per cent that lie nearer to the first, ties one half, and how far luck moves it."""
    share = float(np.mean((first < second) + 0.5 * (first == second)))
    shared = np.bincount(place[first != second]).astype(np.float64)
    return 100.0 * share, 100.0 * math.sqrt(float((shared**2).sum())) / 2 / len(first)


def chance_of(share: float, error: float) -> float:
    return 0.5 * math.erfc((share - 50.0) / error / math.sqrt(2.0)) if error > 0 else 1.0


def _fails(share: float, error: float) -> bool:
    return chance_of(share, error) < ALARM and share > 50.0 + MARGIN
