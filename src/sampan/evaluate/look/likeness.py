"""Likeness: do made cells fill the place of real ones? Six figures in features, each beside its floor.

Made and unseen cells are compared with seen ones, equally many of each. Whether made cells are farther
than chance explains is asked as in `look.chance`: made and unseen ones are put into one pool and dealt out
anew. Of precision by itself beware: noise around real cells passes it, and so does a model that makes but
one cell; recall, coverage and the distances notice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sampan.evaluate.distances import K, blocks, frechet, kernel_distance, neighbours
from sampan.evaluate.look.chance import FEWEST_ROWS, blamed, some
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides
from sampan.evaluate.state import FAR, Excess

MOST_ROWS = 10_000
"""Cells of each side behind a figure."""

DEALT = 1_000
"""Cells of each side in a deal: the yardstick of chance costs seconds."""

DEALS = 40


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure. margin: excess over the floor that does not matter. unit: "%" or ""."""

    name: str
    better: Literal["lower", "higher"]
    margin: float
    unit: str = ""


def measures(dimensions: int, variance: float = 1.0) -> tuple[Measure, ...]:
    """The six figures of features that have so much variance each, on average.

    The margin of the Fréchet distance is one hundredth of the features' variance together. A shift of the
    mean by so much moves the kernel distance by 3 / d times as much: 0.03 of a variance.
    """
    return (
        Measure("frechet", "lower", 0.01 * dimensions * variance),
        Measure("kernel", "lower", 0.03 * variance),
        Measure("precision", "higher", 5.0, "%"),
        Measure("recall", "higher", 5.0, "%"),
        Measure("density", "higher", 0.1),
        Measure("coverage", "higher", 5.0, "%"),
    )


def likeness(
    sides: Sides, name: str, on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None
) -> list[Score]:
    """The scores frechet, kernel, precision, recall, density and coverage of a column of points."""
    cells, rng = sides.points[name], sides.rng(f"likeness {name}")
    places = [side.places[name][side.places[name] >= 0] for side in (sides.made, sides.seen, sides.unseen)]
    if cells.eye.file is None:
        return alike(*(cells.plain[cells.eye.spaces[0]][there] for there in places), rng=rng)
    rows = min([len(there) for there in places if len(there)] + [MOST_ROWS])
    drawn = [cells.take(some(there, rows, rng)) for there in places]
    whole = sum(map(len, drawn))
    vectors, done = [], 0
    for part in drawn:
        vectors.append(
            cells.eye.of_file(
                part, lambda count, _, done=done: on_stage("features of the file", done + count, whole)
            )
        )
        done += len(part)
    return alike(*vectors, rng=rng, variance=float(vectors[1].var(axis=0).mean()))


