"""The three tables of a judgement as arrays."""

import numpy as np

from sampan.column import from_numpy, from_strings
from sampan.evaluate.eyes import Learning
from sampan.evaluate.learners import LEVELS, features
from sampan.evaluate.sides import Comparable, Sides, independent, planted, sides, stacked


def three() -> Sides:
    tables = [
        {"n": from_numpy(np.array([1.0, np.nan, 3.0])), "c": from_strings(["a", "b", None])},
        {"n": from_numpy(np.array([4.0])), "c": from_strings(["b"])},
        {"n": from_numpy(np.array([5.0, 6.0])), "c": from_strings(["c", "a"])},
    ]
    return sides(
        Comparable(tables, {"n": "number", "c": "category"}, {}, [], [len(table["n"]) for table in tables]),
        Learning(seed=3),
    )


def test_a_code_means_the_same_value_on_all_sides() -> None:
    found = three()
    values = [[found.labels["c"][i] if i >= 0 else None for i in side.codes["c"]] for side in found.each]
    assert values == [["a", "b", None], ["b"], ["c", "a"]]
    assert [side.rows for side in found.each] == [3, 1, 2]
    assert found.seen.missing("n").tolist() == [False, True, False]
    assert found.seen.missing("c").tolist() == [False, False, True]


def test_rows_are_taken_whole() -> None:
    found = three()
    both = stacked(found.seen, found.made).take(np.array([4, 0]))
    assert both.numbers["n"].tolist() == [6.0, 1.0]
    assert both.codes["c"].tolist() == [found.labels["c"].index("a")] * 2
    assert found.seen.some(2, np.random.default_rng(0)).rows == 2


def test_independent_columns_keep_their_values_and_lose_their_rows() -> None:
    rng = np.random.default_rng(0)
    wide = stacked(*[three().seen] * 200)
    loose = independent(wide, rng)
    assert sorted(loose.codes["c"]) == sorted(wide.codes["c"])
    pairs = set(zip(loose.codes["c"], np.nan_to_num(loose.numbers["n"]), strict=True))
    assert len(pairs) == 9  # every combination, where the real rows have three


def test_a_planted_leak_has_the_share_that_was_asked_for() -> None:
    found = three()
    made = stacked(*[found.made] * 50)
    leaky = planted(made, stacked(*[found.unseen] * 50), 0.1, np.random.default_rng(0))
    assert leaky.rows == 100
    assert (leaky.numbers["n"] == 4.0).sum() == 10


def test_rare_values_of_a_category_become_one_level() -> None:
    names = [f"v{i}" for i in range(LEVELS + 40)]
    common = [*names[:LEVELS], *names]  # the first ones occur twice
    tables = [{"c": from_strings(common)}, {"c": from_strings(names[-2:])}, {"c": from_strings([None])}]
    found = sides(Comparable(tables, {"c": "category"}, {}, [], [len(table["c"]) for table in tables]))
    (seen, unseen, made), is_category = features(found.each, found.kinds)
    assert is_category.tolist() == [True]
    assert len(np.unique(seen)) == LEVELS + 1
    assert unseen.ravel().tolist() == [LEVELS, LEVELS]
    assert np.isnan(made).all()
