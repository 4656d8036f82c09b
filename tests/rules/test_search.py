"""What the search finds in tables whose rules are known, and that it finds none where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from arro3 import compute
from arro3.core import DataType

from sampan.column import Column, from_numpy, from_strings
from sampan.rules.notation import text_of
from sampan.rules.search import found
from sampan.rules.truth import truth

N = 1_500


def table(cells: Mapping[str, Any]) -> dict[str, Column]:
    out = {}
    for name, values in cells.items():
        values = np.asarray(values)
        match values.dtype.kind:
            case "U" | "O":
                out[name] = from_strings([None if value is None else str(value) for value in values])
            case "b":
                out[name] = compute.cast(from_numpy(values.astype(np.uint8)), DataType.bool())
            case "M":
                out[name] = from_numpy(values.astype("datetime64[us]"))
            case _:
                out[name] = from_numpy(values)
    return out


def rules(cells: Mapping[str, Any], seed: int = 0) -> dict[str, float]:
    return {text_of(rule): rule.share for rule in found(table(cells), np.random.default_rng(seed))}


def days(rng: np.random.Generator, span: int, unit: str = "D") -> np.ndarray:
    return np.datetime64("2023-01-01", "s") + rng.integers(0, span, N).astype(f"timedelta64[{unit}]")


def test_a_stay_and_its_bill() -> None:
    rng = np.random.default_rng(1)
    checkin = days(rng, 600)
    nights = rng.integers(1, 15, N)
    qty, price = rng.integers(1, 11, N), rng.choice([9.9, 19.9, 45.0, 120.0, 350.5], N)
    net = np.round(qty * price, 2)
    vat = np.round(net * 0.1, 2)
    said = rules(
        {
            "checkin": checkin,
            "checkout": checkin + nights.astype("timedelta64[D]"),
            "nights": nights,
            "qty": qty,
            "price": price,
            "net": qty * price,  # as floats have it: 59.699999999999996
            "vat": vat,
            "total": net + vat,
        }
    )
    assert said == dict.fromkeys(
        [
            "total = net + vat",
            "net = qty * price",
            "vat = net * 0.1",
            "nights = checkout - checkin",
            "checkout > checkin",
        ],
        1.0,
    )


def test_codes_fix_names_whatever_their_number() -> None:
    rng = np.random.default_rng(2)
    names = np.array([f"產品 {k * 7_919 % 10_007}" for k in range(700)])
    prices = np.round(rng.gamma(2, 50, 700), 1)
    k = rng.integers(0, 700, 4 * N)
    said = rules({"貨號": k, "名稱": names[k], "定價": prices[k], "店": rng.choice(list("ABC"), 4 * N)})
    assert said == dict.fromkeys(["貨號 fixes 名稱", "名稱 fixes 貨號", "貨號 fixes 定價"], 1.0)


def test_what_follows_from_a_date() -> None:
    rng = np.random.default_rng(3)
    day, born = (
        days(rng, 700),
        np.datetime64("1950-01-01") + rng.integers(0, 15_000, N).astype("timedelta64[D]"),
    )
    month = day.astype("datetime64[M]").astype(int) % 12 + 1
    weekday = (day.astype("datetime64[D]").astype(int) + 3) % 7
    year = born.astype("datetime64[Y]").astype(int) + 1970
    months = born.astype("datetime64[M]").astype(int) % 12 + 1
    monthday = (born.astype("datetime64[D]") - born.astype("datetime64[M]")).astype(int) + 1
    age = 2024 - year - (months * 100 + monthday > 630)
    said = rules(
        {
            "day": day,
            "month": month,
            "name": np.array(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])[weekday],
            "born": born,
            "age": age,
        }
    )
    assert {"month = month(day)", "weekday(day) fixes name"} <= set(said)
    assert any(text.startswith("age = age(born, 2024-06-30)") for text in said)
    assert "day > born" not in said and len(said) <= 4


def test_one_instant_on_two_clocks() -> None:
    from sampan.where.quantity import wall_clock

    rng = np.random.default_rng(4)
    utc = days(rng, 500 * 24 * 60, "m")
    there = wall_clock(utc.astype("datetime64[us]").astype(np.int64), "America/New_York")
    said = rules({"utc": utc, "hk": utc + np.timedelta64(8, "h"), "ny": there.astype("datetime64[us]")})
    assert said == {"hk = utc + 8 hours": 1.0, "ny = local(utc, 'America/New_York')": 1.0}


def test_a_contribution_with_a_cap_and_a_threshold() -> None:
    rng = np.random.default_rng(5)
    pay = np.round(rng.lognormal(9.7, 0.6, N), -1)
    capped = np.minimum(np.round(pay * 0.05, 2), 1_500)
    said = rules({"pay": pay, "employer": capped, "employee": np.where(pay < 7_100, 0, capped)})
    assert said == dict.fromkeys(
        [
            "employer = min(pay * 0.05, 1500)",
            "if pay >= 7100 then employee = min(pay * 0.05, 1500)",
            "if pay < 7100 then employee = 0",
        ],
        1.0,
    )


def test_a_sum_of_many_and_one_out_of_two() -> None:
    rng = np.random.default_rng(6)
    months = {f"m{k}": np.round(rng.gamma(2, 100, N), 2) for k in range(5)}
    debit = np.where(rng.random(N) < 0.5, np.round(rng.gamma(2, 40, N), 2), 0)
    said = rules(
        {
            **months,
            "sum": np.round(sum(months.values()), 2),  # type: ignore[arg-type]
            "debit": debit,
            "credit": np.where(debit > 0, 0, np.round(rng.gamma(2, 40, N), 2)),
        }
    )
    assert said == dict.fromkeys(
        ["sum = m0 + m1 + m2 + m3 + m4", "debit = 0 or credit = 0", "debit != 0 or credit != 0"], 1.0
    )


def test_what_is_zero_or_missing_where_another_column_says_so() -> None:
    rng = np.random.default_rng(7)
    cancelled = rng.random(N) < 0.2
    why = np.where(cancelled, rng.choice(["ill", "late"], N), None)
    said = rules(
        {"cancelled": cancelled, "fee": np.where(cancelled, np.round(rng.gamma(2, 40, N), 2), 0), "why": why}
    )
    assert {"if cancelled = false then fee = 0", "if cancelled = false then why is missing"} <= set(said)
    assert {"if cancelled != false then fee != 0", "if cancelled != false then why is not missing"} <= set(
        said
    )
    assert len(said) == 4


def test_what_holds_where_another_column_says_so() -> None:
    rng = np.random.default_rng(12)
    kind = rng.choice(["sale", "refund"], 2 * N, p=[0.8, 0.2])
    place, net = rng.choice(["home", "abroad"], 2 * N), np.round(rng.gamma(2, 50, 2 * N) + 1, 2)
    day = np.datetime64("2001-01-01") + rng.integers(0, 9_000, 2 * N)
    month = day.astype("datetime64[M]").astype(int) % 12 + 1
    total = np.where(place == "home", np.round(net * 1.05, 2), np.round(net * 1.2, 2))
    said = rules(
        {
            "kind": kind,
            "amount": np.where(kind == "refund", -1, 1) * np.round(rng.gamma(2, 50, 2 * N) + 1, 2),
            "place": place,
            "net": net,
            "total": total,
            "month": month,
            "day": (day - day.astype("datetime64[M]")).astype(int) + 1,
        }
    )
    assert {
        "if kind = 'refund' then amount < 0",
        "if place = 'home' then total = round(net * 1.05, 2)",
        "if place = 'abroad' then total = round(net * 1.2, 2)",
    } <= set(said)
    assert all(text.startswith("if month") or "day" not in text for text in said)


def test_what_holds_for_some_rows_is_told_with_its_share() -> None:
    rng = np.random.default_rng(8)
    bill = np.round(rng.gamma(2, 900, 2 * N), 2)
    how = rng.random(2 * N)
    least = np.maximum(np.round(bill * 0.05, 2), 50)
    own = np.round(rng.gamma(1.5, 500, 2 * N), 2)
    paid = np.where(how < 0.135, bill, np.where(how < 0.335, least, np.where(how < 0.43, 0, own)))
    said = rules({"bill": bill, "paid": paid, "score": rng.normal(0, 1, 2 * N)})
    assert set(said) == {"paid = bill", "paid = max(round(bill * 0.05, 2), 50)"}
    assert said["paid = bill"] == pytest.approx((paid == bill).mean(), abs=1e-9)


def test_labels_that_are_copies() -> None:
    team = np.random.default_rng(11).choice(["red", "green", "blue"], N)
    assert rules({"team": team, "label": team, "side": team}) == {"team = label": 1.0, "team = side": 1.0}


def test_likeness_is_no_equality() -> None:
    rng = np.random.default_rng(9)
    size = rng.normal(20, 5, N)
    like = {"a": np.round(size + rng.normal(0, 1, N)), "b": np.round(size + rng.normal(0, 1, N))}
    assert rules(like) == {}


@pytest.mark.parametrize("seed", range(6))
def test_independent_columns_have_no_rules(seed: int) -> None:
    rng = np.random.default_rng(100 + seed)
    n = int(rng.choice([120, 800, 3_000]))
    kinds = {
        "normal": lambda: rng.normal(0, 1, n),
        "money": lambda: np.round(rng.gamma(2, 100, n), 2),
        "count": lambda: rng.integers(0, int(rng.choice([2, 3, 10, 100])), n),
        "label": lambda: np.array(list("abcdefghij"))[np.minimum(rng.zipf(1.5, n), 10) - 1],
        "often 0": lambda: np.where(rng.random(n) < 0.8, 0, np.round(rng.gamma(2, 40, n), 1)),
        "day": lambda: np.datetime64("2020-01-01") + rng.integers(0, 1_500, n).astype("timedelta64[D]"),
        "flag": lambda: rng.random(n) < rng.random() * 0.2,
        "gaps": lambda: np.where(rng.random(n) < 0.3, np.nan, rng.integers(0, 50, n) / 2),
        "code": lambda: np.array([f"C{k}" for k in rng.integers(0, n // 3 + 2, n)]),
        "key": lambda: np.array([f"id{k}" for k in rng.permutation(n)]),
        "rare": lambda: np.where(rng.random(n) < 0.995, "no", "yes"),
    }
    assert rules({f"{kind} {k}": make() for kind, make in kinds.items() for k in range(2)}, seed) == {}


def test_a_rule_is_confirmed_on_all_rows() -> None:
    rng = np.random.default_rng(10)
    a = np.round(rng.gamma(2, 100, 25_000), 2)
    b = np.round(a * 0.1, 2)
    assert "b = round(a * 0.1, 2)" in rules({"a": a, "b": b})
    b[::5_000] += 1  # five rows, of which a sample may hold none
    assert "b = round(a * 0.1, 2)" not in {
        text for text, share in rules({"a": a, "b": b}).items() if share == 1
    }


def test_the_truth_of_a_dependence_is_what_most_rows_say() -> None:
    from sampan.rules.rule import Fixes

    cells = table({"code": ["a", "a", "a", "b", None], "name": ["x", "y", "x", None, "x"]})
    true, known = truth(Fixes(("code",), "name"), cells)
    assert true.tolist() == [True, False, True, False, False]
    assert known.tolist() == [True, True, True, False, False]
