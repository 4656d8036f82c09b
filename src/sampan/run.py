"""Run: the main job in one folder - read, preview, learn, make, check, save - that can be killed and resumed.

sampan-runs/customers-20260131-101500/
  new.csv        the made rows, in the format of the source
  model/         what was learned
  recipe.toml    what the run depends on; repeats it
  schema.toml    what each column was taken for; to correct and use again
  check.json     how near the made rows are, as numbers
  look.html      the same to look at
  log.txt        what was said
  checkpoint/    while learning only
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import re
import shlex
import shutil
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import torch

from sampan import datasets
from sampan.card import versions
from sampan.column import Column
from sampan.data import Columns, Table, batches, digest, read, write_stream
from sampan.data.stream import join, part, rows_of
from sampan.errors import DataError, RequestError, SampanError, Stopped, StoreError, nearest
from sampan.evaluate.check import FEWEST_ROWS, Check, check
from sampan.evaluate.comparable import comparable
from sampan.evaluate.picture import picture
from sampan.families import FAMILIES
from sampan.family import Family
from sampan.generator import Generator, learn, load
from sampan.guess import Guess, guess
from sampan.recipe import Recipe, read_recipe, schema_text, word_of, write_text, written
from sampan.schema import Schema
from sampan.screen import Screen, Silent, Stage, in_words, records, several, size_in_words, table, wrap
from sampan.store import is_model
from sampan.train import Budget, Progress

ASIDE = 0.1
"""Share of the rows that the model never sees, unless said otherwise."""

MOST_ASIDE = 100_000
"""More rows than this say no more about how good the made ones are."""

LOOK_ROWS, LOOK_SECONDS, LOOK_SIZE = 4_000, 4.0, 64
"""The first look: on so many rows, for so long, with a network of this width. First rows then appear within
15 s of the start, imports and reading included."""

SHOWN = 6
"""Rows of the first look."""

COMPARED = 100_000
"""Made rows that are kept in memory for the check."""

BIG = 150_000_000
"""Bytes of a file from which on the first look is taken at its beginning, before all of it is read."""


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run: its folder, and what is in it."""

    folder: Path
    recipe: Recipe
    generator: Generator
    new: Path
    made: int
    checked: Check
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
            "look": str(self.folder / "look.html"),
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
            "check": self.checked.to_json(),
            "next": self.next,
        }


