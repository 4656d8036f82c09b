"""The two ways to start a run: anew, and where it was left."""

from __future__ import annotations

import contextlib
import functools
import inspect
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ParamSpec

from sampan import scratch
from sampan.data import Table
from sampan.data.disk import write_text
from sampan.errors import Notice, SampanError, StoreError
from sampan.evaluate.report.words import words as words_of
from sampan.family import Family
from sampan.guess import Guess
from sampan.learning.schema import usual_family
from sampan.rules.wish import Wish, check
from sampan.run.folder import (
    forget,
    has_checkpoint,
    new_folder,
    scratch_of,
    stopped,
    tidy,
    with_way_on,
    writable,
)
from sampan.run.look import early_look, first_look
from sampan.run.outcome import Run
from sampan.run.plan import family_of, refuse_unknown, split, tell_plan
from sampan.run.recipe import Recipe, read_recipe
from sampan.run.said import Said, planned, source_of, words_over
from sampan.run.schema_file import schema_text
from sampan.run.source import other_data, read_table, tell_read, understand
from sampan.run.steps import go_on
from sampan.screen import Screen, Silent, several

P = ParamSpec("P")


def _in_scratch(run: Callable[P, Run]) -> Callable[P, Run]:
    """A run whose unpacked data lie beside what it makes, and go at its end."""
    signature = inspect.signature(run)

    @functools.wraps(run)
    def within(*args: P.args, **kwargs: P.kwargs) -> Run:
        folder = signature.bind(*args, **kwargs).arguments.get("folder")
        with scratch.within(scratch_of(folder)):
            return run(*args, **kwargs)

    return within


@_in_scratch
def make(
    source: str | Path | None = None,
    *,
    minutes: float | None = None,
    steps: int | None = None,
    make: int | None = None,
    folder: str | Path | None = None,
    types: Mapping[str, str] | None = None,
    keep: Collection[str] = (),
    personal: Mapping[str, str] | Collection[str] = (),
    exact: Collection[str] = (),
    family: str | None = None,
    seed: int | None = None,
    aside: float | None = None,
    recipe: str | Path | None = None,
    target: str | None = None,
    protected: Sequence[str] = (),
    show_real: bool = False,
    sheet: str | None = None,
    header: int | str | None = None,
    keep_totals: bool | None = None,
    safe_csv: bool = False,
    rules: Sequence[str] = (),
    no_rules: Sequence[str] = (),
    language: str = "en",
    screen: Screen | None = None,
) -> Run:
    """The main job: read a table, show first made rows, learn, make new rows, check them, keep everything.

    - source: a path, URL, "-" or the name of a packaged table.
    - minutes: to learn for (1 unless said); steps: an exact number instead.
    - make: how many rows; as many as are learned from unless said.
    - folder: of the run; a new one in sampan-runs/ unless said.
    - types: column -> type word.
    - keep: columns of personal data to learn as they are; personal: columns of personal data to replace, or
      column -> what it is; exact: columns in which a value that one person alone holds may be made again.
    - aside: share of the rows that the model never sees.
    - recipe: a recipe.toml to repeat; what else is said here overrules it.
    - target: the column that work would predict, protected: the columns by which nobody must be treated
      differently; the judge guesses them unless said.
    - show_real: a report with real rows in it, which is not to be handed on.
    - sheet, header, keep_totals: how the table is read (see `sampan.read`).
    - safe_csv: made cells that a spreadsheet would compute are written so that it does not.
    - rules, no_rules: what holds between columns, and what of that which is found is not to be kept, as
      `sampan.fit` has them.
    - language: of the report, "en" or "zh-Hant".

    Raises Stopped on Ctrl-C, with what was learned kept in the folder; else any SampanError.
    """
    words_of(language)  # refuses an unknown language before any work
    called = screen is None  # from Python, where nobody looks at a screen
    screen = screen or Silent()
    old = read_recipe(recipe) if recipe is not None else None
    said = Said(
        source=source_of(source, old),
        minutes=minutes,
        steps=steps,
        make=make,
        family=family,
        seed=seed,
        aside=aside,
        target=target,
        protected=tuple(protected) or None,
        sheet=sheet,
        header=header,
        keep_totals=keep_totals or None,
        safe_csv=safe_csv or None,
        recipe=recipe,
        rules=tuple(rules) or None,
        no_rules=tuple(no_rules) or None,
    )
    said.refuse()
    words = words_over(old, types=types or {}, keep=keep, personal=personal, exact=exact)
    ready = _ready(said, old, words, keep, folder, screen)
    notes = list(dict.fromkeys([*ready.whole.notes, *ready.found.notices]))
    if called and notes:
        about = "What was changed, left out or guessed (the run's generator.notes keeps it)"
        warnings.warn(Notice.of(notes, about), stacklevel=3)
    return _begun(ready, folder, screen, language, show_real)


