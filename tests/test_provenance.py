"""Provenance: what made records say of where they come from, and who takes it up."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pandas
import polars
import pyarrow
import pytest

import sampan as sp
from sampan.cli import main
from sampan.data import read, to_native, write_stream
from sampan.provenance import KEY, Provenance, read_provenance
from sampan.store import digest_of

MADE = Provenance("sampan 0.1.0", "sha256:" + "0" * 64, "vae", "sample", 7)
ROWS = {"a": [1, 2, 3], "b": ["x", "y", None]}


@pytest.mark.parametrize(
    "frame", [pandas.DataFrame(ROWS), pyarrow.table(ROWS), ROWS], ids=["pandas", "pyarrow", "arrow"]
)
def test_a_frame_says_which_model_made_it_and_is_read_again(frame: object) -> None:
    plain = read(frame)
    assert plain.provenance is None
    made = to_native(plain.columns, plain, MADE)
    assert read(made).provenance == MADE
    assert read(made).columns["a"].to_pylist() == [1, 2, 3]


def test_a_frame_without_room_for_it_stays_as_it_is() -> None:
    plain = read(polars.DataFrame(ROWS))
    assert to_native(plain.columns, plain, MADE).equals(polars.DataFrame(ROWS))


@pytest.mark.parametrize("ending", [".parquet", ".arrow"])
def test_a_file_says_which_model_made_its_rows(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"new{ending}"
    blocks = [read(ROWS).columns, read(ROWS).columns]
    assert write_stream(path, blocks, provenance=MADE) == 6
    table = read(path)
    assert table.provenance == MADE
    assert table.columns["b"].to_pylist() == ["x", "y", None] * 2


def test_a_file_of_text_holds_its_rows_and_nothing_else(tmp_path: Path) -> None:
    write_stream(tmp_path / "new.csv", [read(ROWS).columns], provenance=MADE)
    assert (tmp_path / "new.csv").read_text() == "a,b\n1,x\n2,y\n3,\n"


@pytest.mark.parametrize(
    "said",
    [None, 7, "", "{}", "[1]", b"\xff", {"model": "sha256:0"}, {**MADE.to_dict(), "seed": "7"}, "x" * 10_000],
    ids=str,
)
def test_what_somebody_else_says_there_is_none(said: object) -> None:
    assert read_provenance(said) is None
    frame = pandas.DataFrame(ROWS)
    frame.attrs[KEY] = said
    assert read(frame).provenance is None


def test_a_model_of_made_rows_names_its_parent() -> None:
    frame = pandas.DataFrame({"a": ["x", "y"] * 20, "b": [1, 2] * 20})
    assert sp.fit(frame, steps=2).card.parents == []
    made = to_native(read(frame).columns, read(frame), MADE)
    with pytest.warns(sp.Notice, match="were made by a model"):
        model = sp.fit(made, steps=2)
    assert model.card.parents == [MADE.model]


def test_what_a_model_makes_says_so_wherever_it_goes(tmp_path: Path) -> None:
    frame = pandas.DataFrame({"a": ["x", "y"] * 20, "b": [1.0, 2.0] * 20})
    model = sp.fit(frame, steps=2)
    model.save(tmp_path / "model")
    assert model.digest == digest_of(tmp_path / "model") == sp.load(tmp_path / "model").digest
    assert pickle.loads(pickle.dumps(model)).digest == model.digest
    made = read(model.sample(3, seed=5)).provenance
    assert made is not None
    assert (made.model, made.request, made.seed) == (model.digest, "sample", 5)
    holes = frame.assign(b=[None, 2.0] * 20)
    filled = read(model.fill(holes, seed=6)).provenance
    assert filled is not None
    assert (filled.request, filled.seed) == ("fill", 6)
    assert holes.attrs == {}  # the caller's own frame says nothing new
    assert main(["sample", str(tmp_path / "model"), "-n", "4", "-o", str(tmp_path / "new.parquet")]) == 0
    assert read(tmp_path / "new.parquet").provenance == replace(made, seed=0)


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_show_tells_of_a_file_of_rows_which_model_made_it(
    ending: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sp.fit({"coin": ["heads", "tails"] * 30, "n": [1, 2, 3] * 20}, steps=2).save(tmp_path / "model")
    made = tmp_path / f"made{ending}"
    assert main(["sample", str(tmp_path / "model"), "-n", "20", "--seed", "7", "-o", str(made)]) == 0
    capsys.readouterr()
    assert main(["show", str(made)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    beside = f"sampan show {tmp_path / 'model'}"
    if ending == ".csv":
        assert "does not say which model made it" in told and f"a model: {beside}" in told
    else:
        assert "request sample" in told and "seed 7" in told and f"that model: {beside}" in told
        assert digest_of(tmp_path / "model").replace(":", " ") in told
        sp.fit({"coin": ["heads", "tails"] * 30, "n": [4, 5, 6] * 20}, steps=2).save(tmp_path / "model")
        assert main(["show", str(made)]) == 0
        assert "that model" not in capsys.readouterr().out  # it is another one now
