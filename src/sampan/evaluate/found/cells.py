"""Cells: copies and neighbours of single cells of a column of points, in every disguise that its eye knows.

What a disguise is (mirrored, moved, reworded), the eye knows; made cells are looked for among seen ones in
each.

Copies: has the model learned cells by heart? The distance of a cell to its nearest seen one, divided by the
mean distance of that seen one to its own nearest seen neighbours, is near 1 for real cells however crowded
the place is. A copy is a cell whose ratio lies below what real ones practically ever reach. That bound is set
by real pairs: unseen cells against seen ones, and seen ones against the rest. So 140 seen cells are enough,
where a comparison of shares would have little to count.

Near: do made cells lie nearer to seen cells than to unseen ones? As many of both are compared, so without a
leak each lies nearer to either with a chance of one half. It needs no bound, and notices what is too weak for
copies: that all made cells lean towards those learned from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sampan.evaluate.distances import nearest
from sampan.evaluate.eyes import Views
from sampan.evaluate.found.copies import ALARM, FEWEST_ROWS
from sampan.evaluate.found.near import MARGIN, chance_of, share_nearer
from sampan.evaluate.look.chance import some
from sampan.evaluate.score import Part, Score
from sampan.evaluate.shares import fisher, percent, wilson
from sampan.evaluate.sides import Sides
from sampan.evaluate.state import Excess, all_of

WORK = 20_000_000
"""Pairs of cells compared, so that 60,000 seen ones take seconds."""

MOST_MADE, FEWEST_MADE, MOST_SEEN = 2_000, 300, 60_000

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

LEANING = 0.01
"""Above this chance a leaning is luck; between it and the alarm nothing is decided."""


@dataclass(frozen=True, eq=False)
class Space:
    """One space of comparison.

    made, unseen: their views. seen: the plain view, float32 (cells, d); views: more of some of its cells, for
    those of 60,000 pictures would take a gigabyte.
    """

    name: str
    made: Views
    seen: np.ndarray
    unseen: Views
    views: Callable[[np.ndarray], Views]


@dataclass(frozen=True, eq=False)
class Compared:
    """The cells of a column that are compared.

    made, seen, unseen: their rows. left_out: positions among these seen ones of some that, each left out in
    turn, are real cells that the rest never saw. each: the spaces.
    """

    made: np.ndarray
    seen: np.ndarray
    unseen: np.ndarray
    left_out: np.ndarray
    each: Sequence[Space]


def compared(sides: Sides, name: str, rng: np.random.Generator) -> Compared:
    """A column of points in every space of its eye; fewer made and unseen cells where there are many seen."""
    cells = sides.points[name]
    most = int(min(MOST_MADE, max(FEWEST_MADE, WORK / max(sides.seen.rows, 1))))
    rows = [
        some(np.flatnonzero(side.places[name] >= 0), top, rng)
        for side, top in ((sides.made, most), (sides.seen, MOST_SEEN), (sides.unseen, most))
    ]
    made, seen, unseen = (
        side.places[name][index]
        for side, index in zip((sides.made, sides.seen, sides.unseen), rows, strict=True)
    )

    def space_of(space: str) -> Space:
        def views(places: np.ndarray) -> Views:
            return cells.eye.views(cells.take(places), space)

        return Space(
            space,
            views(made),
            cells.plain[space][seen],
            views(unseen),
            lambda index: views(seen[index]),
        )

    left_out = some(np.arange(len(seen)), most, rng)
    return Compared(rows[0], rows[1], rows[2], left_out, [space_of(space) for space in cells.eye.spaces])


def over_views(
    views: Views, others: np.ndarray, most: int, own: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others under whichever view brings each nearest, each other once: (rows, most).

    own: of each row its own place among the others, which does not count.
    """
    found = [nearest(view, others, min(most + 1, len(others))) for view in views]
    place = np.concatenate([one[0] for one in found], axis=1)
    far = np.concatenate([one[1] for one in found], axis=1)
    if own is not None:
        far = np.where(place == own[:, None], np.inf, far)
    order = np.lexsort((far, place), axis=1)
    place, far = np.take_along_axis(place, order, 1), np.take_along_axis(far, order, 1)
    again = np.zeros(place.shape, bool)
    again[:, 1:] = place[:, 1:] == place[:, :-1]
    far = np.where(again, np.inf, far)
    order = np.argsort(far, axis=1, kind="stable")[:, :most]
    return np.take_along_axis(place, order, 1), np.take_along_axis(far, order, 1)


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
    """
    parts, hits_of, real_of, chances = [], [], [], []
    closest: list[tuple[float, ClosePoints]] = []
    made_rows, real_rows = len(compared.made), 0
    for space in compared.each:
        made, real, bound, place = ratios(space, compared.left_out)
        hit, stray = made < bound, real < bound
        real_rows = len(real)
        hits, strays = int(hit.sum()), int(stray.sum())
        chance = fisher(hits, len(made), strays, len(real))
        planted = min(hits + round(PLANTED * len(made)), len(made))
        noticed = fisher(planted, len(made), strays, len(real)) < ALARM
        passed = None
        if min(len(made), len(real)) >= FEWEST_ROWS:
            passed = False if chance < ALARM else True if chance > LUCK and noticed else None
        figures = percent(hits, len(made)), percent(strays, len(real)), *wilson(hits, len(made))
        parts.append(Part(space.name, *figures, passed=passed))
        hits_of.append(hit)
        real_of.append(stray)
        chances.append(chance)
        depth = np.log(np.maximum(made, 1e-6)) - math.log(bound)
        closest += [
            (float(depth[i]), ClosePoints(i, int(place[i]), float(made[i]), bound, space.name))
            for i in range(len(made))
        ]
    hit, stray = np.any(hits_of, axis=0), np.any(real_of, axis=0)
    ends, floor_ends = wilson(int(hit.sum()), made_rows), wilson(int(stray.sum()), real_rows)
    figures = (100.0 * float(hit.mean()), "lower", all_of(part.passed for part in parts), *ends)
    facts = {"rows": float(made_rows), "floor_rows": float(real_rows), "p_value": min(chances)}
    held = tuple(sorted(parts, key=lambda part: -part.value))
    floor = 100.0 * float(stray.mean())
    score = Score("copies", "found", *figures, floor, *floor_ends, math.nan, "%", facts, held)
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


def near(compared: Compared, rng: np.random.Generator) -> list[Score]:
    """The score near, in per cent of made cells; floor: of unseen ones, each left out in turn.

    None where there are no unseen cells.
    """
    if not len(compared.unseen):
        return []
    rows = min(len(compared.seen), len(compared.unseen))
    keep = some(np.arange(len(compared.seen)), rows, rng)
    kept = some(np.arange(len(compared.unseen)), rows, rng)
    parts, chances = [], []
    for space in compared.each:
        seen, unseen = space.seen[keep], space.unseen[0][kept]
        to_seen, to_unseen = (over_views(space.made, side, 1) for side in (seen, unseen))
        value, error = _leaning(to_seen, to_unseen, len(seen))
        asked = [view[kept] for view in space.unseen]
        # real cells: each unseen one left out, against one seen cell fewer
        fewer = rng.permutation(len(seen))[: max(1, len(seen) - 1)]
        floor, _ = _leaning(
            over_views(asked, seen[fewer], 1),
            over_views(asked, unseen, 1, np.arange(len(unseen))),
            len(fewer),
        )
        chance = chance_of(value, error)
        passed = None
        if min(rows, len(space.made[0])) >= FEWEST_ROWS:
            leans = value > 50.0 + MARGIN
            passed = False if leans and chance < ALARM else None if leans and chance < LEANING else True
        low, high = max(0.0, value - 1.96 * error), min(100.0, value + 1.96 * error)
        parts.append(Part(space.name, value, floor, low, high, passed=passed))
        chances.append(chance)
    worst = max(parts, key=lambda part: part.value)
    whole = all_of(part.passed for part in parts)
    none = -math.inf if whole is False else 0.0  # a leak that is found is no small one
    sure = None if whole is None else not whole
    # one half is the floor that always holds; what unseen cells did this time is told beside it
    low, high = wilson(round(worst.floor / 100 * rows), rows)
    facts = {"rows": float(rows), "p_value": min(chances)}
    held = tuple(sorted(parts, key=lambda part: -part.value))
    over = worst.value - 50.0, worst.low - 50.0, worst.high - 50.0
    excess = Excess(*over, none, none, sure, min(chances))
    figures = (worst.value, "lower", whole, worst.low, worst.high, worst.floor, low, high, 50.0)
    return [Score("near", "found", *figures, "%", facts, held, excess)]


def _leaning(
    first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray], rows: int
) -> tuple[float, float]:
    """The per cent that lie nearer to the first side of so many rows, and how far luck moves it."""
    near, far = first[1][:, 0], second[1][:, 0]
    return share_nearer(near, far, np.where(near < far, first[0][:, 0], rows + second[0][:, 0]))
