"""Files made to hurt: each is read or refused in three lines, soon, in little memory, without a word more."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import PIL.Image
import pytest

from sampan.column import LONGEST, from_strings
from sampan.data import read
from sampan.errors import DataError
from sampan.guess import guess


@pytest.fixture(autouse=True)
def _never_for_ever() -> Iterator[None]:
    """A minute for what takes a moment: what grows faster than its input fails, and does not hang."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TimeoutError("this grows faster than its input")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def refusal(path: Path | str) -> str:
    """What reading says, which must be three lines."""
    with pytest.raises(DataError) as caught:
        read(path)
    error = caught.value
    assert error.what and error.expected and error.fix
    assert "\n" not in error.what + error.expected + error.fix
    return str(error)


LONG = 200_000
SLOW = {
    "spaces": "1" + " " * LONG + "x",
    "digits": "1" * LONG + "x",
    "only digits": "1" * LONG,
    "decimals": "0." + "1" * LONG,
    "groups": "1,234" * LONG + "x",
    "dates": "2024-01-01 10:00" + " " * LONG + "x",
    "brackets": "(" * LONG,
    "at": "a@" * LONG,
    "dots": "a@b" + ".c" * LONG,
    "colons": ":" * LONG + "x",
    "letters": "Aa" * LONG,
    "capitals": "A" * LONG,
    "blanks": " " * LONG,
}


@pytest.mark.parametrize("kind", SLOW)
@pytest.mark.parametrize("name", ["col", "phone", "name", "company", "customer e-mail"])
def test_no_cell_makes_guessing_slow(kind: str, name: str) -> None:
    cells = [f"{SLOW[kind][:-1]}{end}" for end in "xyz12)"] + ["12", "7", "3"]
    found = guess({name: from_strings(cells), "short": from_strings(["1"] * 9)}).fields[name]
    assert found.kind in ("category", "omitted", "identifier")
    assert guess({"n": from_strings(["12", "7", "3", "1" * LONGEST + "1"])}).fields["n"].kind == "category"


def test_no_name_makes_guessing_slow() -> None:
    guess(
        {SLOW["letters"]: from_strings(["a", "b", "a"]), SLOW["blanks"] + "x": from_strings(["1", "2", "3"])}
    )


@pytest.mark.parametrize("kind", SLOW)
def test_no_cell_makes_reading_text_slow(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "t.csv"
    path.write_text("col,n\n" + "".join(f'"{SLOW[kind][:3000]}x",{row}\n' for row in range(30)))
    assert len(read(path)) == 30


def test_pipes_sockets_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    os.symlink("/dev/zero", tmp_path / "zero.csv")
    os.symlink(tmp_path / "pipe.csv", tmp_path / "link.parquet")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(tmp_path / "door.csv"))
        assert "is a pipe" in refusal(tmp_path / "pipe.csv")
        assert "< " in refusal(tmp_path / "pipe.csv")
        assert "is a pipe" in refusal(tmp_path / "link.parquet")
        assert "is a device" in refusal(tmp_path / "zero.csv")
        assert "is a device" in refusal("/dev/zero")
        assert "is a socket" in refusal(tmp_path / "door.csv")


def test_links_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    os.symlink(tmp_path / "b.csv", tmp_path / "a.csv")
    os.symlink(tmp_path / "a.csv", tmp_path / "b.csv")
    assert "a.csv" in refusal(tmp_path / "a.csv")


def test_pipes_and_devices_among_pictures_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for name in ("a.png", "b.png"):
        PIL.Image.new("RGB", (8, 8)).save(folder / name)
    os.mkfifo(folder / "c.png")
    os.mkfifo(folder / "without-ending")
    os.mkfifo(folder / "metadata.csv")
    os.symlink("/dev/zero", folder / "d.png")
    whole = read(folder)
    assert len(whole) == 2
    assert any("c.png" in note and "a pipe" in note for note in whole.notes)
