"""Pictures as codes: what a place of a code sees, what is given, and a toy world learned end to end."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch
from torch import nn

import sampan as sp
from sampan.errors import FamilyCannot, RequestError
from sampan.families.latent import LatentGrids
from sampan.family import Family, Model
from sampan.learning import checkpoint
from sampan.learning.budget import Budget
from sampan.learning.learn import learn
from sampan.learning.progress import Progress
from sampan.learning.schema import read_schema, usual_family
from sampan.nn.autoencoder import Autoencoder, known_places
from sampan.run.recipe import Recipe, read_recipe
from sampan.schema import Schema
from sampan.space import Batch, Choice, Real
from sampan.testing import check_family

SMALL = sp.Latent(sp.Diffusion(size=16, steps=4), inside=sp.VAE(size=16), channels=3)
ROWS = 58


# --- settings
@pytest.mark.parametrize(
    "family",
    [
        SMALL,
        sp.Latent(sp.VAE(size=16, depth=1, latent=4, hidden=16, components=3), inside=sp.VAE(size=16)),
        sp.Latent(sp.GAN(noise=4), size=16),
    ],
    ids=["diffusion", "vae", "gan"],
)
def test_contract(family: Family) -> None:
    check_family(family)


def test_settings_are_plain_and_make_it_again(tmp_path: Path) -> None:
    family = sp.Latent(sp.Diffusion(guidance=0.0), inside=sp.VAE(beta=2.0), places=16)
    assert sp.Latent(**json.loads(json.dumps(family.settings()))) == family != sp.Latent()
    assert family.outer == sp.Diffusion(guidance=0.0) and sp.Latent() == sp.Latent(sp.Diffusion(), sp.VAE())
    recipe = Recipe("a", "a", "0", 9, 0, None, "latent", family.settings(), 0, 1.0, None, {"p": "image:128"})
    recipe.write(tmp_path / "recipe.toml")
    assert sp.Latent(**read_recipe(tmp_path / "recipe.toml").settings) == family


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda: sp.Latent(sp.Autoregressive()), "'autoregressive' as its outer family"),
        (lambda: sp.Latent({"kind": "difusion", "settings": {}}), "'difusion' as its outer"),  # type: ignore[arg-type]
        (lambda: sp.Latent(inside=sp.Diffusion()), "'diffusion' as its inside"),  # type: ignore[arg-type]
        (lambda: sp.Latent(share=1.0), "share of 1.0"),
    ],
)
def test_what_cannot_serve_is_refused(ask: object, match: str) -> None:
    with pytest.raises(RequestError, match=match):
        ask()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("spaces", "match"),
    [
        ({"a": Choice(3), "b": Real()}, "without a picture"),
        ({"a": Choice(3, (8, 8)), "b": Real(2, (9,))}, "without a picture"),
        ({"a": Real(1, (8, 8)), "b": Real(1, (2, 8, 8))}, "latent family was given 'b'"),
    ],
)
def test_records_that_are_no_picture_are_refused(spaces: dict[str, Real | Choice], match: str) -> None:
    with pytest.raises(FamilyCannot, match=match) as refusal:
        sp.Latent().build(spaces)
    assert refusal.value.expected and refusal.value.fix


@pytest.mark.parametrize(
    ("field", "word"),
    [
        (sp.Image(96, 64), "latent"),
        (sp.Image(width=65), "latent"),
        (sp.Image(64, 64), "diffusion"),
        (sp.Image(), "diffusion"),
        (sp.Number(), "autoregressive"),
    ],
)
def test_large_pictures_are_learned_as_codes_unless_said(field: sp.Image, word: str) -> None:
    assert usual_family(Schema({"x": field})) == word


# --- what a place sees
@pytest.mark.parametrize(("grid", "factor"), [((24, 20), 4), ((13, 11), 2), ((8, 8), 8)])
def test_a_place_is_known_iff_all_that_it_sees_is_given(grid: tuple[int, int], factor: int) -> None:
    torch.manual_seed(0)
    net = Autoencoder(2, 3, factor, 32)
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, std=0.3)  # some are 0 at first, and would hide what is seen
    one, other = torch.randn(2, 40, 2, *grid)
    shown = torch.ones(40, *grid, dtype=torch.bool)
    for row in range(1, 40):  # a pixel, two, ... are hidden; in the first picture none
        where = torch.randint(grid[0] * grid[1], (1 + row // 8,))
        shown[row].view(-1)[where] = False
    other = torch.where(shown[:, None], one, other)
    known = known_places(shown, factor)
    with torch.no_grad():
        differs = (net.encode(one)[0] != net.encode(other)[0]).any(dim=1)
    assert bool(known[0].all()) and torch.equal(differs, ~known)


def test_a_linear_world_is_given_back_before_any_learning() -> None:
    """Two numbers a square, and room for two in its code: the least squares are exact."""
    rng = torch.Generator().manual_seed(0)
    two, shapes = torch.randn(60, 2, 4, 4, generator=rng), torch.randn(2, 16, generator=rng)
    pictures = nn.functional.pixel_shuffle(torch.einsum("bkhw,ks->bshw", two, shapes) + 0.3, 4)
    net = Autoencoder(1, 2, 4, 32)
    net.begin(pictures)
    code, scale = net.encode(pictures)
    assert torch.allclose(code.var(dim=(0, 2, 3)), torch.ones(2), atol=0.02) and (scale < 0).all()
    nothing = torch.zeros(60, 1, 16, 16, dtype=torch.bool)
    assert float((net.decode(code, pictures, nothing) - pictures).detach().abs().max()) < 0.05


def test_each_of_two_pictures_has_its_own_code() -> None:
    spaces = {"a": Real(1, (9, 12)), "kind": Choice(3), "b": Real(3, (9, 12))}
    torch.manual_seed(0)
    model = SMALL.build(spaces)
    assert model.outer.spaces == {"a": Real(2, (5, 6)), "kind": Choice(3), "b": Real(3, (5, 6))}
    values = {"a": torch.randn(4, 1, 9, 12), "kind": torch.zeros(4).long(), "b": torch.randn(4, 3, 9, 12)}
    known = {
        "a": torch.ones(4, 9, 12).bool(),
        "kind": torch.zeros(4).bool(),
        "b": torch.zeros(4, 9, 12).bool(),
    }
    made = model.sample(Batch(values, known), torch.Generator().manual_seed(0))
    assert list(made) == list(spaces) and made["b"].shape == (4, 3, 9, 12)
    assert torch.equal(made["a"], values["a"]) and not torch.equal(made["b"], values["b"])


# --- a toy world
def drawn(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Bright stripes of some height, or a bright disc somewhere: 24 x 24 colour pixels."""
    y, x = np.mgrid[0:24, 0:24]
    down, right = rng.uniform(8, 16, 2)
    bright = (y - down) % 12 < 6 if kind == "stripes" else (y - down) ** 2 + (x - right) ** 2 < 36
    colour = np.array([230, 120, 60]) if kind == "stripes" else np.array([60, 140, 230])
    return np.where(bright[..., None], colour, 20).astype(np.uint8)


