"""What a command works on: a table that it reads, a model, records that the model is to change."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from sampan.cli.options import reading_of
from sampan.errors import RequestError
from sampan.screen import Screen, several, tell_notes

if TYPE_CHECKING:
    from sampan.data import Table
    from sampan.generator import Generator


def read_table(args: argparse.Namespace, screen: Screen, seed: int = 0) -> Table:
    """The table that a command names."""
    from sampan.data import read
    from sampan.run import resolve

    with screen.stage("reading") as stage:
        return read(
            resolve(args.table),
            seed=seed,
            on_rows=lambda rows: stage.update(note=several(rows, "row")),
            **reading_of(args),
        )


def load_model(args: argparse.Namespace, screen: Screen) -> Generator:
    with screen.stage("loading the model"):
        from sampan.generator import load

        return load(args.model, digest=args.digest)


def read_records(args: argparse.Namespace, generator: Generator, screen: Screen) -> Table:
    """The table of a command, its files called as the model calls its own. Raises RequestError."""
    from sampan.column import file_kind
    from sampan.media import medium_of_cells

    whole = read_table(args, screen)
    tell_notes(whole.notes, screen)
    if whole.rows_seen > len(whole):
        raise RequestError(
            f"{args.table} holds {whole.rows_seen:,} rows, more than are held in memory at once.",
            f"At most {len(whole):,} rows of this table are expected.",
            "Split it into parts, and take one after another.",
        )
    read_as = [name for name, column in whole.columns.items() if file_kind(column)]
    kinds = {medium_of_cells(whole.columns[name]) for name in read_as}
    known = [name for name, medium in generator.layout.media.items() if medium in kinds]
    if len(read_as) == 1 and known and read_as[0] not in known and known[0] not in whole.columns:
        named = {known[0] if name == read_as[0] else name: column for name, column in whole.columns.items()}
        whole = replace(whole, columns=named)
    return whole
