"""Every family over every field, through the very same calls."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan.errors import FamilyCannot, RequestError
from sampan.families import FAMILIES
from sampan.families.autoregressive import Autoregressive
from sampan.families.diffusion import Diffusion
from sampan.families.gan import GAN
from sampan.families.vae import VAE
from sampan.family import Family
from sampan.testing import check_family

SMALL: dict[str, Family] = {
    "autoregressive": Autoregressive(size=16, depth=1),
    "diffusion": Diffusion(size=16, depth=1, steps=8),
    "vae": VAE(size=16, depth=1, latent=4, hidden=16, components=3),
    "gan": GAN(size=16, depth=1, noise=4),
}

RNG = np.random.default_rng(3)
ROWS = 600
PLACES = np.array(["香港", "九龍", "新界"])
WHERE = RNG.integers(0, 3, ROWS)
FRAME = pd.DataFrame(
    {
        "id": [f"P{index:05d}" for index in range(ROWS)],
        "place": PLACES[WHERE],
        "tunnel": np.where(WHERE == 0, "island", "mainland"),
        "age": RNG.integers(18, 90, ROWS),
        "income": np.round(RNG.lognormal(9, 1, ROWS) * (1 + WHERE), 1),
        "visits": pd.array(np.where(RNG.random(ROWS) < 0.3, None, RNG.integers(0, 9, ROWS)), dtype="Int64"),
        "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 365, ROWS), unit="D"),
        "paid": RNG.random(ROWS) < 0.4,
        "email": [f"someone{index}@example.com" for index in range(ROWS)],
        "bank": "Sampan",
    }
)
EACH = pytest.mark.parametrize("kind", list(SMALL))


@pytest.fixture(scope="module")
def models() -> dict[str, sp.Generator]:
    return {kind: sp.fit(FRAME, steps=30, seed=0, family=family) for kind, family in SMALL.items()}


def test_every_word_has_a_family_here() -> None:
    """But for latent, which refuses records without a picture: tests/families/test_latent.py."""
    assert {*SMALL, "latent", "auto"} == set(FAMILIES)


@EACH
def test_contract(kind: str) -> None:
    check_family(SMALL[kind])


@pytest.mark.parametrize(
    "family",
    [Diffusion(size=16, depth=1, steps=3, guidance=1.5), GAN(size=16, depth=1, noise=4, pack=3)],
    ids=str,
)
def test_contract_of_other_settings(family: Family) -> None:
    check_family(family)


@EACH
def test_a_record_is_made_whole(kind: str, models: dict[str, sp.Generator]) -> None:
    made = models[kind].sample(500, seed=1)
    assert list(made.columns) == list(FRAME.columns) and made.dtypes.to_dict() == FRAME.dtypes.to_dict()
    for name in ("place", "paid", "bank"):
        assert set(made[name]) <= set(FRAME[name]), name
    # a day that one record alone holds lies about: any day of the span, and still a day
    assert made["joined"].between(FRAME["joined"].min(), FRAME["joined"].max()).all()
    assert (made["joined"] == made["joined"].dt.normalize()).all()
    assert made["income"].between(FRAME["income"].min(), FRAME["income"].max()).all()
    assert not set(made["email"]) & set(FRAME["email"]) and made["id"].is_unique
    assert 0 < made["visits"].isna().mean() < 0.8
    # a place fixes its side of the harbour, whatever thirty steps have taught
    assert ((made["place"] == "香港") == (made["tunnel"] == "island")).mean() > 0.999


@EACH
def test_one_seed_one_result(kind: str, models: dict[str, sp.Generator]) -> None:
    model = models[kind]
    first, again, other = (model.sample(200, seed=seed) for seed in (5, 5, 6))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


@EACH
def test_given_cells_stay_and_conditions_hold(kind: str, models: dict[str, sp.Generator]) -> None:
    model = models[kind]
    given = FRAME[["place", "income", "visits"]].head(40)
    made = model.sample(given=given, seed=2)
    pd.testing.assert_frame_equal(made[given.columns], given)
    made = model.sample(60, given={"paid": True}, where="age > 60 and place in ('香港', '九龍')", seed=3)
    assert made["paid"].all() and (made["age"] > 60).all() and set(made["place"]) <= {"香港", "九龍"}


@EACH
def test_holes_are_filled(kind: str, models: dict[str, sp.Generator]) -> None:
    holes = FRAME.head(50).copy()
    holes.loc[:20, "place"] = None
    holes.loc[10:30, "visits"] = pd.NA
    full = models[kind].fill(holes, seed=4)
    assert not full[["place", "visits"]].isna().any().any()
    told = holes["place"].notna()
    assert (full.loc[told, "place"] == holes.loc[told, "place"]).all()
    pd.testing.assert_series_equal(full["income"], holes["income"])


@EACH
def test_a_model_is_saved_and_loaded(kind: str, models: dict[str, sp.Generator], tmp_path: Path) -> None:
    models[kind].save(tmp_path / "model")
    again = sp.load(tmp_path / "model")
    assert again.family == models[kind].family and again.card.family == kind
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.sample(30, seed=7)), pd.DataFrame(sp.load(tmp_path / "model").sample(30, seed=7))
    )


@pytest.mark.parametrize(("kind", "step"), [*((kind, 13) for kind in SMALL), ("gan", 21)])
def test_learning_goes_on_where_it_was_killed(kind: str, step: int, tmp_path: Path) -> None:
    """Step 21 of 24 is in the second stage of a GAN's learning, where its ratio is learned."""
    few = FRAME[["place", "age", "paid"]]
    whole = sp.fit(few, steps=24, seed=1, family=SMALL[kind])

    def kill(progress: object) -> None:
        if progress.step == step:  # type: ignore[attr-defined]
            raise RuntimeError("killed")

    folder = tmp_path / "checkpoint"
    from sampan.learning import checkpoint

    kept, checkpoint.SAVE_EVERY = checkpoint.SAVE_EVERY, 0.0
    share, checkpoint.SAVE_SHARE = checkpoint.SAVE_SHARE, 1e9
    try:
        with pytest.raises(RuntimeError, match="killed"):
            sp.fit(few, steps=24, seed=1, family=SMALL[kind], on_step=kill, checkpoint=folder)
        assert (folder / "training.safetensors").exists()
        resumed = sp.fit(few, steps=24, seed=1, family=SMALL[kind], checkpoint=folder)
    finally:
        checkpoint.SAVE_EVERY, checkpoint.SAVE_SHARE = kept, share
    after = resumed.model.state_dict()
    for name, one in whole.model.state_dict().items():
        assert (one.float() - after[name].float()).abs().max() < 1e-6, name
    assert [look.get("step") for look in whole.card.history["looks"]] == [
        look.get("step") for look in resumed.card.history["looks"]
    ]
    assert whole.card.history["steps"] == resumed.card.history["steps"] == 24


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_so_many_steps_are_taken_in_all_stages_together(steps: int) -> None:
    few = FRAME[["place", "paid"]]
    assert sp.fit(few, steps=steps, family=SMALL["gan"]).card.history["steps"] == steps


