"""Pictures of a run: the sheet that improves while it learns, and the judgement of what it made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import torch

from sampan.data import Columns, Table
from sampan.evaluate.pictures import PictureReport, judge_pictures
from sampan.family import Model
from sampan.field import Codec, Rows
from sampan.fields.category import CategoryCodec
from sampan.fields.image import ImageCodec
from sampan.picture import contact_sheet
from sampan.schema import Layout
from sampan.space import Batch, Choice, Real
from sampan.train import generator_of

SHEET = "contact-sheet.png"
"""Its name in the run folder, while learning and after."""

SHOWN = 16
"""Pictures on the sheet while learning."""

MADE = 256
"""Pictures that a run makes unless said otherwise: the judge needs some hundreds, and each takes its time."""

SECONDS = 60.0
"""For the judge to learn what to look at."""


def picture_in(codecs: Mapping[str, Codec]) -> str | None:
    """The first column of pictures, None where there is none."""
    return next((name for name, codec in codecs.items() if isinstance(codec, ImageCodec)), None)


def sheet_in(place: Path, seed: int) -> Callable[[Layout, Model], None]:
    """What writes a sheet of made pictures into a folder, called now and then while a model learns."""

    def show(layout: Layout, model: Model) -> None:
        name = picture_in(layout.codecs)
        if name is None:
            return
        values, known = {}, {}
        for leaf, space in layout.spaces.items():
            match space:
                case Choice(grid=grid):
                    values[leaf] = torch.zeros((SHOWN, *grid), dtype=torch.long)
                case Real(channels=channels, grid=grid):
                    values[leaf] = torch.zeros((SHOWN, channels, *grid))
            known[leaf] = torch.zeros((SHOWN, *space.grid), dtype=torch.bool)
        made = model.sample(Batch(values, known), generator_of(seed, 27))
        leaves = {leaf: made[layout.names[name, leaf]].numpy() for leaf in layout.codecs[name].spaces}
        column = layout.codecs[name].decode(leaves, Rows(0, SHOWN, seed, name))
        write_sheet(place, [cell for cell in column.to_pylist() if cell is not None])

    return show


def write_sheet(place: Path, pictures: list[bytes]) -> None:
    """Pictures side by side as contact-sheet.png in a folder."""
    if pictures:
        fresh = place / f".{SHEET}.new"
        fresh.write_bytes(contact_sheet(pictures))
        fresh.replace(place / SHEET)


def judged_pictures(
    tables: Mapping[str, Table | Columns],
    layout: Layout,
    *,
    title: str,
    seed: int,
    seconds: float = SECONDS,
    on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None,
) -> PictureReport:
    """Judge made pictures ("made") beside those learned from ("seen") and kept aside ("unseen").

    The first column of categories, if any, is what the pictures are labelled with.
    """
    name = picture_in(layout.codecs)
    assert name is not None  # by the caller
    label = next(
        (column for column, codec in layout.codecs.items() if isinstance(codec, CategoryCodec)), None
    )
    stacks, labels = {}, {}
    for side, table in tables.items():
        columns = table.columns if isinstance(table, Table) else table
        some = {column: columns[column] for column in (name, label) if column is not None}
        if side == "unseen" and not len(some[name]):
            continue
        leaves = layout.encode(some)
        stacks[side] = leaves[layout.names[name, ""]].numpy()
        if label is not None:
            labels[side] = leaves[layout.names[label, ""]].long().numpy()
    return judge_pictures(
        stacks["made"],
        seen=stacks["seen"],
        unseen=stacks.get("unseen"),
        made_labels=labels.get("made"),
        seen_labels=labels.get("seen"),
        unseen_labels=labels.get("unseen"),
        title=title,
        seconds=seconds,
        seed=seed,
        on_stage=on_stage,
    )
