"""What a person sees while Sampan works: lines, tables, and one bar for whatever is under way.

    Screen
    ├── Silent     nothing (--json, --quiet, Python)
    ├── Lines      a pipe or a file: plain lines, one at least every three seconds; none to pass the time on
    │              standard error, where people look for errors
    └── Terminal   colours and a moving bar

Nothing here knows of models: `run` says what to show.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sampan.learning.countdown import Countdown

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from sampan.mosaic import Mosaic

HEARTBEAT = 2.5
"""Seconds of silence after which a line says what is under way: one is then always there within three."""

_ASCII = str.maketrans({"…": "~", "–": "-", **dict(zip("▁▂▃▄▅▆▇█", "__..--==", strict=True))})

_CONTROLS = {
    code: f"\\u{code:04x}"
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
}
"""Characters that a terminal obeys instead of showing them, and those that turn the direction of a line. They
are written as JSON and TOML write them, so that what is printed as JSON says the same still."""


@dataclass(eq=False)
class Stage:
    """Something under way: how far it is, and what is said about it."""

    name: str
    expected: float | None = None  # seconds, where nothing better is known
    done: float = 0.0
    total: float | None = None
    left: float | None = None
    note: str = ""
    picture: bytes | None = None  # an encoded one of what comes of it, for screens that show pictures
    begun: float = field(default_factory=time.monotonic)
    countdown: Countdown = field(default_factory=Countdown)

    def update(
        self, done: float | None = None, total: float | None = None, left: float | None = None, note: str = ""
    ) -> None:
        """How far it is now: `done` of `total`, `left` seconds, and a few words."""
        self.done = self.done if done is None else done
        self.total = self.total if total is None else total
        self.left = left
        self.note = note or self.note

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self.begun

    @property
    def share(self) -> float | None:
        """How much of it is done, from 0 to 1; None where nobody knows."""
        if self.total:
            return min(1.0, self.done / self.total)
        if self.expected:
            return min(0.99, self.elapsed / self.expected)
        return None

    @property
    def remaining(self) -> float | None:
        """Seconds left, None where nobody knows; never more than were told before."""
        estimate = self._estimate()
        return None if estimate is None else self.countdown.told(self.elapsed, estimate)

    def _estimate(self) -> float | None:
        """Seconds left by the latest reckoning."""
        if self.left is not None:
            return max(0.0, self.left)
        share = self.share
        if self.total and share and self.elapsed > 1:
            return self.elapsed * (1 / share - 1)
        return max(0.0, self.expected - self.elapsed) if self.expected else None

    def status(self) -> str:
        """Where it stands, in a few words.

        >>> Stage("learning", done=1, total=4, left=90, note="held-out 12.3").status()
        '25 %, 1 min 30 s left, held-out 12.3'
        """
        share, left = self.share, self.remaining
        parts = []
        if share is not None:
            parts.append(f"{share:.0%}".replace("%", " %"))
        if left == 0 and not self.total:
            parts.append("a moment more")
        elif left is not None and share != 1.0:
            parts.append(f"{in_words(left)} left")
        elif share is None:
            parts.append(f"{in_words(self.elapsed)} so far")
        return ", ".join([*parts, self.note] if self.note else parts)


class Screen(ABC):
    """Where a run says what it does. `log_to` keeps a copy of every line in a file."""

    def __init__(self) -> None:
        self._held: list[str] | None = []  # lines said before there was a log
        self._log: Path | None = None

    @property
    @abstractmethod
    def width(self) -> int:
        """Places on a line."""

    @abstractmethod
    def show(self, text: str, style: str = "") -> None:
        """One line, or several; `style` is for those who see colours."""

    @abstractmethod
    def working(self, stage: Stage) -> contextlib.AbstractContextManager[None]:
        """Show that something is under way, for as long as it is."""

    @property
    def shows_pictures(self) -> bool:
        """Whether `picture` shows anything."""
        return False

    def picture(self, encoded: bytes) -> None:
        """An encoded picture, where this screen shows any."""
        del encoded

    def say(self, text: str = "", style: str = "") -> None:
        """A line for the person and for the log."""
        self._note(text)
        self.show(text, style)

    def paragraph(self, text: str, style: str = "") -> None:
        """A text in as many lines as it takes, each after the first set in a little more."""
        for line in wrap(text, self.width, 2, 2):
            self.say(line, style)

    def heading(self, text: str) -> None:
        """The name of the next part."""
        self.say()
        self.say(text, "bold cyan")

    @contextlib.contextmanager
    def stage(self, name: str, expected: float | None = None) -> Iterator[Stage]:
        """Something that takes time, from now to the end of the block."""
        stage = Stage(name, expected)
        with self.working(stage):
            yield stage

    def log_to(self, path: Path) -> None:
        """From now on a copy of every line, those said before included, goes to the end of this file."""
        held, self._held, self._log = self._held or [], None, path
        self._append("".join(held))

    def _note(self, text: str) -> None:
        text = plain(text)  # a log is looked at in a terminal as well
        stamp = dt.datetime.now().strftime("%H:%M:%S")
        lines = "".join(f"{stamp}  {line}".rstrip() + "\n" for line in text.split("\n"))
        if self._held is not None:
            self._held.append(lines)
        else:
            self._append(lines)

    def _append(self, text: str) -> None:
        if self._log is not None:
            with open(self._log, "a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(text)


def tell_notes(notes: Iterable[str], screen: Screen) -> None:
    """What was changed, left out or guessed, each as a paragraph that is marked."""
    for note in notes:
        screen.paragraph(f"! {note}", "yellow")


class Silent(Screen):
    """Shows nothing; the log is written all the same."""

    @property
    def width(self) -> int:
        """80."""
        return 80

    def show(self, text: str, style: str = "") -> None:
        """Nothing."""

    def working(self, stage: Stage) -> contextlib.AbstractContextManager[None]:
        """Nothing."""
        return contextlib.nullcontext()


class Lines(Screen):
    """Plain lines to a pipe or a file, with a line about what is under way when nothing else was said."""

    def __init__(self, out: TextIO, beats: bool = True) -> None:
        super().__init__()
        self._out, self._beats = out, beats
        self._said = time.monotonic()
        self._lock = threading.Lock()
        self._broken: BrokenPipeError | None = None

    @property
    def width(self) -> int:
        """80, unless COLUMNS says otherwise."""
        return max(40, shutil.get_terminal_size((80, 24)).columns)

    def show(self, text: str, style: str = "") -> None:
        """The text as it is. Raises BrokenPipeError when nobody reads any more."""
        if self._broken is not None:
            raise self._broken
        with self._lock:
            self._out.write(fitting(text, self._out) + "\n")
            self._out.flush()
            self._said = time.monotonic()

    @contextlib.contextmanager
    def working(self, stage: Stage) -> Iterator[None]:
        """A line about it at least every three seconds."""
        if not self._beats:
            yield
            return
        over = threading.Event()

        def beat() -> None:
            while not over.wait(0.1):
                if time.monotonic() - self._said < HEARTBEAT:
                    continue
                try:
                    self.show(f"  {stage.name}: {stage.status()}")
                except (BrokenPipeError, ValueError) as error:
                    self._broken = error if isinstance(error, BrokenPipeError) else BrokenPipeError()
                    return

        thread = threading.Thread(target=beat, daemon=True, name="sampan-heartbeat")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class Terminal(Screen):
    """Colours and a moving bar for people at a terminal. NO_COLOR is respected."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    @property
    def width(self) -> int:
        """As wide as the window is."""
        return max(40, self._console.width)

    def show(self, text: str, style: str = "") -> None:
        """The text, in colour."""
        from rich.text import Text

        self._console.print(Text(fitting(text, self._console.file), style=style), soft_wrap=True)

    @property
    def shows_pictures(self) -> bool:
        """Whether it has colours enough, and letters for half a pixel; not where NO_COLOR is set."""
        console = self._console
        colours = not console.no_color and console.color_system in ("truecolor", "256")
        return colours and fitting("▀", console.file) == "▀"

    def picture(self, encoded: bytes) -> None:
        """The picture, as the terminal shows pictures."""
        if self.shows_pictures:
            from sampan.mosaic import mosaic, protocol_of  # its imports take a while, and few lines need it

            self._console.print(mosaic(encoded, protocol_of(os.environ)))

    @contextlib.contextmanager
    def working(self, stage: Stage) -> Iterator[None]:
        """A bar that moves and goes away at the end, below a picture if there is one."""
        from rich.console import Group
        from rich.live import Live
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        spinner = Spinner("line", style="cyan")
        drawn: list[tuple[bytes, Mosaic]] = []

        def shown() -> RenderableType:
            encoded = stage.picture
            if encoded is None or not self.shows_pictures:
                return bar()
            if not drawn or drawn[0][0] is not encoded:
                from sampan.mosaic import mosaic

                drawn[:] = [(encoded, mosaic(encoded))]  # of half blocks, which a line can be drawn over
            return Group(drawn[0][1], bar())

        def bar() -> RenderableType:
            share = stage.share
            row: list[RenderableType] = [spinner, Text(fitting(stage.name, self._console.file))]
            if share is not None:
                row.append(ProgressBar(total=1.0, completed=share, width=min(24, self.width // 4)))
            row.append(Text(fitting(stage.status(), self._console.file), no_wrap=True, overflow="ellipsis"))
            grid = Table.grid(padding=(0, 1))
            grid.add_row(*row)
            return grid

        live = Live(
            get_renderable=shown,
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        over = threading.Event()

        def move() -> None:
            # a picture is tens of kilobytes each time, which may go through a slow line
            while not over.wait(0.2 if stage.picture is None else 1.0):
                live.refresh()

        thread = threading.Thread(target=move, daemon=True, name="sampan-bar")
        with live:
            thread.start()
            try:
                yield
            finally:
                over.set()
                thread.join()


def screen_for(out: TextIO) -> Screen:
    """The screen that suits a stream: Terminal where a person looks at it, else Lines."""
    if not out.isatty() or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return Lines(out, beats=out is not sys.stderr)
    from rich.console import Console

    return Terminal(Console(file=out, highlight=False, markup=False, emoji=False, force_terminal=True))


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


# --- words
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


def size_in_words(size: float) -> str:
    """A number of bytes for people.

    >>> size_in_words(512), size_in_words(3_400_000)
    ('512 bytes', '3.4 MB')
    """
    for unit, name in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if size < 10 * unit else f"{size / unit:.0f} {name}"
    return f"{size:.0f} bytes"


def several(count: int, one: str, more: str = "") -> str:
    """A number of things.

    >>> several(1, "row"), several(8000, "row")
    ('1 row', '8,000 rows')
    """
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def sparkline(values: Sequence[float], places: int = 40) -> str:
    """A curve in one line of text; the lowest value is the lowest bar.

    Heights go by the square root, so that the slow end of a learning curve is seen beside its steep start.

    >>> sparkline([5.0, 2.0, 1.25, 1.0])
    '█▄▂▁'
    """
    if len(values) > places:
        values = [values[round(place * (len(values) - 1) / (places - 1))] for place in range(places)]
    if not values:
        return ""
    low, high = min(values), max(values)
    reach = (high - low) or 1.0
    return "".join("▁▂▃▄▅▆▇█"[int(((value - low) / reach) ** 0.5 * 7)] for value in values)


# --- tables
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
    """Lines of columns as wide as their content, at most `widest`; the last takes the rest of `width`."""
    if not rows:
        return []
    wide: list[int] = []
    for place in range(len(rows[0])):
        left = width - indent - sum(wide) - 2 * len(wide)
        most = widest[place] if place < len(widest) else max(8, left)
        wide.append(min(most, max(_cells(row[place]) for row in rows)))
    return [" " * indent + "  ".join(map(fit_cell, row, wide)).rstrip() for row in rows]


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
