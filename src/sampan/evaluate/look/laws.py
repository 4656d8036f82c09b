"""Laws: what holds in every row of a table, found in the rows themselves.

    b is one value for each a           `dependencies`: also of two columns, and values that never meet
    a <= b, c = a + b, c = k * a        `relations`: among numbers and dates
    b is 0 where k = no                 `special`: zeros, holes, and what numbers are written in

Found in the seen rows; `rules` confirms each on real rows that had no say in it.
"""

from __future__ import annotations

import numpy as np

from sampan.evaluate.look.dependencies import dependencies
from sampan.evaluate.look.law import Law
from sampan.evaluate.look.relations import NUMBERS, relations
from sampan.evaluate.look.special import specials
from sampan.evaluate.sides import Sides

MOST = 150
"""Laws that are kept: plain ones first, then those that forbid most."""

MOST_ROWS = 20_000
"""Seen rows among which laws are looked for: a law that holds in them is confirmed on others."""


def laws(sides: Sides) -> list[Law]:
    """What holds in every seen row, the laws that forbid most first; at most MOST."""
    seen = sides.seen.some(MOST_ROWS, sides.rng("laws"))
    names = [name for name in sides.numbers if not np.isnan(seen.numbers[name]).all()][:NUMBERS]
    moments = frozenset(name for name in names if name in sides.ticks)
    plain = relations(seen, names, moments)
    special = specials(seen, sides, names)
    rest = sorted(dependencies(seen, sides, [*plain, *special]), key=lambda law: -law.support)
    found = [*plain, *special, *rest]
    return sorted(found[:MOST], key=lambda law: -law.support)
