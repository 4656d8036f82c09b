"""Does it look right? Real rows pass, and each kind of wrong row fails the score that should see it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from sampan.evaluate.columns import Kind
from sampan.evaluate.given import given
from sampan.evaluate.look import look
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides, independent


def real(rows: int, seed: int) -> Side:
    """Four numbers and three categories that hang together; d is missing together with e."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 4, rows)
    a = rng.normal(size=rows) + group
    b = a + np.abs(rng.normal(size=rows))
    d = np.where(rng.random(rows) < 0.2, np.nan, rng.gamma(2.0, size=rows))
    e = np.where(np.isnan(d), np.nan, np.round(a, 1))
    city = np.where(rng.random(rows) < 0.8, group, rng.integers(0, 4, rows))
    return Side(rows, {"a": a, "b": b, "d": d, "e": e}, {"group": group, "half": group // 2, "city": city})


KINDS: dict[str, Kind] = {
    **dict.fromkeys(("a", "b", "d", "e"), "number"),
    **dict.fromkeys(("group", "half", "city"), "category"),
}
LABELS = {"group": list("wxyz"), "half": list("lr"), "city": list("ABCD")}
ROWS = 1_500


def three(made: Side | None = None, rows: int = ROWS) -> Sides:
    """Seen and unseen rows of one world, and made rows (those of the same world where none are given)."""
    return Sides(real(rows, 0), real(rows, 1), made or real(rows, 2), KINDS, LABELS, {}, seed=5)


def by_name(sides: Sides, trained: bool = True) -> dict[str, Score]:
    """Every score of both questions."""
    return {score.name: score for score in look(sides, trained=trained) + given(sides)}


def changed(**columns: np.ndarray) -> Side:
    """Real rows with some columns replaced."""
    side = real(ROWS, 2)
    return Side(
        side.rows,
        {name: columns.get(name, values) for name, values in side.numbers.items()},
        {name: columns.get(name, values) for name, values in side.codes.items()},
    )


def failed(sides: Sides, trained: bool = False) -> set[str]:
    return {name for name, score in by_name(sides, trained).items() if score.passed is False}


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    return by_name(three())


def test_real_rows_pass_every_score(scores: dict[str, Score]) -> None:
    assert list(scores) == [
        "shape",
        "trend",
        "c2st",
        "precision",
        "recall",
        "coverage",
        "absence",
        "rules",
        "given",
    ]
    assert {score.passed for score in scores.values()} == {True}
    for score in scores.values():
        assert score.low <= score.value <= score.high
        assert score.floor_low <= score.floor <= score.floor_high


def test_one_seed_gives_one_result(scores: dict[str, Score]) -> None:
    again = by_name(three(), trained=False)
    assert all(again[name].to_json() == scores[name].to_json() for name in again)


def test_independent_columns_keep_their_shape_and_fail_all_else(scores: dict[str, Score]) -> None:
    sides = three()
    loose = by_name(sides.with_made(independent(real(ROWS, 3), np.random.default_rng(0))))
    wrong = {name for name, score in loose.items() if score.passed is False}
    assert wrong == set(scores) - {"shape"}
    for name in wrong - {"rules"}:  # and each reads about what the reference said of such columns
        assert scores[name].reference == pytest.approx(loose[name].value, abs=max(0.05, 6.0))


def test_a_column_that_drifts_fails_shape_and_is_the_first_part() -> None:
    scores = by_name(three(changed(a=real(ROWS, 2).numbers["a"] + 0.8)), trained=False)
    assert scores["shape"].passed is False
    assert scores["shape"].parts[0].name == scores["shape"].facts["worst"] == "a"
    assert scores["shape"].parts[0].passed is False
    assert all(part.passed for part in scores["shape"].parts[1:])


def test_holes_in_the_wrong_places_fail_absence_though_the_rates_are_right() -> None:
    holes = real(ROWS, 9).numbers["d"]
    moved = np.where(np.isnan(holes), np.nan, np.nan_to_num(real(ROWS, 2).numbers["d"], nan=1.0))
    score = by_name(three(changed(d=moved)), trained=False)["absence"]
    assert score.passed is False
    assert all(part.passed for part in score.parts)
    assert {part.name for part in score.parts} == {"d", "e"}


def test_rows_that_all_say_the_same_fail_recall_and_coverage() -> None:
    side = real(ROWS, 2)
    few = side.take(np.random.default_rng(0).integers(0, 40, ROWS))
    assert {"recall", "coverage"} <= failed(three(few))


def test_the_columns_that_gave_made_rows_away_come_first() -> None:
    side = real(ROWS, 2)
    sides = three(changed(b=side.numbers["a"] - np.abs(side.numbers["b"] - side.numbers["a"])))
    score = by_name(sides)["c2st"]
    assert score.passed is False
    assert {score.parts[0].name, score.parts[1].name} == {"a", "b"}
    assert score.value < 0.1 < 0.9 < score.floor


def test_few_rows_or_no_unseen_rows_decide_nothing() -> None:
    alone = Sides(real(300, 0), real(0, 1), real(300, 2), KINDS, LABELS, {})
    for score in [*by_name(three(rows=40)).values(), *by_name(alone).values()]:
        assert score.passed is None, score.name
    assert all(np.isnan(score.floor) for score in by_name(alone, trained=False).values())


AWKWARD = {
    "nothing": np.full(300, np.nan),
    "constant": np.full(300, 7.0),
    "huge": np.random.default_rng(0).normal(size=300) * 1e307,
    "endless": np.where(np.arange(300) % 9 == 0, np.inf, np.arange(300.0)),
}


@pytest.mark.parametrize("name", [*AWKWARD, "ids", "one", "empty", "all"])
def test_awkward_columns_neither_crash_nor_warn(name: str) -> None:
    rng = np.random.default_rng(1)
    codes = {
        "ids": lambda side: np.arange(300) + 300 * side,
        "one": lambda side: np.zeros(300, dtype=np.int64),
        "empty": lambda side: np.full(300, -1),
    }
    picked = [*AWKWARD, *codes] if name == "all" else [name]
    parts = [
        Side(
            300,
            {key: rng.permutation(AWKWARD[key]) for key in picked if key in AWKWARD},
            {key: codes[key](side).astype(np.int64) for key in picked if key in codes},
        )
        for side in range(3)
    ]
    kinds: dict[str, Kind] = {key: "number" if key in AWKWARD else "category" for key in picked}
    labels = {key: list(range(900)) for key in codes}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for rows in (300, 3, 1):
            few = [side.take(np.arange(rows)) for side in parts]
            sides = Sides(few[0], few[1], few[2], kinds, labels, {})
            for score in look(sides, trained=name in ("nothing", "all")) + given(sides):
                assert np.isfinite(score.value), score.name
                score.to_json()


def test_no_column_at_all_is_no_score() -> None:
    nothing = Side(5, {}, {})
    assert look(Sides(nothing, nothing, nothing, {}, {}, {})) == []
    assert given(Sides(nothing, nothing, nothing, {}, {}, {})) == []
