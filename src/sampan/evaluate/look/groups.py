"""Groups: whether rows that belong together are made as they belong together.

What is the same in all rows of a real group (a patient's sex) must be so in made ones, and groups must have
as many rows as real ones. What is constant is found in the seen rows; the unseen ones are the floor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.score import NAN, Part, Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Side, Sides

FEWEST = 20
"""Groups of a side below which nothing is decided."""

STEADY = 0.995
"""Share of the seen groups in which a column that counts as constant is."""

RARE = 0.001
"""The chance that real groups are blamed."""

MARGIN = 1.0
"""Points of broken groups above the floor that do not matter."""

SIZES = 5.0
"""Points by which the sizes of groups may be further off than those of real ones."""

DEALS = 999
"""Times that sizes are dealt out anew, to know what luck does."""


def groups(sides: Sides) -> list[Score]:
    """The score `groups`; nothing where rows are made one by one.

    Value: per cent of made groups of which something differs between rows that is the same in real ones.
    Parts: every such column, and how far the sizes of groups are off, in points: the share of groups that
    would have to have another number of rows.
    """
    if not sides.key:
        return []
    own = [_Grouped(side, group) for side, group in zip(sides.each, sides.groups, strict=True)]
    seen, unseen, made = own
    names = [name for name in sides.kinds if _constant(seen, name)]
    broken = {name: (made.differs(name), unseen.differs(name)) for name in names}
    both = list(zip(*broken.values(), strict=True)) or [(), ()]
    ours, theirs = (
        (int(np.logical_or.reduce([np.zeros(side.count, dtype=bool), *found]).sum()), side.count)
        for side, found in zip((made, unseen), both, strict=True)
    )
    count = {"made": made.count, "unseen": unseen.count, "seen": seen.count}
    decided = min(count.values()) >= FEWEST
    parts = [_part(name, *found, decided) for name, found in broken.items()]
    parts.append(_sizes(sides, own, decided))
    parts.sort(key=lambda part: (part.passed is not False, -part.value))
    whole = percent(*ours) - percent(*theirs) <= MARGIN or fisher(*ours, *theirs) > RARE
    passed = whole and all(part.passed is not False for part in parts) if decided else None
    facts: dict[str, str | float] = {
        "key": sides.key,
        "groups": float(count["made"]),
        "floor_groups": float(count["unseen"]),
        "worst": parts[0].name,
    }
    ends = *wilson(*ours), percent(*theirs), *wilson(*theirs)
    return [Score("groups", "look", percent(*ours), "lower", passed, *ends, NAN, "%", facts, tuple(parts))]


@dataclass(frozen=True, eq=False)
class _Grouped:
    """A side, and which group each of its rows is of."""

    side: Side
    group: np.ndarray

    @property
    def count(self) -> int:
        return int(self.group.max(initial=-1)) + 1

    @property
    def sizes(self) -> np.ndarray:
        return np.bincount(self.group, minlength=self.count)

    def cells(self, name: str) -> np.ndarray:
        """The cells of a column as numbers that are alike where these are."""
        return np.unique(self.side.column(name), return_inverse=True)[1].reshape(-1)

    def differs(self, name: str) -> np.ndarray:
        """In which groups a column is not the same in all rows: bool (groups,)."""
        cells, first = self.cells(name), np.zeros(self.count, dtype=np.int64)
        first[self.group[::-1]] = cells[::-1]
        return np.bincount(self.group, weights=cells != first[self.group], minlength=self.count) > 0


def _constant(seen: _Grouped, name: str) -> bool:
    several = seen.sizes > 1
    if several.sum() < FEWEST or np.unique(seen.cells(name)).size < 2:
        return False
    return float((~seen.differs(name))[several].mean()) >= STEADY


def _part(name: str, own: np.ndarray, other: np.ndarray, decided: bool) -> Part:
    ours, theirs = (int(own.sum()), own.size), (int(other.sum()), other.size)
    fine = percent(*ours) - percent(*theirs) <= MARGIN or fisher(*ours, *theirs) > RARE
    return Part(name, percent(*ours), percent(*theirs), *wilson(*ours), passed=fine if decided else None)


def _sizes(sides: Sides, own: list[_Grouped], decided: bool) -> Part:
    """How far the sizes of groups are off, made ones and unseen ones from seen ones."""
    seen, unseen, made = (side.sizes for side in own)
    value = _apart(made, seen)
    floor = _apart(unseen, seen) if unseen.size else NAN
    fine = None
    if decided:
        rng, count = sides.rng("sizes of groups"), min(made.size, seen.size)
        some, other = (rng.choice(sizes, count, replace=False) for sizes in (made, seen))
        both, gap = np.concatenate([some, other]), _apart(some, other)
        luck = 0
        for _ in range(DEALS):
            dealt = rng.permutation(both)
            luck += _apart(dealt[:count], dealt[count:]) >= gap
        over = value - (0.0 if math.isnan(floor) else floor)
        fine = bool((luck + 1) / (DEALS + 1) > RARE or over <= SIZES)
    return Part(f"rows of one {sides.key}", value, floor, passed=fine)


def _apart(first: np.ndarray, second: np.ndarray) -> float:
    """How far the sizes of two sides are apart: the largest difference of their cumulative shares, in points.

    >>> _apart(np.array([1, 2, 2, 3]), np.array([2, 2, 3, 3]))
    25.0
    """
    at = np.unique(np.concatenate([first, second]))
    reach = [np.searchsorted(np.sort(sizes), at, side="right") / sizes.size for sizes in (first, second)]
    return float(100.0 * np.abs(reach[0] - reach[1]).max())