# --- the two ways to start
def make(
    source: str | Path | None = None,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    make: int | None = None,
    folder: str | Path | None = None,
    types: Mapping[str, str] | None = None,
    keep: Collection[str] = (),
    family: str | None = None,
    seed: int | None = None,
    aside: float | None = None,
    recipe: str | Path | None = None,
    screen: Screen | None = None,
) -> Run:
    """The main job: read a table, show first made rows, learn, make new rows, check them, keep everything.

    source: a path, URL, "-" or the name of a packaged table. minutes: to learn for (1 unless said); steps:
    an exact number instead. make: how many rows; as many as are learned from unless said. folder: of the
    run; a new one in sampan-runs/ unless said. types: column -> type word. keep: columns of personal data
    to learn as they are. aside: share of the rows that the model never sees. recipe: a recipe.toml to
    repeat; what else is said here overrules it.

    Raises Stopped on Ctrl-C, with what was learned kept in the folder; else any SampanError.
    """
    screen = screen or Silent()
    old = read_recipe(recipe) if recipe is not None else None
    if source is None:
        if old is None:
            raise RequestError(
                "no table is named.",
                "A path, a URL, - for standard input, or the name of a packaged table is expected.",
                "Type: sampan make TABLE, for example: sampan make census",
            )
        source = old.source
    begun = time.monotonic()
    budget_of(minutes, steps)  # refuse nonsense before any work
    if aside is not None and not 0 <= aside <= 0.5:
        raise RequestError(
            f"a share of {aside} of the rows is to be kept aside.",
            "A number from 0 to 0.5 is expected.",
            "For example: --aside 0.1",
        )
    chosen = family_of(family or (old.family if old else "autoregressive"), old, family is not None)
    if make is not None and make < 1:
        raise RequestError(
            f"{make} rows are to be made.", "At least one is expected.", "For example: -n 1000"
        )
    writable(Path(folder) if folder is not None else Path("sampan-runs") / "new")
    seed = seed if seed is not None else old.seed if old else 0

    words = {**(old.columns if old else {}), **(types or {})}
    early = _early_look(source, words, keep, chosen, seed, screen)
    whole = _read(source, seed, screen)
    found, sum_ = _understand(whole, words, keep, screen)
    if old is not None and sum_ != old.digest:
        if str(source) == old.source:
            raise _other_data(old, Path(str(recipe)))
        screen.say("  These are other data than the recipe's; the rest of it holds.", "yellow")
    repeated = old is not None and minutes is None and steps is None
    if old is not None and repeated:
        minutes, steps = old.minutes, old.steps
    plan = Recipe(
        source=_named(source),
        name=whole.name,
        digest=sum_,
        rows=len(whole),
        aside=_aside(len(whole), aside, old),
        make=make if make is not None else old.make if old else None,
        family=chosen.kind,
        settings=chosen.settings(),
        seed=seed,
        minutes=minutes if minutes or steps else 1.0,
        steps=steps,
        plan=old.plan if old is not None and repeated else [],
        precision=old.precision if old is not None and repeated else None,
        columns={name: word_of(field) for name, field in found.fields.items()},
        versions=versions(),
    )
    _tell_read(whole, found, plan, screen)
    place = new_folder(whole.name, folder)
    try:
        screen.log_to(place / "log.txt")
        write_text(place / "schema.toml", schema_text(plan.columns, found.reasons))
        plan.write(place / "recipe.toml")
        _tell_plan(whole, plan, place, screen)
        seen, _ = split(whole, plan)
        if not early:
            _first_look(seen, Schema(found.fields), chosen, seed, screen)
        return _go_on(whole, Schema(found.fields), plan, place, begun, screen)
    except SampanError as error:
        if not (place / "model").exists() and not _has_checkpoint(place):
            _forget(place)
        raise _with_way_on(error, place) from error
    except KeyboardInterrupt:
        raise _stopped(place) from None


def resume(folder: str | Path, *, screen: Screen | None = None) -> Run:
    """Go on with a run that was killed or stopped; it ends where it would have ended.

    Raises StoreError for a folder that is no run, DataError where the data have changed since.
    """
    screen = screen or Silent()
    begun = time.monotonic()
    place = Path(folder)
    if not (place / "recipe.toml").is_file():
        raise StoreError(
            f"{place} is no run that can be resumed: it has no recipe.toml.",
            "A folder that `sampan make` wrote is expected.",
            f"Type: ls {place.parent if place.exists() else 'sampan-runs'}",
        )
    plan = read_recipe(place / "recipe.toml")
    try:
        screen.log_to(place / "log.txt")
        screen.say(f"Going on with {place}", "bold")
        whole = _read(plan.source, plan.seed, screen)
        found, sum_ = _understand(whole, plan.columns, (), screen)
        if sum_ != plan.digest:
            raise _other_data(plan, place / "recipe.toml")
        screen.say(
            f"  {several(len(whole), 'row')} and {several(len(whole.columns), 'column')}, as they were"
        )
    except KeyboardInterrupt:
        raise _stopped(place) from None
    try:
        return _go_on(whole, Schema(found.fields), plan, place, begun, screen)
    except SampanError as error:
        raise _with_way_on(error, place) from error
    except KeyboardInterrupt:
        raise _stopped(place) from None


def budget_of(minutes: float | None, steps: int | None) -> Budget:
    """Minutes or steps as a Budget; one minute where nothing is said."""
    if minutes is not None:
        Budget(seconds=minutes * 60)
    if steps is not None:
        return Budget(seconds=None if minutes is None else minutes * 60, steps=steps)
    return Budget(seconds=(1.0 if minutes is None else minutes) * 60)


