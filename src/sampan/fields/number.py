"""Number: whole or decimal numbers as ordered symbols that keep the column's own values.

A column is cut at its quantiles into at most `symbols` symbols. A value that fills a symbol's share of the
rows alone (0, 99999, a rating) is a symbol of its own: a spike. Where a symbol spans several values, a
noise leaf says which of them, in proportion to how often each was seen, so every made number is one that
the column held: integers stay integers, decimals keep their step, the range is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import arro3.compute as compute
import numpy as np
from arro3.core import Array

from sampan.column import Column, floats, with_nulls
from sampan.errors import DataError, StoreError, WhereError
from sampan.field import Between, Box, Codec, Compare, Condition, Field, In, Leaves, Missing, Rows
from sampan.fields import arrow_type
from sampan.fields.quantiles import boxes_of, cut, pick, rows_before
from sampan.fields.spelling import Spelling
from sampan.space import Choice, Space

SYMBOLS = 256
"""Symbols of one column. 96 lost C2ST on every continuous table; 512 learned no better and slower."""

VALUES = 65_536
"""Distinct values that a codec keeps: beyond them, the quantiles of the column at that many points."""


@dataclass(frozen=True)
class Number(Field):
    """A column of numbers.

    symbols: at most so many symbols; a coarser column learns faster from little data.
    spelling: how text spells the numbers ("HK$ 1,234.50"); None for a column of Arrow numbers.
    """

    kind: ClassVar[str] = "number"
    symbols: int = SYMBOLS
    spelling: Spelling | None = None

    def fit(self, column: Column) -> NumberCodec:
        """Learn the quantiles, the spikes and the exact values. Raises DataError if nothing is a number."""
        values = _parse(column, self.spelling)
        seen = values[~np.isnan(values)]
        if seen.size == 0:
            raise DataError(
                f"none of the {len(column)} cells is a number.",
                "A number column needs at least one number.",
                "Give the column another type, --type COLUMN=category for instance.",
            )
        distinct, counts = np.unique(seen, return_counts=True)
        if distinct.size > VALUES:
            # thin to quantile points, the ends kept: more would only cost memory
            order = np.linspace(0, seen.size - 1, VALUES).round().astype(np.int64)
            distinct, counts = np.unique(np.sort(seen)[order], return_counts=True)
        return NumberCodec(
            values=distinct,
            counts=counts.astype(np.int64),
            first=cut(counts, self.symbols),
            has_missing=bool(np.isnan(values).any()),
            dtype=arrow_type.name_of(column.type),
            spelling=self.spelling,
        )


def _parse(column: Column, spelling: Spelling | None) -> np.ndarray:
    """The numbers of a column, NaN where missing: float64 (rows,)."""
    return floats(column) if spelling is None else spelling.parse(column)


@dataclass(frozen=True, eq=False)
class NumberCodec(Codec):
    """The values of a number column in order, cut into ordered symbols.

    values, counts: the distinct numbers and how often each was seen (M,). first: where each symbol begins
    among them (symbols + 1,). The symbol after the last means "missing", where the column had any.
    """

    kind: ClassVar[str] = "number"
    values: np.ndarray
    counts: np.ndarray
    first: np.ndarray
    has_missing: bool
    dtype: str
    spelling: Spelling | None

    @property
    def _symbols(self) -> int:
        return self.first.size - 1

    @property
    def spaces(self) -> Mapping[str, Space]:
        """One ordered Choice; single values are its spikes, "missing" is off the scale."""
        size = self._symbols
        off = (size,) if self.has_missing else ()
        alone = tuple(np.flatnonzero(np.diff(self.first) == 1).tolist())
        return {"": Choice(size + len(off), ordered=True, off=off, spikes=alone)}

    @property
    def noise(self) -> tuple[str, ...]:
        """ "which": which value inside a symbol that spans several."""
        return ("which",) if self.values.size > self._symbols else ()

    def encode(self, column: Column) -> Leaves:
        """The symbol whose values lie nearest, or "missing"."""
        values = _parse(column, self.spelling)
        gone = np.isnan(values)
        if gone.any() and not self.has_missing:
            raise DataError(
                f"{int(gone.sum())} of {gone.size} cells are missing or no number.",
                "The column had no missing cell when the model was learned.",
                "Fill them, or learn again from data in which some are missing.",
            )
        right = np.searchsorted(self.values, values).clip(0, self.values.size - 1)
        left = np.maximum(right - 1, 0)
        with np.errstate(invalid="ignore"):
            nearer = np.abs(values - self.values[left]) < np.abs(self.values[right] - values)
        index = np.where(nearer, left, right)
        symbol = np.searchsorted(self.first, index, side="right") - 1
        return {"": np.where(gone, self._symbols, symbol).astype(np.int64)}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """A value of each symbol, drawn by the noise leaf in proportion to how often it was seen."""
        symbol = leaves[""]
        gone = symbol >= self._symbols
        held = np.where(gone, 0, symbol)
        if self.noise:
            index = pick(leaves["which"], self.first[held], self.first[held + 1], self._before)
        else:
            index = self.first[held]
        return self._column(self.values[index], gone)

    @property
    def _before(self) -> np.ndarray:
        """How many rows lie before each distinct value: float64 (M + 1,)."""
        return rows_before(self.counts)

    def _column(self, values: np.ndarray, gone: np.ndarray) -> Column:
        if self.spelling is not None:
            return self.spelling.write(np.where(gone, np.nan, values))
        column = Array.from_numpy(values)
        target = arrow_type.named(self.dtype)
        return with_nulls(column if target == column.type else compute.cast(column, target), gone)

    def _literal(self, value: Any) -> float:
        """A number out of a condition, which may be text from a command line."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
            if self.spelling is not None and isinstance(value, str):
                read = self.spelling.read(value)
                number = number if read is None else read
        if np.isnan(number):
            raise WhereError(
                f"{value!r} is compared with a column of numbers.",
                f"A number is expected; the column runs from {self.values[0]:g} to {self.values[-1]:g}.",
                "Write a number, such as: age > 65",
            )
        return number

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        """Which cells satisfy a condition, by their numbers and not their symbols: bool (rows,)."""
        values = _parse(column, self.spelling)
        gone = np.isnan(values)
        if isinstance(condition, Missing):
            return gone != condition.negated
        return self._holds(condition, values) & ~gone

    def _holds(self, condition: Condition, values: np.ndarray) -> np.ndarray:
        """Which of some numbers satisfy a condition: bool, as many."""
        match condition:
            case Compare(op, literal):
                number = self._literal(literal)
                return {
                    "==": values == number,
                    "!=": values != number,
                    "<": values < number,
                    "<=": values <= number,
                    ">": values > number,
                    ">=": values >= number,
                }[op]
            case In(literals, negated):
                inside = np.isin(values, [self._literal(literal) for literal in literals])
                return ~inside if negated else inside
            case Between(low, high, negated):
                inside = (values >= self._literal(low)) & (values <= self._literal(high))
                return ~inside if negated else inside
            case Missing(negated):
                return np.full(values.size, negated)

    def allow(self, condition: Condition) -> list[Box]:
        """One box of whole symbols, and one for each run of values inside a symbol that is cut."""
        missing = condition == Missing() if self.has_missing else None
        return boxes_of(self._holds(condition, self.values), self.first, self._before, missing)

    def log_share(self, column: Column) -> np.ndarray:
        """log of the value's share of the rows of its symbol."""
        if not self.noise:
            return np.zeros(len(column))
        values = _parse(column, self.spelling)
        gone = np.isnan(values)
        symbol = np.where(gone, 0, self.encode(column)[""])
        index = np.searchsorted(self.values, values).clip(0, self.values.size - 1)
        # a number that was never seen stands for the nearest one of its symbol
        index = np.clip(index, self.first[symbol], self.first[symbol + 1] - 1)
        rows = self._before[self.first[symbol + 1]] - self._before[self.first[symbol]]
        return np.where(gone, 0.0, np.log(self.counts[index] / rows))

    def describe(self) -> str:
        """The number of values, whether whole, and the range."""
        whole = bool((self.values == np.round(self.values)).all())
        what = "whole numbers" if whole else "numbers"
        tail = "; some missing" if self.has_missing else ""
        return f"{self.values.size:,} {what}, {self.values[0]:g} to {self.values[-1]:g}{tail}"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Values, counts and cuts as arrays; the rest as JSON."""
        spelling = None if self.spelling is None else asdict(self.spelling)
        return (
            {"has_missing": self.has_missing, "dtype": self.dtype, "spelling": spelling},
            {"values": self.values, "counts": self.counts, "first": self.first},
        )

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described; every table is checked before it is trusted."""
        table, counts, first = arrays["values"], arrays["counts"], arrays["first"]
        sound = (
            table.ndim == counts.ndim == first.ndim == 1
            and table.size == counts.size > 0
            and first.size > 1
            and first[0] == 0
            and first[-1] == table.size
            and (np.diff(first) > 0).all()
            and (np.diff(table) > 0).all()
            and (counts > 0).all()
        )
        if not sound:
            raise StoreError(
                "the tables of a number column contradict each other.",
                "Sorted values, as many counts, and cuts that cover them.",
                "The model folder is damaged: restore it, or learn the model again.",
            )
        arrow_type.named(values["dtype"])
        spelling = None if values["spelling"] is None else Spelling(**values["spelling"])
        return cls(table, counts, first, bool(values["has_missing"]), values["dtype"], spelling)
