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
from sampan.family import Family, Model, Player
from sampan.levels import alike_together, even_levels
from sampan.nn.laws import Laws
from sampan.nn.rows import RowNet, dropout
from sampan.space import Batch, Choice, Space

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

    def build(self, spaces: Mapping[str, Space]) -> RowModel:
        """A model of rows. Raises FamilyCannot for grids and real vectors."""
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


class RowModel(Model):
    """Every conditional of a record of scalar symbols."""

    def __init__(self, spaces: Mapping[str, Choice], family: Autoregressive) -> None:
        super().__init__()
        self.spaces = dict(spaces)
        self.names = tuple(spaces)
        self.net = RowNet(spaces, family.size, family.depth)
        self.laws = Laws(self.net.sizes)
        self.blur, self.dropout = family.blur, family.dropout
        self.order = sorted(range(len(self.names)), key=lambda leaf: self.net.sizes[leaf])

    def _stack(self, tensors: Mapping[str, Tensor]) -> Tensor:
        return torch.stack([tensors[name] for name in self.names], dim=1)

    def start(self, values: Mapping[str, Tensor]) -> None:
        """Set each head's bias to the log frequency of its symbols, and find what always holds."""
        self.laws.find(self._stack({name: tensor.long().cpu() for name, tensor in values.items()}))
        with torch.no_grad():
            for name, start, size in zip(self.names, self.net.starts, self.net.sizes, strict=True):
                count = torch.bincount(values[name].long(), minlength=size).float()
                # half a row for a symbol this sample happens to lack
                self.net.bias[start : start + size] = torch.log((count + 0.5) / (count + 0.5).sum())

    def players(self) -> tuple[Player, ...]:
        """One: cross-entropy of the hidden leaves."""
        return (Player("net", self, self.loss),)

    def loss(self, values: Mapping[str, Tensor], rng: torch.Generator) -> Tensor:
        """Nats per record, an unbiased estimate of the mean over all orders: scalar."""
        symbols = self._stack(values)
        batch, leaves = symbols.shape
        usual = round(batch * USUAL)
        # k leaves known, k uniform: every position of every order is drawn equally often. Stratified over
        # the records, because the loss varies most with k
        count = _stratified(usual, leaves, rng)
        in_order = torch.tensor(self.order).argsort() < count[:, None]
        known = torch.cat([in_order, self._some(batch - usual, rng)])
        known = known.to(symbols.device)
        seen, drop = symbols, _keep
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

    def _some(self, rows: int, rng: torch.Generator) -> Tensor:
        """The leaves known at a random place of a random order of each record: bool (rows, leaves)."""
        leaves = len(self.names)
        count = _stratified(rows, leaves, rng)
        return torch.rand(rows, leaves, generator=rng).argsort(dim=1) < count[:, None]

    @torch.no_grad()
    def sample(self, given: Batch, rng: torch.Generator) -> dict[str, Tensor]:
        """Fill the unknown leaves one after another, in one order for all rows of the call.

        Rows that agree in all they know share one pass through the network. So leaves of few symbols come
        first: on Adult 32,768 rows then cost a third of the passes.
        """
        known = self._stack(given.known)
        symbols = torch.where(known, self._stack(given.values), 0)
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
                drawn = _pick(reach if states == rows else reach[group], even_levels(order, rng))
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
                drawn = _pick(reach, torch.rand(len(some), generator=rng))
                symbols[some, leaf] = drawn
                total[some] += change[drawn]
                held[some, leaf], told[some, leaf] = drawn, True
        return {name: symbols[:, index] for index, name in enumerate(self.names)}

    def _logits(self, total: Tensor, leaf: int, head: Tensor, symbols: Tensor, known: Tensor) -> Tensor:
        """Logits of one leaf, float32 (batch, size).

        total: the sums of embeddings of what is known; symbols, known: the same, for the laws.
        """
        logits = self.net.of_leaf(self.net.trunk(total), leaf, head).float()
        penalty = self.laws.penalty(leaf, symbols, known)
        return logits if penalty is None else logits + penalty

    def _reach(self, total: Tensor, leaf: int, head: Tensor, symbols: Tensor, known: Tensor) -> Tensor:
        """The cumulative distribution of one leaf, float32 (batch, size), in pieces that stay in a cache."""
        out = torch.empty(len(total), self.net.sizes[leaf])
        for start in range(0, len(total), PIECE):
            part = slice(start, start + PIECE)
            logits = self._logits(total[part], leaf, head, symbols[part], known[part])
            torch.cumsum(logits.softmax(dim=1), dim=1, out=out[part])
        return out

    @torch.no_grad()
    def conditional(self, given: Batch, leaf: str) -> Tensor:
        """log p(leaf | known cells), float32 (batch, size)."""
        known = self._stack(given.known)
        symbols = torch.where(known, self._stack(given.values), 0)
        total = self.net.gather(symbols, known, self.net.table())
        logits = self._logits(total, self.names.index(leaf), self.net.head(), symbols, known)
        return logits.log_softmax(dim=1)

    @torch.no_grad()
    def log_prob(self, batch: Batch, rng: torch.Generator, orders: int = 4) -> Tensor:
        """log p(unknown cells | known cells), float32 (batch,): the mean over `orders` random orders.

        The mean is of log p, a lower bound of the log of the mean (Jensen): conservative, and additive.
        """
        symbols, given = self._stack(batch.values), self._stack(batch.known)
        out = torch.zeros(len(symbols))
        for _ in range(orders):
            known = given.clone()
            for leaf in torch.randperm(len(self.names), generator=rng).tolist():
                total = self.net.gather(symbols, known, self.net.table())
                logits = self._logits(total, leaf, self.net.head(), symbols, known)
                picked = logits.log_softmax(dim=1).gather(1, symbols[:, leaf, None])[:, 0]
                out += torch.where(given[:, leaf], 0.0, picked)
                known[:, leaf] = True
        return out / orders


def _pick(reach: Tensor, level: Tensor) -> Tensor:
    """The symbol of each row at a level in [0, 1) of its cumulative distribution: int64 (batch,)."""
    level = level[:, None] * reach[:, -1:]
    return torch.searchsorted(reach, level, right=True)[:, 0].clamp(max=reach.shape[1] - 1)


def _keep(hidden: Tensor) -> Tensor:
    """What becomes of hidden units once learned: nothing."""
    return hidden


def _stratified(rows: int, below: int, rng: torch.Generator) -> Tensor:
    """Whole numbers below a bound, each uniform, rising and evenly spread: int64 (rows,)."""
    spread = (torch.rand(1, generator=rng) + torch.arange(rows)) / max(rows, 1)
    return (spread * below).long().clamp(max=below - 1)
