"""Pieces of personal data inside of text: found, and taken out, so that a sentence is left with gaps.

A gap is one character of Unicode's private use area, one for each kind of piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sampan.fields.personal.lexicon import (
    DOUBLE,
    HAN_TITLES,
    HK_WORDS,
    first_names,
    given_characters,
    last_names,
    romanised,
    surnames,
)
from sampan.fields.personal.pools import is_han
from sampan.fields.personal.signs import (
    hkid_sound,
    is_account,
    is_grouped_phone,
    is_plain_phone,
    mainland_sound,
    name_sign,
)

GAPS = {
    "\ue000": "e-mail",
    "\ue001": "phone",
    "\ue002": "hkid",
    "\ue003": "id number",
    "\ue004": "account",
    "\ue005": "name",
    "\ue006": "last name",
    "\ue007": "first name",
    "\ue008": "full name",
}
"""The character of each kind of gap, and what is put there; a full name is one in Latin letters."""

_GAP = {what: gap for gap, what in GAPS.items()}

_MAIL = re.compile(r"[^\s@，。；：:、,;()<>（）「」\"'＠]{1,64}[@＠](?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,24}")
_HEADED = re.compile(r"(?:電郵|电邮|電子郵件|邮箱|郵箱|e-?mail)(?:地址)?[是為为]?", re.IGNORECASE)
_HKID = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{1,2}\d{6}\s?(?:[(（][0-9Aa][)）]|[0-9Aa](?![A-Za-z0-9]))")
_DIGITS = re.compile(r"(?<![A-Za-z0-9_.,$#@-])\+?\(?\d[\d\s()-]{5,24}[\dXx](?![A-Za-z0-9_]|[.,]\d)")
_HAN_ROLE = (
    "(?:業主|业主|客[戶户人]|[顧顾]客|租[客戶户]|[買买賣卖]家|[聯联][絡络繫系]人?|負責人|负责人"
    "|經紀|经纪|住[戶户]|病人|家長|家长|[學学]生|姓名|名字|致電|致电|收件人|經手人|經手|申請人|投保人"
    "|受益人|[會会][員员]|[員员]工|由|找|[問问])"
    "[:：是為为叫]?\\s?"
)
_HAN_NEXT = re.compile(_HAN_ROLE + "(?=[\u4e00-\u9fff])")
_LATIN_NEXT = re.compile(_HAN_ROLE + "(?=[A-Z])")
_CAPITALS = re.compile(r"(?<![\w@.'’-])[A-Z][\w'’-]{1,30}(?: [A-Z][\w'’-]{1,30}){1,3}(?![\w@])")
_HAN_TITLE = re.compile("|".join(HAN_TITLES))
_TITLED = re.compile(
    r"\b(?i:mr|mrs|ms|miss|mdm|madam|dr|prof)\.?\s+"
    r"((?:[A-Z]\.\s?){0,3}(?:[A-Z][\w'’-]{0,30}|[a-z]{2,20})(?:\s+(?:[A-Z]\.|[A-Z][\w'’-]{0,30})){0,3})"
)
_ROLE = re.compile(
    r"\b(?i:owner|contact|landlord|tenant|client|customer|patient|call|ask for|name|attn|signed by|agent)"
    r"(?i:'s)?(?:\s+(?i:is|was|name))?\s*:?\s+"
    r"((?:[A-Z]\.\s?){0,3}[A-Z][\w'’-]{1,30}(?:\s+(?:[A-Z]\.|[A-Z][\w'’-]{0,30})){0,3})"
)
_LIKELY = re.compile(r"[@＠]|\d(?:[\s()-]{0,3}\d){6}|[A-Za-z]\d{6}\s?[(（0-9Aa]")
LONGEST = 2_000
"""Letters of a cell that are looked through; what is longer is no phrase."""


def gapped(text: str) -> tuple[str, list[tuple[str, str]]]:
    """(a text with gaps in place of personal data, the pieces that were there: what each is, and it).

    >>> text, pieces = gapped("業主陳大文，可於六點後睇樓，電話91234567，email chan@site.org")
    >>> shown(text)
    '業主[name]，可於六點後睇樓，電話[phone]，email [e-mail]'
    >>> pieces
    [('name', '陳大文'), ('phone', '91234567'), ('e-mail', 'chan@site.org')]
    >>> shown(gapped("Please call Mr Chan at 9123 4567 before 2024-05-01")[0])
    'Please call Mr [last name] at [phone] before 2024-05-01'
    """
    if len(text) > LONGEST:
        return text, []
    found: list[tuple[int, int, str]] = []

    def take(pieces: Iterator[tuple[int, int, str]]) -> None:
        for begin, end, what in pieces:
            if all(end <= a or begin >= b for a, b, _ in found):
                found.append((begin, end, what))

    if _LIKELY.search(text):
        take(_mails(text))
        take((match.start(), match.end(), "hkid") for match in _HKID.finditer(text) if _is_hkid(match[0]))
        take(_numbers(text))
    take(_names(text, bool(found)))
    parts, pieces, end = [], [], 0
    for begin, stop, what in sorted(found):
        parts += [text[end:begin], _GAP[what]]
        pieces.append((what, text[begin:stop]))
        end = stop
    return "".join([*parts, text[end:]]), pieces


def may_hold(text: str) -> bool:
    """Whether there may be an address or a number of somebody in a text: quick to see."""
    return not text.isdecimal() and _LIKELY.search(text[:LONGEST]) is not None


def shown(text: str) -> str:
    """A text with gaps as people read it: "[phone]"."""
    for gap, what in GAPS.items():
        text = text.replace(gap, f"[{what}]")
    return text


def _mails(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _MAIL.finditer(text):
        head = _HEADED.match(match[0])
        skip = head.end() if head and not match[0][head.end() :].startswith(("@", "＠")) else 0
        yield match.start() + skip, match.end(), "e-mail"


def _is_hkid(text: str) -> bool:
    return text[-1] in ")）" or hkid_sound(text)


_DATE = re.compile(
    r"(?<![\d-])(?:(?:19\d|20[0-4])\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"  # 2080 0916 is a telephone
    r"|(?:19|20)\d{2}([\s./-])(?:0?[1-9]|1[0-2])\1(?:[0-2]?\d|3[01])"
    r"|[0-3]?\d([./-])[01]?\d\2(?:19|20)\d{2}"
    r"|(?:19|20)\d{2}\s?-\s?(?:19|20)\d{2})(?![\d-])"
)
_THOUSANDS = re.compile(r"\d{1,3}(?: \d{3})+")


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Telephone and account numbers: long runs of digits that are no dates."""
    dateless = _DATE.sub(lambda match: "." * len(match[0]), text)
    for match in _DIGITS.finditer(dateless):
        piece = match[0].rstrip(" -(")
        begin, end = match.start(), match.start() + len(piece)
        if piece[0] == "(" and ")" not in piece:
            piece, begin = piece[1:], begin + 1
        digits = re.sub(r"\D", "", piece)
        if _THOUSANDS.fullmatch(piece) or len(digits) < 7:
            continue
        if mainland_sound(piece):
            yield begin, end, "id number"
        elif is_account(piece):
            yield begin, end, "account"
        elif _is_phone(piece):
            yield begin, end, "phone"
        elif len(digits) >= 8:
            yield begin, end, "phone" if len(digits) <= 12 and "-" not in piece else "account"


