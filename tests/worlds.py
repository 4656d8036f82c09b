"""Toy worlds whose exact conditionals are known, so that a model can be held to the truth.

A world is a joint probability table over a few leaves; every conditional follows by summing.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sampan.space import Batch, Choice


@dataclass(frozen=True, eq=False)
class World:
    """A joint distribution over scalar symbols: `table[a, b, ...] = p(a, b, ...)`."""

    spaces: Mapping[str, Choice]
    table: np.ndarray

    def draw(self, rows: int, seed: int) -> dict[str, Tensor]:
        """Records of this world: leaf -> int64 (rows,)."""
        rng = np.random.default_rng(seed)
        flat = rng.choice(self.table.size, size=rows, p=self.table.ravel())
        cells = np.unravel_index(flat, self.table.shape)
        return {name: torch.from_numpy(cell) for name, cell in zip(self.spaces, cells, strict=True)}

    def conditional(self, leaf: str, known: Mapping[str, int]) -> np.ndarray:
        """p(leaf | known): (size,)."""
        names = list(self.spaces)
        index = tuple(known.get(name, slice(None)) for name in names)
        left = [name for name in names if name not in known]
        part = np.asarray(self.table[index])
        others = tuple(axis for axis, name in enumerate(left) if name != leaf)
        summed = part.sum(axis=others)
        return summed / summed.sum()

    def conditionals(self, rarest: float = 0.02) -> Iterator[tuple[str, dict[str, int], np.ndarray]]:
        """(leaf, condition, p(leaf | condition)) of every condition that is not too rare to be learned."""
        names = list(self.spaces)
        for leaf in names:
            others = [name for name in names if name != leaf]
            for count in range(len(others) + 1):
                for known in itertools.combinations(others, count):
                    for cell in itertools.product(*(range(self.spaces[name].size) for name in known)):
                        given = dict(zip(known, cell, strict=True))
                        if (
                            np.sum(self.table[tuple(given.get(name, slice(None)) for name in names)])
                            >= rarest
                        ):
                            yield leaf, given, self.conditional(leaf, given)

    def distances(self, stated: Callable[[str, dict[str, int]], np.ndarray]) -> tuple[float, float]:
        """How far stated conditionals lie from the truth: the worst symbol, and the mean total variation.

        stated: (leaf, condition) -> p(leaf | condition), float (size,).
        """
        gaps = [np.abs(stated(leaf, given) - truth) for leaf, given, truth in self.conditionals()]
        return max(float(gap.max()) for gap in gaps), float(np.mean([gap.sum() / 2 for gap in gaps]))

    def asked(self, given: Mapping[str, int]) -> Batch:
        """One record of which only the condition is known."""
        return Batch(
            {name: torch.tensor([given.get(name, 0)]) for name in self.spaces},
            {name: torch.tensor([name in given]) for name in self.spaces},
        )


def xor() -> World:
    """Three bits: c = a xor b nine times in ten. No pair of them shows any dependence."""
    table = np.zeros((2, 2, 2))
    for a in range(2):
        for b in range(2):
            table[a, b, a ^ b] = 0.225
            table[a, b, 1 - (a ^ b)] = 0.025
    return World({name: Choice(2) for name in "abc"}, table)


def weather() -> World:
    """An unordered season, an ordered temperature that depends on it, and ice that depends on both."""
    degrees = np.arange(12)
    table = np.zeros((3, 12, 2))
    for season, (share, middle, spread) in enumerate([(0.5, 2.5, 1.5), (0.3, 6.0, 1.0), (0.2, 9.5, 2.0)]):
        heat = np.exp(-0.5 * ((degrees - middle) / spread) ** 2)
        ice = 1 / (1 + np.exp(degrees - 3.0 - season))
        table[season, :, 1] = share * heat / heat.sum() * ice
        table[season, :, 0] = share * heat / heat.sum() * (1 - ice)
    spaces = {"season": Choice(3), "heat": Choice(12, ordered=True, spikes=(0,)), "ice": Choice(2)}
    return World(spaces, table)


def two_ways() -> World:
    """An unordered district and an ordered rent: each tells much of the other, and neither all of it."""
    table = np.array(
        [
            [0.16, 0.08, 0.04, 0.01, 0.01],
            [0.02, 0.06, 0.14, 0.06, 0.02],
            [0.01, 0.01, 0.05, 0.11, 0.22],
        ]
    )
    return World({"district": Choice(3), "rent": Choice(5, ordered=True)}, table / table.sum())


WORLDS = {"xor": xor(), "weather": weather(), "two ways": two_ways()}
