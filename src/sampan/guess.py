"""Guess: what each column of a table is, from its name and its cells, with the reason in plain words.

Each test below answers for one kind of column; the first that recognises a column decides. Nothing is
guessed silently: every column has a reason, and what a person should know before learning is a notice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from arro3.core import DataType

from sampan.column import LONGEST, Column, codes, file_kind, floats, is_text, order_of, stands_for, with_nulls
from sampan.errors import DataError, RequestError, nearest
from sampan.field import Field
from sampan.fields import FIELDS
from sampan.fields.arrow_type import as_text, name_of
from sampan.fields.category import Category
from sampan.fields.constant import Constant
from sampan.fields.dateformat import DateFormat
from sampan.fields.identifier import Identifier
from sampan.fields.image import Image
from sampan.fields.mask import masked, masked_number
from sampan.fields.moment import Moment, is_nothing, is_temporal, texts_of, unread
from sampan.fields.number import Number
from sampan.fields.omitted import Omitted
from sampan.fields.people import tied
from sampan.fields.personal import Personal, Recognised, judged, what_of
from sampan.fields.phrases import Inside, Phrases, inside
from sampan.fields.spelling import Spelling, is_mark
from sampan.grouping import is_key, together, told_of_key
from sampan.picture import holds_pictures
from sampan.schema import Schema

_IDENTITY = frozenset("id ids uuid guid key index idx rowid serial no nr pk 編號 编号 序號 序号".split())
_NOMINAL = frozenset(
    """code codes type types kind category cat class group cluster label flag zip zipcode postcode postal plz
    pincode fips icd sku isbn region district branch department dept store ward browser system systems os
    status gender sex race 代碼 代码 類型 类型 類別 类别 郵遞區號 邮编 區號""".split()
)
_COUNTED = frozenset("year month day hour minute week age rank level grade count 年 月 日 年齡 年龄".split())
_EPOCH = frozenset("timestamp epoch unix unixtime ts time datetime created updated modified at".split())
_DATE = frozenset("date day dt dob birth birthday birthdate datum ymd yyyymmdd 日期 生日 年月日".split())
_NAME = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W_A-Za-z0-9]+")

_AMOUNT = re.compile(r"[-+]?(?=[\d,.]*\d%?\Z)[\d,]*(?:\.\d+)?%?")  # linear: what is looked at ends in a digit

_PROSE = 40  # letters: the average beyond which text that seldom repeats is prose
_WORDS = 6.0
_ENOUGH = 20  # rows: with fewer, "all different" says little
_MANY = 30  # words that go one to one with people, from which on they are taken for names of theirs
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


@dataclass(frozen=True)
class _Found:
    """A field for one column, why, and a notice where there is one."""

    field: Field
    reason: str
    notice: str = ""


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
            out[name] = _exact(name, kind)
        elif kind == "exact" or _parted(kind)[1]:
            out[name] = kind
        else:
            out[name] = f"{kind},exact" if ":" in kind else f"{kind}:exact"
    return out


def _parted(words: str) -> tuple[str, bool]:
    """A type word without its "exact", and whether it had one."""
    for ending in (":exact", ",exact"):
        if words.endswith(ending):
            return words.removesuffix(ending), True
    return words, False


def _exact(name: str, field: Field) -> Field:
    """The field that makes one person's own values again."""
    match field:
        case Number() | Category() | Moment() | Phrases():
            return replace(field, exact=True)
    raise RequestError(
        f'"{name}" is learned as {field.kind}, of which no value of a real record is made.',
        "Numbers, categories and moments can be made exactly.",
        f'Type for instance: --type "{name}=category:exact"',
    )


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
    types = {_full(name, columns): word for name, word in (types or {}).items()}
    keep = [_full(name, columns) for name in keep]
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
        else _guessed(_Look(name, column), name in keep)
        for name, column in columns.items()
    }
    found = {name: _guarded(_Look(name, columns[name]), one) for name, one in found.items()}
    found |= _tied(columns, {name: one for name, one in found.items() if name not in {*types, *keep}})
    notices = [f'"{name}": {one.notice}' for name, one in found.items() if one.notice]
    return Guess(
        {name: one.field for name, one in found.items()},
        {name: one.reason for name, one in found.items()},
        [*notices, *_headings(columns), *together(columns, {name: one.field for name, one in found.items()})],
    )