def family_of(word: str, old: Recipe | None = None, anew: bool = False) -> Family:
    """The family of a word, with the settings of a recipe where it is the recipe's."""
    if word not in FAMILIES:
        raise RequestError(
            f"there is no family {word!r}.",
            f"The families are: {', '.join(FAMILIES)}.{nearest(word, FAMILIES)}",
            "Use one of these words.",
        )
    if old is None or (anew and word != old.family):
        return FAMILIES[word]()
    try:
        return FAMILIES[word](**old.settings)
    except TypeError as error:
        raise StoreError(
            f"the recipe's settings do not fit the family {word!r} ({error}).",
            "The settings that `sampan make` wrote are expected.",
            "Take the table [settings] out of the recipe, or use a recipe of this version of Sampan.",
        ) from error


def resolve(source: str | Path) -> str | Path:
    """The path of a packaged table where its name is given and no file is called so, else the source."""
    text = str(source)
    if text in datasets.names() and not Path(text).exists():
        return datasets.path(text)
    return source


def model_folder(path: str | Path) -> Path:
    """The model folder that a path means: itself, or the model in a run folder."""
    folder = Path(path)
    inside = folder / "model"
    return inside if not is_model(folder) and inside.is_dir() else folder


def new_folder(name: str, folder: str | Path | None = None) -> Path:
    """A new run folder: the one asked for, or sampan-runs/NAME-TIME."""
    if folder is not None:
        place = Path(folder)
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise StoreError(
                f"{place} is {'a file' if place.is_file() else 'not empty'}.",
                "A new or empty folder for the run is expected.",
                f"Choose another name with -o, or go on with the run in it: sampan make --resume {place}",
            )
        with written(place):
            place.mkdir(parents=True, exist_ok=True)
        return place
    clean = re.sub(r"[^\w.-]+", "_", name).strip("._") or "data"
    stem = f"{clean[:60]}-{dt.datetime.now():%Y%m%d-%H%M%S}"
    for place in (
        Path("sampan-runs") / f"{stem}{'' if again < 2 else f'-{again}'}" for again in range(1, 1000)
    ):
        with written(place):
            try:
                place.mkdir(parents=True)
                return place
            except FileExistsError:
                continue
    raise StoreError(f"{stem} has no free name.", "Fewer runs in one second.", "Choose a folder with -o.")


def writable(place: Path) -> None:
    """Raises StoreError, before any work, where a folder cannot be made."""
    above = next(parent for parent in (place.absolute(), *place.absolute().parents) if parent.exists())
    if above.is_dir() and not os.access(above, os.W_OK | os.X_OK):
        raise StoreError(
            f"{place} cannot be written: you may not write in {above}.",
            "A folder that you may write in is expected.",
            "Choose another with -o, for example: -o ~/sampan-run",
        )


def split(whole: Table, plan: Recipe) -> tuple[Table, Table]:
    """(rows to learn from, rows kept aside), each in the order of the table."""
    order = np.random.default_rng([plan.seed & 0xFFFFFFFFFFFFFFFF, 41]).permutation(len(whole))
    if plan.aside == 0:
        return whole, replace(whole, columns=part(whole.columns, 0, 0))
    return whole.take(np.sort(order[plan.aside :])), whole.take(np.sort(order[: plan.aside]))


# --- reading
def _named(source: str | Path) -> str:
    """The source as a recipe names it: a path from the root, so that it is found from anywhere."""
    text = str(source)
    if text == "-" or "://" in text or resolve(source) is not source:
        return text
    return str(Path(text).expanduser().absolute())


def _read(source: str | Path, seed: int, screen: Screen) -> Table:
    screen.heading("Reading")
    with screen.stage(f"reading {Path(str(source)).name or source}") as stage:
        whole = read(resolve(source), seed=seed, on_rows=lambda rows: stage.update(note=several(rows, "row")))
    return whole


def _understand(
    whole: Table, words: Mapping[str, str], keep: Collection[str], screen: Screen
) -> tuple[Guess, str]:
    """What the columns are, and the digest of the table."""
    with screen.stage("looking at each column"):
        found = guess(whole.columns, types=words, keep=keep)
    with screen.stage("taking a fingerprint of the data"):
        return found, digest(whole.columns)


