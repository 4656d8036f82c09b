"""Trial: every learner trained on real and on made rows, all tested on the same unseen rows.

Utility: do models trained on made rows predict as well as models trained on real rows? "Train on synthetic,
test on real" (Esteban, Hyland and Raetsch 2017), as "machine learning efficacy" in the papers on tables (Xu
et al. 2019), beside the same models trained on as many real rows.

Ranking: is the model that is best on made rows also the best on real ones? Who chooses between kinds of model
on made rows needs only their order to hold. It is compared over every two learners (Kendall's tau, 1938),
each trained on blocks of made rows and on as large blocks of seen ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.learners import LEARNERS, Fit, Predict
from sampan.evaluate.score import Part, Score, quantiles
from sampan.evaluate.state import FAR, Excess
from sampan.evaluate.work.bench import Bench
from sampan.evaluate.work.blocks import BLOCKS, ODDS, odds_of_excess
from sampan.evaluate.work.skill import skill, weights

SEED = 7
"""Of the learners themselves: the same for every training, so that only the rows differ."""

CLEAR = 3.0
"""By how many standard errors real blocks must teach more than nothing before made ones are asked to."""

UTILITY_MARGIN = 0.025
"""The share of what real rows teach (the floor, less the skill of knowing nothing) that made rows may lose: a
fortieth, .01 of an area under the curve of .9. Retraining with another seed moves a published figure by less,
and nobody chooses another model over it."""

RANKING_MARGIN = 0.005
"""By how much of a skill one learner must beat another for their order to matter to anyone."""


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


def utility(bench: Bench, trial: Trial, facts: Mapping[str, str | float]) -> Score:
    """The mean skill over the learners; its floor is that of the same learners trained on seen rows."""
    made, seen = trial.made.mean(axis=0), trial.seen.mean(axis=0)
    made_blocks, seen_blocks = trial.made_blocks.mean(axis=1), trial.seen_blocks.mean(axis=1)
    odds = odds_of_excess(made_blocks, seen_blocks)
    margin = UTILITY_MARGIN * max(float(seen[0]) - trial.nothing, 0.0)
    loss = made - seen
    ends, floor_ends = interval(made, made_blocks), interval(seen, seen_blocks)
    loss_low, loss_high = interval(loss, made_blocks - seen_blocks)
    parts = []
    for place, name in enumerate(trial.learners):
        own = interval(trial.made[place], trial.made_blocks[:, place])
        parts.append(Part(name, float(trial.made[place, 0]), float(trial.seen[place, 0]), *own))
    parts.sort(key=lambda part: part.value - part.floor)
    decided = bench.decides and trial.teaches
    sure = odds <= ODDS if decided else None
    told = {
        "difference": float(loss[0]),
        "difference_low": loss_low,
        "difference_high": loss_high,
        "margin": margin,
        "odds": odds,
        "predictable": "yes" if trial.teaches else "no",
    }
    excess = Excess(-float(loss[0]), -loss_high, -loss_low, margin, FAR * margin, sure, odds)
    passed = not (odds <= ODDS and -loss[0] > margin) if decided else None
    figures = (float(made[0]), "higher", passed, *ends, float(seen[0]), *floor_ends, trial.nothing)
    score = Score("utility", "work", *figures, "", {**facts, **told}, tuple(parts), excess)
    return score if bench.unseen else score.without_floor()


def ranking(bench: Bench, trial: Trial, facts: Mapping[str, str | float]) -> Score:
    """Kendall's tau between the order of the learners on a made and on a seen block; floor: on two seen ones.

    It fails when some learner beats another in all six seen blocks and loses to it in all six made ones, by
    more than the margin in both. Were the two as good as each other and made rows real rows, that would
    happen once in 2,048 times for a pair, so once in 340 for all six pairs. Undecided where no two learners
    differ so clearly on real rows.
    """
    pairs = list(itertools.combinations(range(len(trial.learners)), 2))
    a, b = np.array(pairs).T
    seen, made = (blocks[:, a] - blocks[:, b] for blocks in (trial.seen_blocks, trial.made_blocks))
    across = np.sign(made) @ np.sign(seen).T / len(pairs)
    within = np.sign(seen) @ np.sign(seen).T / len(pairs)
    others = within[~np.eye(len(within), dtype=bool)]
    clear, kept_up = _direction(seen), _direction(made)
    turned = (clear != 0) & (kept_up == -clear)
    names = trial.learners
    orders = [
        " > ".join(names[place] for place in np.argsort(-skills[:, 0], kind="stable"))
        for skills in (trial.seen, trial.made)
    ]
    reversals = "; ".join(
        f"{names[pairs[place][0]]} / {names[pairs[place][1]]}" for place in np.flatnonzero(turned)
    )
    low, high = map(float, quantiles(across.mean(axis=1)))
    decided = bench.decides and trial.teaches and bool((clear != 0).any())
    told = {
        "order_real": orders[0],
        "order_made": orders[1],
        "pairs": float(len(pairs)),
        "pairs_clear": float((clear != 0).sum()),
        "pairs_reversed": float(turned.sum()),
        "reversed": reversals,
    }
    passed = not turned.any() if decided else None
    held = (float(across.mean()), "higher", passed, low, high, float(others.mean()))
    score = Score("ranking", "work", *held, reference=0.0, facts={**facts, **told})
    return score if bench.unseen else score.without_floor()


def _direction(differences: np.ndarray) -> np.ndarray:
    """Of each pair: 1 or -1 where all blocks agree on who is better and it matters, else 0."""
    sign = np.sign(differences)
    agreed = (sign == sign[0]).all(axis=0) & (np.abs(differences.mean(axis=0)) > RANKING_MARGIN)
    return np.where(agreed, sign[0], 0.0)
