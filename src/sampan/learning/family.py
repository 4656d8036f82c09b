"""Family that learns a table: the one that is asked for, or the usual one."""

from __future__ import annotations

from sampan.errors import RequestError, nearest
from sampan.families import FAMILIES
from sampan.family import Family
from sampan.schema import Schema

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
