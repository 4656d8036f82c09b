"""A block of records on its way to a model: columns into what is known at the waist."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from sampan.column import Column, take
from sampan.device import Asked, device_of
from sampan.field import Codec, Rows
from sampan.schema import Layout
from sampan.space import Batch, widened
from sampan.stratified import alike_together, even_levels


def at_waist(
    layout: Layout, known: Mapping[str, Column], size: int, cells: Mapping[str, np.ndarray] | None = None
) -> Batch:
    """The block's leaves with what is known; `cells` says where, everywhere unless given."""
    encoded = layout.encode(known)
    nothing = Batch.empty(layout.spaces, size)
    values, flags = dict(nothing.values), dict(nothing.known)
    owner = {leaf: name for name in known for leaf in layout.leaves_of(name)}
    shown = {
        layout.names[name, ""]: places
        for name, column in known.items()
        if (places := layout.codecs[name].known(column)) is not None
    }
    for leaf, space in layout.spaces.items():
        if leaf in encoded:
            values[leaf] = widened(encoded[leaf], space).expand(values[leaf].shape).clone()
            flags[leaf][:] = True
            if cells is not None:
                there = torch.from_numpy(cells[owner[leaf]])
                flags[leaf] &= there.view(-1, *(1 for _ in space.grid))
            if leaf in shown:
                flags[leaf] &= torch.from_numpy(shown[leaf])
    return Batch(values, flags)


def one_of(codec: Codec, name: str) -> Column:
    """One cell that a codec makes: an example of the type and the form of its column."""
    leaves = {leaf: tensor.numpy() for leaf, tensor in Batch.empty(codec.spaces, 1).values.items()}
    leaves |= {leaf: np.zeros(1) for leaf in codec.noise}
    return codec.decode(leaves, Rows(0, 1, 0, name))


def spread(column: Column, size: int) -> Column:
    """A one-row column repeated for every row of the block."""
    return column if len(column) == size else take(column, np.zeros(size, dtype=np.int64))


def empty(column: Column) -> bool:
    """Whether every cell is null, so that nothing of the column is known."""
    return column.null_count == len(column)


def sound(column: Column, hidden: np.ndarray) -> Column:
    """The column with the cells of `hidden` replaced by its first other one, so that it encodes; callers
    mask them. As it is where there is no other."""
    if not hidden.any() or hidden.all():
        return column
    index = np.arange(len(column))
    index[hidden] = int(np.argmin(hidden))
    return take(column, index)


def drawn_leaves(
    layout: Layout,
    asked: Asked,
    batch: Batch,
    noise: Mapping[str, np.ndarray],
    size: int,
    rng: torch.Generator,
    brief: bool,
) -> dict[str, np.ndarray]:
    """Every leaf of records, what is unknown of them sampled. brief: whether to compute in bfloat16."""
    with torch.autocast(device_of(asked.model).type, dtype=torch.bfloat16, enabled=brief):
        leaves = asked.sample(batch, rng)
    arrays = {leaf: tensor.cpu().numpy() for leaf, tensor in leaves.items()}
    for leaf in layout.noise():
        # rows that hold the same symbol share its values out evenly between them
        mate = arrays.get(leaf.rpartition("/")[0])
        score = torch.zeros(size) if mate is None else torch.from_numpy(mate)
        drawn = even_levels(alike_together(score, rng), rng).numpy().astype(np.float64)
        arrays[leaf] = noise.get(leaf, drawn)
    return arrays
