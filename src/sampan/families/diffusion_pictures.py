"""Diffusion over records that hold a picture: it flows out of noise while its labels stand beside it.

A picture is x_t = (1 - t) noise + t picture, and the network predicts its velocity, picture - noise (flow
matching: Lipman et al. 2023, arXiv:2210.02747, equation 23). What is given of it is at t = 1 from the
beginning: the network is trained with parts shown, so that what it makes up meets them without a seam. The
scalar cells of the record (labels, numbers) are read off the same network, from whatever is there of the
picture, one after another and before the picture is made: p(scalars | given) p(picture | scalars, given).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.family import Player
from sampan.nn.examples import with_kinds, without_pictures
from sampan.nn.grid import UNet
from sampan.nn.pictures import PIECE, Pictures, of_one_kind, some_given, turning, width_of
from sampan.nn.scalars import must_be_symbols
from sampan.space import Batch, Space, joined

if TYPE_CHECKING:
    from sampan.families.diffusion import Diffusion

WAVES = 8
"""Frequencies that tell the network the time."""

PASSES = 16
"""Most passes through the network for a picture: with Heun's rule an even number, two for each step."""

GUIDED = 0.5
"""Guidance unless said. A network that learned for minutes follows labels too loosely without, and varies too
little with much (docs/pictures.md).
"""

SHOWN = 0.62, 0.08
"""Shares of the pictures of a step of which nothing and all is given: made from nothing they gain most from
practice, while the holes of the other 30 % are learned well from what stands around them.
"""

LABELS = 0.1
"""Weight of a nat of the scalar cells beside the mean squared error of a pixel's velocity."""

RATE = 2e-3
"""Adam's peak rate for what is no matrix."""

FULL_RATE_STEPS = 200
"""Of `Player`: 3,000 steps learn more at a quarter of the full rate (docs/pictures.md), and a hundred hardly
anything."""


