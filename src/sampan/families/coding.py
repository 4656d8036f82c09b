"""Coding: pictures as codes, the first stage of diffusion in a latent space (`sampan.families.latent`).

Each leaf of pictures has an autoencoder of its own, learned as a VAE: the noise around a code, and how much a
code may say, follow from the bound on the likelihood of the pixels, so that nothing need be tuned to pictures
of one kind. A pixel is Laplacian around what is drawn, and so is the step from it to its neighbours, near and
further off: an edge in its place counts for more than the same error spread out.

Only a piece of each picture is learned from in a step. What is drawn at a place depends on its surroundings
alone, so a picture of any size costs as much as its piece.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.family import Model, Player
from sampan.nn.autoencoder import Autoencoder
from sampan.nn.grid import holes
from sampan.space import Batch

if TYPE_CHECKING:
    from sampan.families.latent import LatentGrids

BATCH = 16
"""Pieces of a step: each holds hundreds of squares to learn from."""

PLACES = 16
"""Most places of the code along a side of a piece."""

RATE = 2e-3
"""Adam's peak rate for what is no matrix."""

EDGES = 0.5
"""Weight of the steps between neighbours, at each of `SCALES`, beside the pixels' own error."""

SCALES = (1, 2, 4)
"""Pixels along the sides of the squares whose means are neighbours."""

NARROWEST = 1e-3
"""Least spread of a pixel: an eighth of a level."""

LIGHT = 0.05
"""Weight of the KL term."""

LOOKED_AT = 256
"""Pictures whose codes say what unit scale is."""


class Coding(Model):
    """Autoencoders of the leaves of pictures; `whole` is the model whose first stage this is."""

    def __init__(self, whole: LatentGrids, nets: Mapping[str, Autoencoder], beta: float) -> None:
        super().__init__()
        self.spaces, self.beta = whole.spaces, beta
        self._whole = (whole,)  # which has this one as a part: a tuple keeps it from being a part of this one
        self.names = tuple(nets)
        self.nets = nn.ModuleList(nets.values())
        self.rows_of_a_step = BATCH
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def net(self, name: str) -> Autoencoder:
        """The autoencoder of a leaf."""
        net = self.nets[self.names.index(name)]
        assert isinstance(net, Autoencoder)  # nothing else is put there
        return net

    def players(self) -> tuple[Player, ...]:
        """One: the bound on the nats of a pixel."""
        return (Player("coding", self, self.loss, rate=RATE),)

    def sample(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
        """What the whole makes."""
        return self._whole[0].sample(given, rng)

    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats of a pixel that is not given, an upper bound but for its constant: scalar."""
        total = torch.zeros(())
        for name in self.names:
            net = self.net(name)
            picture = _pieces(values[name], PLACES * net.factor, rng)
            shown = _shown(picture, rng)
            middle, scale = net.encode(picture)
            code = middle + scale.exp() * torch.randn(middle.shape, generator=rng)
            made = net.decode(code, picture, shown)
            excess = 0.5 * (middle.square() + (2 * scale).exp() - 1) - scale
            nats = _apart(torch.where(shown, 0.0, made - picture)).clamp(min=NARROWEST).log()
            total = total + nats + LIGHT * self.beta * excess.sum() / picture.numel()
        return total

    def start(self, values: Mapping[str, Tensor]) -> None:
        """Begin with the best linear codes."""
        for name in self.names:
            self.net(name).begin(values[name][:LOOKED_AT])

    @torch.no_grad()
    def finish(self, values: Mapping[str, Tensor]) -> None:
        """Set what unit scale is."""
        for name in self.names:
            net = self.net(name)
            codes = [net.encode(piece) for piece in values[name][:LOOKED_AT].split(BATCH)]
            middle, scale = (
                torch.cat(parts).transpose(0, 1).flatten(1) for parts in zip(*codes, strict=True)
            )
            net.mean.copy_(middle.mean(dim=1))
            variance = middle.var(dim=1, correction=0) + (2 * scale).exp().mean(dim=1)
            net.scale.copy_(variance.clamp(min=1e-6).sqrt())


def _pieces(values: Tensor, side: int, rng: torch.Generator) -> Tensor:
    """A random piece of each picture, at most so many pixels a side: (batch, channels, height, width)."""
    height, width = (min(side, values.shape[axis]) for axis in (2, 3))
    if (height, width) == tuple(values.shape[2:]):
        return values
    rows = len(values)
    top = torch.randint(values.shape[2] - height + 1, (rows,), generator=rng).tolist()
    left = torch.randint(values.shape[3] - width + 1, (rows,), generator=rng).tolist()
    corners = zip(values, top, left, strict=True)
    return torch.stack([one[:, y : y + height, x : x + width] for one, y, x in corners])


def _shown(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """What is given of pictures that are learned: nothing of half of them, else a part."""
    grid = (pictures.shape[2], pictures.shape[3])
    part = torch.rand(len(pictures), 1, 1, generator=rng) < 0.5
    return (holes(len(pictures), grid, rng) & part)[:, None]


def _apart(error: Tensor) -> Tensor:
    """The mean size of errors, and of errors of the steps between neighbours: scalar."""
    total = error.abs().mean()
    for scale in SCALES:
        coarse = F.avg_pool2d(error, scale) if scale > 1 else error
        for axis in (2, 3):
            if coarse.shape[axis] > 1:
                total = total + EDGES * coarse.diff(dim=axis).abs().mean()
    return total
