"""Disguise: where a cell lies close to what it copies, also when it was mirrored, moved or reworded.

What a disguise is, the eye of the column knows; here made cells are looked for among seen ones in each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sampan.evaluate.distances import nearest
from sampan.evaluate.eyes import Views
from sampan.evaluate.sides import Sides

WORK = 20_000_000
"""Pairs of cells compared, so that 60,000 seen ones take seconds."""

MOST_MADE, FEWEST_MADE, MOST_SEEN = 2_000, 300, 60_000


@dataclass(frozen=True, eq=False)
class Space:
    """One space of comparison.

    made, unseen: their views. seen: the plain view, float32 (cells, d); views: more of some of its cells, for
    those of 60,000 pictures would take a gigabyte.
    """

    name: str
    made: Views
    seen: np.ndarray
    unseen: Views
    views: Callable[[np.ndarray], Views]


@dataclass(frozen=True, eq=False)
class Compared:
    """The cells of a column that are compared.

    made, seen, unseen: their rows. left_out: positions among these seen ones of some that, each left out in
    turn, are real cells that the rest never saw. each: the spaces.
    """

    made: np.ndarray
    seen: np.ndarray
    unseen: np.ndarray
    left_out: np.ndarray
    each: Sequence[Space]


def compared(sides: Sides, name: str, rng: np.random.Generator) -> Compared:
    """A column of points in every space of its eye; fewer made and unseen cells where there are many seen."""
    cells = sides.points[name]
    most = int(min(MOST_MADE, max(FEWEST_MADE, WORK / max(sides.seen.rows, 1))))
    rows = [
        some(np.flatnonzero(side.places[name] >= 0), top, rng)
        for side, top in ((sides.made, most), (sides.seen, MOST_SEEN), (sides.unseen, most))
    ]
    made, seen, unseen = (
        side.places[name][index]
        for side, index in zip((sides.made, sides.seen, sides.unseen), rows, strict=True)
    )

    def space_of(space: str) -> Space:
        def views(places: np.ndarray) -> Views:
            return cells.eye.views(cells.take(places), space)

        return Space(
            space,
            views(made),
            cells.plain[space][seen],
            views(unseen),
            lambda index: views(seen[index]),
        )

    left_out = some(np.arange(len(seen)), most, rng)
    return Compared(rows[0], rows[1], rows[2], left_out, [space_of(space) for space in cells.eye.spaces])


def some(rows: np.ndarray, most: int, rng: np.random.Generator) -> np.ndarray:
    """At most so many of the rows, drawn without replacement, in order."""
    return rows if len(rows) <= most else np.sort(rng.choice(rows, most, replace=False))


def over_views(
    views: Views, others: np.ndarray, most: int, own: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others under whichever view brings each nearest, each other once: (rows, most).

    own: of each row its own place among the others, which does not count.
    """
    found = [nearest(view, others, min(most + 1, len(others))) for view in views]
    place = np.concatenate([one[0] for one in found], axis=1)
    far = np.concatenate([one[1] for one in found], axis=1)
    if own is not None:
        far = np.where(place == own[:, None], np.inf, far)
    order = np.lexsort((far, place), axis=1)
    place, far = np.take_along_axis(place, order, 1), np.take_along_axis(far, order, 1)
    again = np.zeros(place.shape, bool)
    again[:, 1:] = place[:, 1:] == place[:, :-1]
    far = np.where(again, np.inf, far)
    order = np.argsort(far, axis=1, kind="stable")[:, :most]
    return np.take_along_axis(place, order, 1), np.take_along_axis(far, order, 1)