def _guarded(look: _Look, found: _Found) -> _Found:
    """What a column was found to be; a category without the personal data inside of its texts."""
    if not isinstance(found.field, Category) or found.field.exact or found.field.ordered:
        return found
    return found if look.inside is None else replace(_phrases(look, look.inside), reason=found.reason)


def _tied(columns: Mapping[str, Column], found: Mapping[str, _Found]) -> dict[str, _Found]:
    """Columns that go one to one with who a person is: whatever they hold names that person too."""
    known = [name for name, one in found.items() if isinstance(one.field, Personal)]
    out = {}
    for name, one in found.items():
        look = _Look(name, columns[name])
        match one.field:
            case Category(ordered=False) | Phrases():
                pass
            case Number() if look.recognised is not None:
                pass
            case _:
                continue
        mate = next((other for other in known if tied(columns[name], columns[other])), None)
        if mate is None:
            continue
        what = look.recognised.what if look.recognised is not None else what_of([*map(str, look.distinct)])
        if look.recognised is None and what == "name" and len(look.distinct) < _MANY:
            continue  # the territories of a few salesmen
        called = what or "another identifier"
        out[name] = _Found(
            Personal(what) if what else Identifier(),
            f'{called}: goes one to one with "{mate}", which names people',
            f'goes one to one with "{mate}", so it names the same people ({called}): invented values take '
            f'its place. To keep it: --keep "{name}"',
        )
    return out


def _headings(columns: Mapping[str, Column]) -> list[str]:
    """What is said of columns whose very names hold personal data: they stand in all that is made."""
    return [
        f"the name of column {place} holds personal data ({', '.join(held.kinds)}): names of columns stand "
        "in the model, the made rows and the report. Give the column another name first."
        for place, name in enumerate(columns, 1)
        if (held := inside([name])) is not None
    ]


def _full(name: str, columns: Collection[str]) -> str:
    """The column that a name means where they differ in blanks around them only."""
    same = [column for column in columns if column.strip() == name.strip()]
    return same[0] if name not in columns and len(same) == 1 else name


# --- what the user says
def _asked(name: str, column: Column, words: str, kept: bool) -> _Found:
    """The field that a person asked for, or the guessed one where they asked for its exact values only."""
    words, exact = _parted(words)
    guessed = words == "exact"
    found = _guessed(_Look(name, column), kept) if guessed else _stated(name, column, words)
    if not guessed and not exact:
        return found
    field = _exact(name, found.field)
    notice = "one person's own values may be made again, as you said"
    return _Found(field, found.reason, f"{found.notice} {notice}".strip())


def _stated(name: str, column: Column, words: str) -> _Found:
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
            return _Found(Number(spelling=spelling), reason, notice)
        case "moment", _:
            form = setting or _format(column)
            strays = _odd_moments(column, form)
            return _Found(Moment(form, lenient=bool(strays)), reason, _told(name, strays, "moment", column))
        case "category", "" | "ordered":
            declared = order_of(column) if setting else ()
            return _Found(Category(declared or None, ordered=setting == "ordered"), reason)
        case "category", _ if "<" in setting:
            values = tuple(value.strip() for value in setting.split("<"))
            if len(set(values)) < len(values) or "" in values:
                raise RequestError(
                    f'"{setting}" is no order of values for "{name}": one is empty or comes twice.',
                    "Every value once, from the least to the greatest.",
                    f'Type for instance: --type "{name}=category:low<medium<high"',
                )
            return _Found(Category(values, ordered=True), reason)
        case "identifier", _:
            return _Found(Identifier(pattern=setting or None), reason)
        case "omitted", _:
            return _Found(Omitted(setting) if setting else Omitted(), reason)
        case "personal", _:
            recognised = judged(name, column)
            if recognised is not None and setting in ("", recognised.what):
                return _Found(recognised.field(), reason)
            if not setting:
                raise RequestError(
                    f'nothing tells which personal data "{name}" holds.',
                    "What it is, after a colon.",
                    f'Type for instance: --personal "{name}=name"',
                )
            return _Found(Personal(setting), reason)
        case "image", _ if Image.of_setting(setting) is not None:
            return _Found(Image.of_setting(setting) or Image(), reason)
        case "phrases", "":
            return _Found(Phrases(), reason)
        case "constant", "":
            return _Found(Constant(), reason)
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
        return found[0], _told(name, found[1], "number", column)
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


_SHOWN = re.compile(r"[A-Za-z?!/. -]{1,8}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[?!*#]+")


