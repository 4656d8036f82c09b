"""Record: what every model of records that hold grids shares, whatever its family and their geometry.

All that lies on grids is side by side, whatever the grids: real cells as one row of numbers, symbols as one
row of symbols. So what a family says of a cell is said once, for a pixel, a moment of a series, a place of a
map and a letter; only the networks see where a cell lies (`sampan.nn.planes`). Scalar leaves stand beside.
"""

from __future__ import annotations

import math
from abc import ABC
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.nn.grid import holes
from sampan.nn.planes import Plane, planes_of
from sampan.nn.points import KNOWN, UNKNOWN, Points
from sampan.nn.scalars import Scalars, must_be_symbols, some_known
from sampan.nn.sequence import stretches
from sampan.space import Batch, Space
from sampan.stratified import pick

BATCH = 64
"""Records of a step: more teach little more and take as much longer."""

PIECE = 128
"""Records that pass through a network together when they are made."""


def width_of(size: int) -> int:
    """Channels of the finest level of a picture's network, from the one dial of a family.

    >>> [width_of(size) for size in (32, 64, 96, 192)]
    [8, 16, 32, 64]
    """
    return max(8, size // 24 * 8)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Some records cell by cell; or, of the same shapes but for points, flags: what is known of them.

    symbols: scalar symbols, int64 (rows, leaves). points: scalar real leaves, float32 (rows, channels of
    all); as flags bool (rows, leaves). pixels: real cells of all grids, float32 (rows, cells), plane after
    plane. marks: symbols of all grids, int64 (rows, cells), the same way.
    """

    symbols: Tensor
    points: Tensor
    pixels: Tensor
    marks: Tensor

    def whole(self) -> Cells:
        """Flags all of which are known."""
        return Cells(
            *(torch.ones_like(part) for part in (self.symbols, self.points, self.pixels, self.marks))
        )

    def with_scalars(self, known: bool) -> Cells:
        """Flags whose scalar cells are all `known`, and whose others are as they were."""
        symbols, points = (torch.full_like(part, known) for part in (self.symbols, self.points))
        return replace(self, symbols=symbols, points=points)


class Record(Scalars, ABC):
    """A model of records that hold any number of grids, of real cells and of symbols, and scalar cells."""

    def __init__(
        self, kind: str, spaces: Mapping[str, Space], width: int, depth: int = 1, outputs: int = 2
    ) -> None:
        planes = planes_of(kind, spaces)
        scalars = {name: space for name, space in spaces.items() if not space.grid}
        super().__init__(scalars, width, depth)
        self.net.requires_grad_(bool(scalars))  # it is there all the same: models of pictures alone have it
        self.scalar_spaces, self.spaces, self.planes = self.spaces, dict(spaces), planes
        self.grid_names = tuple(name for plane in planes for name in plane.leaves)
        self.points = Points(self.real_spaces, width, outputs) if self.reals else None
        self.pixels = sum(plane.channels * plane.places for plane in planes)
        """Real cells of all grids."""
        self.marks = sum(len(plane.choices) * plane.places for plane in planes)
        """Symbols of all grids."""
        self.rows_of_a_step = BATCH if planes else None
        self.unknown = nn.Parameter(torch.zeros(width)) if planes else None
        """What is told of scalars where there are none."""

    # --- leaves as cells ----------------------------------------------------------------------------------
    def cells(self, values: Mapping[str, Tensor]) -> Cells:
        """The leaves of some records, side by side."""
        some = next(iter(values.values()))
        pixels = [values[name].float().flatten(1) for plane in self.planes for name in plane.reals]
        marks = [values[name].flatten(1) for plane in self.planes for name in plane.choices]
        return Cells(
            self.symbols_of(values),
            self.points_of(values),
            torch.cat(pixels, dim=1) if pixels else torch.zeros(len(some), 0),
            torch.cat(marks, dim=1) if marks else torch.zeros(len(some), 0, dtype=torch.long),
        )

    def flags(self, known: Mapping[str, Tensor]) -> Cells:
        """What is known of some records, side by side."""
        none = torch.zeros(len(next(iter(known.values()))), 0, dtype=torch.bool)
        pixels = [
            known[name].flatten(1).repeat(1, channels)
            for plane in self.planes
            for name, channels in plane.reals.items()
        ]
        marks = [known[name].flatten(1) for plane in self.planes for name in plane.choices]
        return Cells(
            self.symbols_of(known),
            self.flags_of(known),
            torch.cat([none, *pixels], dim=1),
            torch.cat([none, *marks], dim=1),
        )

    def given(self, batch: Batch) -> tuple[Cells, Cells]:
        """Records of which a part is known, unknown scalar symbols 0, and which part."""
        cells, known = self.cells(batch.values), self.flags(batch.known)
        return replace(cells, symbols=torch.where(known.symbols, cells.symbols, 0)), known

    def in_pieces(self, given: Batch) -> Iterator[Batch]:
        """Records as they are made together: rows all at once, so that they share out levels."""
        return given.pieces(PIECE if self.planes else max(1, given.rows))

    def leaves(self, cells: Cells) -> dict[str, Tensor]:
        """leaf -> tensor, as `sample` returns them, in the order of the spaces."""
        out = self.leaves_of(cells.symbols, cells.points)
        for plane, pixels, marks in self._planes(cells):
            out |= dict(zip(plane.reals, pixels.split([*plane.reals.values()], dim=1), strict=True))
            out |= dict(zip(plane.choices, marks.unbind(dim=1), strict=True))
        return {name: out[name] for name in self.spaces}

    def _planes(self, cells: Cells) -> Iterator[tuple[Plane, Tensor, Tensor]]:
        """Each plane with its pixels (rows, channels, *grid) and its marks (rows, leaves, *grid)."""
        pixels = cells.pixels.split([plane.channels * plane.places for plane in self.planes], dim=1)
        marks = cells.marks.split([len(plane.choices) * plane.places for plane in self.planes], dim=1)
        for plane, real, symbols in zip(self.planes, pixels, marks, strict=True):
            rows = len(real)
            yield (
                plane,
                real.view(rows, plane.channels, *plane.grid),
                symbols.view(rows, len(plane.choices), *plane.grid),
            )

    def by_channel(self, pixels: Tensor) -> list[Tensor]:
        """Something of each real cell of the grids, plane by plane: (rows, channels, places)."""
        sizes = [plane.channels * plane.places for plane in self.planes]
        parts = zip(self.planes, pixels.split(sizes, dim=1), strict=True)
        return [own.view(len(own), plane.channels, plane.places) for plane, own in parts]

    # --- planes in and out of networks --------------------------------------------------------------------
    def layers(self, cells: Cells, known: Cells) -> tuple[Tensor, ...]:
        """Each plane as networks take it: float32 (rows, its `into`, *grid).

        Pixels as they are, which leaves of them are known, and symbols one-hot, all zero where they are not
        known.
        """
        out = []
        for (plane, pixels, marks), (_, shown, there) in zip(
            self._planes(cells), self._planes(known), strict=True
        ):
            parts = [pixels, shown[:, plane.firsts].to(pixels.dtype)]
            for leaf, size in enumerate(plane.choices.values()):
                own = torch.where(there[:, leaf], marks[:, leaf], 0)
                hot = F.one_hot(own, size).movedim(-1, 1) * there[:, leaf, None]
                parts.append(hot.to(pixels.dtype))
            out.append(torch.cat(parts, dim=1))
        return tuple(out)

    def read(self, planes: Sequence[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """What networks say of the planes: of pixels, float32 (rows, cells), and the logits of symbols.

        The latter (rows, symbols, places) of each leaf.
        """
        pixels, logits = [], []
        for plane, said in zip(self.planes, planes, strict=True):
            own, *rest = said.float().split([plane.channels, *plane.choices.values()], dim=1)
            pixels.append(own.flatten(1))
            logits += [part.flatten(2) for part in rest]
        return torch.cat(pixels, dim=1), logits

    def nats_of_marks(self, logits: Sequence[Tensor], marks: Tensor) -> Tensor:
        """Nats of each symbol of the grids: (rows, cells)."""
        own = marks.split([part.shape[2] for part in logits], dim=1)
        pairs = zip(logits, own, strict=True)
        nats = [F.cross_entropy(part, symbols, reduction="none") for part, symbols in pairs]
        return torch.cat([torch.zeros(len(marks), 0), *nats], dim=1)

    def shares(self, known: Cells) -> Tensor:
        """How much of each leaf but symbols on grids is known: (rows, leaves), 0 to 1."""
        parts = [known.symbols.float(), known.points.float()]
        for plane, flags in zip(self.planes, self.by_channel(known.pixels), strict=True):
            parts.append(flags[:, plane.firsts].float().mean(dim=2))
        return torch.cat(parts, dim=1)

    def likeliest_marks(self, logits: Sequence[Tensor]) -> Tensor:
        """The likeliest symbol of each cell of the grids: (rows, cells)."""
        return torch.cat([part.argmax(dim=1) for part in logits], dim=1)

    def pick_marks(self, logits: Sequence[Tensor], level: Tensor) -> Tensor:
        """The symbol of each cell of the grids at a level in [0, 1) of its distribution: (rows, cells)."""
        parts = []
        for part, own in zip(logits, level.split([part.shape[2] for part in logits], dim=1), strict=True):
            reach = part.softmax(dim=1).cumsum(dim=1).transpose(1, 2).flatten(0, 1).contiguous()
            parts.append(pick(reach, own.flatten()).view(own.shape))
        return torch.cat(parts, dim=1)

    # --- scalar cells -------------------------------------------------------------------------------------
    def told_of(self, cells: Cells, known: Cells, table: Tensor | None = None) -> Tensor:
        """Scalar cells that are known as one vector of about unit scale: (rows, width).

        table: of the embeddings of all symbols (`RowNet.table`), where it is at hand.
        """
        rows = len(cells.symbols)
        total = torch.zeros(rows, 1) if self.unknown is None else self.unknown.expand(rows, -1)
        if self.names:
            table = self.net.table() if table is None else table
            total = total + self.net.gather(cells.symbols, known.symbols, table)
        if self.points is not None:
            total = total + self.points.embed(cells.points, torch.where(known.points, KNOWN, UNKNOWN))
        return total * max(1, len(self.scalar_spaces)) ** -0.5

    def heads(self, seen: Tensor) -> Tensor:
        """What the heads of the scalar cells see, of vectors like those of `told_of`: (rows, width)."""
        return self.net.trunk(seen * max(1, len(self.names)) ** 0.5)

    def wrong(self, hidden: Tensor, cells: Cells, known: Cells) -> Tensor:
        """Nats of a record's scalar cells that are not known, from what the heads see: (rows,)."""
        out = hidden.new_zeros(len(hidden), dtype=torch.float32)
        if self.names:
            logits = self.net.logits(hidden).split(self.net.sizes, dim=1)
            for leaf, own in enumerate(logits):
                nats = F.cross_entropy(own, cells.symbols[:, leaf], reduction="none")
                out = out + nats * ~known.symbols[:, leaf]
        if self.points is not None:
            middle, width = self.points.read(hidden).unbind(dim=2)
            width = width.clamp(-5, 3)
            nats = 0.5 * ((cells.points - middle) * torch.exp(-width)).square() + width
            out = out + (nats * self.points.spread(~known.points)).sum(dim=1)
        return out

    def drawn(self, hidden: Tensor, cells: Cells, known: Cells, rng: torch.Generator) -> Cells:
        """The records with the scalar cells that are not known drawn from what the heads see."""
        if self.names:
            cells = replace(cells, symbols=self.draw(hidden, cells.symbols, known.symbols, rng))
        if self.points is not None:
            middle, width = self.points.read(hidden).unbind(dim=2)
            made = middle + width.clamp(-5, 3).exp() * torch.randn(middle.shape, generator=rng)
            points = torch.where(self.points.spread(known.points), cells.points, made)
            cells = replace(cells, points=points)
        return cells

    def middles(self, hidden: Tensor, cells: Cells, known: Cells) -> Cells:
        """The records with the middle of what each scalar cell that is not known could be."""
        if self.names:
            cells = replace(cells, symbols=self.middle(hidden, cells.symbols, known.symbols))
        if self.points is not None:
            middle = self.points.read(hidden)[:, :, 0]
            points = torch.where(self.points.spread(known.points), cells.points, middle)
            cells = replace(cells, points=points)
        return cells

    def scalars_first(
        self, cells: Cells, known: Cells, hidden_of: Callable[[Tensor], Tensor], rng: torch.Generator
    ) -> Cells:
        """The records with their scalar cells drawn, one leaf after another, real vectors last.

        hidden_of: what the heads see once these scalar cells are known, as one vector: (rows, width).
        """
        flags = known.symbols.clone()
        there = replace(known, symbols=flags)
        for leaf in self.order:
            if bool(flags[:, leaf].all()):
                continue
            every = torch.ones_like(flags)
            every[:, leaf] = flags[:, leaf]
            hidden = hidden_of(self.told_of(cells, there))
            cells = replace(cells, symbols=self.draw(hidden, cells.symbols, every, rng))
            flags[:, leaf] = True
        if self.points is not None and not bool(known.points.all()):
            cells = self.drawn(hidden_of(self.told_of(cells, there)), cells, there, rng)
        return cells

    # --- exact conditionals -------------------------------------------------------------------------------
    def hidden_of(self, cells: Cells, known: Cells, rng: torch.Generator) -> Tensor:
        """What the heads of the scalar cells see of records of which a part is known: (rows, width)."""
        raise NotImplementedError

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells) of one scalar leaf of symbols, float32 (batch, size)."""
        must_be_symbols(leaf, self.names)
        out, index, rng = [], self.names.index(leaf), torch.Generator().manual_seed(0)
        for part in given.pieces(PIECE):
            hidden = self.hidden_of(*self.given(part), rng)
            out.append(self.net.of_leaf(hidden, index, self.net.head()).float().log_softmax(dim=1))
        return torch.cat(out)


def some_scalars(model: Record, rows: int, whole: int, rng: torch.Generator) -> Cells:
    """What is given of rows that are learned: nothing of so many, any part of the others."""
    leaves = len(model.names)
    cells = leaves + len(model.reals)
    given = torch.cat([torch.zeros(whole, cells, dtype=torch.bool), some_known(rows - whole, cells, rng)])
    none = torch.zeros(rows, 0, dtype=torch.bool)
    return Cells(given[:, :leaves], given[:, leaves:], none, none)


def some_given(
    model: Record, rows: int, rng: torch.Generator, nothing: float = 0.5, whole: float = 0.1
) -> Cells:
    """What is given of records that are learned.

    Scalars: all in half of the records, none in a fifth, any part in the others. Leaves of grids: nothing in
    a share `nothing` of them, everything in a share `whole`, a part (`holes`, `stretches`) in the others.
    """
    leaves, reals = len(model.names), len(model.reals)
    draw = torch.rand(rows, 1, generator=rng)
    given = torch.rand(rows, leaves + reals, generator=rng) < torch.rand(rows, 1, generator=rng)
    given = torch.where(draw < 0.5, True, torch.where(draw < 0.7, False, given))
    columns = [*zip(model.names, given[:, :leaves].unbind(1), strict=True)]
    known = dict(columns + [*zip(model.reals, given[:, leaves:].unbind(1), strict=True)])
    for plane in model.planes:
        for name in plane.leaves:
            kind = torch.rand(rows, *(1 for _ in plane.grid), generator=rng)
            part = parts_of(rows, plane.grid, rng)
            known[name] = torch.where(kind < nothing, False, torch.where(kind < nothing + whole, True, part))
    return model.flags(known)


def parts_of(rows: int, grid: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Random parts of what lies on a grid that are given, as people cut them: bool (rows, *grid)."""
    match grid:
        case (length,):
            return stretches(rows, (length,), rng)
        case (height, width):
            return holes(rows, (height, width), rng)
    raise ValueError(f"no parts of a grid {grid}")  # refused by `planes_of`


def of_one_kind(model: Record, given: Batch, rng: torch.Generator) -> Batch:
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
