"""Rows that belong together: whole groups under new keys, what is constant so, what goes forward going on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan.guess import guess
from sampan.making.grouped import fitting
from sampan.run import make
from sampan.run.plan import split


def visits(groups: int = 80, back: bool = False) -> pd.DataFrame:
    """Visits of patients: sex and town are each one's own, days go forward by one to nine."""
    rng, rows = np.random.default_rng(5), []
    for number in range(groups):
        sex, town, day = "fm"[rng.integers(2)], ["Tai O", "Mong Kok", "Sha Tin"][rng.integers(3)], 0
        own = []
        for visit in range(int(rng.choice([2, 3, 5]))):
            day += int(rng.integers(1, 10)) if visit else int(rng.integers(0, 200))
            when = pd.Timestamp("2024-01-01") + pd.Timedelta(days=day)
            paid = round(float(rng.gamma(2, 100)), 1)
            own.append((f"P{number:04d}", sex, town, visit + 1, f"{when:%Y-%m-%d}", paid))
        rows += own[::-1] if back else own
    return pd.DataFrame(rows, columns=["patient_id", "sex", "town", "visit", "day", "paid"])


TABLE = visits()
SMALL = sp.Autoregressive(size=8)


def _check(made: pd.DataFrame, sizes: set[int], back: bool = False) -> None:
    """Groups are whole, under keys of nobody, one thing in each of what is constant, forward in time."""
    for key, own in made.groupby("patient_id", sort=False):
        own = own.iloc[::-1] if back else own
        assert key not in set(TABLE.patient_id) and len(own) in sizes
        assert own[["sex", "town"]].drop_duplicates().shape[0] == 1
        assert own.visit.tolist() == list(range(1, len(own) + 1))
        assert (pd.to_datetime(own.day).diff().dropna() > pd.Timedelta(0)).all()


@pytest.fixture(scope="module")
def model() -> sp.Generator[pd.DataFrame]:
    with pytest.warns(sp.Notice, match="are made together"):
        return sp.fit(TABLE, steps=60, family=SMALL, key="patient_id")


def test_a_key_is_found_where_something_is_constant_in_its_rows_or_time_goes_on() -> None:
    assert guess(sp.read(TABLE).columns).schema.key == "patient_id"
    assert guess(sp.read(TABLE[["patient_id", "town", "paid"]]).columns).schema.key == "patient_id"
    assert guess(sp.read(TABLE[["patient_id", "day", "paid"]]).columns).schema.key == "patient_id"
    loose = TABLE[["patient_id", "paid"]]
    assert guess(sp.read(loose).columns).schema.key == ""
    assert guess(sp.read(TABLE).columns, types={"patient_id": "identifier"}).schema.key == ""
    for word in ("key", "identifier:key"):
        found = guess(sp.read(loose).columns, types={"patient_id": word})
        assert found.schema.key == "patient_id" and found.fields["patient_id"].word == "identifier:key"


def test_groups_are_made_whole(model: sp.Generator[pd.DataFrame]) -> None:
    made = model.sample(203, seed=3)
    assert len(made) == 203
    _check(made, {2, 3, 5})
    real, ours = (frame.groupby("patient_id").size().value_counts(normalize=True) for frame in (TABLE, made))
    assert (real - ours).abs().max() < 0.12  # sizes are those of groups, not those of rows
    assert model.sample(203, seed=3).equals(made)
    assert list(made.columns) == list(TABLE.columns)


def test_what_is_given_of_one_row_is_given_of_its_group(model: sp.Generator[pd.DataFrame]) -> None:
    made = model.sample(60, given={"town": "Tai O"})
    assert set(made.town) == {"Tai O"}
    _check(made, {2, 3, 5})
    one = model.sample(4, given={"patient_id": "X"})
    assert set(one.patient_id) == {"X"} and one[["sex", "town"]].drop_duplicates().shape[0] == 1
    rows = pd.DataFrame({"patient_id": ["a", "b", "a", "c", "a"]})
    named = model.sample(given=rows)
    assert named.patient_id.tolist() == rows.patient_id.tolist()
    assert named.visit.tolist() == [1, 1, 2, 1, 3]
    assert named.groupby("patient_id").sex.nunique().max() == 1
    towns = pd.DataFrame({"town": ["Tai O"] * 7 + ["Sha Tin"] * 4})
    beside = model.sample(given=towns)
    assert beside.town.tolist() == towns.town.tolist()
    assert beside.groupby("patient_id").town.nunique().max() == 1


