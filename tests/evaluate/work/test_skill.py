"""Skills agree with scikit-learn, and weights mean repeated rows."""

import numpy as np
import pytest

from sampan.evaluate.work.skill import area, average_precision, explained, measurable, skill, weights

metrics = pytest.importorskip("sklearn.metrics")


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    truth = rng.random(300) < 0.3
    return truth, np.round(rng.normal(size=300) + truth, 1), rng.poisson(1.0, (4, 300))


def test_areas_and_precisions_are_those_of_scikit_learn(drawn) -> None:
    truth, score, weight = drawn
    for ours, theirs in (
        (area, metrics.roc_auc_score),
        (average_precision, metrics.average_precision_score),
    ):
        expected = [theirs(truth, score, sample_weight=one) for one in weight]
        np.testing.assert_allclose(ours(truth, score, weight), expected, atol=1e-9)


def test_the_explained_share_is_that_of_scikit_learn(drawn) -> None:
    _, score, weight = drawn
    truth = score + np.sin(np.arange(300))
    expected = [metrics.r2_score(truth, score, sample_weight=one) for one in weight]
    np.testing.assert_allclose(explained(truth, score, weight), expected, atol=1e-9)


def test_a_class_that_hardly_occurs_is_left_out_of_the_mean() -> None:
    truth = np.repeat([0.0, 1.0, 2.0], [50, 50, 3])
    predicted = np.eye(3)[truth.astype(int)]
    predicted[truth == 2] = [0, 1, 0]  # always wrong about the rare one
    assert skill(truth, predicted)[0] == pytest.approx(
        (1 + 50 * 1 / 53 + 50 * 0.5 * 3 / (50 * 53)) / 2, abs=0.03
    )
    assert measurable(truth, 3)
    assert not measurable(np.zeros(100), 2)


def test_the_first_draw_is_the_rows_themselves() -> None:
    drawn = weights(5000, np.random.default_rng(0), 20)
    assert (drawn[0] == 1).all()
    assert abs(drawn[1:].mean() - 1) < 0.02
