"""Autoregressive, in any order: p(record) = product of p(next cell | cells before it), each cell a symbol.

Training hides a random part of the cells of every record and predicts each hidden cell from the known ones,
weighted so that every order counts alike (Uria, Murray and Larochelle 2014, arXiv:1310.1757, equation 9;
Hoogeboom et al. 2022, arXiv:2110.02037): one network then knows every conditional, so any part of a record
may be given. Records of scalar cells alone that know alike share a pass through the network. Of records that
hold grids, scalar cells come first, then one grid after another, the codes of each (`sampan.nn.codes`) in a
random order: the symbols of a text or of a map, and squares of a picture as the nearest of a few hundred
patterns, out of which the picture is drawn.

The patterns say less the larger a square is: up to 32 pixels a side, squares of 4 pixels carry what a digit
or an icon is; beyond, choose diffusion. A series has no pattern that keeps its noise, and is refused.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from sampan.ability import Conditionals, MakesMore
from sampan.errors import FamilyCannot
from sampan.family import Family, Player
from sampan.nn.codes import Boards
from sampan.nn.examples import with_kinds
from sampan.nn.in_order import InOrder
from sampan.nn.own import OwnNets, width_for
from sampan.nn.planes import has_grid, idle_over_grids
from sampan.nn.record import Cells, Record, some_given, width_of
from sampan.nn.rows import RowNet, dropout, keep
from sampan.nn.scalars import N, Reader, choices_of, reader_of, some_known, stratified, usual_order
from sampan.space import Batch, Choice, Real, Space, joined

USUAL = 0.5
"""Share of records that are learned in the order in which whole records are sampled.

Half of the learning for the conditionals that whole records need, half for all others. With 1, Magic gains
nothing (C2ST .855 against .865); with 0 it loses (half of its rows, 700 steps: .904 against .979).
"""

WHOLE = 0.125
"""Share of records of which each leaf is learned from all others, with a network for each leaf.

Without, a column filled in from all others was .94 as sure as trees make it on Adult, with it .97 (20 s).
"""

ROWS = 512
"""Rows of a step that networks of their own learn from: each teaches all of its leaves."""

MOST = 256
"""Symbols of a leaf on a grid, each of which takes a pass through the network when records are made."""

PIXELS = 20.0
"""Weight of the mean squared error of a drawn pixel beside the mean nats of a code."""

RATE = 2e-3
"""Adam's peak rate for what is no matrix, of records that hold grids."""


