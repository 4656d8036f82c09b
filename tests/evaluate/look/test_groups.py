"""The score `groups`: rows of one key that differ in what is constant, and groups of other sizes."""

from __future__ import annotations

import numpy as np
import pandas as pd

import sampan as sp
from sampan.evaluate.score import Score


def table(seed: int, most: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, most + 1, 80)
    whose = np.repeat(np.arange(80), sizes)
    return pd.DataFrame(
        {
            "patient_id": [f"P{seed}{number:04d}" for number in whose],
            "sex": np.array([*"fm"], dtype=object)[rng.integers(0, 2, 80)][whose],
            "paid": rng.gamma(2, 90, whose.size).round(1),
        }
    )


SEEN, UNSEEN = table(1), table(2)


def judged(made: pd.DataFrame) -> Score:
    report = sp.judge(made, seen=SEEN, unseen=UNSEEN, questions=["look"])
    [score] = [score for score in report.scores if score.name == "groups"]
    return score


def test_real_groups_pass() -> None:
    score = judged(table(3))
    assert score.passed and score.value == 0 and score.floor == 0
    assert {part.name for part in score.parts} == {"sex", "rows of one patient_id"}


def test_what_differs_within_a_group_is_found() -> None:
    rng = np.random.default_rng(0)
    score = judged(table(3).assign(sex=lambda rows: rng.permutation(rows.sex)))
    assert score.passed is False and score.value > 50
    assert score.parts[0].name == "sex" and score.parts[0].passed is False


def test_other_sizes_are_found() -> None:
    score = judged(table(3, most=12))
    assert score.passed is False and score.value == 0
    assert score.parts[0].name == "rows of one patient_id" and score.parts[0].passed is False


def test_rows_without_a_key_have_no_such_score() -> None:
    rows = [frame.drop(columns="patient_id") for frame in (table(3), SEEN, UNSEEN)]
    report = sp.judge(rows[0], seen=rows[1], unseen=rows[2], questions=["look"])
    assert all(score.name != "groups" for score in report.scores)
