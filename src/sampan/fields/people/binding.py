"""People: which columns speak of one person, found in the training rows, and how many rows a person has.

Columns whose values fix each other (a name, an identity number, a telephone number) name the same people.
What is coarser belongs to a person too (an address that a family shares), and so does what is finer (the two
accounts of one person). A few rows may disagree: a typing error, a line of totals.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from arro3.core import DataType

from sampan.arrow_type import as_text
from sampan.column import Column, codes, from_strings
from sampan.field import Codec, Rows
from sampan.fields.identifier import IdentifierCodec
from sampan.fields.identity import Identity, Sizes, Step, known_people
from sampan.fields.invented import InventedCodec
from sampan.fields.personal.apart import apart
from sampan.fields.personal.draw import Pairs
from sampan.fields.personal.field import Personal, PersonalCodec, learned
from sampan.fields.personal.pools import is_han
from sampan.fields.personal.signs import is_total
from sampan.fields.phrases import PhrasesCodec, pieces_of

_FIXED = 0.97
"""Share of the rows in which a value must go with the one value that another column has."""

_ROWS = 200_000
"""Rows by which it is told whether one column fixes another."""

_OWN = 0.15
"""Values for each person from which on a coarser column has one of its own for each: people share names."""

AGENTS = 20
"""Rows of the average person from which on the rows are not about that person."""

_KEYS = frozenset(
    ["hkid", "id number", "passport", "e-mail", "phone", "username", "account", "card number", "iban"]
)
"""Kinds of which a value is one person's, or one of several that only this person has."""

