"""Which column people would predict."""

import numpy as np
import pytest

from sampan.errors import RequestError
from sampan.evaluate.columns import Kind
from sampan.evaluate.sides import Side, Sides
from sampan.evaluate.work.target import Target, chosen


def sides_with(**columns: np.ndarray) -> Sides:
    rows = len(next(iter(columns.values())))
    numbers = {name: cells for name, cells in columns.items() if cells.dtype == np.float64}
    codes = {name: cells for name, cells in columns.items() if cells.dtype != np.float64}
    side = Side(rows, numbers, codes)
    kinds: dict[str, Kind] = {name: "number" if name in numbers else "category" for name in columns}
    labels = {name: [f"v{code}" for code in range(1 + int(cells.max()))] for name, cells in codes.items()}
    return Sides(side, side, side, kinds, labels, {})


def found(sides: Sides, target: str | None = None) -> Target:
    target_found = chosen(sides, target)
    assert target_found is not None
    return target_found


few, many, yes = np.arange(100) % 3, np.arange(100), np.arange(100) % 2
amount = np.arange(100) * 1.5


def test_a_name_that_means_an_outcome_wins_then_the_last_short_category_then_the_last_number() -> None:
    assert found(sides_with(income=yes, city=few, code=many)).name == "income"
    assert found(sides_with(HasChurned=amount % 2, city=few)).name == "city"  # too many values to be classes
    assert found(sides_with(流失=yes, city=few)).name == "流失"
    assert found(sides_with(a=yes, city=few, code=many, amount=amount)).name == "city"
    assert found(sides_with(code=many, first=amount, last=amount)).name == "last"
    assert found(sides_with(class_=many, amount=amount)).guessed
    assert chosen(sides_with(code=many), None) is None


def test_a_number_of_two_values_is_yes_and_no() -> None:
    target = found(sides_with(default=(yes * 1.0), amount=amount))
    assert (target.name, target.classes) == ("default", ("0", "1"))
    side = Side(3, {"default": np.array([0.2, 0.9, np.nan])}, {})
    np.testing.assert_equal(target.values(side), [0, 1, np.nan])


def test_a_named_target_with_many_values_keeps_the_frequent_ones() -> None:
    codes = np.concatenate([np.repeat(np.arange(20), 5), np.arange(20, 60)])
    target = found(sides_with(code=codes), "code")
    assert not target.guessed
    assert len(target.classes) == 21
    assert set(target.values(Side(2, {}, {"code": np.array([59, 58])}))) == {20.0}


def test_a_made_value_that_no_real_row_holds_is_no_class() -> None:
    sides = sides_with(label=yes, amount=amount)
    wider = Sides(sides.seen, sides.unseen, sides.made, sides.kinds, {"label": ["n", "y", "new"]}, {})
    values = found(wider).values(Side(3, {}, {"label": np.array([1, 2, -1])}))
    np.testing.assert_equal(values, [1, np.nan, np.nan])


def test_the_rare_class_and_the_longer_tail() -> None:
    codes = np.repeat([0, 1, 2], [500, 30, 5])
    sides = sides_with(label=codes, size=np.linspace(0, 10, 535) ** 4)
    name, bounds = found(sides).rare(sides.seen)
    assert name == "v1"  # v2 has fewer rows than teach anything
    assert bounds is not None
    assert np.nansum(found(sides).is_rare(sides.seen, bounds)) == 30
    size = found(sides, "size")
    name, bounds = size.rare(sides.seen)
    assert name.startswith(">")
    assert bounds is not None
    assert 26 <= np.nansum(size.is_rare(sides.seen, bounds)) <= 28  # a twentieth, to a round number


def test_a_column_that_is_not_there_is_an_error_that_names_the_near_one() -> None:
    with pytest.raises(RequestError, match="incme.*\n.*income"):
        chosen(sides_with(income=yes, city=few), "incme")
