"""Screen: where a run says what it does; `Silent` shows nothing, `Lines` plain lines."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sampan.letters import plain
from sampan.screen.stage import Stage
from sampan.screen.tables import wrap
from sampan.screen.words import fitting

if TYPE_CHECKING:
    from sampan.media import Sheet


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
    def shows_sheets(self) -> bool:
        """Whether `sheet` shows anything."""
        return False

    def sheet(self, sheet: Sheet) -> None:
        """Some files at a glance, where this screen shows any."""
        del sheet

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


@contextlib.contextmanager
def meanwhile(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Something that another thread does, until the event that it is told of: the end of the block."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,), daemon=True, name="sampan-screen")
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


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


def tell_notes(notes: Iterable[str], screen: Screen) -> None:
    """What was changed, left out or guessed, each as a paragraph that is marked."""
    for note in notes:
        screen.paragraph(f"! {note}", "yellow")


HEARTBEAT = 2.5
"""Seconds of silence after which a line says what is under way: one is then always there within three."""


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

        def beat(over: threading.Event) -> None:
            while not over.wait(0.1):
                if time.monotonic() - self._said < HEARTBEAT:
                    continue
                try:
                    self.show(f"  {stage.name}: {stage.status()}")
                except (BrokenPipeError, ValueError) as error:
                    self._broken = error if isinstance(error, BrokenPipeError) else BrokenPipeError()
                    return

        with meanwhile(beat):
            yield
