"""The tests for what the cells give away of people, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from arro3.core import DataType

from sampan.column import Column, is_text
from sampan.fields.category import Category
from sampan.fields.identifier import Identifier
from sampan.fields.number import Number
from sampan.fields.people.binding import tied
from sampan.fields.personal import Personal, what_of
from sampan.fields.phrases import Inside, Phrases, inside
from sampan.guess.grouping import is_key, told_of_key
from sampan.guess.look import Found, Look, joined

_MANY = 30  # words that go one to one with people, from which on they are taken for names of theirs


def guarded(look: Look, found: Found) -> Found:
    """What a column was found to be; a category without the personal data inside of its texts."""
    if not isinstance(found.field, Category) or found.field.exact or found.field.ordered:
        return found
    return found if look.inside is None else replace(_phrases(look, look.inside), reason=found.reason)


def tied_to_people(columns: Mapping[str, Column], found: Mapping[str, Found]) -> dict[str, Found]:
    """Columns that go one to one with who a person is: whatever they hold names that person too."""
    known = {
        name: Look(name, columns[name]).codes
        for name, one in found.items()
        if isinstance(one.field, Personal)
    }
    if not known:
        return {}
    out = {}
    for name, one in found.items():
        look = Look(name, columns[name])
        match one.field:
            case Category(ordered=False) | Phrases():
                pass
            case Number() if look.recognised is not None:
                pass
            case _:
                continue
        mate = next((other for other, codes in known.items() if tied(look.codes, codes)), None)
        if mate is None:
            continue
        what = look.recognised.what if look.recognised is not None else what_of([*map(str, look.distinct)])
        if look.recognised is None and what == "name" and len(look.distinct) < _MANY:
            continue  # the territories of a few salesmen
        called = what or "another identifier"
        out[name] = Found(
            Personal(what) if what else Identifier(),
            f'{called}: goes one to one with "{mate}", which names people',
            f'goes one to one with "{mate}", so it names the same people ({called}): invented values take '
            f'its place. To keep it: --keep "{name}"',
        )
    return out


def told_of_headings(columns: Mapping[str, Column]) -> list[str]:
    """What is said of columns whose very names hold personal data: they stand in all that is made."""
    return [
        f"the name of column {place} holds personal data ({', '.join(held.kinds)}): names of columns stand "
        "in the model, the made rows and the report. Give the column another name first."
        for place, name in enumerate(columns, 1)
        if (held := inside([name])) is not None
    ]


def suspected(look: Look, found: Found) -> Found:
    """With what is said where personal data may be learned as they are."""
    if not isinstance(found.field, Category | Number) or look.recognised is None or look.recognised.is_sure:
        return found
    what = look.recognised.what
    plural = f"{what}es" if what == "address" else f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    kind = "categories" if isinstance(found.field, Category) else "numbers"
    said = (
        f"looks like {plural}; learned as {kind}: made rows hold real ones. "
        f'To replace them: --personal "{look.name}"'
    )
    return replace(found, notice=joined(found.notice, said))


def kept_as_is(look: Look) -> Found:
    recognised = look.recognised
    what = recognised.what if recognised else "personal data"
    return Found(
        Category(exact=True),
        "kept as it is, as you said",
        f"{what}; kept as you said: made records hold values of real ones.",
    )


def of_people(look: Look) -> Found | None:
    recognised = look.recognised
    if recognised is None or not recognised.is_sure:
        return None
    return Found(
        recognised.field(),
        f"{recognised.what}: {recognised.why}",
        f"looks like personal data ({recognised.what}): invented values take its place. "
        f'To keep it: --keep "{look.name}"',
    )


def of_keys(look: Look) -> Found | None:
    """The number of somebody or something that several rows are of."""
    plain = is_text(look.column) or DataType.is_integer(look.column.type)
    if not plain or not is_key(look.name, look.column):
        return None
    reason = f"numbers of whom or what a row is of, {len(look.distinct):,} of them"
    return Found(Identifier(), reason, told_of_key(look.name, look.column))


def in_phrases(look: Look) -> Found | None:
    """Text that says the same few things, but for the personal data inside of it."""
    held = None if not is_text(look.column) else look.inside
    if held is None or held.phrases > 0.3 * look.rows or held.phrases > 0.9 * len(look.distinct):
        return None
    return _phrases(look, held)


def _phrases(look: Look, held: Inside) -> Found:
    said = " and ".join([", ".join(held.kinds[:-1]), held.kinds[-1]] if held.kinds[1:] else held.kinds)
    number = f"{held.phrases:,} phrase{'s' * (held.phrases != 1)}"
    return Found(
        Phrases(),
        f"{number} with personal data inside: {said}",
        f"personal data stand inside its text ({said}): invented ones take their place. "
        f'To keep them: --keep "{look.name}"',
    )
