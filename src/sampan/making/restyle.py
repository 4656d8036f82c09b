"""Rough records made anew in the model's style, their layout kept."""

from __future__ import annotations

from collections.abc import Iterator

from sampan.ability import Restyles
from sampan.data import Columns
from sampan.families import able
from sampan.field import Rows
from sampan.making.examples import checked_strength, examples_of, made_anew
from sampan.making.learned import Learned
from sampan.making.request import Request
from sampan.randomness import Purpose, generator_of

STRENGTH = 0.5
"""How far a record is taken from what is there, unless said."""


def restyled(learned: Learned, request: Request) -> Iterator[Columns]:
    """The records of a request of the kind `restyle`. Raises FamilyCannot for a model that cannot."""
    able(learned.asked.model, Restyles)  # before anything is read
    strength = checked_strength(STRENGTH if request.strength is None else request.strength)
    given = examples_of(learned, request)

    def passing() -> Iterator[Columns]:
        for part in given.parts(learned.block):
            rng = generator_of(request.seed, Purpose.RESTYLE, part.start)
            leaves = learned.asked.restyle(part.batch().unknown(learned.grids), strength, rng)
            rows = Rows(part.start, part.rows, request.seed)
            yield made_anew(learned, leaves, part.columns, rows, rng)

    return passing()
