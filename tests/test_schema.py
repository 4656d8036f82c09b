"""Names of leaves: a column may be called as another column's leaf would be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sampan as sp
from sampan.generator import Generator

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
