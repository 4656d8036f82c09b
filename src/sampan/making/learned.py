"""Learned: a model as everything takes it that makes records with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from arro3.core import DataType

from sampan.column import Column
from sampan.device import Asked, device_of
from sampan.errors import known_name
from sampan.field import Codec
from sampan.making.cell import cell_of, one_of
from sampan.schema import Layout
from sampan.space import Batch
from sampan.stratified import alike_together, even_levels

BLOCK = 32_768
"""Rows drawn together, and the unit that a seed fixes: the more, the more rows share a pass."""

BIG_BLOCK = 256
"""The same for records that hold a picture."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What was learned of each column, and the model of them all, wherever it computes.

    brief: whether it computes in bfloat16. types: the Arrow types of the columns that came in, where they
    are known; the codecs say their own else.
    """

    layout: Layout
    asked: Asked
    brief: bool
    types: Mapping[str, DataType]

    @property
    def codecs(self) -> Mapping[str, Codec]:
        """Column -> codec."""
        return self.layout.codecs

    @property
    def block(self) -> int:
        """Rows drawn together."""
        return BLOCK if self.asked.model.rows_of_a_step is None else BIG_BLOCK

    @property
    def grids(self) -> list[str]:
        """The leaves that lie on a grid: pictures and their like."""
        return [leaf for leaf, space in self.layout.spaces.items() if space.grid]

    @property
    def owners(self) -> list[str]:
        """The columns of these leaves."""
        grids = set(self.grids)
        return [name for name in self.codecs if grids & set(self.layout.leaves_of(name))]

    def type_of(self, name: str) -> DataType:
        """The Arrow type that a column is made in."""
        return self.types[name] if name in self.types else one_of(self.codecs[name], name).type

    def cells(self, values: Mapping[str, Any]) -> dict[str, Column]:
        """Values that a person gave as one-row columns of the types that are made. Raises RequestError."""
        named = {known_name(said, self.codecs): value for said, value in values.items()}
        return {
            name: cell_of(self.layout.codec(name), name, value, self.type_of(name))
            for name, value in named.items()
        }

    def drawn(
        self, batch: Batch, rng: torch.Generator, noise: Mapping[str, np.ndarray] | None = None
    ) -> dict[str, np.ndarray]:
        """Every leaf of records, what is unknown of them sampled; noise: leaves of noise that are not."""
        with torch.autocast(device_of(self.asked.model).type, dtype=torch.bfloat16, enabled=self.brief):
            leaves = self.asked.sample(batch, rng)
        arrays = {leaf: tensor.cpu().numpy() for leaf, tensor in leaves.items()}
        for leaf in self.layout.noise():
            # rows that hold the same symbol share its values out evenly between them
            mate = arrays.get(leaf.rpartition("/")[0])
            score = torch.zeros(batch.rows) if mate is None else torch.from_numpy(mate)
            drawn = even_levels(alike_together(score, rng), rng).numpy().astype(np.float64)
            arrays[leaf] = (noise or {}).get(leaf, drawn)
        return arrays

    def with_noise(
        self, leaves: Mapping[str, torch.Tensor], rows: int, rng: torch.Generator | None
    ) -> dict[str, np.ndarray]:
        """The leaves of a model with noise drawn for each row by itself, its middle without rng."""
        arrays = {leaf: tensor.cpu().numpy() for leaf, tensor in leaves.items()}
        for leaf in self.layout.noise():
            level = torch.full((rows,), 0.5) if rng is None else torch.rand(rows, generator=rng)
            arrays[leaf] = level.double().numpy()
        return arrays
