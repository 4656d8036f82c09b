"""`sampan fill`: complete what is missing, in records and in pictures."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sampan.cli.options import REPLACE, add_model, add_rows_out, add_table, reading, replacing, whole_number
from sampan.cli.parser import Command, Parser
from sampan.cli.records import load_model, read_records
from sampan.cli.rows import write_rows
from sampan.errors import RequestError
from sampan.screen import Screen, several, tell_notes

if TYPE_CHECKING:
    from sampan.data import Columns, Table
    from sampan.generator import Generator

NUMBER = "imputation"
"""The column that numbers several fills of one table."""


def _declare(parser: Parser) -> None:
    add_model(parser)
    add_table(parser)
    add_rows_out(parser)
    parser.add_argument(
        "--how",
        choices=("draw", "likeliest"),
        default="draw",
        help="a value by chance, as the model expects it (draw), or the best single value (likeliest)",
    )
    parser.add_argument(
        "--times",
        type=whole_number,
        metavar="M",
        help=f"fill it M times, all in one table whose first column, {NUMBER}, numbers them",
    )
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one result (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    generator = load_model(args, screen)
    whole = read_records(args, generator, screen)
    holes = sum(column.null_count for column in whole.columns.values())
    if not any(name in generator.layout.media for name in whole.columns):
        screen.say(f"{several(holes, 'missing cell')} in {several(len(whole), 'row')}")
    blocks, times = _blocks(args, generator, whole, screen), args.times or 1
    made = generator.provenance("fill", args.seed)
    done = write_rows(args, screen, "filling", blocks, len(whole) * times, made)
    return {**done, "missing_before": holes}


def _blocks(
    args: argparse.Namespace, generator: Generator, whole: Table, screen: Screen
) -> Iterator[Columns]:
    """The filled table, or several of them one after another, numbered."""
    from sampan.data.stream import numbered, rows_of

    if args.times is not None and NUMBER in whole.columns:
        raise RequestError(
            f'{args.table} has a column "{NUMBER}", which would number the fills.',
            "Another name of that column, or one fill, is expected.",
            "Rename the column, or leave --times out.",
        )
    notes: list[str] = []
    fills = generator.fills(whole, how=args.how, times=args.times, seed=args.seed, on_notes=notes.extend)
    tell_notes(dict.fromkeys(notes), screen)
    if args.times is None:
        return fills[0]
    return (
        {NUMBER: numbered(number, rows_of(block)), **block}
        for number, blocks in enumerate(fills, start=1)
        for block in blocks
    )


FILL = Command(
    "fill",
    "complete what is missing in each record, and what is transparent in a picture",
    _declare,
    _run,
    options=(reading, replacing),
    epilog=REPLACE,
)
