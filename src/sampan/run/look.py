"""The first look: a small model learns for some seconds, so that a person sees made rows at once."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sampan.column import Column
from sampan.data import Table, batches, read
from sampan.errors import DataError
from sampan.family import Family
from sampan.generator import Generator
from sampan.guess import guess
from sampan.learning.budget import Budget
from sampan.learning.learn import learn
from sampan.learning.progress import STOP, Progress
from sampan.randomness import Purpose, rng_of
from sampan.schema import Schema
from sampan.screen import Screen, in_words, records, several, size_in_words

LOOK_ROWS, LOOK_SECONDS, LOOK_SIZE = 4_000, 4.0, 64
"""The first look: on so many rows, for so long, with a network of this width. First rows then appear within
15 s of the start, imports and reading included."""

LOOK_COLUMNS = 40
"""At most so many columns, the first, are in the first look: of thousands one step alone takes longer."""

SHOWN = 6
"""Rows of the first look."""

BIG = 150_000_000
"""Bytes of a file from which on the first look is taken at its beginning, before all of it is read."""


def first_look(
    seen: Table, schema: Schema, family: Family, seed: int, screen: Screen, whole: Table | None = None
) -> None:
    """Learn a little from a few rows, and show what that makes."""
    if schema.media:
        return  # some seconds teach nothing about such files: the sheet in the run folder improves instead
    screen.heading("First look")
    rng = rng_of(seed, Purpose.FIRST_LOOK)
    few = seen
    if len(seen) > LOOK_ROWS:
        few = seen.take(np.sort(rng.choice(len(seen), LOOK_ROWS, replace=False)))
        schema = schema.ungrouped  # of most groups a part is left
    every = len(schema.fields)
    if every > LOOK_COLUMNS:
        schema = Schema(dict(itertools.islice(schema.fields.items(), LOOK_COLUMNS)))
        few = replace(few, columns={name: few.columns[name] for name in schema.fields})
    small = replace(family.candidates()[0], size=LOOK_SIZE)  # type: ignore[call-arg]  # the dial that every family has
    begun, late = time.monotonic(), False

    def in_time(progress: Progress) -> str | None:
        """Ends the learning where a busy machine makes single steps take seconds."""
        nonlocal late
        late = time.monotonic() - begun > LOOK_SECONDS + 2
        return STOP if late else None

    def look(schema: Schema) -> Generator:
        budget = Budget(seconds=LOOK_SECONDS)
        # what is shown may be of nobody, the rows that are not learned from here included
        return learn(few, schema, small, budget=budget, seed=seed, on_step=in_time, apart=whole)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a small model gains nothing from more, and loses much on a busy machine
    try:
        with screen.stage("a small model for a first look", LOOK_SECONDS + 1.5):
            try:
                generator = look(schema)
            except DataError:
                # a column that the few rows leave empty; what is wrong with all rows, learning will say
                generator = look(guess(few.columns).schema.ungrouped)
            if generator.card.history["ended"] == "interrupted" and not late:
                raise KeyboardInterrupt  # a person's own, who means the whole run by it
            made = next(generator.blocks(SHOWN, seed=seed))
    finally:
        torch.set_num_threads(threads)
    names = list(made)
    for line in records(names, _cells(made, SHOWN), screen.width):
        screen.say(line, "green")
    screen.paragraph(
        "Made rows, not real ones, and only a first look: a small model, "
        f"{in_words(generator.card.seconds)} of learning from {several(len(few), 'row')}"
        + (f" and the first {LOOK_COLUMNS} of {every:,} columns. " if every > LOOK_COLUMNS else ". ")
        + "The model that is learned now will do better."
    )


def early_look(
    source: str | Path,
    words: Mapping[str, str],
    keep: Collection[str],
    family: Family,
    seed: int,
    screen: Screen,
    reading: Mapping[str, Any],
) -> bool:
    """The first look at the beginning of a big file, which takes long to read as a whole; whether it was."""
    path = Path(str(source)).expanduser()
    if not path.is_file() or path.stat().st_size < BIG:
        return False
    screen.say(f"{path.name} is big ({size_in_words(path.stat().st_size)}): a first look at its beginning.")
    with screen.stage(f"reading the beginning of {path.name}"):
        where = {"table": reading.get("sheet"), "header": reading.get("header")}
        first = next(iter(batches(path, 2 * LOOK_ROWS, **where)))
        head = replace(read(dict(first)), name=path.stem, native="file")
        found = guess(head.columns, types=words, keep=keep)
    try:
        first_look(head, found.schema, family, seed, screen)
    except DataError as error:
        screen.say(f"  The beginning alone does not do: {error.what}")
    return True


def _cells(columns: Mapping[str, Column], rows: int) -> list[list[str]]:
    """The first rows as text for people."""
    lists = [
        ["" if cell is None else str(cell) for cell in column.slice(0, min(rows, len(column))).to_pylist()]
        for column in columns.values()
    ]
    return [list(row) for row in zip(*lists, strict=True)]
