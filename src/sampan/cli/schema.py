"""`sampan schema`: what each column of a table is taken for."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from sampan.cli.options import REPLACE, TYPES, add_table, reading, replacing, types_of, typing
from sampan.cli.output import print_lines
from sampan.cli.parser import Command, Parser
from sampan.cli.records import read_table
from sampan.cli.rows import refuse_own_source
from sampan.errors import StoreError
from sampan.screen import Screen, several, tell_notes


def _declare(parser: Parser) -> None:
    add_table(parser)
    parser.add_argument("-o", metavar="FILE", dest="out", help="write it to a file, for --schema")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    with screen.stage("starting"):
        from sampan.data.disk import write_text
        from sampan.guess import guess, refuse_still
        from sampan.run.schema_file import schema_text
    if args.out is not None:
        refuse_own_source(args)
        if os.path.exists(args.out) and not args.replace:
            raise StoreError(
                f"{args.out} exists already.",
                "A new file is expected, or --replace: a schema may hold what was corrected by hand.",
                f"Choose another name, or type: sampan schema {shlex.quote(args.table)} "
                f"-o {shlex.quote(args.out)} --replace",
            )
    whole = read_table(args, screen)
    with screen.stage("looking at each column") as stage:
        found = guess(
            whole.columns,
            types=types_of(args),
            keep=args.keep,
            on_column=lambda place: stage.update(place, len(whole.columns)),
        )
    refuse_still(whole.name, whole.columns, found.fields)
    words = {name: field.word for name, field in found.fields.items()}
    if args.out is not None:
        write_text(Path(args.out), schema_text(words, found.reasons))
        screen.say(f"{several(len(words), 'column')} in {args.out}")
        screen.say(f"Next: correct what is wrong, then: sampan make {args.table} --schema {args.out}")
    elif not args.json:
        print_lines(schema_text(words, found.reasons).rstrip("\n").split("\n"), sys.stdout)
    notices = list(dict.fromkeys([*whole.notes, *found.notices]))
    tell_notes(notices, screen)
    return {"columns": words, "reasons": found.reasons, "notices": notices, "rows": whole.rows_seen}


SCHEMA = Command(
    "schema",
    "print what each column of a table is taken for",
    _declare,
    _run,
    options=(typing, reading, replacing),
    epilog=f"{TYPES}\n{REPLACE}",
)
