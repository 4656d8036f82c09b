"""Zipped folders of pictures: read like the folder itself, and nothing in them trusted."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import sampan as sp
from sampan.data import digest
from sampan.data.folder import archive


def png(level: int) -> bytes:
    out = io.BytesIO()
    PIL.Image.fromarray(np.full((8, 8), level, np.uint8)).save(out, "PNG")
    return out.getvalue()


def zipped(place: Path, files: dict[str, bytes], name: str = "photos.zip") -> Path:
    with zipfile.ZipFile(place / name, "w", zipfile.ZIP_DEFLATED) as made:
        for inside, held in files.items():
            made.writestr(inside, held)
    return place / name


FILES = {f"photos/{kind}/{row}.png": png(10 * row + len(kind)) for kind in ("貓", "dogs") for row in range(6)}
JUNK = {"photos/.DS_Store": b"junk", "__MACOSX/photos/cats/._0.png": b"junk", "photos/notes.txt": b"junk"}


def test_a_zip_is_read_as_the_folder_is(tmp_path: Path) -> None:
    for name, held in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(held)
    there = sp.read(zipped(tmp_path, FILES | JUNK))
    assert there.name == "photos" and len(there) == 12 and there.notes == ()
    assert digest(there.columns) == digest(sp.read(tmp_path / "photos").columns)
    assert sp.read(tmp_path / "photos.zip").columns["label"].to_pylist() == ["dogs"] * 6 + ["貓"] * 6


def test_metadata_and_splits_in_a_zip(tmp_path: Path) -> None:
    told = "file_name,age\n" + "".join(f"{row}.png,{row + 20}\n" for row in range(3))
    files = {f"p/{row}.png": png(row) for row in range(3)} | {"p/metadata.csv": told.encode()}
    assert sp.read(zipped(tmp_path, files)).columns["age"].to_pylist() == ["20", "21", "22"]
    files = {f"p/{part}/{kind}/0.png": png(3) for part in ("train", "test") for kind in "ab"}
    assert sp.read(zipped(tmp_path, files)).columns["label"].to_pylist() == ["a", "b"]


@pytest.mark.parametrize(
    "name", ["../out.png", "/out.png", "a/../../out.png", "C:/out.png", "C:\\out.png", "..\\out.png"]
)
def test_a_name_that_leads_out_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path, {"a.png": png(1)})
    with zipfile.ZipFile(path, "a") as made:
        member = zipfile.ZipInfo("x.png")
        member.filename = name
        made.writestr(member, png(2))
    with pytest.raises(sp.DataError, match="leads out of the folder"):
        sp.read(path)
    assert [file.name for file in tmp_path.rglob("*")] == ["photos.zip"]


def test_links_passwords_and_twins_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, {"a.png": png(1)})
    with zipfile.ZipFile(path, "a") as made:
        member = zipfile.ZipInfo("link.png")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(member, "/etc/passwd")
    with pytest.raises(sp.DataError, match="link.png, which is a link"):
        sp.read(path)
    path = zipped(tmp_path, {"a.png": png(1)})
    held = bytearray(path.read_bytes())
    held[held.index(b"PK\x01\x02") + 8] |= 1  # the flag of the directory that says so
    path.write_bytes(held)
    with pytest.raises(sp.DataError, match="needs a password"):
        sp.read(path)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "w") as made:
        made.writestr("a.png", png(1))
        made.writestr("a.png", png(2))
    with pytest.raises(sp.DataError, match="a.png twice"):
        sp.read(path)


def test_what_would_fill_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path, {"a.png": png(1), "b.bmp": bytes(3_000_000)})
    held = bytearray(path.read_bytes())
    place = held.rindex(b"PK\x01\x02") + 24  # where the directory says how large it unpacks
    held[place : place + 4] = struct.pack("<I", 1 << 31)
    (tmp_path / "large.zip").write_bytes(held)
    with pytest.raises(sp.DataError, match="b.bmp, which unpacks to 2.1 GB"):
        sp.read(tmp_path / "large.zip")
    monkeypatch.setattr(archive, "SURELY", 1_000_000)
    with pytest.raises(sp.DataError, match="files that unpack to 3.0 MB"):
        sp.read(path)


def test_a_damaged_zip_and_one_without_pictures(tmp_path: Path) -> None:
    path = zipped(tmp_path, FILES)
    held = bytearray(path.read_bytes())
    held[60:90] = bytes(30)
    path.write_bytes(held)
    with pytest.raises(sp.DataError, match="is damaged"):
        sp.read(path)
    with pytest.raises(sp.DataError, match="photos.zip"):
        sp.read(zipped(tmp_path, {"notes.txt": b"no picture"}))
