"""Gap: how differently a model trained on made rows treats groups, beside a model trained on real rows.

    parity    demographic-parity difference: the largest selection rate of a group less the smallest
    odds      equalised-odds difference: the larger of the same for true and for false positives (Hardt,
              Price and Srebro 2016)

Both as in `fairlearn.metrics`; both models are tested on the same unseen rows.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from sampan.evaluate.learners import boosted
from sampan.evaluate.score import Score, parts_of
from sampan.evaluate.treated.grouping import FEWEST, Grouping
from sampan.evaluate.work.bench import Bench
from sampan.evaluate.work.blocks import BLOCKS, ODDS, odds_of_excess
from sampan.evaluate.work.skill import weights
from sampan.evaluate.work.trial import SEED, interval

MARGIN = 0.05
"""By how much a gap may widen: five points more between two groups' rates. Published audits call a gap under
.05 to .10 small; random unseen rows move one by as much."""

ROUNDS = 40
"""Of boosting: a yes or a no at one half settles sooner than a ranking of people does."""

GAP_DRAWS = 100
"""Bootstrap draws: only their variance is used, and every grouping needs its own."""

FEWEST_OF_EACH = 30
"""Positive, and negative, test rows that a group needs for its true and false positive rates."""


def parity_difference(chosen: np.ndarray, group: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """The largest selection rate of a group less the smallest, under each draw of weights (draws, rows).

    chosen: bool (rows,); group: int64 (rows,), negative where a row is in no group that counts.

    >>> parity_difference(np.array([True, True, True, False]), np.array([0, 0, 1, 1])).tolist()
    [0.5]
    """
    weight = np.ones((1, len(group))) if weight is None else weight
    groups = np.unique(group[group >= 0])
    if len(groups) < 2:
        return np.zeros(len(weight))
    member = (group[:, None] == groups).astype(np.float32)
    people = weight @ member
    rate = (weight[:, chosen] @ member[chosen]) / np.maximum(people, 1e-9)
    least = np.where(people > 0, rate, np.inf).min(axis=1)
    most = np.where(people > 0, rate, -np.inf).max(axis=1)
    return np.maximum(most - least, 0.0).astype(np.float64)


def odds_difference(
    truth: np.ndarray, chosen: np.ndarray, group: np.ndarray, weight: np.ndarray | None = None
) -> np.ndarray:
    """The larger of the differences of the true and of the false positive rates, under each draw.

    >>> truth = np.array([True, True, False, False])
    >>> odds_difference(truth, np.array([True, False, False, False]), np.array([0, 1, 0, 1])).tolist()
    [1.0]
    """
    weight = np.ones((1, len(group))) if weight is None else weight
    gaps = [parity_difference(chosen[one], group[one], weight[:, one]) for one in (truth, ~truth)]
    return np.maximum(*gaps)


def gaps(
    bench: Bench,
    groupings: Sequence[Grouping],
    positive: Sequence[np.ndarray],
    rng: np.random.Generator,
    facts: Mapping[str, str | float],
) -> list[Score]:
    """The scores `parity` and `odds`; less that for which no two groups have test rows enough.

    groupings, positive: of the rows on the bench. value, floor: of the grouping that fails worst, else of
    the one whose two gaps are largest together. It fails when boosted trees trained on each of six blocks
    say that the gap is wider beyond chance (a test over all labellings, for all groupings together), and the
    gap widens by more than the margin, over the blocks as with all rows.
    """
    seen_y, test_y, made_y = positive
    truth = test_y > 0
    by_parity = [_counted(one, truth, each_truth=False) for one in groupings]
    by_odds = [_counted(one, truth, each_truth=True) for one in groupings]
    if not any((codes >= 0).any() for codes in by_parity):
        return []
    sides = (bench.seen, seen_y, bench.seen_blocks), (bench.made, made_y, bench.made_blocks)
    whole, blocks = [], []
    for x, y, cuts in sides:
        whole.append(boosted(x, y, 2, SEED, ROUNDS)(bench.test)[:, 1] > 0.5)
        blocks += [boosted(x.take(cut), y[cut], 2, SEED, ROUNDS)(bench.test)[:, 1] > 0.5 for cut in cuts]
    weight = weights(len(truth), rng, GAP_DRAWS)

    measures = {
        "parity": (parity_difference, by_parity),
        "odds": (functools.partial(odds_difference, truth), by_odds),
    }
    found = []
    for name, (measure, codes) in measures.items():
        kept = [place for place, one in enumerate(codes) if (one >= 0).any()]
        if not kept:
            continue
        members = [codes[place] for place in kept]
        seen, made = (
            np.array([measure(chosen, group, weight) for group in members]) for chosen in whole
        )  # (groupings, draws)
        parts = np.array([[measure(chosen, group)[0] for group in members] for chosen in blocks])
        names = [groupings[place].name for place in kept]
        found.append(_score(name, names, (seen, made), (parts[:BLOCKS], parts[BLOCKS:]), bench, facts))
    return found


def _score(
    name: str,
    names: Sequence[str],
    whole: tuple[np.ndarray, np.ndarray],
    blocks: tuple[np.ndarray, np.ndarray],
    bench: Bench,
    facts: Mapping[str, str | float],
) -> Score:
    (seen, made), (seen_blocks, made_blocks) = whole, blocks
    wider = made[:, 0] - seen[:, 0]
    over_blocks = made_blocks.mean(axis=0) - seen_blocks.mean(axis=0)
    together = odds_of_excess(seen_blocks, made_blocks)
    each = [odds_of_excess(seen_blocks[:, one], made_blocks[:, one]) for one in range(len(names))]
    worse = (np.minimum(wider, over_blocks) > MARGIN) & (np.array(each) <= ODDS) & (together <= ODDS)
    # what fails first, by how much; then the largest gaps of both sides together, which favours neither side
    order = np.lexsort((-made[:, 0] - seen[:, 0], np.where(worse, -wider, 0.0)))
    low, high = np.array([_interval(made[one], made_blocks[:, one]) for one in range(len(names))]).T
    worst = int(order[0])
    floor_ends = _interval(seen[worst], seen_blocks[:, worst])
    floors, fine = seen[:, 0] if bench.unseen else None, ~worse if bench.decides else None
    parts = parts_of(names, order, made[:, 0], floors, (low, high), fine)
    passed = not worse.any() if bench.decides else None
    told = {
        "rows": float(bench.seen.rows),
        "rows_tested": float(bench.test.rows),
        "column": names[worst],
        "wider": float(wider[worst]),
        "odds": float(each[worst]),
        "margin": MARGIN,
    }
    held = (float(made[worst, 0]), "lower", passed, float(low[worst]), float(high[worst]))
    floor = float(seen[worst, 0])
    score = Score(name, "treated", *held, floor, *floor_ends, facts={**facts, **told}, parts=parts)
    return score if bench.unseen else score.without_floor()


def _interval(draws: np.ndarray, blocks: np.ndarray) -> tuple[float, float]:
    low, high = interval(draws, blocks)
    return max(low, 0.0), min(high, 1.0)


def _counted(grouping: Grouping, truth: np.ndarray, each_truth: bool) -> np.ndarray:
    """The group of each test row, -1 where the group has too few of them; all -1 where one group is left."""
    people = grouping.counts(grouping.unseen)
    enough = people >= FEWEST
    if each_truth:
        positives = grouping.counts(grouping.unseen, truth.astype(np.float64))
        enough &= (positives >= FEWEST_OF_EACH) & (people - positives >= FEWEST_OF_EACH)
    if enough.sum() < 2:
        return np.full(len(truth), -1)
    return np.where(enough[grouping.unseen], grouping.unseen, -1)