def test_a_condition_holds_in_every_row_of_whole_groups(model: sp.Generator[pd.DataFrame]) -> None:
    made = model.sample(50, where="sex = f and paid > 100")
    assert set(made.sex) == {"f"} and made.paid.min() > 100
    _check(made, {2, 3, 5})


def test_holes_are_filled_alike_in_all_rows_of_a_group(model: sp.Generator[pd.DataFrame]) -> None:
    torn, rng = TABLE.copy(), np.random.default_rng(1)
    known = TABLE.patient_id > "P0020"
    torn.loc[rng.random(len(torn)) < 0.3, "sex"] = None
    torn.loc[~known, "sex"] = None
    torn.loc[rng.random(len(torn)) < 0.2, "paid"] = None
    for how in ("draw", "likeliest"):
        full = model.fill(torn, how=how)
        assert not full.isna().any().any()
        assert full.groupby("patient_id").sex.nunique().max() == 1
        told = torn[known].groupby("patient_id").sex.first().dropna()
        assert (full.groupby("patient_id").sex.first()[told.index] == told).all()
        assert (full.paid[torn.paid.notna()] == torn.paid[torn.paid.notna()]).all()


def test_newest_first_stays_newest_first() -> None:
    model = sp.fit(visits(back=True), steps=20, family=SMALL, types={"patient_id": "identifier:key"})
    _check(model.sample(70), {2, 3, 5}, back=True)


def test_a_saved_model_makes_the_same_groups(model: sp.Generator[pd.DataFrame], tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    assert sp.load(tmp_path / "m").sample(40, seed=2).to_csv() == model.sample(40, seed=2).to_csv()
    assert np.isfinite(model.log_prob(TABLE)).all()


def test_names_of_one_person_stand_in_all_of_their_rows() -> None:
    first, last = ["Ada", "Bea", "Cat", "Dee", "Eve", "Fay"], ["Ho", "Ng", "Yu", "Li", "Ma"]
    names = [f"{a} {b} {c}" for a in first for b in last for c in ("Wing", "Mei", "Ka")]
    number = TABLE.patient_id.str[1:].astype(int)
    table = TABLE.assign(patient_name=[names[index] for index in number])
    made = sp.fit(table, steps=10, family=SMALL, key="patient_id").sample(150)
    assert made.groupby("patient_id").patient_name.nunique().max() == 1
    assert made.patient_name.nunique() > 0.8 * made.patient_id.nunique()
    assert not set(made.patient_name) & set(names)


@pytest.mark.parametrize("family", ["diffusion", "vae", "gan"])
def test_every_family_makes_groups(family: str) -> None:
    model = sp.fit(TABLE, steps=3, family=family, key="patient_id")
    _check(model.sample(60), {2, 3, 5})
    assert set(model.sample(20, given={"sex": "m"}).sex) == {"m"}


def test_rows_that_are_no_groups_are_refused() -> None:
    with pytest.raises(sp.SampanError, match="hardly any has two rows"):
        sp.fit(TABLE.assign(other=np.arange(len(TABLE))), steps=2, key="other")
    with pytest.raises(sp.SampanError, match="too few groups"):
        sp.fit(TABLE, steps=2, key="town")
    with pytest.raises(sp.SampanError, match="is the key and also"):
        sp.fit(TABLE, steps=2, key="town", types={"town": "category"})
    with pytest.raises(sp.SampanError, match="two columns are keys"):
        sp.fit(TABLE, steps=2, key="patient_id", types={"town": "identifier:key"})


def test_groups_that_add_up_are_chosen() -> None:
    rng = np.random.default_rng(0)
    for rows in (1, 7, 50, 333):
        sizes = rng.integers(2, 12, rows + 20)
        chosen, own = fitting(sizes, rows)
        assert own.sum() == rows and len(set(chosen.tolist())) == chosen.size
        assert (own == sizes[chosen]).all() or rows < 2
    assert fitting(np.full(9, 8), 20)[1].tolist() == [8, 8, 4]


def test_a_run_keeps_whole_groups_aside(tmp_path: Path) -> None:
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    run = make(tmp_path / "t.csv", steps=4, family="autoregressive", folder=tmp_path / "run")
    assert run.recipe.key == "patient_id"
    seen, aside = (set(part.columns["patient_id"].to_pylist()) for part in split(sp.read(TABLE), run.recipe))
    assert aside and not seen & aside
    assert run.recipe.aside == TABLE.patient_id.isin(aside).sum()
