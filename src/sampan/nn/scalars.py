"""Scalars: what every model of records of scalar cells shares, whatever its family.

Leaves side by side as tensors, the marginals that learning starts from, the laws that always hold, and how
symbols are drawn from logits.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import torch
from torch import Tensor

from sampan.ability import Conditionals, Likelihood
from sampan.errors import FamilyCannot
from sampan.family import Model
from sampan.nn.laws import Laws
from sampan.nn.rows import RowNet, Symbols
from sampan.space import Batch, Choice, Real, Space
from sampan.stratified import alike_together, even_levels, pick

PIECE = 4096
"""Records that pass through a network together."""


N = TypeVar("N", bound=Symbols)


def choices_of(spaces: Mapping[str, Space]) -> dict[str, Choice]:
    """The leaves of symbols."""
    return {name: space for name, space in spaces.items() if isinstance(space, Choice)}


def usual_order(choices: Mapping[str, Choice]) -> list[int]:
    """The usual order of the symbols: leaves of few symbols first, what follows from others last."""
    sizes = [(space.late, space.size) for space in choices.values()]
    return sorted(range(len(sizes)), key=sizes.__getitem__)


class Symbolic(Model, ABC, Generic[N]):
    """A model of records of scalar cells, whatever its network for the symbols.

    Symbols of all Choice leaves lie side by side, int64 (batch, leaves), and so do the channels of all Real
    leaves, float32 (batch, channels).
    """

    def __init__(self, spaces: Mapping[str, Space], net: N) -> None:
        super().__init__()
        self.spaces = dict(spaces)
        self.real_spaces = {name: space for name, space in spaces.items() if isinstance(space, Real)}
        self.names, self.reals = net.names, tuple(self.real_spaces)
        self.net: N = net
        self.laws = Laws(self.net.sizes)
        self.order = usual_order(choices_of(spaces))

    # --- leaves as tensors --------------------------------------------------------------------------------
    def symbols_of(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """The symbols (or the flags) of the Choice leaves: (batch, leaves)."""
        return _beside([tensors[name] for name in self.names], tensors)

    def flags_of(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """The flags of the Real leaves: bool (batch, leaves)."""
        return _beside([tensors[name] for name in self.reals], tensors)

    def points_of(self, tensors: Mapping[str, Tensor]) -> Tensor:
        """The channels of the Real leaves: float32 (batch, channels)."""
        if not self.reals:
            return torch.zeros(len(next(iter(tensors.values()))), 0)
        return torch.cat([tensors[name].float() for name in self.reals], dim=1)

    def leaves_of(self, symbols: Tensor, points: Tensor | None = None) -> dict[str, Tensor]:
        """Scalar leaf -> tensor, as `sample` returns them, in the order of the spaces."""
        out = {name: symbols[:, index] for index, name in enumerate(self.names)}
        if self.reals and points is not None:
            widths = [space.channels for space in self.real_spaces.values()]
            out |= dict(zip(self.reals, points.split(widths, dim=1), strict=True))
        return {name: out[name] for name in self.spaces if name in out}

    # --- learning -----------------------------------------------------------------------------------------
    def start(self, values: Mapping[str, Tensor]) -> None:
        """Set each head's bias to the log frequency of its symbols, and find what always holds."""
        if not self.names:
            return
        long = {name: values[name].long() for name in self.names}
        with torch.device("cpu"):  # counting symbols is the processor's work
            self.laws.find(self.symbols_of(long).cpu())
        with torch.no_grad():
            for name, start, size in zip(self.names, self.net.starts, self.net.sizes, strict=True):
                count = torch.bincount(long[name], minlength=size).float()
                # half a row for a symbol this sample happens to lack
                self.net.bias[start : start + size] = torch.log((count + 0.5) / (count + 0.5).sum())

    def sound(self) -> bool:
        """Whether the laws speak of leaves and symbols that there are."""
        return self.laws.sound()

    def forbid(self, pairs: Mapping[tuple[str, str], Tensor]) -> None:
        """Draw no symbol beside one that no record has with it."""
        place = {name: index for index, name in enumerate(self.names)}
        self.laws.forbidden = [
            (place[a], place[b], allowed) for (a, b), allowed in pairs.items() if a in place and b in place
        ]

    def lawful(self, logits: Tensor, leaf: int, symbols: Tensor, known: Tensor) -> Tensor:
        """Logits of one leaf, less where a law would be broken: (batch, its size)."""
        penalty = self.laws.penalty(leaf, symbols, known)
        return logits if penalty is None else logits + penalty