KINDS = np.array(["stripes", "disc"] * (ROWS // 2))


@pytest.fixture(scope="module")
def world() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {"picture": np.stack([drawn(kind, rng) for kind in KINDS]), "kind": KINDS}


@pytest.fixture(scope="module")
def model(world: dict[str, np.ndarray]) -> sp.Generator:
    family = sp.Latent(sp.Diffusion(size=48), inside=sp.VAE(size=32), channels=4, share=0.3)
    return sp.fit(world, family=family, steps=100, seed=0)


def pixels(cell: bytes) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(cell)))


def cells(records: Any) -> list[bytes]:
    """The pictures of an Arrow table, or of the frame that a loaded model makes."""
    column = records["picture"]
    return column.to_pylist() if hasattr(column, "to_pylist") else list(column)


def test_pictures_are_given_back(model: sp.Generator) -> None:
    assert isinstance(model.model, LatentGrids)
    rng = np.random.default_rng(1)
    unseen = np.stack([drawn(kind, rng) for kind in KINDS[:40]]).transpose(0, 3, 1, 2)
    values = torch.from_numpy(unseen.copy()).float() / 127.5 - 1
    net = model.model.coding.net("picture")
    with torch.no_grad():
        code = net.encode(values)[0]
        back = net.decode(code, values, torch.zeros(40, 1, 24, 24, dtype=torch.bool))
    wrong = (back - values).square().mean()
    assert wrong < 0.05 * (values.mean(dim=0) - values).square().mean()
    unit = net.at_unit_scale(code)
    assert unit.mean().abs() < 0.3 and 0.7 < unit.std() < 1.3


