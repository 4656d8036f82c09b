"""Trial: every learner trained on real and on made rows, all tested on the same unseen rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.learners import LEARNERS, Fit, Predict
from sampan.evaluate.work.bench import Bench
from sampan.evaluate.work.blocks import BLOCKS
from sampan.evaluate.work.skill import skill, weights

SEED = 7
"""Of the learners themselves: the same for every training, so that only the rows differ."""

CLEAR = 3.0
"""By how many standard errors real blocks must teach more than nothing before made ones are asked to."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What the learners reached.

    learners: their names. seen, made: skill of each, trained on all rows, under each bootstrap draw of the
    test rows, the first draw being the rows themselves (learners, draws). seen_blocks, made_blocks: skill of
    each trained on one block (blocks, learners). nothing: the skill of a model that learned nothing.
    models: by learner, what predicts after each block, the six of seen rows first; `keep` names which.
    """

    learners: tuple[str, ...]
    seen: np.ndarray
    made: np.ndarray
    seen_blocks: np.ndarray
    made_blocks: np.ndarray
    nothing: float
    models: Mapping[str, list[Predict]]

    @property
    def teaches(self) -> bool:
        """Whether real rows teach anything at all about the target, beyond chance."""
        gain = self.seen_blocks.mean(axis=1) - self.nothing
        error = gain.std(ddof=1) / np.sqrt(BLOCKS)
        return bool(gain.mean() > CLEAR * error and gain.mean() > 0.01)


def trial(bench: Bench, rng: np.random.Generator, keep: str, learners: Mapping[str, Fit] = LEARNERS) -> Trial:
    """Trains each learner on all rows and on every block of them, and tests it."""
    weight = weights(len(bench.test_y), rng)
    whole: list[list[np.ndarray]] = [[], []]
    parts = np.zeros((2 * BLOCKS, len(learners)))
    models: dict[str, list[Predict]] = {keep: []}
    for place, (name, fit) in enumerate(learners.items()):
        for out, x, y in ((whole[0], bench.seen, bench.seen_y), (whole[1], bench.made, bench.made_y)):
            predicted = fit(x, y, bench.classes, SEED)(bench.test)
            out.append(skill(bench.test_y, predicted, weight))
        for block, (x, y) in enumerate(bench.blocks):
            predict = fit(x, y, bench.classes, SEED)
            parts[block, place] = skill(bench.test_y, predict(bench.test))[0]
            if name in models:
                models[name].append(predict)
    nothing = 0.5 if bench.classes else 0.0
    seen, made = np.array(whole[0]), np.array(whole[1])
    return Trial(tuple(learners), seen, made, parts[:BLOCKS], parts[BLOCKS:], nothing, models)


def interval(draws: np.ndarray, blocks: np.ndarray) -> tuple[float, float]:
    """The 95 % interval of a skill: from the test rows (draws) and from the rows learned from (blocks).

    Blocks are a sixth of the rows each, so their figures scatter about as the mean of six does six times
    over: their variance is divided by six.
    """
    error = np.sqrt(draws[1:].var() + blocks.var(ddof=1) / BLOCKS)
    return float(draws[0] - 1.96 * error), float(draws[0] + 1.96 * error)
