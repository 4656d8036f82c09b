"""Rules: made rows that break what holds in every real row, and rules that hold in another share of them.

The rules are those that a model learns (`laws`), found in the seen rows. What holds in all of them is
confirmed on every second unseen row; the other half of the unseen rows, which had no say in choosing, is
the floor. Were the made rows real, they would break rules as often as that half does. What holds in a share
of the real rows is to hold in as large a share of the made ones, neither more nor less.
"""

from __future__ import annotations

import math

import numpy as np

from sampan.evaluate.look.chance import FEWEST_ROWS, GROSS
from sampan.evaluate.look.law import Law
from sampan.evaluate.look.laws import laws
from sampan.evaluate.score import Part, Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Side, Sides, independent
from sampan.evaluate.state import Excess

MARGIN = 0.5
"""Points above the floor that do not matter: one broken row in 200."""

FAR = 5.0
"""Points above the floor from which broken rows are no more a small fault: one row in twenty."""

SHARE_MARGIN = 1.0
"""Points that the share of a rule of some rows may be off."""

RARE = 0.001
"""The chance that real rows are blamed, as `CERTAIN` has it of a normal excess."""


def rules(sides: Sides) -> list[Score]:
    """The score `rules`; nothing where no law was found.

    Value: per cent of made rows that break at least one law that holds in all real rows. Parts: every law,
    with the per cent that breaks it; its power is the per cent of rows of shuffled columns that do, which are
    the reference.
    """
    if sides.seen.rows < FEWEST_ROWS:
        return []
    rng = sides.rng("rules")
    order = rng.permutation(sides.unseen.rows)
    confirm, test = (sides.unseen.take(np.sort(order[start::2])) for start in (0, 1))
    found = [law for law in laws(sides, confirm) if law.share < 1 or not law.broken(confirm).any()]
    if not found:
        return []
    made, floor = _broken(found, sides.made), _broken(found, test)
    shuffled = _broken(found, independent(sides.seen, rng))
    always = np.array([law.share == 1 for law in found])
    decided = test.rows >= FEWEST_ROWS // 2 and sides.made.rows >= FEWEST_ROWS
    ours, theirs, torn = (_any(rows[always]) for rows in (made, floor, shuffled))
    parts, worst = [], []
    for law, our, their, other in zip(
        found, *(map(_breaks, rows) for rows in (made, floor, shuffled)), strict=True
    ):
        excess = _excess(our, their, law)
        fine = (excess.value <= excess.margin or excess.chance > RARE / len(found)) if decided else None
        name = law.name if law.share == 1 else f"{law.name}, in {100 * law.share:.3g} % of the real rows"
        parts.append(Part(name, percent(*our), percent(*their), *wilson(*our), percent(*other), fine))
        if law.share < 1 and fine is False:
            worst.append(excess)
    parts.sort(key=lambda part: -abs(part.value - (0.0 if math.isnan(part.floor) else part.floor)))
    facts: dict[str, str | float] = {
        "rows": float(sides.made.rows),
        "floor_rows": float(test.rows),
        "rules": float(len(found)),
        "broken_rules": float(made[always].any(axis=1).sum() + len(worst)),
        "worst": parts[0].name,
    }
    excess = max([_excess(ours, theirs), *worst], key=lambda one: (one.sure is True, one.value))
    passed = _in_order(ours, theirs, RARE) and not worst if decided else None
    figures = (percent(*ours), "lower", passed, *wilson(*ours), percent(*theirs), *wilson(*theirs))
    score = Score(
        "rules", "look", *figures, percent(*torn), "%", facts, tuple(parts), excess if decided else None
    )
    return [score]


Breaks = tuple[int, int]
"""How many rows are broken, and of how many."""


def _breaks(broken: np.ndarray) -> Breaks:
    return int(broken.sum()), broken.size


def _any(broken: np.ndarray) -> Breaks:
    """How many rows break a law at least."""
    return _breaks(np.logical_or.reduce(broken))


def _excess(ours: Breaks, theirs: Breaks, law: Law | None = None) -> Excess:
    """How many more made rows are broken than real ones, in points; a few rows have no power.

    law: where it holds in some rows only, how far its share is off, to either side.
    """
    (low, high), (low_other, high_other) = wilson(*ours), wilson(*theirs)
    value, other = percent(*ours), percent(*theirs)
    some = law is not None and law.share < 1
    sign = -1.0 if some and value < other else 1.0
    one, two = (ours, theirs) if sign > 0 else (_kept(ours), _kept(theirs))
    chance = fisher(*one, *two) * (2.0 if some else 1.0)
    gross = min(two[0] + round(GROSS / 100.0 * one[1]), one[1])
    blind = fisher(gross, one[1], *two) > RARE
    sure = True if chance <= RARE else None if blind else False
    down, up = math.hypot(value - low, high_other - other), math.hypot(high - value, other - low_other)
    if sign < 0:
        down, up = up, down
    over = sign * (value - other)
    margin = SHARE_MARGIN if some else MARGIN
    return Excess(over, over - down, over + up, margin, FAR, sure, chance, law.name if some and law else "")


def _kept(breaks: Breaks) -> Breaks:
    return breaks[1] - breaks[0], breaks[1]


def _broken(found: list[Law], side: Side) -> np.ndarray:
    """Which rows break each law: bool (laws, rows)."""
    return np.stack([law.broken(side) for law in found])


def _in_order(ours: Breaks, theirs: Breaks, rare: float) -> bool:
    """Whether made rows break no more than the real ones, but for luck and the margin."""
    return percent(*ours) - percent(*theirs) <= MARGIN or fisher(*ours, *theirs) > rare
