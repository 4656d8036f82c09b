"""Fit: a table in, a Generator out."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, SupportsIndex

from sampan.data import Table, read
from sampan.errors import Notice, RequestError, names_of
from sampan.family import Family
from sampan.field import Field
from sampan.generator import Generator
from sampan.guess import exact_types, key_types, personal_types
from sampan.learning.budget import Budget
from sampan.learning.learn import learn
from sampan.learning.progress import Bar, OnStep
from sampan.learning.schema import family_named, read_schema, said_of, usual_family
from sampan.making.frame import F, Frame
from sampan.rules.rule import Rule
from sampan.rules.wish import Wish, check
from sampan.whole_numbers import seed_of, whole_number


def fit(
    data: Frame[F] | Any,
    *,
    minutes: float | None = None,
    steps: SupportsIndex | None = None,
    seed: SupportsIndex = 0,
    family: str | Family | None = None,
    types: Mapping[str, str | Field] | None = None,
    keep: Collection[str] = (),
    personal: Mapping[str, str] | Collection[str] = (),
    exact: Collection[str] = (),
    on_step: OnStep = lambda progress: None,
    checkpoint: str | Path | None = None,
    device: str | None = None,
    sheet: str | None = None,
    header: int | str | tuple[int, int] | None = None,
    keep_totals: bool = False,
    rules: Sequence[str | Rule] = (),
    no_rules: Sequence[str] = (),
    key: str | None = None,
    progress: bool = True,
) -> Generator[F]:
    """Learn a generative model from a table.

    - data: a pandas, Polars or Arrow frame, a dict of arrays, or a path or URL (see `sampan.data.read`).
    - minutes: wall-clock to learn for, 1 unless said.
    - steps: an exact number of training steps instead.
    - seed: the same data, seed and steps on one machine give the same model.
    - family: its word or an instance; autoregressive unless said, diffusion where there are pictures, latent
      where they are large.
    - types: column -> a type word ("number", "category", "moment:%d/%m/%Y", ...) or a Field, where the guess
      is wrong.
    - keep: columns of personal data to learn as they are.
    - personal: columns of personal data to replace, or column -> what it is ("name", "phone", ...), where
      that is not recognised.
    - exact: columns in which a value that one person alone holds may be made again.
    - on_step: called after every step with the `Progress`. Where it answers "stop", or on Ctrl-C, learning
      ends there: what was learned is kept, and the history in the model's card says "interrupted".
    - checkpoint: a folder to write progress to and to go on from.
    - device: "cpu" or "cuda"; a graphics card, where there is one, unless said.
    - sheet, header: of a file, as `sampan.read` has them.
    - keep_totals: learn rows of totals too, which are left out otherwise, of a frame as well.
    - rules: what holds between columns, and is to hold in every record that is made: "checkout > checkin",
      "total = round(net * 1.1, 2)", "sku fixes price". More are found (`model.rules`).
    - no_rules: which of those that are found are not kept: a rule, a column of which no rule is to speak,
      "nights = ..." for whatever says what it is, or "all".
    - key: the column by whose value rows belong together, such as a customer's number: whole groups of rows
      are made, each under a new key, with what is the same in all rows of a group and what goes forward from
      row to row kept so. Found where it is plain; types={"customer_id": "identifier"} makes rows one by one.
    - progress: show how far learning is, on a line of standard error, where a person looks at it: in a
      terminal and in a notebook, never in a file or a pipe.

    Raises DataError for a table that cannot be learned from, before any long work. What is changed, left out
    or guessed against the odds is said in one warning (`sampan.Notice`) before learning begins, and stays in
    the model's `notes`.

    >>> import sampan as sp
    >>> model = sp.fit({"coin": ["heads", "tails"] * 50, "value": [1, 2] * 50}, steps=50)
    >>> model.sample(3, given={"coin": "tails"}, seed=1)["value"].to_pylist()
    [2, 2, 2]
    """
    seed = seed_of(seed)
    budget = Budget.of(minutes, None if steps is None else whole_number(steps, "training steps"))
    chosen = family if family is None or isinstance(family, Family) else family_named(family)
    held = isinstance(data, Table)
    table = data if held else read(data, sheet=sheet, header=header, keep_totals=keep_totals)
    said = said_of(types)
    said |= personal_types(personal, said)
    said |= exact_types(exact, said)
    said |= key_types(key, said)
    schema = read_schema(table, types=said, keep=names_of(keep, "keep"))
    wish = Wish(_texts(rules, "rules"), _texts(no_rules, "no_rules"))
    check(wish, table.columns)
    with Bar(on_step, shown=progress) as bar:
        return learn(
            table,
            schema,
            chosen or family_named(usual_family(schema)),
            budget=budget,
            seed=seed,
            on_step=bar,
            checkpoint=checkpoint,
            on_notes=_warn,
            device=device,
            rules=wish,
        )


def _texts(said: Sequence[Any], name: str) -> tuple[Any, ...]:
    """What was said of rules, one by one. Raises RequestError for a lone text, which is no list of them."""
    if isinstance(said, str | Rule):
        raise RequestError(
            f"{name} is one rule and no list.",
            "A list of rules is expected.",
            f"Type: {name}=[{str(said)!r}]",
        )
    return tuple(said)


def _warn(notes: Sequence[str]) -> None:
    """Tell the notes to who called `fit`, in one warning."""
    if notes:
        about = "What was changed, left out or guessed (model.notes keeps it)"
        warnings.warn(Notice.of(notes, about), stacklevel=4)
