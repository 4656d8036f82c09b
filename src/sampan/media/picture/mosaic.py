"""Mosaic: a picture in a terminal.

Where the terminal says by its environment that it draws pictures, it is sent one: by kitty's protocol
(kitty, Ghostty) or iTerm2's (iTerm2, WezTerm). Elsewhere the picture is made of half blocks, two pixels to a
place, which every terminal of colours shows. Sixel is declared by no environment but only in answer to a
question on the keyboard's own line, where a person may be typing; those terminals get half blocks. None of
the packages that do this is a dependency: it is less than their interfaces take.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sampan.media.picture.pixels import as_rgb, resized
from sampan.media.picture.reading import read_picture

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

MOST_COLUMNS, MOST_ROWS = 72, 24
"""Places of a terminal that a picture takes at most."""

FEWEST_ROWS = 4
"""In fewer nothing is seen."""

_PIECE = 4096
"""Letters of a picture that kitty takes at a time."""


@dataclass(frozen=True, eq=False)
class Mosaic:
    """A picture as rich prints it. values: uint8 (height, width, 3); png: the same, encoded."""

    values: np.ndarray
    png: bytes
    protocol: Literal["kitty", "iterm"] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The picture in as many places as there are, its shape kept."""
        columns, rows = places(self.values.shape[:2], options.max_width, console.height)
        if rows < FEWEST_ROWS:
            return
        if self.protocol is None:
            yield from _half_blocks(self.values, columns, rows)
        else:
            yield from _sent(self.protocol, self.png, columns, rows)


def mosaic(picture: bytes, protocol: Literal["kitty", "iterm"] | None = None) -> Mosaic:
    """An encoded picture as what rich prints."""
    return Mosaic(as_rgb(read_picture(picture, "the sheet")), picture, protocol)


def places(shape: tuple[int, ...], width: int, height: int) -> tuple[int, int]:
    """(columns, rows) of (height, width) pixels on so large a screen; a place is twice as high as wide.

    >>> places((200, 200), 80, 24), places((200, 200), 20, 24), places((100, 400), 80, 24)
    ((36, 18), (20, 10), (72, 9))
    """
    columns, rows = min(width, MOST_COLUMNS), min(MOST_ROWS, height - 6)
    columns = min(columns, round(2 * rows * shape[1] / shape[0]))
    return max(1, columns), max(0, round(columns * shape[0] / shape[1] / 2))


def protocol_of(environment: Mapping[str, str]) -> Literal["kitty", "iterm"] | None:
    """How a terminal takes pictures, by what it says of itself; None where it does not say that it does.

    >>> protocol_of({"TERM": "xterm-kitty"}), protocol_of({"TERM_PROGRAM": "WezTerm"}), protocol_of({})
    ('kitty', 'iterm', None)
    """
    told = environment.get
    term = told("TERM", "")
    if told("TMUX") or told("STY") or term.startswith(("screen", "tmux")):
        return None  # they pass on letters, and not pictures
    if told("KITTY_WINDOW_ID") or term in ("xterm-kitty", "xterm-ghostty"):
        return "kitty"
    if told("TERM_PROGRAM") in ("iTerm.app", "WezTerm") or told("LC_TERMINAL") == "iTerm2":
        return "iterm"
    return None


def _half_blocks(values: np.ndarray, columns: int, rows: int) -> Iterator:
    """Each place the upper half of a block in the colour of one pixel on the colour of the one below."""
    from rich.color import Color
    from rich.segment import Segment
    from rich.style import Style

    small = resized(values, (2 * rows, columns)).tolist()
    for above, below in zip(small[::2], small[1::2], strict=True):
        for upper, lower in zip(above, below, strict=True):
            yield Segment("▀", Style(color=Color.from_rgb(*upper), bgcolor=Color.from_rgb(*lower)))
        yield Segment.line()


def _sent(protocol: Literal["kitty", "iterm"], png: bytes, columns: int, rows: int) -> Iterator:
    """The encoded picture itself; room is made first, so that a screen that scrolls does so before."""
    from rich.segment import ControlType, Segment

    told = base64.b64encode(png).decode()
    match protocol:
        case "kitty":
            pieces = [told[start : start + _PIECE] for start in range(0, len(told), _PIECE)]
            head = f"a=T,f=100,q=2,C=1,c={columns},r={rows},"
            codes = "".join(
                f"\x1b_G{head if not place else ''}m={int(place + 1 < len(pieces))};{piece}\x1b\\"
                for place, piece in enumerate(pieces)
            )
        case "iterm":
            how = f"inline=1;size={len(png)};width={columns};height={rows};doNotMoveCursor=1"
            codes = f"\x1b]1337;File={how}:{told}\a"
    yield Segment("\n" * rows)
    code = f"\x1b[{rows}A{codes}\x1b[{rows}B"
    yield Segment(code, None, [(ControlType.CURSOR_UP, rows)])
