"""Guess: what each column of a table is, from its name and its cells, with the reason in plain words.

The tests are asked in order; the first that recognises a column decides. Nothing is guessed silently: every
column has a reason, and what a person should know before learning is a notice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sampan.column import Column
from sampan.errors import RequestError, known_name, nearest
from sampan.field import Field
from sampan.fields.category import Category
from sampan.guess.grouping import together
from sampan.guess.look import Found, Look
from sampan.guess.moments import of_moments
from sampan.guess.numbers import of_numbers
from sampan.guess.people import (
    guarded,
    in_phrases,
    kept_as_is,
    of_keys,
    of_people,
    suspected,
    tied_to_people,
    told_of_headings,
)
from sampan.guess.said import exactly, parted, stated
from sampan.guess.slips import but_for_slips
from sampan.guess.texts import mixture, name_of_record, never_twice, prose
from sampan.guess.types import constant, of_media, of_objects, ordered, unsuited, yes_or_no
from sampan.schema import Schema

_HELD = 20  # rows that say a category before a reason names it: a schema file is handed on


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
    columns: Mapping[str, Column], *, keep: Collection[str] = (), types: Mapping[str, str] | None = None
) -> Guess:
    """What the columns of a table are.

    keep: columns whose personal data is learned as it is. types: column -> kind, with a setting after a
    colon where the kind has one ("moment:%d/%m/%Y", "category:ordered"); they overrule what would be guessed.
    The word "exact", alone or after a kind or a setting, lets one person's own values be made again.
    Raises RequestError for a column or kind that does not exist, DataError for a column that no field learns.

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
    found = {
        name: _asked(name, column, types[name], name in keep)
        if name in types
        else _guessed(Look(name, column), name in keep)
        for name, column in columns.items()
    }
    found = {name: guarded(Look(name, columns[name]), one) for name, one in found.items()}
    left = {name: one for name, one in found.items() if name not in {*types, *keep}}
    found |= tied_to_people(columns, left)
    fields = {name: one.field for name, one in found.items()}
    notices = [f'"{name}": {one.notice}' for name, one in found.items() if one.notice]
    return Guess(
        fields,
        {name: one.reason for name, one in found.items()},
        [*notices, *told_of_headings(columns), *together(columns, fields)],
    )


def _asked(name: str, column: Column, words: str, kept: bool) -> Found:
    """The field that a person asked for, or the guessed one where they asked for its exact values only.

    kept: its values are to be learned as they are, which is to say exactly.
    """
    words, exact = parted(words)
    exact = exact or kept
    guessed = words == "exact"
    found = _guessed(Look(name, column), kept) if guessed else stated(name, column, words)
    if not guessed and not exact:
        return found
    field = exactly(name, found.field)
    notice = "one person's own values may be made again, as you said"
    return Found(field, found.reason, f"{found.notice} {notice}".strip())


def _guessed(look: Look, kept: bool) -> Found:
    """The first test that recognises a column decides."""
    if kept:
        return kept_as_is(look)
    for test in _TESTS:
        found = test(look)
        if found is not None:
            return suspected(look, found)
    few = 0 < len(look.distinct) <= 3 and int(look.counts.min()) >= _HELD
    shown = ": " + ", ".join(f'"{value}"' for value in look.distinct) if few else ""
    return suspected(look, Found(Category(), f"{len(look.distinct):,} values{shown}"))


_TESTS: tuple[Callable[[Look], Found | None], ...] = (
    of_media,
    unsuited,
    constant,
    ordered,
    of_objects,
    of_people,
    yes_or_no,
    of_keys,
    of_moments,
    of_numbers,
    in_phrases,
    but_for_slips,
    prose,
    name_of_record,
    mixture,
    never_twice,
)
