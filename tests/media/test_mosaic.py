"""Pictures in a terminal: what is written there, letter by letter, and nothing where it could not be read."""

from __future__ import annotations

import base64
import io
import re
import time

import numpy as np
import pytest
from rich.console import Console

from sampan.media.picture import PICTURES, as_png
from sampan.media.picture.medium import ContactSheet
from sampan.screen import Lines, Silent, Stage, Terminal

RNG = np.random.default_rng(0)
RED_OVER_BLUE = as_png(
    np.repeat([[[255, 0, 0]], [[0, 0, 255]]], 32, axis=1).repeat(16, axis=0).astype(np.uint8)
)
CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def sheet(png: bytes) -> ContactSheet:
    return ContactSheet(PICTURES.sheet_name, png)


def console(width: int = 40, height: int = 30, colours: str = "truecolor", **environment: str) -> Console:
    out = io.StringIO()
    return Console(
        file=out,
        force_terminal=True,
        color_system=colours,  # type: ignore[arg-type]  # one of its words
        width=width,
        height=height,
        _environ={"TERM": "xterm-256color", **environment},
    )


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY", "KITTY_WINDOW_ID", "TERM_PROGRAM", "LC_TERMINAL", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


def written(there: Console) -> str:
    assert isinstance(there.file, io.StringIO)
    return there.file.getvalue()


def test_half_blocks_are_two_pixels_to_a_place() -> None:
    there = console(width=32)
    Terminal(there).sheet(sheet(RED_OVER_BLUE))
    lines = written(there).splitlines()
    assert [CODE.sub("", line) for line in lines] == ["▀" * 32] * 16
    assert "38;2;255;0;0;48;2;255;0;0" in lines[0] and "38;2;0;0;255;48;2;0;0;255" in lines[-1]


@pytest.mark.parametrize(("width", "height"), [(200, 60), (30, 60), (200, 14), (41, 24)])
def test_a_picture_fits_its_window_and_keeps_its_shape(width: int, height: int) -> None:
    there = console(width, height)
    cells = [as_png(RNG.integers(0, 256, (8, 8, 1), dtype=np.uint8))] * 16
    Terminal(there).sheet(PICTURES.sheet(cells))
    lines = [CODE.sub("", line) for line in written(there).splitlines()]
    assert 0 < len(lines) <= height - 6 and len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= min(width, 72) and abs(len(lines[0]) / len(lines) - 2) < 0.2


def test_kitty_is_sent_the_very_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-kitty")
    noise = as_png(RNG.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    there = console()
    Terminal(there).sheet(sheet(noise))
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", written(there))
    assert base64.b64decode("".join(piece for _, piece in pieces)) == noise and len(pieces) > 1
    assert pieces[0][0].startswith("a=T,f=100") and [keys[-3:] for keys, _ in pieces[1:-1]] == ["m=1"] * (
        len(pieces) - 2
    )
    assert pieces[-1][0] == "m=0" and "▀" not in written(there)


def test_iterm_is_sent_the_very_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM_PROGRAM", "iTerm.app")
    there = console()
    Terminal(there).sheet(sheet(RED_OVER_BLUE))
    (told,) = re.findall(r"\x1b\]1337;File=inline=1[^:]*:([^\a]*)\a", written(there))
    assert base64.b64decode(told) == RED_OVER_BLUE
    monkeypatch.setenv("TMUX", "1")
    there = console()
    Terminal(there).sheet(sheet(RED_OVER_BLUE))
    assert "1337" not in written(there) and "▀" in written(there)


def test_nothing_is_shown_where_it_could_not_be_seen() -> None:
    out = io.StringIO()
    for screen in (
        Terminal(console(NO_COLOR="1")),
        Terminal(console(colours="standard")),
        Terminal(console(height=9)),
        Lines(out),
        Silent(),
    ):
        screen.sheet(sheet(RED_OVER_BLUE))
        if isinstance(screen, Terminal):
            assert written(screen._console) == ""
    assert out.getvalue() == ""
    assert not Lines(out).shows_sheets and not Terminal(console(NO_COLOR="1")).shows_sheets


def test_a_stage_shows_its_picture_above_its_bar_and_takes_both_away() -> None:
    there = console()
    with Terminal(there).working(Stage("learning", sheet=sheet(RED_OVER_BLUE))):
        time.sleep(0.3)
    told = written(there)
    assert "▀" in told and told.index("▀") < told.rindex("learning")
    assert "\x1b[2K" in told[told.rindex("▀") :]  # lines are cleared at the end
