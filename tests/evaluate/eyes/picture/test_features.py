"""Features are learned from labels or without, from any size of picture, in time, and the same again."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from sampan.evaluate.eyes.picture.features import (
    FeatureNet,
    Pace,
    classified,
    covariance,
    disturbed,
    features,
    learn_features,
    vicreg,
)
from tests.evaluate.eyes.picture.digits import digits, net_of

(SEEN, LABELS), (UNSEEN, TRUTH) = digits(700, 300)


def _by_neighbour(net: FeatureNet) -> float:
    """How often the nearest seen picture has the same label."""
    seen, unseen = features(net, SEEN), features(net, UNSEEN)
    nearest = np.linalg.norm(unseen[:, None] - seen[None], axis=2).argmin(axis=1)
    return float((LABELS[nearest] == TRUTH).mean())


def test_labels_are_learned_and_features_have_unit_scale() -> None:
    net = net_of(700)
    assert (classified(net, UNSEEN).argmax(axis=1) == TRUTH).mean() > 0.93
    seen = features(net, SEEN)
    assert seen.shape == (700, 64) and seen.dtype == np.float32
    assert abs(seen.mean()) < 0.2 and seen.std(axis=0).mean() == pytest.approx(1, abs=0.25)


def test_without_labels_the_same_kind_lies_near() -> None:
    net = learn_features(SEEN, np.full(len(SEEN), -1), steps=40, pace=Pace(width=16))
    assert net.classes == 0
    assert _by_neighbour(net) > 0.9
    assert np.linalg.matrix_rank(features(net, SEEN), tol=1.0) > 15


def test_one_seed_one_network_and_the_global_draws_stay_alone() -> None:
    before = torch.random.get_rng_state()
    first, again = (learn_features(SEEN[:50], LABELS[:50], steps=4, seed=3) for _ in range(2))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert (features(first, UNSEEN) == features(again, UNSEEN)).all()


def test_the_budget_is_kept_and_progress_told() -> None:
    told: list[tuple[int, int]] = []
    begun = time.monotonic()
    learn_features(SEEN, LABELS, seconds=0.5, on_step=lambda *step: told.append(step))
    assert time.monotonic() - begun < 3
    assert [done for done, _ in told] == list(range(1, len(told) + 1))


def test_ctrl_c_is_let_through() -> None:
    def stop(done: int, planned: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn_features(SEEN[:50], LABELS[:50], steps=5, on_step=stop)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 256, 256), (4, 10, 100), (7, 31, 17)])
def test_any_size_and_any_number_of_channels(shape: tuple[int, int, int]) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (12, *shape), dtype=np.uint8)
    net = learn_features(pictures, steps=2)
    assert sum(weight.numel() for weight in net.parameters()) < 400_000
    assert np.isfinite(features(net, pictures)).all()


def test_unknown_labels_and_single_classes_do_not_matter() -> None:
    labels = LABELS.copy()
    labels[::2] = -1
    assert learn_features(SEEN, labels, steps=1).classes == 10
    assert learn_features(SEEN, np.zeros_like(LABELS), steps=1).classes == 0


def test_views_differ_and_stay_near() -> None:
    pictures = torch.rand(40, 1, 8, 8)
    view = disturbed(pictures, torch.Generator().manual_seed(0))
    assert view.shape == pictures.shape and 0 < (view - pictures).abs().mean() < 0.4


def test_vicreg_is_least_for_views_alike_that_vary_and_do_not_repeat() -> None:
    rng = torch.Generator().manual_seed(0)
    good = torch.randn(500, 4, generator=rng)
    same = good[:, :1].expand(-1, 4)
    still = torch.zeros(500, 4)
    assert vicreg(good, good) < 2 < min(vicreg(same, same), vicreg(still, still), vicreg(good, -good))
    assert covariance(same) == pytest.approx(float(3 * good[:, 0].var() ** 2), rel=1e-4)
