"""The plan says how long pictures need, and warns where far less is given."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import sampan as sp
from sampan.media.picture import as_png
from sampan.media.picture.medium import minutes_needed
from sampan.run.plan import tell_plan
from sampan.run.recipe import Recipe
from sampan.run.source import understand
from sampan.screen import Lines, Silent, in_minutes


def test_larger_pictures_take_longer_more_cores_less_and_codes_least():
    needs = [minutes_needed(side, side, 1, "diffusion", 1) for side in (8, 28, 64, 128)]
    assert needs == sorted(needs) and needs[0] <= 3 and needs[1] == 20 and needs[-1] > 120
    assert minutes_needed(64, 64, 1, "diffusion", 4) < needs[2] / 3
    assert minutes_needed(64, 64, 3, "diffusion", 1) > needs[2]
    assert minutes_needed(128, 128, 1, "latent", 1) < 15 < needs[-1]


def _plan(columns, minutes: float, screen) -> None:
    whole = sp.read(columns)
    found, digest = understand(whole, {}, (), Silent())
    said = {"minutes": minutes, "steps": None, "make": None, "seed": 0, "aside": 0, "settings": {}}
    plan = Recipe(
        source="x", name="x", digest=digest, rows=len(whole), family="diffusion", columns={}, **said
    )
    tell_plan(whole, found, plan, Path("run"), screen)


@pytest.mark.parametrize(("side", "minutes", "warned"), [(64, 1.0, True), (64, 90.0, False), (8, 1.0, False)])
def test_a_minute_is_far_too_little_for_large_ones_and_the_plan_says_so(side, minutes, warned, capsys):
    rng = np.random.default_rng(0)
    pictures = [as_png(rng.integers(0, 255, (side, side, 3), dtype=np.uint8)) for _ in range(12)]
    _plan({"photo": pictures, "kind": ["a", "b"] * 6}, minutes, Lines(sys.stdout))
    told = " ".join(capsys.readouterr().out.split())
    assert f"until {side} x {side} pixels look like real ones" in told
    assert ("blurs or noise" in told and "--minutes" in told) == warned


def test_a_table_without_pictures_has_no_such_line(capsys):
    _plan({"a": [1, 2] * 30}, 1.0, Lines(sys.stdout))
    assert "pixels" not in capsys.readouterr().out


def test_minutes_are_round():
    assert [in_minutes(one) for one in (1.0, 2.4, 19.0, 47.0, 179.0, 181.0)] == [
        "1 minute",
        "2 minutes",
        "19 minutes",
        "50 minutes",
        "3 hours",
        "3 hours",
    ]
