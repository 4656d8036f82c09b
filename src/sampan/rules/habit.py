"""Habit: a column that follows from others in some records by one law, in others by another or by none.

A bill is paid in full, at its least, or by a share of it; a balance is carried on, with interest or without.
Which way a cell comes about is learned as a column that is not shown (`Way`), and so is what is left of the
laws: as a ratio to what it hangs on, where that says less of all other columns than the cell itself. The cell
is then reckoned from the exact values of the others, so that what is equal is equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from sampan.checked import Maybe, Plain, Record, Text, Truth, Whole
from sampan.column import Column, floats, from_numpy
from sampan.field import Codec
from sampan.fields.number import Number, NumberCodec
from sampan.rules.notation import of_values, text_of
from sampan.rules.quantities import Cells
from sampan.rules.rest import ratio_of, simplest
from sampan.rules.rule import Rule
from sampan.rules.solved import solved
from sampan.rules.way import WayCodec, law_of, mark
from sampan.where.formula import Relation
from sampan.where.quantity import Quantity, number, step_of
from sampan.where.reckoning import compare, holds, reckoned
from sampan.where.shown import show
from sampan.where.term import Apply, Of, Term, columns_of

FEWEST = 50
"""Cells with a value of their own from which their ratio is learned."""

SURE = 0.999
"""Of all rows, the share in which a law must hold just where something is nothing."""

GOLDEN = (5**0.5 - 1) / 2
"""Of 1, the step that fills it evenly, however many are taken."""

Table = Mapping[str, Quantity]

_STATE = Record(
    {
        "name": Text(100_000),
        "column": Text(100_000),
        "digits": Maybe(Whole(0, 20)),
        "step": Whole(1),
        "idle": Truth(),
        "base": Maybe(Text(100_000)),
        "unit": Maybe(Text(100_000)),
        "codec": Plain(),
    }
)


@dataclass(frozen=True, eq=False)
class Habit:
    """How a column comes about.

    name: of the column that says which way. laws: what it equals in some records, in the order in which they
    count. base, unit: what is left is `base + ratio * unit`; base None: none; unit None: the ratio is a
    difference. digits, step: what is reckoned is rounded to so many digits, to a multiple of so many of the
    last one. idle: whether the column equals the base just where the unit is nothing: that is then no law, as
    any ratio gives it. said: the laws as people read them.
    """

    name: str
    column: str
    laws: tuple[Term, ...]
    base: Term | None
    unit: Term | None
    digits: int | None
    step: int
    idle: bool
    codec: WayCodec
    said: str

    @cached_property
    def rest(self) -> Term | None:
        """What a cell is that no law says, out of its ratio; None where there is none."""
        if self.codec.ratio is None:
            return None
        more: Term = Of(self.name)
        if self.unit is not None:
            more = Apply("*", (self.unit, more))
        return more if self.base is None else Apply("+", (self.base, more))

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The columns that the laws are about, but for the column itself."""
        terms = [*self.laws, *(term for term in (self.base, self.unit) if term is not None)]
        return tuple(dict.fromkeys(name for term in terms for name in columns_of(term)))

    @property
    def columns(self) -> tuple[str, ...]:
        """All that it speaks of."""
        return (self.column, self.name, *self.sources)

    # --- from cells to ways
    def ways(self, table: Table) -> Column:
        """The way of each cell, missing where the cell is."""
        cell = table[self.column]
        out = np.full(cell.gone.shape, mark(-1))
        if self.rest is not None:
            ratio = ratio_of(cell, self.base, self.unit, table)
            out = np.where(np.isfinite(ratio), ratio, out)
            if self.idle:
                out = np.where(_nothing(self.unit, table), self._any(len(out)), out)
        for place, says in reversed([*enumerate(which(self.column, self.laws, table))]):
            out = np.where(says, mark(place), out)
        return from_numpy(out, cell.gone)

    def _any(self, rows: int) -> np.ndarray:
        """Ratios as they are spread, for rows of which none says anything: float64 (rows,)."""
        ratio = self.codec.ratio
        assert ratio is not None
        reach = np.cumsum(ratio.counts, dtype=np.float64)
        level = (0.5 + np.arange(rows) * GOLDEN) % 1 * reach[-1]
        return ratio.values[np.searchsorted(reach, level, side="right").clip(0, reach.size - 1)].astype(float)

    # --- and back
    def made(self, table: Table) -> tuple[Quantity, np.ndarray]:
        """The cells that ways and other columns make, and which they make at all: bool (rows,)."""
        drawn, way = table[self.column], table[self.name]
        law, says = law_of(way.values), np.zeros(way.gone.shape, dtype=bool)
        values = drawn.numbers if drawn.kind == "number" else drawn.values.copy()
        for place, term in enumerate(self.laws):
            rows = law == place
            if rows.any():
                values, says = _over(values, says, rows, reckoned(term, table), drawn.kind)
        if self.rest is not None:
            rows = (law == -2) & ~way.gone
            found = self._rounded(reckoned(self.rest, table))
            values, says = _over(values, says, rows, found, drawn.kind)
        return _quantity(drawn, values), says

    def _rounded(self, found: Quantity) -> Quantity:
        if self.digits is None:
            return found
        ticks = np.round(np.nan_to_num(found.numbers) * 10.0**self.digits / self.step) * self.step
        return number(np.round(ticks / 10.0**self.digits, self.digits), found.gone)

    def turned(self, column: str, table: Table) -> tuple[Quantity, np.ndarray]:
        """What one of the other columns is, where the column itself is given, and where that is told."""
        drawn, way, given = table[column], table[self.name], table[self.column]
        law, says = law_of(way.values), np.zeros(way.gone.shape, dtype=bool)
        values = drawn.numbers if drawn.kind == "number" else drawn.values.copy()
        for place, term in enumerate(self.laws):
            rows = (law == place) & ~given.gone
            if not rows.any():
                continue
            rows &= ~_agrees(given, reckoned(term, table))  # else it is as it was drawn
            for branch in _branches(term):
                way_back = solved(Relation(Of(self.column), "==", branch), column)
                if way_back is None or not rows.any():
                    continue
                found = _as_written(reckoned(way_back[0], table), drawn)
                right = _agrees(given, reckoned(term, {**table, column: found}))
                values, told = _over(values, says, rows & right, found, drawn.kind)
                rows &= ~(told & ~says)
                says = told
        if self.base is not None:
            rows = (law == -2) & ~way.gone & ~given.gone
            found = _as_written(number(*self._line(column, table)), drawn)
            values, says = _over(values, says, rows, found, drawn.kind)
        return _quantity(drawn, values), says

    def _line(self, column: str, table: Table) -> tuple[np.ndarray, np.ndarray]:
        """What a column of the base must be, with which the cell rises evenly; and where that is untold."""
        assert self.rest is not None
        rows = table[column].gone.shape
        at = [
            reckoned(self.rest, {**table, column: number(np.full(rows, step), table[column].gone)}).numbers
            for step in (0.0, 1.0)
        ]
        with np.errstate(all="ignore"):
            found = (table[self.column].numbers - at[0]) / (at[1] - at[0])
        gone = ~np.isfinite(found)
        return np.where(gone, 0.0, found), gone

    def fits(self, table: Table) -> np.ndarray:
        """Which cells come about as learned ones do, by a law or by a ratio in the range of theirs: bool."""
        cell, ratio = table[self.column], self.codec.ratio
        if ratio is None or self.codec.own:
            return np.ones(cell.gone.shape, dtype=bool)
        says = np.logical_or.reduce([cell.gone, *which(self.column, self.laws, table)])
        own = ratio_of(cell, self.base, self.unit, table)
        if self.unit is not None:
            own = np.where(_nothing(self.unit, table) & self.idle, float(ratio.values[0]), own)
        gone = np.logical_or.reduce([table[name].gone for name in self.sources])
        near = np.clip(np.nan_to_num(own), float(ratio.values[0]), float(ratio.values[-1]))
        reach = (
            0.51 * self.step * 10.0**-self.digits if self.digits is not None else 1e-9 * np.abs(cell.numbers)
        )
        size = np.abs(reckoned(self.unit, table).numbers) if self.unit is not None else 1.0
        with np.errstate(invalid="ignore"):
            return says | gone | (np.abs(own - near) * size <= reach)

    def turns(self, column: str) -> bool:
        """Whether it can say what one of the other columns is."""
        if self.base is not None and column in columns_of(self.base):
            return True
        terms = [branch for term in self.laws for branch in _branches(term)]
        return any(solved(Relation(Of(self.column), "==", term), column) is not None for term in terms)

    # --- learned, and on disk
    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """(JSON values, arrays) from which `from_state` makes an equal one, but for its laws."""
        values, arrays = self.codec.state()
        own = {
            "name": self.name,
            "column": self.column,
            "digits": self.digits,
            "step": self.step,
            "idle": self.idle,
        }
        for word, term in (("base", self.base), ("unit", self.unit)):
            own[word] = None if term is None else show(Relation(Of(self.column), "==", term))
        return {**own, "codec": values}, arrays

    @classmethod
    def from_state(
        cls, values: dict[str, Any], arrays: dict[str, np.ndarray], laws: Mapping[str, Sequence[Relation]]
    ) -> Habit:
        """The habit that `state` described, of a column that follows such laws. Raises ValueError, KeyError
        or what its codec raises where damaged."""
        _STATE.check(values, "a habit")
        column, codec = values["column"], WayCodec.from_state(values["codec"], arrays)
        claims = laws[column]
        base, unit = (None if values[word] is None else _term(values[word]) for word in ("base", "unit"))
        said = " or ".join(text_of(Rule(claim)) for claim in claims)
        idle = bool(values["idle"])
        terms = tuple(claim.right for claim in claims if not (idle and claim.right == base))
        if codec.laws != len(terms) or (idle and codec.ratio is None):
            raise ValueError("a habit knows other laws than the rules say")
        return cls(
            values["name"], column, terms, base, unit, values["digits"], values["step"], idle, codec, said
        )


