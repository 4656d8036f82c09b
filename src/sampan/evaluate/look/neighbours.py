"""Neighbours: precision, recall and coverage, from distances between single rows.

    precision    alpha-precision: do made rows fill the same shells around the middle of the real ones?
    recall       beta-recall: has every real row a made row no farther than its nearest other real row?
    coverage     the share of real rows with a made row no farther than their fifth nearest real one

Alpha-precision and beta-recall are those of Alaa et al. 2022 ("How faithful is your synthetic data?") in the
naive variant that the papers on tables report: shells around the mean, in the plain embedding. Coverage is
that of Naeem et al. 2020. All in per cent. Two samples of one table reach about 98, 50 and 97 %, never
100: that is what the floor is for.

Rows are points: a number is scaled to 0..1 by the least and greatest seen value; a category is one indicator
for each value, so that two rows which differ in it are as far apart as sqrt(2) ranges. That is what the
papers on tables do ("naive" alpha-precision). Three departures, none of which matters on their tables: a
number far outside the seen range counts as REACH ranges away; a missing number is the seen mean and has an
indicator of its own (a missing category is a value like any other); and there are at most WIDTH indicators in
all, so that of a category with many values the rarest share one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.columns import Kind, levelled
from sampan.evaluate.look.chance import DEALS, FEWEST_ROWS, RESAMPLES, equal_rows, excess_by, interval
from sampan.evaluate.score import NAN, Score
from sampan.evaluate.sides import Side, Sides, independent, stacked

MARGIN = 3.0
"""Points below the floor that do not matter: three real rows in a hundred without their neighbour."""

MOST_ROWS = 5_000
"""Rows of each side: distances take 5,000 x 20,000 steps, and chance moves a share by 0.7 points."""

ALPHAS = np.linspace(0.0, 1.0, 30)
"""The steps of alpha and beta in the published code."""

BALL = 5
"""The real neighbour that bounds the ball of coverage, as its authors advise."""

LISTED = 24
"""Neighbours kept of every seen row among made and unseen rows together. In a random half of these it has
one but for once in 16 million."""

BLOCK = 500
WIDTH = 400
REACH = 5.0
NAMES = ("precision", "recall", "coverage")


def neighbours(sides: Sides) -> list[Score]:
    """The scores `precision`, `recall` and `coverage`; reference: independent columns."""
    rows = equal_rows(sides.sizes, MOST_ROWS)
    if not sides.kinds or rows <= BALL:
        return []
    rng = sides.rng("neighbours")
    seen, made = sides.seen.some(rows, rng), sides.made.some(rows, rng)
    loose = independent(sides.unseen if sides.unseen.rows else sides.seen, rng, sides.parts).some(rows, rng)
    others = [made, loose] + ([sides.unseen.some(rows, rng)] if sides.unseen.rows else [])
    x, of_made, of_loose, *of_unseen = embedded(seen, others, sides.kinds)
    home = habitat(x)
    value, value_spread = _with_spread(home, of_made, rng)
    reference = figures(home, nearest(x, of_loose), of_loose)
    floor, floor_spread, luck = np.full(3, NAN), np.full(3, NAN), None
    if of_unseen:
        floor, floor_spread = _with_spread(home, of_unseen[0], rng)
        if rows >= FEWEST_ROWS:
            luck = _luck(home, np.concatenate([of_made, of_unseen[0]]), rng)
    scores = []
    for i, name in enumerate(NAMES):
        passed, excess, short = None, None, float(floor[i] - value[i])
        if luck is not None:
            excess = excess_by(short, short, luck[:, i], MARGIN, float(floor[i] - reference[i]))
            passed = not (excess.sure is True and short > MARGIN)
        ends, floor_ends = interval(value[i], value_spread[i]), interval(floor[i], floor_spread[i])
        held = (*ends, float(floor[i]), *floor_ends, float(reference[i]))
        facts = {"rows": float(rows)}
        scores.append(Score(name, "look", float(value[i]), "higher", passed, *held, "%", facts, (), excess))
    return scores


@dataclass(frozen=True, eq=False)
class Habitat:
    """The seen points and what is measured by them alone.

    radii: quantiles of their distance to their mean. nearest: distance of each to its nearest other one.
    ball: to its fifth nearest.
    """

    points: np.ndarray
    centre: np.ndarray
    radii: np.ndarray
    nearest: np.ndarray
    ball: np.ndarray


def habitat(points: np.ndarray) -> Habitat:
    """What the seen points say by themselves."""
    centre = points.mean(axis=0, dtype=np.float64)
    own = _listed(points, points, min(BALL, len(points) - 1), itself=True)[1]
    return Habitat(points, centre, np.quantile(_from(centre, points), ALPHAS), own[:, 0], own[:, -1])


def nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each point the nearest of the others: its place and its distance."""
    place, distance = _listed(points, others, 1)
    return place[:, 0], distance[:, 0]


