"""Models of earlier versions load: weights find their names, and settings that did nothing are let be."""

from __future__ import annotations

import io
import json

import numpy as np
import PIL.Image
import pytest
from safetensors.torch import load, save

import sampan as sp
from sampan import store
from sampan.space import Choice, Real

VAE = sp.VAE(size=8, latent=3, hidden=8, components=2)
LEARNED = {
    "posterior": ("posterior.1", VAE),
    "outer.posterior": ("outer.posterior.1", sp.Latent(VAE, size=8)),
}
"""How names of weights begin now, and how they began when each family had a second file for pictures."""


def pictures(rows: int = 24) -> dict[str, list[object]]:
    levels = np.random.default_rng(0).integers(0, 255, (rows, 8, 8), dtype=np.uint8)
    out: dict[str, list[object]] = {"picture": [], "label": ["a", "b"] * (rows // 2)}
    for level in levels:
        file = io.BytesIO()
        PIL.Image.fromarray(level).save(file, "PNG")
        out["picture"].append(file.getvalue())
    return out


@pytest.mark.parametrize("now", LEARNED)
def test_weights_find_their_names(now: str) -> None:
    before, family = LEARNED[now]
    model = sp.fit(pictures(), family=family, steps=1, seed=0)
    contents = store.packed(model.layout, model.family, model.model, model.card)
    weights = load(contents["weights.safetensors"])
    found = {name for name in weights if name.startswith(f"{now}.")}
    assert found == {f"{now}.weight", f"{now}.bias"}
    weights = {before + n[len(now) :] if n in found else n: tensor for n, tensor in weights.items()}
    described = json.loads(contents["model.json"])
    if family is VAE:
        described["family"]["settings"]["depth"] = 5  # which did nothing over pictures, and was let be
    old = {"weights.safetensors": save(weights), "model.json": json.dumps(described).encode()}
    again = store.unpacked({**contents, **old}).model.state_dict()
    assert all((tensor == again[name]).all() for name, tensor in model.model.state_dict().items())


def test_an_autoregressive_model_of_a_picture_had_no_boards() -> None:
    model = sp.Autoregressive(size=8).build({"picture": Real(1, (8, 8)), "label": Choice(2)})
    names = {name: name.removeprefix("boards.0.") for name in model.state_dict()}
    assert {"patterns", "embed.weight", "told.0.weight", "drawer.out.bias"} <= {*names.values()}
    assert all(model.name_now(before) == now for now, before in names.items())


def test_an_autoregressive_model_had_one_network_for_all_columns() -> None:
    rows = {"coin": ["heads", "tails"] * 50, "value": [1, 2] * 50}
    model = sp.fit(rows, family=sp.Autoregressive(apart=False), steps=5, seed=0)
    contents = store.packed(model.layout, model.family, model.model, model.card)
    described = json.loads(contents["model.json"])
    assert described["family"]["settings"].pop("apart") is False  # which they did not have
    again = store.unpacked({**contents, "model.json": json.dumps(described).encode()})
    assert again.family == model.family
    assert all(
        (tensor == again.model.state_dict()[name]).all() for name, tensor in model.model.state_dict().items()
    )
