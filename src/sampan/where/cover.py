"""The cover of a formula: disjoint boxes whose union is exactly the event that it holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import numpy as np

from sampan.errors import WhereError, typed
from sampan.field import Box, Codec, Compare, In
from sampan.leaf import leaf_names
from sampan.where.formula import (
    And,
    Atom,
    Formula,
    Not,
    Or,
    Relation,
    asked,
    check_columns,
    positive,
    resolved,
)
from sampan.where.shown import show

MOST_BOXES = 4096
"""More boxes than this and a condition is refused: each costs a model evaluation when sampling."""

MOST_WORK = 30_000
"""Boxes that are made on the way, half a second of work; a condition on one column counts as some of them."""

WORK_OF_ATOM = 40

MOST_PAIRS = 40
"""Parts of an `and` that are looked at in pairs to say which two clash."""


class _Work:
    """Counts the boxes that are made for one formula. Raises WhereError where they are too many."""

    def __init__(self, formula: Formula) -> None:
        self.formula, self.left = formula, MOST_WORK

    def spend(self, boxes: int) -> None:
        """So many boxes more."""
        self.left -= boxes
        if self.left < 0:
            self._refuse(f"takes more than {MOST_WORK:,} steps")

    def check(self, boxes: int) -> None:
        """So many boxes are what is left."""
        if boxes > MOST_BOXES:
            self._refuse(f"splits into more than {MOST_BOXES:,} separate cases")

    def _refuse(self, what: str) -> NoReturn:
        raise WhereError(
            f"The condition {what}: {_short(show(self.formula))}",
            "A condition of fewer parts, or of fewer alternatives that are combined with each other.",
            "Simplify it: use `in (...)` and `between`, or sample once for each alternative.",
        )


def boxes(formula: Formula, codecs: Mapping[str, Codec]) -> list[Box]:
    """Disjoint boxes over the leaves of a record whose union is exactly the event that the formula holds.

    Leaf "" of the column `age` is called `age`, and its leaf `fine` is `age/fine`. A leaf that a box does
    not name is free. Raises WhereError for an unknown column, for a formula that no record can satisfy,
    and for one that needs more than 4,096 boxes.
    """
    formula = named(formula, codecs)
    check_columns(formula, codecs)
    plain = positive(formula)
    found = _boxes(plain, codecs, _Work(plain))
    if not found:
        _impossible(plain, codecs)
    return found


def named(formula: Formula, codecs: Mapping[str, Codec]) -> Formula:
    """The formula with columns under full names; a bare word that a column does not know names another."""

    def is_value(column: str, word: str) -> bool:
        try:
            return column in codecs and bool(codecs[column].allow(Compare("==", word)))
        except WhereError:
            return False

    return resolved(formula, codecs, is_value)


def _boxes(formula: Formula, codecs: Mapping[str, Codec], work: _Work) -> list[Box]:
    match formula:
        case Atom():
            return _atom_boxes(formula, codecs, work)
        case Relation():
            raise WhereError(
                f"`{_short(show(formula, plain=True))}` compares columns that are all made up.",
                "A condition compares a column with a value, or columns that are given.",
                "Declare it as a rule before learning (--rule, rules=[...]), or filter afterwards.",
            )
        case And(parts):
            found = [Box({}, {})]
            # few boxes first: what is soon small stays small
            several = [_boxes(part, codecs, work) for part in _listed(parts, negated=True)]
            for other in sorted(several, key=len):
                found = _product(found, other, work)
            return found
        case Or(parts):
            found = []
            for part in _listed(parts, negated=False):
                fresh = _boxes(part, codecs, work)
                for old in found:
                    work.spend(len(fresh))
                    fresh = [piece for box in fresh for piece in _subtract(box, old)]
                    if len(fresh) > MOST_BOXES:
                        fresh = _gather(fresh, work)
                found = _gather(itertools.chain(found, fresh), work)
            return found
        case Not(part):
            return _boxes(positive(part, True), codecs, work)


def _listed(parts: Iterable[Formula], negated: bool) -> list[Formula]:
    """The parts, those that say which values a column has in one list: `a = 1 or a = 2` is `a in (1, 2)`.

    negated: of an `and`, where it is those that say which values a column has not.
    """
    values: dict[str, list[Any]] = {}
    others: list[Formula] = []
    for part in parts:
        match part:
            case Atom(column, Compare(op, value)) if op == ("!=" if negated else "=="):
                values.setdefault(column, []).append(value)
            case Atom(column, In(several, turned)) if turned == negated:
                values.setdefault(column, []).extend(several)
            case _:
                others.append(part)
    op = "!=" if negated else "=="
    for column, several in values.items():
        alone = Compare(op, several[0]) if len(several) == 1 else In(tuple(several), negated)
        others.append(Atom(column, alone))
    return others


def _atom_boxes(atom: Atom, codecs: Mapping[str, Codec], work: _Work) -> list[Box]:
    """The codec's own boxes, with the leaves named as in the record."""
    work.spend(WORK_OF_ATOM)
    try:
        found = codecs[atom.column].allow(atom.condition)
    except WhereError as error:
        told, fix = (_short(show(atom)), _short(error.what)), typed(error.fix, atom.column)
        raise WhereError(f"In `{told[0]}`: {told[1]}", _short(error.expected), _short(fix)) from None

    names = leaf_names(codecs)
    renamed = (
        _tidy(
            {names[atom.column, leaf]: mask for leaf, mask in box.symbols.items()},
            {names[atom.column, leaf]: span for leaf, span in box.noise.items()},
        )
        for box in found
    )
    return _gather((box for box in renamed if box is not None), work)