def _told(name: str, strays: Mapping[str, int], kind: str, column: Column) -> str:
    """What is said of the few cells of a column that are not of its kind: how many, and which."""
    if not strays:
        return ""
    number = sum(strays.values())
    index, distinct = codes(column)
    rows = {text: int(np.argmax(index == distinct.index(text))) + 1 for text in strays}
    forms = {text: text if _SHOWN.fullmatch(text) else masked(text) for text in strays}
    shown = ", ".join(f'"{forms[text]}" in row {row:,}' for text, row in rows.items())
    are, called = ("cell is", "is") if number == 1 else ("cells are", "are")
    thing = "number" if kind == "number" else "date or time"
    return (
        f"{number:,} {are} no {thing} ({shown}) and {called} taken as missing. "
        f'To learn every cell as it is: --type "{name}=category"'
    )


def _odd_moments(column: Column, form: str) -> dict[str, int]:
    """The cells that a format does not read, where they are few enough to be slips; else none."""
    if is_temporal(column.type) or not is_text(column) or not form:
        return {}
    index, distinct = codes(with_nulls(column, ~unread(column, DateFormat(form).lenient)))
    often = np.bincount(index[index >= 0], minlength=len(distinct)).tolist()
    strays = dict(zip(distinct, often, strict=True))
    return strays if len(strays) <= _STRAYS and sum(often) <= _STRAY_SHARE * len(column) else {}


_STRAYS, _STRAY_SHARE = 5, 0.01
"""Different cells, and share of all, up to which what does not fit a column is a slip."""


def _format(column: Column) -> str:
    if is_temporal(column.type):
        return ""
    texts = texts_of(column)
    found = DateFormat.find(texts)
    form = found[0] if found else DateFormat.nearly(texts, _STRAYS)
    return form.text if form else ""


# --- what the cells say
@dataclass(frozen=True)
class _Look:
    """One column, and what every test wants to know of it, computed once."""

    name: str
    column: Column

    @cached_property
    def words(self) -> frozenset[str]:
        """The words of its name: "customerTypeCode" and "customer_type_code" have the same."""
        return frozenset(word.lower() for word in _NAME.findall(self.name))

    @cached_property
    def last(self) -> str:
        """The last word of its name: what the thing is ("customer_id" is an id)."""
        words = _NAME.findall(self.name)
        return words[-1].lower() if words else ""

    @cached_property
    def is_named_code(self) -> bool:
        """Whether the name says that digits are names of things, not amounts."""
        return self.last in _NOMINAL | (_IDENTITY - {"index", "no", "nr"})

    @cached_property
    def codes(self) -> tuple[np.ndarray, list]:
        """Which of its distinct values each cell holds, -1 for null, and the values."""
        plain = is_text(self.column) or DataType.is_numeric(self.column.type)
        return codes(self.column if plain else as_text(self.column))  # Arrow encodes no yes/no

    @property
    def distinct(self) -> list:
        """The distinct values, null not among them."""
        return self.codes[1]

    @cached_property
    def counts(self) -> np.ndarray:
        """How often each of them occurs."""
        index = self.codes[0]
        return np.bincount(index[index >= 0], minlength=len(self.distinct))

    @cached_property
    def rows(self) -> int:
        """How many cells hold something."""
        return int(self.counts.sum())

    @property
    def gone(self) -> int:
        """How many cells are null."""
        return len(self.column) - self.rows

    @cached_property
    def marks(self) -> list[str]:
        """The texts that say "missing"."""
        return [text for text in self.distinct if is_mark(text)] if is_text(self.column) else []

    @cached_property
    def spelling(self) -> Spelling | None:
        """How it writes numbers, if it is text that does."""
        return Spelling.find(self.column)

    @cached_property
    def numbers(self) -> np.ndarray | None:
        """Its distinct numbers in order, if it holds numbers."""
        if is_text(self.column):
            if self.spelling is None:
                return None
            values = self.spelling.parse(self.column)
        elif DataType.is_numeric(self.column.type) or DataType.is_decimal(self.column.type):
            values = floats(self.column)
        else:
            return None
        return np.unique(values[~np.isnan(values)])

    @cached_property
    def held(self) -> int:
        """How many cells hold a number or text that is no mark of missingness."""
        marks = set(self.marks)
        pairs = zip(self.distinct, self.counts.tolist(), strict=True)
        return self.rows - (sum(count for value, count in pairs if value in marks) if marks else 0)

    @cached_property
    def is_whole(self) -> bool:
        """Whether its numbers are plain whole ones: "$5" and "5.0" are amounts."""
        if self.numbers is None or not np.isfinite(self.numbers).all():
            return False
        if self.spelling is not None and replace(self.spelling, lenient=False) != Spelling():
            return False
        return bool((self.numbers == np.round(self.numbers)).all())

    @cached_property
    def texts(self) -> list[str]:
        """The distinct texts that say something, without blanks around them."""
        return texts_of(self.column)

    def without(self, texts: Collection[str]) -> _Look:
        """The same column with the cells that hold one of some texts empty."""
        index, distinct = codes(self.column)
        odd = np.array([*(text in texts for text in distinct), False], dtype=bool)
        return _Look(self.name, with_nulls(self.column, odd[index]))

    @cached_property
    def recognised(self) -> Recognised | None:
        """What it holds of people, certain or not."""
        return judged(self.name, self.column)

    @cached_property
    def inside(self) -> Inside | None:
        """The personal data inside of its texts, if it holds texts with any."""
        kind = self.column.type
        if not is_text(self.column) and not DataType.is_dictionary(kind):
            return None
        return inside([str(text) for text in self.distinct])

    def missing_words(self) -> str:
        """' (“NA” is read as missing and made as an empty cell)', where there are such cells."""
        marks = [mark for mark in self.marks if mark.strip()]
        shown = ", ".join(f'"{mark}"' for mark in marks[:3])
        return f"; {shown} is read as missing and made as an empty cell" if marks else ""


