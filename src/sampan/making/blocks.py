"""New records, what is given of them held to: a block of rows at a time, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from sampan.column import Column
from sampan.data import Columns
from sampan.errors import RequestError
from sampan.field import Rows
from sampan.making.beside import beside, event_of
from sampan.making.cell import refuse_impossible, refuse_missing
from sampan.making.conditions import Event
from sampan.making.given import Given
from sampan.making.grouped import Grouped
from sampan.making.learned import Learned
from sampan.making.request import Request
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
    given, where = given_of(learned, request), None if request.where is None else read(request.where)
    event = None if where is None else event_of(learned, where, given)
    given.refuse(learned.asked.model, learned.block)
    if learned.layout.groups is not None:
        return Grouped(learned, learned.layout.groups, request.seed, where).blocks(given)
    return (_block(learned, part, request.seed, event) for part in given.parts(learned.block))


def _block(learned: Learned, given: Given, seed: int, event: Event | None) -> dict[str, Column]:
    rng = generator_of(seed, Purpose.SAMPLE, given.start)
    made = beside(learned, given, Rows(given.start, given.rows, seed), rng, event)
    return {name: made[name] for name in learned.layout.codecs}
