"""Augmentation: do made rows beside the real ones help to find what is rare, or do they harm?

The rarest class with enough rows, or the longer tail of a number, is predicted by boosted trees trained on
seen rows alone and on seen and made rows together. Average precision is the measure of rare classes (Davis
and Goadrich 2006).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sampan.evaluate.learners import Inputs, boosted
from sampan.evaluate.score import Score, quantiles
from sampan.evaluate.state import FAR, Excess
from sampan.evaluate.work.bench import Bench
from sampan.evaluate.work.skill import FEWEST_OF_A_CLASS, average_precision, weights
from sampan.evaluate.work.trial import SEED

MARGIN = 0.05
"""The share of the average precision that must be lost before made rows are called harmful."""

FEWEST_TO_DECIDE = 50
"""Rare test rows below which an average precision says little."""


def augmentation(bench: Bench, rng: np.random.Generator, facts: Mapping[str, str | float]) -> Score | None:
    """The average precision of real and made rows together; floor: of real rows alone. None: none is rare.

    It fails only where made rows do harm, in the whole (beyond what 995 of 1,000 bootstrap draws of the test
    rows explain, and beyond the margin) and in each of six blocks. It passes where there are rare rows enough
    to see a harm of the size that matters, and there is none. Between the two the interval of the gain tells
    what is known: a gain, a loss, or neither.
    """
    name, rare = bench.target.rare(bench.sides.seen)
    if rare is None:
        return None
    seen_y, test_y, made_y = (bench.target.is_rare(side, rare) for side in bench.sides.each)
    truth = test_y > 0
    if min(truth.sum(), (~truth).sum()) < FEWEST_OF_A_CLASS:
        return None
    weight = weights(len(truth), rng)

    def precision(x: Inputs, y: np.ndarray, weight: np.ndarray) -> np.ndarray:
        return average_precision(truth, boosted(x, y, 2, SEED)(bench.test)[:, 1], weight)

    alone = precision(bench.seen, seen_y, weight)
    both = precision(_joined(bench.seen, bench.made), np.concatenate([seen_y, made_y]), weight)
    gain = both - alone
    harmful, margin = None, MARGIN * float(alone[0])
    if bench.decides and truth.sum() >= FEWEST_TO_DECIDE:
        harmful = bool(np.quantile(gain[1:], 0.995) < 0 and -gain[0] > margin)
        for seen, made in zip(bench.seen_blocks, bench.made_blocks, strict=True):
            if not harmful:
                break
            x, y = bench.seen.take(seen), seen_y[seen]
            more = _joined(x, bench.made.take(made)), np.concatenate([y, made_y[made]])
            harmful = bool(precision(*more, weight[:1])[0] < precision(x, y, weight[:1])[0])
    gain_low, gain_high = map(float, quantiles(gain[1:]))
    # a test that cannot see a loss that matters does not say that there is none
    harmless = harmful is False and gain_low > -margin
    sure = True if harmful else False if harmless else None
    passed = False if harmful else True if harmless else None
    told: dict[str, str | float] = {
        **facts,
        "rare": name,
        "rare_seen": float((seen_y > 0).sum()),
        "rare_made": float((made_y > 0).sum()),
        "rare_tested": float(truth.sum()),
        "gain": float(gain[0]),
        "gain_low": gain_low,
        "gain_high": gain_high,
    }
    excess = Excess(-float(gain[0]), -gain_high, -gain_low, margin, FAR * margin, sure)
    (low, high), (floor_low, floor_high) = (map(float, quantiles(draws[1:])) for draws in (both, alone))
    held = (float(both[0]), "higher", passed, low, high, float(alone[0]), floor_low, floor_high)
    score = Score("augmentation", "work", *held, float(truth.mean()), facts=told, excess=excess)
    return score if bench.unseen else score.without_floor()


def _joined(first: Inputs, second: Inputs) -> Inputs:
    return Inputs(
        np.concatenate([first.trees, second.trees]),
        np.concatenate([first.flat, second.flat]),
        first.is_category,
    )
