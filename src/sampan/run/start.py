"""The two ways to start a run: anew, and where it was left."""

from __future__ import annotations

import functools
import inspect
import time
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ParamSpec

from sampan import scratch
from sampan.card import versions
from sampan.data import Table
from sampan.data.disk import write_text
from sampan.errors import Notice, RequestError, SampanError, StoreError
from sampan.evaluate.report.words import words as words_of
from sampan.family import Family
from sampan.guess import Guess, exact_types, personal_types
from sampan.learning.budget import MINUTES, Budget
from sampan.learning.family import usual_family
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
from sampan.run.plan import (
    family_of,
    refuse_unknown,
    rows_aside,
    several_names,
    split,
    tell_plan,
)
from sampan.run.recipe import Recipe, read_recipe
from sampan.run.schema_file import schema_text
from sampan.run.source import named, other_data, read_table, tell_read, understand
from sampan.run.steps import go_on
from sampan.screen import Screen, Silent, several
from sampan.whole_numbers import count_of

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


@dataclass(frozen=True)
class _Said:
    """What a person says of a run; None where they say nothing. The names are those of `make`."""

    source: str | Path
    minutes: float | None
    steps: int | None
    make: int | None
    family: str | None
    seed: int | None
    aside: float | None
    target: str | None
    protected: tuple[str, ...] | None
    sheet: str | None
    header: int | str | None
    keep_totals: bool | None
    safe_csv: bool | None

    @property
    def reading(self) -> dict[str, Any]:
        """How `sampan.data.read` is to read the source."""
        return {"sheet": self.sheet, "header": self.header, "keep_totals": self.keep_totals}

    def refuse(self) -> None:
        """Raise RequestError, before any work, for numbers that cannot be meant."""
        Budget.of(self.minutes, self.steps)
        if self.aside is not None and not 0 <= self.aside <= 0.5:
            raise RequestError(
                f"a share of {self.aside} of the rows is to be kept aside.",
                "A number from 0 to 0.5 is expected.",
                "For example: --aside 0.1",
            )
        if self.make is not None:
            count_of(self.make)

    def over(self, old: Recipe | None) -> _Said:
        """The same, with the recipe's where nothing is said; but for time and rows aside (`_plan`)."""
        if old is None:
            return self
        names = ("make", "family", "seed", "target", "sheet", "header")
        left = {name: getattr(old, name) for name in names if getattr(self, name) is None}
        return replace(
            self,
            **left,
            protected=self.protected or tuple(old.protected) or None,
            keep_totals=self.keep_totals or old.keep_totals or None,
            safe_csv=self.safe_csv or old.safe_csv or None,
        )


def _some(source: str | Path | None, old: Recipe | None) -> str | Path:
    """The source, or the recipe's. Raises RequestError where neither names one."""
    if source is None and old is None:
        raise RequestError(
            "no table is named.",
            "A path, a URL, - for standard input, or the name of a packaged table is expected.",
            "Type: sampan make TABLE, for example: sampan make census",
        )
    return source if source is not None else old.source if old is not None else ""


def words_over(
    old: Recipe | None,
    *,
    types: Mapping[str, str],
    keep: Collection[str] = (),
    personal: Mapping[str, str] | Collection[str] = (),
    exact: Collection[str] = (),
) -> dict[str, str]:
    """Column -> type word: the recipe's, overruled by what is said.

    A column that is to be kept is guessed anew; one that is to be exact stays what the recipe calls it.
    """
    kept = {} if old is None else {name: word for name, word in old.columns.items() if name not in keep}
    words = {**kept, **types, **personal_types(personal, types)}
    return words | {name: str(word) for name, word in exact_types(exact, words).items()}


