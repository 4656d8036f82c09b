"""The three attacks of Giomi et al.: who was copied is found out, who was not is left alone."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from sampan.errors import RequestError
from sampan.evaluate.columns import Kind
from sampan.evaluate.found.inference import inference
from sampan.evaluate.found.linkability import linkability
from sampan.evaluate.found.risk import Tries, risk
from sampan.evaluate.found.singling_out import singling_out
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Side, Sides, independent, planted

ATTACKS = [singling_out, linkability, inference]
Attack = Callable[[Sides], list[Score]]


def people(rows: int, seed: int) -> Side:
    """Age and pay go together; the town is of nobody else's concern."""
    rng = np.random.default_rng(seed)
    age = rng.normal(size=rows)
    pay = np.where(rng.random(rows) < 0.1, np.nan, age + rng.normal(size=rows))
    codes = {"town": rng.integers(-1, 8, rows), "job": rng.integers(0, 5, rows)}
    return Side(rows, {"age": age, "pay": pay}, codes)


def world(rows: int = 600, unseen: int | None = None, copied: float = 0.0) -> Sides:
    seen, other, made = people(rows, 0), people(rows if unseen is None else unseen, 1), people(rows, 2)
    if copied:
        made = planted(made, seen, copied, np.random.default_rng(3))
    kinds: dict[str, Kind] = {"age": "number", "pay": "number", "town": "category", "job": "category"}
    return Sides(seen, other, made, kinds, {}, {})


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_blames_copies_and_no_luck(attack: Attack) -> None:
    (clean,) = attack(world())
    (leaky,) = attack(world(copied=0.3))
    assert clean.passed is True
    assert clean.low <= 0.0 <= clean.high
    assert leaky.passed is False
    assert leaky.low > 0.0 == leaky.floor
    assert attack(world()) == [clean]  # one seed, one result


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_planted_leak_is_a_tenth_of_the_made_rows(attack: Attack) -> None:
    """The attack that sees a copy for certain reads about the share that was copied."""
    (score,) = attack(world(1500))
    assert 5.0 < score.parts[0].power < 17.0


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_that_would_not_have_seen_a_leak_passes_nobody(attack: Attack) -> None:
    """Two categories say the same of everybody: who is copied cannot be told from who is not."""

    def crowd(seed: int) -> Side:
        rng = np.random.default_rng(seed)
        return Side(400, {}, {name: rng.integers(0, 2, 400) for name in "ab"})

    (score,) = attack(Sides(crowd(0), crowd(1), crowd(2), {"a": "category", "b": "category"}, {}, {}))
    assert score.passed is None


@pytest.mark.parametrize("attack", ATTACKS)
def test_little_decides_nothing_and_nothing_is_no_score(attack: Attack) -> None:
    assert {score.passed for score in attack(world(40, copied=0.5))} == {None}
    assert attack(world(unseen=0)) == []
    gone = np.full(60, np.nan)
    empty = Side(60, {"a": gone, "b": gone}, {})
    for score in attack(Sides(empty, empty, empty, {"a": "number", "b": "number"}, {}, {})):
        assert score.passed is None


def test_what_anybody_could_infer_is_no_risk() -> None:
    """A secret that the other columns tell of strangers too is guessed right, and harms nobody."""

    def open_secret(seed: int) -> Side:
        codes = np.random.default_rng(seed).integers(0, 40, 500)
        return Side(500, {}, {"place": codes, "code": codes})

    kinds: dict[str, Kind] = {"place": "category", "code": "category"}
    (score,) = inference(Sides(open_secret(0), open_secret(1), open_secret(2), kinds, {}, {}), ["code"])
    assert score.facts["success"] == score.facts["control"] == 100.0
    assert score.value == 0.0
    assert score.passed is None


def test_a_secret_must_be_a_column() -> None:
    (score,) = inference(world(), secrets=["town"])
    assert [part.name for part in score.parts] == ["town"]
    with pytest.raises(RequestError, match='Did you mean "town"'):
        inference(world(), secrets=["twon"])


def test_secrets_are_attacked_one_by_one_however_many_are_named() -> None:
    sides = world(200)
    (together,) = inference(sides, list(sides.kinds))
    alone = [inference(sides, [name])[0].parts[0] for name in sides.kinds]
    assert {part.name: part for part in together.parts} == {part.name: part for part in alone}


def test_numbers_that_one_person_held_single_that_person_out() -> None:
    """Columns shuffled by themselves copy nobody, and yet repeat what one learned row alone held."""
    sides = world(400)
    own = independent(sides.seen, np.random.default_rng(5))
    (score,) = singling_out(sides.with_made(own))
    assert score.facts["worst"] == "one column"
    assert score.value > 80.0
    assert {part.name: part.passed for part in score.parts}["one column"] is False
    assert {part.passed for part in score.parts[1:]} <= {True, None}
    # the same numbers to the nearest tenth are nobody's own
    coarse_ones = [
        Side(side.rows, {name: np.round(cells, 1) for name, cells in side.numbers.items()}, side.codes)
        for side in (sides.seen, sides.unseen, own)
    ]
    seen, unseen, made = coarse_ones
    (coarse,) = singling_out(Sides(seen, unseen, made, sides.kinds, {}, {}))
    assert coarse.passed is not False


def test_one_column_can_be_singled_out_by_and_nothing_else() -> None:
    def column(seed: int) -> Side:
        return Side(300, {"x": np.random.default_rng(seed).normal(size=300)}, {})

    sides = Sides(column(0), column(1), column(0), {"x": "number"}, {}, {})
    assert singling_out(sides)[0].passed is False
    assert linkability(sides) == inference(sides) == []


def test_a_risk_is_the_surplus_over_strangers() -> None:
    assert Tries(100, 60, 20, (60, 20), (100, 100)).risk[0] == 50.0
    assert Tries(100, 20, 20, (20, 20), (100, 100)).risk[0] == 0.0
    assert Tries(100, 100, 100, (100, 100), (100, 100)).risk[0] == 0.0
    value, low, high = Tries(100, 100, 0, (100, 0), (100, 100)).risk
    assert low < value == high == 100.0
    # the same description found over and over is one person, not many
    assert Tries(1000, 300, 0, (1, 0), (500, 500)).fails is False
    none = Tries(0, 0, 0, (0, 0), (500, 500))
    assert math.isnan(none.risk[0]) and not none.fails


def test_what_was_there_before_does_not_count_as_the_planted_leak() -> None:
    before = Tries(1000, 60, 30, (60, 30), (1000, 1000))
    after = Tries(1000, 80, 30, (80, 30), (1000, 1000))
    assert not before.fails and after.fails
    assert after.without(before).risk[0] == pytest.approx(100 * 20 / 970)
    assert not after.without(before).fails


def test_an_attack_without_power_whose_interval_lies_beyond_nothing_is_a_finding() -> None:
    blind = Tries(200, 30, 14, (30, 14), (200, 200))
    fine = Tries(200, 10, 10, (10, 10), (200, 200))
    sharp = Tries(200, 90, 10, (90, 10), (200, 200))
    assert not blind.fails and blind.risk[1] > 0 and sharp.fails
    score = risk("inference", {"age": (blind, blind), "income": (fine, sharp)}, 200).settled()
    assert (score.state, score.passed, score.facts["worst"]) == ("beyond", None, "age")
    calm = risk("inference", {"age": (fine, fine), "income": (fine, sharp)}, 200).settled()
    assert (calm.state, calm.passed, calm.facts["worst"]) == ("holds", True, "income")