@EACH
def test_what_a_family_cannot_do_it_says(kind: str, models: dict[str, sp.Generator]) -> None:
    model, pair = models[kind], FRAME.head(2)
    likelihood = kind in ("autoregressive", "diffusion")
    if likelihood:
        assert np.isfinite(model.log_prob(pair)).all()
    else:
        with pytest.raises(FamilyCannot, match="autoregressive"):
            model.log_prob(pair)
    if kind == "vae":
        assert model.embed(pair).shape == (2, 4)
    else:
        for ask in (
            lambda: model.embed(pair),
            lambda: model.near(FRAME.head(1)),
            lambda: model.between(FRAME.head(1), FRAME.tail(1)),
        ):
            with pytest.raises(FamilyCannot, match="vae"):
                ask()


# --- the latent space of a VAE
@pytest.fixture(scope="module")
def smooth() -> sp.Generator:
    """Learned from two columns that go together, and one that says which half of the line a record is on."""
    place = RNG.uniform(0, 1, 4_000)
    frame = pd.DataFrame(
        {
            "x": np.round(place * 100),
            "y": np.round(place * 50 + RNG.normal(0, 1, len(place))),
            "half": np.where(place < 0.5, "low", "high"),
        }
    )
    return sp.fit(frame, steps=250, seed=0, family=VAE(size=32, latent=3, hidden=32))


def test_records_between_two_lie_on_a_smooth_way(smooth: sp.Generator) -> None:
    low, high = {"x": 5.0, "y": 2.0, "half": "low"}, {"x": 95.0, "y": 48.0, "half": "high"}
    way = smooth.between(low, high, steps=21)
    assert len(way) == 21 and abs(way["x"].iloc[0] - 5) < 12 and abs(way["x"].iloc[-1] - 95) < 12
    steps = way["x"].diff().dropna()
    assert (steps >= -3).mean() > 0.85 and steps.max() < 30
    assert (way["x"] * 0.5 - way["y"]).abs().max() < 12
    assert way["half"].iloc[0] == "low" and way["half"].iloc[-1] == "high"


