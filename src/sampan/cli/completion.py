"""`sampan completion`: a script that lets a shell complete commands and options."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from sampan.cli.command import Command
from sampan.cli.output import print_lines
from sampan.cli.parser import Parser
from sampan.errors import MissingExtra
from sampan.screen import Screen

SHELLS = ("bash", "zsh", "tcsh")

HOW = """\
how to use it:
  bash   sampan completion bash > ~/.local/share/bash-completion/completions/sampan
  zsh    sampan completion zsh > ~/.zfunc/_sampan      (a folder of your fpath)
  tcsh   sampan completion tcsh > ~/.sampan.completion, and source it
"""


def _declare(parser: Parser) -> None:
    parser.add_argument("shell", choices=SHELLS, help="bash, zsh or tcsh")


def _run(args: argparse.Namespace, screen: Screen) -> dict[str, Any]:
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
    "completion", "print a script that completes commands in a shell", _declare, _run, epilog=HOW
)
