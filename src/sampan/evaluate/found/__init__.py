"""Could someone be found in it? Copies, neighbours and attacks, beside what unseen rows reach."""

from __future__ import annotations

from collections.abc import Sequence

from sampan.evaluate.found.close import Close
from sampan.evaluate.found.copies import copies
from sampan.evaluate.found.inference import inference
from sampan.evaluate.found.linkability import linkability
from sampan.evaluate.found.membership import membership
from sampan.evaluate.found.near import near
from sampan.evaluate.found.singling_out import singling_out
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides

__all__ = ["Close", "found"]


def found(sides: Sides, *, secrets: Sequence[str] = (), shown: int = 10) -> tuple[list[Score], list[Close]]:
    """Could someone be found in it? The scores, and the closest pairs, at most `shown`.

    secrets: the columns that inference attacks; it chooses where none is named.
    """
    scores, pairs = near(sides, shown=shown)
    attacks = singling_out(sides) + linkability(sides) + inference(sides, secrets)
    return copies(sides) + scores + membership(sides) + attacks, pairs
