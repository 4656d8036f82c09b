"""Generative adversarial network over records that hold a picture, with an objective that converges.

The game is that of rows (`sampan.families.gan`; R3GAN: Huang et al. 2024, arXiv:2501.05441): a relativistic
loss and both gradient penalties. The generator makes a picture and the scalar cells of a record from a random
point and whatever is given; the critic sees all of them. Pictures come out of a U-Net whose bottom is the
random point, so that what is given of a picture reaches its neighbours on the way up.

Symbols are drawn one-hot and let gradients through as if they were probabilities (straight-through Gumbel).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.ability import Walks
from sampan.discrepancy import distance
from sampan.family import Player
from sampan.nn.grid import Encoder, UNet
from sampan.nn.pictures import PIECE, Pictures, of_one_kind, some_given, turning, width_of
from sampan.nn.points import waves
from sampan.nn.rows import SymbolTable
from sampan.nn.straight_through import straight_through
from sampan.space import Batch, Choice, Space, joined, rows_of

if TYPE_CHECKING:
    from sampan.families.gan import GAN

RATE = 1e-3
"""Adam's, for both players."""

LAZY = 0.25
"""Share of the steps in which gradients are penalised, the more (Karras et al. 2020, arXiv:1912.04958)."""

GAMMA = 0.3
"""How much the gradient penalties weigh, of what the family says for rows: the smoother the critic, the
better labels were followed, and the fewer ways to write a digit were left.
"""

_Cells = tuple[Tensor, Tensor, Tensor]  # the picture, one-hot symbols and points of records


