"""Latent: conditionals of models that make a record from a random point, as means over such points."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from sampan.nn.scalars import PIECE, Scalars, must_be_symbols
from sampan.space import Batch

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
