"""What stands before, between and behind the digits of numbers in text."""

from __future__ import annotations

import re
from collections import Counter


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
