"""Notes: whatever is changed, left out or guessed is in one list, said before learning and kept."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan import cli
from sampan.column import Column
from sampan.data import digest
from sampan.fields.category import CategoryCodec
from sampan.flags import in_python
from sampan.learning.budget import Budget
from sampan.learning.learn import learn
from sampan.learning.schema import read_schema
from sampan.run.recipe import Recipe
from sampan.run.start import resume

RNG = np.random.default_rng(5)
ROWS = 60
TABLE = pd.DataFrame(
    {
        "size": RNG.choice(["small", "large"], ROWS),
        "phone": [f"+852 9{RNG.integers(100, 999)} {RNG.integers(1000, 9999)}" for _ in range(ROWS)],
        "amount": RNG.integers(0, 9, ROWS),
    },
    index=pd.Index([100 + row for row in range(ROWS)], name="ticket"),
)


class _Rounded(CategoryCodec):
    """A codec with something to say."""

    @property
    def notes(self) -> list[str]:
        return ["its values were rounded.", "its values were rounded."]


@dataclass(frozen=True)
class _Field(sp.Category):
    kind: ClassVar[str] = "category"

    def fit(self, column: Column, persons: np.ndarray | None = None) -> CategoryCodec:
        return _Rounded(**vars(super().fit(column, persons)))


def _fitted() -> tuple[sp.Generator, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = sp.fit(TABLE, steps=2, types={"size": _Field()})
    assert all(issubclass(one.category, sp.Notice) for one in caught)
    assert all(one.filename == __file__ for one in caught)  # the line of who called
    return model, [str(one.message) for one in caught]


def test_reading_guessing_and_columns_are_told_once_in_this_order() -> None:
    model, [told] = _fitted()
    index, personal, rounded = model.notes
    assert "index" in index and '"phone"' in personal and rounded == '"size": its values were rounded.'
    assert all(note in told for note in model.notes) and [*map(in_python, model.card.notes)] == model.notes


def test_notes_are_told_before_the_long_work() -> None:
    table = sp.read(TABLE)
    schema = read_schema(table, types={})
    order: list[Any] = []
    family = sp.Autoregressive(size=8)
    learn(
        table,
        schema,
        family,
        budget=Budget(steps=2),
        seed=0,
        on_step=lambda progress: order.append(progress.step),
        on_notes=order.append,
    )
    assert isinstance(order[0], list) and order[0][-1].startswith('"phone"') and 1 in order[1:]


def test_nothing_to_say_is_not_said() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = sp.fit({"coin": ["heads", "tails"] * 20, "value": [1, 2] * 20}, steps=2)
    assert model.notes == []


def test_a_column_whose_field_is_given_is_not_guessed_and_its_notice_is_not_told() -> None:
    schema = read_schema(sp.read(TABLE), types={"phone": sp.Omitted("mine")}, keep=["phone"])
    assert list(schema.fields) == list(TABLE.columns) and not schema.notices


def test_the_command_line_tells_notes_and_a_model_keeps_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "people.csv"
    TABLE.to_csv(source, index=False, encoding="cp1252")
    model = tmp_path / "model"
    assert cli.main(["fit", str(source), "--steps", "2", "-o", str(model)]) == 0
    said = capsys.readouterr()
    told = " ".join((said.err + said.out).split())
    assert '! "phone"' in told
    assert cli.main(["show", str(model)]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert all(f"! {' '.join(note.split())}" in shown for note in sp.load(model).card.notes)


def test_a_run_that_goes_on_keeps_what_was_told_when_it_began(tmp_path: Path) -> None:
    source = tmp_path / "people.csv"
    TABLE.to_csv(source, index=False)
    table = sp.read(source)
    told = ['"phone": looks like “personal data”.', '"amount": \\ and "quotes"']
    plan = Recipe(
        source=str(source),
        name="people",
        digest=digest(table.columns),
        rows=ROWS,
        aside=0,
        make=20,
        family="autoregressive",
        settings={"size": 8},
        seed=0,
        minutes=None,
        steps=2,
        columns={"size": "category", "phone": "personal:phone", "amount": "number"},
        notices=told,
    )
    plan.write(tmp_path / "recipe.toml")
    assert resume(tmp_path).generator.notes == told
