"""Does it look right? Single columns, pairs, whole rows, holes and rules, each beside its floor."""

from __future__ import annotations

from collections.abc import Callable

from sampan.evaluate.look.absence import absence
from sampan.evaluate.look.c2st import c2st
from sampan.evaluate.look.chance import MOST_ROWS
from sampan.evaluate.look.groups import groups
from sampan.evaluate.look.likeness import likeness
from sampan.evaluate.look.neighbours import neighbours
from sampan.evaluate.look.repeats import repeats
from sampan.evaluate.look.rules import rules
from sampan.evaluate.look.shape import shape
from sampan.evaluate.look.trend import trend
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides

__all__ = ["look"]

KEPT_ROWS = 3 * MOST_ROWS
"""Rows of each side that are looked at: three samples' worth. Memory then does not grow with the tables."""


def look(
    sides: Sides,
    *,
    trained: bool = True,
    on_stage: Callable[[str, int, int], None] = lambda stage, done, planned: None,
) -> list[Score]:
    """Does it look right? The scores shape, trend, c2st, precision, recall, coverage, absence, rules and
    groups.

    Of every column of points, besides, frechet, kernel, precision, recall, density, coverage and repeats.
    A score that makes no sense for these tables (no second column, nothing missing, no rule) is left out.
    trained=False leaves out c2st, the one that needs the extra "judge". on_stage: as of `Learning`.
    """
    if not sides.seen.rows or not sides.made.rows:
        return []
    fewer = sides.some(KEPT_ROWS, sides.rng("look"))
    told = [*shape(fewer), *trend(fewer.whole), *(c2st(fewer.whole) if trained else [])]
    told += [*neighbours(fewer.whole), *absence(fewer), *rules(fewer), *groups(sides)]
    for name in sides.points:
        told += [score.of(name) for score in (*likeness(fewer, name, on_stage), *repeats(fewer, name))]
    return told
