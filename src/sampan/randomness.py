"""Randomness: generators that depend on the numbers given to them, and on nothing else."""

from __future__ import annotations

import torch


def generator_of(*words: int) -> torch.Generator:
    """A generator that depends on these numbers alone (SplitMix64 steps keep near seeds apart)."""
    state = 0
    for word in words:
        state = (state ^ (word & 0xFFFFFFFFFFFFFFFF)) + 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF
        state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        state = (state ^ state >> 27) * 0x94D049BB133111EB & 0xFFFFFFFFFFFFFFFF
        state ^= state >> 31
    return torch.Generator().manual_seed(state >> 1)
