"""The recognition of personal data, by what a column is called and what its cells look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from arro3.core import DataType

from sampan.column import LONGEST, Column
from sampan.fields.invented import cell_texts
from sampan.fields.personal.check_digits import HKID, hkid_sound, iban_sound, luhn
from sampan.fields.personal.field import Personal
from sampan.fields.personal.pools import is_han


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
    if len(name) > LONGEST:
        return None
    words = _words(name)
    for what, pattern in _CALLED:
        match = re.fullmatch(rf"(?:(?P<whom>.*?)(?:\b|(?=[\u4e00-\u9fff]))\s*)??(?:{pattern})", words)
        if match is None:
            continue
        whom = (match["whom"] or "").removesuffix(" s").strip()
        known = not whom or all(word in _PERSONS for word in whom.split()) or is_han(whom[-1])
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

    >>> from sampan.column import from_strings
    >>> recognise("contact", from_strings(["ann@site.org", "bob@site.org"])).what
    'e-mail'
    """
    if not _can_hold(column.type):
        return None
    texts = cell_texts(column.slice(0, min(len(column), 20_000)))
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
    return sum(len(text) <= LONGEST and bool(test(text)) for text in texts) / len(texts)


def _by_cells(distinct: list[str], called: tuple[str, str] | None) -> Recognised | None:
    """What formats and check digits alone prove. Few cells prove little: one in ten is right by chance."""
    what = called[0] if called else ""
    if _share(_MAIL.fullmatch, distinct) >= 0.9:
        return Recognised("e-mail", "nearly every cell is an e-mail address", 0.98)
    enough = len(distinct) >= 5
    for kind, test, why in (
        ("hkid", hkid_sound, "the check digits are those of Hong Kong identity cards"),
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
            return "its cells have that form" if _share(HKID.fullmatch, distinct) >= 0.9 else None
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
                lambda text: 2 <= len(text.replace(" ", "")) <= 4 and all(map(is_han, text.replace(" ", ""))),
                distinct,
            )
            several = _share(lambda text: 2 <= len(text.replace(",", " ").split()) <= 8, distinct)
            return "its cells look like names of people" if max(han, several) >= 0.8 else None
        case "address":
            han = _share(lambda text: any(map(is_han, text)) and len(text) >= 5, distinct)
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
