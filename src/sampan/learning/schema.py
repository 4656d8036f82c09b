"""What of a table is learned, and by which family: guessed, and overruled by what somebody says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sampan.data import Table
from sampan.errors import RequestError, nearest
from sampan.families import FAMILIES
from sampan.family import Family
from sampan.field import Field
from sampan.guess import guess, refuse_still
from sampan.schema import Schema


def read_schema(table: Table, *, types: Mapping[str, str | Field], keep: Collection[str] = ()) -> Schema:
    """The schema of a table: guessed, then overridden by `types`. DataError where nothing in it varies."""
    words = {name: word for name, word in types.items() if isinstance(word, str)}
    declared = {name: field for name, field in types.items() if isinstance(field, Field)}
    for name in declared:
        if name not in table.columns:
            raise RequestError(
                f"a type is given for a column {name!r} that the data lacks.",
                f"The columns are: {', '.join(table.columns)}.{nearest(name, table.columns)}",
                "Correct the name.",
            )
    # a column whose field is given needs no guess, and none of the notices that come with one
    open_ = {name: column for name, column in table.columns.items() if name not in declared}
    guessed = guess(open_, keep=[name for name in keep if name not in declared], types=words)
    fields = {name: declared.get(name) or guessed.fields[name] for name in table.columns}
    refuse_still(table.name, table.columns, fields)
    return Schema(fields, tuple(guessed.notices))


def said_of(types: Any) -> dict[str, str | Field]:
    """What somebody said of columns: a dict of type words and fields, and nothing else."""
    if not isinstance(types, Mapping | None):
        raise RequestError(
            f"types is a {type(types).__name__}.",
            "A dict is expected: column -> type word or field.",
            'For example: types={"age": "number", "grade": sp.Category(ordered=True)}.',
        )
    for name, said in (types or {}).items():
        if not isinstance(said, str | Field):
            raise RequestError(
                f"the type of the column {name!r} is {said!r}.",
                'A type word such as "number", or a field such as sp.Number(), is expected.',
                f'For example: types={{"{name}": "category"}}.',
            )
    return dict(types or {})


LARGE = 64
"""Pixels of a side above which pictures are learned as codes: docs/pictures.md has both in the same time."""


def usual_family(schema: Schema) -> str:
    """The word of the family that learns such records unless another is asked for."""
    fields = schema.fields.values()
    if any(field.side > LARGE for field in fields):
        return "latent"
    return "diffusion" if any(field.dimensions for field in fields) else "autoregressive"


def family_named(word: object) -> Family:
    """The family of a word, with its usual settings. Raises RequestError, naming the nearest, for another."""
    if not isinstance(word, str) or word not in FAMILIES:
        raise RequestError(
            f"there is no family {word!r}.",
            f"The families are: {', '.join(FAMILIES)}.{nearest(str(word), FAMILIES)}",
            "Use one of these words.",
        )
    return FAMILIES[word]()
