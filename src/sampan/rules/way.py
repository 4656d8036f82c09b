"""Way: how a cell of a column comes about, as a column of its own that is learned and not shown.

Its cells are numbers: a ratio, of cells that are reckoned with one; a mark for each law; a mark for cells
that are what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from sampan.checked import Plain, Record, Truth, Whole
from sampan.column import Column, floats, from_numpy, missing
from sampan.errors import WhereError
from sampan.field import Box, Codec, Condition, Leaves, Missing, Rows
from sampan.fields.number import NumberCodec
from sampan.space import Choice, Space

MARK = 300
"""Powers of two from this one on are marks: no ratio comes near them."""

MOST_MARKS = 20


def mark(number: int) -> float:
    """The cell that says a law; -1: a value of its own."""
    return 2.0 ** (MARK + 1 + number)


def law_of(cells: np.ndarray) -> np.ndarray:
    """Which law some cells say, -1 for a value of its own, -2 for a ratio or nothing: int64 (rows,)."""
    there = np.nan_to_num(cells) >= 2.0**MARK
    return np.where(there, np.log2(np.where(there, cells, 1.0)).round().astype(np.int64) - MARK - 1, -2)


def usual(drawn: Sequence[Column]) -> Column:
    """One way for each row out of several draws of it: the commonest law, or the middle ratio where ratios
    are commoner than any law; missing where the first draw is."""
    cells = np.stack([floats(one) for one in drawn])
    law = law_of(cells)
    there = ~np.isnan(cells)
    ratios = ((law == -2) & there).sum(axis=0)
    laws = np.stack([(law == number).sum(axis=0) for number in range(-1, MOST_MARKS)])
    inner = np.sort(np.where((law == -2) & there, cells, np.inf), axis=0)
    middle = inner[np.maximum(ratios - 1, 0) // 2, np.arange(cells.shape[1])]
    best = 2.0 ** (MARK + laws.argmax(axis=0))
    return from_numpy(np.where(ratios >= laws.max(axis=0), middle, best), ~there[0])


_STATE = Record(
    {"laws": Whole(0, MOST_MARKS), "own": Truth(), "has_missing": Truth(), "ratio": Plain()},
)


@dataclass(frozen=True, eq=False)
class WayCodec(Codec):
    """The symbols of a way: those of a ratio in their order, then one for each law, for own values, for none.

    ratio: how ratios are learned; None where there are none. laws: how many there are. own: whether some
    cells are neither. has_missing: whether some are missing.
    """

    kind: ClassVar[str] = "way"
    ratio: NumberCodec | None
    laws: int
    own: bool
    has_missing: bool

    @property
    def _scale(self) -> int:
        """Symbols of ratios."""
        return 0 if self.ratio is None else int(getattr(self.ratio.spaces[""], "size", 0))

    @property
    def spaces(self) -> Mapping[str, Space]:
        """One Choice, on whose scale the ratios lie and nothing else."""
        scale = self._scale
        size = scale + self.laws + self.own + self.has_missing
        if self.ratio is None:
            return {"": Choice(size)}
        spikes = getattr(self.ratio.spaces[""], "spikes", ())
        return {"": Choice(size, ordered=True, off=tuple(range(scale, size)), spikes=spikes)}

    @property
    def noise(self) -> tuple[str, ...]:
        """That of the ratio."""
        return () if self.ratio is None else tuple(self.ratio.noise)

    def encode(self, column: Column) -> Leaves:
        """The symbol of each cell; of one that was never seen, the likest."""
        cells, gone = floats(column), missing(column)
        law, scale = law_of(cells), self._scale
        out = np.full(len(column), scale, dtype=np.int64)  # the first law, where there is nothing better
        if self.ratio is not None:
            plain = np.where((law == -2) & ~gone, cells, float(self.ratio.values[0]))
            out = self.ratio.encode(from_numpy(plain))[""]
        out = np.where(law >= 0, scale + law, out)
        if self.own:
            out = np.where(law == -1, scale + self.laws, out)
        if self.has_missing:
            out = np.where(gone, scale + self.laws + self.own, out)
        return {"": out}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """A ratio, a mark or nothing for each symbol."""
        symbol, scale = leaves[""], self._scale
        place = symbol - scale
        out = np.zeros(rows.count)
        if self.ratio is not None:
            inner = {**leaves, "": np.where(place < 0, symbol, 0)}
            out = floats(self.ratio.decode(inner, rows))
        law = np.where(place < self.laws, place, -1)
        marks = 2.0 ** (MARK + 1 + law)
        return from_numpy(np.where(place < 0, out, marks), place >= self.laws + self.own)

    def allow(self, condition: Condition) -> list[Box]:
        """Missing or not: nobody asks about more of a column that is not shown."""
        if not isinstance(condition, Missing):
            raise WhereError("A column that is not shown is asked about.", "A column of the table.", "")
        size = self._scale + self.laws + self.own + self.has_missing
        mask = (np.arange(size) >= self._scale + self.laws + self.own) != condition.negated
        return [Box({"": mask}, {})] if mask.any() else []

    def examples(self) -> Column:
        """Every ratio and every mark."""
        ratios = np.zeros(0) if self.ratio is None else self.ratio.values.astype(np.float64)
        marks = [mark(number) for number in range(-self.own, self.laws)]
        return from_numpy(np.concatenate([ratios, marks]))

    def of_numbers(self, values: np.ndarray) -> Column:
        """The cells that some numbers are."""
        return from_numpy(values.astype(np.float64))

    def describe(self) -> str:
        """What there is."""
        return f"{self.laws} laws" + (f", or a ratio: {self.ratio.describe()}" if self.ratio else "")

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The ratio's state and a few plain values."""
        ratio, arrays = (None, {}) if self.ratio is None else self.ratio.state()
        return {
            "laws": self.laws,
            "own": self.own,
            "has_missing": self.has_missing,
            "ratio": ratio,
        }, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described."""
        _STATE.check(values, "its state")
        ratio = None if values["ratio"] is None else NumberCodec.from_state(values["ratio"], arrays)
        return cls(ratio, int(values["laws"]), bool(values["own"]), bool(values["has_missing"]))
