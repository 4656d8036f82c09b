"""Who is treated differently? In worlds whose groups and gaps are known."""

import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sampan.errors import RequestError
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides
from sampan.evaluate.treated import treated
from sampan.evaluate.treated.gap import odds_difference, parity_difference
from sampan.evaluate.treated.grouping import groupings, protected_columns
from tests.evaluate.work.people import people, sides_of

pytest.importorskip("sklearn")


def scores(sides: Sides, *protected: str, target: str | None = "ill") -> dict[str, Score]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = treated(sides, protected=protected, target=target)
    for score in found:
        score.to_json()
    return {score.name: score for score in found}


def decides(strength: float) -> Callable[[int, np.random.Generator], Side]:
    """People whose outcome rests on skill, and so much on sex."""

    def draw(rows: int, rng: np.random.Generator) -> Side:
        sex, skill = rng.integers(0, 2, rows), rng.normal(size=rows)
        hired = (skill + strength * (sex - 0.5) + rng.normal(size=rows) / 2 > 0).astype(np.int64)
        return Side(rows, {"skill": skill}, {"sex": sex, "hired": hired})

    return draw


def test_real_rows_pass_everything() -> None:
    found = scores(sides_of(people), "sex", "tribe")
    assert list(found) == ["representation", "outcome", "parity", "odds"]
    assert {score.passed for score in found.values()} == {True}
    assert found["outcome"].facts["positive"] == "i1"


def test_half_of_a_small_group_gone_is_told_with_its_name() -> None:
    found = scores(sides_of(people, lambda n, rng: people(n, rng, rare=0.04), rows=4000), "sex", "tribe")
    representation = found["representation"]
    assert representation.passed is False
    assert "tribe=t1" in representation.parts[0].name
    tribe = next(part for part in representation.parts if part.name == "tribe=t1")
    assert tribe.low < 50 < tribe.high
    assert tribe.passed is False
    assert representation.value > representation.floor


def test_a_group_at_a_crossing_counts_though_each_of_its_columns_looks_right() -> None:
    def crossed(rows: int, rng: np.random.Generator) -> Side:
        side = people(rows, rng, rare=0.3)
        sex = np.where(side.codes["tribe"] == 1, (rng.random(rows) < 0.2), (rng.random(rows) < 0.629))
        return replace(side, codes={**side.codes, "sex": sex.astype(np.int64)})

    found = scores(sides_of(lambda n, rng: people(n, rng, rare=0.3), crossed), "sex", "tribe")
    parts = {part.name: part.passed for part in found["representation"].parts}
    assert parts["sex=s1, tribe=t1"] is False
    assert parts["sex=s1"] is True


def test_a_group_that_meets_the_outcome_more_often_among_made_rows_is_told() -> None:
    found = scores(sides_of(decides(0.0), decides(1.0)), "sex", target="hired")
    outcome = found["outcome"]
    assert outcome.passed is False
    # probit: P(skill + noise > +-.5) with a spread of sqrt 1.25 is .5 +- .173
    assert outcome.value == pytest.approx(17.3, abs=4)
    assert outcome.low < 17.3 < outcome.high


def test_a_gap_that_only_made_rows_teach_fails_and_one_that_real_rows_teach_does_not() -> None:
    found = scores(sides_of(decides(0.0), decides(1.0)), "sex", target="hired")
    parity, odds = found["parity"], found["odds"]
    assert (parity.passed, odds.passed) == (False, False)
    # a model that selects where skill > -+.5 selects .691 of one sex and .309 of the other
    assert parity.value == pytest.approx(0.383, abs=0.06)
    assert parity.floor < 0.06
    assert parity.low < 0.383 < parity.high
    just = scores(sides_of(decides(1.0)), "sex", target="hired")
    assert just["parity"].passed is True
    assert just["parity"].floor == pytest.approx(0.383, abs=0.06)
    closing = scores(sides_of(decides(1.0), decides(0.0)), "sex", target="hired")
    assert (closing["parity"].passed, closing["odds"].passed) == (True, True)


