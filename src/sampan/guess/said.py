"""What a person says that a column is: type words, and columns called personal or exact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sampan.errors import RequestError, nearest
from sampan.field import Claim, CountsPeople, Field
from sampan.fields import FIELDS
from sampan.fields.category import Category
from sampan.fields.personal import recognised
from sampan.look import Look


def personal_types(personal: Mapping[str, str] | Collection[str], types: Mapping[str, Any]) -> dict[str, str]:
    """Column -> type word of columns that somebody calls personal: a list of them, or column -> what it is.

    >>> personal_types({"owner": "name", "c2": ""}, {})
    {'owner': 'personal:name', 'c2': 'personal'}
    """
    said = [personal] if isinstance(personal, str) else personal
    whats = dict(said) if isinstance(said, Mapping) else dict.fromkeys(said, "")
    for name, what in whats.items():
        if name in types:
            raise RequestError(
                f'"{name}" is called personal and also given the type "{types[name]}".',
                "One of the two.",
                f'Type only: --personal "{name}{f"={what}" if what else ""}"',
            )
    return {name: f"personal:{what}" if what else "personal" for name, what in whats.items()}


def exact_types(exact: Collection[str], types: Mapping[str, str | Field]) -> dict[str, str | Field]:
    """Column -> type of columns in which one person's own values may be made again, over the types given.

    >>> exact_types(["age", "born"], {"born": "moment:%d/%m/%Y"})
    {'age': 'exact', 'born': 'moment:%d/%m/%Y,exact'}
    """
    out: dict[str, str | Field] = {}
    for name in [exact] if isinstance(exact, str) else exact:
        kind = types.get(name, "exact")
        if isinstance(kind, Field):
            out[name] = exactly(name, kind)
        elif kind == "exact" or parted(kind)[1]:
            out[name] = kind
        else:
            out[name] = f"{kind},exact" if ":" in kind else f"{kind}:exact"
    return out


def parted(words: str) -> tuple[str, bool]:
    """A type word without its "exact", and whether it had one."""
    for ending in (":exact", ",exact"):
        if words.endswith(ending):
            return words.removesuffix(ending), True
    return words, False


def exactly(name: str, field: Field) -> Field:
    """The field that makes one person's own values again."""
    if isinstance(field, CountsPeople):
        return replace(field, exact=True)  # type: ignore[type-var]  # fields are frozen dataclasses
    raise RequestError(
        f'"{name}" is learned as {field.kind}, of which no value of a real record is made.',
        "Numbers, categories and moments can be made exactly.",
        f'Type for instance: --type "{name}=category:exact"',
    )


def kept(look: Look) -> Claim:
    """A column whose values are learned as they are, whomever they name."""
    found = look.once(recognised)
    what = found.what if found else "personal data"
    return Claim(
        Category(exact=True),
        "kept as it is, as you said",
        f"{what}; kept as you said: made records hold values of real ones.",
    )


def stated(word: str, look: Look) -> Claim:
    """The field that a person asked for: 'kind' or 'kind:setting'."""
    kind, _, setting = word.partition(":")
    if kind not in FIELDS:
        raise RequestError(
            f'"{kind}" is no kind of column (asked for "{look.name}").{nearest(kind, FIELDS)}',
            f"The kinds are: {', '.join(FIELDS)}.",
            f'Type for instance: --type "{look.name}=category"',
        )
    found = FIELDS[kind].of_setting(setting, look)
    if found is not None:
        return found
    exact = '; "exact" may follow' if hasattr(FIELDS[kind], "exact") else ""
    raise RequestError(
        f'"{word}" (asked for "{look.name}"): a {kind} column has no setting "{setting}".',
        f"Expected: {', '.join(said for said, _ in FIELDS[kind].words)}{exact}.",
        f'Type: --type "{look.name}={kind}"',
    )
