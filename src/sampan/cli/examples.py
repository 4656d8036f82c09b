"""`sampan restyle` and `sampan more`: files of a medium made after files that show how."""

from __future__ import annotations

import argparse
from typing import Any

from sampan.cli.options import (
    REPLACE,
    add_given,
    add_model,
    add_rows_out,
    given_of,
    number,
    reading,
    replacing,
    whole_number,
)
from sampan.cli.parser import Command, Parser
from sampan.cli.records import load_model, read_records
from sampan.cli.rows import write_rows
from sampan.screen import Screen


def _restyle(parser: Parser) -> None:
    add_model(parser)
    parser.add_argument("table", metavar="PICTURES", help="a picture, a folder of them, or a table")
    _shared(parser, 0.5, "how much is changed: above 0; 1 leaves nothing of the picture (0.5)")


def _more(parser: Parser) -> None:
    add_model(parser)
    parser.add_argument("table", metavar="EXAMPLES", help="a folder of pictures, one picture, or a table")
    parser.add_argument("-n", type=whole_number, metavar="N", dest="rows", default=10, help="how many (10)")
    _shared(
        parser,
        None,
        "how far from the examples: above 0; at 1 only their label is kept (0.8; 0.5 without labels)",
    )


def _shared(parser: Parser, strength: float | None, about: str) -> None:
    add_rows_out(parser)
    parser.add_argument("--strength", type=number, default=strength, metavar="S", help=about)
    add_given(parser)
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one result (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan.ability import MakesMore, Restyles
        from sampan.families import able
        from sampan.making.examples import checked_strength
        from sampan.making.records import known_columns
        from sampan.making.request import Request

    if args.strength is not None:
        checked_strength(args.strength)
    generator = load_model(args, screen)
    able(generator.model, Restyles if args.command == "restyle" else MakesMore)  # before a file is read
    given = given_of(args, generator.layout.codecs)
    whole = read_records(args, generator, screen)
    records, rows = known_columns(generator.learned, whole.columns), getattr(args, "rows", None)
    request = Request(args.command, rows, given, records, seed=args.seed, strength=args.strength)
    return write_rows(
        args,
        screen,
        "restyling" if rows is None else "making more",
        generator.stream(request),
        len(whole) if rows is None else rows,
        generator.provenance(args.command, args.seed),
    )


RESTYLE = Command(
    "restyle",
    "make rough pictures anew as the model makes them, their layout kept",
    _restyle,
    _run,
    options=(reading, replacing),
    epilog=REPLACE,
)

MORE = Command(
    "more",
    "make new pictures of the kind that a few examples show",
    _more,
    _run,
    options=(reading, replacing),
    epilog=REPLACE,
)
