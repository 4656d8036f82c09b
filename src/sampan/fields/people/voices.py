"""Voices: columns that say the same, and whose names they say, so that what is made in them agrees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sampan.fields.people.cells import Cells
from sampan.fields.people.whom import Base
from sampan.fields.personal.draw import Pairs
from sampan.fields.personal.field import PersonalCodec, learned

_OF_ACCOUNTS = ("first name", "last name", "e-mail", "username", "url")
_PAIRED = frozenset(["phone", "account", "card number", "hkid", "id number", "passport", "iban"])


def twins_of(cells: list[Cells], bases: Mapping[str, Base]) -> dict[str, Cells]:
    """Column -> the one before it that says the same in another form."""
    out: dict[str, Cells] = {}
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


def _bare(text: str, what: str) -> str:
    kept = "".join(letter for letter in text.removesuffix(".0").casefold() if letter.isalnum())
    return kept[-8:] if what == "phone" else kept


def voices_of(cells: list[Cells], bases: Mapping[str, Base], twins: Mapping[str, Cells]) -> dict[str, str]:
    """Column -> whose names it says: those of one word agree, but for two that hold different names."""
    out: dict[str, str] = {}
    taken: dict[tuple[str, str], str] = {}
    for one in cells:
        if not isinstance(one.codec, PersonalCodec):
            continue
        group, word = bases[one.name].group, one.codec.person
        if one.what == "name" and one.name in twins:
            out[one.name] = out[twins[one.name].name]
            continue
        if one.what == "name" and (group, word) in taken:
            word = f"{word} {one.name}"
        if one.what == "name":
            taken[group, word] = one.name
        out[one.name] = word
    # accounts speak of the one person whose name is beside them in letters they are made of
    latin = [one for one in cells if one.what == "name" and isinstance(one.codec, PersonalCodec)
             and one.codec.style["order"] != "joined"]  # fmt: skip
    for one in cells:
        if not isinstance(one.codec, PersonalCodec) or one.what not in ("e-mail", "username", "url"):
            continue
        person, alone = one.codec.person, not bases[one.name].group
        names = [
            other.name
            for other in latin
            if (not person or out[other.name] in (person, "")) and (alone or bases[other.name].group)
        ]
        if names:
            out[one.name] = out[names[0]]
    return out


def alike(
    cells: list[Cells],
    twins: Mapping[str, Cells],
    voices: Mapping[str, str],
    taken: Mapping[str, list[str]],
) -> list[Cells]:
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
            by_name[one.name] = replace(one, codec=one.codec.avoiding(taken[one.what]))
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
