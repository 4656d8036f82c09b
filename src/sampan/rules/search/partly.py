"""What holds in some rows, without what follows: which column follows, and by which laws.

A bill that is paid in full is the balance; then the next balance is what was bought, and so is the next bill
where that is paid in full as well. Only the first is a law: the others hold in no row in which it does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sampan.rules.search.candidate import Candidate
from sampan.rules.search.equal import LEAST_ROWS, LEAST_SHARE
from sampan.rules.search.near import NEAR, turned_sums
from sampan.rules.search.sheet import Sheet
from sampan.where.formula import Relation
from sampan.where.quantity import step_of
from sampan.where.reckoning import holds, reckoned
from sampan.where.term import Of, columns_of

NEW = 0.5
"""Of the rows in which a law holds, the least share in which no other law of its column does."""

SURE = 0.99
"""Of the rows, the share in which a law must say what its column could hold."""

COVERED = 0.9
"""Of the rows in which two columns are equal, the share that others say, for it to follow from these."""


def partly(found: Sequence[Candidate], sheet: Sheet) -> list[Candidate]:
    """The laws of some rows as `column = ...`, each column after those that it follows from."""
    chosen = _Chosen(sheet)
    shapes = [one for one in found if one.rank != NEAR and not _is_twin(one)]
    for one in found:
        if one.rank == NEAR:
            ways = turned_sums(one, sheet)
            any(chosen.take(way, shapes) for way in ways)
    left = _without_chance(found, chosen.laws, sheet)
    shaped = Counter(_target(one) for one in left if not _is_twin(one))  # these say which column follows
    place = {name: number for number, name in enumerate(sheet.columns)}

    def sides(one: Candidate) -> list[Candidate]:
        both = [one, _swapped(one)] if _is_twin(one) else [one]
        return sorted(both, key=lambda way: (-shaped[_target(way)], -place[_target(way)]))

    for best in sorted(left, key=lambda one: -int(_rows(one, sheet).sum())):
        for way in sides(best):
            rows = chosen.fresh(way)
            if not _on_steps(way, sheet):
                continue
            enough = rows >= max(LEAST_ROWS, LEAST_SHARE * sheet.rows, NEW * _rows(way, sheet).sum())
            if enough and chosen.take(way):
                break
    return chosen.laws


def _without_chance(found: Sequence[Candidate], near: Sequence[Candidate], sheet: Sheet) -> list[Candidate]:
    """The candidates but for near sums, without equal columns that follow from two others nearly always."""
    rest = [one for one in found if one.rank != NEAR]
    true = {frozenset(_names(one)): _rows(one, sheet) for one in rest if _is_twin(one)}
    sums = [({*_names(one)}, _target(one), _rows(one, sheet)) for one in near]
    there = dict(true)
    for pair in sorted(true, key=lambda one: int(true[one].sum())):
        rows = true[pair]
        a, b = pair
        told = np.zeros_like(rows)
        if any(_summed(pair, rows, one) for one in sums):
            continue  # it is no law, and says others nonetheless
        for c in {name for other in there for name in other} - pair:
            first, second = there.get(frozenset((a, c))), there.get(frozenset((c, b)))
            if first is not None and second is not None:
                told = told | (first & second)
        if _covers(told, rows):
            del there[pair]
    said = {pair for pair in there if not any(_summed(pair, true[pair], one) for one in sums)}
    return [one for one in rest if not _is_twin(one) or frozenset(_names(one)) in said]


def _summed(pair: frozenset[str], rows: np.ndarray, one: tuple[set[str], str, np.ndarray]) -> bool:
    """Whether two columns are equal because one is a sum whose other parts are nothing together."""
    names, target, where = one
    return target in pair and pair <= names and _covers(where, rows)


def _covers(told: np.ndarray, rows: np.ndarray) -> bool:
    return bool((told & rows).sum() >= COVERED * rows.sum())


class _Chosen:
    """The laws so far: rows that each column's explain, and which columns each follows from."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.laws: list[Candidate] = []
        self._explained: dict[str, np.ndarray] = {}
        self._follows: dict[str, set[str]] = {}

    def fresh(self, one: Candidate) -> int:
        """Rows in which a law holds and no other one of its column."""
        true = _rows(one, self.sheet)
        return int((true & ~self._explained.get(_target(one), np.zeros_like(true))).sum())

    def take(self, one: Candidate, beside: Sequence[Candidate] | None = None) -> bool:
        """Whether a law is taken: no column follows from itself by way of others.

        beside: other laws that are to have their place, where its column may have no other law.
        """
        target, sources = _target(one), _sources(one)
        if (beside is not None and target in self._follows) or self._leads(sources, target, beside or ()):
            return False
        true = _rows(one, self.sheet)
        self._follows.setdefault(target, set()).update(sources)
        self._explained[target] = self._explained.get(target, np.zeros_like(true)) | true
        self.laws.append(one)
        return True

    def _leads(self, sources: set[str], target: str, beside: Sequence[Candidate]) -> bool:
        seen, todo = set(), list(sources)
        follows = {name: set(own) for name, own in self._follows.items()}
        for one in beside:
            follows.setdefault(_target(one), set()).update(_sources(one))
        while todo:
            name = todo.pop()
            if name == target:
                return True
            if name not in seen:
                seen.add(name)
                todo.extend(follows.get(name, ()))
        return False


def _on_steps(one: Candidate, sheet: Sheet) -> bool:
    """Whether what a law says can stand in its column in nearly all rows: a limit of whole thousands is not
    twice an income, though it is by chance here and there."""
    column, step = sheet.cells[_target(one)], step_of(sheet.cells[_target(one)])
    if column.kind != "number" or not column.exact:
        return True
    said = reckoned(one.claim.right, sheet.cells)  # type: ignore[union-attr]
    ticks = said.numbers[~said.gone] * 10.0**column.scale / step
    return bool((np.abs(ticks - np.round(ticks)) < 1e-4).mean() >= SURE)


def _rows(one: Candidate, sheet: Sheet) -> np.ndarray:
    """In which rows a law holds: bool (rows,)."""
    true, known = holds(one.claim, sheet.cells)  # type: ignore[arg-type]
    return np.broadcast_to(true & known, sheet.rows)


def _target(one: Candidate) -> str:
    return one.claim.left.column  # type: ignore[union-attr]


def _sources(one: Candidate) -> set[str]:
    return {*columns_of(one.claim.right)}  # type: ignore[union-attr]


def _names(one: Candidate) -> set[str]:
    return {_target(one), *_sources(one)}


def _is_twin(one: Candidate) -> bool:
    return isinstance(one.claim, Relation) and isinstance(one.claim.right, Of)


def _swapped(one: Candidate) -> Candidate:
    claim = one.claim
    assert isinstance(claim, Relation)
    return replace(one, claim=Relation(claim.right, claim.op, claim.left))
