"""`sampan restyle`: rough pictures made anew as the model makes them."""

from __future__ import annotations

import argparse
from typing import Any

from sampan.cli.command import Command
from sampan.cli.model import load_model
from sampan.cli.options import (
    REPLACE,
    add_given,
    add_model,
    add_rows_out,
    number,
    reading,
    replacing,
    whole_number,
)
from sampan.cli.pairs import given_of
from sampan.cli.parser import Parser
from sampan.cli.records import read_records
from sampan.cli.rows import write_rows
from sampan.screen import Screen


def _declare(parser: Parser) -> None:
    add_model(parser)
    parser.add_argument("table", metavar="PICTURES", help="a picture, a folder of them, or a table")
    add_rows_out(parser)
    parser.add_argument(
        "--strength",
        type=number,
        default=0.5,
        metavar="S",
        help="how much is changed: above 0; 1 leaves nothing of the picture (0.5)",
    )
    add_given(parser)
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one result (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan.ability import Restyles
        from sampan.families import able
        from sampan.making.examples import checked_strength
        from sampan.making.records import known_columns
        from sampan.making.request import Request

    checked_strength(args.strength)
    generator = load_model(args, screen)
    able(generator.model, Restyles)  # before a picture is read
    given = given_of(args, generator.layout.codecs)
    whole = read_records(args, generator, screen)
    records = known_columns(generator.learned, whole.columns)
    request = Request("restyle", None, given, records, seed=args.seed, strength=args.strength)
    blocks = generator.stream(request)
    made = generator.provenance("restyle", args.seed)
    return write_rows(args, screen, "restyling", blocks, len(whole), made)


RESTYLE = Command(
    "restyle",
    "make rough pictures anew as the model makes them, their layout kept",
    _declare,
    _run,
    options=(reading, replacing),
    epilog=REPLACE,
)
