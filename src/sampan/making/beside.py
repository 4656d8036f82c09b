"""Beside: rows drawn beside what is given of them, every rule and condition held to."""

from __future__ import annotations

from dataclasses import replace

import torch

from sampan.column import Column
from sampan.field import Rows
from sampan.making.cell import spread
from sampan.making.conditions import Event, settle
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.meeting import meeting
from sampan.making.settled import settled
from sampan.where import Formula
from sampan.where.cover import named
from sampan.where.formula import asked, positive


def event_of(learned: Learned, where: Formula, given: Given) -> Event:
    """What is left of a condition beside what is given. Raises WhereError where that is nothing possible."""
    held = learned.layout.held
    wanted = held.on_parts(named(where, learned.codecs), frozenset(given.sure))
    event = settle(wanted, learned.codecs, given.sure, held.computed(frozenset(given.sure)))
    if held.columns & {*asked(wanted)}:  # what rules draw again may lie outside of the boxes
        return replace(event, check=positive(wanted))
    return event


def beside(
    learned: Learned, given: Given, rows: Rows, rng: torch.Generator, event: Event | None = None
) -> dict[str, Column]:
    """The columns of some rows, those too that are learned and not shown.

    event: what is left of a condition. Raises WhereError where it cannot be met.
    """
    layout = learned.layout
    if event is None:
        batch = given.batch()
        arrays = learned.drawn(batch, rng)
        made = settled(learned, given, batch, arrays, rows, rng)
    else:
        arrays, own = meeting(learned, given, event, rows, rng)
        made = {**given.over(layout.decode(arrays, rows, given.columns)), **own}
    for name, column in given.columns.items():  # what is given in part comes back whole
        codec = layout.every[name]
        if codec.known(column) is not None:
            own = {leaf: arrays[layout.names[name, leaf]] for leaf in codec.spaces}
            made[name] = codec.complete(spread(column, given.rows), own)
    return made