@dataclass(frozen=True, eq=False)
class _Ready:
    """A run that can begin.

    early: whether a first look was had already, at the beginning of a big file. begun: when.
    """

    whole: Table
    found: Guess
    plan: Recipe
    family: Family
    early: bool
    begun: float


def _ready(
    said: Said,
    old: Recipe | None,
    words: Mapping[str, str],
    keep: Collection[str],
    folder: str | Path | None,
    screen: Screen,
) -> _Ready:
    """Read and understand the table, and plan: whatever may be refused is refused before a folder is made."""
    begun, family = time.monotonic(), said.family
    chosen = family_of(family or (old.family if old else "autoregressive"), old, family is not None)
    said = said.over(old)
    writable(Path("sampan-runs") / "new" if folder is None else Path(folder), new=folder is not None)
    early = early_look(said.source, words, keep, chosen, said.seed or 0, screen, said.reading)
    whole = read_table(said.source, said.reading, said.seed or 0, screen)
    found, sum_ = understand(whole, words, keep, screen)
    if old is not None:
        if sum_ == old.digest:  # its types are taken as said, but were guessed once
            found = replace(found, notices=list(dict.fromkeys([*found.notices, *old.notices])))
        elif str(said.source) == old.source:
            raise other_data(old, Path(str(said.recipe)))
        else:
            screen.say("  These are other data than the recipe's; the rest of it holds.", "yellow")
    if said.family is None:
        chosen = family_of(usual_family(found.schema))
    plan = planned(said, old, whole, found, sum_, chosen)
    refuse_unknown(plan, found)
    check(Wish(tuple(plan.rules), tuple(plan.no_rules)), whole.columns)
    tell_read(whole, found, plan, screen)
    return _Ready(whole, found, plan, chosen, early, begun)


def _begun(ready: _Ready, folder: str | Path | None, screen: Screen, language: str, show_real: bool) -> Run:
    """Make the folder of a run, and all that goes into it."""
    whole, found, plan = ready.whole, ready.found, ready.plan
    files = {"recipe.toml": plan.text(), "schema.toml": schema_text(plan.columns, found.reasons)}
    place = new_folder(whole.name, folder, files)
    with _way_on(place, fresh=True), scratch.alone(place):
        screen.log_to(place / "log.txt")
        tell_plan(whole, found, plan, place, screen)
        seen, _ = split(whole, plan)
        if not ready.early:
            first_look(seen, found.schema, ready.family, plan.seed, screen, whole)
        return go_on(whole, found.schema, plan, place, ready.begun, screen, language, show_real)


@contextlib.contextmanager
def _way_on(place: Path, *, fresh: bool = False) -> Iterator[None]:
    """Errors and Ctrl-C in the block say how to go on. fresh: of a new folder, which goes if it is empty."""
    try:
        yield
    except SampanError as error:
        if fresh and not (place / "model").exists() and not has_checkpoint(place):
            forget(place)
        raise with_way_on(error, place) from error
    except KeyboardInterrupt:
        raise stopped(place) from None


@_in_scratch
def resume(
    folder: str | Path, *, show_real: bool = False, language: str = "en", screen: Screen | None = None
) -> Run:
    """Go on with a run that was killed or stopped; it ends where it would have ended.

    show_real, language: of the report, as in `make`.
    Raises StoreError for a folder that is no run, DataError where the data have changed since.
    """
    words_of(language)  # refuses an unknown language before any work
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
    with scratch.alone(place):
        return _gone_on(place, plan, begun, language, show_real, screen)


def _gone_on(place: Path, plan: Recipe, begun: float, language: str, show_real: bool, screen: Screen) -> Run:
    """`resume`, while nobody else works in the folder."""
    try:
        tidy(place)
        screen.log_to(place / "log.txt")
        screen.say(f"Going on with {place}", "bold")
        whole = read_table(plan.source, plan.reading, plan.seed, screen)
        found, sum_ = understand(whole, plan.columns, (), screen)
        if sum_ != plan.digest:
            raise other_data(plan, place / "recipe.toml")
        if not (place / "schema.toml").exists():
            write_text(place / "schema.toml", schema_text(plan.columns, found.reasons))
        found = replace(found, notices=plan.notices)
        screen.say(
            f"  {several(len(whole), 'row')} and {several(len(whole.columns), 'column')}, as they were"
        )
    except KeyboardInterrupt:
        raise stopped(place) from None
    with _way_on(place):
        return go_on(whole, found.schema, plan, place, begun, screen, language, show_real)
