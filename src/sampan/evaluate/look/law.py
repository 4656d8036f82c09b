"""Law: what holds in every row of a table, or in a share of them, as the judge asks it of other tables."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.sides import Side

SUPPORT = 30.0
"""Expected breaks among shuffled columns. That none occurs by luck has then a chance of e ** -30; a law that
one row in n of the real table breaks is still found now and then, which the floor shows."""

Broken = Callable[[Side], np.ndarray]


@dataclass(frozen=True, eq=False)
class Law:
    """What holds: its name, the breaks expected were columns shuffled, and who breaks it.

    share: of the rows that say something of it, those for which it holds; 1 but for a law of some rows.
    """

    name: str
    support: float
    broken: Broken
    share: float = 1.0
