"""Randomness: one seed, and generators of random numbers for named purposes, none of which moves another.

A generator depends on the seed, the purpose and a place (a block of rows, a step) alone: one seed, one
result, whatever the batch size and whatever was drawn before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

_LOW, _ALL = 0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF


class Purpose(IntEnum):
    """What random numbers are drawn for. Its number belongs to what a seed means: none changes."""

    EPOCH = 1
    """The order in which an epoch goes through the rows."""
    STEP = 2
    """What a step hides of its records, and all else that its losses draw."""
    LOOK = 3
    """The same of a look at held-out records."""
    HELD_OUT = 11
    """Which rows only say when to stop."""
    LOG_PROB = 21
    SAMPLE = 22
    FILL = 23
    NEAR = 24
    BETWEEN = 25
    RESTYLE = 26
    SHEET = 27
    """The sheet of pictures that improves while a run learns."""
    MORE = 28
    WALK = 29
    TOURNAMENT = 31
    """What the families of a tournament make."""
    ASIDE = 41
    """Which rows of a run are kept aside for the judge."""
    FIRST_LOOK = 42
    """Which rows the small model of the first look learns from."""


def generator_of(seed: int, purpose: Purpose, *place: int) -> torch.Generator:
    """A generator for tensors (SplitMix64 steps keep near seeds and places apart)."""
    import torch  # here, because what never draws for a tensor need not wait a second for it

    state = 0
    for word in (seed, purpose, *place):
        state = (state ^ (word & _ALL)) + 0x9E3779B97F4A7C15 & _ALL
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & _ALL
        state = (state ^ state >> 27) * 0x94D049BB133111EB & _ALL
        state ^= state >> 31
    return torch.Generator().manual_seed(state >> 1)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """PyTorch's own generator, which first weights are drawn from, starts from the seed while this lasts.

    Who uses it outside goes on as if nothing had been drawn.
    """
    import torch

    state = torch.random.get_rng_state()
    try:
        torch.manual_seed(seed)
        yield
    finally:
        torch.random.set_rng_state(state)


def rng_of(seed: int, purpose: Purpose | str, *place: int) -> np.random.Generator:
    """A generator for NumPy. Purposes of an open set, such as those of each column, are told by a name.

    >>> first, again, other = (rng_of(0, name).random() for name in ("age", "age", "sex"))
    >>> first == again, first == other
    (True, False)
    """
    if isinstance(purpose, str):
        return np.random.default_rng([seed & _LOW, seed >> 32 & _LOW, *place, *purpose.encode()])
    return np.random.default_rng([seed & _ALL, purpose, *place])


def seed_of_copy(seed: int, number: int) -> int:
    """The seed of one of several results that were asked for with one."""
    return int(np.random.SeedSequence([seed & _ALL, number]).generate_state(1, np.uint64)[0])
