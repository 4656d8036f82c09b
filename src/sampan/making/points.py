"""Points of a latent space: records as points, and points as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from sampan.ability import Embeds
from sampan.column import Column
from sampan.data import Columns, Table
from sampan.errors import DataError
from sampan.families import able
from sampan.field import Rows
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.records import known_columns
from sampan.space import Batch


def embedded(learned: Learned, table: Table) -> np.ndarray:
    """Each record as a point: float32 (rows, latent). Raises FamilyCannot for a model without such points."""
    able(learned.asked.model, Embeds)  # before anything is read
    given = whole_records(learned, table.columns, len(table))
    parts = [learned.asked.encode(part.batch()).float().numpy() for part in given.parts(learned.block)]
    return np.concatenate(parts)


def point_of(learned: Learned, record: Mapping[str, Column]) -> Tensor:
    """One record as a point: float32 (1, latent)."""
    return learned.asked.encode(whole_records(learned, record, 1).batch())


def points_made(learned: Learned, count: int, rng: torch.Generator) -> Tensor:
    """The points of so many made records: float32 (count, latent)."""
    nothing = Batch.empty(learned.layout.spaces, count)
    return learned.asked.encode(replace(nothing, values=learned.asked.sample(nothing, rng)).whole())


def records_at(learned: Learned, z: Tensor, rng: torch.Generator | None, seed: int) -> Columns:
    """The records at points, as columns; without rng each cell is the middle of what it could be."""
    leaves = learned.asked.decode(z, Batch.empty(learned.layout.spaces, len(z)), rng)
    return learned.decoded(leaves, Rows(0, len(z), seed), rng)


def whole_records(learned: Learned, columns: Mapping[str, Column], rows: int) -> Given:
    """Records of which everything is known. Raises DataError for a column that they lack."""
    own = known_columns(learned, columns)
    lacking = [name for name in learned.codecs if name not in own and learned.layout.leaves_of(name)]
    if lacking:
        raise DataError(
            f"the records lack the column {lacking[0]!r}.",
            f"The model's columns are all expected: {', '.join(learned.codecs)}.",
            "Add the column.",
        )
    return Given.of(learned.layout, own, rows)
