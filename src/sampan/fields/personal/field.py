"""The field and the codec of personal data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from sampan.column import LONGEST, Column, missing
from sampan.errors import DataError, RequestError, StoreError, nearest
from sampan.field import Field, Rows
from sampan.fields.arrow_type import name_of, named
from sampan.fields.identifier import (
    FreeNumbers,
)
from sampan.fields.invented import InventedCodec, cell_texts
from sampan.fields.personal.draw import SAMPLE, Draw, Style
from sampan.fields.personal.invention import COUNTED, LEARN, MAKE, NUMBERED, WHATS
from sampan.fields.personal.pools import locale_of


@dataclass(frozen=True)
class Personal(Field):
    """A column of personal data, replaced and never learned.

    what: one of `WHATS`. locale: Faker's locale, such as en_GB or zh_TW; "" guesses it from the script.
    person: columns with the same word here speak of the same person.
    """

    kind: ClassVar[str] = "personal"
    what: str
    locale: str = ""
    person: str = ""

    def __post_init__(self) -> None:
        if self.what not in WHATS:
            raise RequestError(
                f'"{self.what}" is no kind of personal data that Sampan can invent.'
                + nearest(self.what, WHATS),
                f"Known kinds: {', '.join(WHATS)}.",
                'For example: Personal("e-mail")',
            )

    def fit(self, column: Column) -> PersonalCodec:
        """Learn the style. Raises DataError where no cell holds anything."""
        texts = cell_texts(column)
        if not texts:
            raise DataError(
                f"none of the {len(column)} cells holds a value.",
                "A column of personal data needs at least one, to take its style from.",
                "Give the column another type: --type COLUMN=constant",
            )
        locale = self.locale or locale_of(texts[:SAMPLE])
        style, free = LEARN[self.what]([text[:LONGEST] for text in texts], locale)
        gone = bool(missing(column).any()) or len(texts) < len(column)
        return PersonalCodec(self.what, self.person, style, free, gone, name_of(column.type))


@dataclass(frozen=True, eq=False)
class PersonalCodec(InventedCodec):
    """The style of a column of personal data.

    style: plain values, as `LEARN[what]` found them. free: the numbers that may be made, where it makes
    numbers. dtype: the word for the column's Arrow type.
    """

    kind: ClassVar[str] = "personal"
    noun: ClassVar[str] = "personal data"
    what: str
    person: str
    style: Style
    free: FreeNumbers
    has_missing: bool
    dtype: str

    @property
    def unique(self) -> bool:
        """Whether no two made values are equal (up to some millions of rows)."""
        return self.what in NUMBERED or (self.what in COUNTED and self.free.count >= 1_000_000)

    @property
    def fresh(self) -> bool:
        """Whether no made value can equal one of the data."""
        return self.what in NUMBERED or self.what in COUNTED

    def texts(self, rows: Rows) -> Sequence[str]:
        """Invented values, those of the row numbers."""
        return MAKE[self.what](Draw(rows, self.what, self.person), self.style, self.free)

    def misfit(self, rows: Rows) -> DataError:
        """The column is no text."""
        return DataError(
            f"an invented {self.what} does not fit a column of {self.dtype}.",
            "Personal data are text.",
            "Turn the column into text before learning.",
        )

    def describe(self) -> str:
        """What is replaced, and by what."""
        line = f"personal data ({self.what}), replaced by invented ones"
        return line + ("; some missing" if self.has_missing else "")

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The style as JSON; the free remainders as an array."""
        return (
            {
                "what": self.what,
                "person": self.person,
                "style": self.style,
                "size": self.free.size,
                "modulus": self.free.modulus,
                "has_missing": self.has_missing,
                "dtype": self.dtype,
            },
            {"remainders": self.free.remainders},
        )

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described."""
        named(values["dtype"])
        remainders, modulus, size = arrays["remainders"], int(values["modulus"]), int(values["size"])
        sound = (
            values["what"] in WHATS
            and remainders.ndim == 1
            and 0 < modulus <= size
            and ((remainders >= 0) & (remainders < modulus)).all()
        )
        if not sound:
            raise StoreError(
                "the style of a column of personal data contradicts itself.",
                f"One of {', '.join(WHATS)}, and remainders below the modulus.",
                "The model folder is damaged: restore it, or learn the model again.",
            )
        free = FreeNumbers(size, modulus, remainders)
        return cls(
            values["what"],
            values["person"],
            values["style"],
            free,
            bool(values["has_missing"]),
            values["dtype"],
        )
