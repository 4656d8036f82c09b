"""Letters that may be shown: none that a terminal obeys, and none that turns the direction of a line."""

from __future__ import annotations

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
