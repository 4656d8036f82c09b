"""A second medium is one class and one line of a list: folders, zip files and targets take it as they are."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pytest
from arro3.core import Array, DataType

import sampan as sp
from sampan import media
from sampan.column import Column, file_kind
from sampan.data import read, write_files, write_stream
from sampan.errors import DataError, RequestError, StoreError
from sampan.field import Box, Codec, Condition, Field, Leaves, Rows
from sampan.fields import FIELDS
from sampan.media import MEDIA, PICTURES, Medium, Sheet, media_in, medium_of_bytes, medium_of_file
from sampan.media.picture import as_png
from sampan.space import Choice, Space


class Titles(Sheet):
    """The first lines of some notes."""

    def drawn(self, environment: Mapping[str, str] | None = None) -> str:
        return self.data.decode()

    def html(self) -> str:
        return f"<p>{self.data.decode()}</p>"


class Notes(Medium):
    """Texts that begin with NOTE and end with a full stop."""

    word: ClassVar[str] = "note"
    one: ClassVar[str] = "note"
    many: ClassVar[str] = "notes"
    endings: ClassVar[Mapping[str, str]] = {".note": ".note", ".n": ".note"}
    sheet_name: ClassVar[str] = "titles.note"

    def recognises(self, head: bytes) -> bool:
        return head.startswith(b"NOTE")

    def fault(self, path: str) -> str:
        text = Path(path).read_bytes()
        return "" if self.recognises(text) and text.endswith(b".") else "truncated"

    def ending_of(self, cell: bytes) -> str:
        return ".note"

    def sheet(self, cells: Sequence[bytes]) -> Titles:
        return Titles(self.sheet_name, b"NOTE " + b" ".join(cells))


NOTES = Notes()


@pytest.fixture(autouse=True)
def two_media(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MEDIA", (*MEDIA, NOTES))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place, text in (("sad/a.note", "NOTE rain."), ("sad/b.N", "NOTE fog."), ("glad/c", "NOTE sun.")):
        (tmp_path / "mood" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mood" / place).write_text(text)
    (tmp_path / "mood" / "sad" / "torn.note").write_text("NOTE half a sen")
    (tmp_path / "mood" / "readme.txt").write_text("NOTE that this is none.")
    return tmp_path / "mood"


def test_a_folder_is_read_by_the_medium_of_its_files(folder: Path) -> None:
    table = read(folder)
    assert list(table.columns) == ["note", "label"] and file_kind(table.columns["note"]) == "note"
    assert [Path(path).name for path in table.columns["note"].to_pylist()] == ["c", "a.note", "b.N"]
    assert table.columns["label"].to_pylist() == ["glad", "sad", "sad"]
    assert table.notes == ("1 file was left out: sad/torn.note (truncated)",)


def test_a_folder_of_two_media_is_of_the_one_with_more_files_and_says_so(folder: Path) -> None:
    (folder / "sad" / "x.png").write_bytes(as_png(np.zeros((4, 4, 1), np.uint8)))
    table = read(folder)
    assert len(table) == 3
    assert "sad/x.png (a picture among notes)" in table.notes[0]


def test_one_file_and_a_zipped_folder_are_tables(folder: Path, tmp_path: Path) -> None:
    assert list(read(folder / "sad" / "a.note").columns) == ["note"]
    with pytest.raises(DataError, match="truncated") as told:
        read(folder / "sad" / "torn.note")
    assert told.value.expected == "Expected: a whole, still note."
    with zipfile.ZipFile(tmp_path / "mood.zip", "w") as packed:
        for file in sorted(folder.rglob("*.[nN]*")):
            packed.write(file, file.relative_to(tmp_path))
    table = read(tmp_path / "mood.zip")  # of members without an ending nothing is known
    assert [Path(path).name for path in table.columns["note"].to_pylist()] == ["a.note", "b.N"]


def test_made_files_go_to_a_folder_which_is_read_again(tmp_path: Path) -> None:
    cells = Array([b"NOTE one.", None, b"NOTE two."], DataType.binary())
    block = {"said": cells, "by": Array(["x", "y", "z"], DataType.string())}
    assert media_in(block) == {"said": NOTES}
    assert write_files([block], tmp_path / "new") == 3
    names = sorted(file.name for file in (tmp_path / "new").iterdir())
    assert names == ["000001.note", "000003.note", "metadata.csv", "titles.note"]
    again = read(tmp_path / "new")
    assert again.columns["by"].to_pylist() == ["x", "z", "y"]
    assert write_files([block], tmp_path / "new") == 3  # what was made earlier is replaced
    (tmp_path / "new" / "mine.doc").write_text("x")
    with pytest.raises(StoreError, match="what is not made notes"):
        write_files([block], tmp_path / "new")


def test_targets_that_hold_no_files_name_the_medium(tmp_path: Path) -> None:
    block = {"said": Array([b"NOTE one."], DataType.binary())}
    with pytest.raises(RequestError, match='cannot hold the notes in the column "said"'):
        write_stream(tmp_path / "new.csv", [block])
    assert write_stream(tmp_path / "new.n", [block]) == 1
    assert (tmp_path / "new.n").read_bytes() == b"NOTE one."
    with pytest.raises(RequestError, match="holds one note, and there are more to write"):
        write_stream(tmp_path / "new.note", [block], rows=2)


def test_bytes_decide_and_the_first_of_the_list_is_asked_first() -> None:
    assert medium_of_bytes(b"NOTE x.") is NOTES and medium_of_bytes(b"\x89PNG\r\n\x1a\n") is PICTURES
    assert medium_of_bytes(b"") is None
    assert medium_of_file(Path("x.PNG")) is PICTURES and medium_of_file(Path("x.n")) is NOTES


# --- and with a field that says its medium, a whole run takes it
@dataclass(frozen=True)
class Note(Field):
    """Notes of three letters."""

    kind: ClassVar[str] = "note"
    dimensions: ClassVar[int] = 1
    medium: ClassVar[Medium | None] = NOTES

    def fit(self, column: Column) -> NoteCodec:
        return NoteCodec()


@dataclass(frozen=True, eq=False)
class NoteCodec(Codec):
    """The letters of a note, one after another."""

    kind: ClassVar[str] = "note"
    medium: ClassVar[Medium | None] = NOTES

    @property
    def spaces(self) -> Mapping[str, Space]:
        return {"": Choice(26, grid=(3,))}

    def encode(self, column: Column) -> Leaves:
        texts = [
            Path(cell).read_text() if file_kind(column) else cell.decode() for cell in column.to_pylist()
        ]
        return {"": np.array([[ord(letter) - 97 for letter in text[5:8]] for text in texts])}

    def decode(self, leaves: Leaves, rows: Rows) -> Column:
        texts = ("".join(chr(97 + letter) for letter in line) for line in leaves[""].tolist())
        return Array([f"NOTE {text}.".encode() for text in texts], DataType.binary())

    def allow(self, condition: Condition) -> list[Box]:
        return [Box({}, {})]

    def describe(self) -> str:
        return "notes of three letters"

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        return {}, {}

    @classmethod
    def from_state(cls, values: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        return cls()


@pytest.mark.slow
def test_a_run_over_a_folder_of_another_medium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FIELDS, "note", Note)
    for row in range(24):
        place = tmp_path / "moods" / ("sad", "glad")[row % 2] / f"{row}.note"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"NOTE {'ab'[row % 2] * 2}{chr(97 + row)}.")
    done = sp.make(tmp_path / "moods", steps=2, folder=tmp_path / "run")
    assert done.recipe.columns == {"note": "note", "label": "category"}
    assert done.recipe.family == "diffusion" and done.new == tmp_path / "run" / "new"
    names = {file.name for file in done.new.iterdir()}
    assert {"000001.note", "metadata.csv", "titles.note"} <= names
    assert (tmp_path / "run" / "titles.note").read_bytes().startswith(b"NOTE NOTE ")
    assert "-o more/" in done.next
    again = read(done.new)
    assert file_kind(again.columns["note"]) == "note" and len(again) == 24