_PERSONS = frozenset(["hkid", "id number", "passport"])
_PARTS = frozenset(["first name", "last name"])
_OF_ACCOUNTS = ("first name", "last name", "e-mail", "username", "url")
_PAIRED = frozenset(["phone", "account", "card number", "hkid", "id number", "passport", "iban"])


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells of one column: which of its values each row holds (-1 where none), and the values."""

    name: str
    codec: InventedCodec
    index: np.ndarray
    values: list[str]
    is_column: bool = True

    @property
    def what(self) -> str:
        return self.codec.what if isinstance(self.codec, PersonalCodec) else "identifier"

    @cached_property
    def counts(self) -> np.ndarray:
        """Rows of each value."""
        return np.bincount(self.index[self.index >= 0], minlength=len(self.values))

    @cached_property
    def repeats(self) -> bool:
        """Whether its values come back: one for about every row is no repeat."""
        return bool(self.counts.size) and self.counts.size < 0.98 * self.counts.sum()

    @property
    def is_key(self) -> bool:
        return self.what in _KEYS or self.what == "identifier"


def bound(codecs: Mapping[str, Codec], columns: Mapping[str, Column]) -> dict[str, Codec]:
    """The codecs, those of invented values told of whom their rows speak."""
    cells = [
        _cells(name, codec, columns[name])
        for name, codec in codecs.items()
        if isinstance(codec, PersonalCodec | IdentifierCodec)
    ]
    cells = [one for one in cells if isinstance(one.codec, PersonalCodec) or one.repeats]
    phrases = {name: codec for name, codec in codecs.items() if isinstance(codec, PhrasesCodec)}
    if not cells and len(phrases) < 2:
        return dict(codecs)
    cells += _wholes(cells)
    held: dict[str, list[str]] = {}  # all that the table holds of each kind, in whatever column
    pieces = [piece for name, codec in phrases.items() if codec.gaps for piece in pieces_of(columns[name])]
    for what, text in [*((one.what, text) for one in cells for text in one.values), *pieces]:
        held.setdefault(_kind(what), []).append(text)
    held = {what: list(dict.fromkeys(texts)) for what, texts in held.items()}
    out = dict(codecs)
    for one in _spoken(cells, _bases(cells), held):
        if one.name in out:
            out[one.name] = one.codec
    for name, codec in phrases.items():
        gaps = {what: apart(gap, held.get(_kind(what), [])) for what, gap in codec.gaps.items()}
        out[name] = replace(codec, gaps=gaps)
    return out


def _kind(what: str) -> str:
    """What a piece of text is called in a column of its own."""
    return "name" if what == "full name" else what


def persons_of(codecs: Mapping[str, Codec], columns: Mapping[str, Column]) -> np.ndarray | None:
    """Whose row each is, where columns of invented values name people who have several rows: int64 (rows,).

    None where they name nobody twice, and where the average has so many rows that they are agents (a shop, a
    doctor), of whom most of what the rows say is not.
    """
    cells = [
        _cells(name, codec, columns[name])
        for name, codec in codecs.items()
        if isinstance(codec, PersonalCodec | IdentifierCodec) and name in columns
    ]
    cells = [one for one in cells if isinstance(one.codec, PersonalCodec) or one.repeats]
    cells += _wholes(cells)
    keys = [base.key for base in _bases(cells).values() if base.key is not None]
    keys = [key for key in keys if key.is_key or key.what == "name"]
    if not keys:
        return None
    key = max(keys, key=lambda one: (int((one.index >= 0).sum() > 0.9 * one.index.size), len(one.values)))
    if key.counts.mean() >= AGENTS:
        return None
    alone = key.index < 0
    return np.where(alone, len(key.values) + np.cumsum(alone), key.index)


def _wholes(cells: list[_Cells]) -> list[_Cells]:
    """Full names where a table has first and last names alone: what they say together names a person."""
    parts = {(one.what, one.codec.person): one for one in cells if isinstance(one.codec, PersonalCodec)}
    out = []
    for (what, word), first in parts.items():
        last = parts.get(("last name", word))
        if what != "first name" or last is None or ("name", word) in parts:
            continue
        both = (first.index >= 0) & (last.index >= 0)
        pairs, place = np.unique(first.index[both] * len(last.values) + last.index[both], return_inverse=True)
        index = np.full(len(both), -1, dtype=np.int64)
        index[both] = place
        ends = [divmod(pair, len(last.values)) for pair in pairs.tolist()]
        texts = [(first.values[a], last.values[b]) for a, b in ends]
        names = [b + a if a and is_han(a[0]) else f"{a} {b}" for a, b in texts]
        if names:
            codec = Personal("name", person=word).fit(from_strings(names))
            out.append(_Cells(f"{first.name} {last.name}", codec, index, names, is_column=False))
    return out


def _cells(name: str, codec: PersonalCodec | IdentifierCodec, column: Column) -> _Cells:
    index, values = codes(as_text(column))
    texts = [str(value) for value in values]
    if DataType.is_floating(column.type):
        texts = [text.removesuffix(".0") for text in texts]
    totals = [place for place, text in enumerate(texts) if is_total(text) or text == "NaN"]
    if totals:
        index = np.where(np.isin(index, totals), -1, index)
    held, place = np.unique(index[index >= 0], return_inverse=True)
    plain = np.full(len(index), -1, dtype=np.int64)
    plain[index >= 0] = place
    return _Cells(name, codec, plain, [texts[row] for row in held.tolist()])


def _fixes(a: _Cells, b: _Cells) -> bool:
    """Whether a value of `a` goes with one value of `b`, but for a few rows."""
    # of a long table all rows of some values of `a`
    both = (a.index >= 0) & (b.index >= 0) & (a.index % (1 + len(a.index) // _ROWS) == 0)
    rows = int(both.sum())
    if rows < 10:
        return False
    pair, count = np.unique(a.index[both] * len(b.values) + b.index[both], return_counts=True)
    most = np.zeros(len(a.values), dtype=np.int64)
    np.maximum.at(most, pair // len(b.values), count)
    return int(most.sum()) >= _FIXED * rows


@dataclass(frozen=True, eq=False)
class _Base:
    """Whom a column speaks of: the people of `key`, and the steps from them to what the column holds."""

    key: _Cells | None
    steps: tuple[Step, ...] = ()


def _bases(cells: list[_Cells]) -> dict[str, _Base]:
    """Column -> whom it speaks of."""
    repeated = [one for one in cells if one.repeats]
    if not repeated or any(one.what in _PERSONS and not one.repeats and len(one.values) > 9 for one in cells):
        return {one.name: _Base(None) for one in cells}  # every row is another person, whoever shares a name
    somebody = any(one.what in ("name", "e-mail", "phone") and not one.repeats for one in cells)
    repeated = [one for one in repeated if not (somebody and one.what in _PARTS)]
    fixed = {(a.name, b.name): a is b or _fixes(a, b) for a in repeated for b in repeated}
    groups: list[list[_Cells]] = []
    for one in sorted(repeated, key=lambda cell: (not cell.is_key, -len(cell.values))):
        for group in groups:
            if fixed[one.name, group[0].name] and fixed[group[0].name, one.name]:
                group.append(one)
                break
        else:
            groups.append([one])
    # of columns that name the same people the one that names them in most rows says how many each has
    groups = [sorted(group, key=lambda one: (not one.is_key, -int(one.counts.sum()))) for group in groups]
    found: dict[str, _Base] = {one.name: _Base(None) for one in cells}
    keys = [group[0] for group in groups]
    placed: dict[str, _Base] = {}

    def place(key: _Cells) -> _Base:
        if key.name in placed:
            return placed[key.name]
        placed[key.name] = _Base(key)  # until it is known better; and so that no circle is walked
        own = len(key.values)
        if key.is_key:  # the accounts of a person
            coarser = [
                other
                for other in keys
                if other is not key
                and other.is_key
                and fixed[key.name, other.name]
                and len(other.values) < own
            ]
            if coarser:
                whole = max(coarser, key=lambda other: len(other.values))
                base = place(whole)
                placed[key.name] = _Base(base.key, (*base.steps, ("within", _parts_of(whole, key))))
            return placed[key.name]
        finer = [other for other in keys if other is not key and fixed[other.name, key.name]]
        finer = [other for other in finer if other.is_key or len(other.values) > own]
        if finer:
            person = min(finer, key=lambda other: (not other.is_key, len(other.values)))
            base = place(person)
            shared: tuple[Step, ...] = (("shared", Sizes.of(_people_of(person, key))),)
            each = own >= _OWN * len(person.values) and key.what not in ("company", "address")
            each = each or key.what in _PARTS or own >= 0.8 * len(person.values)
            placed[key.name] = _Base(base.key, base.steps if each else (*base.steps, *shared))
        return placed[key.name]

    for group in groups:
        base = place(group[0])
        found |= {one.name: base for one in group}
    return found


def _parts_of(whole: _Cells, part: _Cells) -> Sizes:
    """How many values of `part` each value of `whole` has."""
    both = (whole.index >= 0) & (part.index >= 0)
    pairs = np.unique(whole.index[both] * len(part.values) + part.index[both])
    counts = np.bincount(pairs // len(part.values), minlength=len(whole.values))
    return Sizes.of(counts[counts > 0])


def _people_of(person: _Cells, shared: _Cells) -> np.ndarray:
    """How many people share each value: int64, each at least 1."""
    both = (person.index >= 0) & (shared.index >= 0)
    pairs = np.unique(shared.index[both] * len(person.values) + person.index[both])
    counts = np.bincount(pairs // len(person.values), minlength=len(shared.values))
    return counts[counts > 0]


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


# --- what the codecs are told
def _spoken(cells: list[_Cells], bases: Mapping[str, _Base], held: Mapping[str, list[str]]) -> list[_Cells]:
    """The columns with codecs that know whom their rows speak of."""
    twins = _twins(cells, bases)
    voices = _voices(cells, bases, twins)
    told = _told(cells, bases)
    out = []
    for one in cells:
        base, root = bases[one.name], twins.get(one.name, one)
        key = base.key
        identity = Identity(
            group="" if key is None else key.name,
            sizes=None if key is None else Sizes.of(key.counts),
            rows=len(one.index),
            together=key is not None and _stand_together(key),
            steps=base.steps,
            salt=root.name,
            voice=voices.get(one.name, ""),
            told=told.get(one.name, ()),
        )
        codec = replace(one.codec, identity=identity)  # type: ignore[type-var]  # both kinds are dataclasses
        out.append(replace(one, codec=codec))
    return _alike(out, twins, voices, held)


def _stand_together(key: _Cells) -> bool:
    """Whether the rows of one person stand one after another."""
    index = key.index[key.index >= 0]
    same = float(np.mean(index[1:] == index[:-1])) if index.size > 1 else 0.0
    return same > 0.5 * (1 - len(key.values) / index.size)


def _bare(text: str, what: str) -> str:
    kept = "".join(letter for letter in text.removesuffix(".0").casefold() if letter.isalnum())
    return kept[-8:] if what == "phone" else kept


def _twins(cells: list[_Cells], bases: Mapping[str, _Base]) -> dict[str, _Cells]:
    """Column -> the one before it that says the same in another form."""
    out: dict[str, _Cells] = {}
    for place, one in enumerate(cells):
        for other in cells[:place]:
            if other.what != one.what or bases[other.name] != bases[one.name] and one.repeats:
                continue
            both = np.flatnonzero((one.index >= 0) & (other.index >= 0))[:2_000]
            if both.size < 2 or other.name in out:
                continue
            pairs = zip(one.index[both].tolist(), other.index[both].tolist(), strict=True)
            same = [_bare(one.values[a], one.what) == _bare(other.values[b], one.what) for a, b in pairs]
            if sum(same) >= 0.95 * len(same):
                out[one.name] = other
                break
    return out


def _voices(cells: list[_Cells], bases: Mapping[str, _Base], twins: Mapping[str, _Cells]) -> dict[str, str]:
    """Column -> whose names it says: those of one word agree, but for two that hold different names."""
    out: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    for one in cells:
        if not isinstance(one.codec, PersonalCodec):
            continue
        base = bases[one.name].key
        group, word = "" if base is None else base.name, one.codec.person
        if one.what == "name" and one.name in twins:
            out[one.name] = out[twins[one.name].name]
            continue
        if one.what == "name" and (group, word) in taken:
            word = f"{word} {one.name}"
        if one.what == "name":
            taken[group, word] = one.name
        out[one.name] = word
    for (
        one
    ) in cells:  # accounts speak of the one person whose name is beside them in letters they are made of
        if not isinstance(one.codec, PersonalCodec) or one.what not in _OF_ACCOUNTS:
            continue
        base = bases[one.name].key
        group = "" if base is None else base.name
        names = [
            other
            for other in cells
            if other.what == "name" and _is_latin(other)
            if not one.codec.person or out[other.name] in (one.codec.person, "")
        ]
        names = [other for other in names if ("" if bases[other.name].key is None else group) == group]
        if names and one.what in ("e-mail", "username", "url"):
            out[one.name] = out[names[0].name]
    return out


def _is_latin(one: _Cells) -> bool:
    return isinstance(one.codec, PersonalCodec) and one.codec.style["order"] != "joined"


def _alike(
    cells: list[_Cells],
    twins: Mapping[str, _Cells],
    voices: Mapping[str, str],
    held: Mapping[str, list[str]],
) -> list[_Cells]:
    """Twins draw from the same numbers, none of the table's; what is made of a name from the same names."""
    by_name = {one.name: one for one in cells}
    for name, first in twins.items():
        one, root = by_name[name], by_name[first.name]
        if one.what not in _PAIRED or not isinstance(one.codec, PersonalCodec):
            continue
        assert isinstance(root.codec, PersonalCodec)
        style, free = learned(one.what, [*root.values, *one.values])
        numbers = {key: style[key] for key in ("leads", "after") if key in style}
        if (
            one.what in ("account", "passport")
            and one.codec.style["alphabets"] != root.codec.style["alphabets"]
        ):
            continue  # written in another number of places
        for twin in (one, root):
            assert isinstance(twin.codec, PersonalCodec)
            own = twin.codec.style | numbers
            by_name[twin.name] = replace(twin, codec=replace(twin.codec, style=own, free=free))
    for one in list(by_name.values()):
        if isinstance(one.codec, PersonalCodec):
            by_name[one.name] = replace(one, codec=apart(one.codec, held[one.what]))
    for one in list(by_name.values()):
        if not isinstance(one.codec, PersonalCodec) or one.what not in _OF_ACCOUNTS:
            continue
        speaker = next(
            (
                other.codec
                for other in by_name.values()
                if isinstance(other.codec, PersonalCodec)
                and other.what == "name"
                and voices[other.name] == voices[one.name]
                and other.codec.identity.group == one.codec.identity.group
            ),
            None,
        )
        if speaker is not None:
            by_name[one.name] = replace(one, codec=_speaking(one.codec, speaker))
    return [by_name[one.name] for one in cells]


def _speaking(codec: PersonalCodec, speaker: PersonalCodec) -> PersonalCodec:
    """The codec of a part of a name, or of an account, with the names of the whole."""
    first, last = speaker.style["first"], speaker.style["last"]
    style = dict(codec.style)
    if codec.what in ("first name", "last name"):
        style["pool"] = first if codec.what == "first name" else last
    elif speaker.style["order"] != "joined":
        style |= {"first": first, "last": last}
    return replace(codec, style=style, pairs=Pairs(speaker.free, len(first), len(last)))


def _told(cells: list[_Cells], bases: Mapping[str, _Base]) -> dict[str, tuple[str, ...]]:
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
