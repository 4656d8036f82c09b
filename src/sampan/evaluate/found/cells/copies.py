"""Copies: has the model learned cells by heart, and does it give them back, also in disguise?

The distance of a cell to its nearest seen one, divided by the mean distance of that seen one to its own
nearest seen neighbours, is near 1 for real cells however crowded the place is. A copy is a cell whose
ratio lies below what real ones practically ever reach. That bound is set by real pairs: unseen cells
against seen ones, and seen ones against the rest. So 140 seen cells are enough, where a comparison of
shares (`near`) would have little to count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from sampan.evaluate.found.cells.disguise import Compared, Space, over_views
from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS
from sampan.evaluate.score import Part, Score
from sampan.evaluate.shares import fisher, percent, wilson

NEIGHBOURS = 3
"""Seen neighbours of a seen cell whose mean distance is the yardstick."""

TWIN, LISTED = 0.3, 16
"""Share of the usual yardstick below which neighbours are one cell learned several times, and neighbours
looked through. Twins set no yardstick: theirs would be 0, and they are the likeliest to be learned by heart.
"""

BOUND = 4.5
"""Standard deviations below the median of log ratios that real cells practically never reach: were the
logarithms normal, 3 in a million."""

LUCK = 0.2
"""Above this chance copies are no more than real cells are of each other; between it and the alarm, a
person has to look."""

PLANTED = 0.15
"""Share of made cells replaced by learned ones to see whether the test would notice."""


@dataclass(frozen=True, slots=True)
class ClosePoints:
    """A made cell and the seen one nearest to it.

    made, seen: positions of the rows. ratio: its distance over that of the seen one to its own neighbours;
    bound: below it no real cell is expected. space: where the ratio is lowest.
    """

    made: int
    seen: int
    ratio: float
    bound: float
    space: str

    @property
    def copied(self) -> bool:
        """Whether the made cell is a copy of the seen one."""
        return self.ratio < self.bound


def copies(compared: Compared, *, shown: int = 12) -> tuple[list[Score], list[ClosePoints]]:
    """The score copies, in per cent of made cells, and the made cells closest to seen ones.

    floor: the same share of real cells.

    Long because a figure, its floor, its interval and its parts are one computation.
    """
    parts, hits_of, real_of, chances = [], [], [], []
    closest: list[tuple[float, ClosePoints]] = []
    made_rows, real_rows = len(compared.made), 0
    for space in compared.each:
        made, real, bound, place = ratios(space, compared.left_out)
        hit, stray = made < bound, real < bound
        real_rows = len(real)
        chance = fisher(int(hit.sum()), len(made), int(stray.sum()), len(real))
        enough = min(len(made), len(real)) >= FEWEST_ROWS
        planted = int(hit.sum()) + round(PLANTED * len(made))
        noticed = fisher(min(planted, len(made)), len(made), int(stray.sum()), len(real)) < ALARM
        passed = None
        if enough:
            passed = False if chance < ALARM else True if chance > LUCK and noticed else None
        low, high = wilson(int(hit.sum()), len(made))
        parts.append(
            Part(
                space.name,
                percent(int(hit.sum()), len(made)),
                percent(int(stray.sum()), len(real)),
                low,
                high,
                passed=passed,
            )
        )
        hits_of.append(hit)
        real_of.append(stray)
        chances.append(chance)
        depth = np.log(np.maximum(made, 1e-6)) - math.log(bound)
        closest += [
            (float(depth[i]), ClosePoints(i, int(place[i]), float(made[i]), bound, space.name))
            for i in range(len(made))
        ]
    hit, stray = np.any(hits_of, axis=0), np.any(real_of, axis=0)
    low, high = wilson(int(hit.sum()), made_rows)
    floor_low, floor_high = wilson(int(stray.sum()), real_rows)
    verdicts = [part.passed for part in parts]
    score = Score(
        "copies",
        "found",
        100.0 * float(hit.mean()),
        "lower",
        False if False in verdicts else None if None in verdicts else True,
        low,
        high,
        100.0 * float(stray.mean()),
        floor_low,
        floor_high,
        unit="%",
        facts={"rows": float(made_rows), "floor_rows": float(real_rows), "p_value": min(chances)},
        parts=tuple(sorted(parts, key=lambda part: -part.value)),
    )
    best: dict[int, tuple[float, ClosePoints]] = {}
    for depth_, pair in closest:
        if pair.made not in best or depth_ < best[pair.made][0]:
            best[pair.made] = depth_, pair
    order = sorted(best.values(), key=lambda one: one[0])
    pairs = [pair for _, pair in order[:shown]]
    placed = [replace(p, made=int(compared.made[p.made]), seen=int(compared.seen[p.seen])) for p in pairs]
    return [score], placed


def ratios(space: Space, left_out: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """Of made and of real cells the ratio, the bound, and the seen cell nearest to each made one.

    left_out: positions of the seen cells that, each left out in turn, are real ones besides the unseen.
    """
    made, unseen = (over_views(views, space.seen, 1) for views in (space.made, space.unseen))
    own = over_views(space.views(left_out), space.seen, 1, left_out)
    asked = np.unique(np.concatenate([made[0][:, 0], unseen[0][:, 0], own[0][:, 0]]))
    place, far = over_views(space.views(asked), space.seen, LISTED, asked)
    usual = max(float(np.median(far[:, :NEIGHBOURS].mean(axis=1))), 1e-9)

    def ratio(found: tuple[np.ndarray, np.ndarray], out: np.ndarray | None = None) -> np.ndarray:
        row = np.searchsorted(asked, found[0][:, 0])
        kept = np.where(far[row] < TWIN * usual, np.inf, far[row])
        if out is not None:
            kept = np.where(place[row] == out[:, None], np.inf, kept)
        yardstick = np.sort(kept, axis=1)[:, :NEIGHBOURS].mean(axis=1)
        return found[1][:, 0] / np.where(np.isfinite(yardstick), yardstick, usual)

    real = np.concatenate([ratio(unseen), ratio(own, left_out)])
    return ratio(made), real, bound_of(real), made[0][:, 0]


def bound_of(real: np.ndarray) -> float:
    """The ratio that real cells practically never fall below: far below the median, by the lower half.

    The spread is taken between the median and the lower decile, and twins are left out of it, so that a few
    of them among real cells do not widen it.
    """
    logs = np.log(real[real >= TWIN] if (real >= TWIN).any() else np.maximum(real, 1e-6))
    middle, low = np.quantile(logs, [0.5, 0.1])
    return float(np.exp(middle - BOUND * max(middle - low, 0.02) / 1.2816))
