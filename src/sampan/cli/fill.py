"""`sampan fill`: complete what is missing, in records and in pictures."""

from __future__ import annotations

import argparse
from typing import Any

from sampan.cli.command import Command
from sampan.cli.model import load_model
from sampan.cli.options import REPLACE, add_model, add_rows_out, add_table, reading, replacing, whole_number
from sampan.cli.parser import Parser
from sampan.cli.records import pictures_of, read_records
from sampan.cli.rows import write_rows
from sampan.screen import Screen, several


def _declare(parser: Parser) -> None:
    add_model(parser)
    add_table(parser)
    add_rows_out(parser)
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one result (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    generator = load_model(args, screen)
    whole = read_records(args, generator, screen)
    holes = sum(column.null_count for column in whole.columns.values())
    if not pictures_of(whole, generator):
        screen.say(f"{several(holes, 'missing cell')} in {several(len(whole), 'row')}")
    done = write_rows(args, screen, "filling", generator.filled(whole, seed=args.seed), len(whole))
    return {**done, "missing_before": holes}


FILL = Command(
    "fill",
    "complete what is missing in each record, and what is transparent in a picture",
    _declare,
    _run,
    options=(reading, replacing),
    epilog=REPLACE,
)