def _plan(said: _Said, old: Recipe | None, whole: Table, found: Guess, sum_: str, chosen: Family) -> Recipe:
    """The recipe of a run: all that it depends on, before anything was learned."""
    again = old if said.minutes is None and said.steps is None else None  # what its clock decided holds too
    minutes, steps = (said.minutes, said.steps) if again is None else (again.minutes, again.steps)
    return Recipe(
        source=named(said.source),
        name=whole.name,
        digest=sum_,
        rows=len(whole),
        aside=rows_aside(len(whole), said.aside, old),
        make=said.make,
        family=chosen.kind,
        settings=chosen.settings(),
        seed=said.seed or 0,
        minutes=minutes if minutes or steps else MINUTES,
        steps=steps,
        plan=again.plan if again is not None else [],
        precision=again.precision if again is not None else None,
        columns={name: field.word for name, field in found.fields.items()},
        versions=versions(),
        notices=found.notices,
        target=said.target,
        protected=several_names(said.protected or (), found.fields),
        sheet=said.sheet,
        header=None if said.header is None else str(said.header),
        keep_totals=bool(said.keep_totals),
        safe_csv=bool(said.safe_csv),
    )


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
    language: str = "en",
    screen: Screen | None = None,
) -> Run:
    """The main job: read a table, show first made rows, learn, make new rows, check them, keep everything.

    source: a path, URL, "-" or the name of a packaged table. minutes: to learn for (1 unless said); steps:
    an exact number instead. make: how many rows; as many as are learned from unless said. folder: of the
    run; a new one in sampan-runs/ unless said. types: column -> type word. keep: columns of personal data
    to learn as they are. personal: columns of personal data to replace, or column -> what it is. exact:
    columns in which a value that one person alone holds may be made again. aside: share of the rows that the
    model never sees. recipe: a recipe.toml to repeat; what else is said here overrules it. target: the column
    that work would predict, protected: the columns by which nobody must be treated differently; the judge
    guesses them unless said. show_real: a report with real rows in it, which is not to be handed on. sheet,
    header, keep_totals: how the table is read (see `sampan.read`). safe_csv: made cells that a spreadsheet
    would compute are written so that it does not. language: of the report, "en" or "zh-Hant".

    Raises Stopped on Ctrl-C, with what was learned kept in the folder; else any SampanError.
    """
    words_of(language)  # refuses an unknown language before any work
    called = screen is None  # from Python, where nobody looks at a screen
    screen = screen or Silent()
    begun = time.monotonic()
    old = read_recipe(recipe) if recipe is not None else None
    said = _Said(
        source=_some(source, old),
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
    )
    said.refuse()
    chosen = family_of(said.family or (old.family if old else "autoregressive"), old, family is not None)
    said = said.over(old)
    if folder is None:
        writable(Path("sampan-runs") / "new")
    else:
        writable(Path(folder), new=True)
    words = words_over(old, types=types or {}, keep=keep, personal=personal, exact=exact)
    early = early_look(said.source, words, keep, chosen, said.seed or 0, screen, said.reading)
    whole = read_table(said.source, said.reading, said.seed or 0, screen)
    found, sum_ = understand(whole, words, keep, screen)
    if old is not None:
        if sum_ == old.digest:  # its types are taken as said, but were guessed once
            found = replace(found, notices=list(dict.fromkeys([*found.notices, *old.notices])))
        elif str(said.source) == old.source:
            raise other_data(old, Path(str(recipe)))
        else:
            screen.say("  These are other data than the recipe's; the rest of it holds.", "yellow")
    if said.family is None:
        chosen = family_of(usual_family(found.schema))
    plan = _plan(said, old, whole, found, sum_, chosen)
    refuse_unknown(plan, found)
    tell_read(whole, found, plan, screen)
    notes = list(dict.fromkeys([*whole.notes, *found.notices]))
    if called and notes:
        about = "What was changed, left out or guessed (the run's generator.notes keeps it)"
        warnings.warn(Notice.of(notes, about), stacklevel=3)
    files = {"recipe.toml": plan.text(), "schema.toml": schema_text(plan.columns, found.reasons)}
    place = new_folder(whole.name, folder, files)
    try:
        with scratch.alone(place):
            screen.log_to(place / "log.txt")
            tell_plan(whole, found, plan, place, screen)
            seen, _ = split(whole, plan)
            if not early:
                first_look(seen, found.schema, chosen, plan.seed, screen, whole)
            return go_on(whole, found.schema, plan, place, begun, screen, language, show_real)
    except SampanError as error:
        if not (place / "model").exists() and not has_checkpoint(place):
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
    try:
        return go_on(whole, found.schema, plan, place, begun, screen, language, show_real)
    except SampanError as error:
        raise with_way_on(error, place) from error
    except KeyboardInterrupt:
        raise stopped(place) from None
