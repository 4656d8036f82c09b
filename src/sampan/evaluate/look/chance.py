"""Chance: whether made rows are farther from the seen ones than unseen rows are, by more than luck explains.

Were the made rows real, nobody could tell which of the made and the unseen rows are which. So the two are
put into one pool and dealt out anew, many times, each time measuring how much farther the one hand lies from
the seen rows than the other (a permutation test, Fisher 1935; Pitman 1937): that is what luck does to the
excess of the made rows over the floor, whatever the measure and whatever the table. Swapping the hands turns
the sign, so luck's mean is 0 and its root mean square is the yardstick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sampan.evaluate.score import NAN, Part, Score
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

GROSS = 10.0
"""Per cent of the rows elsewhere: a fault that a test must see, where no reference says what is one."""

MOST_PARTS = 200
"""Parts that a score keeps, the worst."""

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


@dataclass(frozen=True, eq=False)
class Beyond:
    """How far made rows lie beyond unseen ones, as a whole or in every part.

    over: as it is told. tested: as it is compared with luck, which is the same of every deal, (deals,) or
    (deals, parts).
    """

    over: Any
    tested: Any
    luck: np.ndarray


def weighed(
    whole: Beyond, parts: Beyond, names: Sequence[str], margin: float, part_margin: float, power: float
) -> tuple[bool, np.ndarray, Excess]:
    """Whether made rows pass, which parts fail by themselves, and the greater fault of the two.

    The whole fails by more than luck and by more than `margin`, a part by more than luck finds anywhere among
    so many and by `part_margin`. power: as in `excess_by`.
    """
    bad = blamed(parts.tested, parts.luck, bound_of_many(len(names))) & (parts.over > part_margin)
    excess = excess_by(whole.over, whole.tested, whole.luck, margin, power)
    passed = not (excess.sure is True and whole.over > margin) and not bad.any()
    if bad.any():
        worst = int(np.argmax(np.where(bad, parts.over, -np.inf)))
        part = excess_by(parts.over[worst], parts.tested[worst], parts.luck[:, worst], part_margin)
        if not (excess.sure and excess.value * part.far > part.value * excess.far):
            excess = replace(part, sure=True, of=names[worst])
    return passed, bad, excess


def contest_score(
    name: str,
    found: Contest,
    names: Sequence[str],
    margin: float,
    part_margin: float,
    *,
    reference: float = NAN,
    facts: Mapping[str, str | float],
) -> Score:
    """The score of a contest: the mean over its parts, in per cent, 0 is the same; margins: see `weighed`."""
    value, floor = float(np.mean(found.made)), float(np.mean(found.unseen))
    over = found.made - found.unseen
    passed, excess, fine = None, None, {}
    watched: list[int] = found.watched.tolist()
    if found.luck.size and found.rows >= FEWEST_ROWS:
        whole = Beyond(value - floor, found.excess.mean(), found.luck.mean(axis=1))
        each = Beyond(over[watched], found.excess, found.luck)
        power = reference - floor if math.isfinite(reference) else GROSS
        own = [names[place] for place in watched]
        passed, bad, excess = weighed(whole, each, own, margin, part_margin, power)
        fine = dict(zip(watched, (~bad).tolist(), strict=True))
    spread = dict(zip(watched, found.part_spread.tolist(), strict=True))
    order = np.argsort(-np.where(np.isnan(over), found.made, over), kind="stable")
    parts = []
    worst: list[int] = order[:MOST_PARTS].tolist()
    for place in worst:
        far = float(found.made[place])
        ends = interval(far, spread.get(place, NAN))
        parts.append(Part(names[place], far, float(found.unseen[place]), *ends, passed=fine.get(place)))
    ends, floor_ends = interval(value, found.made_spread), interval(floor, found.unseen_spread)
    facts = {"rows": float(found.rows), **facts}
    figures = (*ends, floor, *floor_ends, reference)
    return Score(name, "look", value, "lower", passed, *figures, "%", facts, tuple(parts), excess)


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
        float(value),
        float(value - 1.96 * stick),
        float(value + 1.96 * stick),
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
