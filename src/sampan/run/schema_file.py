"""A schema file: what each column is taken for, with the reason; to correct and to use again."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

from sampan.checked import short
from sampan.errors import RequestError, nearest
from sampan.fields import FIELDS
from sampan.run.toml import key_of, read_toml, shown, value_of

_WIDE = 60  # letters of a line before its comment, where one name is far longer


def schema_text(columns: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    """A schema file: what each column is taken for, each with the reason."""
    quoted = {key_of(name): value_of(word) for name, word in columns.items()}
    wide = min(max((len(name) + len(word) for name, word in quoted.items()), default=0) + 3, _WIDE)
    lines = [
        "# What each column is taken for. Correct what is wrong, then: sampan make TABLE --schema THIS-FILE",
        *textwrap.wrap(_words(), 100, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False),
        "",
        "[columns]",
    ]
    for (name, word), reason in zip(quoted.items(), (reasons[name] for name in columns), strict=True):
        # no comment of TOML may hold a control character, and no cell of the data may drive a terminal
        lines.append(f"{f'{name} = {word}':<{wide}}  # {shown(' '.join(reason.split()))}")
    return "\n".join(lines) + "\n"


def _words() -> str:
    """The type words of all fields."""
    said = ", ".join(words for kind in FIELDS.values() for words, _ in kind.words)
    exact = ", ".join(f"{word}:exact" for word, kind in FIELDS.items() if hasattr(kind, "exact"))
    return f"The words: {said}; {exact}: one person's own values may come back."


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
