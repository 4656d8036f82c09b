"""Importance: random points of a generator of symbols, weighed by what is known of a record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

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