def _guessed(look: _Look, kept: bool) -> _Found:
    """The first test that recognises a column decides."""
    if kept:
        return _kept(look)
    for test in _TESTS:
        found = test(look)
        if found is not None:
            return _suspected(look, found)
    few = 0 < len(look.distinct) <= 3 and int(look.counts.min()) >= _HELD
    shown = ": " + ", ".join(f'"{value}"' for value in look.distinct) if few else ""
    return _suspected(look, _Found(Category(), f"{len(look.distinct):,} values{shown}"))


def _suspected(look: _Look, found: _Found) -> _Found:
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
    return replace(found, notice=_joined(found.notice, said))


def _kept(look: _Look) -> _Found:
    recognised = look.recognised
    what = recognised.what if recognised else "personal data"
    return _Found(
        Category(exact=True),
        "kept as it is, as you said",
        f"{what}; kept as you said: made records hold values of real ones.",
    )


# --- the tests, in the order of `_TESTS`
def _files(look: _Look) -> _Found | None:
    """Paths of files, of which a folder's reader said what they are."""
    kind = file_kind(look.column)
    if not kind:
        return None
    return _Found(FIELDS[kind](), f"files of a folder ({kind})")


def _pictures(look: _Look) -> _Found | None:
    """Bytes that begin as encoded pictures do."""
    return _Found(Image(), "bytes of encoded pictures") if holds_pictures(look.column) else None


def _unsuited(look: _Look) -> _Found | None:
    """Bytes that are no pictures are left out; of other types that no field learns, it is said at once."""
    kind = look.column.type
    if DataType.is_binary(kind) or DataType.is_large_binary(kind):
        return _Found(
            Omitted("bytes that are no pictures"),
            "bytes that are no pictures",
            "holds bytes that are no pictures; it is left empty. To learn them, turn them into text first.",
        )
    try:
        name_of(kind)
    except DataError as error:
        raise DataError(
            f'"{look.name}" holds cells of the Arrow type {str(kind).strip()}.',
            "One value in each cell: text, a number, yes/no, a date or a time; or lists of these.",
            f'Leave out the column "{look.name}", or turn it into text.',
        ) from error
    return None


_CALLED = {
    "array": "arrays",
    "bytes": "bytes",
    "complex": "complex numbers",
    "dict": "dicts",
    "fraction": "fractions",
    "frozenset": "sets",
    "interval": "intervals",
    "list": "lists",
    "set": "sets",
    "tuple": "tuples",
    "uuid": "UUIDs",
    "whole": "whole numbers beyond 64 bits",
}
_REPEATED = 5  # rows for each different cell, on average: fewer, and learning them whole were copying