class Scalars(Symbolic[RowNet], ABC):
    """A model of records of scalar cells with one network for the symbols of all leaves."""

    def __init__(self, spaces: Mapping[str, Space], size: int, depth: int) -> None:
        super().__init__(spaces, RowNet(choices_of(spaces), size, depth))

    # --- drawing ------------------------------------------------------------------------------------------
    def draw(self, hidden: Tensor, symbols: Tensor, known: Tensor, rng: torch.Generator) -> Tensor:
        """Fill the unknown symbols from what the heads see: (batch, width) -> (batch, leaves).

        One leaf after another, so that what the laws say of a later leaf follows from the earlier ones; rows
        that expect alike share out the levels.
        """
        out, told = torch.where(known, symbols, 0), known.clone()
        head = self.net.head()
        for leaf in self.order:
            free = torch.nonzero(~known[:, leaf])[:, 0]
            if len(free) == 0:
                continue
            own = self.net.of_leaf(hidden[free], leaf, head).float()
            reach = self.lawful(own, leaf, out[free], told[free]).softmax(dim=1).cumsum(dim=1)
            out[free, leaf] = draw_alike(reach, rng)
            told[:, leaf] = True
        return out

    def middle(self, hidden: Tensor, symbols: Tensor, known: Tensor) -> Tensor:
        """The median of each unknown ordered leaf and the likeliest symbol of the others: (batch, leaves)."""
        out, head = symbols.clone(), self.net.head()
        for leaf, name in enumerate(self.names):
            own, space = self.net.of_leaf(hidden, leaf, head).float(), self.spaces[name]
            if isinstance(space, Choice) and space.ordered:
                made = pick(own.softmax(dim=1).cumsum(dim=1), torch.full((len(own),), 0.5))
            else:
                made = own.argmax(dim=1)
            out[:, leaf] = torch.where(known[:, leaf], symbols[:, leaf], made)
        return out


@dataclass(frozen=True, slots=True)
class Reader:
    """What says the logits of a leaf, with tables that were computed once.

    - sums(symbols, known): what a network adds up of what is known: float32 (batch, width), or nothing wide.
    - change(leaf): what each symbol of a leaf adds to these sums when it comes to be known: (size, width).
    - logits(sums, leaf, symbols, known): float32 (batch, size), nothing said of laws.
    """

    sums: Callable[[Tensor, Tensor], Tensor]
    change: Callable[[int], Tensor]
    logits: Callable[[Tensor, int, Tensor, Tensor], Tensor]


