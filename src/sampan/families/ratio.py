"""Ratio: a classifier of real and made records, by which what a generator made is weighed.

Its logit is log p(record) / q(record), p of real ones and q of made ones. It learns after the game of a GAN,
while the generator stands still (`sampan.families.gan`); of some proposals one is then kept with chances in
proportion to p / q (discriminator rejection sampling: Azadi et al. 2019, arXiv:1810.06758; with a fixed
number of proposals, sampling importance resampling: Rubin 1987).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

SMOOTH = 16.0
"""Made records that the generator's own expectation weighs as much as, in a conditional."""


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
            real = self.game.real_rows(values, rng, rows)
            made = self.game.made(real, rng)
        drop = dropout(self.dropout, rng) if self.training and self.dropout else keep
        at_real = self.net(self.net.record(real.side.one_hot, real.side.points, real.given), drop)
        at_made = self.net(self.net.record(made.one_hot, made.points, real.given), drop)
        return F.softplus(-at_real).mean() + F.softplus(at_made).mean()

    @torch.no_grad()
    def score(self, symbols: Tensor, points: Tensor, given: Tensor) -> Tensor:
        """log p(unknown | given) / q(unknown | given) but for a constant: float32 (batch,)."""
        game, out = self.game, []
        for start in range(0, len(symbols), PIECE):
            part = slice(start, start + PIECE)
            record = self.net.record(game.net.one_hot(symbols[part]), points[part], given[part])
            out.append(self.net(record).float())
        score = torch.cat(out)
        if not game.names:
            return score
        shift = self.offset[symbols + game.net.offset].sum(dim=1)
        return torch.where(given.any(dim=1), score, score + shift)

    def one_of(
        self, proposals: Iterable[tuple[Tensor, Tensor]], given: Tensor, rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Of some proposals for each record one, with chances in proportion to its ratio."""
        chosen, best = None, torch.full((len(given),), -torch.inf)
        for made in proposals:
            # the greatest of logits with Gumbel noise is drawn in proportion to their exponentials
            luck = -(-torch.rand(len(given), generator=rng).clamp(1e-9, 1 - 1e-7).log()).log()
            score = self.score(*made, given) + luck
            better = (score > best)[:, None]
            best = torch.maximum(best, score)
            before = made if chosen is None else chosen
            chosen = torch.where(better, made[0], before[0]), torch.where(better, made[1], before[1])
        assert chosen is not None  # there is always one proposal
        return chosen

    def weighed(self, share: Tensor, made: tuple[Tensor, Tensor], given: Tensor, leaf: int) -> Tensor:
        """p(leaf) of kinds of records, out of what was made of each several times: (kinds, size).

        share: what the generator expected there, (kinds, times, size). Counts of what was made are right but
        rough, and this smooths them.
        """
        weight = self.score(*made, given).unflatten(0, share.shape[:2]).softmax(dim=1)
        counts = torch.zeros(len(share), share.shape[2])
        counts.scatter_add_(1, made[0][:, leaf].unflatten(0, share.shape[:2]), weight)
        sure = 1 / weight.square().sum(dim=1, keepdim=True)
        smooth = (weight[:, :, None] * share).sum(dim=1)
        return (sure * counts + SMOOTH * smooth) / (sure + SMOOTH)

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
