"""The contract checks themselves: a codec that breaks a promise is caught, in words that say which."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from sampan.column import Column, from_strings
from sampan.field import Box, Labels, Leaves, Missing, Rows, Scale
from sampan.fields.category import Category, CategoryCodec
from sampan.testing import check_field

WORDS = from_strings([f"v{i}" for i in np.random.default_rng(0).zipf(1.3, 2000) % 300] + [None])


def broken(**methods: Callable[..., Any]) -> Category:
    """A field whose codec has some methods replaced by wrong ones."""
    codec = type("Broken", (CategoryCodec,), methods)

    def fit(self: Category, column: Column) -> CategoryCodec:
        right = Category.fit(self, column)
        return codec(*(getattr(right, field.name) for field in fields(right)))

    return type("BrokenField", (Category,), {"fit": fit})()


def off_by_one(self: CategoryCodec, column: Column) -> Leaves:
    return {"": CategoryCodec.encode(self, column)[""] + 1}


def short(self: CategoryCodec, leaves: Leaves, rows: Rows) -> Column:
    return CategoryCodec.decode(self, leaves, rows).slice(1)


def without_missing(self: CategoryCodec, leaves: Leaves, rows: Rows) -> Column:
    texts = CategoryCodec.decode(self, leaves, rows).to_pylist()
    return from_strings([str(text) for text in texts])


def restless(self: CategoryCodec, leaves: Leaves, rows: Rows) -> Column:
    made = CategoryCodec.decode(self, leaves, rows).to_pylist()
    return from_strings(np.random.default_rng().permutation(np.array(made, dtype=object)).tolist())


def twice(self: CategoryCodec, condition: Any) -> list[Box]:
    return CategoryCodec.allow(self, condition) * 2


def all_or_nothing(self: CategoryCodec, condition: Any) -> list[Box]:
    return CategoryCodec.allow(self, condition) if isinstance(condition, Missing) else []


def not_json(self: CategoryCodec) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    values, arrays = CategoryCodec.state(self)
    return values | {"share": float("nan")}, arrays


def even_share(self: CategoryCodec, column: Column) -> np.ndarray:
    return np.full(len(column), np.log(0.5))


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"encode": off_by_one}, "its Choice has"),
        ({"decode": short}, "decode gave 2000 rows for 2001"),
        ({"decode": without_missing}, "a missing cell came back with a value"),
        ({"decode": restless}, "two results for the same leaves"),
        ({"allow": twice}, "boxes overlap"),
        ({"allow": all_or_nothing}, "is outside the boxes"),
        ({"state": not_json}, "not plain JSON"),
        ({"log_share": even_share}, "log_share says that"),
        ({"view": lambda self, column: Labels(column.slice(1))}, "labels of a view"),
        ({"view": lambda self, column: Scale(np.zeros(len(column)))}, "a missing cell has a number"),
        ({"holds": lambda self, condition, column: np.zeros(len(column), dtype=bool)}, "holds"),
        ({"describe": lambda self: ""}, "describe"),
        ({"kind": "other"}, "the codec's kind is 'other'"),
    ],
)
def test_broken_promises_are_caught(methods: dict[str, Callable[..., Any]], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        check_field(broken(**methods), WORDS)


def test_what_works_passes() -> None:
    check_field(broken(), WORDS)
