"""Law: what holds in every row of a table, and how much it forbids.

A law is kept only if it forbids something: were the columns that it binds shuffled, it would be expected to
break in at least SUPPORT rows, and it broke in none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.sides import Side

SUPPORT = 30.0
"""Expected breaks among shuffled columns. That none occurs by luck has then a chance of e ** -30; a law that
one row in n of the real table breaks is still found now and then, which the floor shows."""

STEPS = (500, 5_000)
"""Rows on which a candidate is tried first: most fail there, and cost nothing more."""

Broken = Callable[[Side], np.ndarray]


@dataclass(frozen=True, eq=False)
class Law:
    """What holds in every row: its name, the breaks expected were columns shuffled, and who breaks it.

    columns: those that it binds, so that a law which another one implies can be left out.
    """

    name: str
    support: float
    broken: Broken
    columns: tuple[str, ...] = ()


def spread(code: np.ndarray) -> float:
    """The chance that two rows differ, of codes from 0."""
    shares = np.bincount(code) / max(code.size, 1)
    return 1.0 - float((shares * shares).sum())


def holds(true: Callable[..., np.ndarray], *columns: np.ndarray) -> bool:
    """Whether something holds in every row in which nothing is missing, and there is such a row."""
    for rows in (*STEPS, len(columns[0])):
        part = [column[:rows] for column in columns]
        there = ~np.isnan(np.sum(part, axis=0)) if len(part) > 1 else ~np.isnan(part[0])
        if (there & ~true(*part)).any():
            return False
        if rows >= len(columns[0]):
            return bool(there.any())
    return False
