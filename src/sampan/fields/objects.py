"""Objects: cells that text stands for, such as lists, sets and UUIDs, and what is said of them."""

from __future__ import annotations

from sampan.column import stands_for
from sampan.look import ENOUGH, Look

_CALLED = {
    "bytes": "bytes",
    "complex": "complex numbers",
    "frozenset": "sets",
    "uuid": "UUIDs",
    "whole": "whole numbers beyond 64 bits",
}
_REPEATED = 5  # rows for each different cell, on average: fewer, and learning them whole were copying


def called(look: Look) -> str:
    """What the objects of a column are called; "" where its cells are what they are."""
    kind = stands_for(look.column)
    if kind.startswith("["):
        return "structs" if kind.startswith('["struct"') else "lists"
    return _CALLED.get(kind, f"{kind}s") if kind else ""


def name_records(look: Look) -> bool:
    """Whether they are of a kind that names records, and hardly repeat."""
    return stands_for(look.column) in ("uuid", "whole") and len(look.distinct) > look.rows / _REPEATED


def come_back(look: Look) -> bool:
    """Whether they repeat, so that they can be learned whole."""
    return len(look.distinct) <= max(ENOUGH, look.rows / _REPEATED)
