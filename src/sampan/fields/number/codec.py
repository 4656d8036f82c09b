"""What was learned about a column of numbers: symbols of sorted values, and how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType

from sampan import arrow_type
from sampan.checked import (
    ListOf,
    Maybe,
    Plain,
    Record,
    Text,
    Truth,
    Whole,
    array_of,
    fields_of,
    only,
)
from sampan.column import (
    Column,
    codes,
    floats,
    from_numpy,
    from_strings,
    integers,
    is_mark,
    is_text,
    missing,
    take,
    with_nulls,
)
from sampan.errors import DataError, StoreError, WhereError
from sampan.field import (
    Box,
    Codec,
    Compare,
    Condition,
    Leaves,
    Missing,
    Rows,
    Scale,
    literals_of,
    refuse_missing,
)
from sampan.fields.number.spelling import Spelling
from sampan.fields.quantiles import Cuts
from sampan.space import Choice, Space
from sampan.where.evaluation import compare, number_of
from sampan.where.quantity import decimals

EXACT = 2**53
"""Whole numbers below it are exact as float64."""


def cells_of(column: Column, spelling: Spelling | None) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of a column (float64, or whole where float64 is too short), and which cells have none."""
    if spelling is None and DataType.is_integer(column.type):
        whole, gone = integers(column), missing(column)
        if ((whole >= EXACT) | (whole <= -EXACT)).any():
            return whole, gone
    values = floats(column) if spelling is None else spelling.parse(column)
    return values, np.isnan(values)


_STATE = Record(
    {
        "distinct": Whole(0),
        "has_missing": Truth(),
        "dtype": Text(100),
        "spelling": Maybe(fields_of(Spelling, Whole(0, 400), ListOf(Plain(), most=100))),
    }
)


_ARRAYS = ("values", "counts", "first")


