"""Gap: how far the higher of two columns lies above the lower, as a column of its own that is learned.

Where one column is never below another, and the distance takes few values (nights of a stay, the spread of
two prices), the lower one and the gap are drawn and the higher one is their sum: the order holds in every
record, and so does how far apart the two lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampan.column import Column, codes, floats, from_numpy
from sampan.field import Codec
from sampan.fields.number import Number, NumberCodec
from sampan.rules.plan import Claim
from sampan.rules.quantities import Cells
from sampan.where.formula import Relation
from sampan.where.quantity import DAY, Quantity
from sampan.where.term import Apply, Duration, Of, Term

SHARE = 0.5
"""Of the distinct values of each column, the most that the distinct gaps may be."""

NARROW = 0.25
"""Of how far each column is spread, the most that gaps may be: columns so near move together, and what a
symbol holds is too wide to say how."""


@dataclass(frozen=True, eq=False)
class Gap:
    """The distance between two columns.

    name: of the column that it is. unit: seconds that one of it stands for, 0 where both are numbers.
    """

    name: str
    low: str
    high: str
    unit: float
    codec: NumberCodec

    @property
    def claim(self) -> Claim:
        """That the higher column is the lower one and the gap."""
        more: Term = Of(self.name)
        if self.unit:
            more = Apply("*", (more, Duration(self.unit)))
        relation = Relation(Of(self.high), "==", Apply("+", (Of(self.low), more)))
        return Claim.of(relation, f"{self.low} <= {self.high}")

    def column(self, cells: Mapping[str, Quantity]) -> Column:
        """The gap in each row, missing where one of the two is."""
        return _column(cells[self.low], cells[self.high], self.unit)

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """(JSON values, arrays) from which `from_state` makes an equal one."""
        values, arrays = self.codec.state()
        own = {"name": self.name, "low": self.low, "high": self.high, "unit": self.unit}
        return {**own, "codec": values}, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Gap:
        """The gap that `state` described."""
        codec = NumberCodec.from_state(values["codec"], arrays)
        return cls(values["name"], values["low"], values["high"], values["unit"], codec)


def _column(low: Quantity, high: Quantity, unit: float) -> Column:
    gone = low.gone | high.gone
    if unit:
        return from_numpy((high.values - low.values) / (unit * 1e6), gone)
    scale = max(low.scale, high.scale)
    low, high = low.of_scale(scale), high.of_scale(scale)
    if low.exact and high.exact:
        return from_numpy((high.values - low.values) / 10.0**scale, gone)
    return from_numpy(high.loose().values - low.loose().values, gone)


def gap_of(
    low: str,
    high: str,
    codecs: Mapping[str, Codec],
    columns: Mapping[str, Column],
    persons: np.ndarray | None,
    exact: bool,
) -> Gap | None:
    """The gap between two columns of a table; None where it takes too many values to say much."""
    cells = Cells(codecs, {name: columns[name] for name in (low, high)})
    kinds = {cells[low].kind, cells[high].kind}
    if len(kinds) != 1 or not kinds <= {"number", "moment", "duration"}:
        return None
    unit = 0.0
    if kinds != {"number"}:
        apart = (cells[high].values - cells[low].values)[~(cells[low].gone | cells[high].gone)]
        unit = next((size / 1e6 for size in (DAY, 60_000_000, 1_000_000) if not (apart % size).any()), 1e-6)
    column = _column(cells[low], cells[high], unit)
    distinct = len(codes(column)[1])
    near = _spread(column) <= NARROW * min(
        _spread(from_numpy(cells[name].numbers)) for name in (low, high)
    ) / (unit or 1.0)
    taken = min(np.unique(cells[name].values).size for name in (low, high))
    if not distinct or (distinct > SHARE * taken and not near):
        return None
    name = name_beside(f"{high} - {low}", codecs)
    return Gap(name, low, high, unit, Number(exact=exact).fit(column, persons))


def _spread(column: Column) -> float:
    """How far the middle half of some numbers is spread."""
    low, high = np.nanquantile(floats(column), [0.25, 0.75])
    return float(high - low)


def name_beside(wanted: str, taken: Sequence[str] | Mapping[str, Codec]) -> str:
    """A name that no column has."""
    while wanted in taken:
        wanted += "'"
    return wanted
