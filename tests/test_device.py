"""Where a model computes: no family names a device, and random numbers are the processor's everywhere."""

from __future__ import annotations

import pytest
import torch

import sampan as sp
from sampan.device import Asked, Placed, device_named
from sampan.errors import RequestError
from sampan.families import FAMILIES
from sampan.randomness import Purpose, generator_of
from sampan.space import Batch, Choice, Real

SPACES = {"label": Choice(3), "picture": Real(1, (8, 8))}


def batch(rows: int) -> dict[str, torch.Tensor]:
    """Records of noise."""
    rng = torch.Generator().manual_seed(0)
    label = torch.randint(3, (rows,), generator=rng)
    return {"label": label, "picture": torch.randn(rows, 1, 8, 8, generator=rng)}


@pytest.mark.parametrize("kind", ["autoregressive", "diffusion", "vae", "gan"])
def test_a_loss_is_worked_out_wherever_the_weights_are(kind: str) -> None:
    """On a device that holds shapes alone: there a tensor left behind on the processor is an error."""
    there = torch.device("meta")
    model = FAMILIES[kind](size=32).build(SPACES).to(there)
    values = {name: tensor.to(there) for name, tensor in batch(4).items()}
    for player in model.players():
        with Placed(there):
            assert player.loss(values, generator_of(0, Purpose.STEP)).device == there


def test_random_numbers_are_the_same_everywhere() -> None:
    """Drawn by the processor, then carried over: here to where it was."""
    draws = []
    for _ in range(2):
        rng = torch.Generator().manual_seed(3)
        draws.append((torch.randn(5, generator=rng), torch.multinomial(torch.ones(4), 2, generator=rng)))
    rng = torch.Generator().manual_seed(3)
    with Placed(torch.device("cpu")):
        carried = torch.randn(5, generator=rng), torch.multinomial(torch.ones(4), 2, generator=rng)
    for plain, again, placed in zip(*draws, carried, strict=True):
        assert torch.equal(plain, again) and torch.equal(plain, placed)


def test_tensors_are_made_where_the_model_is() -> None:
    """Without a word of the family; a device that is named stays as it is."""
    with Placed(torch.device("meta")):
        assert torch.zeros(3).device.type == "meta"
        assert torch.arange(3, device="cpu").device.type == "cpu"
    assert torch.zeros(3).device.type == "cpu"


def test_a_model_is_asked_as_if_it_were_here() -> None:
    """The same answer as from the model itself."""
    model = FAMILIES["vae"](size=32).build(SPACES).eval()
    values = batch(4)
    nothing = Batch(values, {"label": torch.ones(4).bool(), "picture": torch.zeros(4, 8, 8).bool()})
    rngs = [generator_of(1, Purpose.SAMPLE) for _ in range(2)]
    mine, asked = model.sample(nothing, rngs[0]), Asked(model).sample(nothing, rngs[1])
    assert all(torch.equal(mine[name], asked[name]) for name in SPACES)


def test_a_device_that_is_not_there_is_refused() -> None:
    """Before anything is learned."""
    with pytest.raises(RequestError, match="'nonsense'"):
        device_named("nonsense")
    with pytest.raises(RequestError, match="was asked for"):
        sp.fit({"a": ["x", "y"] * 20}, steps=1, device="xpu:7")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no graphics card")
def test_a_graphics_card_makes_what_the_processor_makes() -> None:
    """One seed, one result, but for the last bits of sums."""
    rows = {"label": ["a", "b"] * 50, "value": [1, 2] * 50}
    model = sp.fit(rows, steps=50, device="cuda")
    again = sp.fit(rows, steps=50, device="cpu")
    assert model.sample(20, seed=1)["label"].to_pylist() == again.sample(20, seed=1)["label"].to_pylist()
