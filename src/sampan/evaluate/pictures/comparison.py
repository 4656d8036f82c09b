"""compare_pictures(): the pictures of three tables as stacks of one size, judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from sampan.column import Column, missing, take
from sampan.data import Table
from sampan.errors import DataError, FamilyCannot, nearest
from sampan.evaluate.gate import DEFAULT_GATE
from sampan.evaluate.pictures.judgement import judge_pictures
from sampan.evaluate.pictures.report import PictureReport
from sampan.field import Codec
from sampan.fields.category import CategoryCodec
from sampan.generator import Generator
from sampan.schema import Layout

SECONDS = 60.0
"""For the judge to learn what to look at, at most."""

WALKED = 12
"""Pictures of a way from one to another."""

FEWEST = 10
"""Pictures that a side needs before anything can be said."""


def picture_in(codecs: Mapping[str, Codec]) -> str | None:
    """The first column of pictures, None where there is none."""
    return next((name for name, codec in codecs.items() if codec.dimensions == 2), None)


def compare_pictures(
    tables: Mapping[str, Table],
    layout: Layout,
    *,
    title: str,
    gate: str = DEFAULT_GATE,
    features: str | Path | None = None,
    seconds: float = SECONDS,
    seed: int = 0,
    walk: Mapping[str, Column] | None = None,
    on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None,
) -> PictureReport:
    """Judge the made pictures of a table ("made") beside those learned from ("seen") and others ("unseen").

    They are compared as the model has them: in its size and its channels. The first column of categories,
    if all sides have it, is what they are labelled with. "unseen" may be empty. features: see
    `judge_pictures`. walk: records of `walked`, to be shown. Raises DataError for a side without the column
    of pictures, or with too few.
    """
    name = picture_in(layout.codecs)
    assert name is not None  # by the caller
    tables = {side: table for side, table in tables.items() if side != "unseen" or len(table)}
    pictures = {side: _pictures(table, side, name) for side, table in tables.items()}
    categories = (column for column, codec in layout.codecs.items() if isinstance(codec, CategoryCodec))
    label = next((one for one in categories if all(one in table.columns for table in tables.values())), None)
    stacks, labels = {}, {}
    for side, table in tables.items():
        there = ~missing(pictures[side])
        index = np.flatnonzero(there)
        leaves = layout.encode({name: take(pictures[side], index)})
        stacks[side] = leaves[layout.names[name, ""]].numpy()
        if label is not None:
            labels[side] = _labels(take(table.columns[label], index), label, layout)
    if walk is not None:
        stacks["walk"] = layout.encode({name: walk[name]})[layout.names[name, ""]].numpy()
    return judge_pictures(
        stacks["made"],
        seen=stacks["seen"],
        unseen=stacks.get("unseen"),
        made_labels=labels.get("made"),
        seen_labels=labels.get("seen"),
        unseen_labels=labels.get("unseen"),
        title=title,
        gate=gate,
        features=features,
        seconds=seconds,
        seed=seed,
        walk=stacks.get("walk"),
        on_stage=on_stage,
    )


def walked(generator: Generator, seed: int) -> dict[str, Column] | None:
    """Records on a way from one made record to another; None of a family that has no such way."""
    try:
        return generator.way(WALKED, seed=seed)
    except FamilyCannot:
        return None


def _pictures(table: Table, side: str, name: str) -> Column:
    """The column of pictures of a side. Raises DataError."""
    if name not in table.columns:
        raise DataError(
            f"the {side} table {table.name!r} lacks the pictures: it has no column {name!r}.",
            f"Its columns are: {', '.join(table.columns)}.{nearest(name, table.columns)}",
            "Name a folder of pictures, or a table with that column.",
        )
    column = table.columns[name]
    there = len(column) - column.null_count
    if there < FEWEST:
        raise DataError(
            f"the {side} side {table.name!r} has {there} picture{'s' * (there != 1)}.",
            f"At least {FEWEST} are expected to judge by; hundreds to judge well.",
            "Give more pictures.",
        )
    return column


def _labels(column: Column, name: str, layout: Layout) -> np.ndarray:
    """The symbols of a column of categories: int64 (rows,), -1 where missing."""
    out = np.full(len(column), -1, dtype=np.int64)
    there = np.flatnonzero(~missing(column))
    if there.size:
        out[there] = layout.encode({name: take(column, there)})[layout.names[name, ""]].long().numpy()
    return out