@dataclass(frozen=True)
class Autoregressive(Family):
    """Predicts the leaves of a record one after another, in any order.

    size: width of the network, the one dial. depth: layers. blur: while learning, a known symbol that stands
    for a stretch of a scale is seen up to so many 256ths of it off, and dropout: a record loses this share of
    hidden units, both so that a record is not recognised by its exact values. apart: a network for each leaf,
    of half the width and narrower where there are many, and one for all where they would be too narrow;
    unless said, where at least a third of the leaves are labels: scales learn more from one that all share
    (Beijing, one seed of 174 s: C2ST .872 with networks of their own, .894 with one). False for one network.

    Networks of their own learn in the same seconds what one network for all does not: of 10,000 vehicle
    claims, their order of making implies of a column given all others .995 of what trees find (nine columns,
    one fit), and .90 with one. Trees that learn from as many made rows find less (benchmarks/README.md).
    That is with dropout of .25; .1 gives .98, and .25 costs Beijing .07 of its C2ST. Small does better: with
    one network, width 128 and depth 3 learned more of half of Magic by heart (57.2 % of made rows nearer to
    that half, against 53.8 %).
    """

    kind: ClassVar[str] = "autoregressive"
    size: int = 64
    depth: int = 2
    blur: int = 2
    dropout: float = 0.1
    apart: bool | None = None
    formerly: ClassVar[Mapping[str, Any]] = {"apart": False}

    def build(
        self, spaces: Mapping[str, Space]
    ) -> AutoregressiveApart | AutoregressiveTogether | AutoregressiveGrids:
        """A model of rows, or of records that hold grids. Raises FamilyCannot for what is no symbol."""
        self.refuse_unused(spaces)
        if has_grid(spaces):
            for name, space in spaces.items():
                _must_be_codes(name, space)
            return AutoregressiveGrids(spaces, self)
        scalar: dict[str, Choice] = {}
        for name, space in spaces.items():
            match space:
                case Choice():
                    scalar[name] = space
                case _:
                    raise FamilyCannot(
                        f"the autoregressive family over rows was given {name!r}, a {space}.",
                        "It serves scalar symbols: Choice with an empty grid.",
                        "Give the field a form in symbols, or another family.",
                    )
        apart = _of_labels(scalar) if self.apart is None else self.apart
        if apart and width_for(scalar, self.size // 2):
            return AutoregressiveApart(scalar, self)
        return AutoregressiveTogether(scalar, self)

    def unused(self, spaces: Mapping[str, Space]) -> Mapping[str, str]:
        """Over grids: what is for rows. Over wide rows: what they have no room for."""
        if has_grid(spaces):
            return idle_over_grids("blur", "dropout", "apart")
        if width_for(choices_of(spaces), self.size // 2):
            return {}
        return {"apart": "Networks of their own would be too narrow here: there is one for all."}


class AutoregressiveRows(InOrder[N], ABC):
    """Every conditional of a record of scalar symbols."""

    def __init__(self, spaces: Mapping[str, Choice], net: N, family: Autoregressive) -> None:
        super().__init__(spaces, net)
        self.blur, self.dropout = family.blur, family.dropout

    def players(self) -> tuple[Player, ...]:
        """One: cross-entropy of the hidden leaves."""
        return (Player("net", self, self.loss),)

    @abstractmethod
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats per record, an unbiased estimate of the mean over all orders: scalar."""


class AutoregressiveApart(AutoregressiveRows[OwnNets]):
    """Such a model with a network for each leaf."""

    def __init__(self, spaces: Mapping[str, Choice], family: Autoregressive) -> None:
        width = width_for(spaces, family.size // 2)
        super().__init__(spaces, OwnNets(spaces, usual_order(spaces), width, family.depth), family)

    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats of a record, scalar: half of them in the usual order.

        Of those records each leaf is learned from the leaves before it, of an eighth of all from all others,
        and of the rest each hidden leaf from the known ones of some part of the record, however large.
        """
        symbols = self.symbols_of(values)
        seen, drop = symbols, keep
        if self.training:
            symbols = symbols[:ROWS]
            seen, drop = self.net.blurred(symbols, self.blur, rng), dropout(self.dropout, rng)
        batch, leaves = symbols.shape
        usual, whole = round(batch * USUAL), round(batch * WHOLE)
        in_order, complete, partly = seen.split([usual, whole, batch - usual - whole])
        known, table = some_known(len(partly), leaves, rng).to(symbols.device), self.net.table()
        sums = torch.cat(
            [
                self.net.before(in_order, table),
                self.net.others(complete, table),
                self.net.gather(partly, known, table),
            ]
        )
        # every order counts alike: each hidden leaf is as likely as another to be the next
        hides = ~known
        weight = hides * (leaves / hides.sum(dim=1, keepdim=True))
        weight = torch.cat([torch.ones_like(symbols[: usual + whole]), weight])
        logits, total = self.net.logits(self.net.layers(sums, drop)), sums.new_zeros((), dtype=torch.float32)
        for own, target, weigh in zip(logits, symbols.unbind(dim=1), weight.unbind(dim=1), strict=True):
            total = total + F.cross_entropy(own, target, reduction="none") @ weigh
        return total / batch

    def reader(self, batch: Batch) -> Reader:
        """Nothing is added up from leaf to leaf: each looks up all that is known, in its own small table."""
        tables, head = [part.contiguous() for part in self.net.table().unbind(dim=1)], self.net.head()

        def logits(_: Tensor, leaf: int, symbols: Tensor, known: Tensor) -> Tensor:
            sums = F.embedding_bag(self.net.index(symbols, known), tables[leaf], mode="sum")
            return self.net.of_leaf(sums, leaf, head).float()

        return Reader(
            lambda symbols, known: torch.zeros(len(symbols), 0),
            lambda leaf: torch.zeros(self.net.sizes[leaf], 0),
            logits,
        )


class AutoregressiveTogether(AutoregressiveRows[RowNet]):
    """Such a model with one network for all leaves: of wide records, and of earlier versions."""

    def __init__(self, spaces: Mapping[str, Choice], family: Autoregressive) -> None:
        super().__init__(spaces, RowNet(spaces, family.size, family.depth), family)

    def reader(self, batch: Batch) -> Reader:
        """What says the logits of leaves of any records."""
        return reader_of(self.net, self.net.gather)

    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats per record, an unbiased estimate of the mean over all orders: scalar."""
        symbols = self.symbols_of(values)
        batch, leaves = symbols.shape
        usual = round(batch * USUAL)
        # k leaves known, k uniform: every position of every order is drawn equally often. Stratified over
        # the records, because the loss varies most with k
        count = stratified(usual, leaves, rng)
        in_order = torch.tensor(self.order).argsort() < count[:, None]
        known = torch.cat([in_order, some_known(batch - usual, leaves, rng)])
        known = known.to(symbols.device)
        seen, drop = symbols, keep
        if self.training:
            seen, drop = self.net.blurred(symbols, self.blur, rng), dropout(self.dropout, rng)
        hidden, head = self.net.trunk(self.net.gather(seen, known, self.net.table()), drop), self.net.head()
        # the usual order asks for the one leaf that comes next: a stretch of the records for each place
        often = torch.bincount(count, minlength=leaves).tolist()
        heads, biases = head.split(self.net.sizes), self.net.bias.split(self.net.sizes)
        *next_up, rest = hidden.split([*often, batch - usual])
        targets = symbols.split([*often, batch - usual])
        total = hidden.new_zeros((), dtype=torch.float32)
        for leaf, own, target in zip(self.order, next_up, targets[:-1], strict=True):
            logits = F.linear(own, heads[leaf], biases[leaf]).float()
            total = total + leaves * F.cross_entropy(logits, target[:, leaf], reduction="sum")
        # a random order asks for every hidden leaf, each as likely as another to be the next
        hides = ~known[usual:]
        weight = (hides * (leaves / hides.sum(dim=1, keepdim=True))).unbind(dim=1)
        logits = F.linear(rest, head, self.net.bias).float().split(self.net.sizes, dim=1)
        for own, target, weigh in zip(logits, targets[-1].unbind(dim=1), weight, strict=True):
            total = total + F.cross_entropy(own, target, reduction="none") @ weigh
        return total / batch


class AutoregressiveGrids(Record, Conditionals, MakesMore):
    """Every conditional of a record of codes on grids and scalar cells."""

    former: Mapping[str, str] = {
        old: f"boards.0.{old}"
        for old in "patterns embed place told blocks attentions out pooled drawer".split()
    }

    def __init__(self, spaces: Mapping[str, Space], family: Autoregressive) -> None:
        width = width_of(family.size + 32)
        super().__init__(family.kind, spaces, 4 * width)
        self.boards = Boards(self.planes, width, 4 * width)
        for board in self.boards.each:
            board.pooled.requires_grad_(bool(self.scalar_spaces))
        self.codes = sum(math.prod(board.places) for board in self.boards.each)
        """Of a record."""
        if not self.scalar_spaces and len(self.boards) == 1:  # nobody is told of the board
            self.boards.each[0].pooled.requires_grad_(False)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # as convolutions like it

    def players(self) -> tuple[Player, ...]:
        """One: nats of the hidden cells, and the error of the drawn pixels."""
        return (Player("net", self, self.loss, rate=RATE),)

    @torch.no_grad()
    def start(self, values: Mapping[str, Tensor]) -> None:
        """Find the patterns, and the marginals of the scalar cells."""
        super().start(values)
        leaves = self.on_boards(self.cells(values))
        for index, board in self.boards.reals:
            board.begin(leaves[index])

    # --- cells and codes ----------------------------------------------------------------------------------
    def on_boards(self, cells: Cells) -> list[Tensor]:
        """What lies on each board: pixels (rows, channels, *grid), or symbols (rows, *grid)."""
        out = []
        for plane, pixels, marks in self._planes(cells):
            out += [pixels] if plane.reals else []
            out += marks.unbind(dim=1)
        return out

    def _seen(
        self, codes: Sequence[Tensor], there: Sequence[Tensor], told: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        """Logits of the codes of each board, and what the heads of the scalar cells see."""
        logits, seen = self.boards(codes, there, told)
        return logits, self.heads(told + seen)

    def _pixels(self, cells: Cells, known: Cells, codes: Sequence[Tensor], told: Tensor) -> Tensor:
        """Real cells of the pictures that codes stand for, given ones in place: (rows, cells)."""
        shown = replace(cells, pixels=cells.pixels * known.pixels)
        layers = self.layers(shown, replace(known, marks=torch.ones_like(known.marks)))
        of_pictures = [own for plane, own in zip(self.planes, layers, strict=True) if plane.reals]
        drawn = [
            board.drawn(codes[index], own, told).flatten(1)
            for (index, board), own in zip(self.boards.reals, of_pictures, strict=True)
        ]
        return torch.where(known.pixels, cells.pixels, torch.cat(drawn, dim=1)) if drawn else cells.pixels

    # --- learning -----------------------------------------------------------------------------------------
    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats of a hidden code and of hidden scalars, and the squared error of drawn pixels: scalar."""
        cells = self.cells(values)
        rows = len(cells.symbols)
        known = some_given(self, rows, rng)
        codes = self.boards.codes(self.on_boards(cells))
        whole = self.boards.whole(self.on_boards(known))
        free = [
            ~(some_known(rows, own[0].numel(), rng).view(own.shape) | given)
            for own, given in zip(codes, whole, strict=True)
        ]
        logits, hidden = self._seen(codes, [~own for own in free], self.told_of(cells, known))
        loss = self.wrong(hidden, cells, known).mean() / self.codes
        for own, target, hides in zip(logits, codes, free, strict=True):
            nats = F.cross_entropy(own, target, reduction="none") * hides
            # every number of hidden codes counts alike: the mean over those of one record
            mean = (nats.sum(dim=(1, 2)) / hides.sum(dim=(1, 2)).clamp(min=1)).mean()
            loss = loss + mean * (hides[0].numel() / self.codes)
        if not self.pixels:
            return loss
        drawn = self._pixels(cells, known, codes, self.told_of(cells, known.with_scalars(True)))
        return loss + PIXELS * (drawn - cells.pixels).square().mean()

    # --- making -------------------------------------------------------------------------------------------
    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown cells: scalars first, then one code after another, then draw pictures of them."""
        parts = []
        for part in self.in_pieces(given):
            there = self.boards.whole(self.on_boards(self.flags(part.known)))
            parts.append(self._made(part, there, rng))
        return joined(parts)

    @torch.no_grad()
    def more(
        self, examples: Batch, which: Tensor, strength: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        """The kinds of the examples, and what begins with a few of their codes.

        A code is kept with a chance of (1 - strength)^2: what is left of an example says much about the rest.
        """
        told = with_kinds(self, examples, which, rng).unknown(self.grid_names)
        chance, parts = (1 - strength) ** 2, []
        for part in self.in_pieces(told):
            there = [
                torch.rand(part.rows, *board.places, generator=rng) < chance for board in self.boards.each
            ]
            parts.append(self._made(part, there, rng))
        return joined(parts)

    def _made(self, given: Batch, there: list[Tensor], rng: torch.Generator) -> dict[str, Tensor]:
        """there: the codes that are kept, bool (rows, *places) of each board."""
        codes = self.boards.codes(self.on_boards(self.cells(given.values)))
        cells, known = self.given(given)
        cells = self.scalars_first(cells, known, lambda told: self._seen(codes, there, told)[1], rng)
        told = self.told_of(cells, known.with_scalars(True))
        for index, open_ in enumerate([~own.flatten(1) for own in there]):
            flat, shape = codes[index].flatten(1), codes[index].shape
            board, beside = self.boards.each[index], self.boards.beside(index, codes, there, told)
            order = torch.rand(open_.shape, generator=rng).masked_fill(~open_, 2.0).argsort(dim=1)
            for step in range(int(open_.sum(dim=1).max())):
                now = order[:, step]
                waits = open_.gather(1, now[:, None])[:, 0]
                logits = board(flat.view(shape), ~open_.view(shape), beside)[0].flatten(2)
                own = logits.gather(2, now[:, None, None].expand(-1, logits.shape[1], 1))[:, :, 0]
                drawn = torch.multinomial(own.softmax(dim=1), 1, generator=rng)[:, 0]
                at = torch.arange(len(now))[waits], now[waits]
                flat[at], open_[at] = drawn[waits], False
            codes[index], there[index] = flat.view(shape), ~open_.view(shape)
        reals = {index for index, _ in self.boards.reals}
        marks = [own.flatten(1) for index, own in enumerate(codes) if index not in reals]
        cells = replace(cells, marks=torch.cat([cells.marks[:, :0], *marks], dim=1))
        return self.leaves(replace(cells, pixels=self._pixels(cells, known, codes, told)))

    def hidden_of(self, cells: Cells, known: Cells, rng: torch.Generator) -> Tensor:
        """What the heads of the scalar cells see of records of which a part is known: (rows, width)."""
        codes = self.boards.codes(self.on_boards(cells))
        there = self.boards.whole(self.on_boards(known))
        return self._seen(codes, there, self.told_of(cells, known))[1]


def _of_labels(spaces: Mapping[str, Choice]) -> bool:
    """Whether at least a third of the leaves that say anything are labels and no scales."""
    ordered = [space.ordered for space in spaces.values() if space.size > 1]
    return 3 * ordered.count(False) >= len(ordered)


def _must_be_codes(name: str, space: Space) -> None:
    """Raises FamilyCannot for what lies on a grid and makes no codes."""
    if isinstance(space, Real) and len(space.grid) == 1:
        raise FamilyCannot(
            f"the autoregressive family was given {name!r}, a {space}: numbers on a line.",
            "It serves symbols on a line, whose next one it says; numbers there would lose their noise.",
            'Learn with family="diffusion", which serves series.',
        )
    if isinstance(space, Choice) and math.prod(space.grid) > MOST:
        raise FamilyCannot(
            f"the autoregressive family was given {name!r}, {math.prod(space.grid):,} symbols on one grid.",
            f"It makes one symbol after another, and serves at most {MOST} on a grid.",
            'Learn with family="diffusion", which makes many at once.',
        )
