"""Checkpoints: a killed run ends where it would have ended, and no other goes on from what it left."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from sampan.errors import StoreError
from sampan.family import Model
from sampan.learning.budget import Budget
from sampan.learning.checkpoint import origin_of
from sampan.learning.loop import train
from sampan.learning.pace import Pace
from sampan.learning.progress import Progress
from sampan.learning.state import History
from sampan.learning.update import Plain
from sampan.space import Choice
from tests.learning.toy import FAMILY, HELD, VALUES, WORLD, model_of, run, same


class Killed(BaseException):
    """Stands for a kill: nothing catches it, nothing is tidied up."""


def step_of(checkpoint: Path) -> int:
    """The step that a checkpoint was taken after."""
    with safe_open(checkpoint / "training.safetensors", "pt") as file:
        return json.loads(file.metadata()["training"])["step"]


@pytest.mark.parametrize("at", [5, 25, 41, 47])
def test_a_killed_run_resumes_and_ends_where_it_would_have_ended(
    tmp_path: Path, saving: None, at: int
) -> None:
    """Looks come every ten steps: the checkpoints that are resumed were taken at one and between two."""
    whole, pace = model_of(), Pace(looks=6)
    expected = run(whole, pace=pace)

    def kill(progress: Progress) -> None:
        if progress.step == at:
            raise Killed

    with pytest.raises(Killed):
        run(model_of(), pace=pace, on_step=kill, checkpoint=tmp_path)
    assert step_of(tmp_path) == at - 1  # a kill costs no more than what came since the last save
    resumed = model_of(seed=5)  # other first weights: the checkpoint must bring its own
    history = run(resumed, pace=pace, checkpoint=tmp_path)
    assert same(whole, resumed)
    assert [look.step for look in history.looks] == [look.step for look in expected.looks]
    assert history.best_step == expected.best_step


@pytest.mark.parametrize("after", [-1, 0, 1, 5])
def test_a_run_killed_around_its_turn_ends_where_it_would_have_ended(
    tmp_path: Path, saving: None, after: int
) -> None:
    """The last stretch, from the best weights, is decided at a look: before, at and after that look."""
    few = {name: tensor[:60] for name, tensor in VALUES.items()}

    def go(model: Model, **more: object) -> History:
        budget = Budget(seconds=None, steps=300)
        return train(model, few, HELD, budget=budget, seed=0, pace=Pace(patience=3), **more)  # type: ignore[arg-type]

    whole = model_of()
    told: list[Progress] = []
    expected = go(whole, on_step=told.append)
    assert expected.ended == "enough"
    turn = next(progress.step for progress in told if progress.total != 300) - 1

    def kill(progress: Progress) -> None:
        if progress.step == turn + 1 + after:
            raise Killed

    with pytest.raises(Killed):
        go(model_of(), on_step=kill, checkpoint=tmp_path)
    resumed = model_of(seed=5)
    go(resumed, checkpoint=tmp_path)
    assert same(whole, resumed)


def test_saving_takes_no_more_than_its_share_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Steps of a millisecond, each with a save of some more, would make a run several times as long."""
    monkeypatch.setattr("sampan.learning.checkpoint.SAVE_EVERY", 0.0)
    written: list[int] = []

    def count(progress: Progress) -> None:
        path = tmp_path / "training.safetensors"
        written.append(path.stat().st_mtime_ns if path.exists() else 0)

    run(model_of(), steps=150, on_step=count, checkpoint=tmp_path)
    assert 1 < len(set(written)) < 75


@pytest.mark.parametrize("damage", ["cut", "foreign", "a digit", "no end"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, saving: None, damage: str) -> None:
    run(model_of(), checkpoint=tmp_path)
    path = tmp_path / "training.safetensors"
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        path.write_bytes(b"{}")
    elif damage == "a digit":
        at = content.index(b'step\\": ') + len(b'step\\": ')
        other = b"%d" % (1 + int(content[at : at + 1]) % 9)
        path.write_bytes(content[:at] + other + content[at + 1 :])
    elif damage == "no end":  # by somebody who leaves out its sum
        with safe_open(path, "pt") as file:
            told = json.loads(file.metadata()["training"])
        save_file(load_file(path), path, metadata={"training": json.dumps({**told, "planned": None})})
    with pytest.raises(StoreError, match="cannot be resumed"):
        run(model_of(), checkpoint=tmp_path)


def one_cell_changed(leaves: Mapping[str, Tensor]) -> dict[str, Tensor]:
    out = {name: tensor.clone() for name, tensor in leaves.items()}
    out["ice"][7] = 1 - out["ice"][7]
    return out


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"values": one_cell_changed(VALUES)}, "table"),
        ({"held": one_cell_changed(HELD)}, "table"),
        ({"spaces": {**WORLD.spaces, "season": Choice(3, ordered=True)}}, "schema, shape of the weights"),
        ({"family": replace(FAMILY, depth=2)}, "shape of the weights"),
        ({"family": replace(FAMILY, dropout=0.3)}, "family"),
        ({"budget": Budget(seconds=None, steps=61)}, "budget"),
        ({"budget": Budget(seconds=None, steps=60, precision="bfloat16")}, "budget"),
        ({"seed": 3}, "seed"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_checkpoint_of_another_run_is_refused_by_what_differs(
    tmp_path: Path, saving: None, other: dict[str, Any], told: str
) -> None:
    run(model_of(), checkpoint=tmp_path)
    before = (tmp_path / "training.safetensors").read_bytes()
    model = other.get("family", FAMILY).build(other.get("spaces", WORLD.spaces))
    budget = other.get("budget", Budget(seconds=None, steps=60))
    values, held = other.get("values", VALUES), other.get("held", HELD)
    with pytest.raises(StoreError) as error:
        train(model, values, held, budget=budget, seed=other.get("seed", 0), checkpoint=tmp_path)
    assert error.value.what.endswith(f"begun with another {told}.")
    assert (tmp_path / "training.safetensors").read_bytes() == before


def test_the_digest_of_a_million_rows_costs_well_under_a_second() -> None:
    rows = 1_000_000
    table = {f"{leaf}": torch.arange(rows).to(torch.int16) for leaf in range(15)}
    begun = time.perf_counter()
    first = origin_of(model_of(), table, {}, Budget(), 0, Pace(), Plain())
    assert time.perf_counter() - begun < 1.0
    table["14"][-1] += 1
    assert origin_of(model_of(), table, {}, Budget(), 0, Pace(), Plain())["table"] != first["table"]
