"""Keys: columns that name whom or what several rows are of."""

from __future__ import annotations

import re

from sampan.arrow_type import as_text
from sampan.column import Column, codes, is_text, words_of

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


def is_key(name: str, column: Column) -> bool:
    """Whether a column names whom or what a row is of, and does so in several rows.

    >>> from sampan.column import from_strings
    >>> is_key("customer_id", from_strings([f"C{number // 3:04d}" for number in range(300)]))
    True
    >>> is_key("product_id", from_strings([f"C{number // 3:04d}" for number in range(300)]))
    False
    """
    words = words_of(name)
    who = any(word in _WHO for word in words) or _WHO_HAN.search(name) is not None
    numbered = bool(words) and (words[-1] in _NUMBERED or _NUMBERED_HAN.search(name.strip()) is not None)
    named = not numbered and bool(words) and words[-1] in _WHO  # "customer": of codes, and "loan" of amounts
    if not (numbered or named) or (not who and any(word in _WHAT for word in words)):
        return False
    _, distinct = codes(column if is_text(column) else as_text(column))
    texts = [text for text in distinct if str(text).strip()]
    rows = len(column) - column.null_count
    if not 2 * len(texts) > 3 or not len(texts) < rows <= MOST * len(texts):
        return False
    if 20 * len(texts) > 19 * rows:  # a number or two that stand twice: still names of records
        return False
    if len(texts) <= COUNTED and {str(text).strip() for text in texts} <= set(map(str, range(COUNTED + 1))):
        return False
    digits = sum(any(letter.isdecimal() for letter in str(text)) for text in texts)
    if named and sum(any(letter.isalpha() for letter in str(text)) for text in texts) < 0.95 * len(texts):
        return False
    return digits >= 0.95 * len(texts) and len(texts) >= (5 if who else LEAST)


def notice_of_key(name: str, column: Column) -> str:
    """What is said of a key that repeats, without the column's name."""
    distinct = len(codes(column if is_text(column) else as_text(column))[1])
    rows = len(column) - column.null_count
    return (
        f"{distinct:,} values in {rows:,} rows, {rows / distinct:,.1f} each on average: rows of one value "
        "belong together, and rows are made one by one. Each column is right by itself, but counts, sums and "
        "the order of one's rows will not hold. An invented value that repeats as often takes the place of "
        "each; it joins to no other table. To learn the real values as kinds of rows: "
        f'--type "{name}=category"'
    )
