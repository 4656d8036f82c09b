"""Exact sampling under `where`: the leaves that a condition names are drawn first, inside its boxes.

Leaf by leaf, a symbol is drawn from the model's conditional restricted to what some box still allows; the
probability of that restriction is the record's weight. Accepting a record with probability proportional to
its weight makes the accepted ones an exact draw from p(leaves | inside): with a condition on one column the
weight is constant and nothing is ever refused.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from sampan.errors import WhereError
from sampan.family import Model
from sampan.field import Box
from sampan.space import Batch, Choice

ROUNDS = 400
"""Proposals a record gets before the condition is refused as too rare for what is given."""


def draw_inside(
    model: Model, batch: Batch, inside: Sequence[Box], noise: Sequence[str], rng: torch.Generator
) -> tuple[Batch, dict[str, np.ndarray]]:
    """Make known, in every row, the leaves that the boxes name, drawn exactly from inside them.

    Returns the batch with these leaves known, and noise leaf -> (rows,) values in [0, 1) for the noise
    leaves that the boxes name. Raises WhereError where what is given leaves no box, or nothing was found.
    """
    steps = _steps(model, inside, noise)
    rows = len(next(iter(batch.values.values())))
    values = {leaf: tensor.clone() for leaf, tensor in batch.values.items()}
    known = dict(batch.known)
    drawn = {step.leaf: torch.zeros(rows, dtype=torch.float64) for step in steps if step.edges is not None}
    active = _left_by_given(steps, batch, rows, len(inside))
    waiting = torch.arange(rows)
    for _ in range(ROUNDS):
        part = Batch(
            {leaf: tensor[waiting] for leaf, tensor in values.items()},
            {leaf: flag[waiting] for leaf, flag in batch.known.items()},
        )
        proposal, weight = _propose(model, part, steps, active[waiting], rng)
        taken = torch.rand(len(waiting), generator=rng, dtype=torch.float64) < weight
        where = waiting[taken]
        for step in steps:
            if step.edges is not None:
                drawn[step.leaf][where] = proposal[step.leaf][taken]
            else:
                values[step.leaf][where] = proposal[step.leaf][taken].long()
        waiting = waiting[~taken]
        if len(waiting) == 0:
            break
    if len(waiting):
        raise WhereError(
            f"{len(waiting)} of {rows} records satisfying the condition were not found in {ROUNDS} rounds.",
            "A condition that the model gives a probability of at least about 1 in 1000 is expected, "
            "beside what is given.",
            "Loosen the condition, or give the columns values instead.",
        )
    for step in steps:
        if step.edges is None:
            known[step.leaf] = torch.ones_like(known[step.leaf])
    return Batch(values, known), {leaf: tensor.numpy() for leaf, tensor in drawn.items()}


class _Step:
    """One leaf of the condition: which symbols (or stretches of noise) each box allows."""

    def __init__(self, leaf: str, mask: Tensor, edges: Tensor | None) -> None:
        self.leaf = leaf
        self.mask = mask  # bool (boxes, symbols or stretches)
        self.edges = edges  # noise only: float64 (stretches + 1,)


def _steps(model: Model, inside: Sequence[Box], noise: Sequence[str]) -> list[_Step]:
    steps = []
    for leaf, space in model.spaces.items():
        if isinstance(space, Choice) and any(leaf in box.symbols for box in inside):
            every = np.ones(space.size, dtype=bool)
            mask = np.stack([np.asarray(box.symbols.get(leaf, every), dtype=bool) for box in inside])
            steps.append(_Step(leaf, torch.from_numpy(mask), None))
    for leaf in noise:
        if any(leaf in box.noise for box in inside):
            spans = [box.noise.get(leaf, (0.0, 1.0)) for box in inside]
            edges = np.unique(np.array([0.0, 1.0, *(edge for span in spans for edge in span)]))
            low, high = np.array(spans).T
            mask = (edges[:-1] >= low[:, None]) & (edges[1:] <= high[:, None])
            steps.append(_Step(leaf, torch.from_numpy(mask), torch.from_numpy(edges)))
    return steps


def _left_by_given(steps: Sequence[_Step], batch: Batch, rows: int, boxes: int) -> Tensor:
    """Which boxes each row can still be in, given its known leaves: bool (rows, boxes)."""
    active = torch.ones(rows, boxes, dtype=torch.bool)
    for step in steps:
        if step.edges is None:
            fits = step.mask.T[batch.values[step.leaf]]
            active &= fits | ~batch.known[step.leaf][:, None]
    if not active.any(dim=1).all():
        row = int(torch.nonzero(~active.any(dim=1))[0])
        raise WhereError(
            f"what is given contradicts the condition (in row {row + 1} of {rows}).",
            "A condition that the given values can satisfy is expected.",
            "Change the one or the other.",
        )
    return active


def _propose(
    model: Model, batch: Batch, steps: Sequence[_Step], active: Tensor, rng: torch.Generator
) -> tuple[dict[str, Tensor], Tensor]:
    """Draw every leaf of the condition inside the boxes; the weight is what the restriction cost."""
    rows = len(active)
    values, known = dict(batch.values), dict(batch.known)
    weight = torch.ones(rows, dtype=torch.float64)
    out: dict[str, Tensor] = {}
    begun = torch.zeros(rows, dtype=torch.bool)
    for step in steps:
        allowed = (active.float() @ step.mask.float()) > 0
        if step.edges is None:
            free = ~known[step.leaf]
            chance = model.conditional(Batch(values, known), step.leaf).double().exp() * allowed
            mass = chance.sum(dim=1)
            # a leaf that is given is no draw; its box was checked before
            symbol = torch.where(free, _pick(chance, rng), values[step.leaf])
            mass = torch.where(free, mass, 1.0)
            values[step.leaf] = symbol
            known[step.leaf] = torch.ones_like(known[step.leaf])
            out[step.leaf] = symbol
            # the first draw of a row costs the same at every attempt: it says nothing
            weight *= torch.where(begun, mass, 1.0)
            begun |= free
        else:
            width = (step.edges[1:] - step.edges[:-1]) * allowed
            symbol = _pick(width, rng)
            share = torch.rand(rows, generator=rng, dtype=torch.float64)
            out[step.leaf] = step.edges[symbol] + share * (step.edges[symbol + 1] - step.edges[symbol])
            weight *= width.sum(dim=1)
        active = active & step.mask.T[symbol]
    return out, weight * active.any(dim=1)


def _pick(chance: Tensor, rng: torch.Generator) -> Tensor:
    """An index a row with probability proportional to `chance`; rows without any get index 0."""
    reach = chance.cumsum(dim=1)
    level = torch.rand(len(chance), 1, generator=rng, dtype=torch.float64) * reach[:, -1:]
    return torch.searchsorted(reach, level, right=True)[:, 0].clamp(max=chance.shape[1] - 1)
