"""Rules: made rows that break what holds in every real row.

A law is found in the seen rows (see `laws`) and confirmed on every second unseen row; the other half of the
unseen rows, which had no say in choosing the laws, is the floor. Were the made rows real, they would break
laws as often as that half does.
"""

from __future__ import annotations

import math

import numpy as np

from sampan.evaluate.look.chance import FEWEST_ROWS, GROSS
from sampan.evaluate.look.laws import Law, laws
from sampan.evaluate.score import NAN, Part, Score
from sampan.evaluate.shares import fisher, wilson
from sampan.evaluate.sides import Side, Sides, independent
from sampan.evaluate.state import Excess

MARGIN = 0.5
"""Points above the floor that do not matter: one broken row in 200."""

FAR = 5.0
"""Points above the floor from which broken rows are no more a small fault: one row in twenty."""

RARE = 0.001
"""The chance that real rows are blamed, as `CERTAIN` has it of a normal excess."""


def rules(sides: Sides) -> list[Score]:
    """The score `rules`; nothing where no law was found.

    Value: per cent of made rows that break at least one law. Parts: every law, with the per cent that breaks
    it. Reference: independent columns.
    """
    if sides.seen.rows < FEWEST_ROWS:
        return []
    rng = sides.rng("rules")
    order = rng.permutation(sides.unseen.rows)
    confirm, test = (sides.unseen.take(np.sort(order[start::2])) for start in (0, 1))
    found = [law for law in laws(sides) if not law.broken(confirm).any()]
    if not found:
        return []
    made, floor = _broken(found, sides.made), _broken(found, test)
    loose = _broken(found, independent(sides.seen, rng))
    decided = test.rows >= FEWEST_ROWS // 2 and sides.made.rows >= FEWEST_ROWS
    ours_any, theirs_any = np.logical_or.reduce(made), np.logical_or.reduce(floor)
    value, value_floor = _share(ours_any), _share(theirs_any)
    parts = []
    for law, ours, theirs in zip(found, made, floor, strict=True):
        parts.append(
            Part(
                law.name,
                _share(ours),
                _share(theirs),
                *_interval(ours),
                passed=_in_order(ours, theirs, RARE / len(found)) if decided else None,
            )
        )
    parts.sort(key=lambda part: -(part.value - (0.0 if math.isnan(part.floor) else part.floor)))
    facts: dict[str, str | float] = {
        "rows": float(sides.made.rows),
        "floor_rows": float(test.rows),
        "rules": float(len(found)),
        "broken_rules": float(made.any(axis=1).sum()),
        "worst": parts[0].name,
    }
    passed = None
    if decided:
        passed = _in_order(ours_any, theirs_any, RARE)
    low, high = _interval(ours_any)
    floor_low, floor_high = _interval(theirs_any)
    return [
        Score(
            "rules",
            "look",
            value,
            "lower",
            passed,
            low,
            high,
            value_floor,
            floor_low,
            floor_high,
            _share(np.logical_or.reduce(loose)),
            "%",
            facts,
            tuple(parts),
            _excess(ours_any, theirs_any) if decided else None,
        )
    ]


def _excess(ours: np.ndarray, theirs: np.ndarray) -> Excess:
    """How many more made rows are broken than real ones, in points; a few rows have no power."""
    (low, high), (low_other, high_other) = _interval(ours), _interval(theirs)
    value, other = _share(ours), _share(theirs)
    over = value - other
    chance = fisher(int(ours.sum()), ours.size, int(theirs.sum()), theirs.size)
    gross = min(int(theirs.sum()) + round(GROSS / 100.0 * ours.size), ours.size)
    blind = fisher(gross, ours.size, int(theirs.sum()), theirs.size) > RARE
    sure = True if chance <= RARE else None if blind else False
    down, up = math.hypot(value - low, high_other - other), math.hypot(high - value, other - low_other)
    return Excess(over, over - down, over + up, MARGIN, FAR, sure, chance)


def _broken(found: list[Law], side: Side) -> np.ndarray:
    return np.stack([law.broken(side) for law in found])


def _share(broken: np.ndarray) -> float:
    return 100.0 * float(broken.mean()) if broken.size else NAN


def _in_order(ours: np.ndarray, theirs: np.ndarray, rare: float) -> bool:
    """Whether made rows break no more than the real ones, but for luck and the margin."""
    if _share(ours) - _share(theirs) <= MARGIN:
        return True
    return fisher(int(ours.sum()), ours.size, int(theirs.sum()), theirs.size) > rare


def _interval(broken: np.ndarray) -> tuple[float, float]:
    return wilson(int(broken.sum()), broken.size)
