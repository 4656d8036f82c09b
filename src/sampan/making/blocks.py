"""New records, what is given of them held to: a block of rows at a time, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sampan.column import Column
from sampan.data import Columns
from sampan.errors import RequestError
from sampan.field import Rows
from sampan.making.cell import refuse_impossible, refuse_missing, spread
from sampan.making.conditions import Event, settle
from sampan.making.given import Given
from sampan.making.learned import Learned
from sampan.making.meeting import meeting
from sampan.making.request import Request
from sampan.making.settled import settled
from sampan.randomness import Purpose, generator_of
from sampan.where import read
from sampan.where.cover import named
from sampan.where.formula import asked, positive


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
        held = learned.layout.held
        wanted = held.on_parts(named(read(request.where), learned.codecs), frozenset(given.sure))
        event = settle(wanted, learned.codecs, given.sure, held.computed(frozenset(given.sure)))
        if held.columns & {*asked(wanted)}:  # what rules draw again may lie outside of the boxes
            event = replace(event, check=positive(wanted))
    given.refuse(learned.asked.model, learned.block)
    return (_block(learned, part, request.seed, event) for part in given.parts(learned.block))


def _block(learned: Learned, given: Given, seed: int, event: Event | None) -> dict[str, Column]:
    layout, rows = learned.layout, Rows(given.start, given.rows, seed)
    rng = generator_of(seed, Purpose.SAMPLE, given.start)
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
    return {name: made[name] for name in layout.codecs}
