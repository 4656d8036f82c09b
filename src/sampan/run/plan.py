"""The plan of a run: for how long, with what, which rows are kept aside, and how long it will take."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from sampan.data import Table
from sampan.data.stream import part
from sampan.errors import RequestError, StoreError, nearest
from sampan.evaluate.eyes import SECONDS
from sampan.evaluate.judge import MADE
from sampan.families import FAMILIES
from sampan.family import Family
from sampan.groups.standing import Standing
from sampan.guess import Guess
from sampan.learning.learn import ENOUGH, WIDE
from sampan.learning.schema import family_named
from sampan.randomness import Purpose, rng_of
from sampan.run import look
from sampan.run.recipe import Recipe
from sampan.screen import Screen, in_minutes, in_words, several, size_in_words, table
from sampan.space import Real

STEP = 0.0015
"""Seconds of a step of learning for each column, about, on one thread."""

ASIDE = 0.1
"""Share of the rows that the model never sees, unless said otherwise."""

MOST_ASIDE = 100_000
"""More rows than this say no more about how good the made ones are."""

COMPARED = 20_000
"""Rows of each side that a run is judged by: more take minutes and hardly narrow an interval."""

LOOKED_AT = 32
"""Files that the plan looks at to know their size."""

FAR = 3.0
"""A time so many times shorter than what files need is far too short."""

ENOUGH_ASIDE = 50
"""Rows kept aside of a short table, where it has them: with fewer nothing could be decided."""


def family_of(word: str, old: Recipe | None = None, anew: bool = False) -> Family:
    """The family of a word, with the settings of a recipe where it is the recipe's."""
    usual = family_named(word)
    if old is None or (anew and word != old.family):
        return usual
    try:
        return FAMILIES[word](**old.settings)
    except TypeError as error:
        raise StoreError(
            f"the recipe's settings do not fit the family {word!r} ({error}).",
            "The settings that `sampan make` wrote are expected.",
            "Take the table [settings] out of the recipe, or use a recipe of this version of Sampan.",
        ) from error


def several_names(said: Sequence[str], columns: Collection[str]) -> list[str]:
    """Names of columns, each said by itself or several with commas between; a column's own comma is its own.

    >>> several_names(["sex,race", "a, b"], ["sex", "race", "a, b"])
    ['sex', 'race', 'a, b']
    """
    parts = [[text] if text in columns else text.split(",") for text in said]
    return list(
        dict.fromkeys(name.strip() if name not in columns else name for part in parts for name in part)
    )


def refuse_unknown(plan: Recipe, found: Guess) -> None:
    """Raise RequestError, before any learning, for a target or protected column that no judge can use."""
    usable = {
        name: field for name, field in found.fields.items() if field.kind in ("category", "number", "moment")
    }
    for option, names in (
        ("--target", [plan.target] if plan.target else []),
        ("--protected", plan.protected),
    ):
        for name in names:
            if name in usable:
                continue
            hint = nearest(name, usable)
            listed = ", ".join(f'"{other}"' for other in usable)
            meant = next((other for other in usable if f'"{other}"' in hint), next(iter(usable), "COLUMN"))
            what = f"is taken for {found.fields[name].kind}" if name in found.fields else "does not exist"
            raise RequestError(
                f'the column "{name}" ({option}) {what}.{hint}',
                f"A column that is learned is expected: {listed}.",
                f'Type for instance: {option} "{meant}"',
            )


