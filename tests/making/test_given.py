"""What is given: encoded once, and refused as a whole before the first record is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import sampan as sp
from sampan.device import Asked
from sampan.families.autoregressive import AutoregressiveApart
from sampan.fields.image.codec import ImageCodec
from sampan.making import learned as sizes
from sampan.making.given import Given
from sampan.making.records import whole
from sampan.making.request import Request
from sampan.making.stream import stream
from sampan.media.picture import Picture

ROWS = {"kind": ["a", "b"] * 60, "size": [row % 7 for row in range(120)]}


@pytest.fixture(scope="module")
def table() -> sp.Generator:
    return sp.fit(ROWS, steps=2, family=sp.Autoregressive(size=16))


def test_parts_of_what_is_given_are_the_whole_in_order(table: sp.Generator) -> None:
    columns = whole({"kind": ["a", "b", "b", "a", "b"]}).columns
    hidden = {"kind": np.array([False, True, False, False, True])}
    given = Given.of(table.layout, columns, 5, hidden)
    parts = list(given.parts(2))
    assert [(part.start, part.rows) for part in parts] == [(0, 2), (2, 2), (4, 1)]
    together = torch.cat([part.batch().known["kind"] for part in parts])
    assert together.tolist() == given.batch().known["kind"].tolist() == [True, False, True, True, False]
    for_all = Given.of(table.layout, whole({"kind": ["b"]}).columns, 5)
    assert len(set(for_all.batch().values["kind"].tolist())) == 1
    assert [part.batch().rows for part in for_all.parts(2)] == [2, 2, 1]
    assert not given.batch().known["size"].any()


def test_each_picture_that_is_given_is_decoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    rows = {"picture": rng.integers(0, 255, (30, 8, 8), dtype=np.uint8), "label": ["a", "b", None] * 10}
    model = sp.fit(rows, family=sp.Diffusion(size=32), steps=1)
    read: list[str] = []
    levels = ImageCodec._levels

    def counted(self: ImageCodec, picture: Picture, label: str) -> np.ndarray:
        read.append(label)
        return levels(self, picture, label)

    monkeypatch.setattr(ImageCodec, "_levels", counted)
    monkeypatch.setattr(sizes, "BIG_BLOCK", 2)
    for ask in (
        lambda some: model.fill(some),
        lambda some: model.restyle(some, 0.2),
        lambda some: model.more(some, 3),
        lambda some: model.sample(given={"picture": some["picture"]}),
    ):
        read.clear()
        ask({"picture": rows["picture"][:5], "label": [None] * 5})
        assert len(read) == 5


class Causal(AutoregressiveApart):
    """A model that cannot make a size up beside a kind."""

    def refuses(self, known: Mapping[str, Tensor]) -> str | None:
        return "reads from left to right" if bool((known["kind"] & ~known["size"]).any()) else None

    def sample(self, given: Any, rng: torch.Generator) -> dict[str, Tensor]:
        raise AssertionError("it was asked to make something")


@pytest.mark.parametrize("kind", ["sample", "fill"])
def test_a_hole_that_a_model_cannot_fill_is_refused_before_any_work(
    kind: Any, table: sp.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sizes, "BLOCK", 1)
    causal = Causal(table.layout.spaces, table.family)  # type: ignore[arg-type]  # which is autoregressive
    learned = replace(table.learned, asked=Asked(causal))
    records = dict(whole({"kind": ["a", "b"], "size": [3, None]}).columns)
    if kind == "sample":
        records = {"kind": records["kind"]}
    with pytest.raises(sp.FamilyCannot, match="Causal reads from left to right") as refusal:
        stream(learned, Request(kind, records=records), lambda notes: None)
    assert "diffusion" in refusal.value.expected
