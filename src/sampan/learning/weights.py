"""Weights: those that learn, their moving average, and the best average so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import final

import torch
from torch import Tensor, nn


@final
class Weights:
    """The weights of a model while it learns. What is kept in the end is the best average."""

    def __init__(self, model: nn.Module) -> None:
        self.live = list(model.parameters())
        self.average = [weight.detach().clone() for weight in self.live]
        self.best = [weight.clone() for weight in self.average]

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        """Let the average come nearer to the weights, by 1 - decay of the way."""
        for average, weight in zip(self.average, self.live, strict=True):
            average.lerp_(weight, 1 - decay)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The model has its averaged weights while this lasts."""
        kept = [weight.detach().clone() for weight in self.live]
        self._become(self.average)
        try:
            yield
        finally:
            self._become(kept)

    def keep(self) -> None:
        """The average is the best so far."""
        self.best = [average.clone() for average in self.average]

    @torch.no_grad()
    def go_back(self) -> None:
        """Go on from the best."""
        self.end()
        for average, best in zip(self.average, self.best, strict=True):
            average.copy_(best)

    def end(self) -> None:
        """The model has the best weights."""
        self._become(self.best)

    @torch.no_grad()
    def _become(self, others: Iterable[Tensor]) -> None:
        for weight, other in zip(self.live, others, strict=True):
            weight.copy_(other)
