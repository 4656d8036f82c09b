"""Utility: do models trained on made rows predict unseen real rows as well as models trained on real rows?

"Train on synthetic, test on real" (Esteban, Hyland and Raetsch 2017), as "machine learning efficacy" in the
papers on tables (Xu et al. 2019), beside the same models trained on as many real rows.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sampan.evaluate.score import Part, Score
from sampan.evaluate.state import FAR, Excess
from sampan.evaluate.work.bench import Bench
from sampan.evaluate.work.blocks import ODDS, odds_of_excess
from sampan.evaluate.work.trial import Trial, interval

MARGIN = 0.025
"""The share of what real rows teach (the floor, less the skill of knowing nothing) that made rows may lose: a
fortieth, .01 of an area under the curve of .9. Retraining with another seed moves a published figure by less,
and nobody chooses another model over it."""


def utility(bench: Bench, trial: Trial, facts: Mapping[str, str | float]) -> Score:
    """The mean skill over the learners; its floor is that of the same learners trained on seen rows."""
    made, seen = trial.made.mean(axis=0), trial.seen.mean(axis=0)
    made_blocks, seen_blocks = trial.made_blocks.mean(axis=1), trial.seen_blocks.mean(axis=1)
    odds = odds_of_excess(made_blocks, seen_blocks)
    margin = MARGIN * max(float(seen[0]) - trial.nothing, 0.0)
    loss = made - seen
    low, high = interval(made, made_blocks)
    floor_low, floor_high = interval(seen, seen_blocks)
    loss_low, loss_high = interval(loss, made_blocks - seen_blocks)
    parts = []
    for place, name in enumerate(trial.learners):
        ends = interval(trial.made[place], trial.made_blocks[:, place])
        parts.append(Part(name, float(trial.made[place, 0]), float(trial.seen[place, 0]), *ends))
    parts.sort(key=lambda part: part.value - part.floor)
    decided = bench.decides and trial.teaches
    sure = odds <= ODDS if decided else None
    return Score(
        "utility",
        "work",
        float(made[0]),
        "higher",
        not (odds <= ODDS and -loss[0] > margin) if decided else None,
        low,
        high,
        float(seen[0]) if bench.unseen else np.nan,
        floor_low if bench.unseen else np.nan,
        floor_high if bench.unseen else np.nan,
        trial.nothing,
        facts={
            **facts,
            "difference": float(loss[0]),
            "difference_low": loss_low,
            "difference_high": loss_high,
            "margin": margin,
            "odds": odds,
            "predictable": "yes" if trial.teaches else "no",
        },
        parts=tuple(parts),
        excess=Excess(-float(loss[0]), -loss_high, -loss_low, margin, FAR * margin, sure, odds)
        if bench.unseen
        else None,
    )
