"""fit and Generator: what is given stays, what is asked holds, one seed makes one result."""

from __future__ import annotations

import datetime as dt
import decimal
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from arro3.core import Table as ArrowTable

import sampan as sp
from sampan import store
from sampan.ability import Conditionals
from sampan.data import table
from sampan.errors import DataError, FamilyCannot, RequestError, StoreError, WhereError
from sampan.families import able
from sampan.making import learned
from sampan.space import Choice, Real

RNG = np.random.default_rng(0)
ROWS = 1_500
AGE = RNG.integers(18, 91, ROWS)
CHURN = np.where(RNG.random(ROWS) < (AGE - 10) / 100, "yes", "no")
BALANCE = np.round(np.where(RNG.random(ROWS) < 0.3, 0.0, RNG.lognormal(6, 1.5, ROWS)), 2)
FRAME = pd.DataFrame(
    {
        "customer": [f"C-{index:05d}" for index in range(ROWS)],
        "年齡": AGE,
        "churn": CHURN,
        "balance": BALANCE,
        "visits": pd.array(np.where(AGE > 60, None, RNG.integers(0, 9, ROWS)), dtype="Int64"),
        "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 365, ROWS), unit="D"),
        "bank": "Sampan",
    }
)


@pytest.fixture(scope="module")
def model() -> sp.Generator:
    return sp.fit(FRAME, steps=120, seed=0)


def test_records_come_back_as_the_kind_of_frame_that_went_in(model: sp.Generator) -> None:
    made = model.sample(400, seed=1)
    assert isinstance(made, pd.DataFrame)
    assert list(made.columns) == list(FRAME.columns)
    assert made.dtypes.to_dict() == FRAME.dtypes.to_dict()


@pytest.mark.parametrize(
    "convert",
    [pl.from_pandas, pa.Table.from_pandas, ArrowTable.from_arrow],
    ids=["polars", "pyarrow", "arro3"],
)
def test_every_kind_of_frame(convert: Any) -> None:
    small = pa.Table.from_pandas(FRAME[["年齡", "churn", "joined"]].head(80))
    frame = convert(small.to_pandas()) if convert is not ArrowTable.from_arrow else convert(small)
    made = sp.fit(frame, steps=5).sample(7)
    assert type(made) is type(frame)


def test_values_never_seen_are_never_made(model: sp.Generator) -> None:
    made = model.sample(2_000, seed=2)
    for name in ("年齡", "churn", "joined", "bank"):
        assert set(made[name]) <= set(FRAME[name]), name
    assert made["balance"].between(FRAME["balance"].min(), FRAME["balance"].max()).all()
    assert (made["balance"].round(2) == made["balance"]).all()
    assert made["customer"].is_unique
    assert not set(made["customer"]) & set(FRAME["customer"])


def test_missing_cells_are_part_of_the_distribution(model: sp.Generator) -> None:
    made = model.sample(3_000, seed=3)
    old = made["年齡"] > 60
    assert made.loc[old, "visits"].isna().mean() > 0.8
    assert made.loc[~old, "visits"].isna().mean() < 0.2


def test_what_is_given_comes_back_and_shapes_the_rest(model: sp.Generator) -> None:
    made = model.sample(800, given={"churn": "yes", "bank": "Sampan"}, seed=4)
    assert (made["churn"] == "yes").all()
    assert made["年齡"].mean() > model.sample(800, given={"churn": "no"}, seed=4)["年齡"].mean() + 3


def test_a_frame_of_given_rows_comes_back_identical(model: sp.Generator) -> None:
    given = FRAME[["balance", "joined", "customer"]].head(50)
    made = model.sample(given=given)
    pd.testing.assert_frame_equal(made[list(given.columns)], given)


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("年齡 > 65 and balance < 1000", lambda f: (f["年齡"] > 65) & (f["balance"] < 1000)),
        (
            "年齡 between 30 and 40 or churn = yes",
            lambda f: f["年齡"].between(30, 40) | (f["churn"] == "yes"),
        ),
        ("not (balance = 0) and visits is missing", lambda f: (f["balance"] != 0) & f["visits"].isna()),
        ("joined >= 2024-11-15", lambda f: f["joined"] >= dt.datetime(2024, 11, 15)),
        ("visits in (1, 2, 3)", lambda f: f["visits"].isin([1, 2, 3])),
        ("balance between 333.3 and 444.4", lambda f: f["balance"].between(333.3, 444.4)),
    ],
)
def test_where_holds_in_every_record(model: sp.Generator, where: str, holds: Any) -> None:
    made = model.sample(300, where=where, seed=5)
    assert len(made) == 300
    assert holds(made).fillna(False).all()


