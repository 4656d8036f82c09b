"""Meeting: records that meet a condition which boxes of leaves do not say all of.

`start < end and amount > 2 * fee`, and `total > 500` where the total is computed: records are drawn from
inside what boxes do say, rules are held to, and a record that then meets the condition is kept. So kept
records are an exact draw from all that meet it. Where few do, later proposals come from the records whose
drawn symbols say that they nearly do, which is as exact as the symbols of a computed column follow what is
computed.
"""

from __future__ import annotations

import numpy as np
import torch

from sampan.column import Column
from sampan.errors import WhereError
from sampan.field import Rows
from sampan.making.conditions import Event, draw_inside
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.settled import settled
from sampan.rules.held import truth
from sampan.rules.quantities import Cells, put

ROUNDS, NEAR, NONE = 60, 8, 24
"""Times that proposals are drawn; of these the first that are drawn from all records; and those after which
it is given up where not one met the condition."""

TOGETHER, COPIES = 8_192, 256
"""Proposals at once, and for one record, where few records are left."""


def meeting(
    learned: Learned, given: Given, event: Event, rows: Rows, rng: torch.Generator
) -> tuple[dict[str, np.ndarray], dict[str, Column]]:
    """Every leaf of records that meet a condition, and the columns that rules speak of.

    Raises WhereError where the condition is too rare for some record to be found.
    """
    arrays: dict[str, np.ndarray] = {}
    bound = [name for group in learned.layout.held.groups for name in group.columns]
    own: dict[str, Column] = {}
    waiting = np.arange(given.rows)
    for attempt in range(ROUNDS):
        tried = np.repeat(waiting, min(COPIES, max(1, TOGETHER // waiting.size)) if attempt else 1)
        part = given if attempt == 0 else given.some(tried)
        boxes = event if attempt < NEAR or event.near is None else event.near
        drawn, made, good = _proposed(learned, part, boxes, event, tried, rows, rng)
        found, first = np.unique(tried[good], return_index=True)
        places = np.flatnonzero(good)[first]
        if not arrays:
            arrays, own = (
                {leaf: values.copy() for leaf, values in drawn.items()},
                {name: made[name] for name in bound},
            )
        else:
            for leaf, values in drawn.items():
                arrays[leaf][found] = values[places]
            own = {name: put(own[name], found, made[name], places) for name in bound}
        waiting = np.setdiff1d(waiting, found, assume_unique=True)
        if not waiting.size:
            return arrays, own
        if attempt >= NONE and waiting.size == given.rows:
            break
    raise WhereError(
        f"{waiting.size:,} of {given.rows:,} records satisfying the condition were not found.",
        "A condition that the model gives a probability of at least about 1 in 1000 is expected, beside what "
        "is given.",
        "Loosen the condition, or give the columns values instead.",
    )


def _proposed(
    learned: Learned,
    given: Given,
    boxes: Event,
    event: Event,
    which: np.ndarray,
    rows: Rows,
    rng: torch.Generator,
) -> tuple[dict[str, np.ndarray], dict[str, Column], np.ndarray]:
    """Leaves and columns of proposals, and which of them meet the condition and every rule."""
    layout = learned.layout
    applies = boxes.of(given.start, int(which.max()) + 1)[which]
    batch, noise = draw_inside(learned.asked, given.batch(), boxes.inside, list(layout.noise()), rng, applies)
    arrays = learned.drawn(batch, rng, noise)
    if event.check is None and not layout.held.groups:
        return arrays, {}, np.ones(given.rows, dtype=bool)
    failing = np.zeros(given.rows, dtype=bool)
    place = Rows(rows.start, given.rows, rows.seed, rows.column)
    made = settled(learned, given, batch, arrays, place, rng, failing=failing, tries=1)
    if event.check is not None:
        true, says = truth(event.check, Cells(layout.every, made), layout.every)
        failing |= ~(true & says)
    return arrays, made, ~failing
