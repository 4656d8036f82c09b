"""Identity: whom each made row speaks of, so that an invented person keeps one identity over their rows.

People are numbered. A row's number depends on the seed and the row alone, and every column that speaks of a
person makes its value out of the same number: so one person's name, identity number and telephone number go
together. How many rows a person has follows the rows of real people; which rows those are does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

import numpy as np

from sampan.field import Rows
from sampan.fields.scattered import hashed, key_of, row_numbers

_LEVELS = 64
"""Quantiles that stand for the sizes of many: the rows of no single person are kept, where they are more."""

_FEW = 20
"""Rows of the average person from which on people are a fixed set (agents), whoever makes how many rows."""

_BLOCK = 32_768
"""Rows among which the rows of a person are spread."""

_MOST = 10_000_000
"""People, and rows or values of one of them, of which a model may speak: more would fill the memory."""


@dataclass(frozen=True)
class Sizes:
    """How many rows, or values, each of `count` people has: the quantiles of it, ascending."""

    levels: tuple[int, ...]
    count: int

    @classmethod
    def of(cls, counts: np.ndarray) -> Self:
        """Of the number of each: int64 (people,), each at least 1."""
        ordered = np.sort(counts)
        if ordered.size > _LEVELS:
            middle = (np.arange(_LEVELS) + 0.5) / _LEVELS * ordered.size
            ordered = ordered[middle.astype(np.int64)]
        return cls(tuple(np.minimum(ordered, _MOST).tolist()), int(min(counts.size, _MOST)))

    @property
    def mean(self) -> float:
        """Of one of them."""
        return sum(self.levels) / len(self.levels)

    def at(self, level: np.ndarray) -> np.ndarray:
        """The sizes at levels of [0, 1): int64."""
        return np.array(self.levels, dtype=np.int64)[(level * len(self.levels)).astype(np.int64)]

    def all(self) -> np.ndarray:
        """The size of every one of them: int64 (count,)."""
        return self.at((np.arange(self.count) + 0.5) / self.count)

    def to_json(self) -> list[Any]:
        """Plain values."""
        return [list(self.levels), self.count]

    @classmethod
    def from_json(cls, values: Any) -> Self:
        """What `to_json` described. Raises ValueError where it is nothing of the kind."""
        levels, count = values
        numbers = [count, *levels]
        if not 0 < len(levels) <= _LEVELS or not all(
            type(number) is int and 0 < number <= _MOST for number in numbers
        ):
            raise ValueError("the sizes of an identity are no whole numbers above 0")
        return cls(tuple(levels), count)


Step = tuple[Literal["within", "shared"], Sizes]
"""From people to what a column holds of them: several of it `within` a person, or `shared` by several."""


@dataclass(frozen=True)
class Identity:
    """Whom the rows of one column speak of.

    group: the columns of one group speak of the same people. sizes: how many rows each has; None where every
    row is another. rows: of the data. together: whether a person's rows stand one after another. steps: from
    these people to what the column holds. salt: keeps columns from drawing alike. voice: columns with the
    same have names that agree. notes: what a person should know.
    """

    group: str = ""
    sizes: Sizes | None = None
    rows: int = 0
    together: bool = False
    steps: tuple[Step, ...] = ()
    salt: str = ""
    voice: str = ""
    notes: tuple[str, ...] = field(default=(), compare=False)

    def of(self, rows: Rows) -> np.ndarray:
        """The number of whom each of the rows speaks of: int64 (rows,)."""
        people = rows.people.get(self.group)
        if people is None:
            people = self.people(rows)
        for place, (kind, sizes) in enumerate(self.steps):
            key = key_of(rows, f"{kind} {place} of {self.group} {self.salt}")
            people = _parts(people, sizes, key) if kind == "within" else _classes(people, sizes, key)
        return people

    def people(self, rows: Rows) -> np.ndarray:
        """The same before the steps: of the whole group."""
        if self.sizes is None or rows.count == 0:
            return row_numbers(rows)
        rng = Rows(rows.start, rows.count, rows.seed).rng(f"people {self.group}")
        if self.sizes.mean >= _FEW:
            edges = np.cumsum(self.sizes.all().astype(np.float64))
            level = (rng.permutation(rows.count) + rng.random(rows.count)) / rows.count
            level = np.sort(level) if self.together else level
            return np.searchsorted(edges, level * edges[-1], side="right").clip(0, self.sizes.count - 1)
        # a table as long as the data, of which these are the first rows
        wanted = rows.count if self.together else max(rows.count, min(self.rows, _BLOCK))
        some = int(wanted / self.sizes.mean) + 2
        sizes = self.sizes.at((rng.permutation(some) + rng.random(some)) / some)
        while sizes.sum() < wanted:
            sizes = np.concatenate([sizes, self.sizes.at(rng.random(some))])
        people = np.repeat(np.arange(sizes.size), sizes)[:wanted]
        if not self.together:
            people = rng.permutation(people)
        _, first, place = np.unique(people[: rows.count], return_index=True, return_inverse=True)
        return rows.start + np.argsort(np.argsort(first))[place].astype(np.int64)

    def to_json(self) -> dict[str, Any]:
        """Plain values to join those of a codec; none where every row is another."""
        if self == ALONE:
            return {}
        plain = {name: getattr(self, name) for name in ("group", "rows", "together", "salt", "voice")}
        plain["sizes"] = None if self.sizes is None else self.sizes.to_json()
        plain["steps"] = [[kind, sizes.to_json()] for kind, sizes in self.steps]
        return {"identity": plain}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """The identity among the values of a codec. Raises ValueError where it is damaged."""
        plain = values.get("identity")
        if plain is None:
            return cls()
        words = [plain["group"], plain["salt"], plain["voice"]]
        steps = [(kind, Sizes.from_json(sizes)) for kind, sizes in plain["steps"]]
        sound = (
            all(isinstance(word, str) for word in words)
            and type(plain["rows"]) is int
            and plain["rows"] >= 0
            and len(steps) <= 3
            and isinstance(plain["together"], bool)
            and all(kind in ("within", "shared") for kind, _ in steps)
        )
        if not sound:
            raise ValueError("the identity of a column is damaged")
        sizes = None if plain["sizes"] is None else Sizes.from_json(plain["sizes"])
        return cls(words[0], sizes, plain["rows"], plain["together"], tuple(steps), words[1], words[2])


ALONE = Identity()
"""Of columns in which every row speaks of another."""


def _parts(people: np.ndarray, sizes: Sizes, key: int) -> np.ndarray:
    """A number for each part of each person, among which their rows are shared out."""
    found, first, place, rows = np.unique(people, return_index=True, return_inverse=True, return_counts=True)
    parts = np.minimum(sizes.at(hashed(found, key)), rows)
    order = np.argsort(place, kind="stable")
    rank = np.empty(len(people), dtype=np.int64)
    rank[order] = np.arange(len(people)) - np.repeat(np.cumsum(rows) - rows, rows)
    return people * max(sizes.levels) + rank * parts[place] // rows[place]


def _classes(people: np.ndarray, sizes: Sizes, key: int) -> np.ndarray:
    """The number of what each person shares with others."""
    edges = np.cumsum(sizes.all().astype(np.float64))
    level = hashed(people, key) * edges[-1]
    return np.searchsorted(edges, level, side="right").clip(0, sizes.count - 1)


def known_people(cells: Sequence[Sequence[str | None]]) -> np.ndarray:
    """Numbers of people, alike where their given cells are; -1 where none is given: int64 (rows,).

    cells: of one or more columns that name the same people, the surest first.
    """
    out = np.full(len(cells[0]), -1, dtype=np.int64)
    for column in cells:
        numbers = {text: _number_of(text) for text in set(column) if text is not None}
        found = np.array(
            [numbers.get(text, -1) if text is not None else -1 for text in column], dtype=np.int64
        )
        out = np.where(out < 0, found, out)
    return out


def _number_of(text: str) -> int:
    import hashlib

    digest = hashlib.blake2b(text.strip().encode(), digest_size=8).digest()
    return 10_000 + int.from_bytes(digest) % 10_000_000
