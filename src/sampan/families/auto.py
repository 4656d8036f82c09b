"""Auto: no family, but the question which one; a tournament answers it before the learning proper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sampan.errors import FamilyCannot
from sampan.families.autoregressive import Autoregressive
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.vae import VAE
from sampan.family import Family, Model
from sampan.space import Space


@dataclass(frozen=True)
class Auto(Family):
    """Whichever family makes the likest records in a short tournament on held-out ones."""

    kind: ClassVar[str] = "auto"

    def candidates(self) -> tuple[Family, ...]:
        """Every family, the one that usually wins first: it also wins where nothing tells them apart."""
        return (Autoregressive(), Diffusion(), VAE(), GAN())

    def build(self, spaces: Mapping[str, Space]) -> Model:
        """Raises FamilyCannot: a tournament has to choose first, which `fit` sees to."""
        raise FamilyCannot(
            'family="auto" was asked to build a model.',
            "A family is expected; auto is the question which one.",
            "Learn with sp.fit(..., family='auto'), or choose one.",
        )
