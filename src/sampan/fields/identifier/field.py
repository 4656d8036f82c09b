"""Identifier: a name that belongs to one record only. Its shape is kept, its values are never learned.

The made ones count up behind the largest where the column was a sequence. Else they are numbers of the
shape, written in its letters and digits, taken in an order that a key scatters: a permutation needs no
memory of what was made before, so a thousand million rows stay distinct.

No identifier of the data is made again, and none is kept to make sure of that: the codec keeps only some
remainders (of a division by about twice the number of rows) that no identifier of the data has, and makes
numbers with those remainders. Where the shape is too full for that, or used up, digits are added at its end.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import name_of, named, word_of
from sampan.checked import Plain, Record, Table, Text, Truth
from sampan.column import Column, missing
from sampan.errors import DataError
from sampan.field import SAID, Claim, Field, Rows
from sampan.fields.identifier import recognition
from sampan.fields.identity import ALONE, Identity
from sampan.fields.invented import InventedCodec, cell_texts
from sampan.fields.scattered import key_of
from sampan.fields.shape import COUNTER, DIGITS, UPPER, Counting, Shape, counter, shape_from_state, show_place
from sampan.look import Ground, Look


@dataclass(frozen=True)
class Identifier(Field):
    """A column of unique names of records: customer numbers, UUIDs, codes such as A1B2-C3D4.

    pattern: the shape of those to make, # for a digit, ? for a capital letter, ^ for a hexadecimal digit,
    anything else as it is; None finds it in the data. key: whether rows of one value belong together, and
    are made together.
    """

    kind: ClassVar[str] = "identifier"
    words = (
        ("identifier", "unique names of records, never learned"),
        ("identifier:key", "whom or what several rows are of, which are made together"),
    )
    invents: ClassVar[bool] = True
    pattern: str | None = None
    key: bool = False

    @property
    def setting(self) -> str:
        """The pattern, and whether it is a key."""
        return ",".join(part for part in (self.pattern, "key" * self.key) if part)

    @classmethod
    def of_setting(cls, setting: str, look: Look) -> Claim:
        """Identifiers of a pattern, or of the shape of the column's."""
        pattern = "" if setting == "key" else setting.removesuffix(",key")
        return Claim(cls(pattern or None, pattern != setting), SAID)

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """UUIDs, keys, numbers and texts that name the record, codes that hardly repeat."""
        tests = {
            Ground.TYPE: recognition.objects,
            Ground.KEY: recognition.keys,
            Ground.CELLS: recognition.numbers,
            Ground.FORM: recognition.texts,
            Ground.UNIQUE: recognition.codes,
        }
        found = tests[ground](look) if ground in tests else None
        return None if found is None else Claim(cls(), *found)

    def fit(self, column: Column) -> IdentifierCodec:
        """Find the shape. Raises DataError where no cell holds anything."""
        gone = missing(column)
        texts = cell_texts(column)
        if not texts and self.pattern is None:
            raise DataError(
                f"none of the {len(column)} cells holds an identifier.",
                "An identifier column needs at least one, or a pattern.",
                "Give the column another type: --type COLUMN=constant",
            )
        shape = counter(texts) if self.pattern is None else None
        if shape is None:
            if self.pattern is None:
                numeric = "string" not in name_of(column.type)
                shape = Shape.of(texts, numeric, most=_largest(column.type))
            else:
                classes = {"#": DIGITS, "?": UPPER, "^": DIGITS + "abcdef"}
                shape = Shape.free_of(texts, [classes.get(letter, letter) for letter in self.pattern])
        return IdentifierCodec(shape, bool(gone.any()), word_of(column))


def _largest(kind: DataType) -> str:
    """The digits of the largest number that a type of whole numbers holds; "" for any other type.

    >>> _largest(DataType.uint8())
    '255'
    """
    if not DataType.is_integer(kind):
        return ""
    return str(2 ** ((kind.bit_width or 64) - (not DataType.is_unsigned_integer(kind))) - 1)


@dataclass(frozen=True, eq=False)
class IdentifierCodec(InventedCodec):
    """The shape of an identifier, whether some are missing, and the word for the column's Arrow type."""

    kind: ClassVar[str] = "identifier"
    noun: ClassVar[str] = "identifiers"
    fresh: ClassVar[bool] = True
    shape: Counting | Shape
    has_missing: bool
    dtype: str
    identity: Identity = ALONE

    @property
    def unique(self) -> bool:
        """Whether no two made ones are equal: where each names one record."""
        return self.identity.sizes is None

    def texts(self, rows: Rows) -> list[str]:
        """New identifiers, those of the row numbers, or of whom the rows speak."""
        salt = f"identifier {self.identity.salt}".strip()
        return self.shape.make(self.identity.of(rows), key_of(rows, salt))

    def misfit(self, rows: Rows) -> DataError:
        """The type is too narrow for the longer ones."""
        return DataError(
            f"{rows.start + rows.count:,} new identifiers do not fit a column of {self.dtype}.",
            "A type that holds more.",
            "Turn the column into int64 or text before learning.",
        )

    def describe(self) -> str:
        """The shape, and what happens when it is used up."""
        match self.shape:
            case Counting(prefix, suffix, width, start):
                line = f"identifiers that count on from {prefix}{start:0{width}d}{suffix}"
            case Shape(alphabets, free, _):
                shown = "".join(map(show_place, alphabets))
                line = f"identifiers shaped {shown}, made anew"
                if free.count < 10**9:
                    line += f" (after {free.count:,} rows, with more digits at the end)"
        return line + ("; some missing" if self.has_missing else "")

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The shape as JSON; the free remainders as an array."""
        values: dict[str, Any] = {"has_missing": self.has_missing, "dtype": self.dtype}
        values |= self.identity.to_json()
        match self.shape:
            case Counting() as counting:
                return values | {"sequence": asdict(counting)}, {}
            case Shape(alphabets, free, longest):
                shape = {"alphabets": list(alphabets), "modulus": free.modulus, "longest": longest}
                return values | {"shape": shape}, {"remainders": free.remainders}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        Table(Plain(1 << 62)).check(values, "its state")
        Record({"dtype": Text(100), "has_missing": Truth()}).check(
            {name: values.get(name) for name in ("dtype", "has_missing")}, "its state"
        )
        named(values["dtype"])
        if "sequence" in values:
            shape: Counting | Shape = Counting(**COUNTER.check(values["sequence"], "its sequence"))
        else:
            shape = shape_from_state(values["shape"], arrays)
        return cls(shape, bool(values["has_missing"]), values["dtype"], Identity.from_json(values))