def _tidy(symbols: dict[str, np.ndarray], noise: dict[str, tuple[float, float]]) -> Box | None:
    """A box without the leaves that it leaves free; None if nothing is inside."""
    if any(low >= high for low, high in noise.values()) or not all(m.any() for m in symbols.values()):
        return None
    return Box(
        {leaf: mask for leaf, mask in symbols.items() if not mask.all()},
        {leaf: span for leaf, span in noise.items() if span[0] > 0 or span[1] < 1},
    )


def _intersect(a: Box, b: Box) -> Box | None:
    symbols, noise = dict(a.symbols), dict(a.noise)
    for leaf, mask in b.symbols.items():
        symbols[leaf] = symbols[leaf] & mask if leaf in symbols else mask
    for leaf, (low, high) in b.noise.items():
        if leaf in noise:
            low, high = max(low, noise[leaf][0]), min(high, noise[leaf][1])
        noise[leaf] = (low, high)
    return _tidy(symbols, noise)


def _product(left: list[Box], right: list[Box], work: _Work) -> list[Box]:
    """The boxes of an `and`."""
    work.spend(len(left) * len(right))
    pairs = (_intersect(a, b) for a, b in itertools.product(left, right))
    stream = (box for box in pairs if box is not None)
    if _leaves(left) & _leaves(right):
        return _gather(stream, work)
    # nothing is empty and nothing merges that was not merged before, so the number is known beforehand
    work.check(len(left) * len(right))
    return list(stream)


def _leaves(found: list[Box]) -> set[str]:
    return {leaf for box in found for leaf in (*box.symbols, *box.noise)}


def _subtract(a: Box, b: Box) -> list[Box]:
    """Disjoint boxes whose union is what of `a` lies outside `b`."""
    if _intersect(a, b) is None:
        return [a]
    pieces: list[Box | None] = []
    # peel: outside b in the first leaf; then inside b there, outside in the second; and so on
    symbols, noise = dict(a.symbols), dict(a.noise)
    for leaf, mask in b.symbols.items():
        held = symbols.get(leaf, np.ones_like(mask))
        pieces.append(_tidy({**symbols, leaf: held & ~mask}, noise))
        symbols[leaf] = held & mask
    for leaf, (low, high) in b.noise.items():
        begin, end = noise.get(leaf, (0.0, 1.0))
        pieces.append(_tidy(symbols, {**noise, leaf: (begin, min(low, end))}))
        pieces.append(_tidy(symbols, {**noise, leaf: (max(high, begin), end)}))
        noise[leaf] = (max(low, begin), min(high, end))
    return [piece for piece in pieces if piece is not None]


