"""Importance: random points of a generator of symbols, weighed by what is known of a record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

POINTS = 32_768
"""Random points that are weighed by what is known."""

MOST_CELLS = 2**26
"""Probabilities that are held for all points together: 256 MB."""

CHUNK = 256
"""Kinds of knowledge whose points are weighed together."""

ENOUGH = 64
"""How many points must share the weight (effective sample size), or they are of no use.

What is known is then left to a conditional generator, which is only about right before it is weighed itself.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Random points of a generator, to be weighed by how likely each makes what is known.

    A generator says p(symbols | z) for all leaves at once, so that p(known | z) is the weight of a point:
    exact for the joint distribution that the game has learned, as long as enough points have weight.
    hidden: what the heads see. logs: leaf -> log p of its symbols (points, size). owner: which kind of
    knowledge each row has; kinds: (kinds, leaves), the known symbols or -1.
    """

    hidden: Tensor
    logs: list[Tensor]
    told: Tensor
    owner: Tensor
    kinds: Tensor

    def rows(self) -> Iterator[tuple[Tensor, Tensor | None]]:
        """(rows that know alike, the share of each point in p(z | what they know)).

        None instead of the shares where too few points share the weight.
        """
        order = self.owner.argsort(stable=True)
        counts = torch.bincount(self.owner, minlength=len(self.kinds)).tolist()
        alike = iter(self.told[order].split(counts))
        for kinds in self.kinds.split(CHUNK):
            total = torch.zeros(len(kinds), len(self.hidden))
            for leaf, logs in enumerate(self.logs):
                told = torch.nonzero(kinds[:, leaf] >= 0)[:, 0]
                if len(told):
                    total[told] += logs.T[kinds[told, leaf]]
            chance = total.softmax(dim=1)
            enough = (1 / chance.square().sum(dim=1) >= ENOUGH).tolist()
            for own, points_enough in zip(chance, enough, strict=True):
                yield next(alike), own if points_enough else None

    def chosen(self, told: Tensor, count: int, rng: torch.Generator) -> tuple[list[Chosen], Tensor]:
        """For each of so many proposals the rows with weighed points and these; and what else is told.

        told: the known cells of each row. What comes back of it is empty in rows of weighed points: these
        know through the weights.
        """
        rows, drawn = [], []
        for own, chance in self.rows():
            if chance is not None:
                rows.append(own)
                picks = torch.multinomial(chance, len(own) * count, replacement=True, generator=rng)
                drawn.append(picks.view(count, -1))
        if not rows:
            return [None] * count, told
        every, told = torch.cat(rows), told.clone()
        told[every] = False
        return [(every, self.hidden, picks) for picks in torch.cat(drawn, dim=1)], told


Chosen = tuple[Tensor, Tensor, Tensor] | None
"""Rows, what heads see at the points of a pool, and the point of each row; None where no row has one."""


def pool_for(
    symbols: Tensor,
    known: Tensor,
    flags: Tensor,
    sizes: Sequence[int],
    points_of: Callable[[int], tuple[Tensor, Tensor]],
) -> Pool | None:
    """Random points of a generator when nothing is given, for these records; None where they are of no use.

    symbols, known: (rows, leaves); flags: which real leaves are known. sizes: of the leaves. points_of: so
    many random points as what heads see there, and the logits of all leaves.
    """
    told = known.any(dim=1) & ~flags.any(dim=1)
    if not bool(told.any()):
        return None
    rows = torch.nonzero(told)[:, 0]
    cells = torch.where(known[rows], symbols[rows], -1)
    kinds, owner = torch.unique(cells, dim=0, return_inverse=True)
    # a long list of symbols, or many kinds, leave memory for fewer points
    most = min(POINTS * 64 // len(kinds), MOST_CELLS // sum(sizes))
    hidden, logits = points_of(max(POINTS // 16, min(POINTS, most)))
    return Pool(
        hidden, [own.log_softmax(dim=1) for own in logits.split(list(sizes), dim=1)], rows, owner, kinds
    )