def test_what_is_made_obeys_its_label(model: sp.Generator) -> None:
    asked = KINDS[:80]
    made = np.stack([pixels(cell) for cell in cells(model.sample(given={"kind": asked}, seed=1))]).astype(
        float
    )
    orange = made[..., 0].mean(axis=(1, 2)) > made[..., 2].mean(axis=(1, 2))
    assert (orange == (asked == "stripes")).mean() > 0.9
    # stripes run from side to side, discs do not
    across = made.std(axis=2).mean(axis=(1, 2)) / made.std(axis=(1, 2, 3))
    assert across[asked == "stripes"].mean() < 0.8 * across[asked == "disc"].mean()


def test_a_label_is_read_off_a_picture(model: sp.Generator, world: dict[str, np.ndarray]) -> None:
    read = model.fill({"picture": world["picture"][:40], "kind": [None] * 40}, seed=0)
    assert (np.array(read["kind"].to_pylist()) == KINDS[:40]).mean() > 0.9


def test_given_pixels_come_back_and_the_rest_meets_them(model: sp.Generator) -> None:
    rng = np.random.default_rng(2)
    whole = np.stack([drawn("stripes", rng) for _ in range(24)])
    holes = []
    for picture in whole:
        alpha = np.full((24, 24, 1), 255, np.uint8)
        alpha[:, 12:] = 0
        out = io.BytesIO()
        PIL.Image.fromarray(np.concatenate([picture, alpha], axis=2)).save(out, "PNG")
        holes.append(out.getvalue())
    full = np.stack(
        [pixels(cell) for cell in cells(model.fill({"picture": holes, "kind": ["stripes"] * 24}))]
    )
    assert (full[:, :, :12] == whole[:, :, :12]).all()
    # beside the edge, what is made goes on with what is given, not with another picture
    wrong = np.abs(full[:, :, 12:14].astype(float) - whole[:, :, 12:14]).mean()
    other = np.abs(full[:, :, 12:14].astype(float) - np.roll(whole, 1, axis=0)[:, :, 12:14]).mean()
    assert wrong < 0.8 * other


def test_it_is_saved_and_loaded(model: sp.Generator, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    again = sp.load(tmp_path / "model")
    assert again.family == model.family and again.card.family == "latent"
    assert cells(again.sample(3, seed=7)) == cells(model.sample(3, seed=7))
    finer = [model.restyle({"picture": cells(model.sample(2))}, strength) for strength in (0.1, 0.9)]
    assert cells(finer[0]) != cells(finer[1])
    with pytest.raises(FamilyCannot, match="vae"):
        model.embed(model.sample(2))


# --- stages
def test_a_killed_second_stage_ends_where_it_would_have(world: dict[str, np.ndarray], tmp_path: Path) -> None:
    few = {name: column[:20] for name, column in world.items()}
    whole = sp.fit(few, family=SMALL, steps=12, seed=1)

    def kill(progress: Progress) -> None:
        if progress.step == 8:
            raise RuntimeError("killed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoint, "SAVE_EVERY", 0.0)
        patch.setattr(checkpoint, "SAVE_SHARE", 1e9)
        with pytest.raises(RuntimeError, match="killed"):
            sp.fit(few, family=SMALL, steps=12, seed=1, on_step=kill, checkpoint=tmp_path)
        assert (tmp_path / "stage-2" / "training.safetensors").exists()
        resumed = sp.fit(few, family=SMALL, steps=12, seed=1, checkpoint=tmp_path)
    after = resumed.model.state_dict()
    for name, one in whole.model.state_dict().items():
        assert (one - after[name]).abs().max() < 1e-6, name
    assert whole.card.history["steps"] == resumed.card.history["steps"] == 12


def test_nothing_is_shown_before_there_is_what_makes_it(world: dict[str, np.ndarray]) -> None:
    few, scales = {name: column[:20] for name, column in world.items()}, []

    def look(_: object, model: Model) -> None:
        assert isinstance(model, LatentGrids)
        scales.append(model.coding.net("picture").scale.clone())

    from sampan.data import read

    table = read(few)
    learn(table, read_schema(table, types={}), SMALL, budget=Budget(steps=8), seed=0, on_look=look)
    assert scales and all((scale != 1).all() for scale in scales)  # which the end of the first stage sets
