"""What a judgement compares: made rows, the rows learned from, and rows never seen."""

from __future__ import annotations

import shlex
from pathlib import Path

from sampan.data import Table, digest, read
from sampan.errors import RequestError, StoreError
from sampan.run.plan import split
from sampan.run.recipe import Recipe, read_recipe
from sampan.run.source import other_data, resolve
from sampan.store import is_model

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
