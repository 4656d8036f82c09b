"""Lookup: what some columns fix of another one, as a table: a code its name, a product its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sampan.arrow_type import as_text, from_text, name_of, named, pack, unpack
from sampan.column import Column, codes, floats, from_numpy, from_strings, take
from sampan.rules.notation import of_values, values_of
from sampan.rules.quantities import Cells, numbers_of
from sampan.rules.rule import Fixes, Rule
from sampan.where.quantity import Quantity
from sampan.where.reckoning import reckoned

LEAST = 2
"""Persons who hold what a table says, at least: nothing of one alone comes back."""


def words_of(column: Column) -> tuple[np.ndarray, list[str]]:
    """Which of some texts each cell is, -1 where missing: int64 (rows,); and the texts, no two alike.

    Numbers are told as numbers, so that 12 and 12.0 are one.
    """
    index, values = codes(column)
    if values and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        exact = np.unique(floats(column), return_inverse=True)
        index = np.where(np.isnan(exact[0]), -1, np.arange(exact[0].size))[exact[1].reshape(-1)]
        return index, [f"{value:.17g}" for value in exact[0].tolist() if value == value]
    texts = as_text(
        take(column, np.array([int(np.argmax(index == place)) for place in range(len(values))]))
        if values
        else column
    )
    return index, [str(text) for text in texts.to_pylist()] if values else []


def _causes(claim: Fixes, cells: Cells) -> list[Column]:
    """The columns that fix, and those that are reckoned from one."""
    return [cells.columns[one] if isinstance(one, str) else _column(reckoned(one, cells)) for one in claim.by]


def _column(found: Quantity) -> Column:
    """What was reckoned as a column: the weekday of a day, the day of a moment."""
    values = found.values.astype("datetime64[us]") if found.kind == "moment" else numbers_of(found)
    return from_numpy(values, found.gone)


@dataclass(frozen=True, eq=False)
class Lookup:
    """A table of what is fixed.

    by: of each column that fixes, the texts of its cell in each entry. of: the text of the cell that is
    fixed, in each entry. dtype: the Arrow type of that column; kind: of the one that fixes it, where that is
    one. backwards: whether it is read from what is fixed to what fixes it.
    """

    claim: Fixes
    by: Sequence[Sequence[str]]
    of: Sequence[str]
    dtype: str
    kind: str | None = None
    backwards: bool = False

    @classmethod
    def learned(cls, claim: Fixes, cells: Cells, persons: np.ndarray | None, exact: bool) -> Lookup:
        """The table of some rows: of each combination that two persons hold, the cell that most of them have.

        persons: whose row each is; each one's own unless said. exact: whether one person is enough.
        """
        found = [words_of(one) for one in (*_causes(claim, cells), cells.columns[claim.of])]
        index = np.stack([own for own, _ in found])
        rows = np.flatnonzero((index >= 0).all(axis=0))
        whose = rows if persons is None else persons[rows]
        _, whose = np.unique(whose, return_inverse=True)
        kinds, kind = np.unique(index[:, rows], axis=1, return_inverse=True)
        kind = kind.reshape(-1)
        held = np.unique(np.stack([kind, whose]), axis=1)[0]
        people = np.bincount(held, minlength=kinds.shape[1])
        count = np.bincount(kind, minlength=kinds.shape[1])
        kept = np.flatnonzero(people >= (1 if exact else LEAST))
        # of several cells beside one combination, that of most rows
        order = kept[np.lexsort((-count[kept], *kinds[:-1, kept][::-1]))]
        keys = kinds[:-1, order]
        first = np.ones(order.size, dtype=bool)
        first[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        order = order[first]
        by = [
            [texts[place] for place in own[order].tolist()]
            for own, (_, texts) in zip(kinds[:-1], found, strict=False)
        ]
        of = [found[-1][1][place] for place in kinds[-1, order].tolist()]
        alone = claim.by[0] if len(claim.by) == 1 else None
        kind = name_of(cells.columns[alone].type) if isinstance(alone, str) else None
        return cls(claim, by, of, name_of(cells.columns[claim.of].type), kind)

    @cached_property
    def _cells(self) -> Column:
        """The cells that are fixed, in each entry."""
        return from_text(from_strings(list(self.of)), named(self.dtype))

    @cached_property
    def _ids(self) -> list[dict[str, int]]:
        return [{text: place for place, text in enumerate(dict.fromkeys(own))} for own in self.by]

    @cached_property
    def _keys(self) -> tuple[np.ndarray, np.ndarray]:
        """The entries' keys in order, and which entry each is."""
        keys = self._key(
            [
                np.array([ids[text] for text in own], dtype=np.int64)
                for ids, own in zip(self._ids, self.by, strict=True)
            ]
        )
        order = np.argsort(keys, kind="stable")
        return keys[order], order

    def _key(self, places: Sequence[np.ndarray]) -> np.ndarray:
        out = np.zeros(len(places[0]), dtype=np.int64)
        for ids, own in zip(self._ids, places, strict=True):
            out = np.where((own < 0) | (out < 0), -1, out * max(1, len(ids)) + own)
        return out

    def find(self, cells: Cells) -> np.ndarray:
        """Which entry says something of each row, -1 where none does: int64 (rows,)."""
        places = []
        for cause, ids in zip(_causes(self.claim, cells), self._ids, strict=True):
            index, texts = words_of(cause)
            places.append(np.array([*(ids.get(text, -1) for text in texts), -1], dtype=np.int64)[index])
        keys, order = self._keys
        wanted = self._key(places)
        if not keys.size:
            return np.full(wanted.shape, -1)
        spot = np.searchsorted(keys, wanted).clip(0, keys.size - 1)
        return np.where((keys[spot] == wanted) & (wanted >= 0), order[spot], -1)

    def cells(self, entries: np.ndarray) -> Column:
        """The cells that some entries fix; null where there is none."""
        return take(self._cells, entries)

    def fixing(self) -> Column:
        """The cells of the one column that fixes, in each entry."""
        return from_text(from_strings(list(self.by[0])), named(self.kind or "string"))

    def agrees(self, entries: np.ndarray, column: Column) -> np.ndarray:
        """Which cells are those that entries fix, or nothing that an entry speaks of: bool (rows,)."""
        index, texts = words_of(column)
        place = {text: number for number, text in enumerate(texts)}
        fixed = np.array([*(place.get(text, -2) for text in self._words), -1], dtype=np.int64)[entries]
        return (entries < 0) | (index < 0) | (fixed == index)

    @cached_property
    def _words(self) -> list[str]:
        """The fixed cells as `words_of` tells them."""
        index, texts = words_of(self._cells)
        return [texts[place] for place in index.tolist()]

    @cached_property
    def back(self) -> Lookup | None:
        """The table read backwards, where one column fixes another and each cell stands once in it."""
        if len(self.by) != 1 or len(set(self.of)) != len(self.of):
            return None
        alone = self.claim.by[0]
        if self.kind is None or not isinstance(alone, str):
            return None
        claim = Fixes((self.claim.of,), alone)
        return Lookup(claim, [self._words], self.by[0], self.kind, self.dtype, True)

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """(JSON values, arrays) from which `from_state` makes an equal one."""
        arrays: dict[str, np.ndarray] = {}
        for number, texts in enumerate([*self.by, self.of]):
            arrays |= {f"{number}.{name}": array for name, array in pack(list(texts)).items()}
        return {
            "claim": values_of(Rule(self.claim))["claim"],
            "dtype": self.dtype,
            "kind": self.kind,
        }, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Lookup:
        """The table that `state` described. Raises ValueError where its parts do not fit together."""
        claim = of_values({"claim": values["claim"], "share": 1, "rows": 0}).claim
        if not isinstance(claim, Fixes):
            raise ValueError(f"the table of a rule that fixes nothing: {values['claim']}")
        texts = [
            unpack({part: arrays[f"{number}.{part}"] for part in ("bytes", "starts")})
            for number in range(len(claim.by) + 1)
        ]
        if len({len(own) for own in texts}) != 1 or len(set(zip(*texts[:-1], strict=True))) != len(texts[0]):
            raise ValueError("the table of a rule contradicts itself")
        made = cls(claim, texts[:-1], texts[-1], values["dtype"], values["kind"])
        assert len(made._cells) == len(texts[-1])
        return made
