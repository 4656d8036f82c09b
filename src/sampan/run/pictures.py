"""Pictures of a run: the sheet that improves while it learns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from sampan.data.pictures import CONTACT_SHEET
from sampan.device import Asked
from sampan.evaluate.pictures import picture_in
from sampan.family import Model
from sampan.field import Rows
from sampan.picture import contact_sheet
from sampan.schema import Layout
from sampan.space import Batch, Choice, Real
from sampan.train import generator_of

SHEET = CONTACT_SHEET
"""Its name in the run folder, while learning and after."""

SHOWN = 16
"""Pictures on the sheet while learning."""


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
        made = Asked(model).sample(Batch(values, known), generator_of(seed, 27))
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
