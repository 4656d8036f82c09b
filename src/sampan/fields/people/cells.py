"""The cells of columns that name people: which value each row holds, and the values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text
from sampan.column import Column, codes, from_strings
from sampan.fields.identifier import IdentifierCodec
from sampan.fields.invented import InventedCodec
from sampan.fields.personal.field import Personal, PersonalCodec
from sampan.fields.personal.pools import is_han
from sampan.fields.personal.signs import is_total

KEYS = frozenset(
    ["hkid", "id number", "passport", "e-mail", "phone", "username", "account", "card number", "iban"]
)
"""Kinds of which a value is one person's, or one of several that only this person has."""


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of one column: which of its values each row holds (-1 where none), and the values."""

    name: str
    codec: InventedCodec
    index: np.ndarray
    values: list[str]
    is_column: bool = True

    @property
    def what(self) -> str:
        return self.codec.what if isinstance(self.codec, PersonalCodec) else "identifier"

    @cached_property
    def counts(self) -> np.ndarray:
        """Rows of each value."""
        return np.bincount(self.index[self.index >= 0], minlength=len(self.values))

    @cached_property
    def repeats(self) -> bool:
        """Whether its values come back: one for about every row is no repeat."""
        return bool(self.counts.size) and self.counts.size < 0.98 * self.counts.sum()

    @property
    def is_key(self) -> bool:
        return self.what in KEYS or self.what == "identifier"

    def first(self, rows: int) -> Cells:
        """The cells of the first so many rows, and the values in them."""
        if rows == len(self.index):
            return self
        held, index = _compressed(self.index[:rows])
        return replace(self, index=index, values=[self.values[place] for place in held])


def cells_of(name: str, codec: PersonalCodec | IdentifierCodec, column: Column) -> Cells:
    """The cells of a column, lines of totals left out."""
    index, values = codes(as_text(column))
    texts = [str(value) for value in values]
    if DataType.is_floating(column.type):
        texts = [text.removesuffix(".0") for text in texts]
    totals = [place for place, text in enumerate(texts) if is_total(text) or text == "NaN"]
    if totals:
        index = np.where(np.isin(index, totals), -1, index)
    held, index = _compressed(index)
    return Cells(name, codec, index, [texts[place] for place in held])


def _compressed(index: np.ndarray) -> tuple[list[int], np.ndarray]:
    """(which values an index of cells has, the same index into these): -1 where none."""
    held, place = np.unique(index[index >= 0], return_inverse=True)
    plain = np.full(len(index), -1, dtype=np.int64)
    plain[index >= 0] = place
    return held.tolist(), plain


def wholes(cells: list[Cells]) -> list[Cells]:
    """Full names where a table has first and last names alone: what they say together names a person."""
    parts = {(one.what, one.codec.person): one for one in cells if isinstance(one.codec, PersonalCodec)}
    out = []
    for (what, word), first in parts.items():
        last = parts.get(("last name", word))
        if what != "first name" or last is None or ("name", word) in parts:
            continue
        both = (first.index >= 0) & (last.index >= 0)
        pairs, place = np.unique(first.index[both] * len(last.values) + last.index[both], return_inverse=True)
        index = np.full(len(both), -1, dtype=np.int64)
        index[both] = place
        ends = [divmod(pair, len(last.values)) for pair in pairs.tolist()]
        texts = [(first.values[a], last.values[b]) for a, b in ends]
        names = [b + a if a and is_han(a[0]) else f"{a} {b}" for a, b in texts]
        if names:
            codec = Personal("name", person=word).fit(from_strings(names))
            out.append(Cells(f"{first.name} {last.name}", codec, index, names, is_column=False))
    return out