def _objects(look: _Look) -> _Found | None:
    """Lists, sets, UUIDs: cells that text stands for, learned whole where they repeat."""
    kind = stands_for(look.column)
    if not kind:
        return None
    called = _CALLED.get(kind, "structs" if kind.startswith('["struct"') else "lists")
    number = len(look.distinct)
    if kind in ("uuid", "whole") and number > look.rows / _REPEATED:
        notice = (
            ""
            if number == look.rows
            else (
                f"{look.rows - number:,} of its {called} repeat; every made record has one of its own. "
                f'To repeat real ones: --type "{look.name}=category"'
            )
        )
        return _Found(Identifier(), f"{called} that name the record", notice)
    recognised = look.recognised
    if recognised is None and number <= max(_ENOUGH, look.rows / _REPEATED):
        return _Found(Category(), f"{number:,} different {called}, learned whole")
    why = f"{called} that look like personal data" if recognised else f"{called}, another in most rows"
    parts = "real and imaginary parts" if kind == "complex" else "parts"
    return _Found(
        Omitted(why),
        why,
        f'holds {why}; it is left empty. To learn them whole: --type "{look.name}=category"; or give '
        f"their {parts} as columns of their own.",
    )


def _ordered(look: _Look) -> _Found | None:
    """Categories whose type says that they lie on a scale."""
    values = order_of(look.column)
    if not values or look.rows == 0 or len(look.distinct) > Category.limit:
        return None
    return _Found(
        Category(values, ordered=True), f"{len(look.distinct):,} categories in the order of their type"
    )


def _constant(look: _Look) -> _Found | None:
    if not look.rows:
        return _Found(Constant(), "every cell is missing")
    if len(look.distinct) == 1 and not look.gone and look.inside is None:
        return _Found(Constant(), f'the same in every row, like "{masked(str(look.distinct[0]))}"')
    return None


def _personal(look: _Look) -> _Found | None:
    recognised = look.recognised
    if recognised is None or not recognised.is_sure:
        return None
    return _Found(
        recognised.field(),
        f"{recognised.what}: {recognised.why}",
        f"looks like personal data ({recognised.what}): invented values take its place. "
        f'To keep it: --keep "{look.name}"',
    )


def _key(look: _Look) -> _Found | None:
    """The number of somebody or something that several rows are of."""
    plain = is_text(look.column) or DataType.is_integer(look.column.type)
    if not plain or not is_key(look.name, look.column):
        return None
    reason = f"numbers of whom or what a row is of, {len(look.distinct):,} of them"
    return _Found(Identifier(), reason, told_of_key(look.name, look.column))


def _yes_or_no(look: _Look) -> _Found | None:
    if DataType.is_boolean(look.column.type):
        return _Found(Category(), "yes or no")
    values = look.numbers
    if values is not None and look.is_whole and values.size == 2 and values.tolist() in ([0, 1], [-1, 1]):
        low, high = values.astype(int).tolist()
        return _Found(Category(), f"yes or no, written {low} and {high}")
    return None


def _temporal(look: _Look) -> _Found | None:
    if is_temporal(look.column.type):
        return _Found(Moment(), "dates or times by their type")
    whole = DataType.is_integer(look.column.type)
    if not (is_text(look.column) or whole) or not look.texts:
        return None
    if look.is_whole and look.words & _EPOCH and look.numbers is not None:
        low, high = float(look.numbers[0]), float(look.numbers[-1])
        for form, unit in (("%s", 1), ("%Q", 1000)):
            if 3e8 * unit <= low and high <= 4.2e9 * unit:
                size = "milliseconds" if unit > 1 else "seconds"
                return _Found(Moment(form), f"{size} since 1970, by name and size")
    if whole or look.is_whole or _DIGITS_ONLY.fullmatch(look.texts[0]):
        found = _of_digits(look)
        if found is not None:
            return found
    if whole or look.is_whole:
        if len(look.texts[0]) != 8 or not (look.words & _DATE or len(look.texts) >= _ENOUGH):
            return None
    elif look.numbers is not None and not look.words & _DATE:
        return None  # 2024.01 is a number unless its name says otherwise
    found = DateFormat.find(look.texts)
    if found is None:
        return None
    form, other = found
    reason = f'{"times" if form.is_clock else "dates"} written like "{masked(look.texts[0])}" ({form.text})'
    if other is None:
        return _Found(Moment(form.text), reason + look.missing_words())
    return _Found(
        Moment(form.text),
        reason + look.missing_words(),
        f"the dates can be read as {form.text} or as {other.text}; taken as {form.text}. "
        f'For the other: --type "{look.name}=moment:{other.text}"',
    )


