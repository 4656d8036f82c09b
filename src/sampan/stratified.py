"""Evenly spread random levels: each uniform on [0, 1), together without the gaps and heaps of chance.

A table drawn with independent levels differs from its own distribution by sampling noise, of the size that
separates two real tables. Stratified levels (Owen 2013, Monte Carlo theory, methods and examples, section
8.4) leave each row's own distribution as it was and cancel most of that noise between rows that expect alike.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

STRATUM = 64
"""Rows that share out [0, 1) between them."""


def even_levels(order: Tensor, rng: torch.Generator) -> Tensor:
    """Levels such that every 64 neighbours in `order` have one in each 64th of [0, 1).

    Which of them has which is drawn anew at every call: the levels of one row for two columns must not depend
    on each other. order: int64 (rows,), a permutation. Returns float32 (rows,): uniform for every single row.

    >>> rng = torch.Generator().manual_seed(0)
    >>> levels = even_levels(torch.randperm(6400, generator=rng), rng)
    >>> int((levels < 0.25).sum())
    1600
    """
    rows = len(order)
    strata = -(-rows // STRATUM)
    place = torch.rand(strata, STRATUM, generator=rng).argsort(dim=1)
    level = (place + torch.rand(strata, STRATUM, generator=rng)) / STRATUM
    out = torch.empty(rows, dtype=torch.float32)
    # a last stratum that is not full takes a random part of the places
    out[order] = level.flatten()[:rows].clamp(max=1 - 2**-24)
    return out


def alike_together(score: Tensor, rng: torch.Generator) -> Tensor:
    """An order of the rows in which equal or near scores are neighbours, ties in random order: (rows,).

    Near is a 65,536th of the scores' range: sorting whole numbers takes a tenth of the time of floats.
    """
    shuffled = torch.randperm(len(score), generator=rng)
    low, high = score.aminmax()
    if low == high:
        return shuffled
    coarse = ((score - low) * (65_535 / (high - low))).cpu().numpy().astype(np.uint16)
    order = coarse[shuffled.cpu().numpy()].argsort(kind="stable")
    return shuffled[torch.from_numpy(order).to(shuffled.device)]


def pick(reach: Tensor, level: Tensor) -> Tensor:
    """The symbol of each row at a level in [0, 1) of its cumulative distribution: int64 (rows,).

    reach: (rows, symbols), rising to about 1.
    """
    level = level[:, None] * reach[:, -1:]
    return torch.searchsorted(reach, level, right=True)[:, 0].clamp(max=reach.shape[1] - 1)
