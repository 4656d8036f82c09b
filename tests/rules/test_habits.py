"""What holds in some rows: found without what follows from it, learned, and kept whatever is given."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan.column import from_numpy
from sampan.data import read
from sampan.rules.notation import text_of
from sampan.rules.rule import Rule
from sampan.rules.search import found
from sampan.rules.way import mark, usual

ROWS, MONTHS = 1_500, 2


def statements(rows: int = ROWS, seed: int = 0, months: int = MONTHS) -> pd.DataFrame:
    """Card statements: a bill is paid in full, at its least, not at all, or in part, mostly as the month
    before; what is carried costs 1 to 3 %, and what is bought comes on top."""
    rng = np.random.default_rng(seed)
    odds = [0.15, 0.2, 0.1, 0.55]
    kind, income = rng.choice(4, rows, p=odds), rng.lognormal(9.5, 0.5, rows)
    balance = np.round(rng.gamma(2, income / 6), 2)
    out = {"income": np.round(income, -2), "balance_1": balance}
    for month in range(1, months + 1):
        how = np.where(rng.random(rows) < 0.7, kind, rng.choice(4, rows, p=odds))
        least = np.minimum(balance, np.maximum(50, np.round(balance * 0.05, 2)))
        part = np.round(balance * rng.beta(2, 3, rows), 2)
        paid = np.select([how == 0, how == 1, how == 2], [balance, least, 0 * balance], part)
        bought = np.round(rng.gamma(1.5, income / 12) * (rng.random(rows) < 0.9), 2)
        carried = balance - paid
        balance = np.round(carried + bought + np.round(carried * rng.uniform(0.01, 0.03, rows), 2), 2)
        out |= {f"paid_{month}": paid, f"bought_{month}": bought, f"balance_{month + 1}": balance}
    return pd.DataFrame(out)


STATEMENTS = statements()


def laws(data: Any, seed: int = 0) -> list[Rule]:
    return [rule for rule in found(read(data).columns, np.random.default_rng(seed)) if not rule.always]


def learned(data: Any, rules: list[Rule], **how: Any) -> sp.Generator:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sp.fit(data, rules=rules, progress=False, **how)


def unlike(made: pd.DataFrame) -> int:
    """In how many rows a balance is not carried on as balances are."""
    wrong = np.zeros(len(made), dtype=bool)
    for month in range(1, MONTHS + 1):
        carried = made[f"balance_{month}"] - made[f"paid_{month}"]
        rest = made[f"balance_{month + 1}"] - carried - made[f"bought_{month}"]
        wrong |= (rest < 0.01 * carried - 0.011) | (rest > 0.03 * carried + 0.011)
    return int(wrong.sum())


def in_full(made: pd.DataFrame) -> float:
    """The share of bills that are paid in full."""
    return float(np.mean([made[f"paid_{month}"] == made[f"balance_{month}"] for month in (1, 2)]))


def test_only_what_follows_from_nothing_else_is_told_and_each_column_once() -> None:
    told = {text_of(rule) for rule in laws(statements(4_000))}
    expected = set()
    for month in (1, 2):
        bill = f"balance_{month}"
        expected |= {f"paid_{month} = {bill}", f"paid_{month} = max(round({bill} * 0.05, 2), 50)"}
        expected |= {f"balance_{month + 1} = {bill} - paid_{month} + bought_{month}"}
    assert told == expected


def test_which_column_follows_is_not_a_matter_of_their_order() -> None:
    turned = statements(4_000, months=1)[["paid_1", "balance_2", "bought_1", "balance_1", "income"]]
    told = {text_of(rule) for rule in laws(turned)}
    assert {"paid_1 = balance_1", "paid_1 = max(round(balance_1 * 0.05, 2), 50)"} <= told and len(told) == 3


def test_amounts_that_have_nothing_to_do_with_each_other_give_none() -> None:
    for seed in range(20):
        rng = np.random.default_rng(seed)
        money = {f"m{number}": np.round(rng.gamma(2, 400, 1_000), 2) for number in range(8)}
        assert not laws(money | {"stars": rng.integers(1, 6, 1_000), "votes": rng.integers(1, 6, 1_000)})


FAMILIES = {
    "autoregressive": sp.Autoregressive(size=16, depth=1),
    "diffusion": sp.Diffusion(size=16, depth=1),
    "vae": sp.VAE(size=16),
    "gan": sp.GAN(size=16),
}


@pytest.fixture(scope="module", params=list(FAMILIES))
def model(request: pytest.FixtureRequest) -> sp.Generator:
    return learned(STATEMENTS, laws(STATEMENTS), steps=4, family=FAMILIES[request.param])


def test_what_was_learned_of_them(model: sp.Generator) -> None:
    paid, carried, *_ = sorted(model.layout.kept.habits, key=lambda one: one.column[0], reverse=True)[::2]
    assert paid.column.startswith("paid") and carried.column.startswith("balance")
    assert paid.base is None and paid.sources[0].startswith("balance") and len(paid.laws) == 2
    ratio = carried.codec.ratio
    assert ratio is not None and 0.0099 < ratio.values[0] < ratio.values[-1] < 0.0301
    assert list(model.sample(3, seed=1)) == list(STATEMENTS)


def test_what_comes_about_by_others_is_drawn_last(model: sp.Generator) -> None:
    late = {name for name, space in model.layout.spaces.items() if space.late}  # type: ignore[union-attr]
    assert late == {"paid_1", "paid_2", "balance_2", "balance_3"}
    order = getattr(model.model, "order", None)
    if order is not None:
        names = [getattr(model.model, "names")[leaf] for leaf in order]  # noqa: B009
        assert {*names[-4:]} == late


GIVEN: list[dict[str, Any]] = [
    {},
    {"balance_1": 4_000.0},
    {"paid_1": 300.0},
    {"paid_2": 0.0},
    {"bought_1": 250.0, "bought_2": 0.0},
    {"balance_1": 900.0, "paid_1": 900.0},
]


def test_every_made_row_comes_about_as_learned_ones_do_whatever_is_given(model: sp.Generator) -> None:
    for given in GIVEN:
        made = model.sample(100, given=given, seed=2)
        for name, value in given.items():
            assert (made[name] == value).all()
        assert unlike(made) <= 5, given
        assert in_full(made) > 0.02, given


def test_a_given_sum_is_met_by_what_was_bought(model: sp.Generator) -> None:
    made = model.sample(100, given={"balance_3": 3_000.0}, seed=2)
    assert (made.balance_3 == 3_000.0).all() and unlike(made) <= 60  # else nothing that was bought would do


def test_rows_that_are_given_in_part_are_completed(model: sp.Generator) -> None:
    holes = STATEMENTS.head(90).copy()
    for number, name in enumerate(["paid_1", "balance_2", "bought_2"]):
        holes[name] = holes[name].where(np.arange(90) % 3 != number)
    filled = model.fill(holes, seed=1)
    there = holes.notna()
    assert filled.notna().all().all() and (filled[there] == holes)[there].sum().sum() == there.sum().sum()
    assert unlike(filled[np.arange(90) % 3 == 1]) <= 2
    likeliest = model.fill(holes.head(12), how="likeliest")
    assert likeliest.notna().all().all() and unlike(likeliest[np.arange(12) % 3 == 1]) <= 2


def test_a_saved_model_makes_the_same_rows(model: sp.Generator, tmp_path: Any) -> None:
    model.save(tmp_path / "model")
    again = sp.load(tmp_path / "model")
    assert again.sample(40, seed=5).equals(model.sample(40, seed=5))
    assert again.rules == model.rules


def test_shares_come_out_as_they_were_learned() -> None:
    data = statements(months=1).drop(columns="income")
    model = learned(data, laws(data), steps=250, seed=1)
    made = model.sample(4_000, seed=1)
    assert abs((made.paid_1 == made.balance_1).mean() - (data.paid_1 == data.balance_1).mean()) < 0.05
    least = [np.isclose(one.paid_1, np.maximum(one.balance_1 / 20, 50), atol=0.0051) for one in (made, data)]
    assert abs(least[0].mean() - least[1].mean()) < 0.05


def test_no_ratio_of_one_row_is_made_again() -> None:
    kept = learned(STATEMENTS, laws(STATEMENTS), steps=1).layout.kept
    (habit,) = [one for one in kept.habits if one.column == "paid_1"]
    assert habit.codec.ratio is not None
    own = np.unique((STATEMENTS.paid_1 / STATEMENTS.balance_1)[STATEMENTS.paid_1 > 0])
    assert np.isin(habit.codec.ratio.values, own).mean() < 0.02


def test_made_numbers_stay_on_the_steps_of_their_column() -> None:
    """A limit of whole thousands is no multiple of an income, though some are; fees in fives stay so."""
    rng = np.random.default_rng(5)
    income = np.round(rng.lognormal(9.5, 0.5, 3_000), -2)
    limit = np.round(income * rng.choice([1, 2, 3], 3_000), -3)
    price = 5 * rng.integers(20, 4_000, 3_000)
    fee = np.where(rng.random(3_000) < 0.3, price, 5 * np.round(price * rng.beta(2, 5, 3_000) / 5))
    data = pd.DataFrame({"income": income, "limit": limit, "price": price, "fee": fee.astype(int)})
    rules = laws(data)
    assert [text_of(rule) for rule in rules] == ["fee = price"]
    made = learned(data, rules, steps=4).sample(500, seed=1)
    assert (made.limit % 1_000 == 0).all() and (made.fee % 5 == 0).all() and made.fee.dtype == data.fee.dtype


def test_the_usual_way_of_several_is_the_commonest_law_or_the_middle_ratio() -> None:
    law, other = mark(0), mark(1)
    drawn = [[0.1, law, law, None], [0.3, law, 0.2, 0.5], [0.2, other, 0.4, 0.5]]
    gone = [np.array([cell is None for cell in one]) for one in drawn]
    cells = [np.array([cell or 0.0 for cell in one]) for one in drawn]
    found = usual([from_numpy(*both) for both in zip(cells, gone, strict=True)])
    assert found.to_pylist() == [0.2, law, 0.2, None]


def test_days_and_what_is_missing() -> None:
    rng = np.random.default_rng(3)
    due = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 2_000, ROWS), unit="D")
    late = due + pd.to_timedelta(rng.integers(-900, 900, ROWS), unit="D")
    paid = pd.Series(np.where(rng.random(ROWS) < 0.3, due, late)).where(rng.random(ROWS) > 0.2)
    data = pd.DataFrame({"due": due, "paid": paid, "fee": rng.gamma(2, 10, ROWS).round(1)})
    rules = laws(data)
    assert [text_of(rule) for rule in rules] == ["paid = due"]
    made = learned(data, rules, steps=60).sample(1_000, seed=1)
    assert abs((made.paid == made.due).mean() - 0.24) < 0.08 and abs(made.paid.isna().mean() - 0.2) < 0.08
