"""What the checks of fields do with cells: drawn, compared, shown in a message."""

from __future__ import annotations

from typing import Any

import numpy as np

from sampan.arrow_type import as_text
from sampan.column import Column, codes, from_strings, holds_bytes, join
from sampan.field import Codec
from sampan.space import Choice


def expect(holds: Any, otherwise: str) -> None:
    """Assert that survives `python -O`."""
    if not holds:
        raise AssertionError(otherwise)


def points_of(codec: Codec, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Random values of every leaf, uniform over symbols and noise: what no model would dare to draw."""
    leaves: dict[str, np.ndarray] = {}
    for name, space in codec.spaces.items():
        match space:
            case Choice(size=size, grid=grid):
                leaves[name] = rng.integers(0, size, (count, *grid))
            case _:
                leaves[name] = rng.normal(size=(count, space.channels, *space.grid)).astype(np.float32)
    return leaves | noise_of(codec, count, rng)


def noise_of(codec: Codec, count: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Noise leaves for so many cells, drawn."""
    return {name: rng.random(count) for name in codec.noise}


def same(a: Column, b: Column) -> np.ndarray:
    """Which cells hold the same (null equals null): bool (rows,)."""
    index, _ = codes(plain(join([a, b])))
    return index[: len(a)] == index[len(a) :]


def plain(column: Column) -> Column:
    """As text whose equality is that of the cells; bytes as hexadecimal digits."""
    if not holds_bytes(column):
        return as_text(column)
    return from_strings([None if cell is None else cell.hex() for cell in column.to_pylist()])


def shown(column: Column, row: int) -> str:
    """A cell, as a message says it."""
    return repr(column.slice(row, 1).to_pylist()[0])


def first(flags: np.ndarray) -> int:
    """The first row of which something holds."""
    return int(np.flatnonzero(flags)[0])
