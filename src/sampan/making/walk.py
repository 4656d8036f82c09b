"""A way from one made record to another: each record is like its neighbours."""

from __future__ import annotations

from sampan.ability import Walks
from sampan.data import Columns
from sampan.families import able
from sampan.field import Rows
from sampan.making.blocks import given_of
from sampan.making.examples import made_anew
from sampan.making.learned import Learned
from sampan.making.request import Request
from sampan.randomness import Purpose, generator_of

MANY = 12
"""How many records lie on the way, unless said."""


def walked(learned: Learned, request: Request) -> Columns:
    """The records of a request of the kind `walk`. Raises FamilyCannot for a model that cannot."""
    able(learned.asked.model, Walks)
    given = given_of(learned, request, MANY)
    rng = generator_of(request.seed, Purpose.WALK)
    leaves = learned.asked.walk(given.batch(), rng)
    return made_anew(learned, leaves, given.columns, Rows(0, given.rows, request.seed), rng)