def alike(
    made: np.ndarray, seen: np.ndarray, unseen: np.ndarray, *, rng: np.random.Generator, variance: float = 1.0
) -> list[Score]:
    """The six scores of vectors, float (rows, d).

    unseen: without rows where there are none; then there is no floor. variance: of a feature among real
    cells, on average; 1 where they are standardised.
    """
    sides = [seen, made] if not len(unseen) else [seen, made, unseen]
    rows = min(min(len(side) for side in sides), MOST_ROWS)
    if (rows if len(unseen) else rows // 2) <= K + 1:  # without unseen ones, halves are dealt out
        return []
    base, own, *other = (side[rng.choice(len(side), rows, replace=False)] for side in sides)
    value = _figures(base, own, rng)
    floor = _figures(base, other[0], rng) if other else np.full(len(value), np.nan)
    few = min(rows, DEALT)
    gaps, luck, spread = _deals([base[:few], own[:few], *(side[:few] for side in other)], rng)
    spread = spread * np.sqrt(few / rows)
    scores = []
    for i, measure in enumerate(measures(base.shape[1], variance)):
        worse = 1.0 if measure.better == "lower" else -1.0
        beyond = bool(blamed(worse * gaps[i], luck[:, i]))
        over = float(worse * (value[i] - floor[i]))
        decided = bool(other) and rows >= FEWEST_ROWS
        half = 1.96 * float(np.sqrt(np.mean(np.square(luck[:, i])) * few / rows))
        # what deals find holds of few cells too; what they do not find then says nothing
        sure = beyond or (False if decided else None)
        ends = [_ends(float(figure), float(spread[i]), measure) for figure in (value[i], floor[i])]
        passed = not (beyond and over > measure.margin) if decided else None
        excess = Excess(over, over - half, over + half, measure.margin, FAR * measure.margin, sure)
        held = (*ends[0], float(floor[i]), *ends[1], np.nan, measure.unit)
        facts = {"rows": float(rows)}
        own = (measure.name, "look", float(value[i]), measure.better, passed)
        scores.append(Score(*own, *held, facts, (), excess if other else None))
    return scores


def _figures(real: np.ndarray, made: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    near = neighbours(real, made)
    shares = 100.0 * near.precision, 100.0 * near.recall, near.density, 100.0 * near.coverage
    kernel, _ = kernel_distance(real, made, rng, subsets=10)
    return np.array([frechet(real, made), kernel, *shares])


def _deals(hands: list[np.ndarray], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The excess of made over unseen rows, the same of every deal, and how far chance moves one figure.

    Without unseen rows there is nothing to deal, and nothing known of chance but by halves of the made ones.
    """
    base, own, *other = hands
    figures_of = _pooled(np.concatenate(hands), len(base))
    start, rows = len(base), len(own)
    count = rows if other else rows // 2
    places = start + np.arange(2 * count)
    dealt = [places, *(rng.permutation(places) for _ in range(DEALS))]
    found = np.stack([[figures_of(deal[:count]), figures_of(deal[count:])] for deal in dealt])
    gaps = found[:, 0] - found[:, 1]
    spread = found[1:].reshape(-1, found.shape[2]).std(axis=0) * np.sqrt(count / rows)
    return gaps[0], gaps[1:], spread


def _pooled(rows: np.ndarray, seen: int) -> Callable[[np.ndarray], np.ndarray]:
    """Some rows -> their six figures. rows: seen ones first; distances and kernels are computed once."""
    rows = rows - rows[:seen].mean(axis=0)
    far = np.concatenate([block for _, block in blocks(rows, rows)])
    np.fill_diagonal(far, 0.0)
    kernel = ((rows @ rows.T / rows.shape[1] + 1.0) ** 3).astype(np.float32)

    def balls(who: np.ndarray) -> np.ndarray:
        """Squared distances to the k-th nearest other row: itself is the nearest of all."""
        return np.partition(far[np.ix_(who, who)], K, axis=1)[:, K]

    of_seen = balls(np.arange(seen))

    def figures(who: np.ndarray) -> np.ndarray:
        across = far[:seen][:, who]
        held = across < of_seen[:, None]
        own = kernel[np.ix_(who, who)], kernel[:seen, :seen]
        terms = [(float(k.sum(dtype=np.float64)) - float(np.trace(k))) / (len(k) * (len(k) - 1)) for k in own]
        return np.array(
            [
                frechet(rows[:seen], rows[who]),
                sum(terms) - 2.0 * float(kernel[:seen][:, who].mean(dtype=np.float64)),
                100.0 * held.any(axis=0).mean(),
                100.0 * (across < balls(who)[None, :]).any(axis=1).mean(),
                held.sum() / (K * len(who)),
                100.0 * held.any(axis=1).sum() / seen,
            ]
        )

    return figures


def _ends(value: float, spread: float, measure: Measure) -> tuple[float, float]:
    low, high = value - 1.96 * spread, value + 1.96 * spread
    if measure.name != "kernel":
        low = max(0.0, low)
    return low, min(100.0, high) if measure.unit == "%" else high