@dataclass(frozen=True, eq=False)
class NumberCodec(Codec):
    """The values of a number column in order, cut into ordered symbols.

    values, counts: the numbers that can be made and how many twelfths of a row each stands for (M,). first:
    where each symbol begins among them (symbols + 1,). distinct: how many numbers the column held. The
    symbol after the last means "missing", where the column had any.
    """

    kind: ClassVar[str] = "number"
    values: np.ndarray
    counts: np.ndarray
    first: np.ndarray
    distinct: int
    has_missing: bool
    dtype: str
    spelling: Spelling | None

    @cached_property
    def _cuts(self) -> Cuts:
        return Cuts(self.counts, self.first)

    @property
    def _symbols(self) -> int:
        return self._cuts.symbols

    @property
    def spaces(self) -> Mapping[str, Space]:
        """One ordered Choice; single values are its spikes, "missing" is off the scale."""
        size = self._symbols
        if not size:
            return {"": Choice(1)}
        off = (size,) if self.has_missing else ()
        return {"": Choice(size + len(off), ordered=True, off=off, spikes=self._cuts.spikes)}

    @property
    def noise(self) -> tuple[str, ...]:
        """ "which": which value inside a symbol that spans several."""
        return ("which",) if self._cuts.shares else ()

    def encode(self, column: Column) -> Leaves:
        """The symbol whose values lie nearest, or "missing"."""
        values, gone = self.cells(column)
        if not self._symbols:
            return {"": np.zeros(len(column), dtype=np.int64)}
        if not self.has_missing:
            refuse_missing(gone, "missing or no number")
        symbol = self._cuts.symbol_of(self._nearest(values))
        return {"": np.where(gone, self._symbols, symbol).astype(np.int64)}

    def literal(self, value: object) -> Column | None:
        """None; DataError for a text that is no number, though such a cell of a table is missing here."""
        spelling = self.spelling
        if (
            spelling is not None
            and spelling.lenient
            and isinstance(value, str)
            and spelling.read(value) is None
        ):
            replace(spelling, lenient=False).parse(from_strings([value]))
        return None

    def unknown(self, column: Column) -> np.ndarray:
        """The cells that are no number, and missing ones where none ever was: bool (rows,)."""
        strange = np.zeros(len(column), dtype=bool)
        if is_text(column) and not (self.spelling and self.spelling.lenient):
            spelling = self.spelling or Spelling.find(column) or Spelling()
            index, distinct = codes(column)
            strange = np.array([*(spelling.read(text) is None for text in distinct), False])[index]
            column = with_nulls(column, strange)
            if strange.all():
                return strange
        return strange | (self.cells(column)[1] & (not self.has_missing))

    def cells(self, column: Column) -> tuple[np.ndarray, np.ndarray]:
        """The numbers of a column, which may be of another type than the learned one, and where none is."""
        if self.spelling is not None or not is_text(column):
            return cells_of(column, self.spelling)
        spelling = Spelling.find(column)
        if spelling is not None:
            return cells_of(column, spelling)
        odd: list[str] = []
        for kind in (DataType.int64(), DataType.float64()):
            numbers = compute.cast(column, kind)
            lost = np.flatnonzero(missing(numbers) & ~missing(column))
            odd = [text for text in codes(take(column, lost))[1] if not is_mark(text)]
            if not odd:
                return cells_of(numbers, None)
        raise DataError(
            f"{odd[0]!r} is no number.",
            f"Numbers are expected{self._range}.",
            "Mend the cell.",
        )

    def _nearest(self, values: np.ndarray) -> np.ndarray:
        """The place of the nearest distinct value: int64 (rows,)."""
        table = self.values
        if table.dtype.kind == "f":
            values = values.astype(np.float64)
            right = np.searchsorted(table, values).clip(0, table.size - 1)
            left = np.maximum(right - 1, 0)
            with np.errstate(invalid="ignore"):
                nearer = np.abs(values - table[left]) < np.abs(table[right] - values)
            return np.where(nearer, left, right)
        low, high = (table[end].item() for end in (0, -1))
        below, above = values <= low, values >= high
        if values.dtype.kind == "f":
            values, below, above = np.rint(values), values <= float(low), values >= float(high)
        inner = ~(below | above | np.isnan(values))
        inside = np.full(values.shape, low, dtype=table.dtype)
        inside[inner] = values[inner].astype(table.dtype)
        right = np.where(above, table.size - 1, np.searchsorted(table, inside))
        left = np.maximum(right - 1, 0)
        # differences of neighbours may be as long as the whole range: in unsigned numbers they are right
        nearer = (inside - table[left]).view(np.uint64) < (table[right] - inside).view(np.uint64)
        return np.where(nearer & ~below & ~above, left, right)

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """A value of each symbol, drawn by the noise leaf in proportion to how often it was seen."""
        symbol = leaves[""]
        gone = symbol >= self._symbols
        if not self._symbols:
            return self._column(np.zeros(symbol.size, dtype=self.values.dtype), gone)
        place = self._cuts.place_of(np.where(gone, 0, symbol), leaves["which"] if self.noise else None)
        return self._column(self.values[place], gone)

    def expected(self, odds: np.ndarray) -> Column:
        """The number that can be made and lies nearest to the mean."""
        values = self.values.astype(np.float64)
        means = np.add.reduceat(values * self.counts, self.first[:-1]) / self._cuts.rows
        return self.nearest_to(odds[:, : self._symbols] @ means)

    def nearest_to(self, values: np.ndarray) -> Column:
        """The numbers that can be made and lie nearest to some others."""
        return self._column(self.values[self._nearest(values)], np.zeros(len(values), dtype=bool))

    def plain(self, column: Column) -> Column:
        """The numbers that texts spell."""
        return column if self.spelling is None else from_numpy(self.view(column).values)

    def of_numbers(self, values: np.ndarray) -> Column:
        """The numbers as the column writes them."""
        if self.values.dtype.kind in "iu" and values.dtype.kind == "f":
            values = np.rint(values)
        return self._column(values.astype(self.values.dtype), np.zeros(len(values), dtype=bool))

    def span(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The ends of each symbol."""
        if not self._symbols:
            return None
        return self.values[self.first[:-1]], self.values[self.first[1:] - 1]

    def makes(self, values: np.ndarray, drawn: bool) -> np.ndarray:
        """Those between the least and the greatest, on the steps that the numbers count in."""
        if not self._symbols:
            return np.zeros(len(values), dtype=bool)
        near = self.values[self._nearest(values.astype(np.float64))].astype(np.float64)
        noise = 1e-9 * np.maximum(1.0, np.abs(near))
        same = np.abs(values - near) <= noise
        if drawn and not self.noise:
            return same
        within = (values >= float(self.values[0]) - noise) & (values <= float(self.values[-1]) + noise)
        return same | (within & self._steps(values))

    def _steps(self, values: np.ndarray) -> np.ndarray:
        """Which numbers lie on the steps of those that are made; all, where these are continuous."""
        scale = self._decimals
        if scale is None:
            return np.ones(len(values), dtype=bool)
        ticks = values * 10.0**scale
        return np.abs(ticks - np.rint(ticks)) <= 1e-4

    @cached_property
    def _decimals(self) -> int | None:
        return decimals(self.values.astype(np.float64))

    def examples(self) -> Column:
        """Every number that can be made, once."""
        return self._column(self.values, np.zeros(self.values.size, dtype=bool))

    def meaning(self, column: Column) -> list[float]:
        """The numbers that a column says, of whatever type it is and however it writes them."""
        return self.cells(column)[0].tolist()

    @property
    def _range(self) -> str:
        """From where to where the numbers run that are made, for a message."""
        return f", from {self.values[0]:g} to {self.values[-1]:g}" if self._symbols else ""

    def _column(self, values: np.ndarray, gone: np.ndarray) -> Column:
        if self.spelling is not None:
            return self.spelling.write(np.where(gone, np.nan, values))
        column = Array.from_numpy(values)
        target = arrow_type.named(self.dtype)
        return with_nulls(column if target == column.type else compute.cast(column, target), gone)

    def _literal(self, value: Any) -> float:
        """A number out of a condition, which may be text from a command line; whole ones keep every digit."""
        try:
            number = number_of(value)
        except ValueError:
            number = float("nan")
            if self.spelling is not None and isinstance(value, str):
                read = self.spelling.read(value)
                number = number if read is None else read
        if number != number:
            raise WhereError(
                f"{value!r} is compared with a column of numbers.",
                f"A number is expected{self._range}.",
                "Write a number, such as: age > 65",
            )
        return number

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        """Which cells satisfy a condition, by their numbers and not their symbols: bool (rows,)."""
        values, gone = self.cells(column)
        if isinstance(condition, Missing):
            return gone != condition.negated
        return self._holds(condition, values) & ~gone

    def _holds(self, condition: Condition, values: np.ndarray) -> np.ndarray:
        """Which of some numbers satisfy a condition: bool, as many."""
        literals = [self._literal(literal) for literal in literals_of(condition)]
        return compare(condition, values, literals)

    def near(self, condition: Condition) -> str:
        """The numbers on both sides of the one that is asked for."""
        if not (isinstance(condition, Compare) and condition.op == "=="):
            return ""
        asked = self._literal(condition.value)
        place = int(np.searchsorted(self.values, asked))
        sides = self.values[max(0, place - 1) : place + 1].tolist()
        told = " and ".join(f"{int(side) if side == int(side) else side}" for side in sides)
        return f"the nearest to {condition.value} {'is' if len(sides) == 1 else 'are'} {told}"

    def allow(self, condition: Condition) -> list[Box]:
        """One box of whole symbols, and one for each run of values inside a symbol that is cut."""
        missing = condition == Missing() if self.has_missing else None
        return self._cuts.boxes(self._holds(condition, self.values), missing)

    def log_share(self, column: Column) -> np.ndarray:
        """log of the value's share of the rows of its symbol."""
        if not self.noise:
            return np.zeros(len(column))
        values, gone = self.cells(column)
        symbol = np.where(gone, 0, self.encode(column)[""])
        index = self._nearest(values)
        # a number that was never seen stands for the nearest one of its symbol
        index = np.clip(index, self.first[symbol], self.first[symbol + 1] - 1)
        return np.where(gone, 0.0, np.log(self._cuts.share(index)))

    def view(self, column: Column) -> Scale:
        """The numbers themselves."""
        if self.spelling is None:
            return Scale(floats(column))
        return Scale(replace(self.spelling, lenient=True).parse(column))

    def describe(self) -> str:
        """The number of values, whether whole, and the range."""
        if not self._symbols:
            return "numbers that one row alone holds; all made missing"
        whole = bool((self.values == np.round(self.values)).all())
        what = "whole numbers" if whole else "numbers"
        tail = "; some missing" if self.has_missing else ""
        return f"{self.distinct:,} {what}, {self.values[0]:g} to {self.values[-1]:g}{tail}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Whether nothing can be made."""
        if self._symbols:
            return ()
        return (
            "too few rows hold numbers here for any to be made: every cell is made missing. "
            "To make them as they are: --exact COLUMN",
        )

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Values, counts and cuts as arrays; the rest as JSON."""
        values = {name: getattr(self, name) for name in ("distinct", "has_missing", "dtype")}
        values["spelling"] = None if self.spelling is None else asdict(self.spelling)
        return values, {name: getattr(self, name) for name in _ARRAYS}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described; every table is checked before it is trusted."""
        _STATE.check(values, "its state")
        only(arrays, _ARRAYS)
        table = array_of(arrays, "values", "fiu")
        counts, first = array_of(arrays, "counts"), array_of(arrays, "first", "i")
        sound = (
            table.size == counts.size
            and (table.size > 0 or values["has_missing"])
            and (table[1:] > table[:-1]).all()
            and Cuts(counts, first).sound
        )
        if not sound:
            raise StoreError.of_model(
                "the tables of a number column contradict each other.",
                "Sorted values, as many counts, and cuts that cover them.",
            )
        arrow_type.named(values["dtype"])
        spelling = None if values["spelling"] is None else Spelling(**values["spelling"])
        distinct, has_missing = int(values["distinct"]), bool(values["has_missing"])
        return cls(table, counts, first, distinct, has_missing, values["dtype"], spelling)
