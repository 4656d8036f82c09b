"""Look: one column, what every field asks that may recognise it, and on what ground it may claim it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text
from sampan.column import Column, codes, is_mark, is_nothing, is_text, with_nulls, words_of

ENOUGH = 20
"""Rows: with fewer, "all different" says little."""

T = TypeVar("T")


class Ground(Enum):
    """What a claim on a column rests on, the surest first: a column is whose claim has the surest ground."""

    TYPE = auto()
    """Its type, or whoever read it, says what it is."""
    PEOPLE = auto()
    """Its cells give people away."""
    KEY = auto()
    """Several rows are of each of its values."""
    CELLS = auto()
    """Every cell is of one kind."""
    INSIDE = auto()
    """Parts of its cells are."""
    MOST = auto()
    """Every cell is, but for a few."""
    PROSE = auto()
    """People wrote its texts."""
    FORM = auto()
    """Its texts have one form, or are a mixture of two."""
    UNIQUE = auto()
    """Hardly any text repeats."""
    REST = auto()
    """No other field claims it."""


@dataclass(frozen=True)
class Look:
    """One column, and what every field asks of it, computed once."""

    name: str
    column: Column
    _said: dict[Callable[[Look], Any], Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, what: Callable[[Look], T]) -> T:
        """What a function says of this column, asked once for all fields that want to know."""
        if what not in self._said:
            self._said[what] = what(self)
        return self._said[what]

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name: "customerTypeCode" and "customer_type_code" have the same."""
        return frozenset(words_of(self.name))

    @cached_property
    def last(self) -> str:
        """The last word of its name: what the thing is ("customer_id" is an id)."""
        return words_of(self.name)[-1] if self.words else ""

    @cached_property
    def is_text(self) -> bool:
        """Whether its cells are strings."""
        return is_text(self.column)

    @cached_property
    def codes(self) -> tuple[np.ndarray, list]:
        """Which of its distinct values each cell holds, -1 for null, and the values."""
        plain = self.is_text or DataType.is_numeric(self.column.type)
        return codes(self.column if plain else as_text(self.column))  # Arrow encodes no yes/no

    @property
    def distinct(self) -> list:
        """The distinct values, null not among them."""
        return self.codes[1]

    @cached_property
    def counts(self) -> np.ndarray:
        """How often each of them occurs."""
        index = self.codes[0]
        return np.bincount(index[index >= 0], minlength=len(self.distinct))

    @cached_property
    def rows(self) -> int:
        """How many cells hold something."""
        return int(self.counts.sum())

    @property
    def gone(self) -> int:
        """How many cells are null."""
        return len(self.column) - self.rows

    @cached_property
    def texts(self) -> list[str]:
        """The distinct values as texts, without blanks around them and without those that say nothing."""
        return [text.strip() for text in map(str, self.distinct) if not is_nothing(text)]

    @cached_property
    def marks(self) -> list[str]:
        """The texts that say "missing"."""
        return [text for text in self.distinct if is_mark(text)] if self.is_text else []

    @property
    def marks_said(self) -> str:
        """'; "NA" is read as missing and made as an empty cell', where there are such cells."""
        marks = [mark for mark in self.marks if mark.strip()]
        shown = ", ".join(f'"{mark}"' for mark in marks[:3])
        return f"; {shown} is read as missing and made as an empty cell" if marks else ""

    def row_of(self, text: str) -> int:
        """The first row, counted from one, whose cell says a text, blanks around it left out."""
        index, distinct = self.codes
        place = next(place for place, one in enumerate(distinct) if one.strip() == text)
        return int(np.argmax(index == place)) + 1

    def without(self, texts: Collection[str]) -> Look:
        """The same column with the cells that hold one of some texts empty."""
        index, distinct = self.codes
        odd = np.array([*(text in texts for text in distinct), False], dtype=bool)
        return Look(self.name, with_nulls(self.column, odd[index]))
