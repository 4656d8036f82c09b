"""What a path means as a model: a model folder, a run folder; and what is said of anything else."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import sampan as sp
from sampan.errors import StoreError
from sampan.model_folder import model_in


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `sampan make` leaves it, as far as its model goes."""
    place = tmp_path_factory.mktemp("runs") / "people-1"
    sp.fit(pl.DataFrame({"coin": ["heads", "tails"] * 30, "n": [1, 2, 3] * 20}), steps=2).save(
        place / "model"
    )
    (place / "recipe.toml").write_text("")
    return place


def test_a_run_folder_is_loaded_as_its_model(run: Path) -> None:
    assert model_in(run) == model_in(run / "model") == run / "model"
    assert sp.load(run).sample(3, seed=1).equals(sp.load(run / "model").sample(3, seed=1))


def test_anything_else_is_told_by_what_is_there(run: Path, tmp_path: Path) -> None:
    def told(place: Path) -> tuple[str, str]:
        with pytest.raises(StoreError) as error:
            sp.load(place)
        return error.value.what, error.value.fix

    assert "there is no such folder" in told(tmp_path / "none")[0]
    (tmp_path / "file").write_text("x")
    assert "it is a file" in told(tmp_path / "file")[0]
    assert "it holds 1 of them, the last people-1" in told(run.parent)[0] and str(run) in told(run.parent)[1]
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "recipe.toml").write_text("")
    assert "has learned no model yet" in told(tmp_path / "half")[0]
    assert f"--resume {tmp_path / 'half'}" in told(tmp_path / "half")[1]
    for name in "dcba":
        (tmp_path / "other" / name).mkdir(parents=True)
    assert "it holds a, b, c and 1 more" in told(tmp_path / "other")[0]
