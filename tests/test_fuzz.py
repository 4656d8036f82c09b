"""A sample of what benchmarks/fuzz.py hands to Sampan: each is read or refused, and nothing falls."""

from __future__ import annotations

import contextlib
import io
import random
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sampan as sp
from sampan.cli import main

SCRIPTS = Path(__file__).resolve().parent.parent / "benchmarks"
TABLE = {
    "amount": [f"HK$ {k * 37 % 1_000:,}.50" for k in range(80)],
    "colour": [("red", "green", "blue")[k % 3] for k in range(80)],
    "day": [f"{k % 28 + 1:02d}/03/2024" for k in range(80)],
    "key": [f"K{k * 7_919 % 90_000:05d}" for k in range(80)],
    "mail": [f"someone{k * 31}@example.org" for k in range(80)],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz") / "model"
    sp.fit(TABLE, steps=2).save(folder)
    return folder


@pytest.fixture(scope="module")
def scripts() -> Iterator[None]:
    sys.path.insert(0, str(SCRIPTS))
    yield
    sys.path.remove(str(SCRIPTS))


def told(argv: list[str]) -> tuple[int, str]:
    """The exit code and what an error says; a minute for what takes a moment."""
    signal.alarm(60)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(argv)
    signal.alarm(0)
    return code, err.getvalue()


def test_mutated_model_folders_are_read_or_refused(model: Path, tmp_path: Path, scripts: None) -> None:
    from fuzz_models import mutations

    refused = 0
    for index, (name, act) in enumerate(sorted(mutations().items())):
        folder = tmp_path / str(index) / "model"
        shutil.copytree(model, folder)
        act(folder, random.Random(index))
        code, error = told(["sample", str(folder), "-n", "2", "--quiet", "-o", f"{folder}.csv"])
        assert code in (0, 5), f"{name}: {error}"
        assert code == 0 or len(error.splitlines()) == 3, f"{name}: {error}"
        refused += code == 5
        shutil.rmtree(folder.parent)
    assert refused > index * 0.7


def test_conditions_that_no_person_writes_are_read_or_refused(model: Path, scripts: None) -> None:
    from fuzz_where import conditions

    held = sp.load(model)
    for text in [*conditions(50, seed=1), "colour = red or day > 2024", "amount > 100"]:
        try:
            made = next(held.blocks(1, where=text))
        except sp.RequestError as error:
            assert 2 <= len(str(error).splitlines()) <= 5 and len(str(error)) < 2_000, text[:200]
        else:
            assert len(made["colour"]) == 1
    with pytest.raises(sp.RequestError):
        next(held.blocks(1, where="colour = nothing"))


def test_a_weight_that_no_learning_leaves_is_refused(model: Path, tmp_path: Path, scripts: None) -> None:
    from fuzz_models import mutations

    for name in ("numbers: nan", "numbers: inf", "header: shape", "value: 2**60"):
        folder = tmp_path / name.replace(": ", "-")
        shutil.copytree(model, folder)
        mutations()[name](folder, random.Random(3))
        with contextlib.suppress(sp.StoreError):
            sp.load(folder).sample(3)
