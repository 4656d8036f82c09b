"""The recognition of personal data, by what a column is called and what its distinct cells look like.

How often a cell repeats says nothing of whether it is somebody's: a customer with eight rows has one name.
So every test is of the distinct cells, lines of totals and marks of missingness left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from arro3.core import DataType

from sampan.column import LONGEST, Column, is_mark
from sampan.field import Claim
from sampan.fields.invented import cell_texts
from sampan.fields.number.recognition import written
from sampan.fields.personal import signs
from sampan.fields.personal.called import called_as, whom_of, words_in
from sampan.fields.personal.pools import is_han
from sampan.look import Look


def recognised(look: Look) -> Recognised | None:
    """What a column holds of people, certain or not."""
    numbers = look.once(written)
    how, values = numbers.spelling, numbers.values
    plain = how is None or not (how.prefix or how.suffix or how.thousands or how.notations)
    if plain and values is not None and values.size:
        measured = bool((np.abs(values) < 1000).all() and (values % 1 != 0).any())
        if measured:  # below 1,000 and with fractions: nobody's number, and tables have thousands of such
            return None
    return judged(look.name, look.column)


def suspected(look: Look, claim: Claim) -> Claim:
    """A claim with what is said where personal data may be learned as they are."""
    found = look.once(recognised) if claim.field.plural else None
    if found is None or found.is_sure:
        return claim
    what = found.what
    plural = f"{what}es" if what == "address" else f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    said = (
        f"looks like {plural}; learned as {claim.field.plural}: made rows hold real ones. "
        f'To replace them: --personal "{look.name}"'
    )
    return replace(claim, notice=f"{claim.notice} {said}".strip())


SURE = 0.5
"""From this confidence on a column is replaced; below, it is said what it may hold."""

UNSURE = 0.3


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

    @property
    def is_sure(self) -> bool:
        """Whether the column is to be replaced; else it is only said what it may hold."""
        return self.confidence >= SURE


_HAN_PERSONS = re.compile(
    "業主|业主|客戶|客户|客人|顧客|顾客|病人|患者|學生|学生|員工|员工|職員|职员|會員|会员|住戶|住客|租客|租戶|買家|買方|"
    "賣家|賣方|買家|卖家|經紀|经纪|經手人|負責人|负责人|聯絡人|联系人|持有人|申請人|申请人|受益人|投保人|被保人|家長|家长|"
    "父親|母親|配偶|老師|教師|醫生|医生|司機|司机|收件人|寄件人|股東|董事|代表|簽署人|人員"
)
_OTHER = re.compile(
    r"\b(product|item|goods|brand|file|model|city|town|district|region|country|state|province|place|station|"
    r"street|road|route|job|occupation|profession|category|type|kind|class|school|university|hotel|restaurant|"
    r"movie|film|song|album|book|team|club|ship|horse|game|dish|food|species|breed|course|subject|event|store|"
    r"shop|branch|department|industry|sector|drug|disease|variety|colou?r|estate|building)s?\b"
    "|[產产]品|商品|貨品|品名|品牌|型[號号]|城市|地[區区]|[區区]域|國家|国家|省|市|縣|县|職業|职业|職位|职位|類[別型]|类[别型]"
    "|學校|学校|酒店|餐[廳厅]|電影|电影|歌|書|书|球[隊队]|車站|车站|屋苑|大廈|樓盤|小区|科目|部門|部门|分行|分店|行業|行业",
    re.IGNORECASE,
)
"""Words of columns whose cells are things and places, many of which bear names of people."""

_AMOUNTS = re.compile(
    r"\b(amount|amt|price|cost|fee|salary|wage|income|balance|population|count|total|sum|sales|revenue|profit|size|"
    r"area|volume|value|quantity|qty|budget|turnover|capital|assets?|debt|loan|distance|weight|year|date|day|time)s?\b"
    "|金額|金额|價|价|薪|收入|人口|[數数]量|呎|面積|面积|總|总|營業|营业|利潤|利润|餘額|余额|資產|资产|日期|年|月",
    re.IGNORECASE,
)
"""Words of columns of amounts and dates, whose digits are no telephone numbers."""


_MAIL = re.compile(r"[^@\s,;:<>，。；：、（）()]+@[^@\s,;<>，。；：、]+\.[^@\s.,;<>，。；：、]{2,}")
_HANDLE = re.compile(r"@[^\W_][\w.-]{1,39}")
_IPV4 = re.compile(r"((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)")
_IPV6 = re.compile(r"(?=.*:.*:)[0-9a-fA-F:]{3,39}")
_CARD = re.compile(r"[1-6](?:[ -]?\d){11,18}")
_PHONE = re.compile(r"[+(（]?\d[\d\s()（）./-]{5,22}\d(\s*(x|ext\.?)\s*\d+)?", re.IGNORECASE)
_SOCIAL = re.compile(r"(?!000|666|9\d\d)\d{3}-\d{2}-\d{4}")
_URL = re.compile(r"(https?://|www\.)\S+\.\S+", re.IGNORECASE)


def _card_sound(text: str) -> bool:
    return _CARD.fullmatch(text.strip()) is not None and signs.luhn(re.sub(r"\D", "", text))


def _phone_like(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return _PHONE.fullmatch(text.strip()) is not None and 7 <= len(digits) <= 17


def _letters_only(text: str) -> bool:
    return bool(text.strip()) and len(text) <= 60 and not re.search(r"[0-9@#$%&*+=<>/\\_]", text)


def judged(name: str, column: Column) -> Recognised | None:
    """What a column holds of people, by what it is called and what its cells look like; None where nothing.

    A name alone never decides: the cells must fit. Cells alone decide where a check digit, a format or a
    lexicon of names says so. What is too uncertain to be replaced is not `is_sure`.

    >>> from sampan.column import from_strings
    >>> judged("contact", from_strings(["ann@site.org", "bob@site.org"])).what
    'e-mail'
    >>> people = ["陳大文", "李小明", "黃美玲", "張家豪", "何志強", "Chan Ka Ho"]
    >>> judged("c1", from_strings(people * 9)).is_sure
    True
    """
    if not _can_hold(column.type):
        return None
    texts = cell_texts(column.slice(0, min(len(column), 20_000)))
    texts = [text.strip() for text in texts[:: max(1, len(texts) // 2_000)]]
    none = {text for text in set(texts) if not text or is_mark(text) or signs.is_total(text)}
    texts = [text for text in texts if text not in none]
    if not texts:
        return None
    distinct = list(dict.fromkeys(texts))
    called = called_as(name)
    whom = called[1] if called else whom_of(name)
    by_cells = _by_cells(distinct, called) or _by_groups(distinct)
    if by_cells is not None:
        return replace(by_cells, person=whom if called and called[0] == by_cells.what else whom_of(name))
    if called is not None and called[0] == "hkid" and _share(signs.HKID.fullmatch, distinct) < 0.8:
        called = ("id number", called[1])  # of another country, or with check digits that were made up
    if called is not None:
        by_name = _by_name(*called, texts, distinct)
        why = "" if by_name is None else f'called "{name}", and {by_name[0]}'
        return None if by_name is None else Recognised(called[0], why, by_name[1], called[1])
    if _OTHER.search(words_in(name)):  # such things bear names of people as well, but hardly ever so many
        read = len(distinct) >= 20 and _share(lambda text: signs.name_sign(text) >= 1.0, distinct) >= 0.8
        return Recognised("name", "nearly every cell reads as the name of a person", UNSURE) if read else None
    found = _by_lexicon(name, distinct) or _by_digits(name, distinct) or _by_length(name, distinct)
    return None if found is None else replace(found, person=whom_of(name))


def what_of(distinct: list[str]) -> str:
    """What cells that surely name people most likely are; "" where their shape is all that can be told."""
    some = [text.strip() for text in distinct[:2_000] if text.strip()]
    if not some:
        return ""
    if _share(_phone_like, some) >= 0.8:
        return "phone"
    if _share(_letters_only, some) >= 0.8:
        return "name"
    return "address" if _share(signs.is_address, some) >= 0.5 else ""


def _can_hold(kind: DataType) -> bool:
    """Whether a column of this type can hold personal data: text and whole numbers can."""
    if DataType.is_dictionary(kind) and kind.value_type is not None:
        return _can_hold(kind.value_type)
    text = DataType.is_string(kind) or DataType.is_large_string(kind) or DataType.is_string_view(kind)
    return text or DataType.is_integer(kind) or DataType.is_floating(kind)


def _share(test: Callable[[str], Any], texts: list[str]) -> float:
    return sum(len(text) <= LONGEST and bool(test(text)) for text in texts) / len(texts)


def _by_cells(distinct: list[str], called: tuple[str, str] | None) -> Recognised | None:
    """What formats and check digits alone prove. Few cells prove little: one in ten is right by chance."""
    what = called[0] if called else ""
    if _share(_MAIL.fullmatch, distinct) >= 0.8:
        return Recognised("e-mail", "nearly every cell is an e-mail address", 0.98)
    enough = len(distinct) >= 5
    for kind, test, why in (
        ("hkid", signs.hkid_sound, "the check digits are those of Hong Kong identity cards"),
        ("id number", signs.mainland_sound, "the check digits are those of identity cards of mainland China"),
        ("card number", _card_sound, "length and check digits are those of payment cards"),
        ("iban", signs.iban_sound, "the check digits are those of bank accounts (IBAN)"),
    ):
        sure = 0.9 if kind == "card number" else 0.8
        if (enough or what == kind) and _share(test, distinct) >= sure:
            return Recognised(kind, why, 0.97 if what == kind else 0.9)
    if enough and _share(_HANDLE.fullmatch, distinct) >= 0.9:
        return Recognised(
            "username", "nearly every cell is a name as networks of people write it (@...)", 0.8
        )
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


def _by_groups(distinct: list[str]) -> Recognised | None:
    """What is written in groups of digits as telephone numbers and accounts are."""
    if len(distinct) < 5:
        return None
    if _share(signs.is_account, distinct) >= 0.8:
        return Recognised("account", "nearly every cell is written as bank accounts are", 0.8)
    if _share(_SOCIAL.fullmatch, distinct) >= 0.9:
        return Recognised("id number", "nearly every cell is written as social security numbers are", 0.8)
    grouped = _share(signs.is_grouped_phone, distinct)
    dialled = _share(lambda text: signs.is_grouped_phone(text) or signs.is_dialled(text), distinct)
    marked = _share(lambda text: re.search(r"[+()\s./-]", text), distinct)
    if grouped >= 0.8 or (dialled >= 0.9 and marked >= 0.5):
        return Recognised("phone", "nearly every cell is written as telephone numbers are", 0.8)
    return None


def _by_lexicon(name: str, distinct: list[str]) -> Recognised | None:
    """Names and addresses, by the words that they are made of."""
    reads = [signs.name_sign(text) for text in distinct]
    sure, perhaps = (sum(sign >= least for sign in reads) / len(reads) for least in (1.0, 0.5))
    somebody = bool(whom_of(name) or _HAN_PERSONS.search(name))
    if (len(distinct) >= 6 and sure >= 0.5 and perhaps >= 0.75) or (
        somebody and len(distinct) >= 2 and perhaps >= 0.6
    ):
        return Recognised("name", "nearly every cell reads as the name of a person", 0.75)
    addresses = _share(signs.is_address, distinct)
    if len(distinct) >= 5 and addresses >= 0.7:
        return Recognised("address", "nearly every cell reads as an address", 0.75)
    alone = _share(signs.is_one_name, distinct)
    if alone >= 0.9 and len(distinct) >= (3 if somebody else 20):
        return Recognised("first name", "nearly every cell is a name that people bear", 0.6)
    if (len(distinct) >= 3 and sure >= 0.3 and perhaps >= 0.6) or (len(distinct) >= 20 and perhaps >= 0.9):
        return Recognised("name", "many cells read as names of people", UNSURE)
    if len(distinct) >= 8 and alone >= 0.8:
        return Recognised("first name", "most cells are names that people bear", UNSURE)
    if len(distinct) >= 3 and addresses >= 0.4:
        return Recognised("address", "many cells read as addresses", UNSURE)
    if len(distinct) >= 5 and _share(signs.is_company, distinct) >= 0.8:
        return Recognised("company", "most cells read as names of companies", UNSURE)
    return None


def _by_digits(name: str, distinct: list[str]) -> Recognised | None:
    """Telephone numbers without a blank: whole numbers that are no amounts, no dates and no counter."""
    if len(distinct) < 5 or _AMOUNTS.search(words_in(name)) or _share(signs.is_plain_phone, distinct) < 0.95:
        return None
    numbers = sorted(int(text) for text in distinct if text.isdecimal())
    spread = numbers[-1] - numbers[0] > 50 * len(numbers)
    if not spread or sum(number % 10 == 0 for number in numbers) > 0.35 * len(numbers):
        return None
    sure = len(distinct) >= (20 if len(distinct[0]) <= 8 else 5)
    return Recognised("phone", "nearly every cell could be a telephone number", 0.6 if sure else UNSURE)


def _by_length(name: str, distinct: list[str]) -> Recognised | None:
    """Long numbers of one length that are no amounts, no dates and no barcodes: they name somebody."""
    if len(distinct) < 20 or _AMOUNTS.search(words_in(name)):
        return None
    if _share(re.compile("[HK][0-9]{8}").fullmatch, distinct) >= 0.9:
        return Recognised("passport", "written as passports of Hong Kong are", UNSURE)
    if not all(text.isdecimal() and 9 <= len(text) <= 19 for text in distinct):
        return None
    numbers = [int(text) for text in distinct]
    moments = _share(lambda text: 3e8 <= int(text) <= 4.2e9 or 3e11 <= int(text) <= 4.2e12, distinct)
    alike = len(set(map(len, distinct))) == 1
    spread = max(numbers) - min(numbers) > 50 * len(numbers)
    rounded = sum(number % 10 == 0 for number in numbers) > 0.35 * len(numbers)
    barcodes = _share(_is_barcode, distinct) > 0.5
    if not alike or not spread or rounded or barcodes or moments > 0.9:
        return None
    return Recognised("account", "long numbers of one length", UNSURE)


def _is_barcode(text: str) -> bool:
    """Whether the check digit of an article number (EAN, UPC) is right."""
    digits = [int(digit) for digit in text[::-1]]
    return len(text) in (12, 13) and (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10 == 0


def _by_name(what: str, whom: str, texts: list[str], distinct: list[str]) -> tuple[str, float] | None:
    """(why the cells fit what the column is called, how surely), None where they do not."""
    various = len(distinct) / len(texts)
    why = ""
    match what:
        case "phone":
            fits = _share(_phone_like, distinct) >= 0.8 and len(distinct) >= 2
            why = "its cells look like telephone numbers" if fits else ""
        case "hkid":
            why = "its cells have that form"
        case "account" | "id number":
            fits = _share(signs.is_account_number, distinct) >= 0.8
            why = "its cells have that form" if fits else ""
        case "passport":
            form = re.compile(r"(?=.*\d)[A-Z0-9]{6,12}", re.IGNORECASE)
            why = "its cells have that form" if _share(form.fullmatch, distinct) >= 0.8 else ""
        case "url":
            why = "its cells are web addresses" if _share(_URL.match, distinct) >= 0.8 else ""
        case "username":
            fits = _share(re.compile(r"\S*[^\W\d]\S*").fullmatch, distinct) >= 0.8
            why = "its cells are single words" if fits and (len(distinct) >= 10 or various >= 0.5) else ""
        case "first name" | "last name":
            short = _share(lambda text: _letters_only(text) and len(text.split()) <= 3, distinct) >= 0.8
            why = "its cells are words" if short and (len(distinct) >= 3 or various >= 0.5) else ""
        case "name":
            return _name_by_name(whom, various, distinct)
        case "address":
            han = _share(lambda text: any(map(is_han, text)) and len(text) >= 5, distinct)
            form = _share(
                lambda text: len(text) >= 8 and re.search(r"\d", text) and re.search(r"[^\W\d]", text),
                distinct,
            )
            many = various >= 0.5 or len(distinct) >= 10
            fits = max(_share(signs.is_address, distinct), form - 0.2) >= 0.5 or (many and han >= 0.7)
            why = "its cells look like addresses" if fits else ""
        case "company":
            worded = _share(lambda text: re.search(r"[^\W\d]{2}", text), distinct) >= 0.8
            ended = _share(signs.is_company, distinct)
            many = various >= 0.5 or len(distinct) >= 20
            if worded and (many or (len(distinct) >= 10 and ended >= 0.3)):
                return "its cells read as names of companies", 0.8
            return ("many cells read as names of companies", UNSURE) if worded and ended >= 0.3 else None
        case _:  # an e-mail address, a card number, an IBAN, a network: the cells would have shown it
            pass
    return (why, 0.8) if why else None


def _name_by_name(whom: str, various: float, distinct: list[str]) -> tuple[str, float] | None:
    """The same of a column that is called a name: of people, or of something else."""
    reads = [signs.name_sign(text) for text in distinct]
    if sum(sign >= 0.5 for sign in reads) >= 0.5 * len(reads) and sum(reads) >= 0.4 * len(reads):
        return "its cells read as names of people", 0.9
    if _share(_letters_only, distinct) < 0.9:
        return None
    han = _share(
        lambda text: 2 <= len(text.replace(" ", "")) <= 4 and all(map(is_han, text.replace(" ", ""))),
        distinct,
    )
    several = _share(lambda text: 2 <= len(text.replace(",", " ").split()) <= 8, distinct)
    alone = _share(signs.is_one_name, distinct)
    many = various >= 0.5 or (various >= 0.2 and len(distinct) >= 50)
    if max(han, several) >= 0.8 and (many or whom):
        return "its cells look like names of people", 0.8
    if alone >= 0.8:
        return "its cells are names that people bear", 0.8
    if sum(reads) >= 0.2 * len(reads) or (max(han, several) >= 0.8 and len(distinct) >= 20):
        return "its cells may be names of people", UNSURE
    return None
