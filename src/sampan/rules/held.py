"""Held: rules as they are kept: what is computed, what is checked, which rows no rule holds in yet.

Long because what is deduced before and what is computed after a draw walk the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

import numpy as np

from sampan.column import Column, join, missing, take
from sampan.errors import RequestError
from sampan.field import Codec, In, Missing
from sampan.rules.habit import Forward, Habit, Told, Turned
from sampan.rules.lookup import Lookup
from sampan.rules.plan import Claim, Plan, Step, When, components, planned
from sampan.rules.quantities import Cells, as_cells, merged, possible, put, written
from sampan.rules.rule import Fixes
from sampan.rules.symbols import slope
from sampan.rules.turned import RECORDS, combinations, narrowed, turned
from sampan.where.evaluation import evaluate
from sampan.where.formula import And, Atom, Formula, Not, Or, Relation
from sampan.where.quantity import quantity
from sampan.where.reckoning import holds, reckoned
from sampan.where.term import Of

Known = Mapping[str, np.ndarray]
"""Column -> which of its cells are given: bool (rows,). A column that is not named is not."""


@dataclass(frozen=True, eq=False)
class Group:
    """Claims that share columns with each other, and with no other claim.

    weight: about how many values each column takes.
    """

    claims: tuple[Claim, ...]
    codecs: Mapping[str, Codec]
    weight: Mapping[str, float]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that they speak of."""
        return tuple(dict.fromkeys(name for claim in self.claims for name in claim.columns))

    @cached_property
    def _plans(self) -> dict[frozenset[str], Plan]:
        return {}

    def plan(self, known: frozenset[str]) -> Plan:
        """What is computed where some columns are known."""
        if known not in self._plans:
            self._plans[known] = planned(self.claims, known, self.weight)
        return self._plans[known]

    def steps(self, known: frozenset[str]) -> tuple[Step, ...]:
        """What is computed where some columns are known, in order."""
        plan = self.plan(known & {*self.columns})
        return (*plan.deduced, *plan.computed)

    @cached_property
    def _usual(self) -> frozenset[str]:
        """The columns that are computed where nothing is known."""
        return frozenset(step.column for step in self.plan(frozenset()).computed)

    @property
    def bound(self) -> Iterator[Claim]:
        """The claims that drawn columns are to keep: orders of computed ones need no help and would bend what
        is drawn."""
        drawn = set(self.plan(frozenset()).drawn)
        for claim in self.claims:
            order = isinstance(claim.what, Relation) and claim.what.op != "=="
            if not order or drawn >= {*claim.columns}:
                yield claim

    @cached_property
    def pull(self) -> dict[str, int]:
        """The columns that keep an order the easier the lower (-1) or the higher (1) they lie."""
        found: dict[str, set[int]] = {}
        for claim in self.claims:
            match claim.what:
                case Relation(left, "<" | "<=" | ">" | ">=" as op, right):
                    sign = -1 if op in ("<", "<=") else 1
                    for name in claim.columns:
                        down, up = slope(left, name), slope(right, name)
                        if (down is None) is not (up is None):
                            found.setdefault(name, set()).add(sign * down if down else -sign * (up or 0))
        return {name: signs.pop() for name, signs in found.items() if len(signs) == 1}

    @cached_property
    def _words(self) -> dict[str, str]:
        """What the cells of each column are: numbers, moments, ..."""
        out = {}
        for name in self.columns:
            example = self.codecs[name].examples()
            if example is not None:
                out[name] = quantity(self.codecs[name].plain(example.slice(0, 1))).kind
        return out

    # --- before anything is drawn
    def deduced(
        self, columns: Mapping[str, Column], hidden: Known, strict: bool
    ) -> tuple[dict[str, Column], dict[str, np.ndarray]]:
        """What follows from given cells alone: columns, and which of their cells are not known after all.

        columns: of one row each, or of as many rows. hidden: which of their cells are not given. strict:
        whether given cells that contradict a claim are refused, by a RequestError with the claim and the row.
        """
        given = {name: columns[name] for name in self.columns if name in columns}
        rows = max((len(column) for column in given.values()), default=0)
        if not rows:
            return {}, {}
        given = {name: _spread(column, rows) for name, column in given.items()}
        nowhere = np.zeros(rows, dtype=bool)
        there = {name: _there(hidden.get(name), rows) if name in given else nowhere for name in self.columns}
        parts: dict[str, list[tuple[np.ndarray, Column]]] = {}
        for some, known in _kinds(there, rows):
            cells = Cells(self.codecs, {name: take(given[name], some) for name in known})
            for column, own, where in self._follow(cells, known, some, strict):
                parts.setdefault(column, []).append((some[where], take(own, np.flatnonzero(where))))
        out, lacks = {}, {}
        for name, own in parts.items():
            places = np.concatenate([some for some, _ in own])
            pieces = join([column for _, column in own])
            index = np.full(rows, -1)
            index[places] = np.arange(places.size)
            found, fresh = index >= 0, take(pieces, index)
            out[name] = merged(given[name], fresh, found) if name in given else fresh
            lacks[name] = ~(found | there[name])
        return out, {name: gone for name, gone in lacks.items() if gone.any()}

    def _follow(
        self, cells: Cells, known: frozenset[str], some: np.ndarray, strict: bool
    ) -> Iterator[tuple[str, Column, np.ndarray]]:
        """What follows in rows of which the same columns are given: a column, its cells, and which follow."""
        says_of = {name: np.ones(cells.rows, dtype=bool) for name in known}
        for step in self.plan(known).deduced if known else ():
            if not all(name in cells for name in step.by):
                continue
            column, right, says = self._made(step, cells)
            says &= np.logical_and.reduce([says_of[name] for name in step.by])
            impossible = says & ~right
            if impossible.any() and step.column not in self._usual:
                if strict:
                    self._refuse(step.claim, cells, impossible, some, step.column)
                says &= right
            if says.any():
                if step.column in cells:  # in other rows by another claim
                    cells.put(step.column, merged(cells.columns[step.column], column, says))
                else:
                    cells.put(step.column, column)
                says_of[step.column] = says | says_of.get(step.column, False)
                yield step.column, column, says
        for claim in self.claims if strict and known else ():
            if all(name in cells for name in claim.columns) and not isinstance(claim.what, Habit):
                wrong = np.logical_and.reduce([says_of[name] for name in claim.columns]) & ~self._holds(
                    claim, cells
                )
                if wrong.any():
                    self._refuse(claim, cells, wrong, some)
        whole = frozenset(name for name, says in says_of.items() if says.all())
        if strict and known and cells.rows <= RECORDS:
            self._reach(cells, whole, some)

    def _reach(self, cells: Cells, known: frozenset[str], some: np.ndarray) -> None:
        """Raises RequestError where no values of the columns that are drawn give what is given."""
        plan = narrowed(self.plan(known))
        tried = combinations(plan, self.codecs) if plan.open else None
        if tried is None:
            return
        count = len(next(iter(tried.values())))
        nothing = np.zeros(count, dtype=np.int64)
        for row in range(cells.rows):
            own = {name: take(cells.columns[name], nothing + row) for name in known} | tried
            for name in self.columns:
                example = self.codecs[name].examples()
                if name not in own and (example is None or not len(example)):
                    return
                if name not in own and example is not None:
                    own[name] = take(example, nothing)
            made, right = self._follow_on(plan, own)
            for claim in plan.open:
                right &= self._holds(claim, made)
            if not right.any():
                wrong = np.arange(cells.rows) == row
                self._refuse(plan.open[0], cells, wrong, some, " and ".join(tried))

    def _refuse(
        self, claim: Claim, cells: Cells, wrong: np.ndarray, some: np.ndarray, lacks: str = ""
    ) -> NoReturn:
        """Raises RequestError for given cells that a claim does not let be together."""
        place = int(np.argmax(wrong))
        names = [name for name in claim.columns if name in cells and name != lacks]
        told = ", ".join(f"{name} = {cells.columns[name][place].as_py()}" for name in names)
        which = "" if len(some) == 1 else f" (in row {int(some[place]) + 1:,})"
        why = f"; no {lacks} that can be made fits them" if lacks else ""
        verb = "is" if len(names) == 1 else "are"
        raise RequestError(
            f"{told} {verb} given{which}, against the rule {claim.said!r}{why}.",
            "Values that may stand in one record are expected.",
            "Leave one of them out: it is made up to fit. Or learn without the rule.",
        )

    # --- after everything is drawn
    def complete(
        self, made: Mapping[str, Column], known: Known, loose: bool = False
    ) -> tuple[dict[str, Column], np.ndarray]:
        """The columns with what follows from others computed, and the rows in which some claim fails: bool.

        made: every column of the group, as it was drawn or given. known: the cells that were given. loose:
        whether habits may fail, and a cell stays as it was drawn where what one makes of it cannot be.
        """
        rows = len(made[self.columns[0]])
        nowhere = np.zeros(rows, dtype=bool)
        parts = []
        for some, names in _kinds({name: known.get(name, nowhere) for name in self.columns}, rows):
            if len(some) == rows:
                return self._complete(made, names, loose)
            parts.append(
                (some, *self._complete({name: take(made[name], some) for name in self.columns}, names, loose))
            )
        out, wrong = {name: made[name] for name in self.columns}, np.zeros(rows, dtype=bool)
        for some, own, bad in parts:
            out = {name: put(out[name], some, own[name], np.arange(some.size)) for name in out}
            wrong[some] = bad
        return out, wrong

    def _complete(
        self, made: Mapping[str, Column], known: frozenset[str], loose: bool = False
    ) -> tuple[dict[str, Column], np.ndarray]:
        cells, right = self._follow_on(self.plan(known), made, loose)
        for claim in self.claims:
            if not (loose and isinstance(claim.what, Habit)):
                right &= self._holds(claim, cells)
        return cells.columns, ~right

    @cached_property
    def has_habits(self) -> bool:
        """Whether a column follows another in some records."""
        return any(isinstance(claim.what, Habit) for claim in self.claims)

    def _follow_on(
        self, plan: Plan, made: Mapping[str, Column], loose: bool = False
    ) -> tuple[Cells, np.ndarray]:
        """The columns with what a plan computes, and the rows in which that may be made: bool."""
        cells = Cells(self.codecs, {name: made[name] for name in self.columns})
        right, every = np.ones(cells.rows, dtype=bool), np.ones(cells.rows, dtype=bool)
        fixed: dict[str, np.ndarray] = {}  # by habits whose own columns are known
        for step in (*plan.deduced, *plan.computed):
            drawn = cells.columns[step.column]
            column, own, says = self._made(step, cells)
            says &= ~missing(drawn)
            if isinstance(step.how, Forward):
                says &= ~fixed.get(step.column, ~every)
            if isinstance(step.how, Turned):
                says &= fixed.get(step.how.habit.column, every)
                fixed[step.column] = says & own
            if loose and isinstance(step.how, Forward | Turned):
                says &= own
            cells.put(step.column, merged(drawn, column, says))
            right &= own | ~says
        return cells, right

    def contradicted(self, made: Mapping[str, Column], known: Known) -> np.ndarray:
        """The rows in which given cells alone break a claim: bool (rows,)."""
        rows = len(made[self.columns[0]])
        out = np.zeros(rows, dtype=bool)
        cells = Cells(self.codecs, {name: made[name] for name in self.columns})
        for claim in self.claims:
            if isinstance(claim.what, Habit):
                continue  # of some rows: other ways are no contradiction
            if all(name in known and known[name].any() for name in claim.columns):
                there = np.logical_and.reduce([known[name] for name in claim.columns])
                out |= there & ~self._holds(claim, cells) if there.any() else False
        return out

    def turned(self, made: Mapping[str, Column], known: Known) -> tuple[dict[str, Column], np.ndarray]:
        """Rows in which a claim fails, met by other values of a column where that can be: the columns, and
        where it cannot."""
        rows = len(made[self.columns[0]])
        out, wrong = {name: made[name] for name in self.columns}, np.ones(rows, dtype=bool)
        nowhere = np.zeros(rows, dtype=bool)
        for some, names in _kinds({name: known.get(name, nowhere) for name in self.columns}, rows):
            plan = self.plan(names)
            if not narrowed(plan).open:
                continue
            part = {name: take(out[name], some) for name in self.columns}
            found, bad = turned(
                plan, self.codecs, part, lambda tried, names=names: self._complete(tried, names)
            )
            out = {name: put(out[name], some, found[name], np.arange(some.size)) for name in out}
            wrong[some] = bad
        return out, wrong

    def _made(self, step: Step, cells: Cells) -> tuple[Column, np.ndarray, np.ndarray]:
        """The column that a step computes, which of its cells may be made, and which it says at all."""
        codec, rows = self.codecs[step.column], cells.rows
        if isinstance(step.how, Lookup):
            entries = step.how.find(cells)
            column, there = step.how.cells(entries), entries >= 0
            if not step.how.backwards:
                return column, np.ones(rows, dtype=bool), there
            return column, there, np.logical_and.reduce([~missing(cells.columns[name]) for name in step.by])
        if isinstance(step.how, Forward | Told | Turned):
            return self._come_about(step, step.how, cells)
        term = step.how.term if isinstance(step.how, When) else step.how
        found = as_cells(reckoned(term, cells), self._words.get(step.column, "number"), rows)
        column = written(codec, found)
        if column is None:
            raise RequestError(
                f"the rule {step.claim.said!r} computes {step.column!r}, whose cells are no numbers.",
                f"A column of numbers or dates is expected ({codec.describe()}).",
                "Leave the rule out, or give the column another type.",
            )
        says = ~found.gone
        if isinstance(step.how, When):
            true, known = truth(step.how.condition, cells, self.codecs)
            says &= true & known
        return column, possible(codec, found, step.column not in self._usual), says

    def _come_about(
        self, step: Step, how: Forward | Told | Turned, cells: Cells
    ) -> tuple[Column, np.ndarray, np.ndarray]:
        """`_made` of a habit."""
        codec = self.codecs[step.column]
        found, says = how(cells)
        column = written(codec, found)
        if column is None:  # a label, which no law makes
            return cells.columns[step.column], says, np.zeros(cells.rows, dtype=bool)
        right = possible(codec, found, step.column not in self._usual)
        return column, right, says

    def _holds(self, claim: Claim, cells: Cells) -> np.ndarray:
        """In which rows a claim holds, or says nothing: bool (rows,)."""
        match claim.what:
            case Habit() as habit:
                return habit.fits(cells)
            case Lookup() as table:
                return table.agrees(table.find(cells), cells.columns[table.claim.of])
            case formula:
                true, says = truth(formula, cells, self.codecs)
                return true | ~says


