"""Autoregressive over rows, in any order: p(record) = product of p(next leaf | leaves before it).

Training hides a random subset of the leaves of every record and predicts each hidden leaf from the known
ones, weighted so that every order of the leaves counts alike (Uria, Murray and Larochelle 2014,
arXiv:1310.1757, equation 9; Hoogeboom et al. 2022, arXiv:2110.02037): one network then knows every
conditional, so any part of a record may be given.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from sampan.errors import FamilyCannot
from sampan.families.autoregressive_pictures import AutoregressivePictures
from sampan.family import Family, Player
from sampan.nn.pictures import has_picture
from sampan.nn.rows import dropout, keep
from sampan.nn.scalars import AnyOrder, some_known, stratified
from sampan.space import Batch, Choice, Space
from sampan.stratified import alike_together, even_levels, pick

USUAL = 0.5
"""Share of records that are learned in the order in which whole records are sampled.

Half of the learning for the conditionals that whole records need, half for all others. With 1, Magic gains
nothing (C2ST .855 against .865); with 0 it loses (half of its rows, 700 steps: .904 against .979).
"""

PIECE = 1024
"""Rows that pass through the network together when sampling."""

SHARE = 0.7
"""While rows have fewer distinct states than this share of them, looking for equal ones pays."""


@dataclass(frozen=True)
class Autoregressive(Family):
    """Predicts the leaves of a record one after another, in any order.

    size: width of the network, the one dial. depth: residual blocks. blur: while learning, a known symbol
    that stands for a stretch of a scale is seen up to so many 256ths of it off, and dropout: a record loses
    this share of hidden units, both so that a record is not recognised by its exact values.

    Small does better: width 128 and depth 3 learned more of half of Magic by heart (57.2 % of made rows
    nearer to that half, against 53.8 %) and made rows at less than half the speed (benchmarks/README.md).
    """

    kind: ClassVar[str] = "autoregressive"
    size: int = 64
    depth: int = 2
    blur: int = 2
    dropout: float = 0.1

    def build(self, spaces: Mapping[str, Space]) -> RowModel | AutoregressivePictures:
        """A model of rows, or of records that hold a picture.

        Raises FamilyCannot for other grids, and for real vectors in rows.
        """
        if has_picture(spaces):
            return AutoregressivePictures(spaces, self)
        scalar: dict[str, Choice] = {}
        for name, space in spaces.items():
            match space:
                case Choice(grid=()):
                    scalar[name] = space
                case _:
                    raise FamilyCannot(
                        f"the autoregressive family over rows was given {name!r}, a {space}.",
                        "It serves scalar symbols: Choice with an empty grid.",
                        "Give the field a form in symbols, or another family.",
                    )
        return RowModel(scalar, self)

    def settings(self) -> dict[str, Any]:
        """The hyper-parameters by name."""
        return asdict(self)


class RowModel(AnyOrder):
    """Every conditional of a record of scalar symbols."""

    def __init__(self, spaces: Mapping[str, Choice], family: Autoregressive) -> None:
        super().__init__(spaces, family.size, family.depth)
        self.blur, self.dropout = family.blur, family.dropout

    def players(self) -> tuple[Player, ...]:
        """One: cross-entropy of the hidden leaves."""
        return (Player("net", self, self.loss),)

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

    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown leaves one after another, in one order for all rows of the call.

        Rows that agree in all they know share one pass through the network. So leaves of few symbols come
        first: on Adult 32,768 rows then cost a third of the passes.
        """
        known = self.symbols_of(given.known)
        symbols = torch.where(known, self.symbols_of(given.values), 0)
        table, head = self.net.table(), self.net.head()
        rows = len(symbols)
        alike = bool((known == known[:1]).all() and (symbols == symbols[:1]).all())
        group = torch.zeros(rows, dtype=torch.long) if alike else torch.arange(rows)
        states = 1 if alike else rows
        held, told = symbols[:states].clone(), known[:states].clone()  # what each state knows
        total = self.net.gather(held, told, table)
        left = [leaf for leaf in self.order if not known[:, leaf].all()]
        for leaf in left:
            free = ~known[:, leaf]
            size, start = self.net.sizes[leaf], self.net.starts[leaf]
            change = table[start : start + size] - table[len(table) - len(self.names) + leaf]
            if alike or bool(free.all()):
                reach = self._reach(total, leaf, head, held, told)
                # rows that expect alike share out the levels, so that what is drawn is near what is expected
                score = reach.sum(dim=1)
                order = alike_together(score if states == rows else score[group], rng)
                drawn = pick(reach if states == rows else reach[group], even_levels(order, rng))
                symbols[:, leaf] = drawn
                if leaf == left[-1]:
                    break  # nobody asks what is known now
                if states < rows * SHARE:
                    key, group = torch.unique(group * size + drawn, return_inverse=True)
                    total = total[key // size] + change[key % size]
                    held, told = held[key // size], told[key // size]
                    held[:, leaf] = key % size
                    states = len(key)
                else:
                    apart = states == rows
                    total = (total if apart else total[group]).add_(F.embedding(drawn, change))
                    held, told = (held, told) if apart else (held[group], told[group])
                    held[:, leaf] = drawn
                    group, states = torch.arange(rows), rows
                told[:, leaf] = True
            else:
                some = torch.nonzero(free).squeeze(1)
                reach = self._reach(total[some], leaf, head, held[some], told[some])
                drawn = pick(reach, torch.rand(len(some), generator=rng))
                symbols[some, leaf] = drawn
                total[some] += change[drawn]
                held[some, leaf], told[some, leaf] = drawn, True
        return self.leaves_of(symbols)

    def _reach(self, total: Tensor, leaf: int, head: Tensor, symbols: Tensor, known: Tensor) -> Tensor:
        """The cumulative distribution of one leaf, float32 (batch, size), in pieces that stay in a cache."""
        out = torch.empty(len(total), self.net.sizes[leaf])
        for start in range(0, len(total), PIECE):
            part = slice(start, start + PIECE)
            logits = self.logits_of(total[part], leaf, head, symbols[part], known[part])
            torch.cumsum(logits.softmax(dim=1), dim=1, out=out[part])
        return out
