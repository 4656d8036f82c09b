"""`sampan help`: the help of a command, as `sampan COMMAND --help` prints it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from sampan.cli.command import Command
from sampan.cli.output import print_lines
from sampan.cli.parser import Parser
from sampan.screen import Screen


def _declare(parser: Parser) -> None:
    parser.add_argument("topic", nargs="?", metavar="COMMAND", help="of this command; of all unless named")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    from sampan.cli.line import parsers

    whole, known = parsers()
    if args.topic is not None and args.topic not in known:
        whole.unknown(args.topic)
    told = (whole if args.topic is None else known[args.topic]).format_help()
    if not args.json:
        print_lines(told.splitlines(), sys.stdout)
    return {"help": told}


HELP = Command("help", "say how a command is used", _declare, _run)
