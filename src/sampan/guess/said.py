"""What a person says that a column is: type words, and columns called personal or exact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from sampan.column import Column, codes, is_mark, is_text, order_of
from sampan.errors import DataError, RequestError, nearest
from sampan.field import Field
from sampan.fields import FIELDS
from sampan.fields.category import Category
from sampan.fields.constant import Constant
from sampan.fields.identifier import Identifier
from sampan.fields.image import Image
from sampan.fields.moment import Moment, is_temporal, texts_of
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.number import Number
from sampan.fields.number.spelling import Spelling
from sampan.fields.omitted import Omitted
from sampan.fields.personal import Personal, judged
from sampan.fields.phrases import Phrases
from sampan.guess.look import Found
from sampan.guess.slips import STRAYS, odd_moments, told_of_slips


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
    match field:
        case Number() | Category() | Moment() | Phrases():
            return replace(field, exact=True)
    raise RequestError(
        f'"{name}" is learned as {field.kind}, of which no value of a real record is made.',
        "Numbers, categories and moments can be made exactly.",
        f'Type for instance: --type "{name}=category:exact"',
    )


def stated(name: str, column: Column, words: str) -> Found:
    """The field that a person asked for: 'kind' or 'kind:setting'."""
    kind, _, setting = words.partition(":")
    reason = "as you said"
    if kind not in FIELDS:
        raise RequestError(
            f'"{kind}" is no kind of column (asked for "{name}").{nearest(kind, FIELDS)}',
            f"The kinds are: {', '.join(FIELDS)}.",
            f'Type for instance: --type "{name}=category"',
        )
    match kind, setting:
        case "number", "":
            spelling, notice = _spelling(name, column)
            return Found(Number(spelling=spelling), reason, notice)
        case "moment", _:
            form = setting or _format(column)
            strays = odd_moments(column, form)
            told = told_of_slips(name, strays, "moment", column)
            return Found(Moment(form, lenient=bool(strays)), reason, told)
        case "category", "" | "ordered":
            declared = order_of(column) if setting else ()
            return Found(Category(declared or None, ordered=setting == "ordered"), reason)
        case "category", _ if "<" in setting:
            values = tuple(value.strip() for value in setting.split("<"))
            if len(set(values)) < len(values) or "" in values:
                raise RequestError(
                    f'"{setting}" is no order of values for "{name}": one is empty or comes twice.',
                    "Every value once, from the least to the greatest.",
                    f'Type for instance: --type "{name}=category:low<medium<high"',
                )
            return Found(Category(values, ordered=True), reason)
        case "identifier", _:
            return Found(Identifier(pattern=setting or None), reason)
        case "omitted", _:
            return Found(Omitted(setting) if setting else Omitted(), reason)
        case "personal", _:
            recognised = judged(name, column)
            if recognised is not None and setting in ("", recognised.what):
                return Found(recognised.field(), reason)
            if not setting:
                raise RequestError(
                    f'nothing tells which personal data "{name}" holds.',
                    "What it is, after a colon.",
                    f'Type for instance: --personal "{name}=name"',
                )
            return Found(Personal(setting), reason)
        case "image", _ if Image.of_setting(setting) is not None:
            return Found(Image.of_setting(setting) or Image(), reason)
        case "phrases", "":
            return Found(Phrases(), reason)
        case "constant", "":
            return Found(Constant(), reason)
        case _:
            raise RequestError(
                f'"{words}" (asked for "{name}"): a {kind} column has no setting "{setting}".',
                "Settings are moment:FORMAT, category:ordered or category:S<M<L, identifier:PATTERN, "
                "personal:WHAT, image:HEIGHTxWIDTH; and exact, of numbers, categories and moments.",
                f'Type: --type "{name}={kind}"',
            )


def _spelling(name: str, column: Column) -> tuple[Spelling | None, str]:
    """How a column that was called numbers writes them, and what is to be said of cells that are none."""
    if not is_text(column):
        return None, ""
    found = Spelling.nearly(column)
    if found is not None:
        return found[0], told_of_slips(name, found[1], "number", column)
    plain = Spelling()
    texts = [text for text in codes(column)[1] if not is_mark(text)]
    strange = next((text for text in texts if plain.read(text) is None), None)
    if strange is not None or not texts:  # leading zeros may be lost: the user asked for numbers
        raise DataError(
            f'"{name}" was called a number and holds {strange!r}.' if texts else f'"{name}" holds no number.',
            "Numbers that are all written alike, or nothing.",
            f'Mend the cells, or type: --type "{name}=category"',
        )
    return plain, ""


def _format(column: Column) -> str:
    if is_temporal(column.type):
        return ""
    texts = texts_of(column)
    found = DateFormat.find(texts)
    form = found[0] if found else DateFormat.nearly(texts, STRAYS)
    return form.text if form else ""