def test_gaps_are_those_of_fairlearn() -> None:
    metrics = pytest.importorskip("fairlearn.metrics")
    rng = np.random.default_rng(0)
    for groups in (2, 5):
        truth, chosen = rng.random(500) < 0.4, rng.random(500) < 0.5
        group = rng.integers(0, groups, 500)
        expected = metrics.demographic_parity_difference(truth, chosen, sensitive_features=group)
        assert parity_difference(chosen, group)[0] == pytest.approx(expected, abs=1e-9)
        expected = metrics.equalized_odds_difference(truth, chosen, sensitive_features=group)
        assert odds_difference(truth, chosen, group)[0] == pytest.approx(expected, abs=1e-9)


def test_protected_columns_are_guessed_in_english_and_in_chinese() -> None:
    def named(rows: int, rng: np.random.Generator) -> Side:
        names = ("Marital-Status", "性別", "國籍", "passage", "income")
        return Side(
            rows, {"Age": rng.integers(18, 90, rows) * 1.0}, {n: rng.integers(0, 2, rows) for n in names}
        )

    sides = sides_of(named)
    assert protected_columns(sides, ()) == ["Age", "Marital-Status", "性別", "國籍"]
    assert protected_columns(sides, ("passage",)) == ["passage"]
    assert protected_columns(sides, (), "性別") == ["Age", "Marital-Status", "國籍"]
    assert groupings(sides, ["Age"])[0].groups[-1] == "Age=>=65"
    found = scores(sides, target=None)
    assert found["outcome"].facts["target"] == "income"
    assert found["outcome"].facts["protected_guessed"] == "yes"
    with pytest.raises(RequestError, match="性别.*\n.*性別"):
        treated(sides, protected=["性别"])


def test_where_nobody_is_protected_or_nothing_happens_to_them_there_is_no_score() -> None:
    def things(rows: int, rng: np.random.Generator) -> Side:
        return Side(rows, {"weight": rng.normal(size=rows)}, {})

    def only_people(rows: int, rng: np.random.Generator) -> Side:
        return Side(rows, {}, {"sex": rng.integers(0, 2, rows)})

    assert scores(sides_of(things), target=None) == {}
    assert list(scores(sides_of(only_people), "sex", target=None)) == ["representation"]


def test_a_number_splits_at_its_quarters_and_missing_cells_are_a_group() -> None:
    def paid(rows: int, rng: np.random.Generator) -> Side:
        wealth = np.where(rng.random(rows) < 0.2, np.nan, rng.lognormal(size=rows))
        return Side(rows, {"wealth": wealth, "score": rng.normal(size=rows)}, {})

    sides = sides_of(paid)
    grouping = groupings(sides, ["wealth"])[0]
    assert len(grouping.groups) == 5
    assert grouping.groups[-1] == "wealth=missing"
    assert np.mean(grouping.seen == 4) == pytest.approx(0.2, abs=0.03)
    assert set(scores(sides, "wealth", target="score")) == {"representation", "outcome", "parity", "odds"}


@pytest.mark.parametrize("rows", [0, 1, 40])
def test_odd_tables_neither_crash_nor_warn(rows: int) -> None:
    def odd(count: int, rng: np.random.Generator) -> Side:
        numbers = {"age": np.full(count, np.nan), "far": rng.choice([1e308, -np.inf, np.nan], count)}
        codes = {"race": np.full(count, -1), "name": np.arange(count), "ill": rng.integers(-1, 2, count)}
        return Side(count, numbers, codes)

    for sides in (
        sides_of(odd, rows=max(rows, 1), unseen=400),
        sides_of(odd, rows=400, unseen=rows),
    ):
        for protected in ((), ("name", "far"), ("ill",)):
            found = scores(sides, *protected, target=None)
            if sides.unseen.rows == 0:
                assert {score.passed for score in found.values()} <= {None}
