"""Constant: a column that says one thing, or nothing at all, in every row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import arro3.compute as compute
import numpy as np

from sampan.arrow_type import as_text, named, of_text, word_of
from sampan.checked import Plain, Record, Text, only
from sampan.column import Column, codes, from_strings, holds_bytes, missing
from sampan.errors import DataError
from sampan.field import Box, Claim, Codec, Compare, Condition, Field, Leaves, Missing, Rows
from sampan.fields.category import Category
from sampan.fields.mask import masked
from sampan.fields.phrases import inside_of
from sampan.look import Ground, Look
from sampan.space import Space


@dataclass(frozen=True)
class Constant(Field):
    """A column with the same value in every row, or with none in any."""

    kind: ClassVar[str] = "constant"
    words = (("constant", "one value in every row"),)

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """The same in every row, without anybody in it; or nothing in any."""
        if ground is not Ground.TYPE or holds_bytes(look.column):
            return None
        if not look.rows:
            return Claim(cls(), "every cell is missing")
        if len(look.distinct) == 1 and not look.gone and look.once(inside_of) is None:
            return Claim(cls(), f'the same in every row, like "{masked(str(look.distinct[0]))}"')
        return None

    def fit(self, column: Column) -> ConstantCodec:
        """Keep the value. Raises DataError where there are two, or a value and missing cells."""
        distinct = codes(as_text(column))[1]
        if len(distinct) > 1 or (distinct and missing(column).any()):
            what = f"{len(distinct):,} values" if len(distinct) > 1 else "a value and missing cells"
            raise DataError(
                f"the column holds {what}.",
                "A constant column holds one value, or none.",
                "Give the column another type: --type COLUMN=category",
            )
        return ConstantCodec(distinct[0] if distinct else None, word_of(column))


@dataclass(frozen=True, eq=False)
class ConstantCodec(Codec):
    """The one value of a column as text (None: every cell is missing), and its Arrow type."""

    kind: ClassVar[str] = "constant"
    value: str | None
    dtype: str

    @property
    def spaces(self) -> Mapping[str, Space]:
        """No leaf: there is nothing to learn."""
        return {}

    def encode(self, column: Column) -> Leaves:
        """No leaf. Raises DataError for another value, which no leaf could hold."""
        strange = self.unknown(column)
        if strange.any():
            text = as_text(column).to_pylist()[int(strange.argmax())]
            raise DataError(
                f'"{text}" is in a column that held {self._said()} in every row.',
                "The same in every row.",
                "Leave the column out, or learn again from data that vary.",
            )
        return {}

    def unknown(self, column: Column) -> np.ndarray:
        """The cells that hold another value: bool (rows,)."""
        index, distinct = codes(as_text(column))
        strange = [
            text != self.value and not self.allow(Compare("==", text)) for text in distinct
        ]  # 1.0 is 1
        return np.array([*strange, False], dtype=bool)[index]

    def examples(self) -> Column:
        """The value, once."""
        return of_text(from_strings(["", self.value]).slice(1, 1), self.dtype)

    def _said(self) -> str:
        return "nothing" if self.value is None else f'"{self.value}"'

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """The value, once for each row."""
        return compute.take(self.examples(), Column.from_numpy(np.zeros(rows.count, dtype=np.int64)))

    def allow(self, condition: Condition) -> list[Box]:
        """Every record, or none."""
        if self.value is None:
            return [Box({}, {})] if condition == Missing() else []
        # a category of one value knows how to compare it; its one symbol is no leaf here
        holds = Category().fit(self.examples()).allow(condition)
        return [Box({}, {})] if holds else []

    def describe(self) -> str:
        """The value."""
        return f"always {self._said()}" if self.value is not None else "always missing"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The value as JSON."""
        return {"value": self.value, "dtype": self.dtype}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        Record({"value": Plain(), "dtype": Text(100)}).check(values, "its state")
        only(arrays, ())
        named(values["dtype"])
        return cls(values["value"], values["dtype"])
