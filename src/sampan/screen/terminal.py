"""Terminal: colours and a moving bar for people at a terminal."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sampan.screen.screen import Screen, meanwhile
from sampan.screen.stage import Stage
from sampan.screen.words import fitting

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from sampan.media import Sheet


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
    def shows_sheets(self) -> bool:
        """Whether it has colours enough, and letters for half a pixel; not where NO_COLOR is set."""
        console = self._console
        colours = not console.no_color and console.color_system in ("truecolor", "256")
        return colours and fitting("▀", console.file) == "▀"

    def sheet(self, sheet: Sheet) -> None:
        """The sheet, as the terminal shows such."""
        if self.shows_sheets:
            self._console.print(sheet.drawn(os.environ))

    @contextlib.contextmanager
    def working(self, stage: Stage) -> Iterator[None]:
        """A bar that moves and goes away at the end, below a sheet if there is one."""
        from rich.console import Group
        from rich.live import Live
        from rich.progress_bar import ProgressBar
        from rich.spinner import Spinner
        from rich.table import Table
        from rich.text import Text

        spinner = Spinner("line", style="cyan")
        drawn: list[tuple[Sheet, RenderableType]] = []

        def shown() -> RenderableType:
            sheet = stage.sheet
            if sheet is None or not self.shows_sheets:
                return bar()
            if not drawn or drawn[0][0] is not sheet:
                drawn[:] = [(sheet, sheet.drawn())]  # of letters, which a line can be drawn over
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

        def move(over: threading.Event) -> None:
            # a sheet is tens of kilobytes each time, which may go through a slow line
            while not over.wait(0.2 if stage.sheet is None else 1.0):
                live.refresh()

        with live, meanwhile(move):
            yield
