"""Pools of parts to invent from: Faker's for a locale, the locale for a script, and how texts are cased."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sampan.errors import RequestError

_POOL = 1_000  # parts of each kind asked of Faker


_TRADITIONAL = set("張陳劉黃吳楊趙許鄧馮謝蔡鄭葉蘇蔣譚盧賴鍾羅蕭馬龍門國學會發電號臺灣區東樓東龍灣")
_SIMPLIFIED = set("张陈刘黄吴杨赵许邓冯谢郑叶苏蒋谭卢赖钟罗萧马龙门国学会发电号台湾区东楼")
_SCRIPTS = (("ja_JP", "\u3040", "\u30ff"), ("ko_KR", "\uac00", "\ud7a3"), ("ru_RU", "\u0400", "\u04ff"))


def is_han(letter: str) -> bool:
    """Whether a letter is a Chinese character."""
    return "\u4e00" <= letter <= "\u9fff"


def locale_of(texts: list[str]) -> str:
    """Faker's locale for the script of most texts."""
    whole = "".join(texts)
    letters = sum(letter.isalpha() for letter in whole) or 1
    for locale, low, high in _SCRIPTS:
        if sum(low <= letter <= high for letter in whole) > 0.1 * letters:
            return locale
    if sum(map(is_han, whole)) > 0.4 * letters:
        simplified = sum(letter in _SIMPLIFIED - _TRADITIONAL for letter in whole)
        return (
            "zh_CN" if simplified > sum(letter in _TRADITIONAL - _SIMPLIFIED for letter in whole) else "zh_TW"
        )
    american = sum(bool(re.search(r"\b[A-Z]{2},? \d{5}(-\d{4})?\b", text)) for text in texts)
    return "en_US" if american > 0.3 * len(texts) else "en_GB"


def pool_of(locale: str, *whats: str) -> list[list[str]]:
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


def case_of(texts: Sequence[str]) -> str:
    """upper, lower or mixed: how most texts are written."""
    upper = sum(text.isupper() for text in texts)
    lower = sum(text.islower() for text in texts)
    return "upper" if 2 * upper > len(texts) else "lower" if 2 * lower > len(texts) else "mixed"


def in_case(texts: list[str], case: str) -> list[str]:
    """Texts in upper, lower or mixed case."""
    if case == "mixed":
        return texts
    return [text.upper() for text in texts] if case == "upper" else [text.lower() for text in texts]
