"""Would work done on it hold? In worlds whose answers are known."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides, independent
from sampan.evaluate.work import work
from tests.evaluate.work.people import BEST_AUC, people, sides_of

pytest.importorskip("sklearn")


def scores(sides: Sides, target: str | None = "ill") -> dict[str, Score]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = work(sides, target=target)
    for score in found:
        score.to_json()
    return {score.name: score for score in found}


def test_models_reach_the_known_area_on_made_rows_and_on_real_ones() -> None:
    found = scores(sides_of(people))
    linear = next(part for part in found["utility"].parts if part.name == "linear model")
    assert linear.value == pytest.approx(BEST_AUC, abs=0.035)
    assert linear.floor == pytest.approx(BEST_AUC, abs=0.035)
    assert linear.low < BEST_AUC < linear.high
    assert found["utility"].facts["rows"] == 1200
    assert [score.passed for score in found.values()] == [True] * 4
    assert found["importance"].facts["top_made"].startswith("score")  # type: ignore[union-attr]
    assert found["importance"].value > 0.95


def test_independent_columns_teach_nothing() -> None:
    sides = sides_of(people)
    found = scores(sides.with_made(independent(sides.made, np.random.default_rng(0))))
    utility = found["utility"]
    assert utility.passed is False
    assert abs(utility.value - 0.5) < 0.1
    assert utility.floor_low > utility.high
    assert found["importance"].passed is False


def test_a_table_a_little_worse_than_real_is_told_where_the_rows_allow_it() -> None:
    def blurred(rows: int, rng: np.random.Generator) -> Side:
        side = people(rows, rng)
        wrong = rng.random(rows) < 0.25
        score = np.where(wrong, rng.permutation(side.numbers["score"]), side.numbers["score"])
        return replace(side, numbers={**side.numbers, "score": -score})

    assert scores(sides_of(people, blurred))["utility"].passed is False


def twisted(sign: float, rows: int, rng: np.random.Generator) -> Side:
    """The outcome rests a little on a and, by the sign, on whether b and c agree."""
    a, b, c = rng.normal(size=(3, rows))
    drawn = rng.logistic(size=rows)
    return Side(
        rows, {"a": a, "b": b, "c": c}, {"ill": (drawn < a + 2 * sign * np.sign(b * c)).astype(np.int64)}
    )


def test_the_best_model_on_made_rows_that_is_the_worst_on_real_ones_is_told() -> None:
    found = scores(sides_of(lambda n, rng: twisted(1, n, rng), lambda n, rng: twisted(-1, n, rng)))
    ranking = found["ranking"]
    assert ranking.passed is False
    assert ranking.value < 0 < ranking.floor
    assert "boosted trees / linear model" in str(ranking.facts["reversed"])
    assert str(ranking.facts["order_made"]).startswith("linear model")


def test_models_that_lean_on_another_column_are_told() -> None:
    def swapped(rows: int, rng: np.random.Generator) -> Side:
        side = people(rows, rng)
        numbers = {"score": side.numbers["noise"], "noise": side.numbers["score"]}
        return replace(side, numbers=numbers)

    importance = scores(sides_of(people, swapped))["importance"]
    assert importance.passed is False
    assert {part.name for part in importance.parts[:2]} == {"score", "noise"}
    assert importance.value < importance.floor


def test_made_rows_that_harm_the_search_for_what_is_rare_are_told() -> None:
    def rare(rows: int, rng: np.random.Generator) -> Side:
        hit = (rng.random(rows) < 0.08).astype(np.int64)
        return Side(rows, {"x": rng.normal(size=rows) + 2 * hit}, {"fraud": hit})

    def turned(rows: int, rng: np.random.Generator) -> Side:
        side = rare(rows, rng)
        return replace(side, numbers={"x": -side.numbers["x"]})

    harm = scores(sides_of(rare, turned, rows=3000), None)["augmentation"]
    assert harm.passed is False
    assert harm.value < harm.floor_low
    assert harm.facts["rare"] == "f1"
    fine = scores(sides_of(rare), None)["augmentation"]
    assert fine.passed is True and fine.state == "holds"
    assert fine.floor_low < fine.value < fine.floor_high


def test_a_number_is_measured_by_ranks_so_that_far_values_do_not_rule() -> None:
    def prices(rows: int, rng: np.random.Generator) -> Side:
        size = rng.normal(size=rows)
        return Side(rows, {"size": size, "price": np.exp(4 * (size + rng.normal(size=rows)))}, {})

    sides = sides_of(prices)
    utility = scores(sides, "price")["utility"]
    # of two bell curves with r = .707, the ranks' r is 6/pi asin(.354) = .690, whose square is .476
    assert utility.floor == pytest.approx(0.476, abs=0.05)
    assert utility.passed is True
    assert utility.facts["kind"] == "number"
    lost = sides.with_made(independent(sides.made, np.random.default_rng(0)))
    assert scores(lost, "price")["utility"].passed is False


def test_several_classes_are_measured_each_against_the_rest() -> None:
    def flowers(rows: int, rng: np.random.Generator) -> Side:
        kind = rng.integers(0, 4, rows)
        return Side(rows, {"x": kind + rng.normal(size=rows) / 5}, {"label": kind})

    sides = sides_of(flowers, rows=400)
    found = scores(sides, None)
    assert found["utility"].facts["kind"] == "classes"
    assert found["utility"].value > 0.9
    assert found["utility"].passed is True


def test_without_unseen_rows_or_with_few_nothing_is_decided() -> None:
    for sides in (sides_of(people, rows=300, unseen=0), sides_of(people, rows=300, unseen=5)):
        found = scores(sides)
        assert {score.passed for score in found.values()} == {None}
        assert all(np.isnan(score.floor) for score in found.values())
        assert found["utility"].facts["tested_on"] == "seen"
    assert {score.passed for score in scores(sides_of(people, rows=60, unseen=500)).values()} == {None}


def test_a_target_that_nothing_predicts_is_not_decided() -> None:
    found = scores(sides_of(people), "sex")
    assert found["utility"].passed is None
    assert found["utility"].facts["predictable"] == "no"


def test_a_made_table_without_the_target_fails() -> None:
    def lost(rows: int, rng: np.random.Generator) -> Side:
        side = people(rows, rng)
        return replace(side, codes={**side.codes, "ill": np.full(rows, -1)})

    assert scores(sides_of(people, lost))["utility"].passed is False


def odd(rows: int, rng: np.random.Generator) -> Side:
    """Every column that makes trouble."""
    huge = rng.choice([1e308, -1e308, np.inf, np.nan, 0.0], rows)
    numbers = {"empty": np.full(rows, np.nan), "same": np.zeros(rows), "huge": huge}
    codes = {
        "none": np.full(rows, -1),
        "one": np.zeros(rows, dtype=np.int64),
        "names": np.arange(rows),
        "label": rng.integers(-1, 3, rows),
    }
    return Side(rows, numbers, codes)


@pytest.mark.parametrize("rows", [0, 1, 7, 40])
def test_odd_tables_of_any_size_neither_crash_nor_warn(rows: int) -> None:
    scores(sides_of(odd, rows=max(rows, 1), unseen=150), None)
    scores(sides_of(odd, rows=150, unseen=rows), None)


@pytest.mark.parametrize("name", ["empty", "same", "huge", "none", "one", "names"])
def test_odd_targets_neither_crash_nor_warn(name: str) -> None:
    scores(sides_of(odd, rows=130), name)


def test_one_column_has_nothing_to_predict_from() -> None:
    def one(rows: int, rng: np.random.Generator) -> Side:
        return Side(rows, {}, {"label": rng.integers(0, 2, rows)})

    assert scores(sides_of(one), None) == {}


def test_one_seed_one_result() -> None:
    sides = sides_of(people, rows=150)
    assert [s.to_json() for s in work(sides)] == [s.to_json() for s in work(sides)]
