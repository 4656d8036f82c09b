"""The autoregressive family learns every conditional of a world, in every direction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch

from sampan.errors import FamilyCannot
from sampan.families.autoregressive import Autoregressive, AutoregressiveApart, AutoregressiveTogether
from sampan.learning.budget import Budget
from sampan.learning.loop import train
from sampan.learning.pace import Pace
from sampan.space import Batch, Choice, Real
from tests.worlds import WORLDS, World

TINY = Autoregressive(size=32, depth=2, dropout=0.0)  # worlds have records enough
KINDS = {True: AutoregressiveApart, False: AutoregressiveTogether}
Rows = AutoregressiveApart | AutoregressiveTogether


@pytest.fixture(scope="module", params=[("xor", True), ("weather", True), ("weather", False)], ids=str)
def pair(request: pytest.FixtureRequest) -> tuple[World, Rows]:
    name, apart = request.param
    world = WORLDS[name]
    model = replace(TINY, apart=apart).build(world.spaces)
    assert isinstance(model, KINDS[apart]) and isinstance(model, Rows)
    train(
        model,
        world.draw(200_000, 0),
        world.draw(2_000, 1),
        budget=Budget(seconds=None, steps=600),
        seed=0,
    )
    return world, model


def test_likelihood_is_that_of_the_world(pair: tuple[World, Rows]) -> None:
    world, model = pair
    held = world.draw(4_000, 5)
    nothing = {name: torch.zeros(4_000, dtype=torch.bool) for name in held}
    score = model.log_prob(Batch(held, nothing), torch.Generator().manual_seed(0)).mean()
    entropy = -(world.table * np.log(np.maximum(world.table, 1e-300))).sum()
    assert -score == pytest.approx(entropy, abs=0.05)


@pytest.mark.parametrize(
    ("space", "match"),
    [
        (Real(), "scalar symbols"),
        (Real(3, (8,)), "numbers on a line"),
        (Choice(4, (30, 30)), "900 symbols on one grid"),
        (Real(1, (2, 8, 8)), "the autoregressive family"),
    ],
    ids=str,
)
def test_what_it_cannot_do_is_refused_before_any_work(space: Real | Choice, match: str) -> None:
    with pytest.raises(FamilyCannot, match=match):
        Autoregressive().build({"x": space})


def test_rows_that_share_a_pass_are_drawn_like_others(pair: tuple[World, Rows]) -> None:
    """Sharing passes between equal rows is a saving only: the same draws give the same symbols."""
    world, model = pair
    rows = 500
    nothing = {name: torch.zeros(rows, dtype=torch.long) for name in world.spaces}
    unknown = {name: torch.zeros(rows, dtype=torch.bool) for name in world.spaces}
    shared = model.sample(Batch(nothing, unknown), torch.Generator().manual_seed(9))
    # values that are not known must not matter; different ones keep the rows apart from the start
    noise = {n: torch.randint(s.size, (rows,)) for n, s in world.spaces.items()}
    again = model.sample(Batch(noise, unknown), torch.Generator().manual_seed(9))
    assert all(torch.equal(shared[name], again[name]) for name in shared)


def test_columns_that_know_nothing_of_each_other_stay_so() -> None:
    """Many states, so that rows do not share passes: even levels must not tie the columns together."""
    spaces = {name: Choice(50, ordered=True) for name in "abcd"}
    model = TINY.build(spaces)
    rng = torch.Generator().manual_seed(1)
    model.start({name: torch.randint(50, (5_000,), generator=rng) for name in spaces})
    rows = 4_000
    nothing = {name: torch.zeros(rows, dtype=torch.long) for name in spaces}
    unknown = {name: torch.zeros(rows, dtype=torch.bool) for name in spaces}
    made = model.sample(Batch(nothing, unknown), rng)
    tied = torch.corrcoef(torch.stack([made[name].float() for name in spaces])) - torch.eye(4)
    assert tied.abs().max() < 0.06


def test_what_always_holds_holds_in_what_is_made() -> None:
    """A town fixes its district; after ten steps the network has not learned it, and no row breaks it."""
    rng = torch.Generator().manual_seed(2)
    town = torch.randint(40, (5_000,), generator=rng)
    values = {"other": torch.randint(6, (5_000,), generator=rng), "town": town, "district": town // 8}
    spaces = {"other": Choice(6), "town": Choice(40), "district": Choice(5)}
    model = TINY.build(spaces)
    assert isinstance(model, AutoregressiveApart)
    train(model, values, values, budget=Budget(seconds=None, steps=10), seed=0)
    rows = 3_000
    for given in (None, "town", "district"):
        known = {name: torch.full((rows,), name == given) for name in spaces}
        cells = {name: tensor[:rows] for name, tensor in values.items()}
        made = model.sample(Batch(cells, known), torch.Generator().manual_seed(3))
        assert (made["town"] // 8 == made["district"]).all(), given
        assert len(torch.unique(made["town"])) == 40 and len(torch.unique(made["other"])) == 6
    # a record that breaks it is improbable, not impossible
    odd = {"other": torch.tensor([0]), "town": torch.tensor([0]), "district": torch.tensor([3])}
    nothing = {name: torch.zeros(1, dtype=torch.bool) for name in spaces}
    assert -40 < float(model.log_prob(Batch(odd, nothing), rng)) < -12
    # what merely agrees by chance is no law
    loose = TINY.build(spaces)
    assert isinstance(loose, AutoregressiveApart)
    few = torch.randint(2, (60, 3), generator=rng)
    loose.laws.find(few)
    assert (loose.laws.table == -1).all()


def test_wide_records_share_a_network() -> None:
    wide = {str(leaf): Choice(60) for leaf in range(200)}
    assert isinstance(TINY.build(wide), AutoregressiveTogether)
    assert sum(weight.numel() for weight in TINY.build(wide).parameters()) < 2**21


def test_a_rare_class_follows_from_two_columns_together() -> None:
    """Where two columns agree it is thirty times as frequent; neither says anything alone."""
    rng, rows = torch.Generator().manual_seed(0), 6_000

    def share(values: Mapping[str, torch.Tensor]) -> tuple[float, float]:
        agree, rare = values["a"] == values["b"], values["rare"].float()
        return float(rare[agree].mean()), float(rare[~agree].mean())

    values = {name: torch.randint(4, (rows,), generator=rng) for name in "abcd"}
    odds = torch.where(values["a"] == values["b"], 0.3, 0.01)
    values["rare"] = (torch.rand(rows, generator=rng) < odds).long()
    spaces: dict[str, Choice] = {name: Choice(4) for name in "abcd"} | {"rare": Choice(2)}
    torch.manual_seed(0)
    model = Autoregressive().build(spaces)
    train(
        model, values, values, budget=Budget(seconds=None, steps=300), seed=0, pace=Pace(batch=512, looks=2)
    )
    made = model.eval().sample(Batch.empty(spaces, rows), rng)
    (real_with, real_without), (with_, without) = share(values), share(made)
    assert with_ > 0.8 * real_with and without < real_without + 0.02


def test_a_text_is_learned_in_any_order() -> None:
    """Letters go up by a step that a label says: made from nothing, and around a hole in the middle."""
    spaces = {"step": Choice(3), "text": Choice(5, (6,))}

    def texts(rows: int, seed: int) -> dict[str, torch.Tensor]:
        rng = torch.Generator().manual_seed(seed)
        step, first = torch.randint(3, (rows,), generator=rng), torch.randint(5, (rows, 1), generator=rng)
        return {"step": step, "text": (first + (step[:, None] + 1) * torch.arange(6)) % 5}

    torch.manual_seed(0)
    model = Autoregressive(size=16).build(spaces)
    budget, pace = Budget(seconds=None, steps=120), Pace(batch=48, looks=2)
    train(model, texts(2_000, 0), texts(64, 1), budget=budget, seed=0, pace=pace)
    rows, rng = 200, torch.Generator().manual_seed(2)
    made = model.eval().sample(Batch.empty(spaces, rows), rng)
    right = (made["text"].diff(dim=1) % 5) == made["step"][:, None] + 1
    assert right.float().mean() > 0.8
    held = texts(rows, 3)
    known = {"step": torch.zeros(rows, dtype=torch.bool), "text": torch.tensor([[1, 1, 0, 0, 1, 1]]).bool()}
    given = Batch(held, {"step": known["step"], "text": known["text"].expand(rows, -1)})
    filled = model.sample(given, rng)
    assert (filled["text"] == held["text"]).float().mean() > 0.93
    assert (filled["step"] == held["step"]).float().mean() > 0.75