class AnyOrder(Symbolic[N], Conditionals, Likelihood, ABC):
    """A model whose network gives p(leaf | known leaves) for any known ones: exact conditionals follow."""

    @abstractmethod
    def reader(self, batch: Batch) -> Reader:
        """What says the logits of leaves of these records: of others, too, where there are no real cells."""

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (batch, size)."""
        must_be_symbols(leaf, self.names)
        known = self.symbols_of(given.known)
        symbols = torch.where(known, self.symbols_of(given.values), 0)
        return self._logits(self.reader(given), self.names.index(leaf), symbols, known).log_softmax(dim=1)

    @torch.no_grad()
    def log_prob(self, batch: Batch, rng: torch.Generator, orders: int = 4) -> Tensor:
        """log p(unknown cells | known cells), float32 (batch,): the mean over `orders` random orders.

        The mean is of log p, a lower bound of the log of the mean (Jensen): conservative, and additive.
        """
        symbols, given = self.symbols_of(batch.values), self.symbols_of(batch.known)
        out, reader = torch.zeros(len(symbols)), self.reader(batch)
        for _ in range(orders):
            known = given.clone()
            for leaf in torch.randperm(len(self.names), generator=rng).tolist():
                logits = self._logits(reader, leaf, symbols, known)
                picked = logits.log_softmax(dim=1).gather(1, symbols[:, leaf, None])[:, 0]
                out += torch.where(given[:, leaf], 0.0, picked)
                known[:, leaf] = True
        return out / orders

    def _logits(self, reader: Reader, leaf: int, symbols: Tensor, known: Tensor) -> Tensor:
        logits = reader.logits(reader.sums(symbols, known), leaf, symbols, known)
        return self.lawful(logits, leaf, symbols, known)


def reader_of(net: RowNet, total_of: Callable[[Tensor, Tensor, Tensor], Tensor]) -> Reader:
    """What says the logits of a network for all leaves: embeddings are summed, the trunk follows.

    total_of(symbols, known, table): what the trunk is given, (batch, width).
    """
    table, head = net.table(), net.head()

    def change(leaf: int) -> Tensor:
        start = net.starts[leaf]
        return table[start : start + net.sizes[leaf]] - table[len(table) - len(net.names) + leaf]

    return Reader(
        lambda symbols, known: total_of(symbols, known, table),
        change,
        lambda sums, leaf, symbols, known: net.of_leaf(net.trunk(sums), leaf, head).float(),
    )


ROUNDS = 30
"""Times that the biases of the heads are set: each corrects a part of what the last one left.

