"""Pictures of a run: the sheet that improves while it learns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sampan import scratch
from sampan.data.folder.reading import CONTACT_SHEET
from sampan.device import Asked
from sampan.evaluate.pictures import picture_in
from sampan.family import Model
from sampan.field import Rows
from sampan.media.picture import contact_sheet
from sampan.randomness import Purpose, generator_of
from sampan.schema import Layout
from sampan.screen import Stage
from sampan.space import Batch

SHEET = CONTACT_SHEET
"""Its name in the run folder, while learning and after."""

SHOWN = 16
"""Pictures on the sheet while learning."""


def sheet_of(seed: int, *shows: Callable[[bytes], None]) -> Callable[[Layout, Model], None]:
    """What makes a sheet of pictures and shows it, called now and then while a model learns."""

    def look(layout: Layout, model: Model) -> None:
        name = picture_in(layout.codecs)
        if name is None:
            return
        made = Asked(model).sample(Batch.empty(layout.spaces, SHOWN), generator_of(seed, Purpose.SHEET))
        leaves = {leaf: made[layout.names[name, leaf]].numpy() for leaf in layout.codecs[name].spaces}
        column = layout.codecs[name].decode(leaves, Rows(0, SHOWN, seed, name))
        pictures = [cell for cell in column.to_pylist() if cell is not None]
        if pictures:
            sheet = contact_sheet(pictures)
            for show in shows:
                show(sheet)

    return look


def sheet_in(place: Path) -> Callable[[bytes], None]:
    """What writes a sheet as contact-sheet.png into a folder."""

    def write(sheet: bytes) -> None:
        fresh = place / f".{SHEET}.new"
        with scratch.unfinished(fresh):
            fresh.write_bytes(sheet)
            fresh.replace(place / SHEET)

    return write


def sheet_on(stage: Stage) -> Callable[[bytes], None]:
    """What shows a sheet with a stage, for as long as it lasts."""

    def show(sheet: bytes) -> None:
        stage.picture = sheet

    return show