def figures(home: Habitat, found: tuple[np.ndarray, np.ndarray], others: np.ndarray) -> np.ndarray:
    """Precision, recall and coverage of other points, in per cent, given the nearest of each seen point."""
    place, distance = found
    depth = _from(others.mean(axis=0, dtype=np.float64), others)[place]
    return _three(home, _from(home.centre, others), distance, depth)


def _three(
    home: Habitat,
    inside: np.ndarray,
    distance: np.ndarray,
    depth: np.ndarray,
    who: np.ndarray | slice = slice(None),
) -> np.ndarray:
    """The three figures. inside: how far all other points lie from the centre of the seen ones.

    distance, depth: how far the nearest other of each seen point `who` lies from it, and from the middle of
    the others.
    """
    filled = np.searchsorted(np.sort(inside), home.radii, side="right") / len(inside)
    covered = np.sort(depth[distance <= home.nearest[who]])
    reached = np.searchsorted(covered, np.quantile(depth, ALPHAS), side="right") / depth.size
    return np.array([_alike(filled), _alike(reached), 100.0 * np.mean(distance <= home.ball[who])])


def _alike(curve: np.ndarray) -> float:
    """100 % where the share within the a-quantile is a, for every a."""
    return 100.0 * (1.0 - float(np.abs(ALPHAS - curve).sum() / ALPHAS.sum()))


