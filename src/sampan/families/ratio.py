"""Ratio: a classifier of real and made records, by which what a generator made is weighed.

Its logit is log p(record) / q(record), p of real ones and q of made ones. It learns after the game of a GAN,
while the generator stands still (`sampan.families.gan`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.family import Model, Player
from sampan.nn.critic import Critic
from sampan.nn.rows import dropout, keep
from sampan.nn.scalars import PIECE
from sampan.space import Batch, rows_of

if TYPE_CHECKING:
    from sampan.families.gan import GAN, GANRows

RAKED, SWEEPS, STRIDE, MOST_SHIFT = 32_768, 40, 0.4, 3.0
"""Records that offsets are set by; rounds of that; the part of a difference that a round takes; the most that
an offset may be, in nats."""


class Ratio(Model):
    """How much likelier a record is among real ones than among those that a generator makes: its logarithm.

    A classifier that is told real from made with equal chances has it as its logit (Sugiyama, Suzuki and
    Kanamori 2012, section 4.1). What it has learned moves the distribution of each leaf too; at the end an
    offset of each symbol brings these back (raking: Deming and Stephan 1940).
    """

    learned: Tensor
    offset: Tensor

    def __init__(self, game: GANRows, family: GAN) -> None:
        super().__init__()
        self.spaces = game.spaces
        self._game = (game,)  # whose weights are not this one's: a tuple keeps them apart
        self.dropout = family.dropout
        self.net = Critic(game.spaces, family.size, family.depth)
        nn.init.zeros_(self.net.out.weight)
        self.register_buffer("learned", torch.tensor(False))
        self.register_buffer("offset", torch.zeros(sum(game.net.sizes)))

    @property
    def game(self) -> GANRows:
        """The generator that this one weighs."""
        return self._game[0]

    def players(self) -> tuple[Player, ...]:
        """One: the classifier."""
        return (Player("ratio", self.net, self.loss),)

    def sample(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
        """What the generator makes."""
        return self.game.sample(given, rng)

    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats by which real and made records are told apart, half of each pair of them given: scalar."""
        rows = rows_of(values)
        with torch.no_grad():
            real = self.game.real(values, rng, rows)
            one_hot, points = self.game.made(real, rng)
        drop = dropout(self.dropout, rng) if self.training and self.dropout else keep
        at_real = self.net(self.net.record(real.one_hot, real.points, real.given), drop)
        at_made = self.net(self.net.record(one_hot, points, real.given), drop)
        return F.softplus(-at_real).mean() + F.softplus(at_made).mean()

    @torch.no_grad()
    def score(self, symbols: Tensor, points: Tensor, given: Tensor) -> Tensor:
        """log p(unknown | given) / q(unknown | given) but for a constant: float32 (batch,)."""
        game, out = self.game, []
        for start in range(0, len(symbols), PIECE):
            part = slice(start, start + PIECE)
            record = self.net.record(game.one_hot(symbols[part]), points[part], given[part])
            out.append(self.net(record).float())
        score = torch.cat(out)
        if not game.names:
            return score
        shift = self.offset[symbols + game.net.offset].sum(dim=1)
        return torch.where(given.any(dim=1), score, score + shift)

    @torch.no_grad()
    def finish(self, values: Mapping[str, Tensor]) -> None:
        """Set the offset of each symbol so that kept records have each leaf's own distribution."""
        game = self.game
        self.learned.fill_(True)
        self.offset.zero_()
        if not game.names:
            return
        rng = torch.Generator().manual_seed(0)
        count, groups = game.proposals, max(512, RAKED // game.proposals)
        nothing = Batch.empty(game.spaces, groups)
        free = torch.zeros(groups, len(self.spaces), dtype=torch.bool)
        made = [game.completed(nothing, rng) for _ in range(count)]
        index = torch.stack([symbols for symbols, _ in made], dim=1) + game.net.offset
        score = torch.stack([self.score(*one, free) for one in made], dim=1)
        sizes = game.net.sizes
        wanted = [
            torch.bincount(values[name].long(), minlength=size).float()
            for name, size in zip(game.names, sizes, strict=True)
        ]
        rows = rows_of(values)
        target = torch.cat([(own + 0.5) / (own + 0.5).sum() for own in wanted])
        for _ in range(SWEEPS):
            weight = (score + self.offset[index].sum(dim=2)).softmax(dim=1) / groups
            found = torch.zeros_like(self.offset)
            found.index_add_(0, index.flatten(), weight[:, :, None].expand(index.shape).flatten())
            step = target.log() - (found + 0.5 / rows).log()
            self.offset += STRIDE * step.clamp(-1, 1) * (found > 0)
            self.offset.clamp_(-MOST_SHIFT, MOST_SHIFT)
