"""`sampan more`: new pictures of the kind that a few examples show."""

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
    parser.add_argument("table", metavar="EXAMPLES", help="a folder of pictures, one picture, or a table")
    parser.add_argument("-n", type=whole_number, metavar="N", dest="rows", default=10, help="how many (10)")
    add_rows_out(parser)
    parser.add_argument(
        "--strength",
        type=number,
        metavar="S",
        help="how far from the examples: above 0; at 1 only their label is kept (0.8; 0.5 without labels)",
    )
    add_given(parser)
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one result (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan.ability import MakesMore
        from sampan.families import able
        from sampan.making.examples import checked_strength
        from sampan.making.records import known_columns
        from sampan.making.request import Request

    if args.strength is not None:
        checked_strength(args.strength)
    generator = load_model(args, screen)
    able(generator.model, MakesMore)  # before a picture is read
    given = given_of(args, generator.layout.codecs)
    whole = read_records(args, generator, screen)
    records = known_columns(generator.learned, whole.columns)
    request = Request("more", args.rows, given, records, seed=args.seed, strength=args.strength)
    blocks = generator.stream(request)
    return write_rows(args, screen, "making more", blocks, args.rows, generator.provenance("more", args.seed))


MORE = Command(
    "more",
    "make new pictures of the kind that a few examples show",
    _declare,
    _run,
    options=(reading, replacing),
    epilog=REPLACE,
)
