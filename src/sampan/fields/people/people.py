"""People: the columns of a table that speak of somebody, whose row each is, and what is made for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sampan.arrow_type import as_text
from sampan.column import Column
from sampan.field import Codec, Rows
from sampan.fields.identifier import IdentifierCodec
from sampan.fields.identity import Identity, Sizes, known_people
from sampan.fields.invented import InventedCodec
from sampan.fields.people.cells import Cells, cells_of, wholes
from sampan.fields.people.voices import alike, twins_of, voices_of
from sampan.fields.people.whom import Base, bases_of
from sampan.fields.personal.field import PersonalCodec
from sampan.fields.phrases import PhrasesCodec, parted

AGENTS = 20
"""Rows of the average person from which on the rows are not about that person."""


@dataclass(frozen=True, eq=False)
class People:
    """Columns of invented values, in the rows of a table."""

    columns: Sequence[Cells]

    @classmethod
    def of(cls, codecs: Mapping[str, Codec], columns: Mapping[str, Column]) -> People:
        """Those among the columns of a table that hold names and keys."""
        return cls(
            [
                cells_of(name, codec, columns[name])
                for name, codec in codecs.items()
                if isinstance(codec, PersonalCodec | IdentifierCodec)
            ]
        )

    def first(self, rows: int) -> People:
        """The same in the first so many rows."""
        whole = all(len(one.index) == rows for one in self.columns)
        return self if whole else People([one.first(rows) for one in self.columns])

    @cached_property
    def cells(self) -> list[Cells]:
        """What can name people who have several rows; first and last names together say a name."""
        cells = [one for one in self.columns if isinstance(one.codec, PersonalCodec) or one.repeats]
        return [*cells, *wholes(cells)]

    @cached_property
    def bases(self) -> Mapping[str, Base]:
        """Column -> whom it speaks of."""
        return bases_of(self.cells)

    @property
    def owners(self) -> np.ndarray | None:
        """Whose row each is, where columns name people who have several rows: int64 (rows,).

        None where they name nobody twice, and where the average has so many rows that they are agents (a
        shop, a doctor), of whom most of what the rows say is not.
        """
        keys = [base.key for base in self.bases.values() if base.key is not None]
        keys = [key for key in keys if key.is_key or key.what == "name"]
        if not keys:
            return None
        key = max(keys, key=lambda one: (int((one.index >= 0).sum() > 0.9 * one.index.size), len(one.values)))
        if key.counts.mean() >= AGENTS:
            return None
        alone = key.index < 0
        return np.where(alone, len(key.values) + np.cumsum(alone), key.index)

    def bound(self, codecs: Mapping[str, Codec], columns: Mapping[str, Column]) -> dict[str, Codec]:
        """The codecs of a table, those of invented values told of whom their rows speak."""
        phrases = {name: codec for name, codec in codecs.items() if isinstance(codec, PhrasesCodec)}
        if not self.cells and len(phrases) < 2:
            return dict(codecs)
        taken: dict[str, list[str]] = {}  # all that the table holds of each kind, in whatever column
        pieces = [
            piece for name, codec in phrases.items() if codec.gaps for piece in parted(columns[name])[1]
        ]
        for what, text in [*((one.what, text) for one in self.cells for text in one.values), *pieces]:
            taken.setdefault(_kind(what), []).append(text)
        taken = {what: list(dict.fromkeys(texts)) for what, texts in taken.items()}
        out = dict(codecs)
        for one in _spoken(self.cells, self.bases, taken):
            if one.name in out:
                out[one.name] = one.codec
        for name, codec in phrases.items():
            gaps = {what: gap.avoiding(taken.get(_kind(what), [])) for what, gap in codec.gaps.items()}
            out[name] = replace(codec, gaps=gaps)
        return out


def _kind(what: str) -> str:
    """What a piece of text is called in a column of its own."""
    return "name" if what == "full name" else what


def _spoken(cells: list[Cells], bases: Mapping[str, Base], taken: Mapping[str, list[str]]) -> list[Cells]:
    """The columns with codecs that know whom their rows speak of."""
    twins = twins_of(cells, bases)
    voices = voices_of(cells, bases, twins)
    notes = _notes(cells, bases)
    out = []
    for one in cells:
        base, root = bases[one.name], twins.get(one.name, one)
        key = base.key
        identity = Identity(
            group=base.group,
            sizes=None if key is None else Sizes.of(key.counts),
            rows=len(one.index),
            together=key is not None and _stand_together(key),
            steps=base.steps,
            salt=root.name,
            voice=voices.get(one.name, ""),
            notes=notes.get(one.name, ()),
        )
        codec = replace(one.codec, identity=identity)  # type: ignore[type-var]  # both kinds are dataclasses
        out.append(replace(one, codec=codec))
    return alike(out, twins, voices, taken)


def _stand_together(key: Cells) -> bool:
    """Whether the rows of one person stand one after another."""
    index = key.index[key.index >= 0]
    same = float(np.mean(index[1:] == index[:-1])) if index.size > 1 else 0.0
    return same > 0.5 * (1 - len(key.values) / index.size)


def _notes(cells: list[Cells], bases: Mapping[str, Base]) -> dict[str, tuple[str, ...]]:
    """Column -> what a person should know of the identities in it: said once for each group of columns."""
    out: dict[str, tuple[str, ...]] = {}
    groups: dict[str, list[str]] = {}
    for one in cells:
        key = bases[one.name].key
        if key is not None and one.is_column:
            groups.setdefault(key.name, []).append(one.name)
    invented = {one.name for one in cells if isinstance(one.codec, PersonalCodec)}
    for key_name, names in groups.items():
        if not invented & set(names):
            continue  # a number of something: the notice about its rows says what becomes of it
        key = next(one for one in cells if one.name == key_name)
        others = ", ".join(f'"{name}"' for name in names[1:])
        together = f", the same in {others}" if others else ""
        mean = key.counts.mean()
        out[names[0]] = (
            "the rows of one person belong together: an invented identity stands in several of them, as "
            f"in the data ({mean:.3g} on average){together}. Columns that are not replaced are made for "
            "each row and not tied to it.",
        )
    return out


def speaking(codecs: Mapping[str, Codec], known: Mapping[str, Column], rows: Rows) -> dict[str, np.ndarray]:
    """Group of columns -> whom each row speaks of, where cells of the group are given: int64 (rows,)."""
    named: dict[str, list[tuple[int, InventedCodec, str]]] = {}
    for name, codec in codecs.items():
        if name in known and isinstance(codec, InventedCodec) and codec.identity.sizes is not None:
            named.setdefault(codec.identity.group, []).append((len(codec.identity.steps), codec, name))
    out = {}
    for group, members in named.items():
        members.sort(key=lambda one: one[0])
        cells = []
        for _, _, name in members:
            texts = as_text(known[name]).to_pylist()
            cells.append(texts * rows.count if len(texts) == 1 and rows.count != 1 else texts)
        given = known_people(cells)
        own = members[0][1].identity.people(rows)
        out[group] = np.where(given < 0, own, given)
    return out