The surer a generator is at each point, the smaller a part: after 360 s on Magic, 6 rounds left a Shape error
of 2.7 %.
"""


@torch.no_grad()
def calibrate(net: RowNet, values: Mapping[str, Tensor], logits_of: Callable[[], Tensor]) -> None:
    """Set the biases of the heads so that what a generator expects has each leaf's own distribution.

    logits_of: those of all leaves at some random points.
    """
    leaves = zip(net.names, net.sizes, strict=True)
    wanted = [torch.bincount(values[name].long(), minlength=size) + 0.5 for name, size in leaves]
    for _ in range(ROUNDS):
        found = torch.zeros(sum(net.sizes))
        for _ in range(4):
            parts = logits_of().split(net.sizes, dim=1)
            found += torch.cat([own.softmax(1).mean(0) for own in parts]) / 4
        for want, have, bias in zip(wanted, found.split(net.sizes), net.bias.split(net.sizes), strict=True):
            bias += ((want / want.sum()).log() - have.clamp(min=1e-7).log()).clamp(-2, 2)


def must_be_symbols(leaf: str, names: Sequence[str]) -> None:
    """Raises FamilyCannot for a leaf that has no table of probabilities."""
    if leaf not in names:
        raise FamilyCannot(
            f"the leaf {leaf!r} is no single symbol, which alone has a table of probabilities.",
            "A scalar leaf of symbols is expected.",
            "Give it a value instead of a condition.",
        )


def draw_alike(reach: Tensor, rng: torch.Generator) -> Tensor:
    """A symbol for each row of distributions `reach` (batch, size): rows that expect alike share levels."""
    if len(reach) == 1:
        return pick(reach, torch.rand(1, generator=rng))
    return pick(reach, even_levels(alike_together(reach.sum(dim=1), rng), rng))


def stratified(rows: int, below: int, rng: torch.Generator) -> Tensor:
    """Whole numbers below a bound, each uniform, rising and evenly spread: int64 (rows,)."""
    return (evenly(rows, rng) * below).long().clamp(max=below - 1)


def evenly(rows: int, rng: torch.Generator) -> Tensor:
    """Rising numbers in [0, 1), each uniform, evenly spread: float32 (rows,)."""
    return (torch.rand(1, generator=rng) + torch.arange(rows)) / max(rows, 1)


def some_known(rows: int, leaves: int, rng: torch.Generator) -> Tensor:
    """A random part of each record: bool (rows, leaves), with every number below `leaves` equally often."""
    count = stratified(rows, leaves, rng)
    return torch.rand(rows, leaves, generator=rng).argsort(dim=1) < count[:, None]


def moments(order: Tensor, known: Tensor, passes: int) -> Tensor:
    """The pass in which each symbol is drawn: its place among the unknown ones, evenly over the passes.

    order: (rows, symbols), by which they are sorted; known ones get -1. Returns int64 (rows, symbols).
    """
    place = order.masked_fill(known, 2.0).argsort(dim=1).argsort(dim=1)
    return torch.where(known, -1, place * passes // (~known).sum(dim=1, keepdim=True).clamp(min=1))


def _beside(parts: list[Tensor], tensors: Mapping[str, Tensor]) -> Tensor:
    if parts:
        return torch.stack(parts, dim=1)
    other = next(iter(tensors.values()))  # of flags among flags, of values among values
    return torch.zeros(len(other), 0, dtype=torch.bool if other.dtype == torch.bool else torch.long)


def straight_through(logits: Tensor, sizes: Sequence[int], rng: torch.Generator) -> Tensor:
    """One-hot symbols of leaves side by side: (batch, symbols of all leaves) -> the same shape.

    Straight-through Gumbel (Jang, Gu and Poole 2017, arXiv:1611.01144): drawn as the logits say on the way
    there, and on the way back the softened probabilities of the same draw.

    >>> drawn = straight_through(torch.tensor([[99.0, -99.0, -99.0, 99.0]]), (2, 2), torch.Generator())
    >>> drawn.tolist()
    [[1.0, 0.0, 0.0, 1.0]]
    """
    parts = []
    for own in logits.split(list(sizes), dim=1):
        level = torch.rand(own.shape, generator=rng).clamp(1e-9, 1 - 1e-7)
        soft = (own - (-level.log()).log()).softmax(dim=1)
        hard = torch.zeros_like(soft).scatter_(1, soft.argmax(dim=1, keepdim=True), 1.0)
        parts.append(hard + soft - soft.detach())
    return torch.cat(parts, dim=1)


FEWEST_POINTS, MOST_POINTS, POINTS_IN_ALL = 16, 16_384, 65_536
"""Latent points that a conditional is the mean of: for each record, and for all of them together."""


@torch.no_grad()
def conditional_over_points(
    model: Scalars,
    given: Batch,
    leaf: str,
    chances: Callable[[Batch, tuple[int, int], int, torch.Generator], Tensor],
) -> Tensor:
    """log p(leaf | known cells) of rows, float32 (rows, size): a mean over random latent points.

    chances: p(leaf | known cells) of kinds of records that are each there several times, (kinds, size); it is
    told the records, (kinds, times), which leaf, and randomness. The points are the same at every call, and
    more where fewer different things are known.
    """
    must_be_symbols(leaf, model.names)
    known = model.symbols_of(given.known)
    symbols = torch.where(known, model.symbols_of(given.values), 0)
    rows = torch.arange(len(symbols))
    if not model.reals:
        _, owner = torch.unique(torch.cat([symbols, known], dim=1), dim=0, return_inverse=True)
        count = int(owner.max()) + 1 if len(owner) else 0
        rows = torch.zeros(count, dtype=torch.long).index_copy_(0, owner, rows)  # one of each kind
    else:
        owner = rows
    draws = max(FEWEST_POINTS, min(MOST_POINTS, POINTS_IN_ALL // max(1, len(rows))))
    rng, index = torch.Generator().manual_seed(0), model.names.index(leaf)
    out = torch.empty(len(rows), model.net.sizes[index])
    for start in range(0, len(rows), step := max(1, PIECE // draws)):
        part = rows[start : start + step]
        share = chances(given.take(part.repeat_interleave(draws)), (len(part), draws), index, rng)
        penalty = model.laws.penalty(index, symbols[part], known[part])
        own = share.clamp(min=1e-30).log()
        out[start : start + step] = own if penalty is None else own + penalty
    return out.log_softmax(dim=1)[owner]
