"""Which columns name records, or whom or what several of them are of."""

from __future__ import annotations

import re
from collections import Counter

from arro3.core import DataType

from sampan.fields.mask import masked
from sampan.fields.number.recognition import IDENTITY, names_record
from sampan.fields.objects import called, name_records
from sampan.look import ENOUGH, Look

_NUMBERED = frozenset("id ids uuid guid key no nr number code ref reference pk".split())
_WHO = frozenset(
    """customer customers cust client clients patient patients subject participant respondent member members
    user users person people student pupil employee staff worker account acct policy policyholder household
    family borrower applicant tenant guest passenger driver donor subscriber player case caller loan
    contract card device vehicle order invoice trip session basket claim buyer seller owner holder""".split()
)
_WHAT = frozenset(
    """product products item sku article store shop branch department dept region district ward ticker symbol
    stock station zone area city state country currency course type class category kind group segment status
    postal post zip dial color colour plan tariff campaign channel model brand vendor visit""".split()
)
_WHO_HAN = re.compile(
    "客戶|客户|顧客|顾客|病人|患者|會員|会员|用戶|用户|員工|员工|學生|学生|住戶|住户|保單|保单|帳戶|账户|戶口"
)
_NUMBERED_HAN = re.compile("(編號|编号|號碼|号码|代號|代号|帳號|账号|號|号|ID|id)$")

LEAST = 20
"""Different keys from which on a column of numbered things is taken for one: a few numbers are kinds."""

COUNTED = 50
"""Whole numbers up to here count something (the number of a visit), and are nobody's."""

MOST = 100
"""Rows that a key has at most, on average; what stands in more is a kind of row and no one's number."""


def is_key(look: Look) -> bool:
    """Whether a column names whom or what a row is of, and does so in several rows.

    >>> from sampan.column import from_strings
    >>> codes = from_strings([f"C{number // 3:04d}" for number in range(300)])
    >>> is_key(Look("customer_id", codes)), is_key(Look("product_id", codes))
    (True, False)
    """
    who = bool(look.words & _WHO) or _WHO_HAN.search(look.name) is not None
    numbered = look.last in _NUMBERED or bool(look.words and _NUMBERED_HAN.search(look.name.strip()))
    named = not numbered and look.last in _WHO  # "customer": of codes, and "loan" of amounts
    if not (numbered or named) or (not who and look.words & _WHAT):
        return False
    texts, rows = [text for text in map(str, look.distinct) if text.strip()], look.rows
    if not 2 * len(texts) > 3 or not len(texts) < rows <= MOST * len(texts):
        return False
    if 20 * len(texts) > 19 * rows:  # a number or two that stand twice: still names of records
        return False
    if len(texts) <= COUNTED and {text.strip() for text in texts} <= set(map(str, range(COUNTED + 1))):
        return False
    digits = sum(any(map(str.isdecimal, text)) for text in texts)
    if named and sum(any(map(str.isalpha, text)) for text in texts) < 0.95 * len(texts):
        return False
    return digits >= 0.95 * len(texts) and len(texts) >= (5 if who else LEAST)


Found = tuple[str, str]
"""(the reason, a notice or "")."""

_CODE = re.compile(r"[A-Za-z.:/-]*[0-9][A-Za-z0-9.:/-]*")


def objects(look: Look) -> Found | None:
    """UUIDs, or whole numbers of any length."""
    things = called(look)
    if not things or not name_records(look):
        return None
    again = look.rows - len(look.distinct)
    notice = f"{again:,} of its {things} repeat; every made record has one of its own. "
    return f"{things} that name the record", f'{notice}To repeat real ones: --type "{look.name}=category"' * (
        again > 0
    )


def keys(look: Look) -> Found | None:
    """The number of somebody or something that several rows are of."""
    plain = look.is_text or DataType.is_integer(look.column.type)
    if not plain or not is_key(look):
        return None
    distinct, rows = len(look.distinct), look.rows
    return (
        f"numbers of whom or what a row is of, {distinct:,} of them",
        f"{distinct:,} values in {rows:,} rows, {rows / distinct:,.1f} each on average: rows of one value "
        "belong together, and rows are made one by one. Each column is right by itself, but counts, sums and "
        "the order of one's rows will not hold. An invented value that repeats as often takes the place of "
        "each; it joins to no other table. To learn the real values as kinds of rows: "
        f'--type "{look.name}=category"',
    )


def numbers(look: Look) -> Found | None:
    """Whole numbers that name the record."""
    reason = names_record(look)
    return (reason, "") if reason else None


def texts(look: Look) -> Found | None:
    """Text that never repeats, of one shape or named an identifier."""
    if not look.is_text or len(look.distinct) != look.rows or look.rows < 3:
        return None
    if look.rows < ENOUGH and look.last not in IDENTITY:
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
    if look.last in IDENTITY and (digits or hexadecimal or look.rows >= ENOUGH):
        return f'never repeats and is named "{look.last}"', ""
    if hexadecimal or (digits and alike) or even:
        return f'never repeats and has one shape, like "{masked(look.texts[0])}"', ""
    return None


def codes(look: Look) -> Found | None:
    """Codes of one length of which hardly any repeats."""
    if not look.is_text or len(look.distinct) < max(ENOUGH, 0.95 * look.rows):
        return None
    if len({len(text) for text in look.texts}) != 1 or not all(map(_CODE.fullmatch, look.texts)):
        return None
    return (
        f'hardly ever repeats and has one shape, like "{masked(look.texts[0])}"',
        "its codes hardly ever repeat: new ones of their shape take their place. "
        f'To learn them as they are: --type "{look.name}=category"',
    )


def _shape(text: str) -> str:
    """A text with each run of digits as 9, of capitals as A, of other letters as a."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[A-Z]+", "A", re.sub(r"\d+", "9", text)))
