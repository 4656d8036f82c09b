"""Ranking: is the model that is best on made rows also the best on real ones?

Who chooses between kinds of model on made rows needs only their order to hold. It is compared over every two
learners (Kendall's tau, 1938), each trained on blocks of made rows and on as large blocks of seen ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from sampan.evaluate.score import Score
from sampan.evaluate.work.bench import Bench
from sampan.evaluate.work.trial import Trial

MARGIN = 0.005
"""By how much of a skill one learner must beat another for their order to matter to anyone."""


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
    low, high = (float(end) for end in np.quantile(across.mean(axis=1), [0.025, 0.975]))
    decided = bench.decides and trial.teaches and bool((clear != 0).any())
    return Score(
        "ranking",
        "work",
        float(across.mean()),
        "higher",
        not turned.any() if decided else None,
        low,
        high,
        float(others.mean()) if bench.unseen else np.nan,
        reference=0.0,
        facts={
            **facts,
            "order_real": orders[0],
            "order_made": orders[1],
            "pairs": float(len(pairs)),
            "pairs_clear": float((clear != 0).sum()),
            "pairs_reversed": float(turned.sum()),
            "reversed": reversals,
        },
    )


def _direction(differences: np.ndarray) -> np.ndarray:
    """Of each pair: 1 or -1 where all blocks agree on who is better and it matters, else 0."""
    sign = np.sign(differences)
    agreed = (sign == sign[0]).all(axis=0) & (np.abs(differences.mean(axis=0)) > MARGIN)
    return np.where(agreed, sign[0], 0.0)
