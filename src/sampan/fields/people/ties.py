"""Ties: columns that go one to one with who a person is, so that whatever they hold names that person too."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sampan.field import Claim, Field
from sampan.fields.category import Category
from sampan.fields.identifier import Identifier
from sampan.fields.number import Number
from sampan.fields.people.whom import FIXED, kept_of
from sampan.fields.personal import Personal, recognised, what_of
from sampan.fields.phrases import Phrases
from sampan.look import Look

_MANY = 30  # words that go one to one with people, from which on they are taken for names of theirs


def tied_to_people(looks: Mapping[str, Look], fields: Mapping[str, Field]) -> dict[str, Claim]:
    """Columns that go one to one with one of personal data, as what names these people."""
    known = {name: looks[name].codes for name, field in fields.items() if isinstance(field, Personal)}
    out = {}
    for name, field in fields.items() if known else ():
        look = looks[name]
        found = look.once(recognised)
        match field:
            case Category(ordered=False) | Phrases():
                pass
            case Number() if found is not None:
                pass
            case _:
                continue
        mate = next((other for other, codes in known.items() if tied(look.codes, codes)), None)
        if mate is None:
            continue
        what = found.what if found is not None else what_of([*map(str, look.distinct)])
        if found is None and what == "name" and len(look.distinct) < _MANY:
            continue  # the territories of a few salesmen
        called = what or "another identifier"
        out[name] = Claim(
            Personal(what) if what else Identifier(),
            f'{called}: goes one to one with "{mate}", which names people',
            f'goes one to one with "{mate}", so it names the same people ({called}): invented values take '
            f'its place. To keep it: --keep "{name}"',
        )
    return out


def tied(a: tuple[np.ndarray, list], b: tuple[np.ndarray, list]) -> bool:
    """Whether values of two columns that repeat go together one to one, but for a few rows.

    a, b: as `sampan.column.codes` has them, which are computed once where many columns are compared.
    """
    (one, left), (other, right) = a, b
    fewer, more = sorted((len(left), len(right)))
    if fewer < 5 or fewer < 0.9 * more:  # as most pairs of columns are: no row is looked at
        return False
    both = (one >= 0) & (other >= 0)
    rows = int(both.sum())
    if rows < 20 or more > 0.7 * rows:
        return False
    one, other = one[both], other[both]
    least = FIXED * rows
    return kept_of(one, other, len(right)) >= least and kept_of(other, one, len(left)) >= least
