"""Errors are three lines, whatever stands in the names that they tell."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import sampan as sp
from sampan.errors import DataError, RequestError, SampanError, StoreError, WhereError
from sampan.where import read

NASTY = "a\nb\u2028c\x0bd\r\x1b[31m"


@pytest.mark.parametrize(
    "fail",
    [
        lambda folder: sp.load(folder / NASTY),
        lambda folder: sp.read(folder / f"{NASTY}.csv"),
        lambda folder: sp.fit({NASTY: [1, 2] * 20, "b": [1, 2] * 20}, types={NASTY: "nothing"}, steps=1),
        lambda folder: sp.fit({"b": [1, 2] * 20}, types={NASTY: "number"}, steps=1),
        lambda folder: sp.fit({NASTY: ["x", "y"] * 20}, types={NASTY: "number"}, steps=1),
        lambda folder: sp.fit({NASTY: [1] * 20}, steps=1),
    ],
)
def test_no_name_makes_an_error_longer_than_three_lines(
    fail: Callable[[Path], object], tmp_path: Path
) -> None:
    with pytest.raises(SampanError) as caught:
        fail(tmp_path)
    assert str(caught.value).count("\n") == 2
    assert "a\\nb" in str(caught.value) and "\nb" not in str(caught.value)


def test_the_mark_below_a_condition_stays_there() -> None:
    with pytest.raises(WhereError) as caught:
        read("a = = 3")
    assert caught.value.what.splitlines()[-1].strip() == "^"


def test_the_files_of_a_folder_are_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "x\ny").touch()
    with pytest.raises(StoreError) as caught:
        sp.load(tmp_path)
    assert "x\\ny" in caught.value.what and "\n" not in caught.value.what


@pytest.mark.parametrize("path", [None, 5, b"model", ["model"], {}])
def test_what_is_no_path_is_no_model(path: object) -> None:
    with pytest.raises(RequestError, match="for a model folder"):
        sp.load(path)  # type: ignore[arg-type]


def test_a_path_longer_than_any_is_refused() -> None:
    with pytest.raises(StoreError, match="cannot be looked into"):
        sp.load("x" * 5000)


def test_a_part_of_an_error_may_be_empty() -> None:
    assert str(DataError("what")) == "what"


def test_no_error_and_no_notice_drives_a_terminal() -> None:
    with pytest.raises(SampanError) as caught:
        sp.fit({NASTY: ["x", "y"] * 20}, types={NASTY: "number"}, steps=1)
    for text in (str(caught.value), str(sp.Notice.of([f'"{NASTY}\u202e" is left empty'], "To know"))):
        assert not {"\x1b", "\r", "\x0b", "\u202e"} & set(text)
