"""Copies of 140 learned pictures are found, and other real pictures are not taken for copies."""

from __future__ import annotations

import numpy as np
import pytest

from sampan.evaluate.eyes.picture.features import learn_features
from sampan.evaluate.eyes.picture.pixels import fingerprints
from sampan.evaluate.found.cells import Compared, bound_of, compared, copies, near
from sampan.evaluate.look.repeats import repeats, twins
from tests.evaluate.eyes.picture.digits import digits, net_of, sides_of, touched

FEW = 140
(SEEN, _), (UNSEEN, _), (REAL, _) = digits(FEW, 60, FEW)


def both(made: np.ndarray, unseen: np.ndarray | None = UNSEEN, seen: np.ndarray = SEEN) -> Compared:
    return compared(sides_of(made, seen, unseen, net_of(FEW)), "picture", np.random.default_rng(0))


def test_copies_of_140_pictures_are_reported() -> None:
    (score,), pairs = copies(both(touched(SEEN)))
    assert score.passed is False and score.value > 80 and score.floor < 2 and score.low > score.floor_high
    assert len(pairs) == 12 and all(pair.copied and pair.made == pair.seen for pair in pairs)


def test_other_real_pictures_are_no_copies() -> None:
    (score,), pairs = copies(both(REAL))
    assert score.passed is True and score.value < 2
    assert not any(pair.copied for pair in pairs[1:])


def test_a_tenth_of_copies_does_not_pass() -> None:
    made = REAL.copy()
    made[:14] = touched(SEEN)[:14]
    (score,), pairs = copies(both(made))
    assert score.passed is not True and score.value > 5
    assert {pair.made for pair in pairs if pair.copied} <= set(range(14))


def test_copies_are_found_without_unseen_pictures() -> None:
    found = both(touched(SEEN), None)
    assert copies(found)[0][0].passed is False
    assert near(found, np.random.default_rng(0)) == []


def test_a_picture_learned_in_many_copies_is_the_likeliest_to_come_back() -> None:
    seen = SEEN.copy()
    seen[:8] = seen[4]
    made = REAL.copy()
    made[:70] = touched(seen[:1].repeat(70, axis=0))
    found = both(made, seen=seen)
    (score,), _ = copies(found)
    assert score.passed is False and score.value > 30


def test_near_is_one_half_for_real_pictures_and_more_for_copies() -> None:
    rng = np.random.default_rng(0)
    (copied,), (real,) = near(both(touched(SEEN)), rng), near(both(REAL), rng)
    assert copied.passed is not True and copied.value > 60
    assert real.passed is True and real.low < 50 < real.high


def test_the_bound_is_set_by_the_many_and_not_by_a_few_twins() -> None:
    real = np.exp(np.random.default_rng(0).normal(0, 0.1, 1_000))
    assert bound_of(real) == pytest.approx(np.exp(-0.45), rel=0.05)
    real[:20] = 0.0
    assert bound_of(real) == pytest.approx(np.exp(-0.45), rel=0.07)


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 20, 33), (2, 40, 16), (5, 9, 9)])
def test_any_shape_is_compared(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (60, *shape), dtype=np.uint8)
    net = learn_features(pictures[:30], steps=2)
    sides = sides_of(pictures[:30], pictures[:30], pictures[30:], net)
    found = compared(sides, "picture", rng)
    assert copies(found)[0][0].value == 100


def test_fingerprints_survive_a_touch_and_tell_pictures_apart() -> None:
    rng = np.random.default_rng(0)
    smooth = rng.random((100, 1, 6, 6)).repeat(8, axis=2).repeat(8, axis=3) * 200
    pictures = smooth.astype(np.uint8)
    lighter = np.clip(smooth * 1.1 + 5 + rng.normal(0, 3, smooth.shape), 0, 255).astype(np.uint8)
    prints = fingerprints(pictures)
    assert prints.dtype == np.uint64
    assert np.bitwise_count(prints ^ fingerprints(lighter)).max() <= 6
    assert not twins(prints).any() and twins(prints, prints).all()
    assert twins(np.concatenate([prints, prints[:5]])).sum() == 10


def test_a_model_that_makes_few_pictures_repeats_itself() -> None:
    (score,) = repeats(sides_of(REAL[:10].repeat(14, axis=0), SEEN, UNSEEN), "picture")
    assert score.passed is False and score.value > 90
    (score,) = repeats(sides_of(REAL, SEEN, UNSEEN), "picture")
    assert score.passed is True
