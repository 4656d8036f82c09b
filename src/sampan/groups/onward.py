"""Onward: a column that goes forward from row to row of a group, as a time or a counter does.

What is learned of it is the step from one row to the next, as a column of its own, and where it starts. Made
rows of a group walk on from their first row, so that what goes forward in the data goes forward in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sampan.column import Column, from_numpy, with_nulls
from sampan.field import Codec
from sampan.fields.number import Number, NumberCodec
from sampan.groups.standing import Standing
from sampan.rules.quantities import written
from sampan.where.quantity import DAY, Quantity

FORWARD = 0.98
"""Share of the steps within groups that are not backward in a column that goes forward."""

LEAST = 20
"""Steps below which nothing is said to go forward."""

_DECIMALS = 6
"""Of numbers that are written in no certain number of decimals, those that are walked in."""


@dataclass(frozen=True, eq=False)
class Onward:
    """One such column.

    name: of the column that holds its steps. unit: microseconds that a step counts, or of numbers into how
    many parts one is divided. codec: of the steps; None where every step is `always`. start:
    what it is in the first row of every group; None where that varies.
    """

    column: str
    name: str
    unit: int
    codec: NumberCodec | None
    always: float = 0.0
    start: float | None = None

    @classmethod
    def found(
        cls,
        column: str,
        name: str,
        codec: Codec,
        cells: Quantity,
        standing: Standing,
        persons: np.ndarray,
    ) -> Onward | None:
        """What a column is as one that goes forward; None where it does not. name: of that of its steps."""
        if cells.kind not in ("number", "moment") or codec.span() is None:
            return None
        unit = 1 if cells.kind == "moment" else 10 ** (cells.scale if cells.exact else _DECIMALS)
        values, gone = _whole(cells, unit), cells.gone
        steps, none = _steps(values, gone, standing)
        taken = steps[~none]
        if taken.size < LEAST or (taken >= 0).mean() < FORWARD or not taken.any():
            return None
        if cells.kind == "moment":
            unit = next((size for size in (DAY, 60_000_000, 1_000_000) if not (taken % size).any()), 1)
        first, start = values[standing.firsts], None
        if not gone[standing.firsts].any() and (first == first[0]).all():
            start = float(first[0] / (1 if cells.kind == "moment" else unit))
        if (taken == taken[0]).all() and not gone.any():
            return cls(column, name, unit, None, float(taken[0] / unit), start)
        own = Number().fit(from_numpy(_lent(steps, none, gone, standing) / unit, gone), persons)
        return cls(column, name, unit, own, start=start)

    def steps(self, cells: Quantity, standing: Standing) -> Column:
        """The step to each row from the last of its group that holds anything; missing where the row's is.

        Of the first row it is the step to the next.
        """
        steps, none = _steps(_whole(cells, self.unit), cells.gone, standing)
        return from_numpy(_lent(steps, none, cells.gone, standing) / self.unit, cells.gone)

    def begun(self, codec: Codec, rows: int) -> Column | None:
        """The column in first rows, where it is the same in all of them."""
        if self.start is None:
            return None
        whole = self.start == int(self.start)
        return codec.of_numbers(np.full(rows, int(self.start) if whole else self.start))

    def walked(
        self,
        codec: Codec,
        first: Quantity,
        steps: np.ndarray,
        standing: Standing,
        luck: np.ndarray,
        drawn: Quantity | None = None,
    ) -> Column | None:
        """The column of rows whose groups start as said; None where its codec cannot write it.

        first: of each row, what the first of its group holds. steps: from the row before, NaN where this one
        is missing; anything in first rows. luck: of each group, in [0, 1). drawn: what was drawn for the
        cells themselves.

        A group that would walk out of what is made starts elsewhere, anywhere from where it stays inside; one
        that is longer than that holds what was drawn for its cells, in order. So nothing piles up at an end.
        """
        moments = first.kind == "moment"
        step = np.rint(np.nan_to_num(steps) * self.unit).astype(np.int64)
        step[standing.place == 1] = 0
        order, begin = standing.order, np.flatnonzero(~standing.follows)
        reach = np.cumsum(step[order])
        reach -= np.repeat(reach[begin], np.diff(np.append(begin, reach.size)))
        values = _whole(first, self.unit)
        values[order] += reach
        span = codec.span()
        if span is not None and len(span[0]):
            factor, grid = (1, self.unit) if moments else (self.unit, 1)
            low, high = round(float(span[0].min()) * factor), round(float(span[1].max()) * factor)
            bottom, top = (np.full(standing.sizes.size, sign * (1 << 62)) for sign in (1, -1))
            np.minimum.at(bottom, standing.group, values)
            np.maximum.at(top, standing.group, values)
            outside = (bottom < low) | (top > high)
            room = (high - low) - (top - bottom)
            ways = np.maximum(room // grid + 1, 1)
            moved = low + np.minimum((luck * ways).astype(np.int64), ways - 1) * grid - bottom
            values += np.where(outside & (room >= 0), moved, 0)[standing.group]
            longer = (outside & (room < 0))[standing.group]
            if longer.any():
                own = values
                if drawn is not None:
                    own = np.where(drawn.gone, _whole(first, self.unit), _whole(drawn, self.unit))
                values = np.where(longer, _in_order(np.clip(own, low, high), standing), values)
        gone = first.gone | (np.isnan(steps) & (standing.place > 1))
        scale = 0 if moments else round(np.log10(self.unit))
        found = Quantity(first.kind, values, gone, scale, zone=first.zone)
        column = written(codec, found)
        return None if column is None else with_nulls(column, gone) if gone.any() else column

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """(JSON values, arrays) from which `from_state` makes an equal one."""
        names = ("column", "name", "unit", "always", "start")
        values: dict[str, Any] = {name: getattr(self, name) for name in names} | {"codec": None}
        if self.codec is None:
            return values, {}
        values["codec"], arrays = self.codec.state()
        return values, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Onward:
        """The one that `state` described."""
        codec = None if values["codec"] is None else NumberCodec.from_state(values["codec"], arrays)
        unit, start = int(values["unit"]), values["start"]
        if unit < 1:
            raise ValueError("a step counts nothing")
        start = None if start is None else float(start)
        return cls(values["column"], values["name"], unit, codec, float(values["always"]), start)


def _whole(cells: Quantity, unit: int) -> np.ndarray:
    """The cells as whole numbers: microseconds of moments, so many units of a number; 0 where missing."""
    if cells.kind == "moment":
        return np.where(cells.gone, 0, cells.values)
    return np.rint(np.nan_to_num(cells.numbers) * unit).astype(np.int64)


def _lent(steps: np.ndarray, none: np.ndarray, gone: np.ndarray, standing: Standing) -> np.ndarray:
    """The steps, those of rows that have none before them being the next of the group; else a middle one."""
    order = standing.order
    own, lacks = steps[order], none[order]
    middle = np.sort(own[~lacks])[(own.size - int(lacks.sum())) // 2] if not lacks.all() else 0
    after = np.append(own[1:], middle)
    fits = np.append(standing.follows[1:] & ~lacks[1:], False)
    out = np.empty_like(steps)
    out[order] = np.where(lacks, np.where(fits, after, middle), own)
    return np.where(gone, 0, out)


def _in_order(values: np.ndarray, standing: Standing) -> np.ndarray:
    """The values of each group, the smallest in its first row."""
    order = standing.order
    out = np.empty_like(values)
    out[order] = values[order][np.lexsort((values[order], np.cumsum(~standing.follows)))]
    return out


def _steps(values: np.ndarray, gone: np.ndarray, standing: Standing) -> tuple[np.ndarray, np.ndarray]:
    """The step to each row from the last of its group that holds anything, and where there is none."""
    order = standing.order
    own, none, follows = values[order], gone[order], standing.follows
    place = np.arange(own.size)
    begin = np.maximum.accumulate(np.where(follows, 0, place))
    held = np.maximum.accumulate(np.where(none, -1, place))
    before = np.concatenate([[-1], held[:-1]]) if own.size else held
    lacks = none | (before < begin)
    steps = np.where(lacks, 0, own - own[np.maximum(before, 0)])
    out, out_none = np.empty_like(steps), np.empty(own.size, dtype=bool)
    out[order], out_none[order] = steps, lacks
    return out, out_none