def rows_aside(rows: int, share: float | None, old: Recipe | None) -> int:
    """How many rows are kept aside; none of a table that is too short to spare any."""
    if share is None and old is not None and old.rows == rows:
        return old.aside
    if share is None and rows < 100:
        return 0
    if share is None:
        enough = min(ENOUGH_ASIDE, rows // 5)  # of a short table more, or the judge could say nothing
        return min(MOST_ASIDE, max(enough, int(rows * ASIDE)))
    return int(rows * share)


def split(whole: Table, plan: Recipe) -> tuple[Table, Table]:
    """(rows to learn from, rows kept aside), each in the order of the table; whole groups of rows."""
    if plan.aside == 0:
        return whole, replace(whole, columns=part(whole.columns, 0, 0))
    learned, aside = rows_of_both(whole, plan)
    return whole.take(learned), whole.take(aside)


def apart_of(whole: Table, key: str | None, aside: int, seed: int) -> np.ndarray:
    """Which rows are kept aside: so many, or of groups of rows those that have at most so many: bool."""
    rng, apart = rng_of(seed, Purpose.ASIDE), np.zeros(len(whole), dtype=bool)
    if key is None:
        apart[rng.permutation(len(whole))[:aside]] = True
        return apart
    standing = Standing.of(whole.columns[key])
    turn = rng.permutation(standing.sizes.size)
    kept = turn[np.cumsum(standing.sizes[turn]) <= aside]
    return np.isin(standing.group, kept)


def rows_of_both(whole: Table, plan: Recipe) -> tuple[np.ndarray, np.ndarray]:
    """Which rows of the table are learned from, and which are kept aside; from 0, in order."""
    apart = apart_of(whole, plan.key, plan.aside, plan.seed)
    return np.flatnonzero(~apart), np.flatnonzero(apart)


def patience_of(whole: Table, found: Guess, plan: Recipe) -> tuple[str, str, str]:
    """(which files, how long they need, a warning where far less is planned); empty where nobody knows."""
    name, medium = next(iter(found.schema.media.items()), ("", None))
    if medium is None or torch.cuda.is_available():  # the times were measured on processors
        return "", "", ""
    column = whole.columns[name]
    space = found.fields[name].fit(column.slice(0, min(len(column), LOOKED_AT))).spaces[""]
    threads = torch.get_num_threads()
    channels = space.channels if isinstance(space, Real) else 1
    known = medium.patience(space.grid, channels, plan.family, threads)
    if known is None:
        return "", "", ""
    about = f"about {in_minutes(known.minutes)} until {known.size} look like real ones"
    warning = ""
    if plan.minutes is not None and not plan.steps and plan.minutes * FAR < known.minutes:
        where = f"{plan.family} on {several(threads, 'thread')}"
        warning = (
            f"{medium.many} of {known.size} need about {in_minutes(known.minutes)} of {where} to look like "
            f"real ones, reckoned from what was measured ({known.source}). After {in_minutes(plan.minutes)} "
            f"they will be {known.before}. For longer: --minutes {math.ceil(known.minutes)}; for "
            f'smaller ones: --type "{name}={known.smaller}"'
        )
    return medium.many, about, warning


def tell_plan(whole: Table, found: Guess, plan: Recipe, place: Path, screen: Screen) -> None:
    """The seconds of each step, the memory and the folder."""
    screen.heading("Plan")
    rows = plan.make or plan.rows - plan.aside
    files = found.schema.media
    if files and not plan.make:
        rows = min(MADE, rows)
    cells = rows * max(1, len(whole.columns))
    making, judging = 1 + cells / 300_000, 15 + min(rows, COMPARED) * len(whole.columns) / 15_000
    judging += SECONDS if files else 0.0
    learning = None if plan.minutes is None else plan.minutes * 60
    learn_words = (
        f"{plan.steps:,} steps" if learning is None or plan.steps else f"at most {in_words(learning)}"
    )
    stages = [
        ("a first look", f"about {in_words(look.LOOK_SECONDS + 2)}"),
        ("learning", learn_words),
        ("making", f"about {in_words(making)} for {several(rows, 'row')}"),
        ("judging", f"about {in_words(judging)}"),
    ]
    if learning is not None:
        stages.append(("in all", f"about {in_words(look.LOOK_SECONDS + 2 + learning + making + judging)}"))
    many, about, warning = patience_of(whole, found, plan)
    held = sum(column.nbytes for column in whole.columns.values())
    stages += [
        ("memory", f"about {size_in_words(6e8 + 3 * held)}"),
        *([(many, about)] if about else []),
        ("network", "not used: everything stays on this machine"),
        ("folder", f"{place}{os.sep}"),
    ]
    for line in table(stages, [16], screen.width):
        screen.say(line)
    wide = len(whole.columns)
    if learning is not None and not plan.steps and wide >= WIDE and learning < ENOUGH * wide * STEP:
        screen.paragraph(
            f"! {wide:,} columns: about {max(1, int(learning / (wide * STEP))):,} steps of learning fit into "
            f"the time, where about {ENOUGH} tell how so many columns hang together. For longer: --minutes "
            f"{math.ceil(ENOUGH * wide * STEP / 60)}",
            "yellow",
        )
    if warning:
        screen.paragraph(f"! {warning}", "yellow")
