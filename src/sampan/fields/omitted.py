"""Omitted: a column that is known and not learned; it comes back empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import named, nulls, of_text, word_of
from sampan.checked import Record, Text, only
from sampan.column import Column
from sampan.field import Box, Codec, Condition, Field, Leaves, Missing, Rows
from sampan.space import Space


@dataclass(frozen=True)
class Omitted(Field):
    """A column that is left empty in what is made.

    reason: why, in a few words for the user ("long free text").
    """

    kind: ClassVar[str] = "omitted"
    reason: str = "left out on request"

    def fit(self, column: Column) -> OmittedCodec:
        """Keep the Arrow type and nothing else."""
        return OmittedCodec(self.reason, word_of(column))


@dataclass(frozen=True, eq=False)
class OmittedCodec(Codec):
    """The Arrow type of an omitted column, and the reason."""

    kind: ClassVar[str] = "omitted"
    reason: str
    dtype: str

    @property
    def spaces(self) -> Mapping[str, Space]:
        """No leaf: nothing is learned."""
        return {}

    def encode(self, column: Column) -> Leaves:
        """No leaf."""
        return {}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """Nulls of the column's type."""
        return of_text(nulls(rows.count, DataType.string()), self.dtype)

    def allow(self, condition: Condition) -> list[Box]:
        """Every record where missing is asked for, else none."""
        return [Box({}, {})] if condition == Missing() else []

    def describe(self) -> str:
        """That it is left empty, and why."""
        return f"not learned, left empty: {self.reason}"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Reason and type as JSON."""
        return {"reason": self.reason, "dtype": self.dtype}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described."""
        Record({"reason": Text(10_000), "dtype": Text(100)}).check(values, "its state")
        only(arrays, ())
        named(values["dtype"])
        return cls(values["reason"], values["dtype"])
