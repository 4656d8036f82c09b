"""Command: one word after `sampan`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sampan.cli.parser import Parser
from sampan.screen import Screen


@dataclass(frozen=True)
class Command:
    """A command of the command line.

    about: what it is for, in one line. declare: adds its own options. run: does it, and returns the object
    for --json. options: groups of options that it shares with others (see `sampan.cli.options`). epilog: the
    end of its --help. tells: its story is its output, on standard output; the story of a command that prints
    data or a card there goes to standard error.
    """

    name: str
    about: str
    declare: Callable[[Parser], None]
    run: Callable[[argparse.Namespace, Screen], dict[str, Any]]
    options: tuple[Callable[[], Parser], ...] = ()
    epilog: str = ""
    tells: bool = False