def _from(centre: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The distance of each point to a centre: float64."""
    return np.sqrt(((points - centre) ** 2).sum(axis=1))


def _with_spread(
    home: Habitat, others: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The three figures, and their bootstrap standard deviations: rows of both sides are drawn anew."""
    place, distance = _listed(home.points, others, min(LISTED, len(others)))
    value = figures(home, (place[:, 0], distance[:, 0]), others)
    depth = _from(others.mean(axis=0, dtype=np.float64), others)
    inside = _from(home.centre, others)
    rows = np.arange(len(home.points))
    again = []
    for _ in range(RESAMPLES):
        drawn = rng.integers(len(others), size=len(others))
        there = np.zeros(len(others), dtype=bool)
        there[drawn] = True
        first = there[place].argmax(axis=1)
        who = rng.integers(rows.size, size=rows.size)
        far, deep = distance[rows, first][who], depth[place[rows, first]][who]
        again.append(_three(home, inside[drawn], far, deep, who))
    return value, np.std(again, axis=0)


def _luck(home: Habitat, pool: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What dealing made and unseen points out anew does to the difference of the three figures."""
    half = len(pool) // 2
    place, distance = _listed(home.points, pool, min(LISTED, len(pool)))
    inside = _from(home.centre, pool)
    square = (pool.astype(np.float64) ** 2).sum(axis=1)
    whole = pool.sum(axis=0, dtype=np.float64)
    rows = np.arange(len(home.points))
    out = []
    for _ in range(DEALS):
        first = np.zeros(len(pool), dtype=bool)
        first[rng.permutation(len(pool))[:half]] = True
        middle = first.astype(np.float32) @ pool / half
        hands = []
        for hand, centre in ((first, middle), (~first, whole / half - middle)):
            spot = hand[place].argmax(axis=1)
            who = place[rows, spot]
            # the expanded square of the difference: one product for all, where digits do not matter
            deep = np.sqrt(np.maximum(square[who] - 2.0 * (pool @ centre)[who] + centre @ centre, 0.0))
            hands.append(_three(home, inside[hand], distance[rows, spot], deep))
        out.append(hands[0] - hands[1])
    return np.stack(out)


def _listed(
    points: np.ndarray, others: np.ndarray, count: int, itself: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Of each point the `count` nearest others, nearest first: places and distances (rows, count).

    Candidates come from one matrix product for each block of rows; the distances are then taken anew from
    the differences, so that equal rows are at distance 0. itself: the two are one table, and a point is not
    its own neighbour.
    """
    # centred, so that float32 keeps its digits
    centre = others.mean(axis=0)
    a, b = points - centre, others - centre
    square = (b * b).sum(axis=1)
    places, distances = [], []
    for start in range(0, len(a), BLOCK):
        block = a[start : start + BLOCK]
        far = square - 2.0 * (block @ b.T)
        if itself:
            far[np.arange(len(block)), start + np.arange(len(block))] = np.inf
        if count == 1:
            place = far.argmin(axis=1)[:, None]
        elif count < len(b):
            place = np.argpartition(far, count - 1, axis=1)[:, :count]
        else:
            place = np.tile(np.arange(len(b)), (len(block), 1))
        exact = np.empty(place.shape)
        for k in range(place.shape[1]):
            exact[:, k] = np.sqrt(((points[start : start + BLOCK] - others[place[:, k]]) ** 2).sum(axis=1))
        order = np.argsort(exact, axis=1, kind="stable")
        places.append(np.take_along_axis(place, order, axis=1))
        distances.append(np.take_along_axis(exact, order, axis=1))
    return np.concatenate(places), np.concatenate(distances)


def embedded(scale: Side, others: Sequence[Side], kinds: Mapping[str, Kind]) -> list[np.ndarray]:
    """The points of `scale`, by which all are scaled, and of the others: float32 (rows, dimensions) each."""
    both = stacked(scale, *others)
    ends = np.cumsum([scale.rows, *(side.rows for side in others)])[:-1]
    categories = sum(kind == "category" for kind in kinds.values())
    levels = max(2, WIDTH // max(categories, 1))
    blocks: list[np.ndarray] = []
    for name, kind in kinds.items():
        column = both.column(name)
        match kind:
            case "number":
                blocks += _number(column, scale.rows)
            case "category":
                first, rest, size = levelled(column[: scale.rows], column[scale.rows :], levels)
                codes = np.concatenate([first, rest])
                used = np.flatnonzero(np.bincount(codes, minlength=size))
                blocks.append((codes[:, None] == used).astype(np.float32))
    points = np.hstack(blocks) if blocks else np.zeros((both.rows, 1), dtype=np.float32)
    return np.split(points, ends)


def _number(values: np.ndarray, scale: int) -> list[np.ndarray]:
    """One number as a scaled column, and an indicator where some are missing."""
    finite = values[:scale][np.isfinite(values[:scale])]
    if not finite.size:
        finite = np.zeros(1)
    low, span = finite.min(), finite.max() - finite.min()
    gone = np.isnan(values)
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = (values - low) / (span if span > 0 else 1.0)
        mean = np.mean((finite - low) / (span if span > 0 else 1.0))
    scaled = np.where(gone, mean, np.clip(np.nan_to_num(scaled), -REACH, 1.0 + REACH))
    out = [scaled[:, None].astype(np.float32)]
    return [*out, gone[:, None].astype(np.float32)] if gone.any() else out