@dataclass(frozen=True, eq=False)
class Forward:
    """A habit as what makes its column."""

    habit: Habit

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that are needed."""
        return (self.habit.name, *self.habit.sources)

    def __call__(self, table: Table) -> tuple[Quantity, np.ndarray]:
        """The cells, and which are made."""
        return self.habit.made(table)


@dataclass(frozen=True, eq=False)
class Turned:
    """A habit as what says one of the other columns, where its own is given."""

    habit: Habit
    column: str

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that are needed."""
        return tuple(name for name in self.habit.columns if name != self.column)

    def __call__(self, table: Table) -> tuple[Quantity, np.ndarray]:
        """The cells, and which are told."""
        return self.habit.turned(self.column, table)


@dataclass(frozen=True, eq=False)
class Told:
    """A habit as what says the way, where all else is there."""

    habit: Habit

    @property
    def by(self) -> tuple[str, ...]:
        """The columns that are needed."""
        return (self.habit.column, *self.habit.sources)

    def __call__(self, table: Table) -> tuple[Quantity, np.ndarray]:
        """The ways, and which are told."""
        ways = self.habit.ways(table)
        cells = floats(ways)
        gone = np.isnan(cells)
        return Quantity("number", np.where(gone, 0.0, cells), gone), ~gone


def _term(text: str) -> Term:
    """The right side of an equation."""
    claim = of_values({"claim": text, "share": 1.0, "rows": 0}).claim
    if not isinstance(claim, Relation):
        raise ValueError("a habit holds what is no equation")
    return claim.right


