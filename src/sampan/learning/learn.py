"""Learning with everything decided: a table, its schema, a family and a budget in, a Generator out."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch

from sampan.card import Card, energy_wh, versions
from sampan.column import Column
from sampan.data import Table, digest
from sampan.device import device_named
from sampan.errors import DataError
from sampan.family import Family, Model
from sampan.generator import Generator
from sampan.learning import tournament
from sampan.learning.budget import Budget
from sampan.learning.loop import Lesson
from sampan.learning.progress import OnStep
from sampan.learning.state import History
from sampan.randomness import Purpose, generator_of
from sampan.rules.notation import told
from sampan.rules.rule import Rule
from sampan.rules.wish import FIND, Wish
from sampan.schema import Layout, Schema

WIDE = 100
"""Leaves from which on a learning may end before it has seen how they hang together."""

ENOUGH = 300
"""Steps that it takes for that, about: the correlations of 600 numbers in 800 rows had a correlation with the
real ones of .66 after 21 steps, of .86 after 111."""

HELD = 4096
"""At most so many rows are held out to say when to stop."""


def learn(
    table: Table,
    schema: Schema,
    family: Family,
    *,
    budget: Budget,
    seed: int,
    on_step: OnStep = lambda progress: None,
    checkpoint: str | Path | None = None,
    on_look: Callable[[Layout, Model], None] | None = None,
    on_notes: Callable[[Sequence[str]], None] = lambda notes: None,
    on_column: Callable[[int, int], None] = lambda done, of: None,
    device: str | None = None,
    apart: Table | None = None,
    rules: Wish = FIND,
    on_rules: Callable[[Sequence[Rule]], None] = lambda rules: None,
) -> Generator:
    """`fit` with everything decided.

    - on_step, checkpoint: as `train` has them.
    - apart: rows of the same table that are not learned from; nobody in them is named by an invented value.
    - rules: what is said of rules between columns, which hold in every record that is made; the others are
      found. on_rules: called once with all of them, before the long work.
    - on_column: called with how many columns of how many are learned.
    - on_notes: called once before the long work, with all that reading, guessing and the columns have to say.
    - on_look: called now and then with the model as it would be if learning ended there.
    """
    place, layout = (
        device_named(device),
        _layout(table, schema, apart, on_column, rules.within(budget.seconds, seed)),
    )
    notes = list(dict.fromkeys([*table.notes, *_made(table), *schema.notices, *layout.notes]))
    on_rules(layout.kept.rules)
    on_notes(notes)
    values = layout.encode(layout.grouped(table.columns))
    told, later = held_out(len(table), seed, group_of(layout, table.columns))
    lesson = Lesson(
        layout.spaces,
        {name: tensor[told] for name, tensor in values.items()},
        {name: tensor[later] for name, tensor in values.items()},
        budget,
        seed,
        on_step,
        Path(checkpoint) if checkpoint else None,
        place,
    )
    done = _learned(family, lesson, None if on_look is None else lambda now: on_look(layout, now))
    notes += done.notes
    if budget.steps is None and done.history.ended == "budget":
        notes += _hasty(layout, done)
    if place.type != "cpu":
        notes.append(f"learned on {place}: the energy is that of the processor alone, without the card's.")
    rows = {"read": table.rows_seen, "learned": len(told), "held_out": len(later)}
    like = replace(
        table,
        columns={name: column.slice(0, 0) for name, column in table.columns.items()},
        index=None,
        provenance=None,
    )
    return Generator(layout, done.family, done.model, _card(table, layout, done, rows, seed, notes), like)


def _made(table: Table) -> list[str]:
    """A note of a table that a model made."""
    if table.provenance is None:
        return []
    return [f"these rows were made by a model, {table.provenance.model}: it is a parent here"]


def _card(
    table: Table, layout: Layout, done: _Learned, rows: dict[str, int], seed: int, notes: list[str]
) -> Card:
    """Where the model comes from."""
    return Card(
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        source=table.name,
        digest=digest(table.columns),
        rows=rows,
        columns={name: codec.describe() for name, codec in layout.codecs.items()},
        family=done.family.kind,
        settings=done.family.settings(),
        seed=seed,
        weights=sum(weight.numel() for weight in done.model.parameters()),
        seconds=round(done.seconds, 2),
        cpu_seconds=round(done.cpu_seconds, 2),
        energy_wh=energy_wh(done.cpu_seconds),
        history=asdict(done.history),
        versions=versions(),
        notes=notes,
        rules=[told(rule) for rule in layout.kept.rules],
        parents=[] if table.provenance is None else [table.provenance.model],
    )


def _layout(
    table: Table,
    schema: Schema,
    apart: Table | None,
    on_column: Callable[[int, int], None],
    rules: Wish,
) -> Layout:
    """What there is to learn. Raises DataError where that is nothing, or too little."""
    rows = len(table)
    if rows < 10:
        raise DataError(
            f"the table {table.name!r} has {rows} row{'s' * (rows != 1)}.",
            "At least 10 rows are expected to learn from; hundreds to learn anything well.",
            "Give a longer table.",
        )
    other = None if apart is None else apart.columns
    layout = schema.fit(table.columns, apart=other, on_column=on_column, rules=rules)
    if not layout.spaces:
        raise DataError(
            f"nothing in {table.name!r} can be learned: every column is constant, an identifier, personal "
            "or free text.",
            "At least one column that varies and is learned is expected.",
            "Give a column a type with --type COLUMN=category, or check that the right file was read.",
        )
    return layout


def _hasty(layout: Layout, done: _Learned) -> list[str]:
    """A note of so many columns that the time was too short for them."""
    if len(layout.spaces) < WIDE or done.history.steps >= ENOUGH:
        return []
    steps, minutes = done.history.steps, longer(done.seconds, done.history.steps)
    return [
        f"{len(layout.codecs):,} columns: the time was enough for {steps:,} steps of learning, where about "
        f"{ENOUGH} tell how so many columns hang together; each column by itself is better than that. For "
        f"longer: --minutes {minutes}"
    ]


def longer(seconds: float, steps: int) -> int:
    """Minutes in which about enough steps are done.

    >>> longer(120.0, 100)
    6
    """
    return math.ceil(seconds / max(1, steps) * ENOUGH / 60.0)


@dataclass(frozen=True, eq=False)
class _Learned:
    """What came of a learning, and what it took; the losers' seconds of a tournament were spent as well."""

    family: Family
    model: Model
    history: History
    seconds: float
    cpu_seconds: float
    notes: tuple[str, ...] = ()