def _there(hidden: np.ndarray | None, rows: int) -> np.ndarray:
    return np.ones(rows, dtype=bool) if hidden is None else ~hidden


def _kinds(there: Known, rows: int) -> Iterator[tuple[np.ndarray, frozenset[str]]]:
    """Rows of which the same columns are known, and which those are."""
    masks = np.stack(list(there.values()))
    if (masks == masks[:, :1]).all():
        kinds, kind = masks[:, :1], np.zeros(rows, dtype=np.int64)
    else:
        kinds, kind = np.unique(masks, axis=1, return_inverse=True)
    for place in range(kinds.shape[1]):
        names = [name for name, flag in zip(there, kinds[:, place].tolist(), strict=True) if flag]
        yield np.flatnonzero(kind.reshape(-1) == place), frozenset(names)


def _spread(column: Column, rows: int) -> Column:
    return column if len(column) == rows else take(column, np.zeros(rows, dtype=np.int64))


def truth(
    formula: Formula | Relation, cells: Cells, codecs: Mapping[str, Codec]
) -> tuple[np.ndarray, np.ndarray]:
    """Where a formula holds, and where it says something at all: bool (rows,) each.

    A condition on a missing cell says nothing, but for `is missing`; an `or` says something where one part
    holds, or all of them say that they do not.
    """
    match formula:
        case Relation():
            true, says = holds(formula, cells)
            return np.broadcast_to(true, cells.rows), np.broadcast_to(says, cells.rows)
        case Atom(name, condition):
            column = cells.columns[name]
            own = codecs[name].holds(condition, column)
            true = evaluate(formula, {name: column}) if own is None else own
            says = np.ones(cells.rows, dtype=bool) if isinstance(condition, Missing) else ~missing(column)
            return true, says
        case Not(part):
            true, says = truth(part, cells, codecs)
            return says & ~true, says
        case And(parts) | Or(parts):
            found = [truth(part, cells, codecs) for part in parts]
            if isinstance(formula, Or):
                true = np.logical_or.reduce([own & says for own, says in found])
                return true, true | np.logical_and.reduce([says for _, says in found])
            false = np.logical_or.reduce([says & ~own for own, says in found])
            says = false | np.logical_and.reduce([says for _, says in found])
            return says & ~false, says


