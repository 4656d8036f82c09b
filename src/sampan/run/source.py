"""The table of a run: found, read, and told about; and the three that a judgement compares."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sampan import datasets
from sampan.data import Table, digest, read
from sampan.errors import DataError, RequestError, StoreError
from sampan.guess import Guess, guess, refuse_still
from sampan.run.plan import split
from sampan.run.recipe import Recipe, read_recipe
from sampan.screen import Screen, in_words, several, table, tell_notes
from sampan.store import is_model


def resolve(source: str | Path) -> str | Path:
    """The path of a packaged table where its name is given and no file is called so, else the source."""
    text = str(source)
    if text in datasets.names() and not Path(text).exists():
        return datasets.path(text)
    return source


def named(source: str | Path) -> str:
    """The source as a recipe names it: a path from the root, so that it is found from anywhere."""
    text = str(source)
    if text == "-" or "://" in text or resolve(source) is not source:
        return text
    return str(Path(text).expanduser().absolute())


WIDE, _LOOK = 500, 0.006
"""Columns from which on it is said at once how long looking at them takes, and seconds for each."""


def read_table(source: str | Path, reading: Mapping[str, Any], seed: int, screen: Screen) -> Table:
    """The table, with a line about how many rows came so far. reading: as `Recipe.reading`."""
    screen.heading("Reading")
    with screen.stage(f"reading {Path(str(source)).name or source}") as stage:
        return read(
            resolve(source),
            seed=seed,
            on_rows=lambda rows: stage.update(note=several(rows, "row")),
            **reading,
        )


def understand(
    whole: Table, words: Mapping[str, str], keep: Collection[str], screen: Screen
) -> tuple[Guess, str]:
    """What the columns are, and the digest of the table. Raises DataError where nothing in it varies."""
    wide = len(whole.columns)
    if wide > WIDE:
        screen.paragraph(
            f"! {several(wide, 'column')} of {several(len(whole), 'row')}: looking at each takes about "
            f"{in_words(wide * _LOOK)}. Every column is used, and what a model takes grows with them; to"
            " leave some out, give a table without them, or type --type COLUMN=omitted",
            "yellow",
        )
    with screen.stage("looking at each column") as stage:
        found = guess(
            whole.columns, types=words, keep=keep, on_column=lambda place: stage.update(place, wide)
        )
    refuse_still(whole.name, whole.columns, found.fields)
    with screen.stage("taking a fingerprint of the data"):
        return found, digest(whole.columns)


def other_data(plan: Recipe, path: Path) -> DataError:
    """The error of a source that has changed since its recipe was written."""
    return DataError(
        f"{plan.source} does not hold the data of {path}: its fingerprint differs.",
        f"The very same {plan.rows:,} rows are expected (sha256 {plan.digest[:12]}…).",
        f"Restore the data, or start a new run: sampan make {shlex.quote(plan.source)}",
    )


def tell_read(whole: Table, found: Guess, plan: Recipe, screen: Screen) -> None:
    """What was read, what it is taken for, and what happens to personal data."""
    screen.say(f"  {several(len(whole), 'row')}, {several(len(whole.columns), 'column')} from {plan.source}")
    rows = found.table()
    most = 40
    for line in table(rows[:most], [max(12, screen.width // 4), 11], screen.width):
        screen.say(line)
    if len(rows) > most:
        screen.say(f"  and {several(len(rows) - most, 'column')} more, all in schema.toml")
    tell_notes(dict.fromkeys([*whole.notes, *found.notices]), screen)
    if not any(kind == "personal" for _, kind, _ in rows):
        screen.say("  No column looks like personal data.")
    if plan.aside:
        screen.paragraph(
            f"{several(plan.aside, 'row')} are kept aside: the model never sees them; the judge at "
            "the end finds out with them what real rows reach."
        )
    else:
        screen.say("  No rows are kept aside: the judge will have nothing to measure against.")
    screen.say("  A wrong type? Stop and type: --type COLUMN=category (or number, moment, ...)")


Source = str | Path | Table


def judged(
    made: str, seen: str | None, unseen: str | None
) -> tuple[str | Path, Source, Source | None, Recipe | None]:
    """(made rows or a model, rows learned from, never seen), each a table or where it is; and the recipe.

    A run folder brings all of them: its new rows, its table parted as the run did, and its recipe, which says
    what each column was taken for. Raises RequestError
    where the rows learned from are not named, DataError where the run's table has changed since, StoreError
    where the run has made nothing yet.
    """
    place = Path(made)
    if seen is None and (place / "recipe.toml").exists():
        plan = read_recipe(place / "recipe.toml")
        whole = read(resolve(plan.source), seed=plan.seed, **plan.reading)
        if digest(whole.columns) != plan.digest:
            raise other_data(plan, place / "recipe.toml")
        learned, aside = split(whole, plan)
        new = next(iter([*sorted(place.glob("new.*")), *place.glob("new/")]), None)
        if new is None:
            raise StoreError(
                f"the run {place} holds no made rows.",
                "A finished run is expected, with a file such as new.csv or a folder new of pictures in it.",
                f"Type: sampan make --resume {shlex.quote(str(place))}",
            )
        return new, learned, unseen if unseen is not None else aside, plan
    if seen is None:
        raise RequestError(
            f"{made} is to be judged, but no real rows to judge it by are named.",
            "The rows that were learned from are expected, and better also rows that were not.",
            f"Type: sampan judge {shlex.quote(made)} --seen TABLE --unseen TABLE",
        )
    made_by = next((one for one in (place, place / "model") if is_model(one)), made)
    return made_by, seen, unseen, None
