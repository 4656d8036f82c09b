"""Units: what stands around the digits of a number, and how much of the column's own unit it means.

A column of "950萬" and "1.2億", of "12 kg" and "800 g" or of "5k" and "1.5m" holds numbers of one scale. Its
notations say how each size is written, so that made numbers are written so too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

import numpy as np


class Notation(NamedTuple):
    """One way of writing the numbers of a column.

    suffix: as it stands behind the digits, blank included. factor: what one means in the column's unit.
    start: the size from which on numbers are written so. least, most: digits after the decimal mark.
    """

    suffix: str
    factor: int
    start: float
    least: int
    most: int


def _meanings(text: str) -> dict[str, int]:
    """Words and what they mean: "g/克 1 kg/公斤 1000"."""
    parts = text.split()
    return {
        word: int(size)
        for words, size in zip(parts[::2], parts[1::2], strict=True)
        for word in words.split("/")
    }


_HAN = _meanings(
    "千 1000 萬/万 10000 十萬/十万 100000 百萬/百万 1000000 千萬/千万 10000000 "
    "億/亿 100000000 十億/十亿 1000000000"
)
_LATIN = _meanings(
    "k/K/thousand/tsd 1000 m/M/mn/mil/mio/Mio/million/millions 1000000 b/B/bn/billion/billions/Mrd 1000000000"
)
_FAMILIES = (
    _meanings("mg/毫克 1 g/克/公克 1000 kg/Kg/KG/千克/公斤 1000000 t/噸/吨 1000000000"),
    _meanings("mm/毫米 1 cm/厘米/公分 10 m/米/公尺 1000 km/公里/千米 1000000"),
    _meanings("ml/mL/毫升 1 cl 10 dl 100 l/L/升/公升/litre/litres/liter/liters 1000"),
    _meanings("B 1 KB/kB 1000 MB 1000000 GB 1000000000 TB 1000000000000"),
    _meanings("Hz 1 kHz 1000 MHz 1000000 GHz 1000000000"),
    _meanings("W 1 kW 1000 MW 1000000 GW 1000000000"),
    _meanings("Wh 1 kWh 1000 MWh 1000000 GWh 1000000000"),
    _meanings(
        "s/sec/secs/second/seconds/秒 1 min/mins/minute/minutes/分/分鐘/分钟 60 "
        "h/hr/hrs/hour/hours/小時/小时/時/时 3600 d/day/days/天/日 86400"
    ),
    _meanings("day/days/天/日 1 week/weeks/週/周/星期 7"),
    _meanings("month/months/個月/个月 1 year/years/yr/yrs/年 12"),
)
_NAMES = frozenset("座樓楼層层期號号棟栋班屆届版巷弄組组室")
"""What stands behind the number of a thing: "12樓" is the name of a floor, and no amount of floors."""

_MONEY = re.compile(r"[元円圓$€£¥]|[A-Z]{3}|(?:HK|US|NT)\$")
_SHARES = frozenset(("%", "‰", "pct", "成", "折"))


def is_unit(suffix: str) -> bool:
    """Whether what all numbers of a column end in leaves them amounts: "12座" and "12A" are names.

    >>> is_unit("呎"), is_unit("sq ft"), is_unit("座"), is_unit("A")
    (True, True, False, False)
    """
    word = suffix.strip()
    if word in _NAMES:
        return False
    return len(word) != 1 or not word.isalpha() or not word.isascii() or word in "KMBLWVkmbgltshdx"


def factors(suffixes: Collection[str]) -> dict[str, int] | None:
    """What each suffix means in the smallest unit among them, blanks aside; None where they do not agree.

    >>> factors(["萬", "億"]), factors(["kg", "g"]), factors(["", "萬元"]), factors(["kg", "m"])
    ({'萬': 1, '億': 10000}, {'kg': 1000, 'g': 1}, {'': 1, '萬元': 10000}, None)
    """
    words = {suffix: suffix.strip() for suffix in suffixes}
    for family in _FAMILIES:
        if all(word in family for word in words.values()):
            return _smallest({suffix: family[word] for suffix, word in words.items()})
    scaled = {suffix: _scale(word) for suffix, word in words.items()}
    tails = {tail for _, tail in scaled.values()} - {""}
    latin = any(word.partition(" ")[0] in _LATIN for word in words.values())
    if latin and not all(_MONEY.fullmatch(tail) for tail in tails):
        return None  # "m" beside "kg" is no million
    if len(tails) > 1:
        # one thing in the singular and the plural
        plain = {word.removesuffix("s") for word in words.values()}
        return dict.fromkeys(words, 1) if len(plain) == 1 else None
    if tails & _SHARES or any(tail and len(scaled) > 1 and not is_unit(tail) for tail in tails):
        return None
    found = {suffix: factor for suffix, (factor, _) in scaled.items()}
    return found if "" in words.values() else _smallest(found)


def _scale(word: str) -> tuple[int, str]:
    """What a suffix multiplies by, and what is left of it."""
    for size in (2, 1):
        if word[:size] in _HAN:
            return _HAN[word[:size]], word[size:].strip()
    head, _, tail = word.partition(" ")
    return (_LATIN[head], tail) if head in _LATIN else (1, word)


def _smallest(found: dict[str, int]) -> dict[str, int]:
    least = min(found.values())
    return {suffix: factor // least for suffix, factor in found.items()}


def starts(sizes: np.ndarray, which: np.ndarray, counts: np.ndarray, kinds: int) -> list[float]:
    """The size from which each notation is used, the notations in order of size: where fewest are wrong.

    sizes: of the numbers; which: notation of each; counts: rows of each.

    >>> starts(np.array([5.0, 8.0, 20.0, 30.0]), np.array([0, 0, 1, 1]), np.ones(4), 2)
    [0.0, 20.0]
    """
    order = np.argsort(sizes, kind="stable")
    sizes, which, counts = sizes[order], which[order], counts[order]
    found = [0.0]
    for kind in range(1, kinds):
        above = np.where(which >= kind, counts, -counts)
        # rows above a cut that belong there, less those that do not, for a cut before each number
        right = np.append(above[::-1].cumsum()[::-1], 0)
        same = np.append(sizes[1:] == sizes[:-1], False)
        right[1:-1][same[:-1]] = -np.inf  # no cut between equal numbers
        place = int(np.argmax(right))
        found.append(max(found[-1], float(sizes[place]) if place < len(sizes) else np.inf))
    return found


def body_of(decimal: str, thousands: str) -> str:
    """The regular expression of unsigned digits with these marks."""
    mark, group = re.escape(decimal), re.escape(thousands)
    whole = rf"(?:[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+)" if thousands else "[0-9]+"
    return rf"(?:{whole}(?:{mark}[0-9]*)?|{mark}[0-9]+)"


def is_code(body: str, power: str | None, decimal: str, thousands: str) -> bool:
    """Whether digits would not come back as they were: 00501, or more whole digits than a float holds."""
    whole, mark, _ = body.partition(decimal)
    if len(whole) > 1 and whole[0] == "0":
        return True
    if len(whole) < 16 or mark or power:
        return False
    exact = int(whole.replace(thousands, "") if thousands else whole)
    return int(float(exact)) != exact


def in_order(match: re.Match[str]) -> bool:
    """Whether brackets are closed and at most one sign is said."""
    if (match["open"] is None) != (match["close"] is None):
        return False
    return not (match["outer"] and (match["inner"] or match["open"]))


def suffix_of(match: re.Match[str]) -> str:
    """What stands behind the digits, without blanks around it."""
    return (match["suffix"] or "").strip()


def usual_suffix(found: list[tuple[re.Match[str], int]]) -> tuple[set[str], int]:
    """The commonest suffix, "" beside it for a bare 0, and how many rows have it."""
    seen: Counter[str] = Counter()
    for match, count in found:
        seen[suffix_of(match)] += count
    if not seen:
        return set(), 0
    word, rows = seen.most_common(1)[0]
    return {word}, rows


def negative_of(suffixes: Counter[str]) -> str:
    """The suffix that says that a number is negative: "DR" beside "CR", "CR" or a minus beside nothing."""
    words = {text.strip().upper(): text for text in suffixes}
    if "-" in words and len(words) == 2:
        return words["-"]
    if "DR" in words and len(words) <= 3:
        return words["DR"] if len(words) > 1 else ""
    return words["CR"] if "CR" in words and set(words) == {"", "CR"} else ""


def affixes(found: list[tuple[re.Match[str], int]], part: str) -> Counter[str]:
    """The prefixes or suffixes of the numbers, and in how many rows; a bare 0 may go without."""
    seen: Counter[str] = Counter()
    for match, count in found:
        text = match[part] or ""
        if text or match["body"].strip("0.,"):
            seen[text] += count
    return seen
