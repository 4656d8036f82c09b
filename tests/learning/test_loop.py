"""The training loop: budgets, stopping, and a killed run that ends where it would have ended."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from torch import Tensor

from sampan.errors import RequestError, StoreError
from sampan.families.autoregressive import Autoregressive
from sampan.family import Model
from sampan.learning.budget import Budget
from sampan.learning.checkpoint import origin_of
from sampan.learning.history import History
from sampan.learning.loop import train
from sampan.learning.muon import orthogonal
from sampan.learning.pace import Pace
from sampan.learning.progress import Progress
from sampan.learning.update import Plain, Turn, Update
from sampan.space import Choice
from tests.worlds import WORLDS

WORLD = WORLDS["weather"]
VALUES, HELD = WORLD.draw(3_000, 0), WORLD.draw(500, 1)


def model_of(seed: int = 0) -> Model:
    torch.manual_seed(seed)
    return Autoregressive(size=16, depth=1).build(WORLD.spaces)


def run(model: Model, steps: int = 60, seed: int = 0, **more: object) -> History:
    return train(model, VALUES, HELD, budget=Budget(seconds=None, steps=steps), seed=seed, **more)  # type: ignore[arg-type]


def same(one: Model, other: Model) -> bool:
    return all(
        torch.allclose(a, b, atol=1e-6) for a, b in zip(one.parameters(), other.parameters(), strict=True)
    )


class Killed(BaseException):
    """Stands for a kill: nothing catches it, nothing is tidied up."""


@pytest.fixture
def saving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every step, where a real run waits some seconds between two."""
    monkeypatch.setattr("sampan.learning.checkpoint.SAVE_EVERY", 0.0)
    monkeypatch.setattr("sampan.learning.checkpoint.SAVE_SHARE", math.inf)


def test_learning_lowers_the_held_out_score_towards_the_entropy() -> None:
    history = run(model_of(), steps=200)
    entropy = -sum(p * math.log(p) for p in WORLD.table.ravel().tolist() if p > 0)
    first, last = history.looks[0].held_out, history.looks[-1].held_out
    assert last < first
    assert last == pytest.approx(entropy, abs=0.12)
    assert history.steps == history.planned == 200


def test_one_seed_one_model() -> None:
    one, two, other = model_of(), model_of(), model_of()
    run(one), run(two), run(other, seed=1)
    assert same(one, two)
    assert not same(one, other)


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


def test_an_answer_stops_as_ctrl_c_does_and_what_was_learned_is_kept() -> None:
    def answer(progress: Progress) -> str | None:
        return "stop" if progress.step == 20 else None

    def ctrl_c(progress: Progress) -> None:
        if progress.step == 20:
            raise KeyboardInterrupt

    one, other, first = model_of(), model_of(), model_of()
    for model, on_step in ((one, answer), (other, ctrl_c)):
        history = run(model, on_step=on_step)
        assert (history.ended, history.steps, bool(history.looks)) == ("interrupted", 20, True)
    assert same(one, other) and not same(one, first)


def test_other_answers_are_nobodys_business() -> None:
    """A bar that is moved answers as well; tqdm's says True."""
    assert run(model_of(), steps=3, on_step=lambda progress: True).ended == "budget"


@dataclass(frozen=True)
class Clipped(Update):
    """The gradients of parts of a batch, each no longer than so much, added up: as privacy needs it."""

    most: float
    parts: int = 4

    def step(self, turn: Turn) -> float:
        weights, total = list(turn.player.weights.parameters()), 0.0
        summed = [torch.zeros_like(weight) for weight in weights]
        for part in range(self.parts):
            turn.player.weights.zero_grad(set_to_none=True)
            loss = turn.loss({name: tensor[part :: self.parts] for name, tensor in turn.batch.items()})
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, self.most)
            total += float(loss.detach()) / self.parts
            for sum_, weight in zip(summed, weights, strict=True):
                sum_ += 0 if weight.grad is None else weight.grad
        for sum_, weight in zip(summed, weights, strict=True):
            weight.grad = sum_ / self.parts
        length = torch.stack([weight.grad.norm() for weight in weights if weight.grad is not None]).norm()
        assert length <= self.most * 1.001
        turn.move()
        return total


def test_how_a_batch_becomes_a_step_is_an_argument(tmp_path: Path, saving: None) -> None:
    plain, clipped, again = model_of(), model_of(), model_of()
    run(plain, steps=60)
    history = run(clipped, steps=60, update=Clipped(0.05))
    assert history.looks[-1].held_out < history.looks[0].held_out and not same(plain, clipped)
    run(again, steps=60, update=Clipped(0.05), checkpoint=tmp_path)
    assert same(clipped, again)
    with pytest.raises(StoreError, match="begun with another update"):
        run(model_of(), steps=60, checkpoint=tmp_path)
    with pytest.raises(StoreError, match="begun with another update"):
        run(model_of(), steps=60, update=Clipped(0.5), checkpoint=tmp_path)


