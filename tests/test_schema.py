"""Names of leaves: a column may be called as another column's leaf would be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sampan as sp
from sampan.column import from_strings
from sampan.field import Rows
from sampan.fields.personal import Personal
from sampan.generator import Generator
from sampan.schema import Schema

RNG = np.random.default_rng(0)
HEIGHT = np.round(RNG.normal(0, 100, 2_000), 3)  # more distinct values than symbols, so it has a leaf `which`
TABLE = {
    "height/which": np.where(HEIGHT > 0, "above", "below"),
    "height": HEIGHT,
    "height/": RNG.choice(["left", "right"], 2_000),
    "height//which": RNG.choice(["hot", "cold"], 2_000),
}


@pytest.fixture(scope="module")
def model() -> Generator:
    return sp.fit(TABLE, steps=40, types={"height": "number", "height/": "category"})


def columns(generator: Generator, rows: int, given: dict[str, str] | None = None) -> dict[str, list[object]]:
    block = next(generator.blocks(rows, given=given, seed=1))
    return {name: column.to_pylist() for name, column in block.items()}


def test_no_two_leaves_have_one_name(model: Generator) -> None:
    names = model.layout.names
    assert ("height", "which") in names and ("height/which", "") in names
    assert len(set(names.values())) == len(names) == 5
    assert set(model.layout.spaces) | set(model.layout.noise()) == set(names.values())
    plain = sp.fit({"km/h": [1, 2] * 30, "day": ["a", "b"] * 30}, steps=2)
    assert list(plain.layout.spaces) == ["km/h", "day"]


def test_such_a_table_comes_back_with_each_column_its_own(model: Generator, tmp_path: Path) -> None:
    made = columns(model, 500)
    for name, cells in TABLE.items():
        seen = cells.tolist()
        assert min(seen) <= min(made[name]) and max(made[name]) <= max(seen) and len(set(made[name])) > 1
        assert name == "height" or set(made[name]) <= set(seen)
    # where inside a symbol a height lies is drawn evenly, not read off another column
    assert len(set(made["height"])) > 250
    given = columns(model, 100, {"height/which": "above", "height//which": "hot"})
    assert set(given["height/which"]) == {"above"} and set(given["height//which"]) == {"hot"}
    model.save(tmp_path / "model")
    assert columns(sp.load(tmp_path / "model"), 500) == made


def test_nobody_among_the_rows_kept_apart_is_named() -> None:
    """Names are few enough to be met by chance: those of rows that nothing is learned from are taken too."""
    first, last = "Ann Bob Cat Dan Eve Fay".split(), "Lee Ng Ho Ma Yu So".split()
    names = [f"{one} {other}" for one in first for other in last]
    both = [from_strings(names[half::2]) for half in (0, 1)]
    layout = Schema({"name": Personal("name")}).fit({"name": both[0]}, apart={"name": both[1]})
    made = layout.decode({}, Rows(0, 2_000, 0))["name"].to_pylist()
    assert not set(made) & set(names)
