"""Importance: do models trained on made rows lean on the same columns as models trained on real rows?

A column's importance is how much predictions change when that column of the test rows is shuffled: the share
of the model's variance in which the column has a part (the total effect of Sobol 1993, by Jansen's estimator,
1999). Unlike the loss of skill (Breiman 2001) it also shows a model that leans on a column in vain. The same
shuffled test rows serve every model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sampan.evaluate.learners import Inputs, Predict
from sampan.evaluate.score import Score, parts_of, quantiles
from sampan.evaluate.state import FAR, Excess
from sampan.evaluate.work.bench import Bench
from sampan.evaluate.work.blocks import BLOCKS, ODDS, odds_of_unlikeness
from sampan.evaluate.work.trial import Trial

MARGIN = 0.02
"""How much lower the cosine may be than between real blocks: .02 of 1.00 is an angle of 11 degrees, a column
of a fifth of the whole importance gained or lost."""

TEST_CELLS = 16_000
"""Rows times columns that are shuffled: an importance needs no more, and wide tables take no longer."""

FEWEST_TEST_ROWS = 200


def importance(
    bench: Bench,
    trial: Trial,
    models: Sequence[Predict],
    rng: np.random.Generator,
    facts: Mapping[str, str | float],
) -> Score:
    """The mean cosine between importances from a made and from a seen block; floor: from two seen ones.

    reference: the cosine of a model to which all columns matter alike. Decided by a test over all labellings
    of the blocks.
    """
    names = list(bench.kinds)
    rows = min(len(bench.test_y), max(FEWEST_TEST_ROWS, TEST_CELLS // len(names)))
    drawn = np.sort(rng.choice(len(bench.test_y), rows, replace=False))
    found = importances(bench.test.take(drawn), models, rng)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    unit = found / np.where(length > 0, length, 1.0)
    cosine = unit @ unit.T
    np.fill_diagonal(cosine, 1.0)
    within = cosine[:BLOCKS, :BLOCKS][~np.eye(BLOCKS, dtype=bool)]
    across = cosine[BLOCKS:, :BLOCKS]
    odds = odds_of_unlikeness(cosine)
    value, floor = float(across.mean()), float(within.mean())
    alike = float(unit[:BLOCKS].sum(axis=1).mean() / np.sqrt(len(names)))
    seen, made = found[:BLOCKS], found[BLOCKS:]
    error = made.std(axis=0, ddof=1) / np.sqrt(BLOCKS)
    middle, real = made.mean(axis=0), seen.mean(axis=0)
    order = np.argsort(-np.abs(middle - real), kind="stable")
    spread = 1.96 * error
    parts = parts_of(names, order, middle, real, (middle - spread, middle + spread))
    low, high = map(float, quantiles(across.mean(axis=1)))
    decided = bench.decides and trial.teaches and len(names) > 1
    told = {
        "odds": odds,
        "top_real": ", ".join(names[place] for place in np.argsort(-real, kind="stable")[:3]),
        "top_made": ", ".join(names[place] for place in np.argsort(-middle, kind="stable")[:3]),
        "columns": float(len(names)),
    }
    sure = odds <= ODDS if decided else None
    excess = Excess(floor - value, floor - high, floor - low, MARGIN, FAR * MARGIN, sure, odds)
    passed = not (odds <= ODDS and floor - value > MARGIN) if decided else None
    held = {"reference": alike, "facts": {**facts, **told}, "parts": parts, "excess": excess}
    score = Score("importance", "work", value, "higher", passed, low, high, floor, **held)
    return score if bench.unseen else score.without_floor()


def importances(test: Inputs, models: Sequence[Predict], rng: np.random.Generator) -> np.ndarray:
    """The share of each model's variance that each column has a part in: float64 (models, columns).

    Half the mean squared change of a prediction when the column is shuffled, over the prediction's variance.
    """
    whole = [predict(test) for predict in models]
    spread = np.array([predicted.var(axis=0).sum() for predicted in whole])
    out = np.zeros((len(models), test.trees.shape[1]))
    for place in range(test.trees.shape[1]):
        trees = test.trees.copy()
        trees[:, place] = trees[rng.permutation(len(trees)), place]
        shuffled = replace(test, trees=trees)
        for row, predict in enumerate(models):
            out[row, place] = ((predict(shuffled) - whole[row]) ** 2).mean(axis=0).sum() / 2
    moves = spread > 1e-12
    return np.where(moves[:, None], out / np.where(moves, spread, 1.0)[:, None], 0.0)
