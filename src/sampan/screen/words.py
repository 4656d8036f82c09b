"""Times, sizes, counts and curves for people, in letters that a stream can write and no terminal obeys."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TextIO

from sampan.letters import plain


def in_words(seconds: float) -> str:
    """A stretch of time for people.

    >>> in_words(0.42), in_words(34.2), in_words(125), in_words(7265)
    ('0.4 s', '34 s', '2 min 5 s', '2 h 1 min')
    """
    if seconds < 9.5:
        return f"{seconds:.1f} s".replace(".0 s", " s")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def in_minutes(minutes: float) -> str:
    """Minutes as people reckon them: with one digit, or in hours.

    >>> in_minutes(11.3), in_minutes(73.0), in_minutes(400.0)
    ('11 minutes', '70 minutes', '7 hours')
    """
    if minutes >= 120:
        return f"{minutes / 60:.0f} hours"
    near = (
        round(minutes)
        if minutes < 20
        else round(minutes / 10 ** (digits := int(math.log10(minutes)))) * 10**digits
    )
    return f"{near} minute{'s' * (near != 1)}"


def size_in_words(size: float) -> str:
    """A number of bytes for people.

    >>> size_in_words(512), size_in_words(3_400_000)
    ('512 bytes', '3.4 MB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 10 * unit else f"{size / unit:.0f} {name}"
    return f"{size:.0f} bytes"


def several(count: int, one: str) -> str:
    """A number of things.

    >>> several(1, "row"), several(8000, "row")
    ('1 row', '8,000 rows')
    """
    return f"{count:,} {one}{'s' * (count != 1)}"


def sparkline(heights: Sequence[float]) -> str:
    """A curve in one line of text, from heights between 0 and 1 (`sampan.curve` has those of a learning).

    >>> sparkline([1.0, 0.5, 0.25, 0.0])
    '█▄▂▁'
    """
    return "".join("▁▂▃▄▅▆▇█"[int(height * 7)] for height in heights)


_ASCII = str.maketrans({"…": "~", "–": "-", **dict(zip("▁▂▃▄▅▆▇█", "__..--==", strict=True))})


def fitting(text: str, out: TextIO | object) -> str:
    """The text in letters that the stream can write and a terminal shows: a stream of ASCII gets its like."""
    text = plain(text)
    encoding = getattr(out, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
        return text
    except (UnicodeEncodeError, LookupError):
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
