"""Look: one column, and what every test of the guess wants to know of it; Found: what a test says."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text
from sampan.column import Column, codes, floats, is_mark, is_text, with_nulls, words_of
from sampan.field import Field
from sampan.fields.moment import texts_of
from sampan.fields.number.spelling import Spelling
from sampan.fields.personal import Recognised, judged
from sampan.fields.phrases import Inside, inside

IDENTITY = frozenset("id ids uuid guid key index idx rowid serial no nr pk 編號 编号 序號 序号".split())

_NOMINAL = frozenset(
    """code codes type types kind category cat class group cluster label flag zip zipcode postcode postal plz
    pincode fips icd sku isbn region district branch department dept store ward browser system systems os
    status gender sex race 代碼 代码 類型 类型 類別 类别 郵遞區號 邮编 區號""".split()
)

ENOUGH = 20  # rows: with fewer, "all different" says little


@dataclass(frozen=True)
class Found:
    """A field for one column, why, and a notice where there is one."""

    field: Field
    reason: str
    notice: str = ""


@dataclass(frozen=True)
class Look:
    """One column, and what every test wants to know of it, computed once."""

    name: str
    column: Column

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name: "customerTypeCode" and "customer_type_code" have the same."""
        return frozenset(words_of(self.name))

    @cached_property
    def last(self) -> str:
        """The last word of its name: what the thing is ("customer_id" is an id)."""
        return words_of(self.name)[-1] if self.words else ""

    @cached_property
    def is_named_code(self) -> bool:
        """Whether the name says that digits are names of things, not amounts."""
        return self.last in _NOMINAL | (IDENTITY - {"index", "no", "nr"})

    @cached_property
    def codes(self) -> tuple[np.ndarray, list]:
        """Which of its distinct values each cell holds, -1 for null, and the values."""
        plain = is_text(self.column) or DataType.is_numeric(self.column.type)
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
    def marks(self) -> list[str]:
        """The texts that say "missing"."""
        return [text for text in self.distinct if is_mark(text)] if is_text(self.column) else []

    @cached_property
    def spelling(self) -> Spelling | None:
        """How it writes numbers, if it is text that does."""
        return Spelling.find(self.column)

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """Its distinct numbers in order, if it holds numbers."""
        if is_text(self.column):
            if self.spelling is None:
                return None
            values = self.spelling.parse(self.column)
        elif DataType.is_numeric(self.column.type) or DataType.is_decimal(self.column.type):
            values = floats(self.column)
        else:
            return None
        return np.unique(values[~np.isnan(values)])

    @cached_property
    def held(self) -> int:
        """How many cells hold a number or text that is no mark of missingness."""
        marks = set(self.marks)
        pairs = zip(self.distinct, self.counts.tolist(), strict=True)
        return self.rows - (sum(count for value, count in pairs if value in marks) if marks else 0)

    @cached_property
    def is_whole(self) -> bool:
        """Whether its numbers are plain whole ones: "$5" and "5.0" are amounts."""
        if self.numbers is None or not np.isfinite(self.numbers).all():
            return False
        if self.spelling is not None and replace(self.spelling, lenient=False) != Spelling():
            return False
        return bool((self.numbers == np.round(self.numbers)).all())

    @cached_property
    def texts(self) -> list[str]:
        """The distinct texts that say something, without blanks around them."""
        return texts_of(self.column)

    def without(self, texts: Collection[str]) -> Look:
        """The same column with the cells that hold one of some texts empty."""
        index, distinct = codes(self.column)
        odd = np.array([*(text in texts for text in distinct), False], dtype=bool)
        return Look(self.name, with_nulls(self.column, odd[index]))

    @cached_property
    def recognised(self) -> Recognised | None:
        """What it holds of people, certain or not."""
        how = self.spelling if is_text(self.column) else None
        plain = how is None or not (how.prefix or how.suffix or how.thousands or how.notations)
        if plain and self.numbers is not None and self.numbers.size:
            measured = bool((np.abs(self.numbers) < 1000).all() and (self.numbers % 1 != 0).any())
            if measured:  # below 1,000 and with fractions: nobody's number, and tables have thousands of such
                return None
        return judged(self.name, self.column)

    @cached_property
    def inside(self) -> Inside | None:
        """The personal data inside of its texts, if it holds texts with any."""
        kind = self.column.type
        if not is_text(self.column) and not DataType.is_dictionary(kind):
            return None
        return inside([str(text) for text in self.distinct])

    def missing_words(self) -> str:
        """' (“NA” is read as missing and made as an empty cell)', where there are such cells."""
        marks = [mark for mark in self.marks if mark.strip()]
        shown = ", ".join(f'"{mark}"' for mark in marks[:3])
        return f"; {shown} is read as missing and made as an empty cell" if marks else ""


def joined(*notices: str) -> str:
    """What is said of a column, as one text."""
    return " ".join(notice for notice in notices if notice)
