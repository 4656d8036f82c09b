"""Counts and seeds that a person gave, of whatever type of whole numbers."""

from __future__ import annotations

import operator
from typing import SupportsIndex

from sampan.errors import RequestError

MOST = 10**12
"""Of anything that is counted one by one."""


def count_of(n: SupportsIndex) -> int:
    """How many records are asked for."""
    return whole_number(n, "records", "For example: -n 1000, or model.sample(1000).")


def whole_number(value: SupportsIndex, what: str, fix: str = "For example: 4.") -> int:
    """A count that a caller gave, of whatever type of whole numbers. Raises RequestError."""
    found = _index(value)
    if found is None or found < 1:
        raise RequestError(
            f"{value!r} {what} were asked for.", "A whole number of at least 1 is expected.", fix
        )
    if found > MOST:
        raise RequestError(
            f"{found:,} {what} were asked for.",
            f"At most {MOST:,} are expected: a machine makes about as many in a year.",
            "Ask for fewer, and for more of them again with another seed.",
        )
    return found


def seed_of(value: SupportsIndex) -> int:
    """A seed that a caller gave. Raises RequestError."""
    found = _index(value)
    if found is None or not -(2**63) <= found < 2**64:
        raise RequestError(
            f"the seed is {value!r}.",
            "A whole number of at most 64 bits is expected.",
            "For example: seed=1.",
        )
    return found


def _index(value: SupportsIndex) -> int | None:
    """A whole number of any type (NumPy's too) as Python's own; None where it is none, or is yes or no."""
    try:
        return None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        return None
