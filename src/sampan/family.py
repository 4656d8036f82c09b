"""Family and Model: how a joint distribution over spaces is learned. Families never see a domain value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from sampan.errors import FamilyCannot
from sampan.space import Batch, Space


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    """Some weights and the loss that they play to lower: one for most families, two for a GAN.

    loss(values, rng) -> scalar: values is leaf -> tensor of a whole batch; the model itself hides a
    random part of every record and scores only hidden cells.
    """

    name: str
    weights: nn.Module
    loss: Callable[[Mapping[str, Tensor], torch.Generator], Tensor]


class Model(nn.Module, ABC):
    """p(unknown cells | known cells), for every split that it supports."""

    spaces: Mapping[str, Space]

    @abstractmethod
    def players(self) -> tuple[Player, ...]:
        """Who trains: the loop gives each an optimiser and lets them take turns."""

    @abstractmethod
    def sample(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
        """Fill the unknown cells; known ones come back identical. leaf -> tensor (batch, *grid).

        The rows of one call share `rng`, so a caller that wants a row not to depend on the batch size
        calls with the same blocks of rows each time (the generator does).
        """

    def start(self, values: Mapping[str, Tensor]) -> None:
        """Look once at (a sample of) the training leaves before the first step, to set output biases."""

    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells) of one scalar Choice leaf, (batch, size), normalised.

        What exact `where` is made of. A family without it raises FamilyCannot.
        """
        raise FamilyCannot(
            f"{type(self).__name__} has no exact conditional of one column.",
            "Families that have one: autoregressive.",
            'Use family="autoregressive", or give the column a value instead of a condition.',
        )

    def log_prob(self, batch: Batch, rng: torch.Generator, orders: int = 4) -> Tensor:
        """log p(unknown cells at their values | known cells) in nats, (batch,).

        orders: how many random orders an any-order model averages (in log space).
        """
        raise FamilyCannot(
            f"{type(self).__name__} has no exact likelihood.",
            "Families that have one: autoregressive.",
            'Use family="autoregressive".',
        )


class Family(ABC):
    """Hyper-parameters of one family: a frozen dataclass with one dial, `size`, first."""

    kind: ClassVar[str]
    """The word for it on the command line and on disk: 'autoregressive', 'diffusion', 'vae', 'gan'."""

    @abstractmethod
    def build(self, spaces: Mapping[str, Space]) -> Model:
        """An untrained model over these leaves. Raises FamilyCannot for spaces it does not serve."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The hyper-parameters as JSON values, such that `type(self)(**settings)` equals self."""
