"""What one cell shows of a person: whether it reads as a name, an address, a telephone number, an account."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from sampan.fields.personal import lexicon
from sampan.fields.personal.pools import is_han

HKID = re.compile(r"\s*([A-Za-z]{1,2})(\s?)(\d{6})(\s?)([(（]?)([0-9Aa])([)）]?)\s*")
"""The form of a Hong Kong identity card number: letters, digits and check digit are groups 1, 3 and 6."""

IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
"""The form of an IBAN without blanks."""


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


def hkid_sound(text: str) -> bool:
    """Whether a text is a Hong Kong identity card number with the right check digit."""
    match = HKID.fullmatch(text)
    return match is not None and hkid_check(match[1], match[3]) == match[6].upper()


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


def iban_sound(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616).

    >>> iban_sound("GB82 WEST 1234 5698 7654 32")
    True
    """
    bare = text.replace(" ", "").upper()
    if not IBAN.fullmatch(bare):
        return False
    return int("".join(str(int(letter, 36)) for letter in bare[4:] + bare[:4])) % 97 == 1


_MAINLAND = re.compile(r"[1-9]\d{5}(18|19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]")


def mainland_check(digits: str) -> str:
    """The check digit of the 17 digits of a mainland Chinese identity number (GB 11643).

    >>> mainland_check("11010519491231002")
    'X'
    """
    total = sum(int(digit) * (1 << (17 - place)) for place, digit in enumerate(digits))
    return "10X98765432"[total % 11]


def mainland_sound(text: str) -> bool:
    """Whether a text is a mainland Chinese identity number with the right check digit."""
    bare = text.strip()
    return _MAINLAND.fullmatch(bare) is not None and mainland_check(bare[:17]) == bare[17].upper()


_TOTALS = re.compile(
    r"(grand|sub|overall)?[\s-]*(totals?|sum|sums|average|avg|mean|count|subtotal)"
    r"|[總总]計|[總总]计|合計|合计|小計|小计|[總总]和|[總总]數|[總总]数|共計|共计|平均值?|累計|累计|總額|总额",
    re.IGNORECASE,
)


_TOTAL_WORDS = re.compile("total|sum|average|avg|mean|count|[計计總总數数均額额]")


def is_total(text: str) -> bool:
    """Whether a cell names a line of totals and no person.

    >>> is_total("總計 Total"), is_total("Grand total:"), is_total("Tota Mei")
    (True, True, False)
    """
    if len(text) > 40:
        return False
    low = text.lower()
    if not _TOTAL_WORDS.search(low):  # quick to see, for there may be a million names
        return False
    left = _TOTALS.sub(" ", text)
    return left != text and not re.search(r"\w", left)


# --- names
_RUSSIAN = re.compile(
    r"(?=.*(?:вич|вна|ов|ев|ин|ова|ева|ина|ский|ская|енко)\b)[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
    r"(?:\s[А-ЯЁ](?:[а-яё]+|\.)){1,2}"
)
_KOREAN = re.compile("[\uac00-\ud7a3]{2,4}")
_KOREAN_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모"
)


_LETTER = "[\u0370-\u052f\u0530-\u085f\u0900-\u10ff\u1780-\u17ff]"
_FOREIGN = re.compile(f"{_LETTER}{{2,20}}(?:[ .'-]{_LETTER}{{2,20}}){{1,3}}")
"""Two to four words in an alphabet of which no names are known here: Greek to Georgian, Khmer."""


