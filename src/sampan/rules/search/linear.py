"""Equations that are sums of columns, each so many times: whether one more says anything new.

Of a net price, its tax and a total, any two of `total = net + vat`, `vat = net * 0.1`, `total = net * 1.1`
say the third, though none follows from another one column by column.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sampan.rules.search.sheet import Sheet
from sampan.where.formula import Relation
from sampan.where.term import Apply, Duration, Number, Of, Term

CLOSE = 1e-3
"""How far from what others say, as a share of it, an equation may lie that follows: factors are rounded."""

Weights = dict[str, float]
"""Column -> how often it counts; "" for a constant."""


class Linear:
    """The equations that were taken, as vectors."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._place: dict[str, int] = {"": 0}
        self._size: list[float] = [1.0]
        self._taken: list[Weights] = []

    def adds(self, claim: Relation) -> bool:
        """Whether an equation says what those before do not; it is taken then. One that is no sum does."""
        left, right = _weights(claim.left), _weights(claim.right)
        if left is None or right is None or any(self._is_text(name) for name in (*left, *right)):
            return True
        own = _plus(left, right, -1.0)
        if self._follows(own, self._taken):
            return False
        self._taken.append(own)
        return True

    @property
    def bound(self) -> set[str]:
        """The columns that are in an equation."""
        return {name for one in self._taken for name in one if name}

    def determines(self, known: Iterable[str], made: str) -> bool:
        """Whether the equations that were taken give a column from some others."""
        known = self.bound & set(known)
        return made in self.bound and self._follows(
            {made: 1.0}, [*self._taken, *({name: 1.0} for name in known)]
        )

    def _follows(self, own: Weights, others: list[Weights]) -> bool:
        """Whether some weights are made of others, but for a constant."""
        vectors = [self._vector(one) for one in (own, *others)]
        new, *given = (np.pad(one, (0, len(self._size) - len(one)))[1:] for one in vectors)
        if not given:
            return False
        span = np.stack(given, axis=1)
        rest = new - span @ np.linalg.lstsq(span, new, rcond=None)[0]
        return bool(np.abs(rest).max(initial=0.0) < CLOSE * np.abs(new).max(initial=0.0))

    def _is_text(self, name: str) -> bool:
        return bool(name) and self._sheet.cells[name].kind == "text"

    def _vector(self, weights: Weights) -> np.ndarray:
        """The weights in columns' own sizes."""
        for name in weights:
            if name not in self._place:
                self._place[name] = len(self._size)
                values = self._sheet.cells[name].numbers
                self._size.append(float(np.nanstd(values)) or 1.0)
        out = np.zeros(len(self._size))
        for name, weight in weights.items():
            out[self._place[name]] = weight * self._size[self._place[name]]
        return out


def _weights(term: Term) -> Weights | None:
    """How often each column counts in a term, rounded or not; None where it is no sum."""
    match term:
        case Of(column):
            return {column: 1.0}
        case Number(value):
            return {"": float(value)}
        case Duration(seconds):
            return {"": float(seconds)}
        case Apply("round", (inner, *_)):
            return _weights(inner)
        case Apply("neg", (inner,)):
            part = _weights(inner)
            return None if part is None else _plus({}, part, -1.0)
        case Apply("+" | "-" as op, (left, right)):
            first, second = _weights(left), _weights(right)
            return (
                None if first is None or second is None else _plus(first, second, 1.0 if op == "+" else -1.0)
            )
        case Apply("*", (inner, Number(value))):
            part = _weights(inner)
            return None if part is None else _plus({}, part, float(value))
        case Apply("/", (inner, Number(value))) if value:
            part = _weights(inner)
            return None if part is None else _plus({}, part, 1.0 / value)
        case _:
            return None


def _plus(left: Weights, right: Weights, times: float) -> Weights:
    out = dict(left)
    for name, weight in right.items():
        out[name] = out.get(name, 0.0) + times * weight
    return out
