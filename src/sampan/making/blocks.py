"""New records, what is given of them held to: a block of rows at a time, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sampan.column import Column
from sampan.data import Columns
from sampan.errors import RequestError
from sampan.field import Rows
from sampan.making.cell import refuse_impossible, refuse_missing, spread
from sampan.making.conditions import Event, draw_inside, settle
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.request import Request
from sampan.making.settled import settled
from sampan.randomness import Purpose, generator_of
from sampan.where import read


def given_of(learned: Learned, request: Request, usual: int = 1) -> Given:
    """What a request gives of as many records as it asks for, checked and encoded. Raises RequestError."""
    said, records = learned.cells(request.given), dict(request.records or {})
    rows = usual if request.n is None else request.n
    for name, column in records.items():
        learned.layout.codec(name)
        rows = len(column)
    if records and request.n not in (None, rows):
        raise RequestError(
            f"{request.n} records were asked for, with {rows} rows given.",
            "One record for each given row is made.",
            "Leave n out, or give as many rows.",
        )
    columns = {**records, **said}
    refuse_missing(learned.layout, columns)
    refuse_impossible(learned.layout, said)
    return Given.of(learned.layout, columns, rows, strict=True)


def blocks(learned: Learned, request: Request) -> Iterator[Columns]:
    """The records of a request of the kind `sample`. What cannot be honoured is refused before any work."""
    given, event = given_of(learned, request), None
    if request.where is not None:
        event = settle(read(request.where), learned.codecs, given.columns)
    given.refuse(learned.asked.model, learned.block)
    return (_block(learned, part, request.seed, event) for part in given.parts(learned.block))


def _block(learned: Learned, given: Given, seed: int, event: Event | None) -> dict[str, Column]:
    layout, rows = learned.layout, Rows(given.start, given.rows, seed)
    rng = generator_of(seed, Purpose.SAMPLE, given.start)
    batch = given.batch()
    noise: dict[str, np.ndarray] = {}
    if event is not None:
        applies = event.of(given.start, given.rows)
        batch, noise = draw_inside(learned.asked, batch, event.inside, list(layout.noise()), rng, applies)
    arrays = learned.drawn(batch, rng, noise)
    made = settled(learned, given, batch, arrays, rows, rng)
    for name, column in given.columns.items():  # what is given in part comes back whole
        codec = layout.every[name]
        if codec.known(column) is not None:
            own = {leaf: arrays[layout.names[name, leaf]] for leaf in codec.spaces}
            made[name] = codec.complete(spread(column, given.rows), own)
    return {name: made[name] for name in layout.codecs}