def _is_phone(piece: str) -> bool:
    return is_grouped_phone(piece) or is_plain_phone(piece) or piece[0] in "+("


def is_sure(what: str, piece: str, whole: bool) -> bool:
    """Whether a piece is somebody's beyond doubt, and no number of a thing; `whole`: all of its cell."""
    match what:
        case "e-mail" | "id number":
            return True
        case "hkid":
            return hkid_sound(piece) and (not whole or piece[-1] in ")）")
        case "account":
            return is_account(piece)
        case "phone":
            return is_grouped_phone(piece) or piece[0] in "+(" or (not whole and is_plain_phone(piece))
        case _:
            return False


def _names(text: str, beside: bool) -> Iterator[tuple[int, int, str]]:
    """Names before or after a title, after a word that a person follows, and, beside other pieces, alone."""
    if any(map(is_han, text)):
        for title in _HAN_TITLE.finditer(text):
            size = _han_before(text, title.start())
            if size:
                yield title.start() - size, title.start(), "name" if size > 1 else "last name"
        for role in _HAN_NEXT.finditer(text):
            size = _han_after(text, role.end())
            if size:
                yield role.end(), role.end() + size, "name"
        if beside:
            for run in re.finditer("[\u4e00-\u9fff]+", text):
                if len(run[0]) == 3 and name_sign(run[0]) == 1.0 and run[0] not in HK_WORDS:
                    yield run.start(), run.end(), "name"
    for pattern in (_TITLED, _ROLE):
        for match in pattern.finditer(text):
            words = match[1].split()
            if pattern is _ROLE and len(words) > 1 and name_sign(match[1]) < 0.5:
                words = words[:1]
            if pattern is _ROLE and len(words) == 1 and words[0].lower() not in first_names():
                if "." not in words[0] or name_sign(words[0]) < 0.5:  # J.Smith
                    continue
            end = match.start(1) + len(match[1]) if len(words) > 1 else match.start(1) + len(words[0])
            single = "first name" if pattern is _ROLE else "last name"
            yield match.start(1), end, "full name" if len(words) > 1 else single
    yield from _latin(text, beside)


