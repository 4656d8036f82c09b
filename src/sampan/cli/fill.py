"""`sampan fill`: complete what is missing."""

from __future__ import annotations

import argparse
from typing import Any

from sampan.cli.command import Command
from sampan.cli.model import load_model
from sampan.cli.options import REPLACE, add_model, add_rows_out, add_table, replacing, whole_number
from sampan.cli.parser import Parser
from sampan.cli.rows import write_rows
from sampan.errors import RequestError
from sampan.screen import Screen, several


def _declare(parser: Parser) -> None:
    add_model(parser)
    add_table(parser)
    add_rows_out(parser)
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one result (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    generator = load_model(args.model, screen)
    from sampan.data import read
    from sampan.run import resolve

    with screen.stage("reading") as stage:
        whole = read(resolve(args.table), on_rows=lambda rows: stage.update(note=several(rows, "row")))
    if whole.rows_seen > len(whole):
        raise RequestError(
            f"{args.table} holds {whole.rows_seen:,} rows, more than are held in memory at once.",
            f"At most {len(whole):,} rows of this table are expected.",
            "Split the table into parts and fill each.",
        )
    holes = sum(column.null_count for column in whole.columns.values())
    screen.say(f"{several(holes, 'missing cell')} in {several(len(whole), 'row')}")
    done = write_rows(args, screen, "filling", generator.filled(whole, seed=args.seed), len(whole))
    return {**done, "missing_before": holes}


FILL = Command(
    "fill",
    "complete what is missing in each record of a table",
    _declare,
    _run,
    options=(replacing,),
    epilog=REPLACE,
)
