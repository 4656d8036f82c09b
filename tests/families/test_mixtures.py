"""Records that mix grids: a picture, the map of what is where in it, a word on a line, and a label.

The map is the picture in two levels, and the word spells the label: so what follows from what is known.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
from torch import Tensor

from sampan.errors import RequestError
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.latent import Latent
from sampan.families.vae import VAE
from sampan.family import Family, Model
from sampan.learning.budget import Budget
from sampan.learning.loop import train
from sampan.learning.pace import Pace
from sampan.nn.record import Record
from sampan.space import Batch, Choice, Real, Space

SPACES: Mapping[str, Space] = {
    "picture": Real(1, (8, 8)),
    "map": Choice(2, (8, 8)),
    "word": Choice(5, (3,)),
    "label": Choice(3),
}
WORDS = torch.tensor([[0, 1, 2], [3, 4, 0], [2, 3, 1]])
ROWS = 100


def drawn(rows: int, seed: int) -> dict[str, Tensor]:
    """Records of a bar that lies, of one that stands, and of a box."""
    rng = torch.Generator().manual_seed(seed)
    label = torch.randint(3, (rows,), generator=rng)
    at, kind = torch.randint(1, 6, (rows, 1, 1), generator=rng), label[:, None, None]
    y, x = torch.arange(8)[None, :, None], torch.arange(8)[None, None, :]
    lies, stands = (y >= at) & (y < at + 2) & (x >= 0), (x >= at) & (x < at + 2) & (y >= 0)
    box = (y >= at - 1) & (y < at + 2) & (x >= 2) & (x < 6)
    there = torch.where(kind == 0, lies, torch.where(kind == 1, stands, box))
    picture = torch.where(there, 0.7, -0.7) + 0.15 * torch.randn(rows, 8, 8, generator=rng)
    return {"picture": picture[:, None], "map": there.long(), "word": WORDS[label], "label": label}


@pytest.fixture(scope="module")
def model() -> Model:
    torch.manual_seed(0)
    model = Diffusion(size=32, steps=16).build(SPACES)
    pace, budget = Pace(batch=16, looks=3), Budget(seconds=None, steps=300)
    train(model, drawn(4_000, 0), drawn(64, 1), budget=budget, seed=0, pace=pace)
    return model.eval()


def agreements(model: Model, *known: str) -> tuple[float, float, float]:
    """How often pixels agree with the map, the word with the label, and the shape with the label."""
    values = drawn(ROWS, 2)
    flags = {name: torch.full((ROWS, *space.grid), name in known) for name, space in SPACES.items()}
    made = model.sample(Batch(values, flags), torch.Generator().manual_seed(3))
    assert all(torch.equal(made[name], values[name]) for name in known)
    lit = made["map"].float()
    lies, stands = (lit.mean(dim=axis).amax(dim=1) > 0.9 for axis in (2, 1))
    shape = torch.where(lies, 0, torch.where(stands, 1, 2))
    pixels = ((made["picture"][:, 0] > 0) == (made["map"] == 1)).float().mean()
    words = (made["word"] == WORDS[made["label"]]).all(dim=1).float().mean()
    return float(pixels), float(words), float((shape == made["label"]).float().mean())


# by chance: pixels in 5 of 8 places, words in 1 of 3 records at most, shapes in 1 of 3
@pytest.mark.parametrize(
    ("known", "least"),
    [
        ((), (0.85, 0.8, 0.5)),
        (("map",), (0.95, 0.8, 0.8)),
        (("picture",), (0.9, 0.8, 0.7)),
        (("word",), (0.85, 0.8, 0.5)),
        (("label",), (0.85, 0.8, 0.5)),
    ],
    ids=str,
)
def test_grids_of_one_record_agree(
    model: Model, known: tuple[str, ...], least: tuple[float, float, float]
) -> None:
    for share, bar in zip(agreements(model, *known), least, strict=True):
        assert share > bar


def test_a_walk_and_a_restyled_record_keep_to_it(model: Model) -> None:
    assert isinstance(model, Record)
    values = drawn(12, 4)
    rough = Batch(values, Batch.empty(SPACES, 12).known)
    rng = torch.Generator().manual_seed(0)
    little, much = (model.restyle(rough, strength, rng) for strength in (0.2, 1.0))  # type: ignore[attr-defined]
    near, far = ((made["map"] == values["map"]).float().mean() for made in (little, much))
    assert near > 0.9 and near > far + 0.1
    way = model.walk(rough, rng)  # type: ignore[attr-defined]
    hop = (way["picture"].diff(dim=0)).abs().mean()
    assert hop < 0.5 * (way["picture"] - way["picture"].flip(0)).abs().mean()
    assert len(way["word"].unique(dim=0)) <= 2 and len(way["label"].unique()) == 1
    more = model.more(rough, torch.arange(12) % 3, 0.5, rng)  # type: ignore[attr-defined]
    assert {name: tensor.shape for name, tensor in more.items()} == {n: t.shape for n, t in values.items()}


# --- settings that do nothing
@pytest.mark.parametrize(
    ("family", "named"),
    [
        (Diffusion(blur=5), "blur=5"),
        (Diffusion(steps=100), "steps=100"),
        (VAE(depth=4), "depth=4"),
        (GAN(pack=3), "pack=3"),
        (Latent(inside=VAE(latent=3)), "latent=3"),
        (Latent(Diffusion(dropout=0.3)), "dropout=0.3"),
    ],
    ids=str,
)
def test_a_setting_that_does_nothing_over_pictures_is_refused(family: Family, named: str) -> None:
    spaces: Mapping[str, Space] = {"picture": Real(1, (8, 8)), "label": Choice(3)}
    with pytest.raises(RequestError, match=named) as refusal:
        family.build(spaces)
    assert all((refusal.value.what, refusal.value.expected, refusal.value.fix))
    family.only_used(spaces).build(spaces)  # as a model folder that holds it is read


def test_passes_count_where_symbols_lie_on_a_grid() -> None:
    Diffusion(steps=100).build(SPACES)