# --- all of them
@dataclass(frozen=True, eq=False)
class Held:
    """All rules that are kept of one table, in groups that share no column."""

    groups: tuple[Group, ...]

    @classmethod
    def of(cls, claims: Sequence[Claim], codecs: Mapping[str, Codec]) -> Held:
        """Some claims, beside the codecs of the columns that they speak of."""
        weight = {name: _values(codecs[name]) for claim in claims for name in claim.columns}
        return cls(tuple(Group(tuple(own), codecs, weight) for own in components(claims)))

    def deduced(
        self, columns: Mapping[str, Column], hidden: Known, strict: bool
    ) -> tuple[dict[str, Column], dict[str, np.ndarray]]:
        """`Group.deduced` of all of them."""
        out: dict[str, Column] = {}
        lacks: dict[str, np.ndarray] = {}
        for group in self.groups:
            found, gone = group.deduced(columns, hidden, strict)
            out |= found
            lacks |= gone
        return out, lacks

    @property
    def columns(self) -> set[str]:
        """The columns that rules speak of."""
        return {name for group in self.groups for name in group.columns}

    def computed(self, known: frozenset[str]) -> set[str]:
        """The columns whose cells follow from others where some are known."""
        return {step.column for group in self.groups for step in group.steps(known)} - known

    def on_parts(self, formula: Formula, known: frozenset[str]) -> Formula:
        """A formula whose conditions on a column that is copied, or looked up by one other, ask that other.

        known: the columns that are given.
        """
        steps = {step.column: step for group in self.groups for step in group.steps(known)}
        codecs = {name: codec for group in self.groups for name, codec in group.codecs.items()}

        def one(part: Formula) -> Formula:
            match part:
                case Atom(name, condition) if name in steps and name not in known:
                    step = steps[name]
                    match step.how:
                        case Of(other) if not isinstance(condition, Missing):
                            return one(Atom(other, condition))
                        case Lookup(claim=Fixes((str() as other,), _)) as table:
                            return _asked_of(part, table, other, codecs[name])
                    return part
                case Not(inner):
                    return Not(one(inner))
                case And(parts) | Or(parts):
                    return type(part)(tuple(one(inner) for inner in parts))
                case _:
                    return part

        return one(formula)


def _asked_of(atom: Atom, table: Lookup, by: str, codec: Codec) -> Formula:
    """A condition on what a table fixes as one on what fixes it; where the table is silent, as it was."""
    cells = table.cells(np.arange(len(table.of)))
    held = codec.holds(atom.condition, cells)
    held = evaluate(atom, {atom.column: cells}) if held is None else held
    values = np.array(table.fixing().to_pylist(), dtype=object)
    silent = And((Atom(by, In(tuple(values), negated=True)), atom))
    return Or((Atom(by, In(tuple(values[held]))), silent)) if held.any() else silent


def _values(codec: Codec) -> float:
    """About how many values a column takes."""
    examples = codec.examples()
    return 1e9 if examples is None else float(len(examples))