class GANPictures(Pictures, Walks):
    """A generator of records that hold a picture, and its critic."""

    def __init__(self, spaces: Mapping[str, Space], family: GAN) -> None:
        width = width_of(family.size // 2)  # two players and their penalties: many small steps win
        told = 4 * width
        super().__init__(family.kind, spaces, told, 1)
        self.noise, self.gamma = family.noise, family.gamma * GAMMA
        into = self.channels + len(self.picture_names)
        self.from_noise = nn.Linear(family.noise, told)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.unet = UNet(into, self.channels, self.grid, width, told, seed=family.noise)
        nn.init.normal_(self.unet.out.weight, std=0.02)  # made pictures must differ from the first step on
        self.critic = PictureCritic(self, width)
        self._turn: tuple[_Cells, _Cells, Tensor] | None = None
        with torch.no_grad():
            for head in (self.net.head.free, *self.net.head.smooth):
                head.normal_(std=family.start * told**-0.5)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def players(self) -> tuple[Player, ...]:
        """Two: the critic, then the generator."""
        own = [self.net, self.from_noise, self.told, self.unet]
        made_by = nn.ModuleList([*own, *([self.points] if self.points is not None else [])])
        made_by.register_parameter("unknown", self.unknown)
        return (
            Player("critic", self.critic, self.critic_loss, adversarial=True, rate=RATE),
            Player("generator", made_by, self.generator_loss, adversarial=True, rate=RATE),
        )

    # --- the generator ------------------------------------------------------------------------------------
    def _random(self, rows: int, rng: torch.Generator) -> Tensor:
        """A random point for each record."""
        return torch.randn(rows, self.noise, generator=rng)

    def _made(self, picture: Tensor, shown: Tensor, cells: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """A picture, what is given of it in place, and what the heads of the scalar cells see."""
        place = self.from_noise(z)
        (made,), _ = self.unet((self.marked(picture * shown, shown),), self.told(cells + place), z)
        hidden = self.heads(cells + place)
        return torch.where(shown, picture, made.float()), hidden

    def _one_hot(self, symbols: Tensor) -> Tensor:
        out = torch.zeros(len(symbols), sum(self.net.sizes))
        return out.scatter_(1, symbols + self.net.offset, 1.0) if self.names else out

    def _relaxed(self, hidden: Tensor, one_hot: Tensor, known: Tensor, rng: torch.Generator) -> Tensor:
        """Symbols drawn one-hot where they are not known, that let gradients through."""
        if not self.names:
            return one_hot
        logits = F.linear(hidden, self.net.head(), self.net.bias).float()
        drawn = straight_through(logits, self.net.sizes, rng)
        sizes = torch.tensor(self.net.sizes)
        return torch.where(known.repeat_interleave(sizes, dim=1, output_size=logits.shape[1]), one_hot, drawn)

    def _points_made(self, hidden: Tensor, points: Tensor, flags: Tensor) -> Tensor:
        if self.points is None:
            return points
        return torch.where(self.points.spread(flags), points, self.points.read(hidden)[:, :, 0])

    # --- the game -----------------------------------------------------------------------------------------
    def _sides(self, values: Mapping[str, Tensor], rng: torch.Generator) -> tuple[_Cells, _Cells, Tensor]:
        """Real records and made ones, cell by cell; and what is given of them."""
        symbols, points, picture = self.symbols_of(values), self.points_of(values), self.picture_of(values)
        known, flags, shown = some_given(self, len(picture), rng)
        one_hot = self._one_hot(symbols)
        cells = self.cells_of(symbols, known, points, flags)
        made, hidden = self._made(picture, shown, cells, self._random(len(picture), rng))
        drawn = self._relaxed(hidden, one_hot, known, rng)
        placed = self._points_made(hidden, points, flags)
        return (picture, one_hot, points), (made, drawn, placed), self._told(known, flags, shown)

    def _told(self, known: Tensor, flags: Tensor, shown: Tensor) -> Tensor:
        """How much of each leaf is given: (batch, leaves), 0 to 1."""
        seen = self.first_of(shown).flatten(2).float().mean(dim=2)
        return torch.cat([known.float(), flags.float(), seen], dim=1)

    def critic_loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """The relativistic loss of the critic and its two gradient penalties: scalar.

        What the generator made is kept for its own turn: it has not moved by then, and making is dear.
        """
        real, made, told = self._sides(values, rng)
        self._turn = (real, made, told)
        steep = float(torch.rand(1, generator=rng, device="cpu")) < LAZY
        both = [torch.cat([own, other.detach()]) for own, other in zip(real, made, strict=True)]
        with torch.enable_grad():
            at = both[0].requires_grad_(steep)
            record = self.critic.record(both[1], both[2], torch.cat([told, told]))
            score = self.critic(at, record)
            penalty = 0.0
            if steep:  # real ones and made ones, a half each
                slopes = torch.autograd.grad(score.sum(), (at, record), create_graph=True)
                penalty = sum(2 * slope.flatten(1).square().sum(1).mean() for slope in slopes)
        at_real, at_made = score.float().chunk(2)
        return F.softplus(at_made - at_real).mean() + self.gamma / 2 / LAZY * penalty

    def generator_loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """The relativistic loss of the generator: scalar."""
        real, made, told = self._turn if self._turn is not None else self._sides(values, rng)
        self._turn = None
        weights = list(self.critic.parameters())
        for weight in weights:  # they do not learn now, so that nothing need be worked out for them
            weight.requires_grad_(False)
        with torch.no_grad():
            at_real = self.critic(real[0], self.critic.record(real[1], real[2], told))
        at_made = self.critic(made[0], self.critic.record(made[1], made[2], told))
        for weight in weights:
            weight.requires_grad_(True)
        return F.softplus(at_real - at_made).mean()

    @torch.no_grad()
    def held_out(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """1 and the squared discrepancy of made records from these, pictures in coarse pixels: scalar."""
        made = self.sample(Batch.empty(self.spaces, rows_of(values)), rng)
        return torch.tensor(1.0 + distance(made, values, self.spaces))

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: every cell from one random point for each record."""
        parts = given.pieces(PIECE)
        return joined([self._completed(part, self._random(part.rows, rng), rng) for part in parts])

    @torch.no_grad()
    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Records of one kind, of random points that turn from one draw to another."""
        given, rows = of_one_kind(self, given, rng), given.rows
        return self._completed(given, turning(rows, (self.noise,), rng), rng)

    def _completed(self, given: Batch, z: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        picture, shown = self.picture_of(given.values), self.shown_of(given.known)
        known, flags = self.symbols_of(given.known), self.flags_of(given.known)
        symbols, points = torch.where(known, self.symbols_of(given.values), 0), self.points_of(given.values)
        cells = self.cells_of(symbols, known, points, flags)
        made, hidden = self._made(picture, shown, cells, z)
        if self.names:
            symbols = self.draw(hidden, symbols, known, rng)
        return self.record_of(symbols, self._points_made(hidden, points, flags), made)


class PictureCritic(nn.Module):
    """How real a record that holds a picture looks beside others: any number."""

    def __init__(self, model: GANPictures, width: int) -> None:
        super().__init__()
        told = 4 * width
        choices = [space for space in model.scalar_spaces.values() if isinstance(space, Choice)]
        self.embed = SymbolTable(choices, told, 1.0)
        channels = sum(space.channels for space in model.real_spaces.values())
        self.into = (
            nn.Linear(waves(torch.zeros(1, channels)).shape[1], told, bias=False) if channels else None
        )
        self.given = nn.Linear(len(model.scalar_spaces) + len(model.picture_names), told)
        self.seen = Encoder(model.channels, model.grid, width, told, told)
        self.out = nn.Linear(told, told)

    def record(self, one_hot: Tensor, points: Tensor, given: Tensor) -> Tensor:
        """The scalar cells and what is given as one vector: (batch, width)."""
        total = one_hot @ self.embed() + self.given(given)
        return total if self.into is None else total + self.into(waves(points))

    def forward(self, picture: Tensor, record: Tensor) -> Tensor:
        """(batch, channels, *grid), (batch, width) -> (batch,)."""
        seen = self.seen((picture,), record)
        # the product asks whether picture and labels belong together (Miyato and Koyama 2018)
        return ((self.out(F.silu(record)) + 1) * seen).mean(dim=1) * 4
