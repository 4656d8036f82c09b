"""Variational autoencoder over rows: a record is a point of a latent space, seen through noise.

For any part of a record that is given (VAEAC: Ivanov, Figurnov and Vetrov 2019, arXiv:1806.02382, equation 5)

    log p(unknown | given) >= E_q(z | record) log p(unknown | z, given) - KL( q(z | record), p(z | given) )

The encoder q is a Gaussian that sees the whole record. The prior p sees what is given, and is as flexible as
q's mixture over all records is crooked: one latent coordinate after another, each a mixture of Gaussians,
because a plain prior would make records from places where none was ever encoded. The decoder says each cell
from z and what is given, independently of the others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Embeds
from sampan.families.vae_pictures import VAEPictures
from sampan.family import Family, Player
from sampan.nn.mixtures import Mixtures
from sampan.nn.pictures import has_picture
from sampan.nn.points import KNOWN, UNKNOWN, Points
from sampan.nn.rows import Block
from sampan.nn.scalars import PIECE, Latent, only_scalars, some_known
from sampan.space import Batch, Space

WHOLE = 0.5
"""Share of the records that are learned with nothing given: half of the learning is for whole records."""


@dataclass(frozen=True)
class VAE(Family):
    """Encodes records as points of a smooth space, and decodes points into records.

    size: width of the network, the one dial. depth: residual blocks of encoder and decoder. latent:
    coordinates of the space. components: Gaussians in the mixture of each coordinate of the prior. hidden:
    width of the prior. beta: weight of the KL term, 1 for the bound on the likelihood. free: nats of each
    coordinate that cost nothing (free bits: Kingma et al. 2016, arXiv:1606.04934, equation 15). Without them
    a world of three bits, each the parity of the others, was left to the decoder, which cannot make it: the
    joint distribution was 40 points off, and with them less than one (tests/families/test_worlds.py asks).
    """

    kind: ClassVar[str] = "vae"
    size: int = 128
    depth: int = 2
    latent: int = 24
    components: int = 8
    hidden: int = 256
    beta: float = 1.0
    free: float = 0.1

    def build(self, spaces: Mapping[str, Space]) -> VAERows | VAEPictures:
        """A model of rows, or of records that hold a picture. Raises FamilyCannot for other grids."""
        if has_picture(spaces):
            return VAEPictures(spaces, self)
        only_scalars(self.kind, spaces)
        return VAERows(spaces, self)

    def settings(self) -> dict[str, Any]:
        """The hyper-parameters by name."""
        return asdict(self)


class VAERows(Latent, Embeds):
    """Records of symbols and real vectors as points of a latent space."""

    def __init__(self, spaces: Mapping[str, Space], family: VAE) -> None:
        super().__init__(spaces, family.size, family.depth)  # its network is the decoder
        width = family.size
        self.beta, self.free, self.latent = family.beta, family.free, family.latent
        self.points = Points(self.real_spaces, width, 2) if self.reals else None
        self.encoder = nn.Sequential(*(Block(width) for _ in range(family.depth)), nn.LayerNorm(width))
        self.posterior = nn.Linear(width, 2 * family.latent)
        self.context = nn.Sequential(Block(width), nn.LayerNorm(width))
        self.prior = Mixtures(family.latent, width, family.hidden, family.components)
        self.from_latent = nn.Linear(family.latent, width)
        with torch.no_grad():
            self.posterior.bias.zero_()

    def players(self) -> tuple[Player, ...]:
        """One: the bound on the nats of what is hidden."""
        return (Player("net", self, self.loss),)

    # --- the network --------------------------------------------------------------------------------------
    def _cells(self, symbols: Tensor, known: Tensor, points: Tensor, flags: Tensor, table: Tensor) -> Tensor:
        """Cells that are known as one vector of about unit scale: (batch, width)."""
        total = torch.zeros(len(symbols), table.shape[1])
        if self.names:
            total = self.net.gather(symbols, known, table)
        if self.points is not None:
            total = total + self.points.embed(points, torch.where(flags, KNOWN, UNKNOWN))
        return total * len(self.spaces) ** -0.5

    def _posterior(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-scale of q(z | record): float32 (batch, latent) each."""
        mean, scale = self.posterior(self.encoder(cells)).float().chunk(2, dim=1)
        return mean, (scale - 1).clamp(-8, 2)

    def _decoded(self, z: Tensor, cells: Tensor) -> Tensor:
        """What the heads see: (batch, width)."""
        return self.net.trunk((cells + self.from_latent(z)) * max(1, len(self.names)) ** 0.5)

    def _logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.net.head(), self.net.bias).float()

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats per record of the hidden cells, an upper bound: scalar."""
        symbols, points = self.symbols_of(values), self.points_of(values)
        batch, leaves = symbols.shape
        cells = leaves + len(self.reals)
        whole = round(batch * WHOLE)
        given = torch.cat(
            [torch.zeros(whole, cells, dtype=torch.bool), some_known(batch - whole, cells, rng)]
        )
        known, flags = given[:, :leaves], given[:, leaves:]
        table = self.net.table()
        everything = torch.ones_like(given)
        mean, scale = self._posterior(
            self._cells(symbols, everything[:, :leaves], points, everything[:, leaves:], table)
        )
        noise = torch.randn(mean.shape, generator=rng)
        z = mean + scale.exp() * noise
        told = self._cells(symbols, known, points, flags, table)
        # KL from one draw, coordinate by coordinate: the prior has no closed form
        own = -0.5 * noise.square() - scale - 0.5 * math.log(2 * math.pi)
        excess = own - self.prior.log_prob(z, self.context(told))
        if self.free > 0 and self.training:
            loss = self.beta * excess.mean(dim=0).clamp(min=self.free).sum()
        else:
            loss = (self.beta if self.training else 1.0) * excess.sum(dim=1).mean()
        hidden = self._decoded(z, told)
        if leaves:
            for leaf, logits in enumerate(self._logits(hidden).split(self.net.sizes, dim=1)):
                wrong = F.cross_entropy(logits, symbols[:, leaf], reduction="none")
                loss = loss + wrong @ (~known[:, leaf]).float() / batch
        if self.points is not None:
            middle, width = self.points.read(hidden).unbind(dim=2)
            width = width.clamp(-5, 3)
            nats = (
                0.5 * ((points - middle) * torch.exp(-width)).square() + width + 0.5 * math.log(2 * math.pi)
            )
            loss = loss + (nats * self.points.spread(~flags)).sum() / batch
        return loss

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: a latent point from the prior of what is given, then every cell."""
        z = torch.cat([self.prior.sample(self.context(told), rng) for _, told in self._pieces(given)])
        return self.decode(z, given, rng)

    def hidden_at_random(self, given: Batch, rng: torch.Generator) -> Tensor:
        """What the heads see, at a point drawn from the prior of what is given: (batch, width)."""
        ((_, told),) = self._pieces(given)
        return self._decoded(self.prior.sample(self.context(told), rng), told)

    def _pieces(self, given: Batch) -> list[tuple[slice, Tensor]]:
        """Rows in pieces, each with its known cells as a vector."""
        known, flags = self.symbols_of(given.known), self.flags_of(given.known)
        symbols = torch.where(known, self.symbols_of(given.values), 0)
        points, table = self.points_of(given.values), self.net.table()
        pieces = [slice(start, start + PIECE) for start in range(0, len(symbols), PIECE)]
        return [
            (part, self._cells(symbols[part], known[part], points[part], flags[part], table))
            for part in pieces
        ]

    @torch.no_grad()
    def encode(self, records: Batch) -> Tensor:
        """The mean of q(z | record) of whole records: float32 (batch, latent)."""
        return torch.cat([self._posterior(cells)[0] for _, cells in self._pieces(records)])

    @torch.no_grad()
    def decode(self, z: Tensor, given: Batch, rng: torch.Generator | None) -> dict[str, Tensor]:
        """Records at latent points; without rng each cell is the middle of what it could be."""
        known, flags = self.symbols_of(given.known), self.flags_of(given.known)
        symbols, points = self.symbols_of(given.values), self.points_of(given.values)
        hidden = torch.cat([self._decoded(z[part], told) for part, told in self._pieces(given)])
        if self.names:
            if rng is None:
                symbols = self.middle(hidden, symbols, known)
            else:
                symbols = self.draw(hidden, symbols, known, rng)
        if self.points is not None:
            middle, width = self.points.read(hidden).unbind(dim=2)
            if rng is not None:
                middle = middle + width.clamp(-5, 3).exp() * torch.randn(middle.shape, generator=rng)
            points = torch.where(self.points.spread(flags), points, middle)
        return self.leaves_of(symbols, points)
