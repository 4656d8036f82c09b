"""The sheet of a run: some made files of a medium at a glance, better and better while it learns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sampan import scratch
from sampan.device import Asked
from sampan.family import Model
from sampan.field import Rows
from sampan.media import Sheet
from sampan.randomness import Purpose, generator_of
from sampan.schema import Layout
from sampan.screen import Stage
from sampan.space import Batch

SHOWN = 16
"""Files on the sheet while learning, and on a screen after it."""

ON_SHEET = 64
"""Files on the sheet in the end."""


def sheet_of(seed: int, *shows: Callable[[Sheet], None]) -> Callable[[Layout, Model], None]:
    """What makes a sheet and shows it, called now and then while a model learns."""

    def look(layout: Layout, model: Model) -> None:
        name, medium = next(iter(layout.media.items()), ("", None))
        if medium is None:
            return
        made = Asked(model).sample(Batch.empty(layout.spaces, SHOWN), generator_of(seed, Purpose.SHEET))
        leaves = {leaf: made[layout.names[name, leaf]].numpy() for leaf in layout.codecs[name].spaces}
        column = layout.codecs[name].decode(leaves, Rows(0, SHOWN, seed, name))
        cells = [cell for cell in column.to_pylist() if cell is not None]
        if cells:
            sheet = medium.sheet(cells)
            for show in shows:
                show(sheet)

    return look


def sheet_in(place: Path) -> Callable[[Sheet], None]:
    """What writes a sheet into a folder, under the name that its medium gives it."""

    def write(sheet: Sheet) -> None:
        fresh = place / f".{sheet.name}.new"
        with scratch.unfinished(fresh):
            fresh.write_bytes(sheet.data)
            fresh.replace(place / sheet.name)

    return write


def sheet_on(stage: Stage) -> Callable[[Sheet], None]:
    """What shows a sheet with a stage, for as long as it lasts."""

    def show(sheet: Sheet) -> None:
        stage.sheet = sheet

    return show