def test_enough_is_found_when_held_out_rows_stop_gaining() -> None:
    few = {name: tensor[:60] for name, tensor in VALUES.items()}
    history = train(
        Autoregressive(size=64, depth=2).build(WORLD.spaces),
        few,
        HELD,
        budget=Budget(seconds=None, steps=1_500),
        seed=0,
        pace=Pace(patience=4),
    )
    assert history.ended == "enough"
    assert history.steps < 1_500
    best = min(history.looks, key=lambda look: look.held_out)
    kept = next(look for look in history.looks if look.step == history.best_step)
    # later weights are kept as long as the held-out rows cannot tell them from the best
    assert best.step <= kept.step
    assert kept.held_out < best.held_out * 1.005


def test_a_lull_of_few_steps_ends_nothing_where_few_rows_are_held_out() -> None:
    """A slow machine plans few steps, so that looks lie close: what they say of 40 rows is mostly chance."""
    few = {name: tensor[:60] for name, tensor in VALUES.items()}

    def turn(held: dict[str, Tensor], pace: Pace) -> int:
        """The step after which the last stretch begins, which is not waited for."""

        def stop(progress: Progress) -> None:
            if progress.total != 600:
                raise Killed(progress.step)

        try:
            budget = Budget(seconds=None, steps=600)
            train(model_of(), few, held, budget=budget, seed=0, pace=pace, on_step=stop)
        except Killed as killed:
            return int(killed.args[0])
        return 600

    scarce = {name: tensor[:40] for name, tensor in HELD.items()}
    quick = Pace(patience=1, surely=0)
    assert turn(scarce, quick) < 250 <= turn(scarce, replace(quick, surely=250))
    many = replace(quick, scarce=40, surely=250)  # as many are held out as are enough: nothing is other
    assert turn(scarce, many) == turn(scarce, quick)


def test_a_budget_of_seconds_is_kept() -> None:
    begun = time.monotonic()
    seen: list[Progress] = []
    history = train(
        model_of(),
        VALUES,
        HELD,
        budget=Budget(seconds=2.0),
        seed=0,
        pace=Pace(patience=99),
        on_step=seen.append,
    )
    assert time.monotonic() - begun < 4.0  # a busy machine may finish its last steps late
    assert history.planned == history.steps > 20
    assert seen[0].step == 1 and seen[-1].left == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("wrong", [{"seconds": 0.0}, {"seconds": math.nan}, {"seconds": None}, {"steps": -5}])
def test_a_budget_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(RequestError):
        Budget(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("damage", ["cut", "foreign"])
def test_a_damaged_checkpoint_is_refused(tmp_path: Path, saving: None, damage: str) -> None:
    run(model_of(), checkpoint=tmp_path)
    path = tmp_path / "training.safetensors"
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        path.write_bytes(b"{}")
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
        ({"family": Autoregressive(size=16, depth=2)}, "shape of the weights"),
        ({"family": Autoregressive(size=16, depth=1, dropout=0.3)}, "family"),
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
    model = other.get("family", Autoregressive(size=16, depth=1)).build(other.get("spaces", WORLD.spaces))
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


def test_muon_steps_are_nearly_orthogonal() -> None:
    x = torch.randn(3, 40, 12, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonal(x))
    assert values.min() > 0.5 and values.max() < 1.3


@pytest.mark.parametrize(("planned", "left"), [(2, 1.0), (8, 0.5)])
def test_a_player_of_a_limited_full_rate_moves_its_matrices_less_where_more_steps_are_planned(
    planned: int, left: float
) -> None:
    def moved(steps: int, full_rate_steps: int | None) -> dict[str, Tensor]:
        """How far one step of so many takes the weights."""
        model = model_of()
        players = [replace(player, full_rate_steps=full_rate_steps) for player in model.players()]
        model.players = lambda: tuple(players)  # type: ignore[method-assign]
        before = {name: weight.detach().clone() for name, weight in model.named_parameters()}

        run(model, steps, on_step=lambda progress: "stop")
        return {name: weight.detach() - before[name] for name, weight in model.named_parameters()}

    full, less = moved(planned, None), moved(planned, 2)
    matrices = {name for name in full if full[name].ndim == 2 and float(full[name].abs().sum()) > 0}
    inner = {name for name in matrices if not torch.allclose(less[name], full[name], rtol=1e-3)}
    assert bool(inner) == (left < 1)
    for name in full:
        share = left if name in inner else 1.0
        torch.testing.assert_close(less[name], share * full[name], rtol=1e-3, atol=1e-7)