def _other_data(plan: Recipe, path: Path) -> DataError:
    return DataError(
        f"{plan.source} does not hold the data of {path}: its fingerprint differs.",
        f"The very same {plan.rows:,} rows are expected (sha256 {plan.digest[:12]}…).",
        f"Restore the data, or start a new run: sampan make {shlex.quote(plan.source)}",
    )


def _aside(rows: int, share: float | None, old: Recipe | None) -> int:
    """How many rows are kept aside; none of a table that is too short to spare any."""
    if share is None and old is not None and old.rows == rows:
        return old.aside
    if share is None and rows < 100:
        return 0
    if share is None:
        enough = min(FEWEST_ROWS, rows // 5)  # of a short table more, or the check could say nothing
        return min(MOST_ASIDE, max(enough, int(rows * ASIDE)))
    return int(rows * share)


# --- telling
def _tell_read(whole: Table, found: Guess, plan: Recipe, screen: Screen) -> None:
    """What was read, what it is taken for, and what happens to personal data."""
    screen.say(f"  {several(len(whole), 'row')}, {several(len(whole.columns), 'column')} from {plan.source}")
    for note in whole.notes:
        _say_wrapped(note, screen)
    rows = found.table()
    most = 40
    for line in table(rows[:most], [max(12, screen.width // 4), 11], screen.width):
        screen.say(line)
    if len(rows) > most:
        screen.say(f"  and {several(len(rows) - most, 'column')} more, all in schema.toml")
    for notice in found.notices:
        _say_wrapped(f"! {notice}", screen, "yellow")
    if not any(kind == "personal" for _, kind, _ in rows):
        screen.say("  No column looks like personal data.")
    if plan.aside:
        _say_wrapped(
            f"{several(plan.aside, 'row')} are kept aside: the model never sees them; the check at the "
            "end finds out with them what real rows reach.",
            screen,
        )
    else:
        screen.say("  No rows are kept aside: the check will have nothing to measure against.")
    screen.say("  A wrong type? Stop and type: --type COLUMN=category (or number, moment, ...)")


def _say_wrapped(text: str, screen: Screen, style: str = "") -> None:
    for line in wrap(text, screen.width, 2, 2):
        screen.say(line, style)


def _tell_plan(whole: Table, plan: Recipe, place: Path, screen: Screen) -> None:
    screen.heading("Plan")
    rows = plan.make or plan.rows - plan.aside
    cells = rows * max(1, len(whole.columns))
    making, checking = 1 + cells / 150_000, 2 + min(rows, COMPARED) * len(whole.columns) ** 1.5 / 1e6
    learning = None if plan.minutes is None else plan.minutes * 60
    learn_words = (
        f"{plan.steps:,} steps" if learning is None or plan.steps else f"at most {in_words(learning)}"
    )
    stages = [
        ("a first look", f"about {in_words(LOOK_SECONDS + 2)}"),
        ("learning", learn_words),
        ("making", f"about {in_words(making)} for {several(rows, 'row')}"),
        ("checking", f"about {in_words(checking)}"),
    ]
    if learning is not None:
        stages.append(("in all", f"about {in_words(LOOK_SECONDS + 2 + learning + making + checking)}"))
    held = sum(column.nbytes for column in whole.columns.values())
    stages += [
        ("memory", f"about {size_in_words(6e8 + 3 * held)}"),
        ("network", "not used: everything stays on this machine"),
        ("folder", f"{place}{os.sep}"),
    ]
    for line in table(stages, [16], screen.width):
        screen.say(line)


def _cells(columns: Mapping[str, Column], rows: int) -> list[list[str]]:
    """The first rows as text for people."""
    lists = [
        ["" if cell is None else str(cell) for cell in column.slice(0, min(rows, len(column))).to_pylist()]
        for column in columns.values()
    ]
    return [list(row) for row in zip(*lists, strict=True)]


# --- the first look
def _first_look(seen: Table, schema: Schema, family: Family, seed: int, screen: Screen) -> None:
    """Learn a little from a few rows, and show what that makes."""
    screen.heading("First look")
    rng = np.random.default_rng([seed & 0xFFFFFFFFFFFFFFFF, 42])
    few = seen
    if len(seen) > LOOK_ROWS:
        few = seen.take(np.sort(rng.choice(len(seen), LOOK_ROWS, replace=False)))
    small = replace(family, size=LOOK_SIZE)  # type: ignore[call-arg]  # the dial that every family has
    begun = time.monotonic()

    def in_time(progress: Progress) -> None:
        """Ends the learning as Ctrl-C would where a busy machine makes single steps take seconds."""
        if time.monotonic() - begun > LOOK_SECONDS + 2:
            raise KeyboardInterrupt

    def look(schema: Schema) -> Generator:
        budget = Budget(seconds=LOOK_SECONDS)
        return learn(few, schema, small, budget=budget, seed=seed, on_step=in_time)

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # a small model gains nothing from more, and loses much on a busy machine
    try:
        with screen.stage("a small model for a first look", LOOK_SECONDS + 1.5):
            try:
                generator = look(schema)
            except DataError:
                # a column that the few rows leave empty; what is wrong with all rows, learning will say
                generator = look(Schema(guess(few.columns).fields))
            if (
                generator.card.history["ended"] == "interrupted"
                and time.monotonic() - begun < LOOK_SECONDS + 2
            ):
                raise KeyboardInterrupt
            made = next(generator.blocks(SHOWN, seed=seed))
    finally:
        torch.set_num_threads(threads)
    names = list(made)
    for line in records(names, _cells(made, SHOWN), screen.width):
        screen.say(line, "green")
    _say_wrapped(
        "Made rows, not real ones, and only a first look: a small model, "
        f"{in_words(generator.card.seconds)} of learning from {several(len(few), 'row')}. "
        "The model that is learned now will do better.",
        screen,
    )


def _early_look(
    source: str | Path,
    words: Mapping[str, str],
    keep: Collection[str],
    family: Family,
    seed: int,
    screen: Screen,
) -> bool:
    """The first look at the beginning of a big file, which takes long to read as a whole; whether it was."""
    path = Path(str(source)).expanduser()
    if not path.is_file() or path.stat().st_size < BIG:
        return False
    screen.say(f"{path.name} is big ({size_in_words(path.stat().st_size)}): a first look at its beginning.")
    with screen.stage(f"reading the beginning of {path.name}"):
        first = next(iter(batches(path, 2 * LOOK_ROWS)))
        head = replace(read(dict(first)), name=path.stem, native="file")
        found = guess(head.columns, types=words, keep=keep)
    try:
        _first_look(head, Schema(found.fields), family, seed, screen)
    except DataError as error:
        screen.say(f"  The beginning alone does not do: {error.what}")
    return True


# --- learning, making, checking
def _go_on(whole: Table, schema: Schema, plan: Recipe, place: Path, begun: float, screen: Screen) -> Run:
    """Everything after the first look; what a killed run has done already is not done again."""
    seen, aside = split(whole, plan)
    generator, plan = _learned(seen, schema, plan, place, screen)
    rows = plan.make or len(seen)
    new = place / f"new{_ending(plan.source)}"
    made = _make(generator, rows, plan.seed, new, screen)
    checked = _check(generator, seen, aside, made, plan, place, screen)
    _remove_checkpoint(place)
    following = next_command(generator, place, seen.columns)
    run = Run(place, plan, generator, new, rows, checked, time.monotonic() - begun, following)
    _tell_end(run, screen)
    return run


def _learned(
    seen: Table, schema: Schema, plan: Recipe, place: Path, screen: Screen
) -> tuple[Generator, Recipe]:
    """The model: as it was learned before the run was killed, or learned now, from a checkpoint if any."""
    screen.heading("Learning")
    store = place / "model"
    if is_model(store) and plan.learned.get("ended", "interrupted") != "interrupted":
        screen.say("  It had been learned before.")
        return load(store), plan
    family = family_of(plan.family, plan)
    resumed = _has_checkpoint(place)
    with screen.stage("learning", None if plan.minutes is None else plan.minutes * 60) as stage:
        generator = learn(
            seen,
            schema,
            family,
            budget=replace(
                budget_of(plan.minutes, plan.steps),
                plan=tuple((step, planned) for step, planned in plan.plan),
                precision=plan.precision,  # type: ignore[arg-type]  # of a recipe, checked by learning
            ),
            seed=plan.seed,
            on_step=progress_on(stage),
            checkpoint=place / "checkpoint",
        )
    with screen.stage("saving the model"), written(store):
        generator.save(store)
    history = generator.card.history
    looks = [look["held_out"] for look in history["looks"]]
    keep = ("steps", "planned", "best_step", "batch", "precision", "ended", "seconds")
    learned = {name: history[name] for name in keep if name in history}
    learned["seconds"] = round(float(learned.get("seconds", 0.0)), 2)
    interrupted = history["ended"] == "interrupted"
    if not interrupted:  # what the clock decided, so that a repeated run need not ask it
        decided = [list(pair) for pair in history["plan"]]
        plan = replace(plan, plan=decided, precision=history["precision"])
    plan = replace(plan, learned=learned)
    plan.write(place / "recipe.toml")
    ended = {"enough": "; more would not help", "interrupted": "; stopped by you"}.get(history["ended"], "")
    screen.say(
        f"  {several(history['steps'], 'step')} in {in_words(history['seconds'])}{ended}"
        f"{' (gone on from a checkpoint)' if resumed else ''}"
    )
    if looks and math.isfinite(min(looks)):
        screen.say(
            f"  Held-out score: {looks[0]:.2f} nats a record at first, {min(looks):.2f} now (lower is better)"
        )
    if interrupted:
        raise _stopped(place)
    return generator, plan


def progress_on(stage: Stage) -> Callable[[Progress], None]:
    """What to call after every step, so that the stage shows it."""
    first: list[float] = []

    def on_step(progress: Progress) -> None:
        held = progress.held_out
        note = f"step {progress.step:,}"
        if held is not None:
            note += f", held-out {held:.2f}"
            if first and first[0] != held:
                note += f" (from {first[0]:.2f})"
            first[:] = first[:1] or [held]
        if progress.left is None:
            stage.update(note=note)
        else:
            stage.update(progress.seconds, progress.seconds + progress.left, progress.left, note)

    return on_step


def _make(generator: Generator, rows: int, seed: int, new: Path, screen: Screen) -> Columns:
    """Make the rows into a file; those of the first blocks come back, for the check."""
    screen.heading("Making")
    held: list[Columns] = []
    begun = time.monotonic()

    def passing() -> Iterator[Columns]:
        count = 0
        for block in generator.blocks(rows, seed=seed):
            if count < COMPARED:
                held.append(block)
            count += rows_of(block)
            stage.update(count, rows, note=several(count, "row"))
            yield block

    with screen.stage("making rows") as stage:
        write_stream(new, passing())
    screen.say(f"  {several(rows, 'row')} in {in_words(time.monotonic() - begun)}, in {new}")
    return {name: join([block[name] for block in held]) for name in held[0]}


def _check(
    generator: Generator, seen: Table, aside: Table, made: Columns, plan: Recipe, place: Path, screen: Screen
) -> Check:
    """Compare made rows with those learned from, beside the rows kept aside."""
    screen.heading("Checking")
    with screen.stage("comparing made rows with real ones"):
        alike = comparable(generator.layout.codecs, [seen.columns, aside.columns, made])
        real, other, new = alike.tables
        checked = check(real, other, new, alike.kinds, seed=plan.seed)
        page = picture(
            real, new, alike.kinds, checked, title=f"{plan.name}: real rows and made rows", ticks=alike.ticks
        )
    write_text(place / "check.json", json.dumps(checked.to_json(), indent=1, ensure_ascii=False) + "\n")
    write_text(place / "look.html", page)
    verdict, *lines = checked.lines()
    for line in wrap(verdict, screen.width, 2, 0):
        screen.say(line, "bold")
    for line in lines:
        screen.say(f"  {line}")
    if alike.left_out:
        _say_wrapped(f"Not compared: {', '.join(alike.left_out)} (invented, constant or left out).", screen)
    return checked


def next_command(generator: Generator, place: Path, columns: Mapping[str, Column]) -> str:
    """A command to type next: more rows with one thing fixed, so that a person sees that they can."""
    given = ""
    for name, codec in reversed(list(generator.layout.codecs.items())):
        if codec.kind == "category" and codec.spaces and is_easy(name):
            few = columns[name].slice(0, min(500, len(columns[name]))).to_pylist()
            often = Counter(cell for cell in few if cell is not None and len(str(cell)) < 30)
            if often:
                value = often.most_common(2)[-1][0]  # a thing that not every second record is
                text = str(value).lower() if isinstance(value, bool) else str(value)
                given = f" --given {shlex.quote(f'{name}={text}')}"
                break
    return f"sampan sample {shlex.quote(str(place))} -n 1000 -o more.csv{given}"


def is_easy(name: str) -> bool:
    """Whether a column's name can be typed before an equals sign."""
    return "=" not in name and len(name) < 30 and name == name.strip()


def _tell_end(run: Run, screen: Screen) -> None:
    screen.heading(f"Done in {in_words(run.seconds)}")
    inside = [
        (run.new.name, several(run.made, "made row")),
        ("look.html", "real and made, column by column, for a browser"),
        ("model" + os.sep, "what was learned"),
        ("recipe.toml", "repeats this run exactly: sampan make --recipe FILE"),
        ("schema.toml", "what each column was taken for"),
        ("check.json", "the check as numbers"),
        ("log.txt", "what was said"),
    ]
    screen.say(f"  {run.folder}{os.sep}")
    for line in table(inside, [20], screen.width, indent=4):
        screen.say(line)
    screen.heading("Next")
    screen.say(f"  {run.next}")


# --- the folder
_ENDINGS = frozenset(".csv .tsv .tab .parquet .pq .arrow .feather .ipc .jsonl .ndjson .json".split())


def _ending(source: str) -> str:
    """The ending of the new file: the source's where rows can be written so, else .csv."""
    suffixes = PurePosixPath(source.split("?")[0]).suffixes if source != "-" else []
    last = next((suffix.lower() for suffix in reversed(suffixes) if suffix.lower() != ".gz"), "")
    known = {
        ".csv",
        ".tsv",
        ".tab",
        ".parquet",
        ".pq",
        ".arrow",
        ".feather",
        ".ipc",
        ".jsonl",
        ".ndjson",
        ".json",
    }
    return last if last in known else ".csv"


def _has_checkpoint(place: Path) -> bool:
    return (place / "checkpoint" / "training.safetensors").exists()


def _remove_checkpoint(place: Path) -> None:
    shutil.rmtree(place / "checkpoint", ignore_errors=True)


def _forget(place: Path) -> None:
    """Take away a run folder in which nothing came to be."""
    for name in ("log.txt", "recipe.toml", "schema.toml"):
        (place / name).unlink(missing_ok=True)
    for folder in (place, place.parent if place.parent.name == "sampan-runs" else place):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _with_way_on(error: SampanError, place: Path) -> SampanError:
    """The error, which also says how to go on where the run folder holds something worth it."""
    if isinstance(error, Stopped) or not (place / "recipe.toml").exists():
        return error
    told = type(error).__new__(type(error))  # an error of the same kind, whatever its constructor asks for
    fix = f"{error.fix} Then go on: sampan make --resume {shlex.quote(str(place))}"
    SampanError.__init__(told, error.what, error.expected, fix)
    return told


def _stopped(place: Path) -> Stopped:
    kept = is_model(place / "model")
    quoted = shlex.quote(str(place))
    return Stopped(
        f"Stopped. What was {'learned so far' if kept else 'done so far'} is kept in {place}{os.sep}",
        f"To make rows with it as it is: sampan sample {quoted} -n 1000 -o new.csv"
        if kept
        else "Nothing had been learned yet that could make rows.",
        f"To go on: sampan make --resume {quoted}",
    )
