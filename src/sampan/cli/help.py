"""`sampan help` and `sampan completion`: how a command is used, said to a person and to a shell."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from sampan.cli.output import print_lines
from sampan.cli.parser import Command, Parser
from sampan.errors import MissingExtra
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


SHELLS = ("bash", "zsh", "tcsh")

HOW_TO_COMPLETE = """\
how to use it:
  bash   sampan completion bash > ~/.local/share/bash-completion/completions/sampan
  zsh    sampan completion zsh > ~/.zfunc/_sampan      (a folder of your fpath)
  tcsh   sampan completion tcsh > ~/.sampan.completion, and source it
"""


def _declare_shell(parser: Parser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="bash, zsh or tcsh")


def _complete(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
    from sampan.cli.line import parsers

    try:
        import shtab
    except ImportError as error:
        raise MissingExtra("shtab", "completion", "Completing commands") from error
    script = shtab.complete(parsers()[0], shell=args.shell)
    if not args.json:
        print_lines(script.splitlines(), sys.stdout)
    return {"script": script}


COMPLETION = Command(
    "completion",
    "print a script that completes commands in a shell",
    _declare_shell,
    _complete,
    epilog=HOW_TO_COMPLETE,
)
