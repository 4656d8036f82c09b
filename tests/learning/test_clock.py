"""The time left that a person is told: from estimates that jump, figures that never go up."""

from __future__ import annotations

import random

import pytest

from sampan.learning.clock import Countdown


def _told(estimates, every=1.0):
    left = Countdown()
    return [left.told(step * every, estimate) for step, estimate in enumerate(estimates)]


@pytest.mark.parametrize("seed", range(5))
def test_it_never_grows_and_ends_with_the_work(seed):
    rng = random.Random(seed)
    whole = 120
    estimates = [(whole - at) * rng.uniform(0.4, 2.5) for at in range(whole)] + [0.0]
    told = _told(estimates)
    assert all(later <= before for before, later in zip(told, told[1:], strict=False))
    assert told[0] == estimates[0] and told[-1] == 0 and all(left >= 0 for left in told)


def test_a_machine_that_slows_down_makes_it_slow_and_not_grow():
    # twice as long as was thought from the tenth second on: what is told must last as long as the work
    truth = [60 - at for at in range(10)] + [100 - 2 * (at - 10) / 2 for at in range(10, 111)]
    told = _told(truth)
    assert told[9] == pytest.approx(51) and told[10] < 51 and told[60] > 20
    assert told[-1] == pytest.approx(0, abs=1e-9)


def test_an_estimate_that_was_far_too_long_is_given_up_within_seconds():
    told = _told([600.0] + [60 - at for at in range(1, 40)])
    assert told[1] < 600 and told[30] == pytest.approx(30, rel=1.0)


def test_a_clock_that_stands_still_or_goes_back_changes_nothing():
    left = Countdown()
    assert left.told(5.0, 40.0) == 40.0
    assert left.told(5.0, 90.0) == 40.0 and left.told(3.0, 90.0) == 40.0
