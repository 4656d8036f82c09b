"""What a person says of a run, over what a recipe says; and the recipe that comes of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sampan.card import versions
from sampan.data import Table
from sampan.errors import RequestError
from sampan.family import Family
from sampan.guess import Guess, exact_types, personal_types
from sampan.learning.budget import MINUTES, Budget
from sampan.run.plan import apart_of, rows_aside, several_names
from sampan.run.recipe import Recipe
from sampan.run.source import named
from sampan.whole_numbers import count_of


@dataclass(frozen=True)
class Said:
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
    recipe: str | Path | None
    rules: tuple[str, ...] | None
    no_rules: tuple[str, ...] | None

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

    def over(self, old: Recipe | None) -> Said:
        """The same, with the recipe's where nothing is said; but for time and rows aside (`planned`)."""
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
            rules=self.rules or tuple(old.rules) or None,
            no_rules=self.no_rules or tuple(old.no_rules) or None,
        )


def source_of(source: str | Path | None, old: Recipe | None) -> str | Path:
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


def planned(said: Said, old: Recipe | None, whole: Table, found: Guess, sum_: str, chosen: Family) -> Recipe:
    """The recipe of a run: all that it depends on, before anything was learned."""
    again = old if said.minutes is None and said.steps is None else None  # what its clock decided holds too
    minutes, steps = (said.minutes, said.steps) if again is None else (again.minutes, again.steps)
    aside, key = rows_aside(len(whole), said.aside, old), found.schema.key
    if key:
        aside = int(apart_of(whole, key, aside, said.seed or 0).sum())
    return Recipe(
        source=named(said.source),
        name=whole.name,
        digest=sum_,
        rows=len(whole),
        aside=aside,
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
        rules=list(said.rules or ()),
        no_rules=list(said.no_rules or ()),
    )
