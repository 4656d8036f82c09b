"""Learning: a table in, a Generator out."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, SupportsIndex

import numpy as np
import torch

from sampan.card import Card, energy_wh, versions
from sampan.data import Table, digest, read
from sampan.device import device_named
from sampan.errors import DataError, Notice, RequestError, nearest
from sampan.families import FAMILIES
from sampan.family import Family, Model
from sampan.field import Field
from sampan.generator import Generator
from sampan.guess import exact_types, guess, personal_types
from sampan.learning import tournament
from sampan.learning.budget import Budget
from sampan.learning.loop import train
from sampan.learning.progress import Progress
from sampan.randomness import Purpose, generator_of
from sampan.schema import Layout, Schema
from sampan.whole_numbers import seed_of, whole_number

LARGE = 64
"""Pixels of a side above which pictures are learned as codes: docs/pictures.md has both in the same time."""

HELD = 4096
"""At most so many rows are held out to say when to stop."""


def fit(
    data: Any,
    *,
    minutes: float | None = None,
    steps: SupportsIndex | None = None,
    seed: SupportsIndex = 0,
    family: str | Family | None = None,
    types: Mapping[str, str | Field] | None = None,
    keep: Collection[str] = (),
    personal: Mapping[str, str] | Collection[str] = (),
    exact: Collection[str] = (),
    on_step: Callable[[Progress], None] = lambda progress: None,
    checkpoint: str | Path | None = None,
    device: str | None = None,
    sheet: str | None = None,
    header: int | str | tuple[int, int] | None = None,
    keep_totals: bool = False,
) -> Generator:
    """Learn a generative model from a table.

    data: a pandas, Polars or Arrow frame, a dict of arrays, or a path or URL (see `sampan.data.read`).
    minutes: wall-clock to learn for, 1 unless said; steps: an exact number of training steps instead.
    seed: the same data, seed and steps on one machine give the same model. family: its word or an instance;
    autoregressive unless said, diffusion where there are pictures, latent where they are large.
    types: column -> a type word ("number", "category", "moment:%d/%m/%Y", ...) or a Field, where the guess
    is wrong. keep: columns of personal data to learn as they are. personal: columns of personal data
    to replace, or column -> what it is ("name", "phone", ...), where that is not recognised. exact: columns
    in which a value that one person alone holds may be made again.
    on_step: called after every step.
    checkpoint: a folder to write progress to and to go on from. device: "cpu" or "cuda"; a graphics card,
    where there is one, unless said. sheet, header: of a file, as `sampan.read` has them. keep_totals: learn
    rows of totals too, which are left out otherwise, of a frame as well.

    Raises DataError for a table that cannot be learned from, before any long work. What is changed, left out
    or guessed against the odds is said in one warning (`sampan.Notice`) before learning begins, and stays in
    the model's `notes`.

    >>> import sampan as sp
    >>> model = sp.fit({"coin": ["heads", "tails"] * 50, "value": [1, 2] * 50}, steps=50)
    >>> model.sample(3, given={"coin": "tails"}, seed=1)["value"].to_pylist()
    [2, 2, 2]
    """
    seed = seed_of(seed)
    steps = None if steps is None else whole_number(steps, "training steps")
    if isinstance(data, Table):
        table = data
    else:
        table = read(data, sheet=sheet, header=header, keep_totals=keep_totals)
    chosen = None if family is None else _family(family)
    if minutes is not None and (isinstance(minutes, bool | str) or not hasattr(minutes, "__float__")):
        raise RequestError(
            f"minutes={minutes!r} was asked for.",
            "A number of minutes is expected.",
            "For example: minutes=1.",
        )
    types = _said(types)
    keep = [keep] if isinstance(keep, str) else keep
    budget = Budget(steps=steps, seconds=None if steps and minutes is None else (minutes or 1.0) * 60)
    if minutes is not None and minutes <= 0:
        Budget(seconds=minutes)
    types = {**types, **personal_types(personal, types)}
    types |= exact_types(exact, types)
    schema = read_schema(table, types=types, keep=keep)
    chosen = chosen or _family(usual_family(schema))
    return learn(
        table,
        schema,
        chosen,
        budget=budget,
        seed=seed,
        on_step=on_step,
        checkpoint=checkpoint,
        on_notes=_warn,
        device=device,
    )


def _warn(notes: Sequence[str]) -> None:
    """Tell the notes to who called `fit`, in one warning."""
    if notes:
        about = "What was changed, left out or guessed (model.notes keeps it)"
        warnings.warn(Notice.of(notes, about), stacklevel=4)


def usual_family(schema: Schema) -> str:
    """The word of the family that learns such records unless another is asked for."""
    fields = schema.fields.values()
    if any(field.side > LARGE for field in fields):
        return "latent"
    return "diffusion" if any(field.dimensions for field in fields) else "autoregressive"


def _said(types: Any) -> dict[str, str | Field]:
    """What somebody said of columns: a dict of type words and fields, and nothing else."""
    if not isinstance(types, Mapping | None):
        raise RequestError(
            f"types is a {type(types).__name__}.",
            "A dict is expected: column -> type word or field.",
            'For example: types={"age": "number", "grade": sp.Category(ordered=True)}.',
        )
    for name, said in (types or {}).items():
        if not isinstance(said, str | Field):
            raise RequestError(
                f"the type of the column {name!r} is {said!r}.",
                'A type word such as "number", or a field such as sp.Number(), is expected.',
                f'For example: types={{"{name}": "category"}}.',
            )
    return dict(types or {})


def _family(family: str | Family) -> Family:
    if isinstance(family, Family):
        return family
    if not isinstance(family, str) or family not in FAMILIES:
        raise RequestError(
            f"there is no family {family!r}.",
            f"The families are: {', '.join(FAMILIES)}.{nearest(str(family), FAMILIES)}",
            "Use one of these words.",
        )
    return FAMILIES[family]()


def read_schema(table: Table, *, types: Mapping[str, str | Field], keep: Collection[str] = ()) -> Schema:
    """The schema of a table: guessed, then overridden by `types`."""
    words = {name: word for name, word in types.items() if isinstance(word, str)}
    declared = {name: field for name, field in types.items() if isinstance(field, Field)}
    for name in declared:
        if name not in table.columns:
            raise RequestError(
                f"a type is given for a column {name!r} that the data lacks.",
                f"The columns are: {', '.join(table.columns)}.{nearest(name, table.columns)}",
                "Correct the name.",
            )
    # a column whose field is given needs no guess, and none of the notices that come with one
    open_ = {name: column for name, column in table.columns.items() if name not in declared}
    guessed = guess(open_, keep=[name for name in keep if name not in declared], types=words)
    fields = {name: declared.get(name) or guessed.fields[name] for name in table.columns}
    return Schema(fields, tuple(guessed.notices))


def learn(
    table: Table,
    schema: Schema,
    family: Family,
    *,
    budget: Budget,
    seed: int,
    on_step: Callable[[Progress], None] = lambda progress: None,
    checkpoint: str | Path | None = None,
    on_look: Callable[[Layout, Model], None] | None = None,
    on_notes: Callable[[Sequence[str]], None] = lambda notes: None,
    device: str | None = None,
    apart: Table | None = None,
) -> Generator:
    """`fit` with everything decided: the schema, the family and the budget.

    apart: rows of the same table that are not learned from; nobody in them is named by an invented value.
    on_notes: called once before the long work, with all that reading, guessing and the columns have to say.
    on_look: called now and then with the model as it would be if learning ended there.
    """
    rows, place = len(table), device_named(device)
    if rows < 10:
        raise DataError(
            f"the table {table.name!r} has {rows} row{'s' * (rows != 1)}.",
            "At least 10 rows are expected to learn from; hundreds to learn anything well.",
            "Give a longer table.",
        )
    layout = schema.fit(table.columns, apart=None if apart is None else apart.columns)
    spaces = layout.spaces
    if not spaces:
        raise DataError(
            f"nothing in {table.name!r} can be learned: every column is constant, an identifier, personal "
            "or free text.",
            "At least one column that varies and is learned is expected.",
            "Give a column a type with --type COLUMN=category, or check that the right file was read.",
        )
    parent = table.provenance
    made = (
        () if parent is None else (f"these rows were made by a model, {parent.model}: it is a parent here",)
    )
    notes = list(dict.fromkeys([*table.notes, *made, *schema.notices, *layout.notes]))
    on_notes(notes)
    values = layout.encode(table.columns)
    told, later = held_out(rows, seed)
    kept = len(later)
    held = {name: tensor[later] for name, tensor in values.items()}
    learned = {name: tensor[told] for name, tensor in values.items()}
    torch_state = torch.random.get_rng_state()  # weights start from the seed; the caller's state is kept
    try:
        took = 0.0, 0.0
        if len(family.candidates()) > 1:
            outcome, budget = tournament.hold(
                family.candidates(),
                spaces,
                learned,
                held,
                budget=budget,
                seed=seed,
                on_step=on_step,
                checkpoint=Path(checkpoint) if checkpoint else None,
                device=place,
            )
            family = outcome.family
            notes.append(outcome.why)
            took = outcome.seconds, outcome.cpu_seconds  # the losers' seconds were spent as well
        torch.manual_seed(seed)
        model = family.build(spaces).to(place)
    finally:
        torch.random.set_rng_state(torch_state)
    history = train(
        model,
        learned,
        held,
        budget=budget,
        seed=seed,
        on_step=on_step,
        checkpoint=Path(checkpoint) if checkpoint else None,
        on_look=None if on_look is None else lambda now: on_look(layout, now),
    )
    if place.type != "cpu":
        notes.append(f"learned on {place}: the energy is that of the processor alone, without the card's.")
    card = Card(
        created=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        source=table.name,
        digest=digest(table.columns),
        rows={"read": table.rows_seen, "learned": rows - kept, "held_out": kept},
        columns={name: codec.describe() for name, codec in layout.codecs.items()},
        family=family.kind,
        settings=family.settings(),
        seed=seed,
        weights=sum(weight.numel() for weight in model.parameters()),
        seconds=round(took[0] + history.seconds, 2),
        cpu_seconds=round(took[1] + history.cpu_seconds, 2),
        energy_wh=energy_wh(took[1] + history.cpu_seconds),
        history=asdict(history),
        versions=versions(),
        notes=notes,
        parents=[] if parent is None else [parent.model],
    )
    like = replace(
        table,
        columns={name: column.slice(0, 0) for name, column in table.columns.items()},
        index=None,
        provenance=None,
    )
    return Generator(layout, family, model, card, like)


def held_out(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(rows that are learned from, rows that only say when to stop) of a fit: int64 indices.

    >>> told, apart = held_out(100, seed=0)
    >>> len(told), len(apart), len({*told.tolist(), *apart.tolist()})
    (95, 5, 100)
    """
    order = torch.randperm(rows, generator=generator_of(seed, Purpose.HELD_OUT)).numpy()
    kept = min(HELD, max(1, rows // 20))
    return order[kept:], order[:kept]
