"""Real pictures pass beside their floors; noise, lost classes and lost variety do not."""

from __future__ import annotations

import numpy as np
import pytest

from sampan.evaluate.look.likeness import alike, likeness, measures
from sampan.evaluate.score import Score
from tests.evaluate.eyes.picture.digits import digits, net_of, sides_of

(SEEN, _), (UNSEEN, _), (REAL, LABELS) = digits(700, 300, 600)


def _scores(made: np.ndarray, unseen: np.ndarray = UNSEEN) -> dict[str, Score]:
    return {score.name: score for score in likeness(sides_of(made, SEEN, unseen, net_of(700)), "picture")}


def test_real_pictures_pass_and_every_figure_has_floor_and_interval() -> None:
    scores = _scores(REAL)
    assert list(scores) == [measure.name for measure in measures(64)]
    for score in scores.values():
        assert score.passed is True
        assert score.low < score.high and score.low <= score.value <= score.high
        assert np.isfinite([score.floor, score.floor_low, score.floor_high]).all()


def test_noise_is_no_likeness() -> None:
    noise = np.random.default_rng(0).integers(0, 256, REAL.shape, dtype=np.uint8)
    scores = _scores(noise)
    assert {name for name, score in scores.items() if score.passed is False} >= {
        "frechet",
        "kernel",
        "coverage",
    }
    assert scores["coverage"].value < 20


def test_lost_classes_are_seen_by_recall_and_coverage_and_not_by_precision() -> None:
    scores = _scores(REAL[LABELS < 5])
    assert scores["precision"].passed is True
    assert [scores[name].passed for name in ("frechet", "recall", "coverage")] == [False] * 3


def test_without_unseen_pictures_nothing_is_decided() -> None:
    scores = _scores(REAL, UNSEEN[:0])
    assert {score.passed for score in scores.values()} == {None}
    assert np.isnan(scores["frechet"].floor) and np.isfinite(scores["frechet"].low)


@pytest.mark.parametrize("rows", [0, 3])
def test_too_few_rows_are_not_measured(rows: int) -> None:
    few = np.zeros((rows, 4), np.float32)
    assert alike(few, few, few, rng=np.random.default_rng(0)) == []
