"""Tables, paragraphs and records as lines of text, by the places that letters take."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from sampan.letters import plain
from sampan.screen.words import several

_FEWEST = 20
"""Places in which a text can be wrapped."""


def _cells(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(_in_one_line(text))


def _in_one_line(text: str) -> str:
    """As a cell of a table shows it: a line break would end the row."""
    return plain(text.replace("\n", " ").replace("\t", " "))


def fit_cell(text: str, width: int) -> str:
    """The text in exactly so many places; what is too long is cut.

    >>> fit_cell("Handlers", 5), fit_cell("7", 3)
    ('Hand…', '7  ')
    """
    from rich.cells import set_cell_size

    text = _in_one_line(text)
    places = _cells(text)
    if places > width:
        return set_cell_size(text, max(0, width - 1)) + "…"
    return text + " " * (width - places)


def table(rows: Sequence[Sequence[str]], widest: Sequence[int], width: int, *, indent: int = 2) -> list[str]:
    """Lines of columns as wide as their content, at most `widest`.

    A last column without such a limit takes the rest of `width`, and as many lines as it needs.
    """
    if not rows:
        return []
    wide: list[int] = []
    for place in range(len(rows[0])):
        left = width - indent - sum(wide) - 2 * len(wide)
        most = widest[place] if place < len(widest) else max(8, left)
        wide.append(min(most, max(_cells(row[place]) for row in rows)))
    if len(widest) >= len(wide) or wide[-1] < _FEWEST:
        return [" " * indent + "  ".join(map(fit_cell, row, wide)).rstrip() for row in rows]
    before, lines = indent + sum(wide[:-1]) + 2 * (len(wide) - 1), []
    for row in rows:
        first, *more = wrap(_in_one_line(row[-1]), wide[-1], 0) or [""]
        lines.append(" " * indent + "  ".join(map(fit_cell, [*row[:-1], first], wide)).rstrip())
        lines += [" " * before + line for line in more]
    return lines


def wrap(text: str, width: int, indent: int = 2, hang: int = 0) -> list[str]:
    """A text in lines of at most `width` places; wide letters take two."""
    from rich.console import Console
    from rich.text import Text

    room = max(20, width - indent - hang)
    lines = Text(text).wrap(Console(width=room, file=sys.stderr), room)
    return [" " * (indent + (hang if place else 0)) + line.plain.rstrip() for place, line in enumerate(lines)]


def records(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, most: int = 24) -> list[str]:
    """Records for people: one a line where they fit, else one a column; at most `most` fields.

    >>> print(*records(["age", "sex"], [["38", "Male"], ["28", "Female"]], 40), sep="\\n")
      age  sex
      38   Male
      28   Female
    """
    shown = list(header[:most])
    wide = [max(_cells(line[place]) for line in (header, *rows)) for place in range(len(shown))]
    if sum(wide) + 2 * len(wide) + 2 <= width and len(shown) == len(header):
        return table([shown, *rows], wide, width)
    first = min(22, max(_cells(name) for name in shown))
    count = max(1, min(len(rows), (width - 2 - first) // 12))
    each = (width - 2 - first) // count - 2
    turned = [[name, *(row[place] for row in rows[:count])] for place, name in enumerate(shown)]
    lines = table(turned, [first, *([each] * count)], width)
    if len(header) > len(shown):
        lines.append(f"  and {several(len(header) - len(shown), 'column')} more")
    return lines
