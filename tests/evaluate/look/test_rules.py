"""Laws: what was put into a world is found in words, and nothing else is; who breaks it is counted."""

from __future__ import annotations

import numpy as np
import pytest

from sampan.evaluate.columns import Kind
from sampan.evaluate.look.laws import laws
from sampan.evaluate.look.rules import rules
from sampan.evaluate.shares import fisher
from sampan.evaluate.sides import Side, Sides

ROWS = 2_000


def world(seed: int, rows: int = ROWS) -> Side:
    rng = np.random.default_rng(seed)
    net = np.round(rng.gamma(2.0, 50.0, rows), 2)
    tax = np.round(rng.gamma(2.0, 5.0, rows), 2)
    count = rng.poisson(1.0, rows).astype(float)
    price = np.round(rng.gamma(3.0, 4.0, rows), 2)
    start = rng.normal(size=rows)
    gone = rng.random(rows) < 0.2
    street, town = rng.integers(0, 6, rows), rng.integers(0, 5, rows)
    return Side(
        rows,
        {
            "net": net,
            "tax": tax,
            "gross": net + tax,
            "count": count,
            "price": price,
            "paid": np.round(count * price, 2),
            "start": np.where(gone, np.nan, start),
            "end": np.where(gone, np.nan, start + rng.gamma(1.0, size=rows)),
        },
        {"street": street, "town": town, "post": (street * 5 + town) % 13, "region": town // 2},
    )


KINDS: dict[str, Kind] = {
    **dict.fromkeys(("net", "tax", "gross", "count", "price", "paid", "start", "end"), "number"),
    **dict.fromkeys(("street", "town", "post", "region"), "category"),
}


def three(made: Side, rows: int = ROWS) -> Sides:
    return Sides(world(0, rows), world(1, rows), made, KINDS, {}, {})


WANTED = {
    "gross = net + tax",
    "paid = count * price",
    "net <= gross",
    "start <= end",
    "paid is 0 where count is",
    "end is missing where start is, and only there",
    "region is one value for each town",
    "post is one value for each street and town",
}


def test_every_law_of_the_world_is_found_in_words() -> None:
    names = {
        law.name.replace("start is missing where end", "end is missing where start")
        for law in laws(three(world(2)))
    }
    assert names >= WANTED


def test_loose_columns_have_no_law() -> None:
    rng = np.random.default_rng(0)
    kinds: dict[str, Kind] = {**dict.fromkeys("abcd", "number"), **dict.fromkeys("efgh", "category")}

    def loose() -> Side:
        return Side(
            400,
            {n: np.where(rng.random(400) < 0.1, np.nan, rng.normal(size=400).round(1)) for n in "abcd"},
            {name: rng.integers(-1, 6, 400) for name in "efgh"},
        )

    for _ in range(20):
        assert laws(Sides(loose(), loose(), loose(), kinds, {}, {})) == []


def test_real_rows_break_no_law_and_bad_rows_are_counted() -> None:
    (fine,) = rules(three(world(2)))
    assert fine.value == fine.floor == 0.0
    assert fine.passed is True
    assert fine.reference > 90
    bad = world(2)
    bad.numbers["gross"][:100] += 5.0  # five in a hundred
    bad.codes["region"][100:140] += 1
    (found,) = rules(three(bad))
    assert found.passed is False
    assert found.value == pytest.approx(100 * 140 / ROWS)
    assert found.low < found.value < found.high
    by_name = {part.name: part for part in found.parts}
    assert by_name["gross = net + tax"].value == pytest.approx(5.0)
    assert by_name["region is one value for each town"].passed is False
    assert by_name["start <= end"].passed is True
    assert found.parts[0].name == found.facts["worst"]


def test_a_hair_is_within_the_margin() -> None:
    bad = world(2)
    bad.numbers["gross"][:4] += 5.0
    (found,) = rules(three(bad))
    assert found.value == pytest.approx(0.2)
    assert found.passed is True


def test_a_value_never_seen_breaks_no_dependency_by_itself() -> None:
    made = world(2)
    made.codes["town"][:50] = 77
    made.codes["region"][:50] = 0
    (found,) = rules(three(made))
    assert next(p for p in found.parts if p.name == "region is one value for each town").value == 0.0


def test_a_tail_is_exact() -> None:
    assert fisher(0, 10, 0, 10) == pytest.approx(1.0)
    assert fisher(2, 4, 0, 4) == pytest.approx(6 / 28)
    assert fisher(0, 4, 3, 4) == pytest.approx(1.0)
