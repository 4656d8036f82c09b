"""Points of a latent space: records as points and back, records on the way between two, and around one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from sampan.ability import Embeds
from sampan.column import Column
from sampan.data import Columns, Table
from sampan.errors import RequestError
from sampan.families import able
from sampan.field import Rows
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.records import every_column, known_columns
from sampan.making.request import Request
from sampan.making.way import evenly_along, looks, shortest_way
from sampan.randomness import Purpose, generator_of
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
    every_column(learned, columns, filter(learned.layout.leaves_of, learned.codecs), "Add the column.")
    return Given.of(learned.layout, own, rows)


ON_THE_WAY = 9
"""How many records lie on the way, its ends included, unless said."""

ANCHORS_OF_A_WAY = 2048
"""Made records, through whose points the way may lead."""


def between(learned: Learned, request: Request) -> Columns:
    """The records of a request of the kind `between`, whose records are the two ends.

    The way is the one through the points of made records whose records change by the smallest hops. Raises
    FamilyCannot for a model without a latent space.
    """
    able(learned.asked.model, Embeds)  # before anything is read
    records = request.records or {}
    ends = [{name: column.slice(end, 1) for name, column in records.items()} for end in (0, 1)]
    z = torch.cat([point_of(learned, end) for end in ends])
    anchors = points_made(learned, ANCHORS_OF_A_WAY, generator_of(request.seed, Purpose.BETWEEN))
    points = torch.cat([z[:1], anchors, z[1:]])
    spaces = learned.layout.spaces
    look = looks(learned.asked.decode(points, Batch.empty(spaces, len(points)), None), spaces)
    way = shortest_way(look)
    count = ON_THE_WAY if request.n is None else request.n
    return records_at(learned, evenly_along(points[way], look[way], count), None, request.seed)


AROUND = 10
"""How many are made, unless said."""

SPREAD = 0.3
"""How far around the record they are drawn, unless said; 1 is as far as records of the data are spread."""

ANCHORS_AROUND = 1024
"""Made records that say how far records are spread."""


def near(learned: Learned, request: Request) -> Columns:
    """The records of a request of the kind `near`, whose records are the one. Raises FamilyCannot."""
    able(learned.asked.model, Embeds)  # before anything is read
    spread = SPREAD if request.strength is None else request.strength
    if not 0 <= spread < float("inf"):
        raise RequestError(
            f"variations with a spread of {spread} were asked for.",
            "A number from 0 on is expected; 1 is as far as the data are spread.",
            "For example: spread=0.3",
        )
    centre = point_of(learned, request.records or {})
    rng = generator_of(request.seed, Purpose.NEAR)
    scale = points_made(learned, ANCHORS_AROUND, rng).std(dim=0, keepdim=True)
    noise = torch.randn(AROUND if request.n is None else request.n, centre.shape[1], generator=rng)
    return records_at(learned, centre + spread * scale * noise, rng, request.seed)
