"""Every family learns worlds whose exact conditionals are known, in every direction."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest
import torch
from torch import Tensor

from sampan.families.autoregressive import Autoregressive
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.vae import VAE
from sampan.family import Family, Model
from sampan.learning.budget import Budget
from sampan.learning.loop import train
from sampan.learning.pace import Pace
from sampan.space import Batch, Choice, Real, Space
from tests.worlds import WORLDS, World

# worlds have records enough, so that nothing is held against learning by heart
FAMILIES: dict[str, Family] = {
    "autoregressive": Autoregressive(size=32, depth=2, dropout=0.0),
    "diffusion": Diffusion(size=32, depth=2, dropout=0.0),
    "vae": VAE(size=32, depth=2, latent=4, hidden=32),
    "gan": GAN(size=64, depth=2, noise=8, start=2.0, batch=256),
}
STEPS = {"xor": 700, "two ways": 500, "weather": 1200}
ASKED = [(kind, name) for kind in FAMILIES for name in WORLDS if kind != "gan" or name == "two ways"]
"""The other worlds take a GAN minutes: `benchmarks/worlds.py` asks them."""

WORST, MEAN = 0.06, 0.02
"""How far the worst symbol of any conditional may lie from the truth, and conditionals on average.

Over seeds and processors (three sets of instructions) the worst read .007 to .037 and the mean .002 to .009:
which way rounding falls decides about a third of it. A conditional that forgets half of what one column tells
it reads .088 or more, and one that forgets all .177 or more, in every world.
"""


def is_near(distances: tuple[float, float]) -> bool:
    """Whether conditionals are near the truth."""
    return distances[0] < WORST and distances[1] < MEAN


@pytest.fixture(scope="module", params=ASKED, ids="-".join)
def pair(request: pytest.FixtureRequest) -> tuple[World, Model, str]:
    kind, name = request.param
    world = WORLDS[name]
    torch.manual_seed(0)
    model = FAMILIES[kind].build(world.spaces)
    budget = Budget(seconds=None, steps=1200 if kind == "gan" else STEPS[name])
    pace = Pace(batch=2048 if kind == "diffusion" else 1024)  # half as many records do for the others
    train(model, world.draw(200_000, 0), world.draw(2_000, 1), budget=budget, seed=0, pace=pace)
    return world, model, kind


def test_every_conditional_is_near_the_truth(pair: tuple[World, Model, str]) -> None:
    world, model, _ = pair

    @functools.cache  # what a blind one is asked has been asked before
    def answer(leaf: str, given: frozenset[tuple[str, int]]) -> np.ndarray:
        return model.conditional(world.asked(dict(given)), leaf).exp().numpy()[0]

    def stated(leaf: str, given: dict[str, int]) -> np.ndarray:
        return answer(leaf, frozenset(given.items()))

    assert is_near(world.distances(stated)), world.distances(stated)
    for forgotten in world.spaces:  # the same network, one column of what is given kept from it

        def blind(leaf: str, given: dict[str, int], forgotten: str = forgotten) -> np.ndarray:
            return stated(leaf, {name: cell for name, cell in given.items() if name != forgotten})

        assert not is_near(world.distances(blind)), (forgotten, world.distances(blind))


@pytest.mark.parametrize("name", WORLDS)
def test_a_conditional_that_half_forgets_one_column_is_seen(name: str) -> None:
    world = WORLDS[name]
    assert is_near(world.distances(world.conditional))
    for leaf, forgotten in itertools.permutations(world.spaces, 2):

        def half(
            asked: str, given: dict[str, int], leaf: str = leaf, forgotten: str = forgotten
        ) -> np.ndarray:
            truth = world.conditional(asked, given)
            if asked != leaf:
                return truth
            told = {name: cell for name, cell in given.items() if name != forgotten}
            return (truth + world.conditional(asked, told)) / 2

        assert not is_near(world.distances(half)), (leaf, forgotten, world.distances(half))


def test_samples_have_the_joint_distribution(pair: tuple[World, Model, str]) -> None:
    world, model, kind = pair
    rows = 40_000
    made = model.sample(*_nothing(world.spaces, rows))
    flat = np.ravel_multi_index([made[name].numpy() for name in world.spaces], world.table.shape)
    share = np.bincount(flat, minlength=world.table.size) / rows
    assert 0.5 * np.abs(share - world.table.ravel()).sum() < 0.03


def test_what_is_given_is_followed(pair: tuple[World, Model, str]) -> None:
    """Samples agree with the conditionals that the world has, not only with those that the model states."""
    world, model, kind = pair
    rows, names = 20_000, list(world.spaces)
    for name in names:
        symbol = int(world.table.sum(axis=tuple(i for i, n in enumerate(names) if n != name)).argmax())
        batch, rng = _nothing(world.spaces, rows)
        values = batch.values | {name: torch.full((rows,), symbol)}
        known = batch.known | {name: torch.ones(rows, dtype=torch.bool)}
        made = model.sample(Batch(values, known), rng)
        for other in names:
            share = np.bincount(made[other].numpy(), minlength=world.spaces[other].size) / rows
            truth = world.conditional(other, {name: symbol}) if other != name else np.eye(len(share))[symbol]
            assert np.abs(share - truth).max() < 0.03, (name, other, share, truth)


def _nothing(spaces: dict[str, Space], rows: int) -> tuple[Batch, torch.Generator]:
    values: dict[str, Tensor] = {}
    for name, space in spaces.items():
        match space:
            case Real(channels=channels):
                values[name] = torch.zeros(rows, channels)
            case Choice():
                values[name] = torch.zeros(rows, dtype=torch.long)
    unknown = {name: torch.zeros(rows, dtype=torch.bool) for name in spaces}
    return Batch(values, unknown), torch.Generator().manual_seed(3)


# --- a world with a real vector: kind c has probability SHARE[c], and place | c is Gaussian around CENTRE[c]
SHARE = torch.tensor([0.5, 0.3, 0.2])
CENTRE = torch.tensor([[-0.6, -0.6], [0.7, -0.3], [0.0, 0.7]])
SPREAD = torch.tensor([0.5, 0.4, 0.5])
PLACES: dict[str, Space] = {"kind": Choice(3), "place": Real(2)}


def places(rows: int, seed: int) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    kind = torch.multinomial(SHARE, rows, replacement=True, generator=rng)
    noise = torch.randn(rows, 2, generator=rng)
    return {"kind": kind, "place": CENTRE[kind] + SPREAD[kind, None] * noise}


@pytest.mark.parametrize("kind", ["diffusion", "vae", "gan"])
def test_real_vectors_and_symbols_follow_each_other(kind: str) -> None:
    family = {
        "diffusion": Diffusion(size=48, depth=2, dropout=0.0, steps=32),
        "vae": VAE(size=48, depth=2, latent=4, hidden=48),
        "gan": GAN(size=64, depth=2, noise=8, batch=256),
    }[kind]
    torch.manual_seed(0)
    model = family.build(PLACES)
    budget, pace = Budget(seconds=None, steps=1000 if kind == "gan" else 1500), Pace(batch=256)
    train(model, places(50_000, 0), places(1_000, 1), budget=budget, seed=0, pace=pace)
    rows = 6_000
    batch, rng = _nothing(PLACES, rows)
    whole = model.sample(batch, rng)
    points = 0.15 if kind == "gan" else 0.08  # between two centres: 1,500 steps know it to 5 points
    assert (torch.bincount(whole["kind"], minlength=3) / rows - SHARE).abs().max() < points
    for symbol in range(3):
        own = whole["place"][whole["kind"] == symbol]
        assert (own.mean(0) - CENTRE[symbol]).abs().max() < 0.15, (kind, symbol)
        assert (own.std(0) / SPREAD[symbol] - 1).abs().max() < 0.25, (kind, symbol)
        # given the symbol, the place
        values = batch.values | {"kind": torch.full((rows,), symbol)}
        made = model.sample(Batch(values, batch.known | {"kind": torch.ones(rows, dtype=torch.bool)}), rng)
        assert (made["place"].mean(0) - CENTRE[symbol]).abs().max() < 0.15, (kind, symbol)
    if kind == "gan":
        return  # it misses p(kind | place) by 18 points (docs/families.md)
    # given the place, the symbol: between two centres, where neither is certain
    point = torch.tensor([0.1, -0.45])
    density = SHARE * torch.exp(-0.5 * ((point - CENTRE) / SPREAD[:, None]).square().sum(1)) / SPREAD**2
    values = batch.values | {"place": point.expand(rows, 2)}
    known = batch.known | {"place": torch.ones(rows, dtype=torch.bool)}
    made = model.sample(Batch(values, known), rng)
    assert torch.equal(made["place"], values["place"])
    share = torch.bincount(made["kind"], minlength=3) / rows
    assert (share - density / density.sum()).abs().max() < points, (kind, share, density / density.sum())
