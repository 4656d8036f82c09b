"""An example cell with its form and without what it says: `A123456(7)` becomes `A######(#)`.

Schema files, logs, reports and errors about columns show what the cells look like. A cell is somebody's: an
identity number, an amount, a remark. Its form says what a person needs to see ("eight digits, a bracket"),
and what was in it stands nowhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np

from sampan.column import Column, codes

SHOWN = 40
"""Places of a masked cell; what is longer ends in an ellipsis."""

_WORD = 5  # letters that every masked word has: the length of a name is a part of it
_TOKEN = re.compile(r"\s+|\S+")
_RUN = re.compile(r"[^\W\d_]+")


def masked(text: str) -> str:
    """The form of a cell: no digit or letter of it is left.

    A digit is `#`. In a token that holds digits (a code) a capital is `A` and another letter `a`, each in
    its place. In other tokens a word is `Xxxxx`, `xxxxx` or `XXXXX`, whatever its length, and a single letter
    `X` or `x`. A Chinese, Japanese or Korean letter is `〇`, at most three of them in a row. Punctuation,
    currency signs and blanks stay; any other sign is `*`. At most `SHOWN` places.

    >>> masked("A123456(7)"), masked("US$1,200.50"), masked("2024-01-31"), masked("Chan Tai Man")
    ('A######(#)', 'AA$#,###.##', '####-##-##', 'Xxxxx Xxxxx Xxxxx')
    >>> masked("陳大文先生")
    '〇〇〇'
    >>> masked("chan.t@site.org"), masked("AB-12x"), masked("Flat 3, 12/F")
    ('xxxxx.x@xxxxx.xxxxx', 'AA-##a', 'Xxxxx #, ##/A')
    """
    head = text[: 4 * SHOWN]
    form = "".join(" " if token.isspace() else _token(token) for token in _TOKEN.findall(head))
    return form if len(form) <= SHOWN and len(text) <= len(head) else form[: SHOWN - 1] + "…"


def masked_number(text: str) -> str:
    """How a number is written: its digits masked; signs, units and separators as they are.

    >>> masked_number("HK$1,200.50"), masked_number("1,288呎")
    ('HK$#,###.##', '#,###呎')
    """
    form = "".join("#" if unicodedata.category(letter)[0] == "N" else letter for letter in text[: 2 * SHOWN])
    return form if len(form) <= SHOWN else form[: SHOWN - 1] + "…"


def _token(token: str) -> str:
    """A run of characters without a blank in it."""
    code = any(letter.isnumeric() and not _is_ideograph(letter) for letter in token)
    if code:
        return "".join(map(_letter, token))
    form, end = [], 0
    for run in _RUN.finditer(token):
        form += [*map(_letter, token[end : run.start()]), _word(run[0])]
        end = run.end()
    return "".join([*form, *map(_letter, token[end:])])


def _word(word: str) -> str:
    """A run of letters: which script and case it is in, and not how long it is."""
    if any(map(_is_ideograph, word)):
        return "〇" * min(3, len(word))
    if len(word) == 1:
        return "X" if word.isupper() else "x"
    if word.isupper():
        return "X" * _WORD
    return ("X" if word[0].isupper() else "x") + "x" * (_WORD - 1)


def _letter(letter: str) -> str:
    """One character of a code, or a sign."""
    if _is_ideograph(letter):
        return "〇"
    kind = unicodedata.category(letter)
    match kind[0]:
        case "N":
            return "#"
        case "L":
            return "A" if kind == "Lu" else "a"
        case "P":
            return letter
        case "S":
            return letter if kind in ("Sc", "Sm") or letter in "°^`" else "*"
        case "Z":
            return " "
        case _:  # marks, controls and the like
            return ""


def _is_ideograph(letter: str) -> bool:
    """Whether it is of a script without capitals in which one letter is a syllable or a word."""
    return (
        "\u3005" <= letter <= "\u9fff"
        or "\uac00" <= letter <= "\ud7a3"
        or "\U00020000" <= letter <= "\U0003ffff"
    )


FEW, SHARE = 5, 0.01
"""Different cells, and share of all, up to which what does not fit a column is a slip."""

_SHOWN = re.compile(r"[A-Za-z?!/. -]{1,8}|[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[?!*#]+")


def notice_of_slips(name: str, slips: Mapping[str, int], thing: str, column: Column) -> str:
    """What is said of the few cells of a column that are no `thing`: how many, and which."""
    if not slips:
        return ""
    number = sum(slips.values())
    index, distinct = codes(column)
    rows = {text: int(np.argmax(index == distinct.index(text))) + 1 for text in slips}
    forms = {text: text if _SHOWN.fullmatch(text) else masked(text) for text in slips}
    shown = ", ".join(f'"{forms[text]}" in row {row:,}' for text, row in rows.items())
    are, called = ("cell is", "is") if number == 1 else ("cells are", "are")
    return (
        f"{number:,} {are} no {thing} ({shown}) and {called} taken as missing. "
        f'To learn every cell as it is: --type "{name}=category"'
    )