def _gather(stream: Iterable[Box], work: _Work) -> list[Box]:
    """Disjoint boxes as a list, merged where one can say the same. Raises WhereError if too many."""
    found: list[Box] = []
    for box in stream:
        found.append(box)
        if len(found) > 2 * MOST_BOXES:
            found = _merge(found, work)
            if len(found) > MOST_BOXES:
                break
    found = _merge(found, work)
    work.check(len(found))
    return found


def _merge(found: list[Box], work: _Work) -> list[Box]:
    """Disjoint boxes made fewer: two that differ in one leaf only become one, until none do."""
    while len(found) > 1:
        before = len(found)
        work.spend(before)
        for leaf in dict.fromkeys(leaf for box in found for leaf in box.symbols):
            found = _merge_symbols(found, leaf)
        for leaf in dict.fromkeys(leaf for box in found for leaf in box.noise):
            found = _merge_noise(found, leaf)
        if len(found) == before:
            break
    return found


def _alike(found: list[Box], leaf: str) -> list[list[Box]]:
    """The boxes in groups that agree on every leaf but this one."""
    groups: dict[Any, list[Box]] = {}
    for box in found:
        key = (
            frozenset((name, mask.tobytes()) for name, mask in box.symbols.items() if name != leaf),
            frozenset((name, span) for name, span in box.noise.items() if name != leaf),
        )
        groups.setdefault(key, []).append(box)
    return list(groups.values())


def _merge_symbols(found: list[Box], leaf: str) -> list[Box]:
    merged: list[Box | None] = []
    for first, *others in _alike(found, leaf):
        if others:  # disjoint boxes that agree elsewhere must all restrict this leaf
            mask = np.logical_or.reduce([box.symbols[leaf] for box in (first, *others)])
            merged.append(_tidy({**first.symbols, leaf: mask}, dict(first.noise)))
        else:
            merged.append(first)
    return [box for box in merged if box is not None]


def _merge_noise(found: list[Box], leaf: str) -> list[Box]:
    merged: list[Box | None] = []
    for group in _alike(found, leaf):
        group = sorted(group, key=lambda box: box.noise.get(leaf, (0.0, 1.0)))
        spans = [box.noise.get(leaf, (0.0, 1.0)) for box in group]
        joined: list[tuple[float, float]] = []
        for low, high in spans:
            if joined and joined[-1][1] == low:
                joined[-1] = (joined[-1][0], high)
            else:
                joined.append((low, high))
        first = group[0]
        merged += [_tidy(dict(first.symbols), {**first.noise, leaf: span}) for span in joined]
    return [box for box in merged if box is not None]


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."


def _impossible(formula: Formula, codecs: Mapping[str, Codec]) -> NoReturn:
    """Raise WhereError that names the smallest part that no record can satisfy."""
    try:
        part = _contradiction(formula, codecs, _Work(formula))
    except WhereError:  # to say which part it is takes longer than it is worth
        part = formula
    about = "; ".join(f'"{name}" holds {codecs[name].describe()}' for name in asked(part)[:3])
    clash = isinstance(part, And)
    hints = [codecs[atom.column].near(atom.condition) for atom in (part,) if isinstance(atom, Atom)]
    about += "".join(f"; {hint}" for hint in hints if hint)
    raise WhereError(
        f"No record can satisfy: {_short(show(part))}",
        f"{'Conditions that can hold together' if clash else 'A condition that some record meets'}: {about}.",
        "Use `or` between alternatives, or widen a condition." if clash else "Widen the condition.",
    )


def _contradiction(formula: Formula, codecs: Mapping[str, Codec], work: _Work) -> Formula:
    """A small part of an impossible formula (without Not) that is already impossible."""
    match formula:
        case Or(parts):
            return _contradiction(parts[0], codecs, work)
        case And(parts):
            listed = _listed(parts, negated=True)
            for part in listed:
                if not _boxes(part, codecs, work):
                    return _contradiction(part, codecs, work)
            for pair in itertools.combinations(listed[:MOST_PAIRS], 2):
                if not _boxes(And(pair), codecs, work):
                    return And(pair)
    return formula