def test_where_beside_given_rows_judges_the_values_themselves(
    model: sp.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "BLOCK", 16)
    given = pd.DataFrame({"balance": np.sort(BALANCE[BALANCE > 0])[500:540]})
    middle = given["balance"].iloc[20]
    made = model.sample(given=given, where=f"balance < {middle} and churn = yes or balance >= {middle}")
    assert (made["balance"] == given["balance"]).all()
    assert made["churn"].iloc[:20].eq("yes").all() and not made["churn"].iloc[20:].eq("yes").all()
    with pytest.raises(WhereError, match="row 21 of 40"):
        model.sample(given=given, where=f"balance < {middle}")


def test_one_seed_one_result_and_blocks_do_not_matter(
    model: sp.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learned, "BLOCK", 100)
    whole = model.sample(250, seed=8)
    pd.testing.assert_frame_equal(whole, model.sample(250, seed=8))
    pieces = list(model.blocks(250, seed=8))
    assert [len(piece["churn"]) for piece in pieces] == [100, 100, 50]
    pd.testing.assert_frame_equal(whole.head(100), model.sample(100, seed=8))
    assert not whole.equals(model.sample(250, seed=9))


def test_whole_numbers_of_any_type_are_seeds_and_counts(model: sp.Generator) -> None:
    few = FRAME.head(4)
    for whole in (np.int64, np.uint8):
        made = model.sample(whole(5), seed=whole(8))
        pd.testing.assert_frame_equal(made, model.sample(5, seed=8))
        pd.testing.assert_frame_equal(model.fill(few, seed=whole(8)), model.fill(few, seed=8))
        known = model.log_prob(few, orders=whole(2), seed=whole(8))
        assert (known == model.log_prob(few, orders=2, seed=8)).all()
    fitted = sp.fit(FRAME.head(60), steps=np.int64(3), seed=np.int64(5))
    again = sp.fit(FRAME.head(60), steps=3, seed=5)
    assert fitted.card.seed == 5 and json.dumps(fitted.card.to_json())
    pd.testing.assert_frame_equal(fitted.sample(9), again.sample(9))


@pytest.mark.parametrize("odd", [True, 1.0, np.float64(2), "3", None, np.True_, 2**64])
def test_what_is_no_whole_number_is_no_seed(model: sp.Generator, odd: Any) -> None:
    calls = [
        lambda: model.sample(2, seed=odd),
        lambda: model.fill(FRAME.head(2), seed=odd),
        lambda: model.log_prob(FRAME.head(2), seed=odd),
        lambda: sp.fit(FRAME.head(50), steps=2, seed=odd),
    ]
    if odd is not None and not isinstance(odd, int) or odd is True:
        calls += [lambda: model.sample(odd), lambda: sp.fit(FRAME.head(50), steps=odd)]
    for call in calls:
        with pytest.raises(RequestError) as caught:
            call()
        assert repr(odd) in caught.value.what and caught.value.expected and caught.value.fix


@pytest.fixture(scope="module")
def exact() -> sp.Generator:
    cents = [decimal.Decimal(cent).scaleb(-2) for cent in range(0, 40_000, 125)]
    table = pa.table(
        {"price": pa.array(cents, pa.decimal128(10, 2)), "pieces": pa.array(range(len(cents)), pa.uint16())}
    )
    return sp.fit(table, steps=2)


@pytest.mark.parametrize("price", [decimal.Decimal("12.5"), 12.5, np.float64(12.5), "12.5", "12.50"])
@pytest.mark.parametrize("pieces", [5, 5.0, np.int16(5), decimal.Decimal(5), "5", "5.0"])
def test_exact_columns_are_given_any_number_that_fits(exact: sp.Generator, price: Any, pieces: Any) -> None:
    made = exact.sample(2, given={"price": price, "pieces": pieces})
    assert made["price"].to_pylist() == [decimal.Decimal("12.50")] * 2
    assert made["price"].type == pa.decimal128(10, 2)
    assert made["pieces"].to_pylist() == [5, 5]
    assert exact.sample(1, given={"price": 7}, where="price = 7")["price"].to_pylist() == [7]


