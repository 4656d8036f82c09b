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
from arro3.core import Array, DataType

from sampan.column import Column, floats, with_nulls
from sampan.errors import DataError, StoreError, WhereError
from sampan.field import Between, Box, Codec, Compare, Condition, Field, In, Leaves, Missing, Rows
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
        """Learn the quantiles, the spikes and the exact values. Raises DataError where nothing is a number."""
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
            first=_cut(counts, self.symbols),
            has_missing=bool(np.isnan(values).any()),
            dtype=_type_name(column),
            spelling=self.spelling,
        )


def _parse(column: Column, spelling: Spelling | None) -> np.ndarray:
    """The numbers of a column, NaN where missing: float64 (rows,)."""
    return floats(column) if spelling is None else spelling.parse(column)


def _cut(counts: np.ndarray, symbols: int) -> np.ndarray:
    """Where each symbol begins among the sorted distinct values: int64 (symbols used + 1,).

    A value that fills a symbol's share of the rows stands alone; every run between two such spikes is cut
    into symbols in proportion to its rows.
    """
    if counts.size <= symbols:
        return np.arange(counts.size + 1)
    spike = np.zeros(counts.size, dtype=bool)
    while True:  # taking the spikes out makes the share of the others smaller: until nothing changes
        share = counts[~spike].sum() / max(1, symbols - int(spike.sum()))
        found = counts >= max(share, 2)
        if not (found & ~spike).any():
            break
        spike |= found
    room, rest = symbols - int(spike.sum()), int(counts[~spike].sum())
    change = np.flatnonzero(np.diff(spike.astype(np.int8))) + 1
    starts: list[int] = []
    for begin, end in zip([0, *change], [*change, counts.size], strict=True):
        if spike[begin]:
            starts.extend(range(begin, end))
            continue
        run = counts[begin:end]
        pieces = min(run.size, max(1, round(room * run.sum() / max(rest, 1))))
        middle = np.cumsum(run) - run / 2
        label = np.minimum((middle * pieces / run.sum()).astype(np.int64), pieces - 1)
        starts.extend([begin, *(begin + np.flatnonzero(np.diff(label)) + 1)])
    return np.array([*starts, counts.size], dtype=np.int64)


_TYPES: dict[str, DataType] = {
    name: getattr(DataType, name)()
    for name in (
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "bool", "string", "large_string", "string_view"),
    )
}
"""The Arrow types that numbers come in and go out as."""


def _type_name(column: Column) -> str:
    """The name of the column's Arrow type in `_TYPES`; decimals and the rest go out as float64."""
    return next((name for name, kind in _TYPES.items() if kind == column.type), "float64")


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
        """"which": which value inside a symbol that spans several."""
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
            base = self._before[self.first[held]]
            width = self._before[self.first[held + 1]] - base
            index = np.searchsorted(self._before, base + leaves["which"] * width, side="right") - 1
            # a draw at the very end of a symbol may round up into the next one
            index = np.clip(index, self.first[held], self.first[held + 1] - 1)
        else:
            index = self.first[held]
        return self._column(self.values[index], gone)

    @property
    def _before(self) -> np.ndarray:
        """How many rows lie before each distinct value: float64 (M + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.counts, dtype=np.float64)])

    def _column(self, values: np.ndarray, gone: np.ndarray) -> Column:
        if self.spelling is not None:
            return self.spelling.write(np.where(gone, np.nan, values))
        column = Array.from_numpy(values)
        target = _TYPES[self.dtype]
        return with_nulls(column if target == column.type else compute.cast(column, target), gone)

    def _literal(self, value: Any) -> float:
        """A number out of a condition, which may be text from a command line."""
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
            if self.spelling is not None and isinstance(value, str):
                number = float(self.spelling.parse(Array([value], DataType.string()))[0])
        if np.isnan(number):
            raise WhereError(
                f"{value!r} is compared with a column of numbers.",
                f"A number is expected; the column runs from {self.values[0]:g} to {self.values[-1]:g}.",
                "Write a number, such as: age > 65",
            )
        return number

    def _holds(self, condition: Condition) -> np.ndarray:
        """Which distinct values satisfy a condition: bool (M,)."""
        values = self.values
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
        holds = self._holds(condition)
        inside = np.add.reduceat(holds.astype(np.int64), self.first[:-1])
        spans = np.diff(self.first)
        size = self._symbols + self.has_missing
        whole = np.zeros(size, dtype=bool)
        whole[: self._symbols] = inside == spans
        if self.has_missing:
            whole[-1] = condition == Missing()
        boxes = [Box({"": whole}, {})] if whole.any() else []
        before = self._before
        for symbol in np.flatnonzero((inside > 0) & (inside < spans)):
            begin, end = self.first[symbol], self.first[symbol + 1]
            only = np.zeros(size, dtype=bool)
            only[symbol] = True
            base, width = before[begin], before[end] - before[begin]
            step = np.diff(np.concatenate([[0], holds[begin:end].astype(np.int8), [0]]))
            for start, stop in zip(np.flatnonzero(step == 1), np.flatnonzero(step == -1), strict=True):
                low, high = before[begin + start] - base, before[begin + stop] - base
                boxes.append(Box({"": only}, {"which": (float(low / width), float(high / width))}))
        return boxes

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
            and values["dtype"] in _TYPES
        )
        if not sound:
            raise StoreError(
                "the tables of a number column contradict each other.",
                "Sorted values, as many counts, and cuts that cover them.",
                "The model folder is damaged: restore it, or learn the model again.",
            )
        spelling = None if values["spelling"] is None else Spelling(**values["spelling"])
        return cls(table, counts, first, bool(values["has_missing"]), values["dtype"], spelling)
