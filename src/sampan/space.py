"""What one cell of a record holds, times the grid the cells lie on: the waist of the hourglass.

Fields turn domain values into these spaces; families learn them and never see anything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Real:
    """A real vector in every cell: float32 (batch, channels, *grid), of about unit scale."""

    channels: int = 1
    grid: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """One of `size` symbols in every cell: int64 (batch, *grid), values in range(size).

    ordered: the symbols lie on a scale, so that neighbours share strength (how, a network decides).
    off: symbols of an ordered space that are not on the scale, "missing" for instance.
    spikes: symbols on the scale that also mean something of their own (0, 99999, a rating), because many
    records hold exactly that value; the others only stand for a stretch of the scale.
    late: whether what it stands for mostly follows from other leaves: whole records get it last, so that
    nothing else hangs on it.
    """

    size: int
    grid: tuple[int, ...] = ()
    ordered: bool = False
    off: tuple[int, ...] = ()
    spikes: tuple[int, ...] = ()
    late: bool = False

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError(f"a Choice needs at least one symbol, got size={self.size}")
        for name, symbols in (("off", self.off), ("spikes", self.spikes)):
            if any(not 0 <= symbol < self.size for symbol in symbols):
                raise ValueError(f"{name}={symbols} holds a symbol outside range({self.size})")


Space = Real | Choice
"""The closed set of cell kinds: a third would be a new major version."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records at the waist, and which of their cells are given.

    values: leaf -> tensor as its space says; cells that are not known may hold anything.
    known: leaf -> bool (batch, *grid), True where the cell is given.
    """

    values: Mapping[str, Tensor]
    known: Mapping[str, Tensor]

    @classmethod
    def empty(cls, spaces: Mapping[str, Space], rows: int) -> Self:
        """So many records of which nothing is known.

        >>> Batch.empty({"a": Choice(3), "b": Real(1, (2,))}, 4).values["b"].shape
        torch.Size([4, 1, 2])
        """
        values: dict[str, Tensor] = {}
        for name, space in spaces.items():
            match space:
                case Choice(grid=grid):
                    values[name] = torch.zeros((rows, *grid), dtype=torch.long)
                case Real(channels=channels, grid=grid):
                    values[name] = torch.zeros((rows, channels, *grid))
        known = {name: torch.zeros((rows, *space.grid), dtype=torch.bool) for name, space in spaces.items()}
        return cls(values, known)

    @property
    def rows(self) -> int:
        """How many records."""
        return rows_of(self.known)

    def take(self, which: slice | Tensor) -> Self:
        """Some of the records, in the order of an index; a record may come several times."""
        values = {name: tensor[which] for name, tensor in self.values.items()}
        return type(self)(values, {name: flags[which] for name, flags in self.known.items()})

    def pieces(self, size: int) -> Iterator[Self]:
        """The records in their order, at most so many at a time."""
        for start in range(0, self.rows, size):
            yield self.take(slice(start, start + size))

    def unknown(self, names: Iterable[str] | None = None) -> Self:
        """The same records with nothing known of these leaves, of all of them unless said."""
        hidden = self.known if names is None else names
        flags = {name: torch.zeros_like(self.known[name]) for name in hidden}
        return type(self)(self.values, {**self.known, **flags})

    def whole(self) -> Self:
        """The same records with everything known."""
        return type(self)(self.values, {name: torch.ones_like(flags) for name, flags in self.known.items()})


def rows_of(leaves: Mapping[str, Tensor]) -> int:
    """How many records some leaves are of; none where there is no leaf."""
    return next((len(tensor) for tensor in leaves.values()), 0)


def joined(parts: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
    """The leaves of some records after those of others: leaf -> tensor."""
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def widened(tensor: Tensor, space: Space) -> Tensor:
    """A leaf as a model takes it, from the small numbers it is kept in.

    Symbols become int64. A real leaf that is kept as bytes holds levels: 0 to 255 stand for -1 to 1.

    >>> import torch
    >>> widened(torch.tensor([[0, 51, 255]], dtype=torch.uint8), Real(1, (3,)))
    tensor([[-1.0000, -0.6000,  1.0000]])
    """
    match space:
        case Choice():
            return tensor.long()
        case Real():
            return tensor.float() / 127.5 - 1 if tensor.dtype == torch.uint8 else tensor.float()