def which(column: str, laws: Sequence[Term], table: Table) -> list[np.ndarray]:
    """In which rows each law holds: bool (rows,) each."""
    out = []
    for term in laws:
        true, known = holds(Relation(Of(column), "==", term), table)
        out.append(true & known)
    return out


def _agrees(given: Quantity, found: Quantity) -> np.ndarray:
    return compare(given, "==", found) & ~(given.gone | found.gone)


def _branches(term: Term) -> list[Term]:
    """A term with one part in the place of each smaller or larger of several."""
    if not isinstance(term, Apply):
        return [term]
    if term.op in ("min", "max"):
        return [branch for part in term.parts for branch in _branches(part)]
    out = [term]
    for place, part in enumerate(term.parts):
        out = [
            Apply(one.op, (*one.parts[:place], branch, *one.parts[place + 1 :]))
            for one in out
            if isinstance(one, Apply)
            for branch in _branches(part)
        ]
    return list(out)


def _as_written(found: Quantity, drawn: Quantity) -> Quantity:
    """What was reckoned, in the digits of the column that it is for."""
    if found.kind != "number" or drawn.kind != "number" or not drawn.exact:
        return found
    return number(np.round(np.nan_to_num(found.numbers), drawn.scale), found.gone)


def _over(
    values: np.ndarray, says: np.ndarray, rows: np.ndarray, found: Quantity, kind: str
) -> tuple[np.ndarray, np.ndarray]:
    """What was reckoned over some rows, where it is told."""
    own = np.broadcast_to(found.numbers if kind == "number" else found.values, values.shape)
    told = rows & ~np.broadcast_to(found.gone, values.shape)
    return np.where(told, own, values), says | told


