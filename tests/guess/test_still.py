"""Tables of which nothing varies are refused before any work, in three lines; others are read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from arro3.core import Array, DataType

import sampan as sp
from sampan.column import Column, from_numpy, from_strings
from sampan.data import read
from sampan.errors import DataError
from sampan.guess import guess, refuse_still
from sampan.learning.schema import read_schema

SAME = from_strings(["HK"] * 1500)
EMPTY = from_strings([None] * 1500)
BYTES = Array([bytes([row % 200, 255]) for row in range(1500)], DataType.binary())
LATE = from_strings(["HK"] * 1400 + ["SG"] * 100)
GAP = from_strings(["HK"] * 1499 + [None])
ONE = from_numpy(np.full(1500, 2.5))

STILL: dict[str, dict[str, Column]] = {
    "the same": {"a": SAME, "b": ONE},
    "missing": {"a": EMPTY, "b": EMPTY},
    "left out": {"a": BYTES},
    "all of them": {"a": SAME, "b": EMPTY, "c": BYTES, "d": ONE},
}
VARIES: dict[str, dict[str, Column]] = {
    "late in the table": {"a": SAME, "b": LATE},
    "a value or none": {"a": EMPTY, "b": GAP},
    "beside what is left out": {"a": BYTES, "b": LATE},
}


def refusal(columns: dict[str, Column], **types: str) -> DataError:
    """What `refuse_still` says of columns as they are guessed, which must be three lines."""
    with pytest.raises(DataError) as caught:
        refuse_still("my table", columns, guess(columns, types=types).fields)
    error = caught.value
    assert str(error).count("\n") == 2
    return error


@pytest.mark.parametrize("kind", STILL)
def test_a_table_of_which_nothing_varies_is_refused(kind: str) -> None:
    told = refusal(STILL[kind]).what
    assert all(f'"{name}"' in told for name in STILL[kind]) and "1,500 rows" in told


@pytest.mark.parametrize("kind", VARIES)
def test_a_table_that_varies_anywhere_is_not(kind: str) -> None:
    refuse_still("t", VARIES[kind], guess(VARIES[kind]).fields)


def test_the_error_says_how_many_columns_are_what_and_names_some() -> None:
    told = refusal({**{f"c{place}": SAME for place in range(9)}, "none": EMPTY, "raw": BYTES}).what
    assert '9 of 11 columns the same in every row ("c0", "c1", "c2", "c3" and 5 more)' in told
    assert '1 of 11 columns missing in every row ("none")' in told
    assert '1 of 11 columns left out ("raw")' in told


def test_the_way_out_is_of_what_is_left_out() -> None:
    columns = {"a": SAME, "remarks": LATE}
    assert '--type "remarks=category"' in refusal(columns, remarks="omitted").fix
    assert "into text" in refusal({"a": SAME, "b": BYTES}).fix
    assert "--type" not in refusal({"a": SAME}).fix


def test_what_somebody_says_of_columns_makes_nothing_vary() -> None:
    refusal({"a": SAME, "b": ONE}, a="category", b="number")


def test_no_name_breaks_the_three_lines() -> None:
    refusal({"a\nb": SAME, "c\u2028d\x0be": EMPTY, "n" * 5000: ONE, "r\ns": BYTES})
    assert len(refusal({"n" * 5000: ONE}).what) < 200


def test_fit_says_no_word_beside_it(recwarn: pytest.WarningsRecorder) -> None:
    table = {"a": [1] * 40, "b": [None] * 40, "c": [b"\xff\x00"] * 40}
    with pytest.raises(DataError, match="nothing varies"):
        sp.fit(table, steps=1)
    assert not recwarn.list
    with pytest.raises(DataError, match="nothing varies"):
        read_schema(read({"a": [7] * 40}), types={"a": sp.Number()})


def test_a_run_of_it_is_not_begun(tmp_path: Path) -> None:
    path = tmp_path / "same.csv"
    path.write_text("a,b\n" + "1,x\n" * 40)
    with pytest.raises(DataError, match="nothing varies"):
        sp.make(path, steps=1, folder=tmp_path / "run")
    assert not (tmp_path / "run").exists()
