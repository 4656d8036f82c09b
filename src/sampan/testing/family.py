"""check_family: one contract test for every family of models, ours and a stranger's.

A stranger's test is one line:

    def test_mine(): check_family(Mine())
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import fields, replace

import torch
from torch import Tensor

from sampan.ability import Conditionals, Likelihood
from sampan.errors import FamilyCannot, RequestError
from sampan.family import Family, Model, Player
from sampan.space import Batch, Choice, Real, Space
from sampan.testing.cells import expect

SPACES: tuple[Mapping[str, Space], ...] = (
    {"a": Choice(2), "b": Choice(3)},
    {"scale": Choice(5, ordered=True, off=(4,), spikes=(0,)), "flag": Choice(2)},
    {"flag": Choice(2), "level": Choice(9, ordered=True), "kind": Choice(4), "fixed": Choice(1)},
    {"x": Real(), "flag": Choice(2)},
    {"place": Real(2), "kind": Choice(3), "height": Real(), "level": Choice(6, ordered=True)},
    {"place": Real(2), "height": Real()},
    {"path": Real(2, (6,)), "kind": Choice(3), "place": Real(2), "level": Choice(6, ordered=True)},
    {"letters": Choice(5, (7,))},
    {"picture": Real(1, (8, 8)), "label": Choice(3)},
    {"picture": Real(3, (9, 12)), "thumb": Real(1, (4, 4)), "label": Choice(3)},
    {"picture": Real(1, (8, 8)), "map": Choice(4, (8, 8))},
    {"picture": Real(1, (8, 8)), "caption": Choice(6, (10,)), "place": Real(2), "kind": Choice(3)},
    {"clip": Real(1, (2, 4, 4)), "label": Choice(3)},
)
"""Records of every kind of cell and grid, and mixtures of them: a series beside a row, pictures of two sizes,
a picture with a map of what is where, with a text. A family serves some, and refuses others in plain words.
"""

TURNED: tuple[Mapping[str, Space], ...] = (
    {"flag": Choice(2), "level": Choice(48, ordered=True), "kind": Choice(4)},
    {"picture": Real(1, (8, 8)), "label": Choice(3)},
)
"""Records, without and with a grid, over which every setting but `size`, the dial, is turned."""

ROWS, ROWS_OF_GRIDS = 48, 20
"""Records that are learned from and made: fewer where they hold grids, whose networks take as much longer."""


def check_family(family: Family, seed: int = 0) -> None:
    """Hold a family to the contract over every space that it serves.

    Settings make an equal family again, and one that would do nothing is refused; a space that it does not
    serve is refused by FamilyCannot with all three parts, which name the family; every weight of every player
    gets a gradient; the loss is finite; samples lie in their spaces, leave given cells bit-identical and
    depend on the generator alone; where there are exact conditionals they are normalised, and where there is
    a likelihood it sums to one. Raises AssertionError.
    """
    again = type(family)(**json.loads(json.dumps(family.settings())))
    expect(again == family, f"settings() of {family} make {again}")
    served = 0
    for spaces in SPACES:
        torch.manual_seed(seed)
        try:
            model = family.only_used(spaces).build(spaces)
        except FamilyCannot as refusal:
            expect(all((refusal.what, refusal.expected, refusal.fix)), "a refusal has three parts")
            said = family.kind in str(refusal).lower()
            expect(said, f"the refusal does not name the family {family.kind}: {refusal.what}")
            continue
        served += 1
        values = _records(spaces, seed)
        model.start(values)
        _check_gradients(model, values, seed)
        model.eval()
        _check_samples(model, spaces, values, seed)
        _check_conditionals(model, spaces, values)
        _check_likelihood(model, spaces, seed)
    for spaces in TURNED:
        _check_settings(family.only_used(spaces), spaces, seed)
    expect(served > 0, f"{family} serves none of the {len(SPACES)} kinds of record")


def _check_settings(family: Family, spaces: Mapping[str, Space], seed: int) -> None:
    """Each setting changes what is built, learned or made, or is refused."""
    plain, unused = _traces(family, {}, spaces, seed), family.unused(spaces)
    if plain is None:
        return
    for field in fields(family):  # type: ignore[arg-type]  # a family is a dataclass
        value = getattr(family, field.name)
        turns = [{field.name: one} for one in _others(value) if one not in (value, field.default)]
        if not turns or field.name == "size":
            continue
        traces = (_traces(family, turn, spaces, seed) for turn in turns)
        if field.name in unused:
            expect(next(traces) is None, f"{field.name} of {family.kind} is unused, and not refused")
        else:
            changed = any(one not in (None, plain) for one in traces)
            expect(changed, f"{field.name} of {family} changes nothing over {spaces}: `unused` says so")


def _others(value: object) -> list[float]:
    """Other values of a setting, the likeliest to matter first."""
    match value:
        case bool():
            return [not value]
        case int():
            return [value + 1, 8, 1, 64]
        case float():
            return [value / 2 + 0.1, 2 * value + 0.5]
        case None:  # unless said, a number or a yes: what is told of it may be what is usual anyway
            return [2, 0.5, False]
    return []


def _traces(
    family: Family, turn: Mapping[str, float], spaces: Mapping[str, Space], seed: int
) -> list[object] | None:
    """Figures that tell a family with other settings by what it is, learns and makes; None if refused."""
    torch.manual_seed(seed)
    try:
        model = replace(family, **turn).build(spaces)  # type: ignore[type-var]  # a family is a dataclass
    except RequestError:
        return None
    values = _records(spaces, seed)
    model.start(values)
    out: list[object] = [stage.share for stage in model.stages()]
    for player in [player for stage in model.stages() for player in stage.model.players()]:
        for attempt in range(3):  # weights behind a layer that starts at zero say nothing before
            out.append(_stepped(player, values, seed + attempt))
    model.eval()
    for share in (-1.0, 0.5):
        given = Batch(values, _flags(spaces, share, seed))
        made = model.sample(given, torch.Generator().manual_seed(seed))
        out += [float(made[name].double().sum()) for name in spaces]
    return out


def _stepped(player: Player, values: Mapping[str, Tensor], seed: int) -> float:
    """The loss of a player, who then takes a step."""
    player.weights.zero_grad(set_to_none=True)
    loss = player.loss(values, torch.Generator().manual_seed(seed))
    expect(loss.ndim == 0, f"the loss of {player.name} is no scalar")
    loss.backward()
    with torch.no_grad():
        for weight in player.weights.parameters():
            if weight.grad is not None:
                weight -= 0.01 * weight.grad.sign()
    return float(loss.detach())


def _rows(spaces: Mapping[str, Space]) -> int:
    return ROWS_OF_GRIDS if any(space.grid for space in spaces.values()) else ROWS


def _records(spaces: Mapping[str, Space], seed: int) -> dict[str, Tensor]:
    rows, rng = _rows(spaces), torch.Generator().manual_seed(seed)
    out: dict[str, Tensor] = {}
    for name, space in spaces.items():
        match space:
            case Choice(size=size, grid=grid):
                out[name] = torch.randint(size, (rows, *grid), generator=rng)
            case Real(channels=channels, grid=grid):
                out[name] = torch.randn((rows, channels, *grid), generator=rng)
    return out


def _flags(spaces: Mapping[str, Space], share: float, seed: int) -> dict[str, Tensor]:
    rows, rng = _rows(spaces), torch.Generator().manual_seed(seed + 1)
    return {name: torch.rand((rows, *space.grid), generator=rng) < share for name, space in spaces.items()}


def _check_gradients(model: Model, values: Mapping[str, Tensor], seed: int) -> None:
    players = [player for stage in model.stages() for player in stage.model.players()]
    expect(len(players) > 0, "a model has at least one player")
    reached: dict[int, bool] = {}
    names = {id(weight): name for name, weight in model.named_parameters()}
    # weights behind a layer that starts at zero get their first gradient after a step or two
    for attempt in range(4):
        for player in players:
            loss = _stepped(player, values, seed + attempt)
            expect(math.isfinite(loss), f"the loss of {player.name} is {loss}")
            for weight in player.weights.parameters():
                hit = weight.grad is not None and bool((weight.grad != 0).any())
                reached[id(weight)] = reached.get(id(weight), False) or hit
    some = {id(weight) for weight in model.parameters() if weight.numel() and weight.requires_grad}
    left = [name for key, name in names.items() if key in some and not reached.get(key, False)]
    expect(not left, f"no gradient ever reached {left}")


def _check_samples(
    model: Model, spaces: Mapping[str, Space], values: Mapping[str, Tensor], seed: int
) -> None:
    for share in (0.0, 0.5, 1.0):
        known = _flags(spaces, share if share else -1.0, seed)
        before = {name: tensor.clone() for name, tensor in values.items()}
        given, rng = Batch(values, known), torch.Generator
        made = model.sample(given, rng().manual_seed(seed))
        again = model.sample(given, rng().manual_seed(seed)) if share == 0.5 else made
        for name, space in spaces.items():
            expect(torch.equal(before[name], values[name]), f"sample changed its input {name!r}")
            expect(torch.equal(made[name], again[name]), f"one seed gave two results in {name!r}")
            expect(made[name].shape == values[name].shape, f"{name!r} has shape {made[name].shape}")
            shown = known[name].unsqueeze(1) if isinstance(space, Real) else known[name]
            same = (made[name] == values[name]) | ~shown
            expect(bool(same.all()), f"given cells of {name!r} were changed")
            if isinstance(space, Choice):
                inside = (made[name] >= 0) & (made[name] < space.size)
                expect(bool(inside.all()), f"{name!r} holds a symbol outside range({space.size})")


def _check_conditionals(model: Model, spaces: Mapping[str, Space], values: Mapping[str, Tensor]) -> None:
    known, rows = _flags(spaces, 0.5, 7), _rows(spaces)
    for name, space in spaces.items():
        if not isinstance(model, Conditionals) or not model.can(Conditionals):
            return
        try:
            log = model.conditional(Batch(values, known), name)
        except FamilyCannot:
            continue
        expect(isinstance(space, Choice) and log.shape == (rows, space.size), f"shape of p({name})")
        total = log.exp().sum(dim=1)
        expect(torch.allclose(total, torch.ones(rows), atol=1e-4), f"p({name} | known) sums to {total}")


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
    expect(abs(total - 1) < 1e-3, f"the likelihoods of all records sum to {total}")