def _quantity(drawn: Quantity, values: np.ndarray) -> Quantity:
    if drawn.kind != "number":
        return replace(drawn, values=values)
    return number(np.nan_to_num(values), drawn.gone)


def _nothing(unit: Term | None, table: Table) -> np.ndarray:
    """Where what a ratio is a share of is nothing: bool (rows,)."""
    return np.zeros(0, dtype=bool) if unit is None else np.abs(reckoned(unit, table).numbers) < 1e-9


def habit_of(
    column: str,
    laws: Sequence[Term],
    codecs: Mapping[str, Codec],
    columns: Mapping[str, Column],
    persons: np.ndarray | None,
    exact: bool,
    said: str,
    name: str,
) -> Habit:
    """What a table teaches of a column that follows some laws in some of its rows."""
    cells = Cells(codecs, columns)
    cell = cells[column]
    true = which(column, laws, cells)
    left = ~np.logical_or.reduce(true) & ~cell.gone
    base, unit, ratio = None, None, np.full(left.shape, np.nan)
    if cell.kind == "number" and left.sum() >= FEWEST:
        base, unit, ratio = simplest(column, laws, cells, left)
    fits = left & np.isfinite(ratio)
    number_codec: NumberCodec | None = None
    if fits.sum() >= FEWEST:
        rows = np.flatnonzero(fits)
        number_codec = Number(exact=exact).fit(
            from_numpy(ratio[rows]), None if persons is None else persons[rows]
        )
    else:
        base, unit, fits = None, None, np.zeros(left.shape, dtype=bool)
    idle = False
    if base is not None and unit is not None:
        equal = true[list(laws).index(base)]
        idle = bool((equal == _nothing(unit, cells))[~cell.gone].mean() >= SURE)
        laws = [term for term in laws if not (idle and term == base)]
    codec = WayCodec(number_codec, len(laws), bool((left & ~fits).any()), bool(cell.gone.any()))
    digits = cell.scale if cell.kind == "number" and cell.exact else None
    return Habit(name, column, tuple(laws), base, unit, digits, step_of(cell), idle, codec, said)
