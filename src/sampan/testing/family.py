"""check_family: one contract test for every family of models, ours and a stranger's.

A stranger's test is one line:

    def test_mine(): check_family(Mine())
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping

import torch
from torch import Tensor

from sampan.ability import Conditionals, Likelihood
from sampan.errors import FamilyCannot
from sampan.family import Family, Model
from sampan.space import Batch, Choice, Real, Space

SPACES: tuple[Mapping[str, Space], ...] = (
    {"a": Choice(2), "b": Choice(3)},
    {"scale": Choice(5, ordered=True, off=(4,), spikes=(0,)), "flag": Choice(2)},
    {"flag": Choice(2), "level": Choice(9, ordered=True), "kind": Choice(4), "fixed": Choice(1)},
    {"x": Real(), "flag": Choice(2)},
    {"place": Real(2), "kind": Choice(3), "height": Real(), "level": Choice(6, ordered=True)},
    {"place": Real(2), "height": Real()},
    {"path": Real(2, (6,)), "kind": Choice(3)},
    {"letters": Choice(5, (7,))},
    {"picture": Real(1, (8, 8)), "label": Choice(3)},
)
"""Records of every kind of cell and grid: a family serves some and refuses the others in plain words."""


def check_family(family: Family, seed: int = 0) -> None:
    """Hold a family to the contract over every space that it serves.

    Settings make an equal family again; a space it does not serve is refused by FamilyCannot with all three
    parts; every weight of every player gets a gradient; the loss is finite; samples lie in their spaces,
    leave given cells bit-identical and depend on the generator alone; where there are exact conditionals
    they are normalised, and where there is a likelihood it sums to one. Raises AssertionError.
    """
    again = type(family)(**json.loads(json.dumps(family.settings())))
    _expect(again == family, f"settings() of {family} make {again}")
    served = 0
    for spaces in SPACES:
        torch.manual_seed(seed)
        try:
            model = family.build(spaces)
        except FamilyCannot as refusal:
            _expect(all((refusal.what, refusal.expected, refusal.fix)), "a refusal has three parts")
            continue
        served += 1
        values = _records(spaces, 48, seed)
        model.start(values)
        _check_gradients(model, values, seed)
        model.eval()
        _check_samples(model, spaces, values, seed)
        _check_conditionals(model, spaces, values)
        _check_likelihood(model, spaces, seed)
    _expect(served > 0, f"{family} serves none of the {len(SPACES)} kinds of record")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


def _records(spaces: Mapping[str, Space], rows: int, seed: int) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed)
    out: dict[str, Tensor] = {}
    for name, space in spaces.items():
        match space:
            case Choice(size=size, grid=grid):
                out[name] = torch.randint(size, (rows, *grid), generator=rng)
            case Real(channels=channels, grid=grid):
                out[name] = torch.randn((rows, channels, *grid), generator=rng)
    return out


def _flags(spaces: Mapping[str, Space], rows: int, share: float, seed: int) -> dict[str, Tensor]:
    rng = torch.Generator().manual_seed(seed + 1)
    return {name: torch.rand((rows, *space.grid), generator=rng) < share for name, space in spaces.items()}


def _check_gradients(model: Model, values: Mapping[str, Tensor], seed: int) -> None:
    players = [player for stage in model.stages() for player in stage.model.players()]
    _expect(len(players) > 0, "a model has at least one player")
    reached: dict[int, bool] = {}
    names = {id(weight): name for name, weight in model.named_parameters()}
    # weights behind a layer that starts at zero get their first gradient after a step or two
    for attempt in range(4):
        for player in players:
            player.weights.zero_grad(set_to_none=True)
            loss = player.loss(values, torch.Generator().manual_seed(seed + attempt))
            _expect(loss.ndim == 0 and bool(torch.isfinite(loss.detach())), f"the loss of {player.name}")
            loss.backward()
            with torch.no_grad():
                for weight in player.weights.parameters():
                    hit = weight.grad is not None and bool((weight.grad != 0).any())
                    reached[id(weight)] = reached.get(id(weight), False) or hit
                    if weight.grad is not None:
                        weight -= 0.01 * weight.grad.sign()
    some = {id(weight) for weight in model.parameters() if weight.numel() and weight.requires_grad}
    left = [name for key, name in names.items() if key in some and not reached.get(key, False)]
    _expect(not left, f"no gradient ever reached {left}")


def _check_samples(
    model: Model, spaces: Mapping[str, Space], values: Mapping[str, Tensor], seed: int
) -> None:
    for share in (0.0, 0.5, 1.0):
        known = _flags(spaces, 48, share, seed) if share else _flags(spaces, 48, -1.0, seed)
        before = {name: tensor.clone() for name, tensor in values.items()}
        made = model.sample(Batch(values, known), torch.Generator().manual_seed(seed))
        again = model.sample(Batch(values, known), torch.Generator().manual_seed(seed))
        for name, space in spaces.items():
            _expect(torch.equal(before[name], values[name]), f"sample changed its input {name!r}")
            _expect(torch.equal(made[name], again[name]), f"one seed gave two results in {name!r}")
            _expect(made[name].shape == values[name].shape, f"{name!r} has shape {made[name].shape}")
            shown = known[name].unsqueeze(1) if isinstance(space, Real) else known[name]
            same = (made[name] == values[name]) | ~shown
            _expect(bool(same.all()), f"given cells of {name!r} were changed")
            if isinstance(space, Choice):
                inside = (made[name] >= 0) & (made[name] < space.size)
                _expect(bool(inside.all()), f"{name!r} holds a symbol outside range({space.size})")


def _check_conditionals(model: Model, spaces: Mapping[str, Space], values: Mapping[str, Tensor]) -> None:
    known = _flags(spaces, 48, 0.5, 7)
    for name, space in spaces.items():
        if not isinstance(model, Conditionals) or not model.can(Conditionals):
            return
        try:
            log = model.conditional(Batch(values, known), name)
        except FamilyCannot:
            continue
        _expect(isinstance(space, Choice) and log.shape == (48, space.size), f"shape of p({name})")
        total = log.exp().sum(dim=1)
        _expect(torch.allclose(total, torch.ones(48), atol=1e-4), f"p({name} | known) sums to {total}")


def _check_likelihood(model: Model, spaces: Mapping[str, Space], seed: int) -> None:
    sizes = [space.size for space in spaces.values() if isinstance(space, Choice) and space.grid == ()]
    if len(sizes) < len(spaces):
        return
    every = torch.tensor(list(itertools.product(*(range(size) for size in sizes))))
    values = {name: every[:, index] for index, name in enumerate(spaces)}
    known = {name: torch.zeros(len(every), dtype=torch.bool) for name in spaces}
    if not isinstance(model, Likelihood) or not model.can(Likelihood):
        return
    try:
        log = model.log_prob(Batch(values, known), torch.Generator().manual_seed(seed), orders=1)
    except FamilyCannot:
        return
    total = float(log.detach().exp().sum())
    _expect(abs(total - 1) < 1e-3, f"the likelihoods of all records sum to {total}")
