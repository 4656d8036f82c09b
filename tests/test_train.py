"""The training loop: budgets, stopping, and a killed run that ends where it would have ended."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest
import torch

from sampan.errors import RequestError, StoreError
from sampan.families.autoregressive import Autoregressive
from sampan.family import Model
from sampan.muon import orthogonal
from sampan.train import Budget, History, Pace, Progress, generator_of, train
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


@pytest.mark.parametrize("at", [25, 47])
def test_a_killed_run_resumes_and_ends_where_it_would_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    whole = model_of()
    expected = run(whole)
    # a checkpoint at every look, where a real run waits some seconds between two
    monkeypatch.setattr("sampan.train.SAVE_EVERY", 0.0)

    def kill(progress: Progress) -> None:
        if progress.step == at:
            raise Killed

    with pytest.raises(Killed):
        run(model_of(), on_step=kill, checkpoint=tmp_path)
    resumed = model_of(seed=5)  # other first weights: the checkpoint must bring its own
    history = run(resumed, checkpoint=tmp_path)
    assert same(whole, resumed)
    assert [look.step for look in history.looks] == [look.step for look in expected.looks]
    assert history.best_step == expected.best_step


@pytest.mark.parametrize("after", [-1, 0, 1, 5])
def test_a_run_killed_around_its_turn_ends_where_it_would_have_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
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

    monkeypatch.setattr("sampan.train.SAVE_EVERY", 0.0)
    with pytest.raises(Killed):
        go(model_of(), on_step=kill, checkpoint=tmp_path)
    resumed = model_of(seed=5)
    go(resumed, checkpoint=tmp_path)
    assert same(whole, resumed)


def test_ctrl_c_keeps_what_was_learned() -> None:
    def stop(progress: Progress) -> None:
        if progress.step == 20:
            raise KeyboardInterrupt

    model = model_of()
    before = [weight.detach().clone() for weight in model.parameters()]
    history = run(model, on_step=stop)
    assert history.ended == "interrupted"
    assert history.steps == 20
    assert any(not torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


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
    assert history.best_step == best.step


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


@pytest.mark.parametrize("damage", ["cut", "foreign", "other run"])
def test_a_damaged_checkpoint_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr("sampan.train.SAVE_EVERY", 0.0)
    run(model_of(), checkpoint=tmp_path)
    path = tmp_path / "training.safetensors"
    content = path.read_bytes()
    if damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        path.write_bytes(b"{}")
    with pytest.raises(StoreError, match="cannot be resumed"):
        run(model_of(), seed=3 if damage == "other run" else 0, checkpoint=tmp_path)


def test_generators_of_near_seeds_are_unrelated() -> None:
    draws = torch.stack([torch.rand(200, generator=generator_of(0, seed)) for seed in range(20)])
    correlation = torch.corrcoef(draws) - torch.eye(20)
    assert correlation.abs().max() < 0.35
    assert torch.equal(draws[3], torch.rand(200, generator=generator_of(0, 3)))


def test_muon_steps_are_nearly_orthogonal() -> None:
    x = torch.randn(3, 40, 12, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonal(x))
    assert values.min() > 0.5 and values.max() < 1.3