def _han_before(text: str, end: int) -> int:
    """How many characters before a title are a name; 0 where none."""
    for size in (3, 4, 2):
        name = text[max(0, end - size) : end]
        if len(name) == size and all(map(is_han, name)) and _is_han_name(name):
            return size
    return 1 if end and text[end - 1] in surnames() else 0


def _han_after(text: str, begin: int) -> int:
    """How many characters from there on are a name; 0 where none."""
    for size in (4, 3, 2):
        name = text[begin : begin + size]
        ended = begin + size >= len(text) or not is_han(text[begin + size])
        if len(name) == size and all(map(is_han, name)) and _is_han_name(name) and (size != 2 or ended):
            return size
    return 0


def _is_han_name(name: str) -> bool:
    size = 2 if name[:2] in DOUBLE else 1
    given = name[size:]
    if not (size == 2 or name[0] in surnames()) or not 1 <= len(given) <= 2:
        return False
    return all(letter in given_characters() for letter in given)


def _latin(text: str, beside: bool) -> Iterator[tuple[int, int, str]]:
    """Full names in Latin letters: after a Chinese word for somebody, and, beside other pieces, alone."""
    roles = {role.end() for role in _LATIN_NEXT.finditer(text)}
    for run in _CAPITALS.finditer(text):
        words = list(re.finditer(r"\S+", run[0]))
        for size in range(len(words), 1, -1):
            for first, last in zip(words, words[size - 1 :], strict=False):
                name = run[0][first.start() : last.end()]
                told = run.start() + first.start() in roles and name_sign(name) >= 0.5
                if told or (beside and _is_latin_name(name)):
                    yield run.start() + first.start(), run.start() + last.end(), "full name"


def _is_latin_name(name: str) -> bool:
    """Whether words are surely the name of somebody: CHAN Tai Man, Chan Tai Man, John Smith."""
    words, plain = name.split(), name.lower().split()
    for surname, place in ((0, 1), (-1, 0)):
        if words[surname].isupper() and plain[surname] in romanised() and not words[place].isupper():
            return name_sign(name) > 0
    if name_sign(name) < 1.0 or name.lower() in HK_WORDS:
        return False
    if len(words) > 2:
        return plain[0] in romanised() or plain[-1] in romanised() or plain[0] in first_names()
    return plain[0] in first_names() and plain[1] in last_names() | romanised()
