"""Rules hold in every made row, whatever is given, in every family; nobody's own values come back."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan.errors import RequestError

ROWS = 300
RNG = np.random.default_rng(7)


def stays() -> pd.DataFrame:
    """Stays in a hotel: dates, nights, prices, tax, a town and its country, what was cancelled."""
    nights = 1 + RNG.geometric(0.3, ROWS).clip(max=12)
    checkin = pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 300, ROWS), unit="D")
    price = RNG.choice([9.9, 45.0, 120.0, 350.5], ROWS)
    net = np.round(nights * price, 2)
    vat = np.floor(net * 10 + 0.5) / 100
    town = RNG.choice(["Kowloon", "Macau", "Osaka", "Tokyo"], ROWS)
    low = np.round(RNG.gamma(3, 20, ROWS), 1)
    cancelled = RNG.random(ROWS) < 0.2
    return pd.DataFrame(
        {
            "checkin": checkin,
            "nights": nights,
            "checkout": checkin + pd.to_timedelta(nights, unit="D"),
            "price": price,
            "net": net,
            "vat": vat,
            "total": np.round(net + vat, 2),
            "day": checkin.weekday,
            "town": town,
            "country": pd.Series(town).map({"Kowloon": "HK", "Macau": "MO", "Osaka": "JP", "Tokyo": "JP"}),
            "low": low,
            "high": np.round(low + RNG.integers(0, 60, ROWS) / 10, 1),
            "same": low,
            "fee": np.where(cancelled, np.round(RNG.uniform(5, 90, ROWS)), 0.0),
            "cancelled": np.where(cancelled, "yes", "no"),
        }
    )


RULES = [
    "nights = checkout - checkin",
    "net = nights * price",
    "vat = round(net * 0.1, 2)",
    "total = net + vat",
    "day = weekday(checkin)",
    "town fixes country",
    "low <= high",
    "same = low",
    "if cancelled = no then fee = 0",
]

STAYS = stays()


def broken(made: pd.DataFrame) -> dict[str, int]:
    """How many rows break each rule, of those that some break."""
    days = (made.checkout - made.checkin).dt.days
    net = np.round(made.nights * made.price, 2)
    country = dict(zip(STAYS.town, STAYS.country, strict=True))
    wrong = {
        "nights": days != made.nights,
        "net": np.abs(made.net - net) > 1e-6,
        "vat": np.abs(made.vat - made.net / 10) > 0.00501,
        "total": np.abs(made.total - made.net - made.vat) > 1e-6,
        "day": made.checkin.dt.weekday != made.day,
        "country": made.town.map(country) != made.country,
        "order": made.low > made.high,
        "same": made.low != made.same,
        "fee": (made.cancelled == "no") & (made.fee != 0),
    }
    return {name: int(rows.sum()) for name, rows in wrong.items() if rows.any()}


def learned(data: Any, rules: list[Any], **how: Any) -> sp.Generator:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return sp.fit(data, rules=rules, no_rules=["all"], progress=False, **how)


FAMILIES = {
    "autoregressive": sp.Autoregressive(size=16, depth=1),
    "diffusion": sp.Diffusion(size=16, depth=1),
    "vae": sp.VAE(size=16),
    "gan": sp.GAN(size=16),
}


@pytest.fixture(scope="module", params=list(FAMILIES))
def model(request: pytest.FixtureRequest) -> sp.Generator:
    return learned(STAYS, RULES, steps=4, family=FAMILIES[request.param])


def test_the_table_itself_holds_to_them() -> None:
    assert not broken(STAYS)


GIVEN: list[dict[str, Any]] = [
    {},
    {"checkin": "2024-03-01", "nights": 3},
    {"checkout": "2024-05-05"},
    {"town": "Osaka"},
    {"country": "JP"},
    {"high": 60.0},
    {"same": 41.5},
    {"nights": 3, "net": 135.0},
    {"total": 297.0},
    {"vat": 27.0, "nights": 6},
    {"day": 4},
    {"cancelled": "no"},
    {"cancelled": "yes", "fee": 0},
]


def test_every_made_row_holds_to_the_rules_whatever_is_given(model: sp.Generator) -> None:
    assert len(model.rules) == len(RULES)
    for given in GIVEN:
        made = model.sample(60, given=given, seed=3)
        assert list(made) == list(STAYS)
        assert not broken(made), given
        for name, value in given.items():
            wanted = pd.Timestamp(value) if name.startswith("check") else value
            assert (made[name] == wanted).all()


def test_rows_that_are_given_in_part_are_completed_by_the_rules(model: sp.Generator) -> None:
    holes = STAYS.head(60).copy()
    for number, name in enumerate(["checkout", "total", "country", "same", "high", "net"]):
        holes[name] = holes[name].where(np.arange(60) % 6 != number)
    filled = model.fill(holes, seed=1)
    assert not broken(filled)
    for name in ("checkout", "total", "country", "same", "net"):
        assert (filled[name] == STAYS.head(60)[name]).all(), name


def test_a_saved_model_makes_the_same_rows(model: sp.Generator, tmp_path: Any) -> None:
    model.save(tmp_path / "model")
    again = sp.load(tmp_path / "model")
    assert again.sample(40, seed=5).equals(model.sample(40, seed=5))
    assert again.rules == model.rules


CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"low": 50.0, "high": 20.0}, "low <= high"),
    ({"checkin": "2024-03-01", "checkout": "2024-03-04", "nights": 5}, "nights = checkout - checkin"),
    ({"town": "Macau", "country": "JP"}, "town fixes country"),
    ({"nights": 2, "net": 60.0}, "net = nights * price"),
    ({"total": 500.0}, "total = net + vat"),
]


def test_what_contradicts_a_rule_is_refused_with_the_rule_and_the_row() -> None:
    model = learned(STAYS, RULES, steps=1, family=FAMILIES["autoregressive"])
    for given, said in CONTRADICTIONS:
        with pytest.raises(RequestError, match="given") as caught:
            model.sample(5, given=given)
        assert said in caught.value.what
    frame = pd.DataFrame({"low": [5.0, 50.0, 7.0], "high": [6.0, 20.0, 9.0]})
    with pytest.raises(RequestError, match="row 2"):
        model.sample(given=frame)


def test_columns_as_they_are_written() -> None:
    """Money in text, dates in text, two clocks of one instant, a label that is a copy, a capped share."""
    pay = np.round(RNG.gamma(4, 9_000, ROWS))
    sent = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(RNG.integers(0, 400_000, ROWS), unit="min")
    due = pd.Series(sent).dt.tz_convert("Asia/Hong_Kong")
    half = pd.to_timedelta(RNG.integers(0, 30, ROWS), unit="D")
    data = pd.DataFrame(
        {
            "pay": [f"HK$ {value:,.0f}" for value in pay],
            "share": np.minimum(np.round(pay * 0.05), 1500.0),
            "sent": sent,
            "shown": due,
            "begin": (pd.Timestamp("2024-02-01") + half).strftime("%d/%m/%Y"),
            "month": (pd.Timestamp("2024-02-01") + half).month,
            "mpf": np.where(pay < 20_000, 0, np.minimum(np.round(pay * 0.05, 2), 1_500.0)),
            "team": RNG.choice(["red", "green", "blue"], ROWS),
        }
    )
    data["label"] = data.team
    rules = ["share = min(round(pay * 0.05), 1500)", "shown = sent", "month = month(begin)", "label = team"]
    rules += ["if pay < 20000 then mpf = 0", "if pay >= 20000 then mpf = min(round(pay * 0.05, 2), 1500)"]
    made = learned(data, rules, steps=4).sample(200, seed=1)
    wages = made.pay.str.replace(r"[^0-9]", "", regex=True).astype(float)
    assert (np.abs(made.share - np.minimum(wages * 0.05, 1500)) <= 0.5).all()
    due = np.where(wages < 20_000, 0, np.minimum(wages * 0.05, 1_500))
    assert (np.abs(made.mpf - due) < 0.00501).all()
    assert (made.shown == made.sent).all() and str(made.shown.dtype) == str(data.shown.dtype)
    assert (pd.to_datetime(made.begin, format="%d/%m/%Y").dt.month == made.month).all()
    assert (made.label == made.team).all()


def test_a_lookup_gives_back_nothing_of_one_person_alone() -> None:
    code = np.concatenate([np.repeat(np.arange(60), 5), [999]])
    price = np.round(np.random.default_rng(1).uniform(5, 900, 61), 2)
    data = pd.DataFrame(
        {"product": [f"P{number:03d}" for number in code], "price": price[np.minimum(code, 60)]}
    )
    model = learned(data, ["product fixes price"], steps=4)
    made = model.sample(400, seed=1)
    listed = dict(zip(data["product"], data.price, strict=True))
    assert (made["product"].map(listed) == made.price).all()
    assert made["product"].nunique() > 40 and "P999" not in set(made["product"])
    (table,) = model.layout.kept.tables
    assert "P999" not in table.by[0] and len(table.of) == 60


def test_a_table_without_rules_keeps_its_rows() -> None:
    """What rules need is drawn after all else, and only where a rule asks for it."""
    plain = [learned(STAYS, [], steps=3).sample(30, seed=4) for _ in range(2)]
    assert plain[0].equals(plain[1]) and broken(plain[0])


def test_a_gap_that_one_person_alone_has_does_not_come_back() -> None:
    rng = np.random.default_rng(2)
    low = np.round(rng.gamma(3, 200, 400))
    gap = np.append(rng.integers(0, 12, 399), 5_000)  # one row's alone, and far from all others
    model = learned(pd.DataFrame({"low": low, "high": low + gap}), ["low <= high"], steps=4)
    (kept,) = model.layout.kept.gaps
    assert kept.codec.values.max() < 5_000
    made = model.sample(400, seed=1)
    assert (made.high >= made.low).all() and (made.high - made.low).max() < 5_000