_CLOCKS = frozenset(
    """time hhmm clock dep arr departure arrival start end begin finish open close 時間 时间 時刻 时刻 開始
    开始 結束 结束 起飛 起飞 到達 到达 出發 出发""".split()
)
_MONTHLY = frozenset("month ym yyyymm period mth 年月 月份 期間 期间".split())
_DIGITS_ONLY = re.compile(r"[0-9]{1,6}")


def _of_digits(look: _Look) -> _Found | None:
    """Times of day such as 930 and months such as 202403: as numbers, 1078 and 202457 were made of them."""
    texts = look.texts
    if not all(map(_DIGITS_ONLY.fullmatch, texts)):
        return None
    digits = {len(text) for text in texts}
    if look.words & _CLOCKS and len(texts) >= 8 and max(digits) == 4:
        padded = not is_text(look.column) or digits == {4}
        form = DateFormat("%H%M" if padded else "%-H%M")
        read = form.read([text.zfill(4) for text in texts] if padded else texts)
        if not read.wrong.any():
            return _Found(
                Moment(form.text), f"times of day written like 0930 ({form.text}), by name and digits"
            )
    enough = 3 if look.words & (_MONTHLY | _DATE) else _ENOUGH
    if digits == {6} and len(texts) >= min(enough, 12):
        form = DateFormat("%Y%m")
        read = form.read(texts)
        if not read.wrong.any() and all("1900" <= text[:4] <= "2100" for text in texts):
            return _Found(Moment(form.text), "months written like 202403 (%Y%m)")
    return None


def _number(look: _Look) -> _Found | None:
    """Amounts; whole numbers that only name something are identifiers or categories."""
    values = look.numbers
    if values is None or not values.size:
        return None
    if look.is_whole and values.size == look.held and values.size > 2:
        consecutive = values[-1] - values[0] == values.size - 1
        counted = look.words & _COUNTED
        if consecutive and (look.last in _IDENTITY or (values.size >= _ENOUGH and not counted)):
            return _Found(Identifier(), "counts the rows")
        if look.last in _IDENTITY or (values.size >= _ENOUGH and values[0] >= 1e7 and not counted):
            return _Found(Identifier(), "whole numbers that never repeat and name the record")
    if look.is_whole and look.last == "number" and values.size >= max(_ENOUGH, 0.99 * look.held):
        return _Found(Identifier(), 'hardly ever repeats and is named "number"')
    if look.is_whole and look.is_named_code:
        return _Found(Category(), f'{values.size:,} whole numbers that name something ("{look.last}")')
    reason = f"{'whole numbers' if look.is_whole else 'numbers'}, {_middle(values)}"
    if look.spelling is None:
        return _Found(Number(), reason, _rounded(look))
    plain = Spelling(least=look.spelling.least, most=look.spelling.most, exponent=look.spelling.exponent)
    if look.spelling != plain:
        example = next(text for text in look.distinct if not is_mark(text))
        comma = " (decimal comma)" if look.spelling.decimal == "," else ""
        reason = f'numbers written like "{masked_number(example.strip())}"{comma}'
    notice = _notation_said(look.name, look.spelling)
    return _Found(Number(spelling=look.spelling), reason + look.missing_words(), notice)


def _rounded(look: _Look) -> str:
    """What is to be said of decimals with more digits than a number that is learned has."""
    if not DataType.is_decimal(look.column.type):
        return ""
    longest = max((len(text.strip("-0").replace(".", "")) for text in map(str, look.distinct)), default=0)
    if longest <= 15:
        return ""
    return (
        f"its numbers have up to {longest} digits, of which 15 are learned: made ones are rounded to that. "
        f'To make every digit: --type "{look.name}=category"'
    )


def _notation_said(name: str, spelling: Spelling) -> str:
    """What is to be said of numbers that are not all written alike; "" where they are."""
    said = []
    if spelling.notations:
        units = {each.suffix.strip(): each.factor for each in spelling.notations}
        one = next((word for word, factor in units.items() if factor == 1 and word), "")
        told = ", ".join(f'1 "{word}" = {factor:,}' for word, factor in units.items() if factor > 1)
        words = " and ".join(f'"{word}"' if word else "no unit" for word in units)
        said.append(
            f"its numbers are written with {words}: learned as one number{f', in {one}' if one else ''}"
            f"{f' ({told})' if told else ''}, and written as its size calls for."
        )
    if spelling.loose:
        words = ", ".join(f'"{word}"' for word in spelling.loose)
        usual = f'with "{spelling.prefix.strip()}"' if spelling.prefix.strip() else "without it"
        said.append(f"only some of its numbers begin with {words}: all are made {usual}.")
    if spelling.negative:
        said.append(f'a number that ends in "{spelling.negative.strip()}" is taken as negative.')
    return f'{" ".join(said)} To learn them as texts: --type "{name}=category"' if said else ""


