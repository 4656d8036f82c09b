"""Tests by all 924 labellings keep the odds they state, whatever the figures' law."""

import numpy as np

from sampan.evaluate.work.blocks import BLOCKS, ODDS, cut, odds_of_excess, odds_of_unlikeness


def test_every_row_falls_in_one_block() -> None:
    blocks = cut(20, np.random.default_rng(0))
    assert sorted(np.concatenate(blocks)) == list(range(20))
    assert {len(block) for block in blocks} == {3, 4}


def test_made_blocks_all_above_seen_ones_are_one_labelling_in_924() -> None:
    assert odds_of_excess(np.arange(6.0), 10 + np.arange(6.0)) == 1 / 924
    assert odds_of_excess(10 + np.arange(6.0), np.arange(6.0)) == 1.0
    assert odds_of_excess(np.ones(6), np.ones(6)) == 1.0


def test_chance_raises_no_more_alarms_than_it_may_with_one_figure_or_with_twenty() -> None:
    rng = np.random.default_rng(1)
    draws = rng.standard_t(2, size=(600, 2 * BLOCKS, 20))  # far from any bell curve
    draws[..., 1:] += draws[..., :1]  # and the figures move together
    for width in (1, 20):
        alarms = sum(odds_of_excess(one[:BLOCKS, :width], one[BLOCKS:, :width]) <= ODDS for one in draws)
        assert alarms <= 9  # 3 expected; 10 or more happen once in 900
    small = [odds_of_excess(one[:BLOCKS], one[BLOCKS:]) <= 0.2 for one in draws]
    assert 0.15 < np.mean(small) < 0.25  # exact, not merely careful


def test_made_blocks_unlike_seen_ones_are_told() -> None:
    rng = np.random.default_rng(2)
    around = rng.normal(size=(2 * BLOCKS, 8)) / 10
    around[:, 0] += 1
    apart = around.copy()
    apart[BLOCKS:, 1] += 1
    odds = []
    for found in (around, apart):
        unit = found / np.linalg.norm(found, axis=1, keepdims=True)
        odds.append(odds_of_unlikeness(unit @ unit.T))
    assert odds[0] > ODDS
    assert odds[1] <= 2 / 924  # calling the made ones seen can look as odd