@pytest.mark.parametrize(
    "given",
    [
        *({"price": odd} for odd in (12.505, "12.505", decimal.Decimal("12.505"), 1e12, float("inf"), True)),
        *({"price": odd} for odd in (decimal.Decimal("NaN"), "dear")),
        *({"pieces": odd} for odd in (5.5, "5.5", -1, 70_000, float("nan"))),
    ],
)
def test_what_an_exact_column_cannot_hold_is_refused(exact: sp.Generator, given: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="is given for the column") as caught:
        exact.sample(1, given=given)
    assert caught.value.fix.startswith("For example")


def test_fill_makes_up_what_is_missing_and_nothing_else(model: sp.Generator) -> None:
    holes = FRAME.head(300).copy()
    holes.loc[::2, "churn"] = None
    holes.loc[1::3, "balance"] = np.nan
    holes["extra"] = range(300)
    full = model.fill(holes, seed=1)
    assert not full[["churn", "balance", "visits"]].isna().any().any()
    for name in holes:
        there = holes[name].notna()
        assert (full.loc[there, name] == holes.loc[there, name]).all(), name
    old, young = full["年齡"] > 70, full["年齡"] < 35
    filled = np.arange(300) % 2 == 0
    assert full["churn"][filled & old].eq("yes").mean() > full["churn"][filled & young].eq("yes").mean()


def test_fill_writes_as_the_column_does_and_rounds_nothing() -> None:
    rng = np.random.default_rng(1)
    priced = pd.DataFrame(
        {"price": [f"${value:,.2f}" for value in rng.choice([12.5, 7.25, 1300.0], 200)], "n": range(200)}
    )
    model = sp.fit(priced, steps=2)
    holes = {"price": [5, None, 8, None] * 10, "n": range(40)}
    whole = model.fill(pl.DataFrame(holes))
    assert whole["price"].dtype == pl.Float64 and whole["price"].null_count() == 0
    assert set(whole["price"]) <= {5.0, 8.0, 12.5, 7.25, 1300.0} and whole["price"][2] == 8.0
    pandas = model.fill(pd.DataFrame(holes).astype({"price": "Int64"}))
    assert list(pandas["price"]) == list(whole["price"])
    text = model.fill(pl.DataFrame({**holes, "price": ["5.00", None, "8.00", None] * 10}))
    assert set(text["price"]) <= {"5.00", "8.00", "12.50", "7.25", "1300.00"}


@pytest.mark.parametrize("convert", [pd.DataFrame, pl.from_pandas], ids=["pandas", "polars"])
def test_a_wholly_empty_column_is_made_up_from_the_others(model: sp.Generator, convert: Any) -> None:
    holes = FRAME.head(300).assign(churn=pd.Series([None] * 300, dtype=object), balance=np.nan)
    holes["joined"] = pd.Series([pd.NaT] * 300, dtype="datetime64[ns]")
    full = model.fill(convert(holes), seed=2)
    full = full.to_pandas() if isinstance(full, pl.DataFrame) else full
    assert not full[["churn", "balance", "joined"]].isna().any().any()
    for name in ("churn", "joined"):
        assert set(full[name]) <= set(FRAME[name]), name
    assert full["balance"].between(FRAME["balance"].min(), FRAME["balance"].max()).all()
    old, young = full["年齡"] > 70, full["年齡"] < 35
    assert full["churn"][old].eq("yes").mean() > full["churn"][young].eq("yes").mean()


