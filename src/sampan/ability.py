"""Abilities: what a model may be able to do beyond `sample`, each a type that such a model inherits.

What can be asked of a model, and the error that names the families that can, follow from these types.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from sampan.space import Batch


class Ability(ABC):
    """Something that some models can do. lack: what is said of a model that cannot, after its name."""

    lack: ClassVar[str]


class Conditionals(Ability):
    """Exact odds of one scalar leaf of symbols: what an exact `where` is made of."""

    lack: ClassVar[str] = "has no exact conditional of one column"
    averages: ClassVar[bool] = False
    """Whether `conditional` is a mean over random points: slow where it is asked of many records."""

    @abstractmethod
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells) of one scalar Choice leaf, (batch, size), normalised."""


class Likelihood(Ability):
    """The odds of whole records."""

    lack: ClassVar[str] = "has no exact likelihood"

    @abstractmethod
    def log_prob(self, batch: Batch, rng: torch.Generator, orders: int = 4) -> Tensor:
        """log p(unknown cells at their values | known cells) in nats, (batch,).

        orders: how many random orders an any-order model averages (in log space).
        """


class Restyles(Ability):
    """Records made anew from rough ones."""

    lack: ClassVar[str] = "cannot restyle: it makes records from nothing, not from a rough one"

    @abstractmethod
    def restyle(self, given: Batch, strength: float, rng: torch.Generator) -> Mapping[str, Tensor]:
        """Records like those of `given`, the liker the smaller the strength, in (0, 1]; leaf -> tensor.

        Cells that are known stay; the others hold the value that is to be changed.
        """


class MakesMore(Ability):
    """New records of the kinds that examples show."""

    lack: ClassVar[str] = "cannot make more like examples: it reads nothing off a record"

    @abstractmethod
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> Mapping[str, Tensor]:
        """New records of the kinds that examples show, one for each of `which`; leaf -> tensor.

        which: the example that each new record is liked to, int64 (rows,), the liker the smaller the
        strength, in (0, 1]: at 1 nothing of it is left but what scalar cells say. Scalar cells that an
        example knows stay.
        """


class Walks(Ability):
    """A way from one made record to another."""

    lack: ClassVar[str] = "has no way from one record to another"

    @abstractmethod
    def walk(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
        """Records on a way from one made record to another, neighbours alike, one for each row of `given`."""


class Embeds(Ability):
    """A latent space, where records are points."""

    lack: ClassVar[str] = "has no latent space, where records are points"

    @abstractmethod
    def encode(self, records: Batch) -> Tensor:
        """The latent point of each whole record: float32 (batch, latent)."""

    @abstractmethod
    def decode(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> Mapping[str, Tensor]:
        """Records at latent points, known cells as given; leaf -> tensor.

        Without rng every cell takes the middle of what it could be, so that near points give near records.
        """


ABILITIES: tuple[type[Ability], ...] = (Conditionals, Likelihood, Restyles, MakesMore, Walks, Embeds)
