"""Rules: made rows that break what holds in every real row.

    b is one value for each a           `dependencies`: also of two columns, and values that never meet
    a <= b, c = a + b, c = k * a        `relations`: among numbers and dates
    b is 0 where k = no                 `special`: zeros, holes, and what numbers are written in

A law is found in the seen rows and confirmed on every second unseen row; the other half of the unseen rows,
which had no say in choosing the laws, is the floor. Were the made rows real, they would break laws as often
as that half does.
"""

from __future__ import annotations

import math

import numpy as np

from sampan.evaluate.look.chance import FEWEST_ROWS, GROSS
from sampan.evaluate.look.dependencies import dependencies
from sampan.evaluate.look.law import Law
from sampan.evaluate.look.relations import NUMBERS, relations
from sampan.evaluate.look.special import specials
from sampan.evaluate.score import Part, Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Side, Sides, independent
from sampan.evaluate.state import Excess

MARGIN = 0.5
"""Points above the floor that do not matter: one broken row in 200."""

FAR = 5.0
"""Points above the floor from which broken rows are no more a small fault: one row in twenty."""

MOST = 150
"""Laws that are kept: plain ones first, then those that forbid most."""

MOST_ROWS = 20_000
"""Seen rows among which laws are looked for: a law that holds in them is confirmed on others."""

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
    decided = test.rows >= FEWEST_ROWS // 2 and sides.made.rows >= FEWEST_ROWS
    ours, theirs = _breaks(np.logical_or.reduce(made)), _breaks(np.logical_or.reduce(floor))
    parts = []
    for law, our, their in zip(found, map(_breaks, made), map(_breaks, floor), strict=True):
        fine = _in_order(our, their, RARE / len(found)) if decided else None
        parts.append(Part(law.name, percent(*our), percent(*their), *wilson(*our), passed=fine))
    parts.sort(key=lambda part: -(part.value - (0.0 if math.isnan(part.floor) else part.floor)))
    facts: dict[str, str | float] = {
        "rows": float(sides.made.rows),
        "floor_rows": float(test.rows),
        "rules": float(len(found)),
        "broken_rules": float(made.any(axis=1).sum()),
        "worst": parts[0].name,
    }
    passed = _in_order(ours, theirs, RARE) if decided else None
    excess = _excess(ours, theirs) if decided else None
    torn = _breaks(np.logical_or.reduce(_broken(found, independent(sides.seen, rng))))
    figures = (percent(*ours), "lower", passed, *wilson(*ours), percent(*theirs), *wilson(*theirs))
    return [Score("rules", "look", *figures, percent(*torn), "%", facts, tuple(parts), excess)]


def laws(sides: Sides) -> list[Law]:
    """What holds in every seen row, the laws that forbid most first; at most MOST."""
    seen = sides.seen.some(MOST_ROWS, sides.rng("laws"))
    names = [name for name in sides.numbers if not np.isnan(seen.numbers[name]).all()][:NUMBERS]
    moments = frozenset(name for name in names if name in sides.ticks)
    plain = relations(seen, names, moments)
    special = specials(seen, sides, names)
    rest = sorted(dependencies(seen, sides, [*plain, *special]), key=lambda law: -law.support)
    found = [*plain, *special, *rest]
    return sorted(found[:MOST], key=lambda law: -law.support)


Breaks = tuple[int, int]
"""How many rows are broken, and of how many."""


def _breaks(broken: np.ndarray) -> Breaks:
    return int(broken.sum()), broken.size


def _excess(ours: Breaks, theirs: Breaks) -> Excess:
    """How many more made rows are broken than real ones, in points; a few rows have no power."""
    (low, high), (low_other, high_other) = wilson(*ours), wilson(*theirs)
    value, other = percent(*ours), percent(*theirs)
    chance = fisher(*ours, *theirs)
    gross = min(theirs[0] + round(GROSS / 100.0 * ours[1]), ours[1])
    blind = fisher(gross, ours[1], *theirs) > RARE
    sure = True if chance <= RARE else None if blind else False
    down, up = math.hypot(value - low, high_other - other), math.hypot(high - value, other - low_other)
    over = value - other
    return Excess(over, over - down, over + up, MARGIN, FAR, sure, chance)


def _broken(found: list[Law], side: Side) -> np.ndarray:
    """Which rows break each law: bool (laws, rows)."""
    return np.stack([law.broken(side) for law in found])


def _in_order(ours: Breaks, theirs: Breaks, rare: float) -> bool:
    """Whether made rows break no more than the real ones, but for luck and the margin."""
    return percent(*ours) - percent(*theirs) <= MARGIN or fisher(*ours, *theirs) > rare
