"""Made pictures of a rare class help when they are right, and harm when they are wrong."""

from __future__ import annotations

import numpy as np
import pytest

from sampan.errors import DataError
from sampan.evaluate.eyes.picture.features import Pace
from sampan.evaluate.pictures.augmentation import augmentation, mirrored, rarest
from tests.evaluate.eyes.picture.digits import digits

SEEN, UNSEEN, REAL = digits(500, 500, 500)
RARE = 8
QUICK = Pace(width=8, batch=64)


def test_other_real_pictures_of_the_class_help() -> None:
    found = augmentation(REAL, SEEN, UNSEEN, rare=RARE, few=5, seeds=2, steps=60, pace=QUICK)
    assert found.real == 5 and found.made == (REAL[1] == RARE).sum() and not found.flips
    assert len(found.precisions) == len(found.accuracies_alone) == 2
    assert found.gain == pytest.approx(np.mean(found.precisions) - np.mean(found.precisions_alone))
    assert found.low < found.gain < found.high and found.gain > 0.05
    score = found.score()
    assert score.passed is True and score.value > score.floor > score.reference


def test_pictures_of_another_class_harm() -> None:
    wrong = REAL[0][REAL[1] == 3], np.full(int((REAL[1] == 3).sum()), RARE)
    found = augmentation(wrong, SEEN, UNSEEN, rare=RARE, few=10, seeds=2, steps=60, pace=QUICK)
    assert found.gain < -0.1 and found.score().passed is False


def test_the_rarest_class_with_tests_enough_is_chosen() -> None:
    labels = np.repeat([0, 1, 2], [50, 5, 20])
    assert rarest(labels, np.repeat([0, 1, 2], [50, 50, 50])) == 1
    assert rarest(labels, np.repeat([0, 1, 2], [50, 5, 50])) == 2
    assert rarest(labels, np.array([-1])) is None


def test_mirrors_are_fair_where_pictures_look_alike_in_them() -> None:
    assert not mirrored(SEEN[0])
    assert mirrored(np.concatenate([SEEN[0], SEEN[0][..., ::-1]]))


def test_a_class_without_made_or_tested_pictures_is_refused() -> None:
    with pytest.raises(DataError, match="0 made ones"):
        augmentation((REAL[0][:5], np.zeros(5, np.int64)), SEEN, UNSEEN, rare=RARE)
    with pytest.raises(DataError, match="One whole number for each"):
        augmentation((REAL[0], REAL[1][:5]), SEEN, UNSEEN)
