"""Symbols of two columns that no record has together, as rules between the columns have it.

A network is told of them, so that what is drawn can keep the rules: a lower price in a stretch that lies
wholly above the higher one's, a fee beside "not cancelled". A pair stays allowed where some values in it may
be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from sampan.column import Column
from sampan.errors import WhereError
from sampan.field import Codec, Missing
from sampan.rules.habit import Habit
from sampan.rules.lookup import Lookup
from sampan.rules.plan import Claim
from sampan.rules.quantities import Cells, as_cells, written
from sampan.where.formula import And, Atom, Formula, Or, Relation, positive
from sampan.where.quantity import Quantity, quantity
from sampan.where.reckoning import compare, reckoned
from sampan.where.term import Apply, Of, Term, columns_of

LARGEST = 2048
"""Symbols of a leaf beyond which pairs are not looked at: a table of them would be large."""


class Pairs(NamedTuple):
    """Which symbols of two leaves may stand in one record: bool (symbols of the first, of the second)."""

    first: tuple[str, str]  # column, leaf
    second: tuple[str, str]
    allowed: np.ndarray


def pairs_of(claim: Claim, codecs: Mapping[str, Codec]) -> Iterator[Pairs]:
    """The pairs of symbols that a claim lets be, where it speaks of two columns and forbids some."""
    if len(claim.columns) != 2:
        return
    first, second = claim.columns
    for name in claim.columns:
        space = codecs[name].spaces.get("")
        if space is None or space.grid or _size(codecs[name]) > LARGEST:
            return
    try:
        for found in _found(claim, first, second, codecs):
            if not found.allowed.all() and found.allowed.any():
                yield found
    except WhereError:  # what cannot be told of symbols is seen to when values are made
        return


def _found(claim: Claim, first: str, second: str, codecs: Mapping[str, Codec]) -> Iterator[Pairs]:
    match claim.what:
        case Lookup() as table:
            by, of = table.claim.by[0], table.claim.of
            entries = np.arange(len(table.of))
            if isinstance(by, str):
                yield from _seen(by, table.fixing(), of, table.cells(entries), codecs)
        case Relation(left, "==", right) as relation:
            sides = [(left, right), (right, left)]
            for side, term in sides:
                if (
                    isinstance(side, Of)
                    and isinstance(term, Apply | Of)
                    and side.column not in columns_of(term)
                ):
                    found = list(_of_one(side.column, term, codecs))
                    if found:
                        yield from found
                        return
            yield from _between(relation, first, second, codecs)
        case Relation() as relation:
            yield from _between(relation, first, second, codecs)
        case Habit():
            return
        case formula:
            ways = {first: (lambda own: own[:, None]), second: (lambda own: own[None, :])}
            shape = (_size(codecs[first]), _size(codecs[second]))
            allowed = np.broadcast_to(_can(positive(formula), codecs, ways), shape)
            yield Pairs((first, ""), (second, ""), allowed)


def _size(codec: Codec) -> int:
    return int(getattr(codec.spaces[""], "size", LARGEST + 1))


# --- what is a function of one column: pairs that its values make
def _of_one(column: str, term: Term, codecs: Mapping[str, Codec]) -> Iterator[Pairs]:
    """The pairs of a column that is reckoned from another one alone, over all that the other may hold."""
    (other,) = dict.fromkeys(columns_of(term))
    codec = codecs[other]
    examples = codec.examples()
    if examples is None or not {*codec.spaces} <= {"", "weekday"} or {*codecs[column].spaces} != {""}:
        return
    if any(leaf not in ("which", "day") for leaf in codec.noise):
        return
    cells = Cells(codecs, {other: examples})
    own = codecs[column].examples()
    kind = "number" if own is None else quantity(codecs[column].plain(own.slice(0, 1))).kind
    found = as_cells(reckoned(term, cells), kind, len(examples))
    made = written(codecs[column], found)
    if made is not None and not found.gone.any() and not codecs[column].unknown(made).any():
        yield from _seen(other, examples, column, made, codecs)


def _seen(by: str, cells: Column, of: str, fixed: Column, codecs: Mapping[str, Codec]) -> Iterator[Pairs]:
    """The pairs of some cells beside each other; a symbol that is in none of them may stand beside any."""
    known = ~(codecs[by].unknown(cells) | codecs[of].unknown(fixed))
    target = codecs[of].encode(fixed)[""]
    for leaf, symbols in codecs[by].encode(cells).items():
        size = int(getattr(codecs[by].spaces[leaf], "size", 0))
        allowed = np.zeros((size, _size(codecs[of])), dtype=bool)
        allowed[symbols[known], target[known]] = True
        gone = [_lost(codecs[by]) if leaf == "" else None, _lost(codecs[of])]
        allowed[~allowed.any(axis=1)] = True
        allowed[:, ~allowed.any(axis=0)] = True
        if gone[0] is not None:
            allowed[gone[0]] = True
        if gone[1] is not None:
            allowed[:, gone[1]] = True
        yield Pairs((by, leaf), (of, ""), allowed)


def _lost(codec: Codec) -> np.ndarray | None:
    """The symbols of the main leaf that say "missing": bool (symbols,)."""
    boxes = codec.allow(Missing())
    masks = [box.symbols[""] for box in boxes if "" in box.symbols]
    return np.logical_or.reduce(masks) if masks else None


# --- what is larger than what: the ends of each symbol
def _between(relation: Relation, first: str, second: str, codecs: Mapping[str, Codec]) -> Iterator[Pairs]:
    """The pairs of a relation of which each side asks about one column, once, and rises or falls with it."""
    sides = []
    for term in (relation.left, relation.right):
        names = list(columns_of(term))
        if len(names) != 1 or slope(term, names[0]) is None:
            return
        ends = _ends(term, names[0], codecs[names[0]])
        if ends is None:
            return
        sides.append((names[0], ends))
    (name, (low, high)), (_, (least, most)) = sides
    op = relation.op
    if op in ("<", "<="):
        allowed = _compared(low, op, most)
    elif op in (">", ">="):
        allowed = _compared(high, op, least)
    elif op == "==":
        allowed = _compared(low, "<=", most) & _compared(high, ">=", least)
    else:
        return
    silent = low.gone[:, None] | least.gone[None, :]
    allowed = allowed | silent
    yield Pairs((first, ""), (second, ""), allowed if name == first else allowed.T)


def _compared(left: Quantity, op: str, right: Quantity) -> np.ndarray:
    wide = [_shaped(left, (-1, 1)), _shaped(right, (1, -1))]
    return compare(wide[0], op, wide[1])


def _shaped(one: Quantity, shape: tuple[int, int]) -> Quantity:
    size = None if one.size is None else one.size.reshape(shape)
    return Quantity(one.kind, one.values.reshape(shape), one.gone.reshape(shape), one.scale, size, one.zone)


def _ends(term: Term, name: str, codec: Codec) -> tuple[Quantity, Quantity] | None:
    """The least and the greatest of a term in each symbol of its column; missing where there is none."""
    span = codec.span()
    if span is None:
        return None
    ends = []
    for values in span:
        column = codec.of_numbers(values)
        if column is None:
            return None
        ends.append(reckoned(term, Cells({name: codec}, {name: column})))
    low, high = ends if slope(term, name) == 1 else ends[::-1]
    size = _size(codec)
    return _padded(low, size), _padded(high, size)


def _padded(one: Quantity, size: int) -> Quantity:
    """With the symbols after the last value, which say "missing"."""
    more = size - one.values.size
    values = np.concatenate([one.values, np.repeat(one.values[-1:], more)])
    gone = np.concatenate([one.gone, np.ones(more, dtype=bool)])
    return Quantity(one.kind, values, gone, one.scale, None if one.size is None else np.abs(values), one.zone)


def slope(term: Term, column: str) -> int | None:
    """Whether a term rises (1) or falls (-1) with a column that it asks about once; None where untold."""
    match term:
        case Of(name):
            return 1 if name == column else None
        case Apply(op, parts):
            inside = [place for place, part in enumerate(parts) if column in columns_of(part)]
            if len(inside) != 1:
                return None
            own = slope(parts[inside[0]], column)
            if own is None:
                return None
            match op:
                case "+" | "round" | "floor" | "ceil" | "min" | "max" | "date" | "year":
                    return own
                case "neg":
                    return -own
                case "-":
                    return own if inside[0] == 0 else -own
                case "*":
                    other = parts[1 - inside[0]]
                    value = getattr(other, "value", getattr(other, "seconds", None))
                    return (
                        None
                        if not isinstance(value, int | float) or not value
                        else own
                        if value > 0
                        else -own
                    )
                case "/" if inside[0] == 0:
                    value = getattr(parts[1], "value", getattr(parts[1], "seconds", None))
                    return (
                        None
                        if not isinstance(value, int | float) or not value
                        else own
                        if value > 0
                        else -own
                    )
                case "age":
                    return -own if inside[0] == 0 else own
    return None


# --- formulas of conditions on single columns
def _can(
    formula: Formula, codecs: Mapping[str, Codec], ways: Mapping[str, Callable[[np.ndarray], np.ndarray]]
) -> np.ndarray:
    """Where a formula (without Not) may hold or say nothing: bool, over the symbols of both columns."""
    match formula:
        case And(parts):
            return np.logical_and.reduce(np.broadcast_arrays(*(_can(part, codecs, ways) for part in parts)))
        case Or(parts):
            return np.logical_or.reduce(np.broadcast_arrays(*(_can(part, codecs, ways) for part in parts)))
        case Atom(name, condition):
            masks = [box.symbols.get("") for box in codecs[name].allow(condition)]
            if any(mask is None for mask in masks):
                return np.ones((1, 1), dtype=bool)
            lost = None if isinstance(condition, Missing) else _lost(codecs[name])
            nothing = np.zeros(_size(codecs[name]), dtype=bool)
            held = np.logical_or.reduce([nothing, *(mask for mask in masks if mask is not None)])
            return ways[name](held if lost is None else held | lost)
        case _:
            return np.ones((1, 1), dtype=bool)
