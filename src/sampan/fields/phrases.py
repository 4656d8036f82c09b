"""Phrases: text that says a few things, with personal data inside of it, which are replaced.

"Owner Chan Tai Man, 9123 4567" and "Owner Lee Ka Ho, 6789 0123" are one phrase with two gaps. The phrases are
learned as categories; what stands in the gaps is invented for each made row and never learned.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text, of_text, word_of
from sampan.column import Column, codes, from_strings, is_text, take
from sampan.errors import StoreError, WhereError
from sampan.field import Box, Claim, Codec, Condition, Field, Labels, Leaves, Rows, literals_of
from sampan.fields.category import Category, CategoryCodec
from sampan.fields.personal.field import Personal, PersonalCodec
from sampan.fields.personal.pieces import GAPS, gapped, is_sure, may_hold, shown
from sampan.fields.scattered import row_numbers
from sampan.look import Ground, Look
from sampan.space import Space

_SLOTS = 64
"""Gaps of one row that are told apart."""

_MOST, _READ = 50_000, 3_000
"""Distinct texts that are looked through to tell whether there are gaps; those in which names are read."""

_NAMES = 5
"""Texts with a name of a person from which on names alone are no chance: "Mr Kipling" is a brand."""


@dataclass(frozen=True)
class Phrases(Field):
    """A column of text that repeats but for telephone numbers, e-mail addresses and names inside of it.

    exact: whether a phrase that a single record holds is made again.
    """

    kind: ClassVar[str] = "phrases"
    words = (("phrases", "text that says a few things, with personal data inside of it, which are replaced"),)
    exact: bool = False

    @classmethod
    def around(cls, look: Look) -> Claim | None:
        """Phrases, with what is said of the personal data inside; None where none are."""
        held = look.once(inside_of)
        if held is None:
            return None
        kinds = [", ".join(held.kinds[:-1]), held.kinds[-1]] if held.kinds[1:] else held.kinds
        said = " and ".join(kinds)
        return Claim(
            cls(),
            f"{held.phrases:,} phrase{'s' * (held.phrases != 1)} with personal data inside: {said}",
            f"personal data stand inside its text ({said}): invented ones take their place. "
            f'To keep them: --keep "{look.name}"',
        )

    @classmethod
    def recognise(cls, look: Look, ground: Ground) -> Claim | None:
        """Text that says the same few things, but for the personal data inside of it."""
        held = look.once(inside_of) if ground is Ground.INSIDE and look.is_text else None
        if held is None or held.phrases > 0.3 * look.rows or held.phrases > 0.9 * len(look.distinct):
            return None
        return cls.around(look)

    def fit(self, column: Column, persons: np.ndarray | None = None) -> PhrasesCodec:
        """Take out the personal data, count the phrases. Raises DataError where no cell holds anything.

        persons: whose row each is, where several are one person's.
        """
        phrases, pieces = parted(column)
        held: dict[str, list[str]] = {}
        for what, text in pieces:
            held.setdefault(what, []).append(text)
        inner = Category(exact=self.exact).fit(phrases, persons)
        used = {GAPS[letter] for text in inner.values for letter in text if letter in GAPS}
        gaps = {
            what: Personal("name" if what == "full name" else what).fit(from_strings(texts))
            for what, texts in held.items()
            if what in used
        }
        return PhrasesCodec(inner, gaps, word_of(column))


def parted(column: Column) -> tuple[Column, list[tuple[str, str]]]:
    """A column with gaps in place of personal data, and the pieces that were there: (what, text) each."""
    index, values = codes(as_text(column))
    found = [gapped(str(value)) for value in values]
    texts = from_strings([text for text, _ in found] or [""])
    return take(texts, index), [piece for _, pieces in found for piece in pieces]


@dataclass(frozen=True, eq=False)
class PhrasesCodec(Codec):
    """The phrases as categories, and what is invented for each kind of gap.

    inner: the phrases, with gaps. gaps: what -> its style. dtype: the word for the column's type.
    """

    kind: ClassVar[str] = "phrases"
    inner: CategoryCodec
    gaps: Mapping[str, PersonalCodec]
    dtype: str

    @property
    def spaces(self) -> Mapping[str, Space]:
        """Those of the phrases."""
        return self.inner.spaces

    @property
    def noise(self) -> Sequence[str]:
        """Those of the phrases."""
        return self.inner.noise

    @cached_property
    def _segments(self) -> list[tuple[list[str], str]]:
        """What stands between the gaps of each phrase that has some, the wordiest first."""
        gap = re.compile(f"[{''.join(GAPS)}]")
        found = [(gap.split(text), text) for text in self.inner.values if gap.search(text)]
        found = [(parts, text) for parts, text in found if sum(map(len, parts)) >= 2]
        return sorted(found, key=lambda one: -sum(map(len, one[0])))

    def _phrases(self, column: Column) -> Column:
        """The phrase of each cell: what is left of it without personal data, or the one that it fits."""
        phrases = parted(column)[0]
        index, values = codes(phrases)
        known = frozenset(self.inner.values)
        strange = [place for place, text in enumerate(values) if text not in known]
        if not strange or not self._segments:
            return phrases
        texts: list[str] = [str(value) for value in values]
        cells = codes(as_text(column))
        first = {place: row for row, place in reversed(list(enumerate(index.tolist())))}
        for place in strange:
            whole = str(cells[1][int(cells[0][first[place]])])
            texts[place] = next((text for parts, text in self._segments if _fits(whole, parts)), texts[place])
        return take(from_strings(texts), index)

    def encode(self, column: Column) -> Leaves:
        """The phrase of each cell. Raises DataError for one that was never seen."""
        return self.inner.encode(self._phrases(column))

    def unknown(self, column: Column) -> np.ndarray:
        """Which cells hold a phrase that was never seen."""
        return self.inner.unknown(self._phrases(column))

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """The phrases, with invented personal data in their gaps."""
        texts: list[str | None] = list(self.inner.decode(leaves, rows).to_pylist())
        places = [
            (row, place, letter)
            for row, text in enumerate(texts)
            if text is not None
            for place, letter in enumerate(letter for letter in text if letter in GAPS)
        ]
        numbers = row_numbers(rows)
        made: dict[tuple[int, int], str] = {}
        for what, codec in self.gaps.items():
            own = [(row, place) for row, place, letter in places if GAPS[letter] == what]
            people = np.array(
                [int(numbers[row]) * _SLOTS + place % _SLOTS for row, place in own], dtype=np.int64
            )
            named = Rows(rows.start, len(own), rows.seed, rows.column, {"": people})
            made |= dict(zip(own, codec.texts(named), strict=True)) if own else {}
        for row in {row for row, _, _ in places}:
            texts[row] = _filled(texts[row] or "", row, made)
        return of_text(from_strings(texts), self.dtype)

    def allow(self, condition: Condition) -> list[Box]:
        """Phrases without personal data can be asked for. Raises WhereError for others: they are invented."""
        _check_literals(condition)
        return self.inner.allow(condition)

    def holds(self, condition: Condition, column: Column) -> np.ndarray | None:
        """Which cells satisfy a condition, by their phrases: bool (rows,)."""
        _check_literals(condition)
        return self.inner.holds(condition, self._phrases(column))

    def log_share(self, column: Column) -> np.ndarray:
        """log of the phrase's share of its symbol; what is invented counts nothing."""
        return self.inner.log_share(self._phrases(column))

    def view(self, column: Column) -> Labels:
        """The phrases, with the names of their gaps."""
        index, values = codes(self._phrases(column))
        return Labels(take(from_strings([shown(str(value)) for value in values] or [""]), index))

    def describe(self) -> str:
        """How many phrases, and what is invented inside of them."""
        line = shown(self.inner.describe().replace("categories", "phrases"))
        return f"{line}; {', '.join(self.gaps)} inside of them invented" if self.gaps else line

    @property
    def notes(self) -> Sequence[str]:
        """What the phrases have to say."""
        return self.inner.notes

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The states of the phrases and of each gap."""
        values, tables = self.inner.state()
        arrays = {f"inner.{name}": table for name, table in tables.items()}
        gaps = {}
        for what, codec in self.gaps.items():
            gaps[what], tables = codec.state()
            arrays |= {f"{what}.{name}": table for name, table in tables.items()}
        return {"inner": values, "gaps": gaps, "dtype": self.dtype}, arrays

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        def own(part: str) -> dict[str, np.ndarray]:
            begin = f"{part}."
            return {name[len(begin) :]: table for name, table in arrays.items() if name.startswith(begin)}

        inner = CategoryCodec.from_state(values["inner"], own("inner"))
        gaps = {what: PersonalCodec.from_state(state, own(what)) for what, state in values["gaps"].items()}
        used = {GAPS[letter] for text in inner.values for letter in text if letter in GAPS}
        if not used <= set(gaps) <= set(GAPS.values()) or inner.dtype != "string":
            raise StoreError.of_model(
                "the phrases of a column and what is put into their gaps contradict each other.",
                "A style for every kind of gap.",
            )
        of_text(from_strings([]), values["dtype"])
        return cls(inner, gaps, values["dtype"])


def _fits(text: str, parts: list[str]) -> bool:
    """Whether a text is a phrase with something in each of its gaps: `parts` stand around them."""
    if not text.startswith(parts[0]):
        return False
    at = len(parts[0])
    for part in parts[1:-1]:
        at = text.find(part, at + 1)
        if at < 0:
            return False
        at += len(part)
    return len(text) - len(parts[-1]) > at and text.endswith(parts[-1])


def _filled(text: str, row: int, made: Mapping[tuple[int, int], str]) -> str:
    """A phrase with invented values in its gaps."""
    parts, gap = [], 0
    for letter in text:
        if letter in GAPS:
            parts.append(made[row, gap])
            gap += 1
        else:
            parts.append(letter)
    return "".join(parts)


def _check_literals(condition: Condition) -> None:
    """Raises WhereError where a condition names personal data, which no model knows."""
    if any(gapped(str(literal))[1] for literal in literals_of(condition)):
        raise WhereError(
            "personal data inside of text are made anew, so none of them can be asked for.",
            "A phrase without any, or whether one is missing.",
            "Write `is missing` or `is not missing`, or name another phrase.",
        )


@dataclass(frozen=True)
class Inside:
    """What a column of text holds inside of its cells.

    phrases: how many are left without it. kinds: the kinds of personal data, the commonest first.
    """

    phrases: int
    kinds: tuple[str, ...]


def inside_of(look: Look) -> Inside | None:
    """The personal data inside of the texts of a column, if it holds texts with any."""
    if not is_text(look.column) and not DataType.is_dictionary(look.column.type):
        return None
    return inside([str(text) for text in look.distinct])


def inside(texts: Sequence[str]) -> Inside | None:
    """The personal data inside of distinct texts; None where there are none, or too few to be no chance.

    >>> inside(["vacant", "ask Mr Chan, 9123 4567", "ask Miss Lee, 9234 5678"]).kinds
    ('last name', 'phone')
    """
    some = texts[:: max(1, len(texts) // _MOST)]
    few = set(texts[:: max(1, len(texts) // _READ)])
    found = [(text, *gapped(text)) for text in some if text in few or may_hold(text)]
    sure = sum(
        any(is_sure(what, piece, piece == text.strip()) for what, piece in pieces)
        for text, _, pieces in found
    )
    names = sum(any(what.endswith("name") for what, _ in pieces) for _, _, pieces in found)
    longer = sum(
        any(not what.endswith("name") and len(piece) < len(text) - 3 for what, piece in pieces)
        for text, _, pieces in found
    )
    if not (sure or names >= max(_NAMES, 0.02 * len(found)) or longer >= max(2, 0.2 * len(found))):
        return None
    kinds = Counter(what for _, _, pieces in found for what, _ in pieces)
    phrases = {phrase for _, phrase, _ in found} | (set(some) - {text for text, _, _ in found})
    return Inside(len(phrases), tuple(what for what, _ in kinds.most_common()))


def notices_of_headings(names: Iterable[str]) -> list[str]:
    """What is said of columns whose very names hold personal data: they stand in all that is made."""
    return [
        f"the name of column {place} holds personal data ({', '.join(held.kinds)}): names of columns stand "
        "in the model, the made rows and the report. Give the column another name first."
        for place, name in enumerate(names, 1)
        if (held := inside([name])) is not None
    ]