def test_records_of_which_only_a_sample_is_held_are_refused(
    model: sp.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Learning may look at a sample of a very long table; what is answered row by row may not."""
    monkeypatch.setattr(table, "MOST_ROWS", 100)
    calls: list[Any] = [model.fill, model.log_prob, lambda records: model.sample(given=records[["churn"]])]
    for call in calls:
        assert len(call(FRAME.head(100))) == 100
        with pytest.raises(DataError, match="300 rows, more than are held") as caught:
            call(FRAME.head(300))
        assert "100 rows" in caught.value.expected and caught.value.fix


def test_log_prob_prefers_real_records_to_shuffled_ones(model: sp.Generator) -> None:
    real = FRAME.head(400)
    shuffled = real.copy()
    shuffled["visits"] = real["visits"].sample(frac=1, random_state=0).to_numpy()
    assert model.log_prob(real).shape == (400,)
    assert model.log_prob(real).mean() > model.log_prob(shuffled).mean() + 0.5


def test_log_prob_sums_to_one() -> None:
    small = pd.DataFrame({"a": [1, 2, 2, 3] * 20, "b": ["x", "y", "x", None] * 20})
    model = sp.fit(small, steps=40)
    every = pd.DataFrame([(a, b) for a in (1, 2, 3) for b in ("x", "y", None)], columns=["a", "b"])
    assert np.exp(model.log_prob(every, orders=1)).sum() == pytest.approx(1.0, abs=1e-3)


def test_a_model_on_disk_makes_the_same_records(model: sp.Generator, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    again = sp.load(tmp_path / "model")
    one = model.sample(200, seed=3)
    other = again.sample(200, seed=3)
    assert [str(value) for value in one["balance"]] == [str(value) for value in other["balance"]]
    assert list(one["churn"]) == list(other["churn"])
    assert again.card == model.card
    assert not list((tmp_path / "model").glob("*.pkl"))
    again.save(tmp_path / "model")  # an older model in the folder is replaced


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "dict"])
def test_a_loaded_model_makes_the_frame_that_the_fitted_one_makes(kind: str, tmp_path: Path) -> None:
    """Text of digits stays text, a label stays a number, categories stay categories."""
    texts = {"code": ["12", "7", "33"] * 20, "zip": ["00123", "45000", "99999"] * 20}
    frame: Any = texts
    if kind == "pandas":
        frame = pd.DataFrame(texts | {3: pd.array([1, None, 2] * 20, dtype="Int64")})
        frame = frame.assign(grade=pd.Categorical(["a", "b", "c"] * 20))
    elif kind != "dict":
        frame = pl.DataFrame(texts, schema_overrides={"zip": pl.Categorical})
        frame = frame.to_arrow() if kind == "pyarrow" else frame
    fitted = sp.fit(frame, steps=2)
    fitted.save(tmp_path / "model")
    loaded = sp.load(tmp_path / "model")
    assert loaded.digest == fitted.digest
    again = pickle.loads(pickle.dumps(loaded))
    expected = fitted.sample(30)
    for made in (loaded.sample(30), again.sample(30)):
        assert type(made) is type(expected)
        if kind == "pandas":
            kinds = {name: str(dtype) for name, dtype in expected.dtypes.items()}
            assert {name: str(dtype) for name, dtype in made.dtypes.items()} == kinds
            assert made.astype(str).equals(expected.astype(str))
        elif kind == "polars":
            assert made.equals(expected) and made.schema == expected.schema
        elif kind == "pyarrow":
            assert (
                made["code"].equals(expected["code"])
                and made["zip"].to_pylist() == expected["zip"].to_pylist()
            )
        else:
            assert made.column("code").to_pylist() == expected.column("code").to_pylist()


def test_a_model_of_the_first_format_loads_and_knows_no_frame(model: sp.Generator) -> None:
    files = dict(model._packed())
    said = json.loads(files["model.json"])
    assert said.pop("frame")["native"] == "pandas"
    older = store.unpacked({**files, "model.json": json.dumps({**said, "format": 1}).encode()})
    assert older.frame is None and older.card == model.card


def test_what_a_model_keeps_of_its_frame_holds_no_value(tmp_path: Path) -> None:
    """Categories that one person alone holds are not among what is kept."""
    grades = pd.Categorical([*["a", "b"] * 30, "only hers"])
    sp.fit(pd.DataFrame({"grade": grades, "n": range(61)}), steps=2).save(tmp_path / "model")
    assert b"only hers" not in (tmp_path / "model" / "model.json").read_bytes()


@pytest.mark.parametrize(
    "file", ["model.json", "columns.safetensors", "weights.safetensors", "manifest.json"]
)
@pytest.mark.parametrize("damage", ["flip", "cut", "foreign", "gone"])
def test_damage_is_told_and_never_loaded(model: sp.Generator, tmp_path: Path, file: str, damage: str) -> None:
    model.save(tmp_path / "model")
    path = tmp_path / "model" / file
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        path.write_text('{"hello": "world"}')
    else:
        path.unlink()
    with pytest.raises(StoreError) as caught:
        sp.load(tmp_path / "model")
    assert all((caught.value.what, caught.value.expected, caught.value.fix))


def test_a_foreign_model_with_right_checksums_is_refused(model: sp.Generator, tmp_path: Path) -> None:
    """Checksums only find accidents; what a file says is checked as well."""
    import hashlib

    model.save(tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    said = json.loads(path.read_text())
    for change in ({"format": 99}, {"columns": said["columns"][:2]}, {"family": {"kind": "os.system"}}):
        path.write_text(json.dumps({**said, **change}))
        manifest = tmp_path / "model" / "manifest.json"
        sums = json.loads(manifest.read_text())
        manifest.write_text(json.dumps({**sums, "model.json": hashlib.sha256(path.read_bytes()).hexdigest()}))
        with pytest.raises(StoreError):
            sp.load(tmp_path / "model")


def test_saving_never_overwrites_what_is_no_model(model: sp.Generator, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years of work")
    with pytest.raises(StoreError, match="no Sampan model"):
        model.save(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "ten years of work"


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda m: m.sample(2, given={"churn": "yess"}), DataError, "yes"),
        (lambda m: m.sample(2, given={"chrun": "yes"}), RequestError, "churn"),
        (lambda m: m.sample(2, given={"年齡": "old"}), RequestError, "old"),
        (lambda m: m.sample(2, where="年齡 > 30 and 年齡 < 20"), WhereError, "年齡"),
        (lambda m: m.sample(2, given={"年齡": 20}, where="年齡 > 30"), WhereError, "contradicts"),
        (lambda m: m.sample(0), RequestError, "0 records"),
        (lambda m: m.sample(-3), RequestError, "-3 records"),
        (lambda m: m.sample(3, given=FRAME[["churn"]].head(2)), RequestError, "3 records"),
        (lambda m: m.fill(FRAME.drop(columns="churn")), DataError, "churn"),
        (lambda m: m.fill(FRAME.assign(churn="perhaps")), DataError, "perhaps"),
        (lambda m: sp.fit(FRAME, family="gann"), RequestError, "gann"),
        (lambda m: sp.fit(FRAME.head(1)), DataError, "1 row"),
        (lambda m: sp.fit(FRAME[["bank"]]), DataError, "nothing"),
        (lambda m: sp.fit(FRAME, minutes=-1), RequestError, "-60"),
        (lambda m: sp.fit(FRAME, types={"balanc": "number"}), RequestError, "balance"),
        (lambda m: sp.load("no-such-folder"), StoreError, "no-such-folder"),
    ],
)
def test_errors_come_before_any_work_and_say_what_to_do(
    model: sp.Generator, call: Any, error: type[sp.SampanError], says: str
) -> None:
    with pytest.raises(error) as caught:
        call(model)
    assert says in str(caught.value)
    assert all((caught.value.what, caught.value.expected, caught.value.fix))


def test_one_column_is_a_distribution_too() -> None:
    model = sp.fit(pd.DataFrame({"dice": [1, 2, 3, 4, 5, 6] * 1000}), steps=60)
    made = model.sample(3_000, seed=0)["dice"]
    assert made.value_counts(normalize=True).max() < 0.2


def test_the_card_says_where_the_model_comes_from(model: sp.Generator) -> None:
    card = model.card
    assert card.rows["read"] == ROWS and card.rows["learned"] + card.rows["held_out"] == ROWS
    assert card.seed == 0 and card.family == "autoregressive" and len(card.digest) == 64
    assert card.energy_wh > 0 and card.history["looks"]
    assert set(card.columns) == set(FRAME.columns)


def test_a_family_without_conditionals_says_which_has_them() -> None:
    model = sp.GAN(size=16).build({"picture": Real(1, (8, 8)), "label": Choice(2)})
    with pytest.raises(FamilyCannot, match="diffusion, .*autoregressive"):
        able(model, Conditionals)
