"""Run: what a finished run holds, and what to type next."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sampan.column import Column
from sampan.evaluate.report import Report
from sampan.generator import Generator
from sampan.media import sheet_in
from sampan.run.recipe import Recipe
from sampan.screen import Screen, in_words, several, table


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run: its folder, and what is in it."""

    folder: Path
    recipe: Recipe
    generator: Generator
    new: Path
    made: int
    report: Report | None
    seconds: float
    next: str

    def to_json(self) -> dict[str, Any]:
        """Plain values, for `--json` and for programs."""
        history = self.generator.card.history
        return {
            "run": str(self.folder),
            "new": str(self.new),
            "model": str(self.folder / "model"),
            "recipe": str(self.folder / "recipe.toml"),
            "report": None if self.report is None else str(self.folder / "report.html"),
            "source": self.recipe.source,
            "digest": self.recipe.digest,
            "rows": {
                "read": self.recipe.rows,
                "aside": self.recipe.aside,
                "learned": self.recipe.rows - self.recipe.aside,
                "made": self.made,
            },
            "columns": self.recipe.columns,
            "family": self.recipe.family,
            "seed": self.recipe.seed,
            "steps": history["steps"],
            "ended": history["ended"],
            "seconds": round(self.seconds, 1),
            "judged": None if self.report is None else self.report.to_json(),
            "next": self.next,
        }


HELD = 10
"""Rows that hold a value before a command to type names it: it is told in a log."""


def next_command(generator: Generator, place: Path, columns: Mapping[str, Column], rows: str = "more") -> str:
    """A command to type next: more rows with one thing fixed, so that a person sees that they can.

    rows: what the file or folder of them is called.
    """
    given = ""
    for name, codec in reversed(list(generator.layout.codecs.items())):
        if codec.kind == "category" and codec.spaces and is_easy(name):
            few = columns[name].slice(0, min(500, len(columns[name]))).to_pylist()
            often = Counter(cell for cell in few if cell is not None and len(str(cell)) < 30)
            held = [value for value, count in often.most_common(2) if count >= HELD]
            if held:
                value = held[-1]  # a thing that not every second record is
                text = str(value).lower() if isinstance(value, bool) else str(value)
                given = f" --given {shlex.quote(f'{name}={text}')}"
                break
    if generator.layout.media:
        return f"sampan sample {shlex.quote(str(place))} -n 64 -o {rows}/{given}"
    return f"sampan sample {shlex.quote(str(place))} -n 1000 -o {rows}.csv{given}"


def is_easy(name: str) -> bool:
    """Whether a column's name can be typed before an equals sign."""
    return "=" not in name and len(name) < 30 and name == name.strip()


def tell_end(run: Run, screen: Screen) -> None:
    """The files of the run folder, each in a few words, and the next command."""
    screen.heading(f"Done in {in_words(run.seconds)}")
    judged = [
        ("report.html", "how faithful, useful, private and fair they are, for a browser"),
        ("report.json", "the same as numbers"),
    ]
    inside = [
        (run.new.name + os.sep * run.new.is_dir(), several(run.made, "made row")),
        *([(sheet, "some of what was made, to look at")] if (sheet := sheet_in(run.folder)) else []),
        *(judged if run.report is not None else []),
        ("model" + os.sep, "what was learned"),
        ("recipe.toml", "repeats this run exactly: sampan make --recipe FILE"),
        ("schema.toml", "what each column was taken for"),
        ("log.txt", "what was said"),
    ]
    screen.say(f"  {run.folder}{os.sep}")
    for line in table(inside, [20], screen.width, indent=4):
        screen.say(line)
    screen.heading("Next")
    screen.say(f"  {run.next}")
