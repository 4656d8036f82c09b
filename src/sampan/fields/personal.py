"""Personal: names, addresses, telephone, identity and card numbers, replaced by invented ones.

Nothing of a person is learned but the column's style: order and case of names, how digits are grouped, the
country of a telephone number. Where a range is reserved for fiction or tests, invented values come from it
and can belong to nobody: e-mail and web addresses under example.com, British numbers that Ofcom keeps for
drama, North American 555-01xx, documentation networks, letters that Hong Kong issues to no identity card,
test prefixes of card issuers, letters of no bank. Hong Kong and mainland telephone numbers have no such
range: theirs avoid the remainders of the numbers in the data (see `identifier`), so none of those comes
back, but one may belong to somebody. Names and addresses are combinations out of Faker: one may be, by
chance, a real person's, as any name is. No list of the data's values, hashed or not, is kept to rule that
out, because such a list would itself be personal data.

Columns that share `person` speak of one person: first name, full name and e-mail address agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
from arro3.core import DataType

from sampan.column import Column, from_strings, missing
from sampan.errors import DataError, RequestError, StoreError, nearest
from sampan.field import Box, Codec, Condition, Field, Leaves, Rows
from sampan.fields.arrow_type import as_text, from_text, name_of, named
from sampan.fields.identifier import (
    FreeNumbers,
    Shape,
    allow_presence,
    encode_presence,
    key_of,
    presence,
    row_numbers,
    scatter,
    shape_from_state,
)
from sampan.space import Space

_SAMPLE = 5_000  # cells looked at to find a style
_POOL = 1_000  # parts of each kind asked of Faker

Style = dict[str, Any]
"""What was learned about how a column writes one kind of personal data: JSON values."""


@dataclass(frozen=True)
class Personal(Field):
    """A column of personal data, replaced and never learned.

    what: one of `WHATS`. locale: Faker's locale, such as en_GB or zh_TW; "" guesses it from the script.
    person: columns with the same word here speak of the same person.
    """

    kind: ClassVar[str] = "personal"
    what: str
    locale: str = ""
    person: str = ""

    def __post_init__(self) -> None:
        if self.what not in WHATS:
            raise RequestError(
                f'"{self.what}" is no kind of personal data that Sampan can invent.'
                + nearest(self.what, WHATS),
                f"Known kinds: {', '.join(WHATS)}.",
                'For example: Personal("e-mail")',
            )

    def fit(self, column: Column) -> PersonalCodec:
        """Learn the style. Raises DataError where no cell holds anything."""
        texts = _texts(column)
        if not texts:
            raise DataError(
                f"none of the {len(column)} cells holds a value.",
                "A column of personal data needs at least one, to take its style from.",
                "Give the column another type: --type COLUMN=constant",
            )
        locale = self.locale or _locale(texts[:_SAMPLE])
        style, free = _LEARN[self.what](texts, locale)
        gone = bool(missing(column).any()) or len(texts) < len(column)
        return PersonalCodec(self.what, self.person, style, free, gone, name_of(column.type))


def _texts(column: Column) -> list[str]:
    """The cells that hold something, as text; whole numbers that a reader made decimal without '.0'."""
    texts: list[Any] = list(as_text(column).to_pylist())
    if DataType.is_floating(column.type):
        return [text.removesuffix(".0") for text in texts if text not in (None, "NaN")]
    return [text for text in texts if text is not None]


@dataclass(frozen=True, eq=False)
class PersonalCodec(Codec):
    """The style of a column of personal data.

    style: plain values, as `_LEARN[what]` found them. free: the numbers that may be made, where it makes
    numbers. dtype: the word for the column's Arrow type.
    """

    kind: ClassVar[str] = "personal"
    what: str
    person: str
    style: Style
    free: FreeNumbers
    has_missing: bool
    dtype: str

    @property
    def unique(self) -> bool:
        """Whether no two made values are equal (up to some millions of rows)."""
        return self.what in _NUMBERED or (self.what in _COUNTED and self.free.count >= 1_000_000)

    @property
    def fresh(self) -> bool:
        """Whether no made value can equal one of the data."""
        return self.what in _NUMBERED or self.what in _COUNTED

    @property
    def spaces(self) -> Mapping[str, Space]:
        """Whether it is missing, where some are; nothing else is learned."""
        return presence(self.has_missing)

    def encode(self, column: Column) -> Leaves:
        """1 where missing."""
        return encode_presence(self.has_missing, column)

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        """Invented values, those of the row numbers."""
        texts: list[str | None] = list(
            _MAKE[self.what](_Draw(rows, self.what, self.person), self.style, self.free)
        )
        gone = leaves[""] == 1 if self.has_missing else np.zeros(rows.count, dtype=bool)
        for row in np.flatnonzero(gone).tolist():
            texts[row] = None
        column = from_text(from_strings(texts), named(self.dtype))
        if column.null_count != int(gone.sum()):
            raise DataError(
                f"an invented {self.what} does not fit a column of {self.dtype}.",
                "Personal data are text.",
                "Turn the column into text before learning.",
            )
        return column

    def allow(self, condition: Condition) -> list[Box]:
        """Only whether it is missing can be asked. Raises WhereError for anything else."""
        return allow_presence(self.has_missing, condition, "personal data")

    def describe(self) -> str:
        """What is replaced, and by what."""
        line = f"personal data ({self.what}), replaced by invented ones"
        return line + ("; some missing" if self.has_missing else "")

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The style as JSON; the free remainders as an array."""
        return (
            {
                "what": self.what,
                "person": self.person,
                "style": self.style,
                "size": self.free.size,
                "modulus": self.free.modulus,
                "has_missing": self.has_missing,
                "dtype": self.dtype,
            },
            {"remainders": self.free.remainders},
        )

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        """The codec that `state` described."""
        named(values["dtype"])
        remainders, modulus, size = arrays["remainders"], int(values["modulus"]), int(values["size"])
        sound = (
            values["what"] in WHATS
            and remainders.ndim == 1
            and 0 < modulus <= size
            and ((remainders >= 0) & (remainders < modulus)).all()
        )
        if not sound:
            raise StoreError(
                "the style of a column of personal data contradicts itself.",
                f"One of {', '.join(WHATS)}, and remainders below the modulus.",
                "The model folder is damaged: restore it, or learn the model again.",
            )
        free = FreeNumbers(size, modulus, remainders)
        return cls(
            values["what"],
            values["person"],
            values["style"],
            free,
            bool(values["has_missing"]),
            values["dtype"],
        )