def _learned(family: Family, lesson: Lesson, on_look: Callable[[Model], None] | None) -> _Learned:
    """A model of the family, or of that which wins the tournament."""
    if len(family.candidates()) == 1:
        model = lesson.begun_by(family)
        history = lesson.teach(model, on_look)
        return _Learned(family, model, history, history.seconds, history.cpu_seconds)
    outcome, lesson = tournament.hold(family.candidates(), lesson)
    if outcome.stopped is None:
        done = _learned(outcome.family, lesson, on_look)
    else:
        done = _Learned(outcome.family, *outcome.stopped, 0.0, 0.0)
    return replace(
        done,
        seconds=outcome.seconds + done.seconds,
        cpu_seconds=outcome.cpu_seconds + done.cpu_seconds,
        notes=(outcome.why,),
    )


def group_of(layout: Layout, columns: Mapping[str, Column]) -> np.ndarray | None:
    """Which group each row of a table is of; None where rows are of none."""
    return None if layout.groups is None else layout.groups.standing(columns, layout.codecs).group


def held_out(rows: int, seed: int, group: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """(rows that are learned from, rows that only say when to stop) of a fit: int64 indices.

    group: which group each row is of, so that whole groups are held out; None where rows are of none.

    >>> told, apart = held_out(100, seed=0)
    >>> len(told), len(apart), len({*told.tolist(), *apart.tolist()})
    (95, 5, 100)
    """
    rng, kept = generator_of(seed, Purpose.HELD_OUT), min(HELD, max(1, rows // 20))
    if group is None:
        order = torch.randperm(rows, generator=rng).numpy()
        return order[kept:], order[:kept]
    sizes = np.bincount(group)
    turn = torch.randperm(sizes.size, generator=rng).numpy()
    last = max(1, int(np.searchsorted(np.cumsum(sizes[turn]), kept, side="right")))
    apart = np.isin(group, turn[:last])
    return np.flatnonzero(~apart), np.flatnonzero(apart)
