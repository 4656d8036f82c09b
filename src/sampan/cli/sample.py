"""`sampan sample`: make new records with a model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sampan.cli.options import REPLACE, add_given, add_model, add_rows_out, given_of, replacing, whole_number
from sampan.cli.parser import Command, Parser, UsageError
from sampan.cli.records import load_model
from sampan.cli.rows import write_rows
from sampan.errors import DataError, RequestError
from sampan.screen import Screen

if TYPE_CHECKING:
    from sampan.data import Table


def _declare(parser: Parser) -> None:
    add_model(parser)
    parser.add_argument(
        "-n", type=whole_number, metavar="N", dest="rows", help="how many (as many as were learned from)"
    )
    add_rows_out(parser)
    add_given(parser)
    parser.add_argument("--given-file", metavar="FILE", help="a record for each row, its columns fixed")
    parser.add_argument("--where", metavar="EXPR", help='a condition: "age > 65 and balance < 1000"')
    parser.add_argument("--seed", type=whole_number, default=0, metavar="S", help="one seed, one result (0)")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    generator = load_model(args, screen)
    from sampan.making.request import Request

    records: Table | None = None
    if args.given and args.given_file:
        raise UsageError(
            "--given and --given-file are given together.",
            "Expected: one of them. A file may hold the column that --given fixes.",
            "Add the column to the file.",
        )
    rows = args.rows
    if args.given_file:
        from sampan.data import read
        from sampan.making.records import whole

        with screen.stage(f"reading {args.given_file}"):
            records = whole(read(args.given_file, keep_totals=True))
            rows = len(records) if rows is None else rows
    rows = generator.card.learned_from if rows is None else rows
    given = given_of(args, generator.layout.codecs)
    columns = None if records is None else records.columns
    try:
        blocks = generator.stream(Request("sample", rows, given, columns, args.where, args.seed))
        return write_rows(
            args, screen, "making rows", blocks, rows, generator.provenance("sample", args.seed)
        )
    except DataError as error:  # what was given is a request here, not the user's data
        raise RequestError(error.what, error.expected, error.fix) from error


SAMPLE = Command(
    "sample", "make new records with a model", _declare, _run, options=(replacing,), epilog=REPLACE
)
