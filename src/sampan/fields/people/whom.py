"""Whom each column speaks of: the people of a key, and the steps from them to what the column holds.

Columns whose values fix each other (a name, an identity number, a telephone number) name the same people.
What is coarser belongs to a person too (an address that a family shares), and so does what is finer (the two
accounts of one person). A few rows may disagree: a typing error, a line of totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sampan.field import Claim, Field
from sampan.fields.category import Category
from sampan.fields.identifier import Identifier
from sampan.fields.identity import Sizes, Step
from sampan.fields.number import Number
from sampan.fields.people.cells import Cells
from sampan.fields.personal import Personal, recognised, what_of
from sampan.fields.phrases import Phrases
from sampan.look import Look

FIXED = 0.97
"""Share of the rows in which a value must go with the one value that another column has."""

_ROWS = 200_000
"""Rows by which it is told whether one column fixes another."""

_OWN = 0.15
"""Values for each person from which on a coarser column has one of its own for each: people share names."""

_PERSONS = frozenset(["hkid", "id number", "passport"])
_PARTS = frozenset(["first name", "last name"])


@dataclass(frozen=True, eq=False)
class Base:
    """Whom a column speaks of: the people of `key`, and the steps from them to what the column holds."""

    key: Cells | None
    steps: tuple[Step, ...] = ()

    @property
    def group(self) -> str:
        """The name of the key, "" where there is none."""
        return "" if self.key is None else self.key.name


def bases_of(cells: list[Cells]) -> dict[str, Base]:
    """Column -> whom it speaks of."""
    repeated = [one for one in cells if one.repeats]
    if not repeated or any(one.what in _PERSONS and not one.repeats and len(one.values) > 9 for one in cells):
        return {one.name: Base(None) for one in cells}  # every row is another person, whoever shares a name
    somebody = any(one.what in ("name", "e-mail", "phone") and not one.repeats for one in cells)
    repeated = [one for one in repeated if not (somebody and one.what in _PARTS)]
    fixed = {(a.name, b.name): a is b or _fixes(a, b) for a in repeated for b in repeated}
    groups: list[list[Cells]] = []
    for one in sorted(repeated, key=lambda cell: (not cell.is_key, -len(cell.values))):
        for group in groups:
            if fixed[one.name, group[0].name] and fixed[group[0].name, one.name]:
                group.append(one)
                break
        else:
            groups.append([one])
    # of columns that name the same people the one that names them in most rows says how many each has
    groups = [sorted(group, key=lambda one: (not one.is_key, -int(one.counts.sum()))) for group in groups]
    found: dict[str, Base] = {one.name: Base(None) for one in cells}
    keys = [group[0] for group in groups]
    placed: dict[str, Base] = {}

    def place(key: Cells) -> Base:
        if key.name in placed:
            return placed[key.name]
        placed[key.name] = Base(key)  # until it is known better; and so that no circle is walked
        own = len(key.values)
        if key.is_key:  # the accounts of a person
            coarser = [
                other
                for other in keys
                if other is not key
                and other.is_key
                and fixed[key.name, other.name]
                and len(other.values) < own
            ]
            if coarser:
                whole = max(coarser, key=lambda other: len(other.values))
                base = place(whole)
                placed[key.name] = Base(base.key, (*base.steps, ("within", _sizes_of(whole, key))))
            return placed[key.name]
        finer = [other for other in keys if other is not key and fixed[other.name, key.name]]
        finer = [other for other in finer if other.is_key or len(other.values) > own]
        if finer:
            person = min(finer, key=lambda other: (not other.is_key, len(other.values)))
            base = place(person)
            shared: tuple[Step, ...] = (("shared", _sizes_of(key, person)),)
            each = own >= _OWN * len(person.values) and key.what not in ("company", "address")
            each = each or key.what in _PARTS or own >= 0.8 * len(person.values)
            placed[key.name] = Base(base.key, base.steps if each else (*base.steps, *shared))
        return placed[key.name]

    for group in groups:
        base = place(group[0])
        found |= {one.name: base for one in group}
    return found


def _fixes(a: Cells, b: Cells) -> bool:
    """Whether a value of `a` goes with one value of `b`, but for a few rows."""
    # of a long table all rows of some values of `a`
    both = (a.index >= 0) & (b.index >= 0) & (a.index % (1 + len(a.index) // _ROWS) == 0)
    rows = int(both.sum())
    if rows < 10:
        return False
    return kept_of(a.index[both], b.index[both], len(b.values)) >= FIXED * rows


def kept_of(one: np.ndarray, other: np.ndarray, others: int) -> int:
    """In how many rows a value of one column goes with the value of another that it goes with most often.

    one, other: which value each row holds. others: how many values the other has.
    """
    pair, count = np.unique(one * others + other, return_counts=True)
    most = np.zeros(int(one.max(initial=0)) + 1, dtype=np.int64)
    np.maximum.at(most, pair // others, count)
    return int(most.sum())


def _sizes_of(whole: Cells, part: Cells) -> Sizes:
    """How many values of `part` each value of `whole` goes with, where it does with any."""
    both = (whole.index >= 0) & (part.index >= 0)
    pairs = np.unique(whole.index[both] * len(part.values) + part.index[both])
    counts = np.bincount(pairs // len(part.values), minlength=len(whole.values))
    return Sizes.of(counts[counts > 0])


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
