"""The run folder: what is in it, that it repeats, that a killed run ends where it would have ended."""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

import sampan as sp
from sampan import run
from sampan.column import from_strings
from sampan.guess import guess
from sampan.run import look
from sampan.run.recipe import Recipe, read_recipe
from sampan.run.said import words_over
from sampan.run.schema_file import read_schema_file, schema_text

CODE = (
    "import sys, sampan.learning.checkpoint as t, sampan.run.look as r; "
    "t.SAVE_EVERY = 0.0; r.LOOK_SECONDS = 0.3; "
)
END = "from sampan.cli import main; sys.exit(main(sys.argv[1:]))"
"""A command line whose checkpoints come at once and whose first look is short."""


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first 400 people of the packaged census."""
    with gzip.open(sp.datasets.path("census"), "rt", encoding="utf-8") as file:
        lines = [next(file) for _ in range(401)]
    path = tmp_path_factory.mktemp("data") / "people.csv"
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def short_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look takes 0.3 s instead of 4."""
    monkeypatch.setattr(look, "LOOK_SECONDS", 0.3)


@pytest.fixture(scope="module")
def done(head: Path, tmp_path_factory: pytest.TempPathFactory) -> run.Run:
    """One finished run of 30 steps."""
    look.LOOK_SECONDS = 0.3
    return run.make(head, steps=30, folder=tmp_path_factory.mktemp("runs") / "one", seed=5)


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "model" / "weights.safetensors")


