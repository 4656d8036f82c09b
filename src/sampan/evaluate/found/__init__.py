"""Could someone be found in it? Copies, neighbours and attacks, beside what unseen rows reach."""

from __future__ import annotations

from collections.abc import Sequence

from sampan.evaluate.found import cells
from sampan.evaluate.found.cells import ClosePoints
from sampan.evaluate.found.copies import copies
from sampan.evaluate.found.inference import inference
from sampan.evaluate.found.linkability import linkability
from sampan.evaluate.found.membership import membership
from sampan.evaluate.found.near import Close, near
from sampan.evaluate.found.singling_out import singling_out
from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides

__all__ = ["Close", "ClosePoints", "found", "found_cells"]


def found(sides: Sides, *, secrets: Sequence[str] = (), shown: int = 10) -> tuple[list[Score], list[Close]]:
    """Could someone be found in it? The scores, and the closest pairs, at most `shown`.

    Of columns of points see `found_cells`. secrets: the columns that inference attacks; it chooses where none
    is named.
    """
    whole = sides.whole
    scores, pairs = near(whole, shown=shown)
    attacks: list[Score] = []
    if not sides.points or len(sides.kinds) > 1:  # one label beside a picture is nobody's description
        attacks = singling_out(sides) + linkability(whole) + inference(whole, secrets)
    return copies(sides) + scores + membership(whole) + attacks, pairs


def found_cells(sides: Sides, *, shown: int = 12) -> tuple[list[Score], dict[str, list[ClosePoints]]]:
    """The same of single cells: the scores of every column of points, and its closest pairs."""
    scores: list[Score] = []
    pairs: dict[str, list[ClosePoints]] = {}
    for name in sides.points:
        rng = sides.rng(f"cells {name}")
        both = cells.compared(sides, name, rng)
        copied, pairs[name] = cells.copies(both, shown=shown)
        scores += [score.of(name) for score in (*copied, *cells.near(both, rng))]
    return scores, pairs
