"""A schema file: what each column is taken for, with the reason; to correct and to use again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from sampan.checked import short
from sampan.errors import RequestError, nearest
from sampan.field import Field
from sampan.fields import Category, Identifier, Image, Moment, Number, Omitted, Personal, Phrases
from sampan.run.toml import key_of, read_toml, shown, value_of

_WIDE = 60  # letters of a line before its comment, where one name is far longer


def schema_text(columns: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    """A schema file: what each column is taken for, each with the reason."""
    quoted = {key_of(name): value_of(word) for name, word in columns.items()}
    wide = min(max((len(name) + len(word) for name, word in quoted.items()), default=0) + 3, _WIDE)
    lines = [
        "# What each column is taken for. Correct what is wrong, then: sampan make TABLE --schema THIS-FILE",
        "# The words: number, category, category:ordered, category:S<M<L, moment, moment:%d/%m/%Y,",
        "# identifier, constant, omitted, personal:name (or e-mail, phone, address, ...), phrases, image,",
        "# image:64x96; number:exact, category:exact, moment:exact: one person's own values may come back.",
        "",
        "[columns]",
    ]
    for (name, word), reason in zip(quoted.items(), (reasons[name] for name in columns), strict=True):
        # no comment of TOML may hold a control character, and no cell of the data may drive a terminal
        lines.append(f"{f'{name} = {word}':<{wide}}  # {shown(' '.join(reason.split()))}")
    return "\n".join(lines) + "\n"


def read_schema_file(path: str | Path) -> dict[str, str]:
    """Column -> type word, out of a schema file. Raises RequestError for anything else in it."""
    raw = read_toml(Path(path), "schema")
    columns = raw.get("columns")
    strange = next((name for name in raw if name != "columns"), None)
    if strange is not None:
        what = f"has {short(strange)}"
    elif not isinstance(columns, dict):
        what = "has no table [columns]"
    else:
        wrong = [name for name, word in columns.items() if not isinstance(word, str)]
        if not wrong:
            return columns
        what = f"gives the column {short(wrong[0])} the type {short(columns[wrong[0]])}"
    raise RequestError(
        f"the schema {path} {what}.{nearest(strange or '', ['columns'])}",
        'One table [columns] with lines such as  age = "number"  is expected, and nothing else.',
        f"To write one that is right in its place: sampan schema TABLE -o {path} --replace",
    )


def word_of(kind: Field) -> str:
    """The type word that gives this field again.

    >>> word_of(Category(ordered=True)), word_of(Moment("%d/%m/%Y")), word_of(Number(exact=True))
    ('category:ordered', 'moment:%d/%m/%Y', 'number:exact')
    >>> word_of(Category(ordered=True, exact=True)), word_of(Category(("S", "M"), ordered=True))
    ('category:ordered,exact', 'category:S<M')
    """
    match kind:
        case Number(exact=True) | Category(exact=True) | Moment(exact=True) | Phrases(exact=True):
            word = word_of(replace(kind, exact=False))
            return f"{word},exact" if ":" in word else f"{word}:exact"
    match kind:
        case Category(ordered=True, values=tuple(values)) if len(values) > 1:
            setting = "<".join(values)
        case Category(ordered=True):
            setting = "ordered"
        case Moment(format=setting) | Personal(what=setting):
            pass
        case Identifier(pattern=str(setting)):
            pass
        case Image():
            setting = kind.setting
        case Omitted(reason=setting) if setting != Omitted.reason:
            pass
        case _:
            setting = ""
    return f"{kind.kind}:{setting}" if setting else kind.kind
