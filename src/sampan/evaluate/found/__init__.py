"""Could someone be found in it? Copies and neighbours of learned rows, beside what unseen rows reach."""

from __future__ import annotations

from sampan.evaluate.found.close import Close
from sampan.evaluate.found.copies import copies
from sampan.evaluate.found.membership import membership
from sampan.evaluate.found.near import near
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides

__all__ = ["Close", "found"]


def found(sides: Sides, *, shown: int = 10) -> tuple[list[Score], list[Close]]:
    """Could someone be found in it? The scores, and the closest pairs, at most `shown`."""
    scores, pairs = near(sides, shown=shown)
    return copies(sides) + scores + membership(sides), pairs
