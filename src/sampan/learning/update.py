"""Update: how a batch becomes a step of the weights, an argument of the loop; and what is kept of these."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from sampan.device import placed
from sampan.family import Player
from sampan.learning.precision import computed_in
from sampan.learning.state import Precision


@final
@dataclass(frozen=True, eq=False)
class Turn:
    """One player's part of one step: all that an update has to go by.

    - player: whose weights are to move; optimisers: what moves them, at the rates of this step.
    - batch: leaf -> tensor of the records of this step, on the device of the weights.
    - rng: of this step, shared by its players; whatever an update draws, it draws from here.
    """

    player: Player
    optimisers: Sequence[torch.optim.Optimizer]
    batch: Mapping[str, Tensor]
    rng: torch.Generator
    precision: Precision
    device: torch.device

    def loss(self, batch: Mapping[str, Tensor] | None = None) -> Tensor:
        """The player's loss over the batch, or over other records."""
        with computed_in(self.precision, self.device), placed(self.device):
            return self.player.loss(self.batch if batch is None else batch, self.rng)

    def move(self) -> None:
        """Move the weights by the gradients that they hold."""
        for optimiser in self.optimisers:
            with computed_in(self.precision, self.device):
                optimiser.step()


class Update(ABC):
    """How a batch becomes a step. A frozen dataclass: a checkpoint that was begun with another is refused."""

    @abstractmethod
    def step(self, turn: Turn) -> float:
        """Move the player's weights; the loss of the batch, for the curve."""


@final
@dataclass(frozen=True)
class Plain(Update):
    """The gradient of the whole batch, as it is."""

    def step(self, turn: Turn) -> float:
        turn.player.weights.zero_grad(set_to_none=True)
        loss = turn.loss()
        loss.backward()
        turn.move()
        return float(loss.detach())


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
