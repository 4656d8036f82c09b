"""A generator can be pickled and copied: by the bytes of its own format, with the same records after it."""

from __future__ import annotations

import copy
import datetime as dt
import io
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import sampan as sp
from sampan.errors import StoreError

ROWS = 60
FRAME = pd.DataFrame(
    {
        "a": np.arange(ROWS) % 7,
        "kind": pd.Categorical(list("xyz") * 20),
        "t": pd.date_range("2024-01-01", periods=ROWS, freq="h", tz="Asia/Hong_Kong"),
        " odd name": ["p", None] * 30,
    },
    index=pd.Index([f"r{row}" for row in range(ROWS)]),
)
KINDS: dict[str, Any] = {
    "pandas": lambda: FRAME,
    "polars": lambda: pl.from_pandas(FRAME),
    "pyarrow": lambda: pa.Table.from_pandas(FRAME),
    "dict": lambda: {"a": list(range(ROWS)), "b": [[1, 2], [3]] * 30, "d": [dt.date(2024, 5, 1)] * ROWS},
}


@pytest.mark.parametrize("frame", KINDS.values(), ids=KINDS)
def test_what_is_pickled_or_copied_makes_the_same_records(frame: Any) -> None:
    model = sp.fit(frame(), steps=2, family=sp.Autoregressive(size=8))
    one = model.sample(9, seed=3)
    for other in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model), copy.copy(model)):
        again = other.sample(9, seed=3)
        assert type(again) is type(one) and (again.equals(one) if hasattr(one, "equals") else again == one)
        assert other.card == model.card and other.notes == model.notes
    if isinstance(one, pd.DataFrame):
        assert again.dtypes.to_dict() == FRAME.dtypes.to_dict() and list(again.columns) == list(FRAME.columns)


def test_a_pickle_names_nothing_but_sampan_and_plain_values() -> None:
    model = sp.fit({"coin": ["heads", "tails"] * 20}, steps=1, family=sp.Autoregressive(size=8))
    named = set()

    class Watched(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            named.add(f"{module}.{name}")
            return super().find_class(module, name)

    Watched(io.BytesIO(pickle.dumps(model))).load()
    assert "sampan.generator._restored" in named and all(name.startswith("sampan.") for name in named)


def test_a_damaged_pickle_is_refused_as_a_folder_is() -> None:
    model = sp.fit({"coin": ["heads", "tails"] * 20}, steps=1, family=sp.Autoregressive(size=8))
    content = pickle.dumps(model).replace(b'"values": {', b'"valves": {')
    with pytest.raises(StoreError):
        pickle.loads(content)


def test_a_table_with_an_index_is_copied_whole() -> None:
    table = sp.read(FRAME)
    again = copy.deepcopy(table)
    assert again.index.equals(FRAME.index) and again.name == table.name
    assert {name: column.to_pylist() for name, column in again.columns.items()} == {
        name: column.to_pylist() for name, column in table.columns.items()
    }
