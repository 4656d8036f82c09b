"""Records made out of others: what lies on a grid (a picture) is made anew, what is beside it stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from sampan.column import Column
from sampan.data import Columns
from sampan.errors import RequestError
from sampan.field import Rows
from sampan.making.blocks import given_of
from sampan.making.cell import spread
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.request import Request


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
    made = learned.decoded(leaves, rows, rng)
    kept = set(columns) - set(learned.owners)
    return {name: spread(columns[name], rows.count) if name in kept else made[name] for name in made}


def checked_strength(strength: float) -> float:
    """How far a record may be taken from what it was. Raises RequestError outside (0, 1]."""
    if not 0 < strength <= 1:
        raise RequestError(
            f"a strength of {strength} was asked for.",
            "A number above 0 and at most 1 is expected: 1 leaves nothing of what was there.",
            "For example: 0.6",
        )
    return strength