@lru_cache(maxsize=20_000)
def name_sign(text: str) -> float:
    """How much a cell reads as the full name of a person: 1, 0.5 where it may be one, 0.

    >>> [name_sign(text) for text in ("陳大文", "WONG Siu-ming", "Mr John Smith", "Red shirt", "太古城")]
    [1.0, 1.0, 1.0, 0.0, 0.0]
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not 2 <= len(plain) <= 60 or re.search(r"[0-9@#$%&*+=<>\\_!?]", plain):
        return 0.0
    plain = re.sub(r"\([^()]*\)", " ", plain).strip()
    if plain.lower() in lexicon.HK_WORDS:
        return 0.0
    if _RUSSIAN.fullmatch(plain) or (_KOREAN.fullmatch(plain) and plain[0] in _KOREAN_SURNAMES):
        return 1.0
    if _FOREIGN.fullmatch(plain):
        return 0.5  # no list of such names is here
    han = "".join(filter(is_han, plain))
    if not han:
        return _latin_name(plain)
    rest = " ".join(
        "".join(" " if is_han(letter) or letter in "·・/" else letter for letter in plain).split()
    )
    return _han_name(han) if not rest else min(_han_name(han), 0.5 + _latin_name(rest))


def _han_name(han: str) -> float:
    """The same of Chinese characters alone."""
    if 3 <= len(han) <= 5 and han[:2] in lexicon.japanese():
        return 1.0
    for title in lexicon.HAN_TITLES:
        if han.endswith(title) and 1 <= len(han) - len(title) <= 4:
            own = han.removesuffix(title)
            return 1.0 if own[0] in lexicon.surnames() or own[:2] in lexicon.DOUBLE else 0.5
    size = 2 if han[:2] in lexicon.DOUBLE else 1
    given = han[size:]
    if not (size == 2 or han[0] in lexicon.surnames()) or not 1 <= len(given) <= 2:
        return 0.0
    known = sum(letter in lexicon.given_characters() for letter in given)
    return 1.0 if known == len(given) else 0.5 if known or len(given) == 2 else 0.0


_SYLLABLE = re.compile(r"(?:zh|ch|sh|ts|kw|gw|hs|ng|[bpmfdtnlgkhjqxrzcsyw])?[aeiouü]{1,3}(?:ng|[nmktprh])?")


def _syllabic(word: str) -> bool:
    """Whether a word is one to three syllables of Chinese in Latin letters."""
    end = 0
    for _ in range(3):
        match = _SYLLABLE.match(word, end)
        if match is None:
            return False
        end = match.end()
        if end == len(word):
            return True
    return False


_CHILD = re.compile(
    r"[^\W\d_]\S*(?:\s\S+)*?\s(bin|binti|bte|ibn|a/l|a/p|s/o|d/o)\.?\s[^\W\d_]\S*.*", re.IGNORECASE
)
"""A child and the word for it before the name of a parent, as Malays, Arabs and Tamils write it."""

_MIDDLE = re.compile(r"[A-Z][^\W\d_'’-]+(?:\s[A-Z][\w'’-]+)?\s[A-Z]\.(?:\s[^\W\d_][\w'’-]+){1,3}")
"""A name with an initial in its middle: Maria B. Santos."""

_INITIAL = re.compile(r"([^\W\d_]{2,}?)\s?[A-Z]\.?")
"""A first name and the initial of a last one: Grace W."""

_INITIALS = re.compile(r"\b(?:[A-Z]\.)+(?=[\sA-Z])")
_ENDS = re.compile(r"(?:[A-Z]\.\s*){1,3}([A-Z][\w'’-]+)")
"""A last name after the initials of first ones: C.Y. Leung."""

_BOOKED = re.compile(r"([A-Z]{2,})/(?=[A-Z]{2,})")
"""A last name as tickets write it: CHAN/TAI MAN MR."""


def _latin_name(plain: str) -> float:
    plain = _BOOKED.sub(r"\1, ", plain, count=1)
    plain = _INITIALS.sub(lambda found: found[0].replace(".", ". "), plain)
    ends = _ENDS.fullmatch(plain)
    if ends is not None and (
        ends[1].lower() in lexicon.last_names() or ends[1].lower() in lexicon.romanised()
    ):
        return 1.0
    sign = _by_words(plain)
    child = _CHILD.fullmatch(plain)
    if child is not None and not (child[1].lower() == "bin" and sign == 0):  # a bin may be one for waste
        return 1.0
    short = _INITIAL.fullmatch(plain)
    short = short is not None and short[1].lower() in lexicon.first_names()
    return max(sign, 0.5) if short or _MIDDLE.fullmatch(plain) else sign


def _by_words(plain: str) -> float:
    """The same by what its words are."""
    words = [word.strip(".'’").lower() for word in re.split(r"[\s,]+", plain) if word.strip(".,'’")]
    titled = bool(words) and words[0] in lexicon.TITLES
    words = [word for word in words if word not in lexicon.TITLES]
    if titled and 1 <= len(words) <= 4:
        return 1.0 if all(re.fullmatch(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", word) for word in words) else 0.0
    words = [word for word in words if len(word) > 1]  # initials
    if not 2 <= len(words) <= 5 or " ".join(words) in lexicon.HK_WORDS or not plain[0].isalpha():
        return 0.0
    if "," in plain:
        head, _, tail = plain.partition(",")
        words = [*re.findall(r"[^\W\d_][^\s,]*", tail.lower()), *head.lower().split()]
        words = [word for word in words if len(word.strip(".")) > 1 and word.strip(".") not in lexicon.TITLES]
        if len(words) < 2:
            return 0.0
    chinese = [word for word in words if word not in lexicon.first_names() or word in lexicon.romanised()]
    parts = [part for word in chinese for part in word.split("-")]
    ends = set(chinese[:1] + chinese[-1:])
    if len(parts) >= 2 and all(map(_syllabic, parts)) and ends & lexicon.romanised() and len(words) <= 5:
        return 1.0 if plain[0].isupper() or plain.islower() else 0.5
    first, last = words[0], words[-1]
    given, family = (
        first in lexicon.first_names(),
        last in lexicon.last_names() or last in lexicon.romanised(),
    )
    if given and (family or last in lexicon.first_names()):
        return 1.0
    written = all(word[0].isupper() for word in re.findall(r"[^\W\d_]+", plain))
    return 0.5 if given or (family and written and len(words) <= 3) else 0.0


@lru_cache(maxsize=20_000)
def is_one_name(text: str) -> bool:
    """Whether a cell is a first or a last name alone."""
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    return 2 <= len(plain) <= 20 and (plain in lexicon.first_names() or plain in lexicon.last_names())


_COMPANY = re.compile(
    r"\b(ltd|limited|llc|inc|plc|llp|corp|corporation|gmbh|ag|s\.?a|pty|pte|bhd|co|company|group|holdings"
    r"|and sons)\b\.?$|(有限)?公司$|集團$|集团$|企業$|企业$|商行$|工程行$",
    re.IGNORECASE,
)


def is_company(text: str) -> bool:
    """Whether a cell ends as names of companies do."""
    return _COMPANY.search(text.strip()) is not None


# --- addresses
_UNIT = re.compile("[0-9A-Za-z一二三四五六七八九十][號号座樓楼室期弄巷段棟栋幢層层]")
_HAN_PLACE = re.compile("[街道路邨苑村里巷灣湾臺台庭閣阁城园園]|大廈|大厦|花園|廣場|广场")
_ROAD = re.compile(
    r"(?:^|[,;\n])\s*(?:no\.?\s*)?\d+[A-Za-z]?(?:-\d+[A-Za-z]?)?,?\s+(?:[^\W\d_][^\W\d_.'’]*\s+){0,3}"
    r"(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|terrace|place|pl|square|way|boulevard|blvd"
    r"|crescent|close|highway|hwy|parkway|path)\b"
    r"|\b(?:flat|flt|room|rm|unit|block|blk|tower|apt|apartment|suite)\.?\s+[A-Z0-9]{1,4}\b|\b\d{1,3}/F\b",
    re.IGNORECASE,
)


def is_address(text: str) -> bool:
    """Whether a cell tells where somebody lives: a number with a street, a block, a floor or a flat.

    >>> [is_address(text) for text in ("沙田彌敦道129號D座34樓A室", "Flat B, 12/F, 3 Nathan Road", "沙田")]
    [True, True, False]
    """
    if len(text) < 5 or not re.search(r"\d|[一二三四五六七八九十][號号樓楼座室]", text):
        return False
    if any(map(is_han, text)):
        units = 0 if len(text) > 80 or re.search("[。！？；]", text) else len(_UNIT.findall(text))
        return units >= 2 or (units == 1 and _HAN_PLACE.search(text) is not None and "，" not in text)
    if re.fullmatch(r"[\d\s.,:/-]+", text) or len(text) < 8 or len(text) > 200 or len(text.split()) < 3:
        return False
    return _ROAD.search(text) is not None or _POSTED.search(text) is not None


_POSTED = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\s*$|[,\n] ?[A-Z]{2} \d{5}(-\d{4})?\s*$")
"""Postcodes of the United Kingdom and of the United States at the end of an address."""


# --- numbers
_GROUPED_PHONES = re.compile(
    r"(\+?852[\s-]?)?[235-9]\d{3}[\s-]\d{4}"  # Hong Kong
    r"|(\+?853[\s-]?)?[268]\d{3}[\s-]\d{4}"  # Macao
    r"|1[3-9]\d[\s-]\d{4}[\s-]\d{4}"  # mainland China
    r"|09\d{2}[\s-]\d{3}[\s-]\d{3}|\(?0[2-8]\)?[\s-]\d{3,4}[\s-]\d{4}"  # Taiwan
    r"|(\+?1[\s.-])?(\([2-9]\d{2}\)\s?|[2-9]\d{2}[.-])\d{3}[.-]\d{4}(\s?x\d+)?"  # North America
    r"|\(?0\d{2,4}\)?\s\d{3,4}\s?\d{3,4}",  # United Kingdom
    re.IGNORECASE,
)
_YEARS = re.compile(r"(19|20)\d{2}[\s-](19|20)\d{2}")


def is_grouped_phone(text: str) -> bool:
    """Whether a cell is written as telephone numbers are and nothing else is."""
    return _GROUPED_PHONES.fullmatch(text.strip()) is not None and not _YEARS.fullmatch(text.strip())


_DIALLED = re.compile(
    r"(?=\+|\(|00?\d)[+(]{0,2}\d{1,4}\)?(?:[\s./()-]{0,3}\d{1,9}){1,6}(?:\s?(?:x|ext\.?)\s?\d+)?"
)


def is_dialled(text: str) -> bool:
    """Whether a cell could be a telephone number as it is dialled from afar, with a sign that it is one.

    >>> is_dialled("(852) 67697681"), is_dialled("+44(0)118 496 0982"), is_dialled("0-306-40615-7")
    (True, True, False)
    """
    plain = text.strip()
    digits = sum(letter.isdecimal() for letter in plain)
    return 9 <= digits <= 18 and len(plain) <= 30 and bool(_DIALLED.fullmatch(plain)) and plain[1:2] != "-"


def is_plain_phone(text: str) -> bool:
    """Whether digits could be a telephone number of Hong Kong or the mainland, and no date."""
    bare = text.strip()
    if re.fullmatch(r"(852)?[235-9]\d{7}", bare):
        return not re.fullmatch(r"(19\d|20[0-4])\d(0[1-9]|1[0-2])([0-2]\d|3[01])", bare)
    return re.fullmatch(r"(86)?1[3-9]\d{9}", bare) is not None


_BANKS = frozenset(
    (
        "003 004 005 006 008 009 012 014 015 016 018 019 020 022 024 025 026 027 028 032 033 034 "
        "035 037 038 039 040 041 043 047 053 055 058 060 061 063 064 066 067 072 075 079 080 081 "
        "082 087 118 128 141 145 147 150 185 198 201 203 207 214 221 222 227 229 233 236 237 238 "
        "239 240 241 243 248 250 251 254 258 260 262 263 265 267 268 272 276 277 278 295 307 308 "
        "309 316 317 318 320 321 324 325 337 338 341 345 347 353 357 358 359 361 366 368 371 374 "
        "377 378 382 385 387 388 389 390 391 392 393 395"
    ).split()
)
"""Codes of the banks of Hong Kong, with which account numbers begin."""


_ACCOUNT = re.compile(r"\d{3}-\d{6}-\d{3}")
"""Branch, number and kind: as the largest bank of Hong Kong writes its accounts."""


def is_account(text: str) -> bool:
    """Whether a cell is written as bank accounts of Hong Kong are: 012-345678-901, 004 123 456789 001.

    >>> is_account("012-851-827277-0"), is_account("2024-01-05"), is_account("978-3-16-148410-0")
    (True, False, False)
    """
    if _ACCOUNT.fullmatch(text.strip()):
        return True
    groups = re.split(r"[\s-]", text.strip())
    if not 3 <= len(groups) <= 5 or not all(group.isdecimal() and len(group) <= 9 for group in groups):
        return False
    return groups[0] in _BANKS and len(groups[0]) == 3 and 9 <= sum(map(len, groups)) <= 18


def is_account_number(text: str) -> bool:
    """Whether a cell may be an account or document number where its column's name says so."""
    bare = re.sub(r"[\s./()-]", "", text)
    digits = sum(letter.isdecimal() for letter in bare)
    return bare.isalnum() and 6 <= digits <= 30 and len(bare) - digits <= 6
