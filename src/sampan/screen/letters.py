"""Letters that a stream can write and a terminal shows, and none that a terminal obeys."""

from __future__ import annotations

from typing import TextIO

_ASCII = str.maketrans({"…": "~", "–": "-", **dict(zip("▁▂▃▄▅▆▇█", "__..--==", strict=True))})

_CONTROLS = {
    code: f"\\u{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
}
"""Characters that a terminal obeys instead of showing them, and those that turn the direction of a line. They
are written as JSON and TOML write them, so that what is printed as JSON says the same still."""


def plain(text: str) -> str:
    """The text with control characters spelt out: a model or a table of a stranger must not drive a terminal.

    >>> plain("Ann\\x1b[2J\\x07")
    'Ann\\\\u001b[2J\\\\u0007'
    """
    return text.translate(_CONTROLS)


def fitting(text: str, out: TextIO | object) -> str:
    """The text in letters that the stream can write and a terminal shows: a stream of ASCII gets its like."""
    text = plain(text)
    encoding = getattr(out, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
        return text
    except (UnicodeEncodeError, LookupError):
        return text.translate(_ASCII).encode(encoding, "backslashreplace").decode(encoding)
