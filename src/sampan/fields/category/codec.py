"""The codec of categories: values to symbols and back."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import arro3.compute as compute
import numpy as np

from sampan.arrow_type import named, of_text, pack, unpack
from sampan.checked import ListOf, Record, Text, Truth, Whole, array_of, only
from sampan.column import Column, from_strings
from sampan.errors import DataError, StoreError, nearest
from sampan.field import Box, Codec, Compare, Condition, In, Labels, Leaves, Missing, Rows, refuse_missing
from sampan.fields.category.values import YES, Values, codes_of, numbers_of, some_of
from sampan.fields.quantiles import Cuts, nearest_of
from sampan.space import Choice, Space

_STATE = Record(
    {"missing": Whole(0), "ordered": Truth(), "dtype": Text(100)},
    {"withheld": ListOf(Whole(0), least=2, most=2)},
)


@dataclass(frozen=True, eq=False)
class CategoryCodec(Codec):
    """The values of a category by symbol.

    values, counts: the distinct values as text and how often each was seen (M). first: where each symbol
    begins among them (symbols + 1,). missing: how many cells were; the symbol after the last, if any (or
    where nothing can be made). dtype: the word for the column's Arrow type. withheld: how many values one
    record alone held, and in how many rows.
    """

    kind: ClassVar[str] = "category"
    values: list[str]
    counts: np.ndarray
    first: np.ndarray
    missing: int
    ordered: bool
    dtype: str
    withheld: tuple[int, int] = (0, 0)

    @cached_property
    def _cuts(self) -> Cuts:
        return Cuts(self.counts, self.first)

    @property
    def _symbols(self) -> int:
        return self._cuts.symbols

    @property
    def spaces(self) -> Mapping[str, Space]:
        """One Choice; where it is ordered, "missing" is off the scale."""
        if not self.values:
            return {"": Choice(1)}
        off = (self._symbols,) if self.missing else ()
        size = self._symbols + len(off)
        return {"": Choice(size, ordered=True, off=off) if self.ordered else Choice(size)}

    @property
    def noise(self) -> tuple[str, ...]:
        """ "which": which value of a symbol that rare values share."""
        return ("which",) if self._cuts.shares else ()

    @cached_property
    def _known(self) -> Values:
        """The values, as conditions compare them."""
        return Values(self.values, self.dtype, self.ordered)

    @cached_property
    def _table(self) -> Column:
        """The values in the column's own type, and a null after the last."""
        return of_text(from_strings([*self.values, None]), self.dtype)

    def encode(self, column: Column) -> Leaves:
        """The symbol of each value. Raises DataError for a new one, unless some are withheld."""
        index, distinct = codes_of(column)
        if not self.missing and self.values:
            refuse_missing(index < 0)
        return {"": np.array([*map(self._symbol_of, distinct), self._symbols], dtype=np.int64)[index]}

    def _symbol_of(self, text: str) -> int:
        """The symbol of a value; of one that is withheld or new, that of a rare one."""
        place = self._find(text)
        return int(self._cuts.symbol_of(np.array(place))) if place >= 0 else self._stand_in(text)

    def _stand_in(self, text: str) -> int:
        """The symbol that a value without one is learned as: on a scale of numbers the nearest, else one of
        the rarest that together have as many rows as all withheld, always the same for one text."""
        if not self.values:
            return self._symbols
        scale, number = self._known.as_numbers, numbers_of([text])
        if self.ordered and scale is not None and number is not None:
            return int(np.argmin(np.abs(scale - number[0])))
        order = np.argsort(self._cuts.rows, kind="stable")
        before = np.cumsum(self._cuts.rows[order])
        rare = order[: int(np.searchsorted(before, self.withheld[1])) + 1]
        share = zlib.crc32(text.encode()) / 2**32 * before[min(rare.size, before.size) - 1]
        return int(rare[np.searchsorted(before[: rare.size], share, side="right")])

    def unknown(self, column: Column) -> np.ndarray:
        """The cells whose value was never seen, and missing ones where none ever was: bool (rows,).

        Where values are withheld no value is unknown: it may be one of them.
        """
        index, distinct = codes_of(column)
        strange = [
            not self.withheld[0] and text not in self._known.place and not self._known.equal(text).any()
            for text in distinct
        ]
        return np.array([*strange, not self.missing and bool(self.values)], dtype=bool)[index]

    def places(self, column: Column) -> np.ndarray:
        """The place of each cell's value among the distinct ones: int64 (rows,).

        -1 where missing, -2 where the value is withheld or new.
        """
        index, distinct = codes_of(column)
        return np.array([*map(self._find, distinct), -1], dtype=np.int64)[index]

    def expected(self, odds: np.ndarray) -> Column | None:
        """The value of the highest odds, those of a shared symbol by how often each was seen."""
        if not self.values:
            return None
        share = self._cuts.share(np.arange(len(self.values)))
        top = np.array([start + share[start:end].argmax() for start, end in itertools.pairwise(self.first)])
        best = (odds[:, : self._symbols] * share[top]).argmax(axis=1)
        return compute.take(self._table, Column.from_numpy(top[best]))

    def examples(self) -> Column:
        """Every value, once."""
        return self._table.slice(0, len(self.values))

    def of_numbers(self, values: np.ndarray) -> Column | None:
        """The values that are these numbers, the nearest where none is; None where they are no numbers."""
        scale = self._known.as_numbers
        return None if scale is None else compute.take(self._table, Column.from_numpy(_places(scale, values)))

    def makes(self, values: np.ndarray, drawn: bool) -> np.ndarray:
        """Those that are among the values."""
        scale = self._known.as_numbers
        return np.ones(len(values), dtype=bool) if scale is None else scale[_places(scale, values)] == values

    def meaning(self, column: Column) -> list[int]:
        """The places of the values that a column says, of whatever type it is and however it writes them."""
        return self.places(column).tolist()

    def forms(self, column: Column) -> list[str]:
        """Each value as a column writes it most often, as the codec does where the column lacks it: (M,)."""
        index, distinct = codes_of(column)
        often = np.bincount(index[index >= 0], minlength=len(distinct))
        out = list(self.values)
        for row in np.argsort(often, kind="stable").tolist():
            place = self._find(distinct[row])
            if place >= 0:
                out[place] = distinct[row]
        return out

    def _find(self, text: str) -> int:
        """The place of one value; -2 for one that is withheld. Raises DataError where there is none."""
        place = self._known.place.get(text)
        if place is not None:
            return place
        found = np.flatnonzero(self._known.equal(text))
        if found.size:
            return int(found[np.argmax(self.counts[found])])
        if self.withheld[0]:
            return -2
        raise DataError(
            f'"{text}" is not among the {len(self.values):,} values of the column.'
            + nearest(text, self.values[:2000]),
            f"Known values: {some_of(self.values)}.",
            "Use one of them, or learn again from data that hold it.",
        )

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """The value of each symbol; the noise leaf picks one where rare values share it."""
        symbol = leaves[""]
        gone = symbol >= self._symbols
        if not self.values:
            return compute.take(self._table, Column.from_numpy(np.zeros(len(symbol), dtype=np.int64)))
        place = self._cuts.place_of(np.where(gone, 0, symbol), leaves["which"] if self.noise else None)
        return compute.take(self._table, Column.from_numpy(np.where(gone, len(self.values), place)))

    def allow(self, condition: Condition) -> list[Box]:
        """One box of whole symbols, and one for each run of values inside a shared symbol that is cut."""
        missing = condition == Missing() if self.missing or not self.values else None
        return self._cuts.boxes(self._known.holds(condition), missing)

    def near(self, condition: Condition) -> str:
        """The value that is written most like the one that is asked for."""
        if not (isinstance(condition, Compare) and condition.op == "=="):
            return ""
        hint = nearest(str(condition.value), self.values[:2000])
        return hint.replace("Did you mean", "the nearest is").strip(" ?")

    def holds(self, condition: Condition, column: Column) -> np.ndarray:
        """Which cells satisfy a condition, rare values that share a symbol told apart: bool (rows,)."""
        index, distinct = codes_of(column)
        if isinstance(condition, Missing):
            return (index < 0) != condition.negated
        mine = self._known.holds(condition)
        places = [self._find(text) for text in distinct]
        held = [
            bool(mine[place]) if place >= 0 else self._holds_of(text, condition)
            for place, text in zip(places, distinct, strict=True)
        ]
        return np.array([*held, False])[index]

    def _holds_of(self, text: str, condition: Condition) -> bool:
        """Whether a value that has no place satisfies a condition; it has none on a scale either."""
        equality = isinstance(condition, In) or (
            isinstance(condition, Compare) and condition.op in ("==", "!=")
        )
        if self.ordered and not self._known.by_size and not equality:
            return False
        return bool(Values([text], self.dtype, self.ordered).holds(condition)[0])

    def log_share(self, column: Column) -> np.ndarray:
        """log of the value's share of the rows of its symbol; one withheld or new counts as one row."""
        if not self.noise and not self.withheld[0]:
            return np.zeros(len(column))
        place = self.places(column)
        symbol = np.where(place == -1, 0, self.encode(column)[""])
        if not self.values:
            return np.zeros(len(column))
        total = self._cuts.rows[symbol]
        share = np.where(place < 0, 1 / (total + 1), self.counts[place] / total)
        return np.where(place == -1, 0.0, np.log(share))

    def view(self, column: Column) -> Labels:
        """The values as they are, those of a scale too."""
        return Labels(column)

    def describe(self) -> str:
        """How many values, which if few, and how much is missing."""
        rows = int(self.counts.sum()) + self.missing + self.withheld[1]
        number = len(self.values)
        if not number:
            return f"{self.withheld[0]:,} values that one row alone holds; all made missing"
        if number == 1:
            line = f'one value, "{self.values[0]}"'
        elif self._known.truth is not None and number == 2:
            yes, no = sorted(self.values, key=lambda text: text.strip().lower() not in YES)
            line = f'yes/no ("{yes}" {self._percent(yes)}, "{no}" {self._percent(no)})'
        else:
            kind = "ordered categories" if self.ordered else "categories"
            listed = self.values if number <= 6 else self.values[:4]
            line = f"{number:,} {kind}: {', '.join(text[:24] for text in listed)}" + (
                ", ..." if number > 6 else ""
            )
        return line + (f"; {100 * self.missing / rows:.2g} % missing" if self.missing else "")

    @property
    def notes(self) -> tuple[str, ...]:
        """What becomes of the values that one record alone holds."""
        number = self.withheld[0]
        if not number:
            return ()
        values, are = ("value", "is") if number == 1 else ("values", "are")
        what = f"{number:,} {values} that one row alone holds {are}"
        became = "learned as other rare values" if self.values else "made missing"
        rows = "its row is" if self.withheld[1] == 1 else "their rows are"
        return (f"{what} not made; {rows} {became}. To make them too: --exact COLUMN",)

    def _percent(self, text: str) -> str:
        return f"{100 * self.counts[self._known.place[text]] / self.counts.sum():.3g} %"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Values, counts and cuts as arrays; the rest as JSON."""
        values = {name: getattr(self, name) for name in ("missing", "ordered", "dtype")}
        arrays = {"counts": self.counts, "first": self.first, **pack(self.values)}
        return values | {"withheld": list(self.withheld)}, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described; every table is checked before it is trusted."""
        _STATE.check(values, "its state")
        only(arrays, ("counts", "first", "bytes", "starts"))
        for name, kinds in (("bytes", "u"), ("starts", "i")):
            array_of(arrays, name, kinds)
        texts = unpack(arrays)
        counts, first = array_of(arrays, "counts"), array_of(arrays, "first", "i")
        withheld = tuple(int(number) for number in values.get("withheld", (0, 0)))
        sound = (
            len(texts) == counts.size
            and len(set(texts)) == len(texts)
            and len(withheld) == 2
            and withheld[1] >= withheld[0] >= (0 if texts else 1)
            and Cuts(counts, first).sound
        )
        if not sound:
            raise StoreError.of_model(
                "the tables of a category contradict each other.",
                "Distinct values, as many counts, and cuts that cover them.",
            )
        named(values["dtype"])
        missing, ordered = int(values["missing"]), bool(values["ordered"])
        return cls(texts, counts, first, missing, ordered, values["dtype"], (withheld[0], withheld[1]))


def _places(scale: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The place of the nearest of some numbers to each of others: int64, as many."""
    order = np.argsort(scale, kind="stable")
    return order[nearest_of(scale[order], np.asarray(values, dtype=np.float64))]