class DiffusionPictures(Pictures):
    """p(unknown | given) of records of a picture and scalar cells."""

    def __init__(self, spaces: Mapping[str, Space], family: Diffusion) -> None:
        # three quarters of the channels take more steps in the same time, and learn more in it
        width = width_of(family.size * 3 // 4)
        told = 4 * width
        super().__init__(family.kind, spaces, told, 1)
        self.guidance = GUIDED if family.guidance is None else family.guidance
        self.passes = min(family.steps, PASSES)
        self.clock = nn.Linear(2 * WAVES, told)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        into = self.channels + len(self.picture_names)
        self.unet = UNet(into, self.channels, self.grid, width, told)
        self.pooled = nn.Linear(self.unet.width, told)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def players(self) -> tuple[Player, ...]:
        """One: squared error of the velocities, and cross-entropy of what the picture says of its labels."""
        return (Player("net", self, self.loss, rate=RATE, full_rate_steps=FULL_RATE_STEPS),)

    # --- the network --------------------------------------------------------------------------------------
    def _seen(self, picture: Tensor, shown: Tensor, cells: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """The velocity of each pixel, and what the heads of the scalar cells see."""
        angle = time[:, None] * (2.0 ** torch.arange(WAVES) * math.pi / 4)
        clock = self.clock(torch.cat([angle.sin(), angle.cos()], dim=1))
        told = self.told(cells + clock)
        velocity, pooled = self.unet(self.marked(picture, shown), told)
        hidden = self.heads(cells + self.pooled(F.silu(pooled)))
        return velocity.float(), hidden

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Mean squared error of the velocities of what moves, and a little of the nats of hidden scalars."""
        symbols, points, picture = self.symbols_of(values), self.points_of(values), self.picture_of(values)
        rows = len(picture)
        known, flags, shown = some_given(self, rows, rng, *SHOWN)
        # more of the middle of the way, where most is decided (Esser et al. 2024, arXiv:2403.03206, 3.1)
        time = torch.sigmoid(torch.randn(rows, generator=rng))
        time = torch.where(torch.rand(rows, generator=rng) < 0.1, 0.0, time)
        noise = torch.randn(picture.shape, generator=rng)
        noisy = picture + (1 - time[:, None, None, None]) * (noise - picture)
        cells = self.cells_of(symbols, known, points, flags)
        velocity, hidden = self._seen(torch.where(shown, picture, noisy), shown, cells, time)
        moves = ~shown
        wrong = ((velocity - (picture - noise)).square() * moves).sum() / moves.sum().clamp(min=1)
        return wrong + LABELS * self.wrong(hidden, symbols, points, known, flags).mean()

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: scalars first, then the picture from noise."""
        return self._from(given, 0.0, rng)

    @torch.no_grad()
    def restyle(self, given: Batch, strength: float, rng: torch.Generator) -> dict[str, Tensor]:
        """The record's own picture, sent part of the way back to noise and out again (SDEdit, see below).

        Meng et al. 2022, arXiv:2108.01073, algorithm 1. Scalars count as known where `given` says so.
        """
        return self._from(given, 1.0 - strength, rng)

    @torch.no_grad()
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """The kinds of the examples, read off them, and each picture restyled with its kind known."""
        told = without_pictures(self, with_kinds(self, examples, which, rng))
        return self._from(told, 1.0 - strength, rng)

    def _from(self, given: Batch, begin: float, rng: torch.Generator) -> dict[str, Tensor]:
        return joined([self._made(part, begin, rng) for part in given.pieces(PIECE)])

    @torch.no_grad()
    def walk(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Records of one kind that flow out of noise which turns from one draw to another."""
        given = of_one_kind(self, given, rng)
        picture = self.picture_of(given.values)
        return self._made(given, 0.0, rng, turning(len(picture), picture.shape[1:], rng))

    def _made(
        self, given: Batch, begin: float, rng: torch.Generator, noise: Tensor | None = None
    ) -> dict[str, Tensor]:
        picture, shown = self.picture_of(given.values), self.shown_of(given.known)
        if noise is None:
            noise = torch.randn(picture.shape, generator=rng)
        moving = torch.where(shown, picture, noise + begin * (picture - noise))
        clock = torch.full((len(picture),), begin)
        symbols, points = self.scalars_first(
            given, lambda cells: self._seen(moving, shown, cells, clock)[1], rng
        )
        known = torch.ones(len(symbols), len(self.names), dtype=torch.bool)
        flags = torch.ones(len(symbols), len(self.reals), dtype=torch.bool)
        cells = self.cells_of(symbols, known, points, flags)
        nothing = self.cells_of(symbols, ~known, points, ~flags)
        told = bool(self.symbols_of(given.known).any() or self.flags_of(given.known).any())
        guided = self.guidance > 0 and (told or bool(shown.any()))

        def velocity(at: Tensor, time: float) -> Tensor:
            clock = torch.full((len(at),), time)
            fast = self._seen(at, shown, cells, clock)[0]
            if not guided:
                return fast
            return fast + self.guidance * (fast - self._seen(at, shown, nothing, clock)[0])

        steps = max(1, round(self.passes / 2 * (1 - begin)))
        for step in range(steps):
            time, ahead = (begin + (1 - begin) * place / steps for place in (step, step + 1))
            speed = velocity(moving, time)
            there = torch.where(shown, picture, moving + (ahead - time) * speed)
            if step + 1 < steps:  # Heun's rule: the mean of the velocities at both ends of the step
                speed = (speed + velocity(there, ahead)) / 2
                there = torch.where(shown, picture, moving + (ahead - time) * speed)
            moving = there
        return self.record_of(symbols, points, moving)

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (batch, size)."""
        must_be_symbols(leaf, self.names)
        out, index = [], self.names.index(leaf)
        rng = torch.Generator().manual_seed(0)
        for part in given.pieces(PIECE):
            picture, shown = self.picture_of(part.values), self.shown_of(part.known)
            noise = torch.randn(picture.shape, generator=rng)
            seen, clock = torch.where(shown, picture, noise), torch.zeros(len(picture))
            hidden = self._seen(seen, shown, self.cells_given(part), clock)[1]
            out.append(self.net.of_leaf(hidden, index, self.net.head()).float().log_softmax(dim=1))
        return torch.cat(out)
