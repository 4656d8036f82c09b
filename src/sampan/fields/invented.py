"""Invented: a column whose values are made anew for each row, of which only presence is learned."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text, of_text
from sampan.column import Column, floats, from_strings, missing
from sampan.errors import DataError, WhereError
from sampan.field import Box, Codec, Condition, Leaves, Missing, Rows
from sampan.fields.identity import ALONE, Identity
from sampan.space import Choice, Space


class InventedCodec(Codec):
    """One yes/no leaf, 1 where missing, and none where nothing ever was; the texts are a matter of the row.

    has_missing: whether any cell was. dtype: the word for the column's Arrow type.
    """

    noun: ClassVar[str]
    """What its values are called in a message: 'identifiers'."""

    has_missing: bool
    dtype: str
    identity: Identity = ALONE

    @property
    def notes(self) -> Sequence[str]:
        """That an invented person keeps one identity, where they do."""
        return self.identity.notes

    @abstractmethod
    def texts(self, rows: Rows) -> Sequence[str]:
        """What is made for each of the rows, as text."""

    @abstractmethod
    def misfit(self, rows: Rows) -> DataError:
        """What is said where one of these texts does not fit the column's Arrow type."""

    @property
    def spaces(self) -> Mapping[str, Space]:
        """Whether it is missing, where some are; nothing else is learned."""
        return {"": Choice(2)} if self.has_missing else {}

    def encode(self, column: Column) -> Leaves:
        """1 where missing."""
        if not self.has_missing:
            return {}
        gone = np.isnan(floats(column)) if DataType.is_floating(column.type) else missing(column)
        return {"": gone.astype(np.int64)}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """New values, those of the row numbers. Raises DataError where the type cannot hold them."""
        cells: list[str | None] = list(self.texts(rows))
        gone = leaves[""] == 1 if self.has_missing else np.zeros(len(cells), dtype=bool)
        for row in np.flatnonzero(gone).tolist():
            cells[row] = None
        column = of_text(from_strings(cells), self.dtype)
        if column.null_count != int(gone.sum()):
            raise self.misfit(rows)
        return column

    def allow(self, condition: Condition) -> list[Box]:
        """Only whether it is missing can be asked. Raises WhereError for anything else."""
        if not isinstance(condition, Missing):
            raise WhereError(
                f"{self.noun} are made anew, so none of their values can be asked for.",
                "Whether one is missing can be asked.",
                "Write `is missing` or `is not missing`; or learn it as a category: --type COLUMN=category",
            )
        if self.has_missing:
            return [Box({"": np.array([condition.negated, not condition.negated])}, {})]
        return [Box({}, {})] if condition.negated else []


def cell_texts(column: Column) -> list[str]:
    """The cells that hold something, as text; whole numbers that a reader made decimal without '.0'."""
    texts: list[Any] = list(as_text(column).to_pylist())
    if DataType.is_floating(column.type):
        return [text.removesuffix(".0") for text in texts if text not in (None, "NaN")]
    return [text for text in texts if text is not None]
