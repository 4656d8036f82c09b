"""Records on the way from one record to another, through the latent space."""

from __future__ import annotations

import torch

from sampan.ability import Embeds
from sampan.data import Columns
from sampan.families import able
from sampan.making.learned import Learned
from sampan.making.points import point_of, points_made, records_at
from sampan.making.request import Request
from sampan.making.way import evenly_along, looks, shortest_way
from sampan.randomness import Purpose, generator_of
from sampan.space import Batch

STEPS = 9
"""How many records lie on the way, its ends included, unless said."""

ANCHORS = 2048
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
    anchors = points_made(learned, ANCHORS, generator_of(request.seed, Purpose.BETWEEN))
    points = torch.cat([z[:1], anchors, z[1:]])
    spaces = learned.layout.spaces
    look = looks(learned.asked.decode(points, Batch.empty(spaces, len(points)), None), spaces)
    way = shortest_way(look)
    count = STEPS if request.n is None else request.n
    return records_at(learned, evenly_along(points[way], look[way], count), None, request.seed)
