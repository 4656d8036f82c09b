"""Guess: what each column of a table is, from its name and its cells, with the reason in plain words.

Every field is asked for its claim, one ground after another, the surest first; the first claim decides.
Nothing is guessed silently: every column has a reason, and what a person should know before learning is a
notice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sampan.arrow_type import name_of
from sampan.column import Column, holds_bytes
from sampan.errors import DataError, RequestError, known_name, names_of, nearest
from sampan.field import Claim, CountsPeople, Field
from sampan.fields import FIELDS
from sampan.fields.category import Category
from sampan.fields.people.whom import tied_to_people
from sampan.fields.personal import recognised, suspected
from sampan.fields.phrases import notices_of_headings
from sampan.guess.grouping import key_found, together
from sampan.look import Ground, Look
from sampan.schema import Schema, as_key, is_key


def personal_types(personal: Mapping[str, str] | Collection[str], types: Mapping[str, Any]) -> dict[str, str]:
    """Column -> type word of columns that somebody calls personal: a list of them, or column -> what it is.

    >>> personal_types({"owner": "name", "c2": ""}, {})
    {'owner': 'personal:name', 'c2': 'personal'}
    """
    if isinstance(personal, Mapping):
        whats = {str(name): what for name, what in personal.items()}
    else:
        whats = dict.fromkeys(names_of(personal, "personal"), "")
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
    for name in names_of(exact, "exact"):
        kind = types.get(name, "exact")
        if isinstance(kind, Field):
            out[name] = exactly(name, kind)
        elif kind == "exact" or parted(kind)[1]:
            out[name] = kind
        else:
            out[name] = f"{kind},exact" if ":" in kind else f"{kind}:exact"
    return out


def key_types(key: str | None, types: Mapping[str, str | Field]) -> dict[str, str | Field]:
    """Column -> type of the column by whose value rows belong together, over the types given.

    >>> key_types("customer", {}), key_types("card", {"card": "personal:card number"})
    ({'customer': 'key'}, {'card': 'personal:card number,key'})
    """
    if key is None:
        return {}
    (name,) = names_of([key], "key")
    word = types.get(name, "key")
    if isinstance(word, Field):
        return {name: as_key(word)}
    kind = word.partition(":")[0]
    if kind not in ("key", "identifier", "personal"):
        raise RequestError(
            f'"{name}" is the key and also given the type "{word}".',
            "A key is never learned: an identifier, or personal data.",
            f'Leave out the type of "{name}".',
        )
    ends = word == "key" or word.endswith((":key", ",key"))
    return {name: word if ends else f"{word},key" if ":" in word else f"{word}:key"}


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


@dataclass(frozen=True)
class Guess:
    """What every column is taken for.

    reasons: one sentence for each column. notices: what a person should know first: personal data and what
    happens to it, dates that can be read in two ways, text that is left out.
    """

    fields: dict[str, Field]
    reasons: dict[str, str]
    notices: list[str]

    @property
    def schema(self) -> Schema:
        """The fields, with the notices, ready to be learned."""
        return Schema(self.fields, tuple(self.notices))

    def table(self) -> list[tuple[str, str, str]]:
        """Rows for printing: column, kind, reason."""
        return [(name, field.kind, self.reasons[name]) for name, field in self.fields.items()]


def guess(
    columns: Mapping[str, Column],
    *,
    keep: Collection[str] = (),
    types: Mapping[str, str] | None = None,
    on_column: Callable[[int], None] = lambda looked_at: None,
) -> Guess:
    """What the columns of a table are.

    keep: columns whose personal data is learned as it is. types: column -> kind, with a setting after a
    colon where the kind has one ("moment:%d/%m/%Y", "category:ordered"); they overrule what would be guessed.
    The word "exact", alone or after a kind or a setting, lets one person's own values be made again.
    on_column: called with how many columns have been looked at. Raises RequestError for a column or kind that
    does not exist, DataError for a column that no field learns.

    >>> from sampan.column import from_strings
    >>> guess({"price": from_strings(["$1,200", "$950", None])}).table()
    [('price', 'number', 'numbers written like "$#,###"')]
    """
    types = {known_name(name, columns): word for name, word in (types or {}).items()}
    keep = [known_name(name, columns) for name in keep]
    for name in (*types, *keep):
        if name not in columns:
            raise RequestError(
                f'there is no column "{name}".{nearest(name, columns)}',
                f"The columns are: {', '.join(columns)}.",
                "Name one of them; capitals and blanks count.",
            )
    looks = {name: Look(name, column) for name, column in columns.items()}
    found: dict[str, Claim] = {}
    for place, (name, look) in enumerate(looks.items(), start=1):
        one = _asked(look, types[name], name in keep) if name in types else _guessed(look, name in keep)
        safe = one.field.guarded(look)
        found[name] = one if safe is None else replace(safe, reason=one.reason)
        on_column(place)
    left = {name: one.field for name, one in found.items() if name not in {*types, *keep}}
    found |= tied_to_people(looks, left)
    if not any(is_key(one.field) for one in found.values()):
        fields = {name: one.field for name, one in found.items()}
        found |= key_found({name: found[name] for name in left}, fields, columns)
    fields = {name: one.field for name, one in found.items()}
    _refuse_keys(fields)
    notices = [f'"{name}": {one.notice}' for name, one in found.items() if one.notice]
    return Guess(
        fields,
        {name: one.reason for name, one in found.items()},
        [*notices, *notices_of_headings(columns), *together(columns, fields)],
    )


def _refuse_keys(fields: Mapping[str, Field]) -> None:
    """Raise RequestError for more than one key."""
    keys = [name for name, field in fields.items() if is_key(field)]
    if len(keys) > 1:
        raise RequestError(
            f'two columns are keys: "{keys[0]}" and "{keys[1]}".',
            "One key is expected: the column by whose value rows belong together.",
            f'Type: --type "{keys[1]}=identifier"',
        )


def _asked(look: Look, words: str, keep: bool) -> Claim:
    """The field that a person asked for, or the guessed one where they asked for its exact values only.

    keep: its values are to be learned as they are, which is to say exactly.
    """
    if words == "key":
        return Claim(as_key(_guessed(look, keep).field), "rows of one value belong together, as you said")
    word, exact = parted(words)
    guessed = word == "exact"
    found = _guessed(look, keep) if guessed else stated(word, look)
    if not (guessed or exact or keep):
        return found
    field = exactly(look.name, found.field)
    notice = "one person's own values may be made again, as you said"
    return Claim(field, found.reason, f"{found.notice} {notice}".strip())


def _guessed(look: Look, keep: bool) -> Claim:
    """The claim with the surest ground."""
    if keep:
        return kept(look)
    _refuse_unlearnable(look)
    claims = (field.recognise(look, ground) for ground in Ground for field in FIELDS.values())
    return suspected(look, next(claim for claim in claims if claim is not None))


def _refuse_unlearnable(look: Look) -> None:
    """Raises DataError for a type that no field learns."""
    if holds_bytes(look.column):
        return
    try:
        name_of(look.column.type)
    except DataError as error:
        raise DataError(
            f'"{look.name}" holds cells of the Arrow type {str(look.column.type).strip()}.',
            "One value in each cell: text, a number, yes/no, a date or a time; or lists of these.",
            f'Leave out the column "{look.name}", or turn it into text.',
        ) from error
