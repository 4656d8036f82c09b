"""Points of a latent space: records as points and back, records on the way between two, and around one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
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
from sampan.making.settled import settled_leaves
from sampan.randomness import Purpose, generator_of
from sampan.space import Batch, Choice, Space


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
    return settled_leaves(learned, leaves, {}, Rows(0, len(z), seed), rng)


def whole_records(learned: Learned, columns: Mapping[str, Column], rows: int) -> Given:
    """Records of which everything is known. Raises DataError for a column that they lack."""
    own = known_columns(learned, columns)
    every_column(learned, columns, filter(learned.layout.leaves_of, learned.codecs), "Add the column.")
    return Given.of(learned.layout, learned.layout.grouped(own), rows)


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


# --- ways along which records change little by little
# A latent space may be folded: two points beside each other may stand for records far apart. So the length
# of a hop is measured where it counts, between the records at its ends (the metric of the decoder:
# Arvanitidis et al. 2018, arXiv:1710.11379; as a shortest way through a graph: Chen et al. 2019,
# arXiv:1812.08284).
def looks(values: Mapping[str, Tensor], spaces: Mapping[str, Space]) -> Tensor:
    """Records as vectors whose distance says how much they differ: float32 (records, features).

    A leaf counts at most 1: from end to end of a scale, or from one symbol without a scale to another.
    """
    parts = []
    for name, space in spaces.items():
        tensor = values[name].flatten(1) if values[name].ndim > 1 else values[name][:, None]
        match space:
            case Choice(size=size, ordered=True, off=off):
                apart = torch.stack([(tensor == symbol).any(dim=1) for symbol in off] or [tensor[:, 0] < 0])
                parts += [tensor.float() / max(1, size - 1), apart.T.float()]
            case Choice(size=size):
                parts.append(F.one_hot(tensor.long(), size).flatten(1).float() / 2**0.5)
            case _:
                parts.append(tensor.float() / 4)
    return torch.cat(parts, dim=1)


def shortest_way(points: Tensor) -> list[int]:
    """Which points lie on the way from the first point to the last: (points, features) -> indices.

    A hop costs its squared length, so that the way takes many small hops (Dijkstra's algorithm on all pairs).

    >>> corner = torch.tensor([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 2.0], [9.0, 9.0], [2.0, 2.0]])
    >>> shortest_way(corner)
    [0, 1, 2, 3, 5]
    """
    hop = torch.cdist(points.double(), points.double()).square()
    count = len(points)
    cost = torch.full((count,), torch.inf, dtype=torch.float64)
    before = torch.zeros(count, dtype=torch.long)
    open_ = torch.ones(count, dtype=torch.bool)
    cost[0] = 0.0
    for _ in range(count):
        nearest = int(torch.where(open_, cost, torch.inf).argmin())
        if nearest == count - 1:
            break
        open_[nearest] = False
        through = cost[nearest] + hop[nearest]
        better = open_ & (through < cost)
        cost[better], before[better] = through[better], nearest
    way = [count - 1]
    while way[-1] != 0:
        way.append(int(before[way[-1]]))
    return way[::-1]


def evenly_along(way: Tensor, look: Tensor, count: int) -> Tensor:
    """So many points evenly along a way, its ends included: (hops + 1, latent) -> (count, latent).

    look: the records along the way as vectors, (hops + 1, features), between which even is measured.

    >>> way = torch.tensor([[0.0], [1.0], [4.0]])
    >>> evenly_along(way, way, 5)[:, 0].tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    length = (look[1:] - look[:-1]).norm(dim=1)
    reached = torch.cat([torch.zeros(1), length.cumsum(0)])
    wanted = torch.linspace(0, float(reached[-1]), count)
    hop = torch.searchsorted(reached, wanted, right=True).clamp(1, len(way) - 1)
    share = (wanted - reached[hop - 1]) / length[hop - 1].clamp(min=1e-12)
    return way[hop - 1] + share.clamp(0, 1)[:, None] * (way[hop] - way[hop - 1])
