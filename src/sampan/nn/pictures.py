"""Pictures: what every model of records that hold a picture shares, whatever its family.

All real grids of a record lie over each other as channels of one picture; its scalar leaves stand beside it.
A part of a picture may be given: some of its places, the same for all channels of a leaf.
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.errors import FamilyCannot
from sampan.nn.grid import holes
from sampan.nn.points import KNOWN, UNKNOWN, Points
from sampan.nn.scalars import Scalars
from sampan.space import Batch, Choice, Real, Space

BATCH = 64
"""Pictures of a step: more teach little more and take as much longer."""

PIECE = 128
"""Pictures that pass through a network together when they are made."""


def has_picture(spaces: Mapping[str, Space]) -> bool:
    """Whether a record holds a picture.

    >>> has_picture({"a": Choice(2)}), has_picture({"a": Choice(2), "b": Real(1, (8, 8))})
    (False, True)
    """
    return any(isinstance(space, Real) and len(space.grid) == 2 for space in spaces.values())


def width_of(size: int) -> int:
    """Channels of the finest level of a picture's network, from the one dial of a family.

    >>> [width_of(size) for size in (32, 64, 96, 192)]
    [8, 16, 32, 64]
    """
    return max(8, size // 24 * 8)


class Pictures(Scalars, ABC):
    """A model of records of one picture (of one or more leaves) and scalar cells."""

    def __init__(self, kind: str, spaces: Mapping[str, Space], width: int, depth: int) -> None:
        must_be_pictures(kind, spaces)
        grids = {name: space for name, space in spaces.items() if isinstance(space, Real) and space.grid}
        super().__init__({name: space for name, space in spaces.items() if name not in grids}, width, depth)
        self.scalar_spaces, self.spaces = self.spaces, dict(spaces)
        self.picture_names = tuple(grids)
        self.depths = tuple(space.channels for space in grids.values())
        self.channels = sum(self.depths)
        height, width_ = next(iter(grids.values())).grid
        self.grid: tuple[int, int] = (height, width_)
        self.points = Points(self.real_spaces, width, 2) if self.reals else None
        self.rows_of_a_step = BATCH
        self.unknown = nn.Parameter(torch.zeros(width))
        """What is told of scalars where there are none."""

    # --- leaves as tensors --------------------------------------------------------------------------------
    def picture_of(self, values: Mapping[str, Tensor]) -> Tensor:
        """float32 (batch, channels, height, width)."""
        return torch.cat([values[name].float() for name in self.picture_names], dim=1)

    def shown_of(self, known: Mapping[str, Tensor]) -> Tensor:
        """Which places of each channel are given: bool (batch, channels, height, width)."""
        parts = [
            known[name][:, None].expand(-1, depth, -1, -1)
            for name, depth in zip(self.picture_names, self.depths, strict=True)
        ]
        return torch.cat(parts, dim=1)

    def first_of(self, flags: Tensor) -> Tensor:
        """Of flags of every channel, those of each leaf: (batch, channels, ...) -> (batch, leaves, ...)."""
        return flags[:, [sum(self.depths[:index]) for index in range(len(self.depths))]]

    def marked(self, picture: Tensor, shown: Tensor) -> Tensor:
        """What a network is told of a picture: its pixels, and which of them are given, leaf by leaf."""
        return torch.cat([picture, self.first_of(shown).to(picture.dtype)], dim=1)

    def record_of(self, symbols: Tensor, points: Tensor, picture: Tensor) -> dict[str, Tensor]:
        """leaf -> tensor, as `sample` returns them, in the order of the spaces."""
        out = dict(zip(self.picture_names, picture.split(self.depths, dim=1), strict=True))
        if self.names:
            out |= {name: symbols[:, index] for index, name in enumerate(self.names)}
        if self.reals:
            widths = [space.channels for space in self.real_spaces.values()]
            out |= dict(zip(self.reals, points.split(widths, dim=1), strict=True))
        return {name: out[name] for name in self.spaces}

    def cells_of(self, symbols: Tensor, known: Tensor, points: Tensor, flags: Tensor) -> Tensor:
        """Scalar cells that are known as one vector of about unit scale: (batch, width)."""
        total = self.unknown.expand(len(symbols), -1)
        if self.names:
            total = total + self.net.gather(symbols, known, self.net.table())
        if self.points is not None:
            total = total + self.points.embed(points, torch.where(flags, KNOWN, UNKNOWN))
        return total * max(1, len(self.scalar_spaces)) ** -0.5

    def wrong(self, hidden: Tensor, symbols: Tensor, points: Tensor, known: Tensor, flags: Tensor) -> Tensor:
        """Nats of a record's scalar cells that are not known, from what the heads see: (batch,)."""
        out = hidden.new_zeros(len(hidden), dtype=torch.float32)
        if self.names:
            logits = F.linear(hidden, self.net.head(), self.net.bias).float().split(self.net.sizes, dim=1)
            for leaf, own in enumerate(logits):
                nats = F.cross_entropy(own, symbols[:, leaf], reduction="none")
                out = out + nats * ~known[:, leaf]
        if self.points is not None:
            middle, width = self.points.read(hidden).unbind(dim=2)
            width = width.clamp(-5, 3)
            nats = 0.5 * ((points - middle) * torch.exp(-width)).square() + width
            out = out + (nats * self.points.spread(~flags)).sum(dim=1)
        return out

    def drawn(
        self,
        hidden: Tensor,
        symbols: Tensor,
        points: Tensor,
        known: Tensor,
        flags: Tensor,
        rng: torch.Generator,
    ) -> tuple[Tensor, Tensor]:
        """Scalar cells that are not known, drawn from what the heads see: symbols and points."""
        if self.names:
            symbols = self.draw(hidden, symbols, known, rng)
        if self.points is not None:
            middle, width = self.points.read(hidden).unbind(dim=2)
            made = middle + width.clamp(-5, 3).exp() * torch.randn(middle.shape, generator=rng)
            points = torch.where(self.points.spread(flags), points, made)
        return symbols, points

    def scalars_first(
        self, given: Batch, hidden_of: Callable[[Tensor], Tensor], rng: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """Scalar cells drawn one leaf after another, real vectors last: symbols and points.

        hidden_of: what the heads see once these scalar cells are known, as one vector: (batch, width).
        """
        known, flags = self.symbols_of(given.known).clone(), self.flags_of(given.known)
        symbols, points = torch.where(known, self.symbols_of(given.values), 0), self.points_of(given.values)
        for leaf in self.order:
            if bool(known[:, leaf].all()):
                continue
            every = torch.ones_like(known)
            every[:, leaf] = known[:, leaf]
            hidden = hidden_of(self.cells_of(symbols, known, points, flags))
            symbols = self.draw(hidden, symbols, every, rng)
            known[:, leaf] = True
        if self.points is not None and not bool(flags.all()):
            hidden = hidden_of(self.cells_of(symbols, known, points, flags))
            _, points = self.drawn(hidden, symbols, points, known, flags, rng)
        return symbols, points

    def heads(self, seen: Tensor) -> Tensor:
        """What the heads of the scalar cells see, of vectors like those of `cells_of`: (batch, width)."""
        return self.net.trunk(seen * max(1, len(self.names)) ** 0.5)

    def cells_given(self, given: Batch) -> Tensor:
        """The scalar cells of records that are given, as one vector: (batch, width)."""
        known, flags = self.symbols_of(given.known), self.flags_of(given.known)
        symbols = torch.where(known, self.symbols_of(given.values), 0)
        return self.cells_of(symbols, known, self.points_of(given.values), flags)


def some_given(
    model: Pictures, rows: int, rng: torch.Generator, nothing: float = 0.5, whole: float = 0.1
) -> tuple[Tensor, Tensor, Tensor]:
    """What is given of records that are learned: (known symbols, known points, shown pixels).

    Scalars: all in half of the records, none in a fifth, any part in the others. Pictures: nothing in a share
    `nothing` of them, everything in a share `whole`, a part (`holes`) in the others.
    """
    leaves, reals = len(model.names), len(model.reals)
    draw = torch.rand(rows, 1, generator=rng)
    given = torch.rand(rows, leaves + reals, generator=rng) < torch.rand(rows, 1, generator=rng)
    given = torch.where(draw < 0.5, True, torch.where(draw < 0.7, False, given))
    shown = torch.zeros(rows, len(model.depths), *model.grid, dtype=torch.bool)
    for leaf in range(len(model.depths)):
        kind = torch.rand(rows, 1, 1, generator=rng)
        part = holes(rows, model.grid, rng)
        shown[:, leaf] = torch.where(kind < nothing, False, torch.where(kind < nothing + whole, True, part))
    every = shown.repeat_interleave(torch.tensor(model.depths), dim=1, output_size=model.channels)
    return given[:, :leaves], given[:, leaves:], every


def of_one_kind(model: Pictures, given: Batch, rng: torch.Generator) -> Batch:
    """The same records, all with the scalar cells of one that the model makes of the first: for a walk."""
    first = model.sample(given.take(slice(0, 1)), rng)
    values, known = dict(given.values), dict(given.known)
    for name in model.scalar_spaces:
        values[name], known[name] = first[name].expand_as(values[name]), torch.ones_like(known[name])
    return Batch(values, known)


def turning(rows: int, shape: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Normal noise that turns from one draw to another, each as likely as the ends: (rows, *shape)."""
    first, last = torch.randn(2, 1, *shape, generator=rng)
    angle = torch.linspace(0, math.pi / 2, rows).view(rows, *(1 for _ in shape))
    return angle.cos() * first + angle.sin() * last


def must_be_pictures(kind: str, spaces: Mapping[str, Space]) -> None:
    """Raises FamilyCannot for what is no record of one picture (of one or more leaves) and scalars."""
    grids = {name: space for name, space in spaces.items() if isinstance(space, Real) and space.grid}
    first = next(iter(grids.items()))
    for name, space in spaces.items():
        if isinstance(space, Choice) and space.grid:
            raise FamilyCannot(
                f"the {kind} family over pictures was given {name!r}, a {space}.",
                "Beside a picture it serves scalar cells: Choice and Real with an empty grid.",
                "Give the field a scalar form.",
            )
        if name in grids and space.grid != first[1].grid:
            raise FamilyCannot(
                f"the {kind} family was given pictures of two sizes: {first[0]!r} {first[1].grid} and "
                f"{name!r} {space.grid}.",
                "Pictures of one record that are alike in height and width are expected.",
                "Give both fields the same height and width.",
            )
    if len(first[1].grid) != 2:
        raise FamilyCannot(
            f"the {kind} family was given {first[0]!r}, a {first[1]}.",
            "It serves pictures, whose grid is (height, width), and scalar cells.",
            "Give the field one of these forms.",
        )
