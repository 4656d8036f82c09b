"""Close: a made row beside the learned row nearest to it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Close:
    """A made row and the learned row nearest to it.

    made, seen: positions of the rows. distance: between them; unseen: to the nearest row never learned.
    """

    made: int
    seen: int
    distance: float
    unseen: float