# --- what one block of rows draws
class _Draw:
    """The random draws of a block of rows: the person's own, and those of one column."""

    def __init__(self, rows: Rows, what: str, person: str) -> None:
        self.count = rows.count
        self.index = row_numbers(rows)
        self.key = key_of(rows, f"{what} {person}")
        # the same three for every column that speaks of this person
        self.first, self.last, self.middle = rows.rng(f"person {person}").random((3, rows.count))
        self.rng = rows.rng(f"{what} of {person}")

    def of(self, pool: Sequence[Any], at: np.ndarray | None = None) -> list[Any]:
        """One of the pool for each row; `at` in [0, 1) says which."""
        at = self.rng.random(self.count) if at is None else at
        return np.array(pool, dtype=object)[(at * len(pool)).astype(np.int64)].tolist()

    def weighted(self, weights: Sequence[float]) -> np.ndarray:
        """A place in the list for each row, in proportion to its weight: int64 (rows,)."""
        edges = np.cumsum(np.array(weights) / np.sum(weights))
        return np.minimum(np.searchsorted(edges, self.rng.random(self.count), side="right"), len(edges) - 1)

    def numbers(self, free: FreeNumbers) -> np.ndarray:
        """A free number for each row, distinct while there are enough: int64 (rows,)."""
        return free.pick(self.index % free.count, self.key)

    def suffixes(self) -> list[str]:
        """Digits that differ in every row: four, then more."""
        out = np.empty(self.count, dtype=object)
        begin, width = 0, 4
        while True:
            here = (self.index >= begin) & (self.index < begin + 10**width)
            if here.any():
                numbers = scatter(self.index[here] - begin, 10**width, self.key)
                out[here] = [f"{number:0{width}d}" for number in numbers.tolist()]
            begin += 10**width
            if not (self.index >= begin).any():
                return out.tolist()
            width += 3


# --- the script and the locale
_TRADITIONAL = set("張陳劉黃吳楊趙許鄧馮謝蔡鄭葉蘇蔣譚盧賴鍾羅蕭馬龍門國學會發電號臺灣區東樓東龍灣")
_SIMPLIFIED = set("张陈刘黄吴杨赵许邓冯谢郑叶苏蒋谭卢赖钟罗萧马龙门国学会发电号台湾区东楼")
_SCRIPTS = (("ja_JP", "\u3040", "\u30ff"), ("ko_KR", "\uac00", "\ud7a3"), ("ru_RU", "\u0400", "\u04ff"))


