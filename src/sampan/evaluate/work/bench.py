"""Bench: rows to learn from and rows to test on, in equal numbers and the same encoding for real and made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sampan.evaluate.columns import Kind
from sampan.evaluate.learners import Inputs, inputs, ranks
from sampan.evaluate.sides import Sides
from sampan.evaluate.work.blocks import BLOCKS, cut
from sampan.evaluate.work.skill import measurable
from sampan.evaluate.work.target import Target

MOST_ROWS, MOST_TEST_ROWS = 15_000, 10_000
"""Rows to learn from and to test on. With 10,000 test rows an area under a curve of .9 is known to about
.004, and real and made are compared on the same rows, much closer."""

MOST_CELLS = 1_000_000
"""Cells to learn from, so that wide tables take no longer than long ones."""

FEWEST_ROWS = 20 * BLOCKS
"""Rows to learn from below which a block is too small for any model."""


@dataclass(frozen=True, eq=False)
class Bench:
    """Rows to learn from, real and made, and unseen rows to test on.

    sides: the rows themselves, as many seen as made. kinds: the columns that predict. *_y: the truth of each
    row; a number is its rank among the test rows, so that no far value rules. seen_blocks, made_blocks: row
    indices. unseen: whether the test rows are unseen ones (else some of the seen). decides: whether, besides,
    there are rows enough to decide anything.
    """

    sides: Sides
    target: Target
    kinds: Mapping[str, Kind]
    seen: Inputs
    made: Inputs
    test: Inputs
    seen_y: np.ndarray
    made_y: np.ndarray
    test_y: np.ndarray
    seen_blocks: list[np.ndarray]
    made_blocks: list[np.ndarray]
    unseen: bool
    decides: bool

    @property
    def classes(self) -> int:
        """How many classes there are; 0 for a number."""
        return len(self.target.classes)

    @property
    def blocks(self) -> list[tuple[Inputs, np.ndarray]]:
        """Rows and truth of every block, the six of seen rows first."""
        seen = [(self.seen.take(block), self.seen_y[block]) for block in self.seen_blocks]
        return seen + [(self.made.take(block), self.made_y[block]) for block in self.made_blocks]


def bench(sides: Sides, target: Target, rng: np.random.Generator, at_most: int = MOST_ROWS) -> Bench | None:
    """The bench for a target; None where there is no row to learn from, to test on, or no column to use.

    at_most: rows to learn from. Where there are too few unseen rows, half of the seen ones stand in for
    them, and nothing is decided.
    """
    kinds: dict[str, Kind] = {name: kind for name, kind in sides.kinds.items() if name != target.name}
    if not kinds:
        return None
    test = sides.unseen.take(~np.isnan(target.values(sides.unseen)))
    unseen = measurable(_truth(target.values(test), target.values(test), target), len(target.classes))
    if not unseen:
        half = rng.permutation(sides.seen.rows)
        test = sides.seen.take(np.sort(half[: sides.seen.rows // 2]))
        test = test.take(~np.isnan(target.values(test)))
        sides = replace(sides, seen=sides.seen.take(np.sort(half[sides.seen.rows // 2 :])))
        if not measurable(_truth(target.values(test), target.values(test), target), len(target.classes)):
            return None
    test = test.some(MOST_TEST_ROWS, rng)
    most = min(at_most, max(2_000, MOST_CELLS // len(kinds)), sides.seen.rows, sides.made.rows)
    if most < BLOCKS:
        return None
    sides = replace(sides, seen=sides.seen.some(most, rng), unseen=test, made=sides.made.some(most, rng))
    known = target.values(test)
    seen_y, test_y, made_y = (_truth(target.values(side), known, target) for side in sides.each)
    seen_x, test_x, made_x = inputs(sides.each, kinds, test)
    return Bench(
        sides,
        target,
        kinds,
        seen_x,
        made_x,
        test_x,
        seen_y,
        made_y,
        test_y,
        cut(most, rng),
        cut(most, rng),
        unseen,
        unseen and most >= FEWEST_ROWS,
    )


def _truth(values: np.ndarray, known: np.ndarray, target: Target) -> np.ndarray:
    return values if target.classes else ranks(values, np.sort(known[~np.isnan(known)]))
