"""More of the same: new records of the kinds that some examples show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch

from sampan.ability import MakesMore
from sampan.column import Column, take
from sampan.data import Columns
from sampan.errors import RequestError
from sampan.families import able
from sampan.field import Rows
from sampan.making.examples import checked_strength, examples_of, made_anew
from sampan.making.learned import Learned
from sampan.making.request import Request
from sampan.randomness import Purpose, generator_of
from sampan.space import Choice

MANY = 10
"""How many are made, unless said."""

WITH_KINDS, WITHOUT_KINDS = 0.8, 0.5
"""How far new records lie from the examples that they are liked to, unless said (docs/pictures.md): where the
model knows kinds of records (symbols without a scale), and where only the examples say what is meant."""

MOST_EXAMPLES = 1_000
"""Examples that say which kind is meant."""


def more(learned: Learned, request: Request) -> Iterator[Columns]:
    """The records of a request of the kind `more`. Raises FamilyCannot for a model that cannot."""
    able(learned.asked.model, MakesMore)  # before anything is read
    wanted = MANY if request.n is None else request.n
    strength = checked_strength(_usual(learned) if request.strength is None else request.strength)
    _refuse(learned, request.records or {})
    given = examples_of(learned, request)
    batch = given.batch()

    def passing() -> Iterator[Columns]:
        for start in range(0, wanted, learned.block):
            size = min(learned.block, wanted - start)
            which = np.arange(start, start + size) % given.rows
            rng = generator_of(request.seed, Purpose.MORE, start)
            leaves = learned.asked.more(batch, torch.from_numpy(which), strength, rng)
            columns = {
                name: column if len(column) == 1 else take(column, which)
                for name, column in given.columns.items()
            }
            yield made_anew(learned, leaves, columns, Rows(start, size, request.seed), rng)

    return passing()


def _usual(learned: Learned) -> float:
    spaces = learned.layout.spaces.values()
    kinds = any(isinstance(space, Choice) and not space.ordered and not space.grid for space in spaces)
    return WITH_KINDS if kinds else WITHOUT_KINDS


def _refuse(learned: Learned, examples: Mapping[str, Column]) -> None:
    """Raise RequestError for too many examples, or for some that lack what they are to show."""
    for name in (name for name in learned.owners if name in examples):
        count, empty = len(examples[name]), examples[name].null_count
        if count > MOST_EXAMPLES:
            raise RequestError(
                f"{count:,} examples were given.",
                f"At most {MOST_EXAMPLES:,} are expected: three say what is meant.",
                "Give some of them; to make the like of a whole folder, learn from it: sampan make FOLDER",
            )
        if empty:
            raise RequestError(
                f"{empty} of {count} examples have no {name}.",
                "A picture for each example is expected.",
                "Leave the others out.",
            )
