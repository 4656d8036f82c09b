"""Planes: the leaves of a record that lie on one grid, and networks for them, chosen by their geometry.

Leaves on one grid lie over each other as channels: a picture, and the map of what is where in it. A record
may have several planes, of any sizes: each has a network of its own, told of the others by a vector of each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from sampan.errors import FamilyCannot
from sampan.nn.grid import Encoder, UNet
from sampan.nn.sequence import Line, LineEncoder
from sampan.space import Choice, Real, Space


@dataclass(frozen=True)
class Plane:
    """The leaves on one grid. reals: leaf -> its channels. choices: leaf -> its symbols."""

    grid: tuple[int, ...]
    reals: Mapping[str, int]
    choices: Mapping[str, int]

    @property
    def leaves(self) -> tuple[str, ...]:
        """Real leaves, then those of symbols."""
        return (*self.reals, *self.choices)

    @property
    def places(self) -> int:
        """How many cells each leaf has."""
        return math.prod(self.grid)

    @property
    def channels(self) -> int:
        """Real numbers in each place."""
        return sum(self.reals.values())

    @property
    def firsts(self) -> list[int]:
        """The first channel of each real leaf."""
        return [sum([*self.reals.values()][:index]) for index in range(len(self.reals))]

    @property
    def into(self) -> int:
        """Channels as networks take them: real ones, which of these leaves are given, one-hot symbols."""
        return self.channels + len(self.reals) + sum(self.choices.values())

    @property
    def out(self) -> int:
        """Channels that networks say: a number for each real one, a logit for each symbol."""
        return self.channels + sum(self.choices.values())


def has_grid(spaces: Mapping[str, Space]) -> bool:
    """Whether a leaf of a record lies on a grid.

    >>> has_grid({"a": Choice(2)}), has_grid({"a": Choice(2), "b": Real(1, (8, 8))})
    (False, True)
    """
    return any(space.grid for space in spaces.values())


def idle_over_grids(*rows_only: str) -> dict[str, str]:
    """Settings that do nothing over grids, each with a sentence on what to do instead (`Family.unused`)."""
    told = dict.fromkeys(rows_only, "It is for rows: over grids, nothing takes its place.")
    return {"depth": "Over grids, size says how large the networks are.", **told}


def planes_of(kind: str, spaces: Mapping[str, Space]) -> tuple[Plane, ...]:
    """The planes of a record, in the order of their first leaves.

    Raises FamilyCannot, which names the family by its `kind`, for a grid that no network is there for.

    >>> spaces = {"photo": Real(3, (8, 8)), "map": Choice(4, (8, 8)), "text": Choice(9, (5,))}
    >>> [(plane.grid, plane.into, plane.out) for plane in planes_of("vae", spaces)]
    [((8, 8), 8, 7), ((5,), 9, 9)]
    """
    found: dict[tuple[int, ...], tuple[dict[str, int], dict[str, int]]] = {}
    for name, space in spaces.items():
        if not space.grid:
            continue
        if len(space.grid) > 2 or 0 in space.grid:
            raise FamilyCannot(
                f"the {kind} family was given {name!r}, a {space}.",
                "It serves scalar cells, lines and pictures: a grid of (), (length,) or (height, width).",
                "Give the field one of these forms.",
            )
        reals, choices = found.setdefault(space.grid, ({}, {}))
        match space:
            case Real(channels=channels):
                reals[name] = channels
            case Choice(size=size):
                choices[name] = size
    return tuple(Plane(grid, *leaves) for grid, leaves in found.items())


def drawing(
    planes: Sequence[Plane],
    width: int,
    told: int,
    seed: int = 0,
    into: Sequence[int] | None = None,
    out: Sequence[int] | None = None,
) -> UNet | Line | Drawers:
    """A network that takes planes and what is told of them, and says something of each place.

    Called with (the layers of each plane, told, a seed or None), it gives (channels of each plane, one vector
    of all: (batch, its `width`)). told: length of the condition. seed: length of a vector that becomes a
    coarse plane at the bottom; 0 for none. into, out: channels of each plane, those of the plane unless said.
    """
    nets = []
    for index, plane in enumerate(planes):
        own = plane.into if into is None else into[index], plane.out if out is None else out[index]
        if len(plane.grid) == 1:
            nets.append(Line(*own, plane.grid[0], width, told, seed))
        else:
            nets.append(UNet(*own, (plane.grid[0], plane.grid[1]), width, told, seed))
    if len(nets) == 1:
        return nets[0]
    sides = [plane.into for plane in planes] if into is None else into
    views = [_seeing(plane, width, told, told, side) for plane, side in zip(planes, sides, strict=True)]
    return Drawers(nets, views)


def seeing(
    planes: Sequence[Plane], width: int, told: int, out: int, into: Sequence[int] | None = None
) -> Encoder | LineEncoder | Seers:
    """A network that takes planes and what is told of them, and says one vector: (batch, out)."""
    sides = [plane.into for plane in planes] if into is None else into
    nets = [_seeing(plane, width, told, out, side) for plane, side in zip(planes, sides, strict=True)]
    return nets[0] if len(nets) == 1 else Seers(nets)


def _seeing(plane: Plane, width: int, told: int, out: int, into: int) -> Encoder | LineEncoder:
    if len(plane.grid) == 1:
        return LineEncoder(into, plane.grid[0], width, told, out)
    return Encoder(into, (plane.grid[0], plane.grid[1]), width, told, out)


def last_layers(net: UNet | Line | Drawers) -> list[nn.Conv2d | nn.Linear]:
    """The last layer of a network, or of each of several."""
    return [one.out for one in net.modules() if isinstance(one, UNet | Line)]


class Drawers(nn.Module):
    """A network for each plane, told of the others by what is seen of each."""

    def __init__(self, nets: Sequence[UNet | Line], views: Sequence[Encoder | LineEncoder]) -> None:
        super().__init__()
        self.nets, self.views = nn.ModuleList(nets), nn.ModuleList(views)
        self.width = sum(net.width for net in nets)

    def forward(
        self, planes: Sequence[Tensor], told: Tensor, seed: Tensor | None = None
    ) -> tuple[tuple[Tensor, ...], Tensor]:
        """Layers of each plane, (batch, told), (batch, seed) -> channels of each plane, (batch, width)."""
        seen = [view((plane,), told) for view, plane in zip(self.views, planes, strict=True)]
        every = told + sum(seen)
        parts = [
            net((plane,), every - own, seed) for net, plane, own in zip(self.nets, planes, seen, strict=True)
        ]
        return tuple(made for (made,), _ in parts), torch.cat([pooled for _, pooled in parts], dim=1)


class Seers(nn.Module):
    """A network for each plane; what they see is added up."""

    def __init__(self, nets: Sequence[Encoder | LineEncoder]) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)

    def forward(self, planes: Sequence[Tensor], told: Tensor) -> Tensor:
        """Layers of each plane, (batch, told) -> (batch, out)."""
        seen = [net((plane,), told) for net, plane in zip(self.nets, planes, strict=True)]
        return torch.stack(seen).sum(dim=0)
