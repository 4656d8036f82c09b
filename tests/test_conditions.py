"""Sampling under a condition is exact: held to a model whose every conditional is the truth."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
import torch
from torch import Tensor

from sampan.conditions import draw_inside
from sampan.errors import WhereError
from sampan.family import Model, Player
from sampan.field import Box
from sampan.space import Batch
from tests.worlds import WORLDS, World

ROWS = 20_000


class Truth(Model):
    """A model that knows its world's conditionals to the last digit."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.spaces = world, world.spaces

    def players(self) -> tuple[Player, ...]:
        return ()

    def sample(self, given: Batch, rng: torch.Generator) -> Mapping[str, Tensor]:
        values, known = dict(given.values), dict(given.known)
        for leaf in self.spaces:
            chance = self.conditional(Batch(values, known), leaf).exp()
            drawn = torch.multinomial(chance, 1, generator=rng)[:, 0]
            values[leaf] = torch.where(known[leaf], values[leaf], drawn)
            known[leaf] = torch.ones_like(known[leaf])
        return values

    def conditional(self, given: Batch, leaf: str) -> Tensor:
        out = []
        seen: dict[tuple[tuple[str, int], ...], Tensor] = {}
        for row in range(len(given.values[leaf])):
            known = {n: int(given.values[n][row]) for n in self.spaces if n != leaf and given.known[n][row]}
            key = tuple(known.items())
            if key not in seen:
                seen[key] = torch.from_numpy(self.world.conditional(leaf, known)).clamp(min=1e-300).log()
            out.append(seen[key])
        return torch.stack(out)


def nothing(world: World, rows: int) -> Batch:
    return Batch(
        {name: torch.zeros(rows, dtype=torch.long) for name in world.spaces},
        {name: torch.zeros(rows, dtype=torch.bool) for name in world.spaces},
    )


def mask(size: int, *symbols: int) -> np.ndarray:
    out = np.zeros(size, dtype=bool)
    out[list(symbols)] = True
    return out


def made_and_true(world: World, boxes: list[Box], noise_share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The joint distribution of made records, and the world's own inside the boxes."""
    rng = torch.Generator().manual_seed(0)
    model = Truth(world)
    batch, _ = draw_inside(model, nothing(world, ROWS), boxes, ["heat/which"], rng)
    made = model.sample(batch, rng)
    flat = np.ravel_multi_index([made[name].numpy() for name in world.spaces], world.table.shape)
    true = world.table * noise_share
    return np.bincount(flat, minlength=true.size) / ROWS, (true / true.sum()).ravel()


def test_two_columns_at_once() -> None:
    world = WORLDS["weather"]
    boxes = [Box({"heat": mask(12, 0, 1, 2, 3), "ice": mask(2, 0)}, {})]
    share = np.zeros(world.table.shape)
    share[:, :4, 0] = 1
    made, true = made_and_true(world, boxes, share)
    assert 0.5 * np.abs(made - true).sum() < 0.02
    assert made[share.ravel() == 0].sum() == 0


def test_either_of_two_columns() -> None:
    world = WORLDS["weather"]
    first = Box({"season": mask(3, 2)}, {})
    second = Box({"season": mask(3, 0, 1), "ice": mask(2, 1)}, {})
    share = np.zeros(world.table.shape)
    share[2] = 1
    share[:2, :, 1] = 1
    made, true = made_and_true(world, [first, second], share)
    assert 0.5 * np.abs(made - true).sum() < 0.02


def test_a_bound_that_cuts_a_symbol_weighs_it_by_what_is_left_of_it() -> None:
    world = WORLDS["weather"]
    boxes = [Box({"heat": mask(12, 0, 1)}, {}), Box({"heat": mask(12, 2)}, {"heat/which": (0.0, 0.25)})]
    share = np.zeros(world.table.shape)
    share[:, :2] = 1
    share[:, 2] = 0.25
    made, true = made_and_true(world, boxes, share)
    assert 0.5 * np.abs(made - true).sum() < 0.02


def test_noise_stays_inside_its_interval() -> None:
    world = WORLDS["weather"]
    boxes = [Box({"heat": mask(12, 4)}, {"heat/which": (0.5, 0.75)})]
    rng = torch.Generator().manual_seed(1)
    batch, noise = draw_inside(Truth(world), nothing(world, 500), boxes, ["heat/which"], rng)
    assert (batch.values["heat"] == 4).all()
    assert ((noise["heat/which"] >= 0.5) & (noise["heat/which"] < 0.75)).all()


def test_given_values_weigh_as_they_should() -> None:
    """p(c | a given, condition on b and c) of the xor world."""
    world = WORLDS["xor"]
    batch = nothing(world, ROWS)
    batch.values["a"][:] = 1
    batch.known["a"][:] = True
    boxes = [Box({"b": mask(2, 0)}, {}), Box({"b": mask(2, 1), "c": mask(2, 1)}, {})]
    out, _ = draw_inside(Truth(world), batch, boxes, [], torch.Generator().manual_seed(2))
    share = (out.values["b"] == 1).float().mean()
    assert float(share) == pytest.approx(0.05 / 0.55, abs=0.01)
    assert (out.values["a"] == 1).all()


def test_what_is_given_may_contradict_the_condition() -> None:
    world = WORLDS["xor"]
    batch = nothing(world, 3)
    batch.known["b"][1] = True
    with pytest.raises(WhereError, match="row 2 of 3"):
        draw_inside(Truth(world), batch, [Box({"b": mask(2, 1)}, {})], [], torch.Generator())
