"""Cells of CSV that a spreadsheet would compute, written so that it does not.

A program that opens CSV takes a cell that begins with =, +, -, @, a tab or a carriage return for a formula,
and a formula can call out. Where made rows go to people who open them so, `--safe-csv` puts an apostrophe
before such text, as the advice of OWASP is; a number such as -5 stays. The cell is then another text for
every other program, so this is not the default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from sampan.column import Column, codes, file_kind, from_strings, is_text, take
from sampan.data.stream import Columns

_TEXTS = frozenset((".csv", ".tsv", ".tab", ".txt"))
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"[-+]?(?:[0-9][0-9,]*)?(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,4})?%?")


def inert_text(text: str) -> str:
    """A text that no spreadsheet computes.

    >>> inert_text("=1+1"), inert_text("-5"), inert_text("+852 9123 4567"), inert_text("a=b")
    ("'=1+1", '-5', "'+852 9123 4567", 'a=b')
    """
    if not text.startswith(_COMPUTED):
        return text
    is_number = len(text) < 60 and text[-1:].isdecimal() | text.endswith("%") and _NUMBER.fullmatch(text)
    return text if is_number else "'" + text


def inert_blocks(target: str, blocks: Iterable[Columns]) -> Iterable[Columns]:
    """The blocks, their texts and names inert where they go to CSV; any other file keeps text as text."""
    name = PurePosixPath(target.split("?")[0])
    suffix = PurePosixPath(name.stem).suffix if name.suffix.lower() == ".gz" else name.suffix
    if target != "-" and suffix and suffix.lower() not in _TEXTS:
        return blocks
    return _inert(blocks)


def _inert(blocks: Iterable[Columns]) -> Iterator[Columns]:
    for block in blocks:
        yield {inert_text(name): _inert_column(column) for name, column in block.items()}


def _inert_column(column: Column) -> Column:
    """Its texts inert, each distinct one looked at once."""
    if not is_text(column) or file_kind(column):
        return column
    index, distinct = codes(column)
    made = [inert_text(text) for text in distinct]
    return column if made == distinct else take(from_strings(made), index)
