"""Evenly spread random levels: each uniform on [0, 1), together without the gaps and heaps of chance.

A table drawn with independent levels differs from its own distribution by sampling noise, of the size that
separates two real tables. Levels from a Kronecker sequence (i times the golden ratio, modulo 1, from a random
start; Niederreiter 1992, chapter 3) leave each row's own distribution as it was and cancel most of that noise
between rows.
"""

from __future__ import annotations

import torch
from torch import Tensor

GOLDEN = 0.6180339887498949


def even_levels(order: Tensor, rng: torch.Generator) -> Tensor:
    """Levels such that rows that are neighbours in `order` get levels that are spread out.

    order: int64 (rows,), a permutation. Returns float32 (rows,): uniform on [0, 1) for every single row.

    >>> rng = torch.Generator().manual_seed(0)
    >>> levels = even_levels(torch.randperm(1000, generator=rng), rng)
    >>> abs(int((levels < 0.25).sum()) - 250) <= 2
    True
    """
    start = torch.rand(1, generator=rng, dtype=torch.float64)
    spread = (start + torch.arange(len(order), dtype=torch.float64) * GOLDEN) % 1.0
    out = torch.empty(len(order), dtype=torch.float32)
    out[order] = spread.to(torch.float32).clamp(max=1 - 2**-24)
    return out
