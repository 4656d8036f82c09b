"""Chance: whether made rows are farther from the seen ones than unseen rows are, by more than luck explains.

Were the made rows real, nobody could tell which of the made and the unseen rows are which. So the two are
put into one pool and dealt out anew, many times, each time measuring how much farther the one hand lies from
the seen rows than the other (a permutation test, Fisher 1935; Pitman 1937): that is what luck does to the
excess of the made rows over the floor, whatever the measure and whatever the table. Swapping the hands turns
the sign, so luck's mean is 0 and its root mean square is the yardstick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sampan.evaluate.score import NAN, Part, Question, Score
from sampan.evaluate.sides import Sides
from sampan.evaluate.state import FAR, Excess

CERTAIN = 3.5
"""How many yardsticks an excess must reach before it is not luck. Measured from 60 deals, a normal excess
does so once in 2,000 times (Student's t), and a skewed one of few rows some times as often: real rows are
then blamed by none of ten scores in 99 of 100 judgements."""

DEALS = 60
"""How often the pool is dealt out anew: the yardstick is then known to within 9 %."""

RESAMPLES = 30
"""Bootstrap samples behind an interval: its width is then known to within 13 %."""

FEWEST_ROWS = 50
"""Below so many rows in each sample, nothing is decided."""

MOST_ROWS = 20_000
"""Rows of a sample. Chance then moves a share by at most 0.4 points: less than any margin below."""

Tally = Callable[[np.ndarray, bool], Any]
"""Rows (positions among all rows) -> what is counted of them; True: of the watched parts only."""

Gap = Callable[[Any, Any, bool], np.ndarray]
"""Two tallies, first the seen rows' -> the distance of every part, in per cent."""


@dataclass(frozen=True, eq=False)
class Contest:
    """Distances of made and of unseen rows from seen rows, all in equal numbers of rows.

    made, unseen: of every part, the mean over several samples. excess: made minus unseen, of every watched
    part of one sample; luck: the same of every deal (deals, watched). made_spread, unseen_spread: standard
    deviation of the mean over the watched parts; part_spread: of every watched made part. watched: their
    positions.
    """

    rows: int
    made: np.ndarray
    unseen: np.ndarray
    watched: np.ndarray
    excess: np.ndarray
    luck: np.ndarray
    made_spread: float
    unseen_spread: float
    part_spread: np.ndarray

    def of(self, parts: slice) -> Contest:
        """The same of some parts, all of which must be watched."""
        made, unseen, excess = self.made[parts], self.unseen[parts], self.excess[parts]
        return replace(
            self,
            made=made,
            unseen=unseen,
            watched=np.arange(made.size),
            excess=excess,
            luck=self.luck[:, parts],
            part_spread=self.part_spread[parts],
        )


def contest(
    sizes: tuple[int, int, int], tally: Tally, gap: Gap, watched: np.ndarray, rng: np.random.Generator
) -> Contest:
    """Made and unseen rows against seen ones.

    sizes: rows of seen, unseen, made, which follow each other in the numbering that `tally` is given.
    watched: the parts that the decision and the interval rest on, which cost a hundred tallies each.
    """
    seen, unseen, made = (
        np.arange(start, start + size) for start, size in zip(np.cumsum([0, *sizes[:2]]), sizes, strict=True)
    )
    rows = equal_rows(sizes, MOST_ROWS)
    once = all(size in (0, rows) for size in sizes)
    of_made, of_unseen = [], []
    base, other, own = seen, unseen, made
    for _ in range(1 if once else 5 if rows < 5_000 else 3):
        base, own = some(seen, rows, rng), some(made, rows, rng)
        other = some(unseen, rows, rng)
        counted = tally(base, False)
        of_made.append(gap(counted, tally(own, False), False))
        if unseen.size:
            of_unseen.append(gap(counted, tally(other, False), False))
    mean_made = np.mean(of_made, axis=0)
    mean_unseen = np.mean(of_unseen, axis=0) if of_unseen else np.full_like(mean_made, NAN)

    counted = tally(base, True)
    excess = np.full(watched.size, NAN)
    luck = np.zeros((0, watched.size))
    if unseen.size:
        hands = [np.concatenate([own, other])]
        hands += [rng.permutation(hands[0]) for _ in range(DEALS)]
        gaps = np.stack(
            [
                gap(counted, tally(hand[:rows], True), True) - gap(counted, tally(hand[rows:], True), True)
                for hand in hands
            ]
        )
        excess, luck = gaps[0], gaps[1:]
    again_made, again_unseen = [], []
    for _ in range(RESAMPLES):
        counted = tally(rng.choice(base, rows), True)
        again_made.append(gap(counted, tally(rng.choice(own, rows), True), True))
        if unseen.size:
            again_unseen.append(gap(counted, tally(rng.choice(other, rows), True), True))
    return Contest(
        rows,
        mean_made,
        mean_unseen,
        watched,
        excess,
        luck,
        float(np.std(np.mean(again_made, axis=1))),
        float(np.std(np.mean(again_unseen, axis=1))) if again_unseen else NAN,
        np.std(again_made, axis=0),
    )


def equal_rows(sizes: tuple[int, ...], most: int) -> int:
    """How many rows each sample holds: as many as the shortest side that has any, at most so many."""
    return min([size for size in sizes if size] + [most])


def some(rows: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """So many of the rows (or all), without replacement, in order."""
    return rows if count >= rows.size else np.sort(rng.choice(rows, count, replace=False))


def yardsticks(excess: np.ndarray | float, luck: np.ndarray) -> np.ndarray:
    """An excess as a multiple of what luck does: luck has one row for each deal. 0 where both are 0."""
    size = np.sqrt(np.mean(np.square(luck), axis=0))
    excess = np.asarray(excess, dtype=np.float64)
    return np.where(excess == 0, 0.0, excess / np.where(size > 0, size, 1e-300))


def blamed(excess: np.ndarray | float, luck: np.ndarray, bound: float = CERTAIN) -> np.ndarray:
    """Where an excess is more than luck explains."""
    return yardsticks(excess, luck) > bound


def bound_of_many(parts: int) -> float:
    """How many yardsticks one of many parts must reach, so that any of them does once in 1,000 times.

    Of a normal excess the chance to pass b is below exp(-b * b / 2).

    >>> round(bound_of_many(15), 2)
    4.39
    """
    return max(CERTAIN, math.sqrt(2.0 * math.log(max(parts, 1) / 0.001)))


def contest_score(
    name: str,
    found: Contest,
    names: list[str],
    margin: float,
    part_margin: float,
    *,
    reference: float = NAN,
    facts: Mapping[str, str | float],
    most_parts: int = 200,
    question: Question = "look",
) -> Score:
    """The score of a contest: the mean over its parts, in per cent, 0 is the same.

    Made rows fail where the mean lies above the floor by more than luck and by more than `margin`, or where
    one part does so by itself (more than luck finds anywhere among so many parts, and `part_margin`).
    """
    value, floor = float(np.mean(found.made)), float(np.mean(found.unseen))
    part_excess = found.made - found.unseen
    verdicts: dict[int, bool] = {}
    passed: bool | None = None
    excess: Excess | None = None
    if found.luck.size and found.rows >= FEWEST_ROWS:
        bound = bound_of_many(found.watched.size)
        bad = blamed(found.excess, found.luck, bound) & (part_excess[found.watched] > part_margin)
        verdicts = {int(place): not fails for place, fails in zip(found.watched, bad, strict=True)}
        mean_bad = bool(blamed(found.excess.mean(), found.luck.mean(axis=1))) and value - floor > margin
        passed = not mean_bad and not bad.any()
        excess = _excess(found, bad, names, margin, part_margin, reference)
    spread = dict(zip(found.watched.tolist(), found.part_spread.tolist(), strict=True))
    order = np.argsort(-np.where(np.isnan(part_excess), found.made, part_excess), kind="stable")
    parts = []
    for place in order[:most_parts].tolist():
        low, high = interval(float(found.made[place]), spread.get(place, NAN))
        parts.append(
            Part(
                names[place],
                float(found.made[place]),
                float(found.unseen[place]),
                low,
                high,
                passed=verdicts.get(place),
            )
        )
    low, high = interval(value, found.made_spread)
    floor_low, floor_high = interval(floor, found.unseen_spread)
    return Score(
        name,
        question,
        value,
        "lower",
        passed,
        low,
        high,
        floor,
        floor_low,
        floor_high,
        reference,
        "%",
        {"rows": float(found.rows), **facts},
        tuple(parts),
        excess,
    )


GROSS = 10.0
"""Per cent of the rows elsewhere: a fault that a test must see, where no reference says what is one."""


def _excess(
    found: Contest,
    bad: np.ndarray,
    names: list[str],
    margin: float,
    part_margin: float,
    reference: float,
) -> Excess:
    """How much farther made rows lie than unseen ones: the mean, or a part at greater fault."""
    mean = float(np.mean(found.made) - np.mean(found.unseen))
    power = reference - float(np.mean(found.unseen)) if math.isfinite(reference) else GROSS
    whole = excess_by(mean, found.excess.mean(), found.luck.mean(axis=1), margin, power)
    over = (found.made - found.unseen)[found.watched]
    return worse_of(
        whole, bad, over, found.excess, found.luck, part_margin, [names[i] for i in found.watched]
    )


def worse_of(
    whole: Excess,
    bad: np.ndarray,
    over: np.ndarray,
    tested: np.ndarray,
    luck: np.ndarray,
    margin: float,
    names: list[str],
) -> Excess:
    """The excess of the whole, or that of the worst part that fails by itself, if that is the larger fault.

    bad, over, tested, names: of every part; luck: (deals, parts).
    """
    if not bad.any():
        return whole
    worst = int(np.argmax(np.where(bad, over, -np.inf)))
    part = excess_by(float(over[worst]), float(tested[worst]), luck[:, worst], margin)
    part = replace(part, sure=True, of=names[worst])
    return whole if whole.sure and whole.value * part.far > part.value * whole.far else part


def excess_by(value: float, tested: float, luck: np.ndarray, margin: float, power: float = NAN) -> Excess:
    """An excess with its interval by what luck does to it: luck holds one figure for each deal.

    tested: the excess that the deals are compared with, sure where it passes CERTAIN yardsticks. power: the
    excess of rows with a known fault, where there are such; a test that would not see it, or one far beyond
    the margin, has none.
    """
    stick = float(np.sqrt(np.mean(np.square(luck))))
    beyond = float(yardsticks(tested, luck)) > CERTAIN
    far = FAR * margin
    blind = CERTAIN * stick > max(far, power if math.isfinite(power) else 0.0)
    return Excess(
        value,
        value - 1.96 * stick,
        value + 1.96 * stick,
        margin,
        far,
        True if beyond else None if blind else False,
        0.5 * math.erfc(float(tested) / stick / math.sqrt(2.0)) if stick > 0 else NAN,
    )


def interval(value: float, spread: float, top: float = 100.0) -> tuple[float, float]:
    """The 95 % interval of a figure between 0 and `top`, from its bootstrap standard deviation.

    Centred on the figure: a bootstrap sample repeats rows, which moves a distance up, so that the bootstrap's
    own percentiles would lie above the figure that they are to surround.
    """
    if math.isnan(value) or math.isnan(spread):
        return NAN, NAN
    return max(0.0, value - 1.96 * spread), min(top, value + 1.96 * spread)


def dealt(sides: Sides) -> tuple[int, int, int]:
    """Rows of seen, unseen and made."""
    return sides.seen.rows, sides.unseen.rows, sides.made.rows
