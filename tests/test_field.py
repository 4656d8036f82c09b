"""What a codec has without saying so: cells of a grid that are missing are made up, all others stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from sampan.column import Column, from_strings
from sampan.field import Box, Codec, Condition, Leaves, Rows
from sampan.fields import Category
from sampan.space import Choice, Space


class Bits(Codec):
    """Three digits 0 or 1 on a line."""

    kind: ClassVar[str] = "bits"

    @property
    def spaces(self) -> Mapping[str, Space]:
        return {"": Choice(2, grid=(3,))}

    def encode(self, column: Column) -> Leaves:
        return {"": np.array([[int(digit) for digit in text or "000"] for text in column.to_pylist()])}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        return from_strings(["".join(map(str, line)) for line in leaves[""].tolist()])

    def allow(self, condition: Condition) -> list[Box]:
        return []

    def describe(self) -> str:
        return "three bits"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        return cls()


def test_missing_cells_of_a_grid_are_made_and_all_others_stay() -> None:
    codec, cells = Bits(), from_strings(["101", None, "011"])
    assert codec.dimensions == 1 and codec.known(from_strings(["101"])) is None
    known = codec.known(cells)
    assert known is not None and known.tolist() == [[True] * 3, [False] * 3, [True] * 3]
    made = codec.complete(cells, {"": np.array([[0, 0, 0], [1, 1, 0], [0, 0, 0]])})
    assert made.to_pylist() == ["101", "110", "011"]


def test_a_missing_cell_of_no_grid_is_known_to_be_missing() -> None:
    cells = from_strings(["a", None, "a"])
    assert Category().fit(cells).known(cells) is None
