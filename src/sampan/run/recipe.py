"""Recipe: all that a run depends on, in a file that people can read: TOML.

    sampan make --recipe recipe.toml      the same data, the same steps, the same seed: the same rows

A schema file is the part of it that says what each column is taken for.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from sampan import scratch
from sampan.checked import ListOf, Plain, Text, Whole, Wrong, fields_of, short
from sampan.data.sink import told
from sampan.errors import RequestError, StoreError, nearest
from sampan.families import FAMILIES
from sampan.field import Field
from sampan.fields import Category, Identifier, Image, Moment, Number, Omitted, Personal, Phrases
from sampan.store import settings_of

FORMAT = 1
"""Raised when an older Sampan could not read a newer recipe."""


@dataclass(frozen=True)
class Recipe:
    """What a run depends on.

    source: a path, a URL, "-" or the name of a packaged table; name: what the table is called. digest: of
    the table. rows: how many were read. aside: how many of them the model never sees. make: how many are
    made, None for as many as are learned from. minutes: to learn for, or steps: an exact number. plan,
    precision: what the clock decided while learning, so that a repeated run is the same (see
    `sampan.Budget`). columns: name -> type word; notices: what was said when they were guessed.
    learned: what came of it. target, protected: columns that the judge is told; it guesses them unless said.
    sheet, header, keep_totals: how the source is read (see `sampan.data.read`). safe_csv: whether made cells
    that a spreadsheet would compute are written so that it does not.
    """

    source: str
    name: str
    digest: str
    rows: int
    aside: int
    make: int | None
    family: str
    settings: dict[str, Any]
    seed: int
    minutes: float | None
    steps: int | None
    columns: dict[str, str]
    plan: list[list[int]] = field(default_factory=list)
    precision: str | None = None
    learned: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    target: str | None = None
    protected: list[str] = field(default_factory=list)
    sheet: str | None = None
    header: str | None = None
    keep_totals: bool = False
    safe_csv: bool = False

    @property
    def reading(self) -> dict[str, Any]:
        """How `sampan.data.read` is to read the source."""
        return {"sheet": self.sheet, "header": self.header, "keep_totals": self.keep_totals or None}

    def text(self) -> str:
        """The recipe as TOML."""
        plain = {
            "format": FORMAT,
            **{
                one.name: value
                for one in fields(self)
                if not isinstance(value := getattr(self, one.name), dict) and value is not None
            },
        }
        lines = [
            "# All that this run depends on. To repeat it: sampan make --recipe recipe.toml",
            *_lines(plain),
        ]
        for name in ("settings", "learned", "versions", "columns"):
            if getattr(self, name):
                lines += ["", f"[{name}]", *_lines(getattr(self, name))]
        return "\n".join(lines) + "\n"

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_text(path, self.text())


_RECIPE = fields_of(Recipe, Whole(-(1 << 64), 1 << 64), Plain())
_MOST = 1 << 24  # bytes of a file that people write
_WIDE = 60  # letters of a line before its comment, where one name is far longer


def read_recipe(path: str | Path) -> Recipe:
    """The recipe in a file. Raises StoreError for one that is missing, foreign, damaged or newer."""
    raw = _toml(Path(path), "recipe")
    found = raw.pop("format", None)
    if found is not None and found != FORMAT:
        raise StoreError(
            f"{path} is written in format {short(found)}.",
            f"This Sampan reads format {FORMAT}.",
            "Update Sampan: take the newer source, and in its folder type: pip install --upgrade .",
        )
    try:
        whole = Recipe(**{"make": None, "minutes": None, "steps": None, **_RECIPE.check(raw, "it")})
        Text(words=("float32", "bfloat16")).check(whole.precision or "float32", "its precision")
        for count in (whole.rows, whole.aside, whole.make or 0, whole.steps or 0):
            Whole(0).check(count, "a number of rows or steps")
        for pair in whole.plan:
            ListOf(Whole(0), 2, 2).check(pair, "a step of its plan")
        if whole.family in FAMILIES:
            settings_of(FAMILIES[whole.family], 1_000).check(whole.settings, "its settings")
        return whole
    except (TypeError, Wrong) as error:
        raise StoreError(
            f"{path} is no recipe that can be read ({str(error).replace('Recipe.__init__() ', '')}).",
            "A recipe.toml out of a run folder is expected.",
            "Restore the file from a copy, or start a new run: sampan make TABLE",
        ) from error


def schema_text(columns: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    """A schema file: what each column is taken for, each with the reason."""
    quoted = {_key(name): _value(word) for name, word in columns.items()}
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
        lines.append(f"{f'{name} = {word}':<{wide}}  # {_shown(' '.join(reason.split()))}")
    return "\n".join(lines) + "\n"


def read_schema_file(path: str | Path) -> dict[str, str]:
    """Column -> type word, out of a schema file. Raises RequestError for anything else in it."""
    raw = _toml(Path(path), "schema")
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


def written(path: Path) -> AbstractContextManager[None]:
    """Errors of the disk while writing `path`, as StoreErrors."""
    return told(str(path), "Free some space there.", "Check the folder and its permissions.")


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    with written(path), scratch.unfinished(fresh):
        with open(fresh, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # a power cut must not leave an empty file under the name
        os.replace(fresh, path)


# --- TOML
def _toml(path: Path, what: str) -> dict[str, Any]:
    try:
        if path.exists() and not path.is_file():
            raise IsADirectoryError("it is a folder, a pipe or a device")
        if path.stat().st_size > _MOST:
            raise ValueError(f"it is of more than {_MOST:,} bytes")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise StoreError(
            f"there is no {what} {path}.",
            f"A {what} file is expected" + (" (recipe.toml in a run folder)." if what == "recipe" else "."),
            "Check the name." if what == "recipe" else f"To write one: sampan schema TABLE -o {path}",
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(
            f"the {what} {path} cannot be read ({' '.join(str(error).split())[:200]}).",
            "A text file in TOML is expected.",
            "Mend the place that the message names, or restore the file from a copy.",
        ) from error


def _lines(plain: Mapping[str, Any]) -> list[str]:
    return [f"{_key(name)} = {_value(value)}" for name, value in plain.items() if value is not None]


def _shown(text: str) -> str:
    """A text without characters that no comment of TOML may hold, or that turn the direction of a line."""
    return re.sub(
        "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lambda sign: f"\\u{ord(sign[0]):04x}", text
    )


def _key(name: str) -> str:
    bare = name.isascii() and name.replace("-", "_").isidentifier()
    return name if bare else _value(name)


def _value(value: Any) -> str:
    """A plain value as TOML. JSON writes strings, whole numbers and truth values alike, but for DEL."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(_lines(value))}}}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
