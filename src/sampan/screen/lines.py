"""Lines: plain lines to a pipe or a file, one at least every three seconds."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from typing import TextIO

from sampan.screen.screen import Screen, meanwhile
from sampan.screen.stage import Stage
from sampan.screen.words import fitting

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
