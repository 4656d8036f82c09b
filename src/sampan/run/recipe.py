"""Recipe: all that a run depends on, in a file that people can read: TOML.

sampan make --recipe recipe.toml      the same data, the same steps, the same seed: the same rows
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sampan.checked import ListOf, Plain, Text, Whole, Wrong, fields_of, short
from sampan.data.disk import write_text
from sampan.errors import StoreError
from sampan.families import FAMILIES
from sampan.learning.budget import Budget
from sampan.learning.state import Precision
from sampan.run.toml import lines_of, read_toml
from sampan.store import settings_of

FORMAT = 1
"""Raised when an older Sampan could not read a newer recipe."""


@dataclass(frozen=True)
class Recipe:
    """What a run depends on.

    source: a path, a URL, "-" or the name of a packaged table; name: what the table is called. digest: of
    the table. rows: how many were read. aside: how many of them the model never sees. make: how many are
    made, None for as many as are learned from. minutes: to learn for, or steps: an exact number. plan,
    precision: what the clock decided while learning, so that a repeated run is the same (see
    `sampan.Budget`). columns: name -> type word; notices: what was said when they were guessed.
    learned: what came of it. target, protected: columns that the judge is told; it guesses them unless said.
    sheet, header, keep_totals: how the source is read (see `sampan.data.read`). safe_csv: whether made cells
    that a spreadsheet would compute are written so that it does not. rules, no_rules: what is said of rules
    between columns; those that were found are in `learned`.
    """

    source: str
    name: str
    digest: str
    rows: int
    aside: int
    make: int | None
    family: str
    settings: dict[str, Any]
    seed: int
    minutes: float | None
    steps: int | None
    columns: dict[str, str]
    plan: list[list[int]] = field(default_factory=list)
    precision: Precision | None = None
    learned: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    target: str | None = None
    protected: list[str] = field(default_factory=list)
    sheet: str | None = None
    header: str | None = None
    keep_totals: bool = False
    safe_csv: bool = False
    rules: list[str] = field(default_factory=list)
    no_rules: list[str] = field(default_factory=list)

    @property
    def reading(self) -> dict[str, Any]:
        """How `sampan.data.read` is to read the source."""
        return {"sheet": self.sheet, "header": self.header, "keep_totals": self.keep_totals or None}

    @property
    def key(self) -> str | None:
        """The column by whose value rows belong together; None where rows are made one by one."""
        ends = ("identifier:key", ",key")
        return next((name for name, word in self.columns.items() if word.endswith(ends)), None)

    @property
    def budget(self) -> Budget:
        """How long to learn, with what the clock decided."""
        return replace(
            Budget.of(self.minutes, self.steps),
            plan=tuple((step, planned) for step, planned in self.plan),
            precision=self.precision,
        )

    def text(self) -> str:
        """The recipe as TOML."""
        plain = {
            "format": FORMAT,
            **{
                one.name: value
                for one in fields(self)
                if not isinstance(value := getattr(self, one.name), dict) and value is not None
            },
        }
        lines = [
            "# All that this run depends on. To repeat it: sampan make --recipe recipe.toml",
            *lines_of(plain),
        ]
        for name in ("settings", "learned", "versions", "columns"):
            if getattr(self, name):
                lines += ["", f"[{name}]", *lines_of(getattr(self, name))]
        return "\n".join(lines) + "\n"

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_text(path, self.text())


_RECIPE = fields_of(Recipe, Whole(-(1 << 64), 1 << 64), Plain())


def read_recipe(path: str | Path) -> Recipe:
    """The recipe in a file. Raises StoreError for one that is missing, foreign, damaged or newer."""
    raw = read_toml(Path(path), "recipe")
    found = raw.pop("format", None)
    if found is not None and found != FORMAT:
        raise StoreError(
            f"{path} is written in format {short(found)}.",
            f"This Sampan reads format {FORMAT}.",
            "Update Sampan: take the newer source, and in its folder type: pip install --upgrade .",
        )
    try:
        whole = Recipe(**{"make": None, "minutes": None, "steps": None, **_RECIPE.check(raw, "it")})
        Text(words=("float32", "bfloat16")).check(whole.precision or "float32", "its precision")
        for count in (whole.rows, whole.aside, whole.make or 0, whole.steps or 0):
            Whole(0).check(count, "a number of rows or steps")
        for pair in whole.plan:
            ListOf(Whole(0), 2, 2).check(pair, "a step of its plan")
        if whole.family in FAMILIES:
            settings_of(FAMILIES[whole.family], 1_000).check(whole.settings, "its settings")
        return whole
    except (TypeError, Wrong) as error:
        raise StoreError(
            f"{path} is no recipe that can be read ({str(error).replace('Recipe.__init__() ', '')}).",
            "A recipe.toml out of a run folder is expected.",
            "Restore the file from a copy, or start a new run: sampan make TABLE",
        ) from error
