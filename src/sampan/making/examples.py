"""Records whose pictures are made anew, what is beside them kept: restyled, more of the same, a walk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from sampan.ability import MakesMore, Restyles, Walks
from sampan.column import Column, take
from sampan.data import Columns
from sampan.errors import RequestError
from sampan.families import able
from sampan.field import Rows
from sampan.making.blocks import given_of
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.request import Request
from sampan.making.settled import settled_leaves
from sampan.randomness import Purpose, generator_of
from sampan.space import Choice


def examples_of(learned: Learned, request: Request) -> Given:
    """The records that a request starts from, with what it gives of all. Raises RequestError."""
    records, owners = request.records or {}, learned.owners
    lacking = [name for name in owners if name not in records and name not in request.given]
    if lacking or not owners:
        raise RequestError(
            f"the records lack the column {lacking[0]!r}." if lacking else "this model knows no pictures.",
            f"The model's columns are: {', '.join(learned.codecs)}.",
            "Give a picture for each record.",
        )
    return given_of(learned, replace(request, kind="sample", n=None, strength=None))


def made_anew(
    learned: Learned,
    leaves: Mapping[str, Tensor],
    columns: Mapping[str, Column],
    rows: Rows,
    rng: torch.Generator,
) -> Columns:
    """The columns of made leaves; of `columns`, those without a grid stay as they are."""
    kept = {name: column for name, column in columns.items() if name not in learned.owners}
    return settled_leaves(learned, leaves, kept, rows, rng)


def checked_strength(strength: float) -> float:
    """How far a record may be taken from what it was. Raises RequestError outside (0, 1]."""
    if not 0 < strength <= 1:
        raise RequestError(
            f"a strength of {strength} was asked for.",
            "A number above 0 and at most 1 is expected: 1 leaves nothing of what was there.",
            "For example: 0.6",
        )
    return strength


RESTYLED = 0.5
"""How far a record is taken from what is there, unless said."""


def restyled(learned: Learned, request: Request) -> Iterator[Columns]:
    """The records of a request of the kind `restyle`. Raises FamilyCannot for a model that cannot."""
    able(learned.asked.model, Restyles)  # before anything is read
    strength = checked_strength(RESTYLED if request.strength is None else request.strength)
    given = examples_of(learned, request)

    def passing() -> Iterator[Columns]:
        for part in given.parts(learned.block):
            rng = generator_of(request.seed, Purpose.RESTYLE, part.start)
            leaves = learned.asked.restyle(part.batch().unknown(learned.grids), strength, rng)
            rows = Rows(part.start, part.rows, request.seed)
            yield made_anew(learned, leaves, part.columns, rows, rng)

    return passing()


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
    kinds = any(
        isinstance(space, Choice) and not space.ordered and not space.grid
        for space in learned.layout.spaces.values()
    )
    usual = WITH_KINDS if kinds else WITHOUT_KINDS
    strength = checked_strength(usual if request.strength is None else request.strength)
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


ON_A_WALK = 12
"""How many records lie on the way, unless said."""


def walked(learned: Learned, request: Request) -> Columns:
    """The records of a request of the kind `walk`. Raises FamilyCannot for a model that cannot."""
    able(learned.asked.model, Walks)
    given = given_of(learned, request, ON_A_WALK)
    rng = generator_of(request.seed, Purpose.WALK)
    leaves = learned.asked.walk(given.batch(), rng)
    return made_anew(learned, leaves, given.columns, Rows(0, given.rows, request.seed), rng)
