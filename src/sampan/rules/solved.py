"""Solved: an equation between columns turned round, so that it says what one of them is."""

from __future__ import annotations

from sampan.where.formula import Relation
from sampan.where.term import Apply, Of, Term, columns_of


def solved(relation: Relation, column: str) -> tuple[Term, bool] | None:
    """(what the column is, whether that is exact), from an equation; None where it does not say it.

    It is not exact where something may be lost on the way back: a division that leaves a rest, a rounding.

    >>> total = Relation(Of("total"), "==", Apply("+", (Of("net"), Of("vat"))))
    >>> solved(total, "net")
    (Apply(op='-', parts=(Of(column='total'), Of(column='vat'))), True)
    """
    sides = (relation.left, relation.right)
    inside = [column in columns_of(side) for side in sides]
    if relation.op != "==" or inside[0] == inside[1]:
        return None
    side, rest = sides if inside[0] else (sides[1], sides[0])
    exact = True
    while isinstance(side, Apply):
        step = _peeled(side, rest, column)
        if step is None:
            return None
        side, rest, kept = step
        exact &= kept
    return (rest, exact) if side == Of(column) else None


def parts_of(sum_: Term) -> list[tuple[str, int]]:
    """The columns that a sum adds (1) and takes away (-1), from left to right, without what is no column.

    >>> parts_of(Apply("-", (Apply("+", (Of("a"), Of("b"))), Of("c"))))
    [('a', 1), ('b', 1), ('c', -1)]
    """
    match sum_:
        case Of(column):
            return [(column, 1)]
        case Apply("neg", (inner,)):
            return [(name, -sign) for name, sign in parts_of(inner)]
        case Apply("+" | "-" as op, (left, right)):
            turn = 1 if op == "+" else -1
            return [*parts_of(left), *((name, turn * sign) for name, sign in parts_of(right))]
        case _:
            return []


def _peeled(side: Apply, rest: Term, column: str) -> tuple[Term, Term, bool] | None:
    """One step: (the part that asks about the column, what it is equal to, whether exactly so)."""
    match side.op, side.parts:
        case "neg", (inner,):
            return inner, Apply("neg", (rest,)), True
        case "round", (inner, *_):
            return inner, rest, False
        case "local", (inner, zone):
            return inner, Apply("utc", (rest, zone)), False
        case "utc", (inner, zone):
            return inner, Apply("local", (rest, zone)), True
        case ("+" | "-" | "*" | "/") as op, (left, right):
            first, second = column in columns_of(left), column in columns_of(right)
            if first and second:
                return None
            if op == "+":
                inner, other = (left, right) if first else (right, left)
                return inner, Apply("-", (rest, other)), True
            if op == "*":
                inner, other = (left, right) if first else (right, left)
                return inner, Apply("/", (rest, other)), False
            if op == "-":
                return (
                    (left, Apply("+", (rest, right)), True)
                    if first
                    else (right, Apply("-", (left, rest)), True)
                )
            return (
                (left, Apply("*", (rest, right)), True) if first else (right, Apply("/", (left, rest)), False)
            )
    return None