def test_the_run_folder_holds_what_it_says(done: run.Run, head: Path) -> None:
    names = {entry.name for entry in done.folder.iterdir()}
    assert names == {
        "new.csv", "model", "recipe.toml", "schema.toml", "report.json", "report.html", "log.txt"
    }  # fmt: skip
    lines = (done.folder / "new.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == head.read_text(encoding="utf-8").splitlines()[0]
    assert len(lines) == 1 + done.made == 1 + 400 - 50
    told = json.loads((done.folder / "report.json").read_text(encoding="utf-8"))
    scores = {score["name"]: score for score in told["scores"]}
    assert {"shape", "c2st", "utility", "copies", "representation"} <= set(scores)
    assert scores["shape"]["floor"] is not None and scores["shape"]["value"] < 30
    assert (done.folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    log = (done.folder / "log.txt").read_text(encoding="utf-8")
    for part in ("400 rows", "kept aside", "Plan", "First look", "only a first look", "Learning", "Judging"):
        assert part in log
    assert log.index("only a first look") < log.index("Learning") < log.index("Making")
    assert len(sp.load(done.folder / "model").sample(3)) == 3


def test_the_next_command_is_one_that_works(
    done: run.Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import shlex

    from sampan.cli import main

    monkeypatch.chdir(tmp_path)
    words = shlex.split(done.next)
    assert words[0] == "sampan" and main([*words[1:], "--quiet"]) == 0
    assert len((tmp_path / "more.csv").read_text(encoding="utf-8").splitlines()) == 1001


def test_rows_kept_aside_are_not_learned_from(head: Path, done: run.Run) -> None:
    whole = sp.read(head)
    seen, aside = run.split(whole, done.recipe)
    assert len(seen) == 350 and len(aside) == 50

    def counted(table: sp.Table) -> Counter[tuple[object, ...]]:
        return Counter(zip(*(column.to_pylist() for column in table.columns.values()), strict=True))

    assert counted(seen) + counted(aside) == counted(whole)
    card = done.generator.card
    assert card.rows["learned"] + card.rows["held_out"] == 350


def test_a_recipe_repeats_the_run(done: run.Run, tmp_path: Path) -> None:
    again = run.make(recipe=done.folder / "recipe.toml", folder=tmp_path / "again")
    assert (again.folder / "new.csv").read_bytes() == (done.folder / "new.csv").read_bytes()
    first, second = weights(done.folder), weights(again.folder)
    assert max(float(np.abs(first[name] - second[name]).max()) for name in first) <= 1e-6
    other = run.make(recipe=done.folder / "recipe.toml", folder=tmp_path / "other", seed=6)
    assert (other.folder / "new.csv").read_bytes() != (done.folder / "new.csv").read_bytes()


def test_a_run_that_a_clock_ended_repeats_too(head: Path, tmp_path: Path) -> None:
    first = run.make(head, minutes=0.03, folder=tmp_path / "first")
    assert first.recipe.plan and first.recipe.steps is None
    again = run.make(recipe=first.folder / "recipe.toml", folder=tmp_path / "again")
    assert (again.folder / "new.csv").read_bytes() == (first.folder / "new.csv").read_bytes()
    assert again.recipe.plan == first.recipe.plan


def test_kill_9_and_resume_ends_where_it_would_have_ended(head: Path, tmp_path: Path) -> None:
    line = ["make", str(head), "--steps", "300", "-o", "killed"]
    running = subprocess.Popen(
        [sys.executable, "-c", CODE + END, *line],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        # the same sums in the same order: this process has one thread as well (conftest.py)
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    checkpoint = tmp_path / "killed" / "checkpoint" / "training.safetensors"
    patience = time.monotonic() + 60
    while not checkpoint.exists() and running.poll() is None and time.monotonic() < patience:
        time.sleep(0.01)
    running.kill()
    running.wait()
    assert checkpoint.exists() and not (tmp_path / "killed" / "new.csv").exists()
    resumed = run.resume(tmp_path / "killed")
    assert not checkpoint.parent.exists()
    whole = run.make(recipe=resumed.folder / "recipe.toml", folder=tmp_path / "whole")
    first, second = weights(whole.folder), weights(resumed.folder)
    assert max(float(np.abs(first[name] - second[name]).max()) for name in first) <= 1e-6
    assert (whole.folder / "new.csv").read_bytes() == (resumed.folder / "new.csv").read_bytes()
    for name in ("steps", "best_step", "ended", "precision"):
        assert whole.generator.card.history[name] == resumed.generator.card.history[name]


def test_a_disk_that_fills_while_learning_says_how_to_go_on(head: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE + END, "make", str(head), "--steps", "300", "-o", "run", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )
    assert done.returncode == 5, done.stderr
    assert len(done.stderr.splitlines()) == 3 and "checkpoint could not be written" in done.stderr


def test_ctrl_c_keeps_what_was_learned_and_says_how_to_go_on(head: Path, tmp_path: Path) -> None:
    line = ["make", str(head), "--minutes", "3", "-o", "kept"]
    running = subprocess.Popen(
        [sys.executable, "-c", CODE + END, *line],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    checkpoint = tmp_path / "kept" / "checkpoint" / "training.safetensors"
    patience = time.monotonic() + 60
    while not checkpoint.exists() and running.poll() is None and time.monotonic() < patience:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err.splitlines()[-1] == "To go on: sampan make --resume kept" and len(err.splitlines()) == 3
    assert len(sp.load(tmp_path / "kept" / "model").sample(2)) == 2
    assert checkpoint.exists()
    recipe = read_recipe(tmp_path / "kept" / "recipe.toml")
    assert recipe.learned["ended"] == "interrupted" and recipe.steps is None


def test_a_second_ctrl_c_leaves_at_once() -> None:
    code = (
        "import time\nfrom sampan.cli.line import interruptible\n"
        "with interruptible():\n"
        "    try:\n        print('ready', flush=True); time.sleep(60)\n"
        "    except KeyboardInterrupt:\n        print('keeping', flush=True); time.sleep(60)\n"
    )
    running = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    for word in ("ready", "keeping"):
        assert running.stdout.readline().strip() == word
        running.send_signal(signal.SIGINT)
    assert running.wait(timeout=10) == 130
    running.stdout.close()


def test_resume_refuses_other_data_and_other_folders(done: run.Run, head: Path, tmp_path: Path) -> None:
    place = tmp_path / "moved"
    shutil.copytree(done.folder, place)
    changed = tmp_path / "people.csv"
    changed.write_text(head.read_text(encoding="utf-8").replace("Private", "Pirate", 1), encoding="utf-8")
    recipe = (place / "recipe.toml").read_text(encoding="utf-8")
    (place / "recipe.toml").write_text(recipe.replace(str(head), str(changed)), encoding="utf-8")
    with pytest.raises(sp.DataError, match="fingerprint differs"):
        run.resume(place)
    with pytest.raises(sp.StoreError, match="no run that can be resumed"):
        run.resume(tmp_path)
    (place / "recipe.toml").write_text("source = 3", encoding="utf-8")
    with pytest.raises(sp.StoreError, match="no recipe that can be read"):
        run.resume(place)


def test_a_run_that_fails_before_learning_leaves_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "same.csv").write_text("a,b\n" + "1,x\n" * 30, encoding="utf-8")
    with pytest.raises(sp.DataError, match="nothing varies in"):
        run.make("same.csv", steps=5)
    assert [entry.name for entry in tmp_path.iterdir()] == ["same.csv"]
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thing").write_text("")
    with pytest.raises(sp.StoreError, match="not empty"):
        run.make("census", steps=5, folder="full")


def test_parquet_in_parquet_out_and_one_column(tmp_path: Path) -> None:
    from sampan.data import write_stream
    from sampan.data.stream import from_values

    rng = np.random.default_rng(0)
    heights = from_values([round(float(h), 1) for h in rng.normal(170, 10, 200)])
    write_stream(tmp_path / "heights.parquet", [{"height": heights}])
    one = run.make(tmp_path / "heights.parquet", steps=20, make=123, folder=tmp_path / "run")
    assert one.new.name == "new.parquet"
    made = sp.read(one.new)
    assert len(made) == 123 and made.columns["height"].type == heights.type
    cells, seen = made.columns["height"].to_pylist(), heights.to_pylist()
    assert min(seen) <= min(cells) and max(cells) <= max(seen)
    assert all(round(cell, 1) == cell for cell in cells)


# --- recipes and schema files
def test_type_words_give_the_same_fields_again() -> None:
    table = {
        "年齡": ["31", "45", "27", "62"] * 10,
        "paid": ["HK$ 1,200.50", "HK$ 30.00", "", "HK$ 7.25"] * 10,
        "day": ["03/02/2024", "28/11/2023", "01/01/2024", "15/08/2024"] * 10,
        "name": ["Ann Smith", "Bob Jones", "Carla Brown", "Dan White"] * 10,
        "id": [f"A-{number:05d}" for number in range(40)],
        "same": ["x"] * 40,
        "zip": ["00501", "10001", "90210", "60601"] * 10,
        'odd "name" = 1': ["yes", "no", "yes", "no"] * 10,
    }
    columns = {name: from_strings(cells) for name, cells in table.items()}
    found = guess(columns)
    words = {name: field.word for name, field in found.fields.items()}
    assert guess(columns, types=words).fields == found.fields
    assert len({word.split(":")[0] for word in words.values()}) >= 5


def test_what_is_said_overrules_a_recipe_and_nothing_more() -> None:
    old = Recipe(
        source="t.csv", name="t", digest="", rows=9, aside=0, make=None, family="vae", settings={}, seed=0,
        minutes=1.0, steps=None,
        columns={"who": "personal:name", "born": "moment:%m/%d/%Y", "age": "number"},
    )  # fmt: skip
    words = words_over(old, types={"age": "category"}, keep=["who"], exact=["born"])
    assert words == {"born": "moment:%m/%d/%Y,exact", "age": "category"}
    assert words_over(old, types={}, personal={"age": "phone"})["age"] == "personal:phone"
    assert words_over(old, types={}) == old.columns and words_over(None, types={}) == {}


def test_kept_columns_are_never_learned_as_anything_else() -> None:
    column = from_strings([f"Ann Smith {letter}" for letter in "abcdefghij" * 3])
    kept = guess({"who": column}, keep=["who"], types={"who": "category"})
    assert kept.fields["who"] == sp.Category(exact=True)
    with pytest.raises(sp.RequestError, match="learned as personal"):
        guess({"who": column}, keep=["who"], types={"who": "personal:name"})


def test_recipe_and_schema_files_come_back_as_they_were(tmp_path: Path) -> None:
    columns = {
        "plain": "number",
        '年 "齡"\n=': "category:ordered",
        "a.b": "moment:%d/%m/%Y",
        "": "omitted:why\\",
    }
    recipe = Recipe(
        source="C:\\data\\顧客.csv", name="顧客", digest="0" * 64, rows=10, aside=1, make=None,
        family="autoregressive", settings={"size": 64, "dropout": 0.1}, seed=2**63, minutes=0.5,
        steps=None, columns=columns, learned={"steps": 4, "ended": "enough"}, versions={"sampan": "0.1.0"},
    )  # fmt: skip
    recipe.write(tmp_path / "recipe.toml")
    assert read_recipe(tmp_path / "recipe.toml") == recipe
    path = tmp_path / "schema.toml"
    path.write_text(
        schema_text(columns, dict.fromkeys(columns, "because # 年\nreally \x1b[2J\x07\x7f \u202e")),
        encoding="utf-8",
    )
    assert read_schema_file(path) == columns


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[column]\na = 'number'\n", 'Did you mean "columns"'),
        ("[columns]\na = 3\n", "gives the column 'a' the type 3"),
        ("", "has no table"),
    ],
)
def test_a_schema_file_with_anything_else_is_refused(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "schema.toml").write_text(text, encoding="utf-8")
    with pytest.raises(sp.RequestError, match=told) as error:
        read_schema_file(tmp_path / "schema.toml")
    assert len(str(error.value).splitlines()) == 3


def test_damaged_toml_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "schema.toml").write_bytes(b"[columns\n\xff")
    with pytest.raises(sp.StoreError, match="cannot be read"):
        read_schema_file(tmp_path / "schema.toml")
    with pytest.raises(sp.StoreError, match="there is no recipe"):
        read_recipe(tmp_path / "nothing.toml")


def test_first_rows_come_before_learning_and_no_stage_is_silent(head: Path, tmp_path: Path) -> None:
    line = "import sys, sampan.screen.screen as s; s.HEARTBEAT = 0.0; " + END
    ran = subprocess.run(
        [sys.executable, "-c", line, "make", str(head), "--steps", "3", "-o", "run"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert ran.returncode == 0 and not ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0].startswith("  starting: ")  # before anything heavy is there

    def first(words: str) -> int:
        return next(place for place, one in enumerate(lines) if words in one)

    told = ("starting: ", "400 rows", "a small model for a first look: ", "only a first look", "Learning",
            "Judging", "judging: ", "Done in")  # fmt: skip
    places = [first(words) for words in told]
    assert places == sorted(places)
