"""Slips: the few cells of a column that are not of its kind ("TBC", "2024-13-45"), taken as missing."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from sampan.column import Column, codes
from sampan.fields.mask import masked

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