def _middle(values: np.ndarray) -> str:
    """Where most of some sorted numbers lie, to two digits: the smallest and the largest are somebody's.

    >>> _middle(np.arange(17.0, 91.0)), _middle(np.array([1785.0, 1990.0, 2024.0]))
    ('mostly 21 to 86', 'mostly 1806 to 2021')
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "none of them finite"
    ends = np.quantile(finite, (0.05, 0.95))
    years = 1500 <= ends[0] <= ends[1] < 2200 and bool((finite == np.round(finite)).all())
    low, high = (float(f"{value:.{4 if years else 2}g}") for value in ends)
    return f"about {_said(low)}" if low == high else f"mostly {_said(low)} to {_said(high)}"


def _said(value: float) -> str:
    """A number for people: whole ones in full; up to four digits without a comma, for it may be a year."""
    if abs(value) < 1e4:
        return f"{value:.6g}"
    whole = abs(value) < 1e15 and value == round(value)
    return f"{value:,.0f}" if whole else f"{value:,.6g}"


def _shape(text: str) -> str:
    """A text with each run of digits as 9, of capitals as A, of other letters as a."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", text)))


def _name_of_record(look: _Look) -> _Found | None:
    """Text that never repeats, of one shape or named an identifier."""
    if not is_text(look.column) or len(look.distinct) != look.rows or look.rows < 3:
        return None
    if look.rows < _ENOUGH and look.last not in _IDENTITY:
        return None
    lengths = {len(text) for text in look.texts}
    if not look.texts or max(lengths) > 80:
        return None
    some = look.texts[:2000]
    shapes = Counter(_shape(text) for text in some)
    hexadecimal = len(lengths) == 1 and all(re.fullmatch(r"[0-9a-fA-F-]{12,}", text) for text in some)
    alike = sum(count for _, count in shapes.most_common(3)) >= 0.95 * len(some)
    numbered = sum(re.search(r"\d", text) is not None for text in some)
    digits = numbered == len(some)
    even = len(lengths) == 1 and 2 * numbered > len(some)  # X7KQ2A, 9AB3ZW
    even = even and all(re.fullmatch(r"[\w.:/-]+", text) for text in some)
    if look.last in _IDENTITY and (digits or hexadecimal or look.rows >= _ENOUGH):
        return _Found(Identifier(), f'never repeats and is named "{look.last}"')
    if hexadecimal or (digits and alike) or even:
        return _Found(Identifier(), f'never repeats and has one shape, like "{masked(look.texts[0])}"')
    return None


def _strays(look: _Look) -> _Found | None:
    """Numbers or moments but for a few slips ("TBC", "2024-13-45"), which are taken as missing."""
    if not is_text(look.column) or look.rows < 1 / _STRAY_SHARE:
        return None
    found = Spelling.nearly(look.column, _STRAYS, _STRAY_SHARE)
    if found is not None and found[1]:
        inner = _number(look.without(found[1]))
        if inner is not None and isinstance(inner.field, Number):
            field = replace(inner.field, spelling=found[0])
            said = _told(look.name, found[1], "number", look.column)
            return replace(inner, field=field, notice=_joined(inner.notice, said))
    if not _may_be_moments(look):
        return None
    order = np.argsort(-look.counts, kind="stable").tolist()
    texts = [look.distinct[place].strip() for place in order if not is_nothing(look.distinct[place])]
    form = DateFormat.nearly(texts, _STRAYS)
    strays = _odd_moments(look.column, form.text) if form is not None else {}
    inner = _temporal(look.without(strays)) if strays else None
    if inner is None or not isinstance(inner.field, Moment):
        return None
    notice = _joined(inner.notice, _told(look.name, strays, "moment", look.column))
    return replace(inner, field=replace(inner.field, lenient=True), notice=notice)


def _may_be_moments(look: _Look) -> bool:
    """Whether nearly all cells hold digits, as dates do: quick to see, where finding a format is not."""
    without = [re.search(r"[0-9]", text) is None and not is_nothing(text) for text in look.distinct]
    odd = int(look.counts[np.array(without, dtype=bool)].sum()) if without else 0
    return odd <= _STRAY_SHARE * look.rows and len(look.distinct) - sum(without) >= 3


