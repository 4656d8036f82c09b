"""Blocks: real and made rows each cut into six, so that luck in what a model learned from can be measured.

A model trained on other rows of one population scores otherwise on the same test rows. How much is not known
from one training, so the same model is trained on six blocks of seen rows and on six of made rows, all tested
on the same unseen rows. If made rows are real rows, the twelve figures are exchangeable: each of the 924 ways
to call six of them "made" was as likely. A test by all 924 is exact whatever the figures' law (Fisher 1935;
Pitman 1937) and needs no assumption on how they arise.
"""

from __future__ import annotations

import itertools

import numpy as np

BLOCKS = 6
"""Five give 252 labellings, barely enough for the odds below; more blocks learn from too few rows."""

ODDS = 0.005
"""How often a score may fail where made rows are real rows: some twenty scores together stay under 1 in 10,
and with the practical margins that stand beside every test, under 1 in 20."""

LABELLINGS = np.array(
    [
        [place in made for place in range(2 * BLOCKS)]
        for made in itertools.combinations(range(2 * BLOCKS), BLOCKS)
    ]
)
"""Every way to call half of the blocks made: bool (924, 12)."""

ACTUAL = np.arange(2 * BLOCKS) >= BLOCKS
"""The true one: seen blocks first."""


def cut(rows: int, rng: np.random.Generator) -> list[np.ndarray]:
    """The rows in random order, cut into blocks of as equal sizes as can be."""
    return np.array_split(rng.permutation(rows), BLOCKS)


def odds_of_excess(seen: np.ndarray, made: np.ndarray) -> float:
    """How often chance alone puts made blocks as far above seen ones as they are.

    seen, made: (blocks,) or (blocks, figures). With several figures, the one furthest above counts, each in
    units of its own spread over all blocks, so that many figures are no more likely to raise an alarm than
    one (Westfall and Young 1993).
    """
    all_of = np.concatenate([seen, made]).reshape(2 * BLOCKS, -1)
    spread = all_of.std(axis=0)
    moves = spread > 1e-12
    if not moves.any():
        return 1.0
    scaled = (all_of[:, moves] - all_of[:, moves].mean(axis=0)) / spread[moves]
    excess = (LABELLINGS @ scaled - ~LABELLINGS @ scaled).max(axis=1)
    actual = (ACTUAL @ scaled - ~ACTUAL @ scaled).max()
    return float(np.mean(excess >= actual - 1e-9))


def odds_of_unlikeness(likeness: np.ndarray) -> float:
    """How often chance alone makes made blocks as little like seen ones, as they are.

    likeness: (12, 12), of every two blocks. By the mean likeness of two seen blocks less that of a made and a
    seen one, under every labelling.
    """

    def gap(made: np.ndarray) -> np.ndarray:
        real = (~made).astype(np.float64)
        within = np.einsum("li,ij,lj->l", real, likeness, real) - real @ np.diag(likeness)
        across = np.einsum("li,ij,lj->l", made.astype(np.float64), likeness, real)
        return within / (BLOCKS * (BLOCKS - 1)) - across / BLOCKS**2

    return float(np.mean(gap(LABELLINGS) >= gap(ACTUAL[None])[0] - 1e-9))
