"""What a type checker knows of the frames that come out: read by the gate's type checker, never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_type

import numpy as np
import pandas as pd
import polars as pl

import sampan as sp


def of_pandas(frame: pd.DataFrame) -> None:
    """A model of pandas frames makes pandas frames."""
    model = sp.fit(frame, steps=1)
    assert_type(model, sp.Generator[pd.DataFrame])
    assert_type(model.sample(3), pd.DataFrame)
    assert_type(model.sample(given=frame, where="age > 3"), pd.DataFrame)
    assert_type(model.restyle(frame), pd.DataFrame)
    assert_type(model.more(frame, 3), pd.DataFrame)
    assert_type(model.walk(), pd.DataFrame)
    assert_type(model.between({"age": 3}, {"age": 4}), pd.DataFrame)
    assert_type(model.near({"age": 3}), pd.DataFrame)
    assert_type(model.embed(frame), np.ndarray)


def of_polars(frame: pl.DataFrame) -> None:
    """A model of Polars frames makes Polars frames."""
    assert_type(sp.fit(frame).sample(3), pl.DataFrame)


def of_what_is_filled(model: sp.Generator, rows: pd.DataFrame, other: pl.DataFrame) -> None:
    """What is filled is of the kind that came in, whatever the model was learned from."""
    assert_type(model.fill(rows), pd.DataFrame)
    assert_type(model.fill(other, how="likeliest"), pl.DataFrame)
    assert_type(model.fill(rows, times=3), list[pd.DataFrame])


def of_what_nobody_knows(path: Path, columns: dict[str, list[int]]) -> None:
    """Files and dicts say nothing of a kind of frame, and nor does a model on disk."""
    assert_type(sp.fit(path), sp.Generator[Any])
    assert_type(sp.fit(columns).sample(3), Any)
    assert_type(sp.load(path).sample(3), Any)
