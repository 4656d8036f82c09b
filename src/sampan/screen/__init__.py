"""What a person sees while Sampan works: lines, tables, and one bar for whatever is under way.

    Screen
    ├── Silent     nothing (--json, --quiet, Python)
    ├── Lines      a pipe or a file: plain lines, one at least every three seconds; none to pass the time on
    │              standard error, where people look for errors
    └── Terminal   colours and a moving bar

Nothing here knows of models: `run` says what to show.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from sampan.screen.screen import Lines, Screen, Silent, tell_notes
from sampan.screen.stage import Stage
from sampan.screen.tables import fit_cell, records, table, wrap
from sampan.screen.terminal import Terminal
from sampan.screen.words import fitting, in_minutes, in_words, several, size_in_words, sparkline

__all__ = [
    "Lines",
    "Screen",
    "Silent",
    "Stage",
    "Terminal",
    "fit_cell",
    "fitting",
    "in_minutes",
    "in_words",
    "records",
    "screen_for",
    "several",
    "size_in_words",
    "sparkline",
    "table",
    "tell_notes",
    "wrap",
]


def screen_for(out: TextIO) -> Screen:
    """The screen that suits a stream: Terminal where a person looks at it, else Lines."""
    if not out.isatty() or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return Lines(out, beats=out is not sys.stderr)
    from rich.console import Console

    return Terminal(Console(file=out, highlight=False, markup=False, emoji=False, force_terminal=True))