def _joined(*notices: str) -> str:
    return " ".join(notice for notice in notices if notice)


def _in_phrases(look: _Look) -> _Found | None:
    """Text that says the same few things, but for the personal data inside of it."""
    held = None if not is_text(look.column) else look.inside
    if held is None or held.phrases > 0.3 * look.rows or held.phrases > 0.9 * len(look.distinct):
        return None
    return _phrases(look, held)


def _phrases(look: _Look, held: Inside) -> _Found:
    said = " and ".join([", ".join(held.kinds[:-1]), held.kinds[-1]] if held.kinds[1:] else held.kinds)
    number = f"{held.phrases:,} phrase{'s' * (held.phrases != 1)}"
    return _Found(
        Phrases(),
        f"{number} with personal data inside: {said}",
        f"personal data stand inside of its text ({said}): invented ones take their place. "
        f'To keep them: --keep "{look.name}"',
    )


def _prose(look: _Look) -> _Found | None:
    """Text that people wrote."""
    if not is_text(look.column) or len(look.distinct) < max(_ENOUGH, 0.5 * look.rows) or not look.texts:
        return None
    some = look.texts[:5000]
    length = float(np.mean([len(text) for text in some]))
    words = float(np.mean([len(text.split()) for text in some]))
    long = (length > _PROSE and words >= 3) or (length > _PROSE / 2 and _is_han(some))
    if words < _WORDS and not long:
        return None
    return _Found(
        Omitted("free text"),
        f"free text, {length:.0f} letters on average",
        f'free text is left empty. To learn it as it is: --type "{look.name}=category"',
    )


_CODE = re.compile(r"[A-Za-z.:/-]*[0-9][A-Za-z0-9.:/-]*")


def _never_twice(look: _Look) -> _Found | None:
    """Another text in nearly every row: a model of a table would copy it."""
    if not is_text(look.column) or len(look.distinct) < max(_ENOUGH, 0.95 * look.rows):
        return None
    if len({len(text) for text in look.texts}) == 1 and all(map(_CODE.fullmatch, look.texts)):
        return _Found(
            Identifier(),
            f'hardly ever repeats and has one shape, like "{masked(look.texts[0])}"',
            "its codes hardly ever repeat: new ones of their shape take their place. "
            f'To learn them as they are: --type "{look.name}=category"',
        )
    return _Found(
        Omitted("another text in nearly every row"),
        "another text in nearly every row",
        "holds another text in nearly every row, which would be copied and not learned; it is left "
        f'empty. To learn it all the same: --type "{look.name}=category"',
    )


def _is_han(texts: list[str]) -> bool:
    """Whether texts are mostly written without blanks, as Chinese is: fewer letters say as much."""
    letters = "".join(texts[:500])
    return sum("\u3040" <= letter <= "\u9fff" for letter in letters) > 0.5 * len(letters)


def _mixture(look: _Look) -> _Found | None:
    """Numbers among words: said, because a single typing error turns amounts into names."""
    if not is_text(look.column):
        return None
    plain = [len(text) <= LONGEST and _AMOUNT.fullmatch(text) is not None for text in look.texts]
    if not any(plain) or all(plain) or re.match(r"0\d", look.texts[plain.index(True)]):
        return None
    word = look.texts[plain.index(False)]
    form = masked(word)
    amounts = sum(plain)
    notice = ""
    if amounts >= 0.9 * len(plain) and amounts > 10:
        notice = (
            f'{amounts:,} of its {len(plain):,} values are numbers, but one like "{form}" in row '
            f"{_row(look, word):,} is none, so it is learned as a category. Mend that cell to have numbers."
        )
    return _Found(Category(), f'a mixture of numbers and words such as "{form}"', notice)


def _row(look: _Look, text: str) -> int:
    """The first row, counted from one, whose cell says this."""
    index, distinct = look.codes
    place = next(place for place, one in enumerate(distinct) if one.strip() == text)
    return int(np.argmax(index == place)) + 1


_TESTS: tuple[Callable[[_Look], _Found | None], ...] = (
    *(
        _files,
        _pictures,
        _unsuited,
        _constant,
        _ordered,
        _objects,
        _personal,
        _yes_or_no,
        _key,
        _temporal,
        _number,
    ),
    *(_in_phrases, _strays, _prose, _name_of_record, _mixture, _never_twice),
)