def _is_han(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff"


def _locale(texts: list[str]) -> str:
    """Faker's locale for the script of most texts."""
    whole = "".join(texts)
    letters = sum(letter.isalpha() for letter in whole) or 1
    for locale, low, high in _SCRIPTS:
        if sum(low <= letter <= high for letter in whole) > 0.1 * letters:
            return locale
    if sum(map(_is_han, whole)) > 0.4 * letters:
        simplified = sum(letter in _SIMPLIFIED - _TRADITIONAL for letter in whole)
        return (
            "zh_CN" if simplified > sum(letter in _TRADITIONAL - _SIMPLIFIED for letter in whole) else "zh_TW"
        )
    american = sum(bool(re.search(r"\b[A-Z]{2},? \d{5}(-\d{4})?\b", text)) for text in texts)
    return "en_US" if american > 0.3 * len(texts) else "en_GB"


def _pool(locale: str, *whats: str) -> list[list[str]]:
    """Distinct values of Faker's providers; kept with the codec, so that a later Faker changes nothing."""
    from faker import Faker  # slow to import, and needed only where a style is learned

    try:
        faker = Faker(locale)
    except AttributeError:
        raise RequestError(
            f'Faker has no locale "{locale}".', "A locale such as en_GB, zh_TW or de_DE.", 'locale="en_GB"'
        ) from None
    found: list[list[str]] = []
    for what in whats:
        provider: Callable[[], str] | None = getattr(faker, what, None)
        faker.seed_instance(0)  # for each: the same pool whatever else is asked for
        if provider is None:  # some locales know no street names
            provider = faker.last_name
        found.append(sorted({provider() for _ in range(_POOL)}))
    return found


def _case(texts: Sequence[str]) -> str:
    """upper, lower or mixed: how most texts are written."""
    upper = sum(text.isupper() for text in texts)
    lower = sum(text.islower() for text in texts)
    return "upper" if 2 * upper > len(texts) else "lower" if 2 * lower > len(texts) else "mixed"


def _in_case(texts: list[str], case: str) -> list[str]:
    if case == "mixed":
        return texts
    return [text.upper() for text in texts] if case == "upper" else [text.lower() for text in texts]


_NOTHING = FreeNumbers(1, 1, np.zeros(1, dtype=np.int64))

Learned = tuple[Style, FreeNumbers]


def _beside(used: np.ndarray, size: int) -> FreeNumbers:
    """Numbers of range(size) not in use; any, where so many are in use that none can be told to be free."""
    free = FreeNumbers.beside(used, size)
    return free if free.count else FreeNumbers(size, 1, np.zeros(1, dtype=np.int64))


# --- names
_TITLES = frozenset(
    (
        "mr mrs ms miss mx dr prof professor master rev sir dame lady lord capt col major madam "
        "mme mlle herr frau"
    ).split()
)


def _learn_name(texts: list[str], locale: str) -> Learned:
    sample = texts[:: max(1, len(texts) // _SAMPLE)]
    first, last = _pool(locale, "first_name", "last_name")
    comma = 2 * sum("," in text for text in sample) > len(sample)
    titles: Counter[str] = Counter()
    middles = 0
    loud = 0
    for text in sample:
        words = re.sub(r"\(.*?\)|\"", " ", text).replace(",", " , ").split()
        titled = [word for word in words if word.rstrip(".").lower() in _TITLES]
        titles[titled[0] if titled else ""] += 1
        plain = [word for word in words if word not in titled]
        given = plain[plain.index(",") + 1 :] if "," in plain else plain[:-1]
        middles += len(given) > 1
        loud += len(plain) > 1 and plain[0].isupper() and len(plain[0]) > 1 and not plain[-1].isupper()
    han = sum(map(_is_han, "".join(sample))) > 0
    style = {
        "first": first,
        "last": last,
        "order": "joined" if han and locale[:2] in ("zh", "ja", "ko") else "comma" if comma else "plain",
        "gap": " " if 2 * sum(" " in text.strip() for text in sample) > len(sample) else "",
        "loud": 2 * loud > len(sample),
        "titles": {title: count for title, count in titles.items() if title == "" or count > 1},
        "middle": middles / len(sample),
        "case": _case(sample),
    }
    return style, _NOTHING


def _make_name(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    first, last = draw.of(style["first"], draw.first), draw.of(style["last"], draw.last)
    if style["order"] == "joined":
        return [family + style["gap"] + given for given, family in zip(first, last, strict=True)]
    middle = draw.of(style["first"])
    double = (draw.rng.random(draw.count) < style["middle"]).tolist()
    given = [f"{a} {b}" if both else a for a, b, both in zip(first, middle, double, strict=True)]
    titles = list(style["titles"])
    chosen = draw.weighted(list(style["titles"].values())) if titles else np.zeros(draw.count, dtype=np.int64)
    spaced = [f"{title} " if title else "" for title in titles] or [""]
    title = [spaced[place] for place in chosen.tolist()]
    if style["loud"]:
        made = [f"{t}{b.upper()} {a}" for t, a, b in zip(title, given, last, strict=True)]
    elif style["order"] == "comma":
        made = [f"{b}, {t}{a}" for t, a, b in zip(title, given, last, strict=True)]
    else:
        made = [f"{t}{a} {b}" for t, a, b in zip(title, given, last, strict=True)]
    return _in_case(made, style["case"])


def _learn_part(part: str) -> Callable[[list[str], str], Learned]:
    def learn(texts: list[str], locale: str) -> Learned:
        (pool,) = _pool(locale, f"{part}_name")
        return {"pool": pool, "case": _case(texts[:_SAMPLE])}, _NOTHING

    return learn


def _make_first(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    return _in_case(draw.of(style["pool"], draw.first), style["case"])


def _make_last(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    return _in_case(draw.of(style["pool"], draw.last), style["case"])


# --- what is made of a name: e-mail addresses, user names, web pages
_RESERVED = ("example.com", "example.org", "example.net", "mail.example", "post.example", "home.example")


def _plain(words: list[str]) -> list[str]:
    """Words in the letters a to z."""
    flat = [unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode().lower() for word in words]
    return [re.sub(r"[^a-z]", "", word) or "x" for word in flat]


def _learn_account(texts: list[str], locale: str) -> Learned:
    """E-mail addresses, user names and web addresses: the style of a name as part of one."""
    latin = locale[:2] not in ("zh", "ja", "ko", "ru")
    first, last = _pool(locale if latin else "en_GB", "first_name", "last_name")
    sample = texts[:_SAMPLE]
    mails = [text.rpartition("@")[0] or text for text in sample]
    marks = Counter(next((letter for letter in text if letter in "._-"), "") for text in mails)
    held = {_domain(text) for text in texts}
    # a domain that the data never use, so that nothing made can be in the data
    domain = next((name for name in _RESERVED if name not in held), f"x{len(held)}.example")
    secure = 2 * sum(text.lower().startswith("http://") for text in sample) <= len(sample)
    taken = max((len(digits) for text in mails for digits in re.findall(r"\d+$", text)), default=0)
    style = {
        "first": first,
        "last": last,
        "mark": marks.most_common(1)[0][0],
        "domain": domain,
        "start": "https://" if secure else "http://",
        "case": _case(mails) if _case(mails) == "upper" else "lower",
        "digits": taken,
    }
    return style, _NOTHING


def _domain(text: str) -> str:
    """The domain of an e-mail or web address, in lower case."""
    bare = re.sub(r"^[a-z]+://(www\.)?", "", text.strip().lower()).rpartition("@")[2]
    return re.split(r"[/?#:]", bare, maxsplit=1)[0].rstrip(">")


def _accounts(draw: _Draw, style: Style) -> list[str]:
    first = draw.of(_plain(style["first"]), draw.first)
    last = draw.of(_plain(style["last"]), draw.last)
    mark = style["mark"]
    words = zip(first, last, draw.suffixes(), strict=True)
    return [f"{a}{mark}{b}{number}" for a, b, number in words]


def _make_mail(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    at = "@" + style["domain"]
    return _in_case([name + at for name in _accounts(draw, style)], style["case"])


def _make_user(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    # more digits than any user name of the data ends in, so that none comes back
    pad = "0" * max(0, style["digits"] - 3)
    first = draw.of(_plain(style["first"]), draw.first)
    last = draw.of(_plain(style["last"]), draw.last)
    words = zip(first, last, draw.suffixes(), strict=True)
    return _in_case([f"{a[0]}{style['mark']}{b}{pad}{number}" for a, b, number in words], style["case"])


def _make_url(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    start = f"{style['start']}{style['domain']}/"
    return [start + name for name in _accounts(draw, style)]


# --- numbers written in groups
def _digit_matrix(numbers: np.ndarray, width: int) -> np.ndarray:
    """The decimal digits of numbers: int64 (rows, width)."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    return numbers[:, None] // powers % 10


def _shapes(texts: list[str], most: int = 8) -> dict[str, int]:
    """How the digits of texts are grouped, '#' for each, with how often: the commonest shapes."""
    shapes = Counter(re.sub(r"[0-9]", "#", text) for text in texts)
    # letters (an extension, a remark) are no style but content
    tidy = [
        (shape, n)
        for shape, n in shapes.most_common(50)
        if not re.search(r"[^\W\d_]", shape) and "#" in shape
    ]
    return dict(tidy[:most])


def _fill(shape: str, digits: np.ndarray) -> list[str]:
    """Digits (rows, number of '#') put into a shape."""
    out = np.empty((len(digits), len(shape)), dtype=np.uint32)
    used = 0
    for place, letter in enumerate(shape):
        if letter == "#":
            out[:, place] = digits[:, used] + ord("0")
            used += 1
        else:
            out[:, place] = ord(letter)
    return out.view(f"U{len(shape)}").reshape(-1).tolist()


def _spread(
    draw: _Draw, shapes: Sequence[str], weights: Sequence[float], fill: Callable[..., list[str]]
) -> list[str]:
    """Rows shared among shapes by weight; fill(shape number, rows) gives the texts of some rows."""
    out = np.empty(draw.count, dtype=object)
    chosen = draw.weighted(weights)
    for place in range(len(shapes)):
        here = np.flatnonzero(chosen == place)
        if here.size:
            out[here] = fill(place, here)
    return out.tolist()


# --- telephone numbers
_DRAMA_MOBILE = ("7700900",)
_DRAMA_FIXED = tuple(
    "1632960 1134960 1144960 1154960 1164960 1174960 1184960 1214960 1314960 1414960 1514960 1614960 "
    "2079460 1914980 2920180".split()
)
_AREAS = (
    "201 202 203 206 212 213 214 215 216 303 305 310 312 313 314 402 404 405 408 410 412 415 416 503 504 "
)
_AREAS += (
    "512 513 514 602 604 612 613 614 615 617 619 702 703 704 713 714 716 718 801 804 808 813 816 901 916"
)
_MAINLAND = tuple("130 131 132 133 135 136 137 138 139 150 151 152 158 159 176 177 180 186 188 189".split())


_EXTENSION = re.compile(r"\s*(?:x|ext\.?|#)\s*\d+\s*$", re.IGNORECASE)


def _plan(numbers: list[str]) -> tuple[str, list[str], int, str]:
    """(country, leads, digits after the lead, digits before it) that most numbers (bare digits) follow."""
    rows = len(numbers)

    def most(pattern: str) -> list[str]:
        found = [match[1] for match in map(re.compile(pattern).fullmatch, numbers) if match]
        return found if len(found) > 0.6 * rows else []

    if found := most(r"(?:00)?(?:852)?([235679]\d{7})"):
        leads = Counter(number[0] for number in found)
        return "HK", sorted(lead for lead, n in leads.items() if n >= 0.01 * rows), 7, "852"
    if most(r"(?:00)?(?:86)?(1[3-9]\d{9})"):
        return "CN", list(_MAINLAND), 8, "86"
    if found := most(r"(?:0|(?:00)?440?)([1-3578]\d{8,9})"):
        mobile = 2 * sum(number[0] == "7" for number in found) > len(found)
        return "GB", list(_DRAMA_MOBILE if mobile else _DRAMA_FIXED), 3, "44"
    if most(r"(?:00)?1?([2-9]\d{2}[2-9]\d{6})"):
        return "US", [area + "55501" for area in _AREAS.split()], 2, "1"
    return "", [], 0, ""


def _learn_phone(texts: list[str], locale: str) -> Learned:
    texts = [_EXTENSION.sub("", text) for text in texts]
    shapes = _shapes(texts) or {"#### ####": 1}
    bare = [re.sub(r"\D", "", text) for text in texts]
    country, leads, after, _ = _plan(bare)
    if country == "":
        length = Counter(map(len, bare)).most_common(1)[0][0]
        same = [number for number in bare if len(number) == length] if length > 5 else ["20000000"]
        after = max(4, min(len(same[0]) - 3, 9))
        kept = Counter(number[: len(number) - after] for number in same)
        leads = [lead for lead, _ in kept.most_common(200)]
    national = len(leads[0]) + after
    fitting = {shape: n for shape, n in shapes.items() if shape.count("#") >= national}
    fitting = fitting or {"#" * national: 1}
    before: list[str] = []
    for shape in fitting:
        extra = shape.count("#") - national
        heads = Counter(
            re.sub(r"\D", "", text)[:extra]
            for text in texts[:_SAMPLE]
            if re.sub(r"[0-9]", "#", text) == shape
        )
        before.append(heads.most_common(1)[0][0] if heads and extra else "0" * extra)
    place = {lead: row for row, lead in enumerate(leads)}
    ends = [number[-national:] for number in bare if len(number) >= national]
    used = [place[end[:-after]] * 10**after + int(end[-after:]) for end in ends if end[:-after] in place]
    free = _beside(np.unique(np.array(used, dtype=np.int64)), len(leads) * 10**after)
    style = {
        "shapes": list(fitting),
        "weights": list(fitting.values()),
        "before": before,
        "leads": leads,
        "after": after,
    }
    return style, free


def _make_phone(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    numbers = draw.numbers(free)
    after = style["after"]
    leads = np.array([[int(digit) for digit in lead] for lead in style["leads"]], dtype=np.int64)
    digits = np.hstack([leads[numbers // 10**after], _digit_matrix(numbers % 10**after, after)])

    def fill(place: int, rows: np.ndarray) -> list[str]:
        before = np.array([int(digit) for digit in style["before"][place]], dtype=np.int64)
        whole = np.hstack([np.broadcast_to(before, (len(rows), len(before))), digits[rows]])
        return _fill(style["shapes"][place], whole)

    return _spread(draw, style["shapes"], style["weights"], fill)


# --- Hong Kong identity cards
_HKID = re.compile(r"\s*([A-Za-z]{1,2})(\s?)(\d{6})(\s?)([(（]?)([0-9Aa])([)）]?)\s*")
_UNISSUED = "IOQU"
"""Letters that begin no Hong Kong identity card number."""


def hkid_check(letters: str, digits: str) -> str:
    """The check digit of a Hong Kong identity card number.

    >>> hkid_check("A", "123456")
    '3'
    """
    values = [ord(letter) - 55 for letter in letters.upper().rjust(2)] if len(letters) == 2 else [36]
    values += [ord(letters[-1].upper()) - 55] if len(letters) == 1 else []
    values += map(int, digits)
    return "0123456789A"[
        -sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) % 11
    ]


def _learn_hkid(texts: list[str], locale: str) -> Learned:
    matches = [match for match in map(_HKID.fullmatch, texts[:_SAMPLE]) if match]
    shapes = Counter((m[2], m[4], m[5], m[7], "lower" if m[1].islower() else "upper") for m in matches)
    shapes = shapes or Counter({("", "", "(", ")", "upper"): 1})
    used = [
        _UNISSUED.index(match[1].upper()) * 10**6 + int(match[3])
        for match in map(_HKID.fullmatch, texts)
        if match and match[1].upper() in _UNISSUED
    ]
    free = _beside(np.unique(np.array(used, dtype=np.int64)), len(_UNISSUED) * 10**6)
    common = shapes.most_common(6)
    return {"shapes": [list(shape) for shape, _ in common], "weights": [n for _, n in common]}, free


def _make_hkid(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    numbers = draw.numbers(free)
    digits = _digit_matrix(numbers % 10**6, 6)
    letter = numbers // 10**6
    codes = np.array([ord(sign) - 55 for sign in _UNISSUED])[letter]
    check = -(36 * 9 + codes * 8 + digits @ np.arange(7, 1, -1)) % 11
    signs = [_UNISSUED[place] for place in letter.tolist()]
    checks = ["0123456789A"[place] for place in check.tolist()]
    bodies = [f"{number % 10**6:06d}" for number in numbers.tolist()]

    def fill(place: int, rows: np.ndarray) -> list[str]:
        gap, late, opening, closing, case = style["shapes"][place]
        made = [f"{signs[r]}{gap}{bodies[r]}{late}{opening}{checks[r]}{closing}" for r in rows.tolist()]
        return _in_case(made, case)

    return _spread(draw, style["shapes"], style["weights"], fill)


# --- payment cards
_TEST_PREFIX = {"2": "222300", "3": "378282", "4": "400000", "5": "555555", "6": "601111"}
"""First six digits that issuers publish for testing, by the first digit."""


def luhn(digits: str) -> bool:
    """Whether the last digit is the right check digit of a card number (ISO/IEC 7812-1).

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 * (value > 9)
    return total % 10 == 0


def _learn_card(texts: list[str], locale: str) -> Learned:
    shapes: Counter[tuple[str, str]] = Counter()
    for text in texts[:: max(1, len(texts) // _SAMPLE)]:
        shape = re.sub(r"[0-9]", "#", text.strip())
        digits = re.sub(r"\D", "", text)
        if 12 <= len(digits) <= 19 and not re.search(r"[^\W\d_]", shape):
            shapes[shape, _TEST_PREFIX.get(digits[0], "400000")] += 1
    common = shapes.most_common(8) or [(("#### #### #### ####", "400000"), 1)]
    tails = [re.sub(r"\D", "", text) for text in texts]
    used = [
        int(digits[6:-1][-9:])
        for digits in tails
        if len(digits) >= 12 and digits[:6] in _TEST_PREFIX.values()
    ]
    middle = min(min(shape.count("#") for (shape, _), _ in common) - 7, 9)
    inside = np.array(used, dtype=np.int64)
    free = _beside(np.unique(inside % 10**middle), 10**middle)
    return {
        "shapes": [shape for (shape, _), _ in common],
        "prefixes": [prefix for (_, prefix), _ in common],
        "weights": [n for _, n in common],
        "middle": middle,
    }, free


def _make_card(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    numbers = draw.numbers(free)

    def fill(place: int, rows: np.ndarray) -> list[str]:
        shape = style["shapes"][place]
        length = shape.count("#")
        digits = np.zeros((len(rows), length), dtype=np.int64)
        digits[:, :6] = [int(digit) for digit in style["prefixes"][place]]
        digits[:, length - 1 - style["middle"] : length - 1] = _digit_matrix(numbers[rows], style["middle"])
        doubled = digits[:, ::-1][:, 1::2] * 2
        total = digits[:, ::-1][:, 2::2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
        digits[:, -1] = -total % 10
        return _fill(shape, digits)

    return _spread(draw, style["shapes"], style["weights"], fill)


# --- bank accounts
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")


def iban_sound(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616).

    >>> iban_sound("GB82 WEST 1234 5698 7654 32")
    True
    """
    bare = text.replace(" ", "").upper()
    if not _IBAN.fullmatch(bare):
        return False
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


def _learn_iban(texts: list[str], locale: str) -> Learned:
    bare = [text.replace(" ", "").upper() for text in texts]
    sound = [text for text in bare if _IBAN.fullmatch(text)] or ["GB82WEST12345698765432"]
    shapes = Counter(text[:2] + re.sub(r"[A-Z]", "X", re.sub(r"[0-9]", "#", text[4:])) for text in sound)
    common = shapes.most_common(4)
    bodies = []
    for shape, _ in common:
        body = shape[2:]
        # no bank's letters are X alone; where a bank has digits, 9999 is no bank's
        bodies.append(body if "X" in body else "9999" + body[4:])
    digits = min(min(body.count("#") for body in bodies), 12)
    tails = [int("".join(re.findall(r"\d", text[4:]))[-digits:] or 0) for text in sound]
    free = _beside(np.unique(np.array(tails, dtype=np.int64)), 10**digits)
    return {
        "countries": [shape[:2] for shape, _ in common],
        "bodies": bodies,
        "weights": [n for _, n in common],
        "digits": digits,
        "spaced": 2 * sum(" " in text for text in texts) > len(texts),
    }, free


def _make_iban(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    numbers = draw.numbers(free)

    def fill(place: int, rows: np.ndarray) -> list[str]:
        body, country = style["bodies"][place], style["countries"][place]
        digits = _digit_matrix(numbers[rows], style["digits"])
        room = np.zeros((len(rows), body.count("#")), dtype=np.int64)
        room[:, room.shape[1] - style["digits"] :] = digits
        texts = _fill(body, room)
        remainder = np.zeros(len(rows), dtype=np.int64)
        used = 0
        for letter in body + country + "00":
            if letter == "#":
                remainder = (remainder * 10 + room[:, used]) % 97
                used += 1
            else:
                value = int(letter, 36)
                remainder = (remainder * (10 if value < 10 else 100) + value) % 97
        made = [f"{country}{98 - r:02d}{text}" for r, text in zip(remainder.tolist(), texts, strict=True)]
        if style["spaced"]:
            made = [" ".join(text[at : at + 4] for at in range(0, len(text), 4)) for text in made]
        return made

    return _spread(draw, style["bodies"], style["weights"], fill)


# --- passports: their shape only
def _learn_passport(texts: list[str], locale: str) -> Learned:
    shape = Shape.of(texts, numeric=False)
    return {
        "alphabets": list(shape.alphabets),
        "modulus": shape.free.modulus,
        "longest": shape.longest,
    }, shape.free


def _make_passport(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    return shape_from_state(style, {"remainders": free.remainders}).make(draw.index, draw.key)


# --- networks
def _learn_ip(texts: list[str], locale: str) -> Learned:
    return {"six": 2 * sum(":" in text for text in texts) > len(texts)}, _NOTHING


def _make_ip(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    numbers = draw.rng.integers(0, 1 << 32, draw.count).tolist()
    if style["six"]:
        return [f"2001:db8::{number >> 16:x}:{number & 0xFFFF:x}" for number in numbers]
    nets = ("192.0.2.", "198.51.100.", "203.0.113.")
    return [nets[number % 3] + str(number // 3 % 254 + 1) for number in numbers]


# --- companies and addresses
def _learn_company(texts: list[str], locale: str) -> Learned:
    (pool,) = _pool(locale, "company")
    held = set(texts)
    return {
        "pool": [name for name in pool if name not in held] or pool,
        "case": _case(texts[:_SAMPLE]),
    }, _NOTHING


def _make_company(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    return _in_case(draw.of(style["pool"]), style["case"])


def _learn_address(texts: list[str], locale: str) -> Learned:
    sample = texts[:_SAMPLE]
    streets, cities, codes = _pool(locale, "street_name", "city", "postcode")
    if locale.startswith("zh"):
        streets = [street if street[-1] in "路街道巷" else street + "路" for street in streets]
        number = "{number}號" if locale == "zh_TW" else "{number}号"
        style = "{city}{street}" + number
    else:
        gap = "\n" if 2 * sum("\n" in text for text in sample) > len(sample) else ", "
        single = 2 * sum("," in text or "\n" in text for text in sample) <= len(sample)
        coded = 2 * sum(bool(re.search(r"\d[A-Z0-9 -]*$", text)) for text in sample) > len(sample)
        style = "{number} {street}"
        if not single:
            style += gap + "{city}" + (gap + "{code}" if coded else "")
    return {
        "streets": streets,
        "cities": cities,
        "codes": codes,
        "style": style,
        "case": _case(sample),
    }, _NOTHING


def _make_address(draw: _Draw, style: Style, free: FreeNumbers) -> list[str]:
    parts = {
        "number": draw.rng.integers(1, 300, draw.count).tolist(),
        "street": draw.of(style["streets"]),
        "city": draw.of(style["cities"]),
        "code": draw.of(style["codes"]),
    }
    # cut once, so that no row looks at the template
    pieces = re.split(r"\{(\w+)\}", style["style"])
    columns = [
        parts[piece] if place % 2 else [piece] * draw.count for place, piece in enumerate(pieces) if piece
    ]
    return _in_case(["".join(map(str, row)) for row in zip(*columns, strict=True)], style["case"])


_LEARN: dict[str, Callable[[list[str], str], Learned]] = {
    "name": _learn_name,
    "first name": _learn_part("first"),
    "last name": _learn_part("last"),
    "e-mail": _learn_account,
    "phone": _learn_phone,
    "address": _learn_address,
    "hkid": _learn_hkid,
    "card number": _learn_card,
    "passport": _learn_passport,
    "company": _learn_company,
    "iban": _learn_iban,
    "url": _learn_account,
    "ip": _learn_ip,
    "username": _learn_account,
}
_MAKE: dict[str, Callable[[_Draw, Style, FreeNumbers], list[str]]] = {
    "name": _make_name,
    "first name": _make_first,
    "last name": _make_last,
    "e-mail": _make_mail,
    "phone": _make_phone,
    "address": _make_address,
    "hkid": _make_hkid,
    "card number": _make_card,
    "passport": _make_passport,
    "company": _make_company,
    "iban": _make_iban,
    "url": _make_url,
    "ip": _make_ip,
    "username": _make_user,
}
WHATS = tuple(_LEARN)
"""The kinds of personal data that can be invented."""

_NUMBERED = frozenset(["e-mail", "url", "username", "passport"])  # every row has digits of its own
_COUNTED = frozenset(["hkid", "card number", "iban"])  # numbers of a range, none of them in the data


# --- finding personal data
@dataclass(frozen=True, slots=True)
class Recognised:
    """Personal data found in a column.

    what: one of `WHATS`. why: in plain words. confidence: 0 to 1. person: whom the column's name speaks of
    ("customer" in customer_name), "" where it does not say.
    """

    what: str
    why: str
    confidence: float
    person: str = ""

    def field(self) -> Personal:
        """The field that replaces it."""
        return Personal(self.what, person=self.person)


_CALLED: tuple[tuple[str, str], ...] = (  # first match wins; on the words of a column's name
    ("e-mail", r"e ?mails?( addr(ess)?)?|mail|電郵(地址)?|电邮(地址)?|邮箱|郵箱"
     r"|電子郵件|电子邮件|電子郵箱|电子邮箱"),
    ("ip", r"ip( addr(ess)?)?|ipv4|ipv6"),
    ("url", r"(home ?page|web ?site|profile)( url| link)?|網址|网址"),
    ("hkid", r"hk ?id( no| number| card)?( no| number)?|香港身份證(號碼)?"
     r"|身份證(號碼?)?|身份证(号码?)?"),
    ("card number", r"(credit|debit|payment|bank)? ?card( no| num| number| nbr)|cc( no| num| number)"
     r"|credit card|pan|信用卡(號碼?|号码?)?|卡號|卡号"),
    ("iban", r"iban( no| number)?"),
    ("passport", r"passport( no| num| number| id)?|護照(號碼?)?|护照(号码?)?"),
    ("phone", r"(tele|cell|mobile|smart|home|work|day|contact)? ?phone( no| num| number| nbr)?s?"
     r"|tel( no| number)?|mobile( no| number)?|cell( no| number)?|fax( no| number)?"
     r"|whats ?app( no| number)?|contact (no|number)"
     r"|(聯絡|联系)?(電話|电话)(號碼|号码)?|手機(號碼?)?|手机(号码?)?"),
    ("username", r"user ?names?|login( name)?|screen name|nick ?name|用戶名稱?|用户名"),
    ("first name", r"(first|given|fore|middle|christian) ?names?|fname"),
    ("last name", r"(last|family|sur|maiden) ?names?|lname|surname|姓氏|姓"),
    ("company", r"(company|employer|firm|organi[sz]ation)( name)?|公司(名稱|名称)?|僱主|雇主"),
    ("address", r"(home|street|mailing|postal|billing|shipping|delivery|residential)? ?addr(ess)?"
     r"( ?(line)? ?\d)?|street( name)?|(住址|地址|通訊地址|通讯地址|家庭住址)"),
    ("name", r"(full|chinese|english|legal)? ?names?|(中文|英文)?姓名|名字"),
)  # fmt: skip
_PERSONS = frozenset(
    (
        "customer client patient employee student contact staff guest member passenger owner agent person "
        "applicant borrower holder cardholder manager doctor teacher user buyer seller driver tenant "
        "resident emergency primary secondary spouse father mother parent guardian author cust emp his her "
        "their insured policyholder reviewer subscriber voter beneficiary recipient sender payer payee "
        "supervisor"
    ).split()
)


def _words(name: str) -> str:
    """A column's name as lower-case words with one blank between."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    return re.sub(r"[\W_]+", " ", split).strip().lower()


def _called(name: str) -> tuple[str, str] | None:
    """(what, whom) a column's name speaks of; None where it names no personal data."""
    words = _words(name)
    for what, pattern in _CALLED:
        match = re.fullmatch(rf"(?:(?P<whom>.*?)(?:\b|(?=[\u4e00-\u9fff]))\s*)??(?:{pattern})", words)
        if match is None:
            continue
        whom = (match["whom"] or "").removesuffix(" s").strip()
        known = not whom or all(word in _PERSONS for word in whom.split()) or _is_han(whom[-1])
        if what in ("name", "company", "address", "first name", "last name", "url") and not known:
            return None  # "product name", "file name"
        return what, whom
    return None


_MAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]{2,}")
_IPV4 = re.compile(r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)")
_IPV6 = re.compile(r"(?=.*:.*:)[0-9a-fA-F:]{3,39}")
_CARD = re.compile(r"[1-6](?:[ -]?\d){11,18}")
_PHONE = re.compile(r"[+(（]?\d[\d\s()（）./-]{5,22}\d(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
_URL = re.compile(r"(https?://|www\.)\S+\.\S+", re.IGNORECASE)


def _hkid_sound(text: str) -> bool:
    match = _HKID.fullmatch(text)
    return match is not None and hkid_check(match[1], match[3]) == match[6].upper()


def _card_sound(text: str) -> bool:
    return _CARD.fullmatch(text.strip()) is not None and luhn(re.sub(r"\D", "", text))


def _phone_like(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return _PHONE.fullmatch(text.strip()) is not None and 7 <= len(digits) <= 17


def _letters_only(text: str) -> bool:
    return bool(text.strip()) and len(text) <= 60 and not re.search(r"[0-9@#$%&*+=<>/\\_]", text)


def recognise(name: str, column: Column) -> Recognised | None:
    """Personal data in a column, by what it is called and what its cells look like; None where none.

    A name alone never decides: the cells must fit. Cells alone decide only where a check digit or a format
    says so (e-mail, HKID, card number, IBAN, network address, international telephone number).

    >>> recognise("contact", from_strings(["ann@site.org", "bob@site.org"])).what
    'e-mail'
    """
    if not _can_hold(column.type):
        return None
    texts = _texts(column.slice(0, min(len(column), 20_000)))
    texts = texts[:: max(1, len(texts) // 2_000)]
    if not texts:
        return None
    distinct = list(dict.fromkeys(text.strip() for text in texts))
    called = _called(name)
    found = _by_cells(distinct, called)
    if found is not None:
        return replace(found, person=called[1] if called and called[0] == found.what else _whom(name))
    if called is None:
        return None
    what, whom = called
    why = _by_name(what, texts, distinct)
    return None if why is None else Recognised(what, f'called "{name}", and {why}', 0.8, whom)


def _can_hold(kind: DataType) -> bool:
    """Whether a column of this type can hold personal data: text and whole numbers can."""
    return (
        DataType.is_string(kind)
        or DataType.is_large_string(kind)
        or DataType.is_string_view(kind)
        or DataType.is_integer(kind)
        or DataType.is_floating(kind)
        or (DataType.is_dictionary(kind) and kind.value_type is not None and _can_hold(kind.value_type))
    )


def _whom(name: str) -> str:
    """The person whom a column's name mentions, "" where it mentions none."""
    return " ".join(word for word in _words(name).split() if word in _PERSONS)


def _share(test: Callable[[str], Any], texts: list[str]) -> float:
    return sum(bool(test(text)) for text in texts) / len(texts)


def _by_cells(distinct: list[str], called: tuple[str, str] | None) -> Recognised | None:
    """What formats and check digits alone prove. Few cells prove little: one in ten is right by chance."""
    what = called[0] if called else ""
    if _share(_MAIL.fullmatch, distinct) >= 0.9:
        return Recognised("e-mail", "nearly every cell is an e-mail address", 0.98)
    enough = len(distinct) >= 5
    for kind, test, why in (
        ("hkid", _hkid_sound, "the check digits are those of Hong Kong identity cards"),
        ("card number", _card_sound, "length and check digits are those of payment cards"),
        ("iban", iban_sound, "the check digits are those of bank accounts (IBAN)"),
    ):
        if (enough or what == kind) and _share(test, distinct) >= 0.9:
            return Recognised(kind, why, 0.97 if what == kind else 0.9)
    if _share(_IPV4.fullmatch, distinct) >= 0.95 or (
        _share(_IPV6.fullmatch, distinct) >= 0.95
        and _share(lambda text: "::" in text or text.count(":") == 7, distinct) > 0.9
    ):
        return Recognised("ip", "nearly every cell is a network address", 0.9)
    if enough and _share(lambda text: text.startswith(("+", "00")) and _phone_like(text), distinct) >= 0.9:
        if _share(lambda text: len(re.sub(r"\D", "", text)) >= 9 and "." not in text, distinct) >= 0.9:
            international = _share(lambda text: text.startswith("+"), distinct) >= 0.9
            if international or what == "phone":
                return Recognised("phone", "nearly every cell is an international telephone number", 0.9)
    return None


def _by_name(what: str, texts: list[str], distinct: list[str]) -> str | None:
    """Why the cells fit what the column is called, None where they do not."""
    various = len(distinct) / len(texts)
    match what:
        case "phone":
            fits = _share(_phone_like, distinct) >= 0.9 and various >= 0.3
            return "its cells look like telephone numbers" if fits else None
        case "hkid":
            return "its cells have that form" if _share(_HKID.fullmatch, distinct) >= 0.9 else None
        case "passport":
            form = re.compile(r"(?=.*\d)[A-Z0-9]{6,12}", re.IGNORECASE)
            fits = various >= 0.8 and _share(form.fullmatch, distinct) >= 0.9
            return "its cells have that form" if fits else None
        case "url":
            return "its cells are web addresses" if _share(_URL.match, distinct) >= 0.9 else None
        case "username":
            fits = various >= 0.8 and _share(re.compile(r"\S*[^\W\d]\S*").fullmatch, distinct) >= 0.9
            return "nearly every cell is another word" if fits else None
        case "first name" | "last name":
            short = _share(lambda text: _letters_only(text) and len(text.split()) <= 3, distinct) >= 0.95
            return "its cells are words" if short and (len(distinct) >= 5 or various >= 0.5) else None
        case "name":
            worded = _share(_letters_only, distinct) >= 0.95
            if not worded or various < 0.2 or (various < 0.5 and len(distinct) < 50):
                return None
            han = _share(
                lambda text: (
                    2 <= len(text.replace(" ", "")) <= 4 and all(map(_is_han, text.replace(" ", "")))
                ),
                distinct,
            )
            several = _share(lambda text: 2 <= len(text.replace(",", " ").split()) <= 8, distinct)
            return "its cells look like names of people" if max(han, several) >= 0.8 else None
        case "address":
            han = _share(lambda text: any(map(_is_han, text)) and len(text) >= 5, distinct)
            form = _share(
                lambda text: len(text) >= 8 and re.search(r"\d", text) and re.search(r"[^\W\d]", text),
                distinct,
            )
            return "its cells look like addresses" if various >= 0.5 and max(han, form) >= 0.7 else None
        case "company":
            fits = various >= 0.5 and _share(lambda text: re.search(r"[^\W\d]{2}", text), distinct) >= 0.95
            return "nearly every cell is another" if fits else None
        case _:  # an e-mail address, a card number, an IBAN, a network: the cells would have shown it
            return None
