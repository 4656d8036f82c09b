"""Variations of a record: others from around its point of the latent space."""

from __future__ import annotations

import torch

from sampan.ability import Embeds
from sampan.data import Columns
from sampan.errors import RequestError
from sampan.families import able
from sampan.making.learned import Learned
from sampan.making.points import point_of, points_made, records_at
from sampan.making.request import Request
from sampan.randomness import Purpose, generator_of

MANY = 10
"""How many are made, unless said."""

SPREAD = 0.3
"""How far around the record they are drawn, unless said; 1 is as far as records of the data are spread."""

ANCHORS = 1024
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
    scale = points_made(learned, ANCHORS, rng).std(dim=0, keepdim=True)
    noise = torch.randn(MANY if request.n is None else request.n, centre.shape[1], generator=rng)
    return records_at(learned, centre + spread * scale * noise, rng, request.seed)