def test_variations_stay_near_and_further_with_more_spread(smooth: sp.Generator) -> None:
    record = {"x": 30.0, "y": 15.0, "half": "low"}
    close, far = (smooth.near(record, spread, n=200, seed=1)["x"] for spread in (0.05, 1.0))
    assert abs(close.mean() - 30) < 10 and close.std() < 0.6 * far.std()
    again = smooth.near(record, 0.05, n=200, seed=1)["x"]
    pd.testing.assert_series_equal(close, again)


def test_near_records_have_near_points(smooth: sp.Generator) -> None:
    frame = pd.DataFrame({"x": [10.0, 12.0, 90.0], "y": [5.0, 6.0, 45.0], "half": ["low", "low", "high"]})
    z = smooth.embed(frame)
    assert np.linalg.norm(z[0] - z[1]) < 0.5 * np.linalg.norm(z[0] - z[2])


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda m: m.between({"x": 1.0}, {"x": 2.0}), "lack the column 'y'"),
        (lambda m: m.near({"x": 1.0, "y": 1.0, "half": "low"}, spread=-1.0), "spread of -1"),
        (lambda m: m.near(pd.DataFrame({"x": [1.0, 2.0], "y": 1.0, "half": "low"})), "2 records"),
        (lambda m: m.between({"x": 1.0, "y": 1.0, "half": "no"}, {"x": 1.0, "y": 1.0, "half": "low"}), "no"),
    ],
)
def test_what_makes_no_sense_is_refused(smooth: sp.Generator, ask: object, match: str) -> None:
    with pytest.raises(sp.SampanError, match=match):
        ask(smooth)  # type: ignore[operator]


# --- auto
def test_auto_chooses_by_a_tournament_and_says_why(tmp_path: Path) -> None:
    few = FRAME[["place", "tunnel", "age", "paid"]]
    model = sp.fit(few, steps=60, seed=0, family="auto", checkpoint=tmp_path / "c")
    assert model.family.kind in SMALL and model.family.kind == model.card.family
    (why,) = (note for note in model.card.notes if "tournament" in note)
    assert all(kind in why for kind in SMALL)
    # going on does not ask again: what was decided is kept
    assert (tmp_path / "c" / "tournament.json").exists()
    seen: list[int] = []
    again = sp.fit(
        few, steps=60, seed=0, family="auto", checkpoint=tmp_path / "c",
        on_step=lambda progress: seen.append(progress.step),
    )  # fmt: skip
    assert again.family == model.family and len(seen) <= 60
    (tmp_path / "c" / "tournament.json").write_text("{")
    with pytest.raises(sp.StoreError, match="tournament"):
        sp.fit(few, steps=60, seed=0, family="auto", checkpoint=tmp_path / "c")


@pytest.mark.parametrize(("after", "finished"), [(1, 0), (7, 1)])
def test_a_tournament_that_is_stopped_keeps_the_best_that_has_learned(
    after: int, finished: int, tmp_path: Path
) -> None:
    """Each family learns for five steps: at the seventh the first has learned, and the second has begun."""
    few, seen = FRAME[["place", "age"]], []

    def stop(progress: sp.Progress) -> str | None:
        seen.append(progress.step)
        return "stop" if len(seen) == after else None

    model = sp.fit(few, steps=60, seed=0, family="auto", on_step=stop, checkpoint=tmp_path)
    assert len(seen) == after  # no other family began
    assert model.card.history["ended"] == "interrupted"
    assert model.card.history["steps"] == (5 if finished else 1)
    assert model.card.seconds >= round(model.card.history["seconds"], 2)
    assert model.family.kind == "autoregressive" and len(model.sample(5)) == 5
    assert any("stopped while families were compared" in note for note in model.notes)
    assert not (tmp_path / "tournament.json").exists()  # nothing is decided yet


def test_what_a_tournament_took_is_in_the_card() -> None:
    few = FRAME[["place", "age"]]
    alone = sp.fit(few, steps=40, seed=0)
    model = sp.fit(few, steps=40, seed=0, family="auto")
    assert model.card.cpu_seconds > model.card.history["cpu_seconds"]
    assert alone.card.cpu_seconds == pytest.approx(alone.card.history["cpu_seconds"], abs=0.01)


def test_a_family_that_is_not_there_is_refused() -> None:
    with pytest.raises(RequestError, match="diffusion"):
        sp.fit(FRAME, steps=1, family="difusion")


def test_settings_are_plain() -> None:
    for one, other in itertools.combinations(SMALL.values(), 2):
        assert one != other and one.settings()["size"] == 16
