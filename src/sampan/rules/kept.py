"""Kept: the rules of a table with what was learned of them: tables of what is fixed, gaps between columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sampan.checked import ListOf, Plain, Record, Table, Text, Whole
from sampan.column import Column
from sampan.field import Codec
from sampan.rules.gap import Gap, gap_of, name_beside
from sampan.rules.habit import Habit, habit_of
from sampan.rules.held import Held
from sampan.rules.lookup import Lookup
from sampan.rules.notation import columns_asked, of_values, text_of, values_of
from sampan.rules.plan import Claim
from sampan.rules.quantities import Cells
from sampan.rules.rule import Fixes, Rule
from sampan.rules.way import MOST_MARKS
from sampan.where.formula import Relation
from sampan.where.term import Of, columns_of

RULES = Record(
    {
        "rules": ListOf(Record({"claim": Text(100_000), "share": Plain(), "rows": Whole(0)}), most=10_000),
        "tables": ListOf(Table(Plain()), most=10_000),
        "gaps": ListOf(Table(Plain()), most=10_000),
    },
    {"habits": ListOf(Table(Plain()), most=10_000)},
)
"""What a model file says of rules."""


@dataclass(frozen=True, eq=False)
class Kept:
    """Rules, each with what was learned of it.

    tables: of the rules that some columns fix another. gaps: of the orders that are learned as a distance.
    habits: of the columns that follow a rule in some records.
    """

    rules: tuple[Rule, ...] = ()
    tables: tuple[Lookup, ...] = ()
    gaps: tuple[Gap, ...] = ()
    habits: tuple[Habit, ...] = ()

    @classmethod
    def learned(
        cls,
        rules: Sequence[Rule],
        columns: Mapping[str, Column],
        codecs: Mapping[str, Codec],
        persons: np.ndarray | None = None,
        exact: frozenset[str] = frozenset(),
    ) -> Kept:
        """What a table teaches of its rules.

        persons: whose row each is; each one's own unless said. exact: the columns in which a value that one
        person alone holds may be made again.
        """
        tables, linked = [], []
        for rule in rules:
            if not rule.always:
                continue
            match rule.claim:
                case Fixes() as claim:
                    names = columns_asked(rule)
                    if all(codecs[name].spaces for name in names):  # what is invented is nobody's
                        table = Lookup.learned(claim, Cells(codecs, columns), persons, exact >= {*names})
                        tables += [table] if table.of else []
                case Relation(_, "==", _) as relation:
                    linked.append(set(Claim.of(relation, "").columns))
        habits: list[Habit] = []
        taken = dict(codecs)
        for column, laws in _laws(rules).items():
            terms = [claim.right for claim in laws]
            names = {column, *(name for term in terms for name in columns_of(term))}
            if not all(codecs[name].spaces for name in names):
                continue
            said = " or ".join(text_of(Rule(claim)) for claim in laws)
            name = name_beside(f"way of {column}", taken)
            one = habit_of(column, terms, codecs, columns, persons, exact >= names, said, name)
            habits.append(one)
            taken[one.name] = one.codec
            linked += [{column, source} for source in one.sources]
        gaps: list[Gap] = []
        for low, high in _orders(rules):
            if any({low, high} <= names for names in linked):
                continue  # an equation says already how they lie
            gap = gap_of(low, high, taken, columns, persons, exact >= {low, high})
            if gap is not None:
                gaps.append(gap)
        return cls(tuple(rules), tuple(tables), tuple(gaps), tuple(habits))

    @property
    def codecs(self) -> dict[str, Codec]:
        """The columns that are learned and not shown."""
        return {one.name: one.codec for one in (*self.gaps, *self.habits)}

    def hidden(self, columns: Mapping[str, Column], codecs: Mapping[str, Codec]) -> dict[str, Column]:
        """The columns that are learned and not shown, where those are there that they follow from."""
        cells = Cells(codecs, columns)
        out = {gap.name: gap.column(cells) for gap in self.gaps if {gap.low, gap.high} <= columns.keys()}
        for habit in self.habits:
            if {habit.column, *habit.sources} <= columns.keys():
                out[habit.name] = habit.ways(cells)
        return out

    def held(self, codecs: Mapping[str, Codec]) -> Held:
        """The rules as they are kept when records are made."""
        claims = [Claim.of(table, text_of(Rule(table.claim))) for table in self.tables]
        claims += [gap.claim for gap in self.gaps]
        claims += [Claim.of(habit, habit.said) for habit in self.habits]
        for rule in self.rules:
            if rule.always and not isinstance(rule.claim, Fixes):
                claims.append(Claim.of(rule.claim, text_of(rule)))
        return Held.of(claims, {**codecs, **self.codecs})

    # --- on disk
    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """(JSON values, arrays) from which `from_state` makes an equal one."""
        arrays: dict[str, np.ndarray] = {}
        told: dict[str, list[Any]] = {"rules": [values_of(rule) for rule in self.rules]}
        for word, parts in (("tables", self.tables), ("gaps", self.gaps), ("habits", self.habits)):
            told[word] = []
            for number, part in enumerate(parts):
                values, own = part.state()
                told[word].append(values)
                arrays |= {f"{word}.{number}.{name}": array for name, array in own.items()}
        return told, arrays

    @classmethod
    def from_state(
        cls, values: dict[str, Any], arrays: dict[str, np.ndarray], codecs: Mapping[str, Codec]
    ) -> Kept:
        """What `state` described, of a table of such columns. Raises what its parts raise where damaged."""

        def own(word: str, number: int) -> dict[str, np.ndarray]:
            start = f"{word}.{number}."
            return {
                name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)
            }

        rules = [of_values(one) for one in values["rules"]]
        tables = [
            Lookup.from_state(one, own("tables", number)) for number, one in enumerate(values["tables"])
        ]
        gaps = [Gap.from_state(one, own("gaps", number)) for number, one in enumerate(values["gaps"])]
        laws = _laws(rules)
        habits = [
            Habit.from_state(one, own("habits", number), laws)
            for number, one in enumerate(values.get("habits", []))
        ]
        spoken = [name for rule in rules for name in columns_asked(rule)]
        spoken += [name for habit in habits for name in (habit.column, *habit.sources)]
        spoken += [*(name for table in tables for name in (*table.claim.causes, table.claim.of))]
        spoken += [name for gap in gaps for name in (gap.low, gap.high)]
        if not codecs.keys() >= {*spoken}:
            raise ValueError("a rule speaks of a column that is not there")
        return cls(tuple(rules), tuple(tables), tuple(gaps), tuple(habits))


def _laws(rules: Sequence[Rule]) -> dict[str, list[Relation]]:
    """The columns that equal something in some records, and what."""
    out: dict[str, list[Relation]] = {}
    for rule in rules:
        match rule.claim:
            case Relation(Of(column), "==", right) if not rule.always and column not in {*columns_of(right)}:
                out.setdefault(column, []).append(rule.claim)
    return {column: laws[:MOST_MARKS] for column, laws in out.items()}


def _orders(rules: Sequence[Rule]) -> list[tuple[str, str]]:
    """(lower, higher) of the orders between two columns, without those that follow from others."""
    found: dict[tuple[str, str], None] = {}
    for rule in rules:
        match rule.claim:
            case Relation(Of(left), "<" | "<=", Of(right)) if rule.always:
                found[left, right] = None
            case Relation(Of(left), ">" | ">=", Of(right)) if rule.always:
                found[right, left] = None
    return [pair for pair in found if not _leads(*pair, [other for other in found if other != pair])]


def _leads(low: str, high: str, pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether a way of pairs leads from one column to another."""
    reached, todo = {low}, [low]
    while todo:
        here = todo.pop()
        for first, second in pairs:
            if first == here and second not in reached:
                reached.add(second)
                todo.append(second)
    return high in reached
