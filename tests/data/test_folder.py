"""A folder of pictures is a table, and made pictures are such a folder."""

from __future__ import annotations

import io
import json
import os
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable
from arro3.io import write_parquet

from sampan.column import file_kind, from_strings, missing
from sampan.data import Columns, Table, digest, read, to_native, write_files, write_stream
from sampan.errors import DataError, RequestError, StoreError
from sampan.fields.image import Image
from sampan.guess import guess


def png(seed: int = 0, size: int = 8) -> bytes:
    out = io.BytesIO()
    values = np.random.default_rng(seed).integers(0, 256, (size, size), dtype=np.uint8)
    PIL.Image.fromarray(values).save(out, "PNG")
    return out.getvalue()


def folder_of(root: Path, *names: str) -> Path:
    for seed, name in enumerate(names):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(png(seed))
    return root


def names_of(table: Table, root: Path) -> list[str | None]:
    paths = table.columns["picture"].to_pylist()
    return [None if path is None else Path(path).relative_to(root.resolve()).as_posix() for path in paths]


def cells(table: Table, name: str) -> list[object]:
    return table.columns[name].to_pylist()


# --- what a folder means
def test_a_flat_folder_in_order_and_only_pictures(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "貓", "b.png", "a.PNG", ".hidden.png", ".git/x.png", "貓.png")
    (root / "notes.txt").write_text("x")
    table = read(root)
    assert table.name == "貓" and list(table.columns) == ["picture"] and table.notes == ()
    assert names_of(table, root) == ["a.PNG", "b.png", "貓.png"]
    assert file_kind(table.columns["picture"]) == "image"
    assert guess(table.columns).fields["picture"] == Image()
    assert guess(table.take(np.array([2, 0])).columns).fields["picture"] == Image()
    assert Image().fit(table.columns["picture"]).encode(table.columns["picture"])[""].shape == (3, 1, 8, 8)


def test_a_sample_of_a_folder_is_still_one_of_pictures(tmp_path: Path) -> None:
    table = read(folder_of(tmp_path, *(f"{row}.png" for row in range(9))), max_rows=4, seed=1)
    assert len(table) == 4 and table.rows_seen == 9 and file_kind(table.columns["picture"]) == "image"
    assert file_kind(table.head(2).columns["picture"]) == "image"
    frame = to_native(table.columns, table)
    assert list(frame["picture"]) == cells(table, "picture")


def test_sub_folders_are_labels(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "cats/a.png", "dogs/b.png", "dogs/old/c.png", "d.png")
    table = read(root)
    assert cells(table, "label") == ["cats", None, "dogs", "dogs"]
    assert names_of(table, root) == ["cats/a.png", "d.png", "dogs/b.png", "dogs/old/c.png"]


def test_digits_as_labels_are_categories(tmp_path: Path) -> None:
    root = folder_of(tmp_path, *(f"{digit}/{row}.png" for digit in range(5) for row in range(3)))
    assert guess(read(root).columns).fields["label"].kind == "category"


def test_one_folder_that_holds_all_is_no_label(tmp_path: Path) -> None:
    assert list(read(folder_of(tmp_path / "one", "images/a.png", "images/b.png")).columns) == ["picture"]
    table = read(folder_of(tmp_path / "two", "images/cats/a.png", "images/dogs/b.png"))
    assert cells(table, "label") == ["cats", "dogs"]


def test_of_parts_only_the_one_to_learn_from_is_read(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "train/cats/a.png", "train/dogs/b.png", "test/cats/c.png", "val/dogs/d.png")
    table = read(root)
    assert names_of(table, root) == ["train/cats/a.png", "train/dogs/b.png"]
    assert cells(table, "label") == ["cats", "dogs"]
    assert table.notes == ("only train/ is read; 2 pictures in test/, val/ are not",)
    assert cells(read(root / "test"), "picture") == [str((root / "test/cats/c.png").resolve())]
    classes = folder_of(tmp_path / "classes", "train/a.png", "bus/b.png")
    assert cells(read(classes), "label") == ["bus", "train"]


def test_a_folder_without_pictures_is_refused_as_before(tmp_path: Path) -> None:
    (tmp_path / "records.csv").write_text("a\n1\n")
    with pytest.raises(DataError, match="is a folder, not a file"):
        read(tmp_path)


# --- files that cannot be used
def test_broken_files_are_left_out_with_a_note(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "a.png", "b.png", "c.png")
    (root / "cut.png").write_bytes(png(size=64)[:2000])
    (root / "text.jpg").write_text("no")
    (root / "empty.gif").write_bytes(b"")
    moving = [PIL.Image.fromarray(np.full((8, 8), level, np.uint8)) for level in (0, 255)]
    moving[0].save(root / "moving.gif", save_all=True, append_images=moving[1:])
    table = read(root)
    assert names_of(table, root) == ["a.png", "b.png", "c.png"]
    [note] = table.notes
    assert note.startswith("4 files were left out: cut.png (truncated), empty.gif (no picture")
    assert "moving.gif (animated), text.jpg (no picture" in note


def test_none_left_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "cut.png").write_bytes(png(size=64)[:2000])
    with pytest.raises(DataError, match=r"none of the pictures .* cut.png \(truncated\)"):
        read(tmp_path)


def test_links_out_of_the_folder_are_left_out(tmp_path: Path) -> None:
    secret = folder_of(tmp_path / "secret", "x.png")
    root = folder_of(tmp_path / "root", "a.png")
    (root / "link.png").symlink_to(secret / "x.png")
    (root / "inside.png").symlink_to(root / "a.png")
    (root / "folder").symlink_to(secret)
    table = read(root)
    assert names_of(table, root) == ["a.png", "inside.png"]
    assert "link.png (a link out of the folder)" in table.notes[0] and "folder/ (a link" in table.notes[0]


def test_links_in_a_circle_are_left_out(tmp_path: Path) -> None:
    """Alone, in pairs, among files or folders: nobody follows one for ever, and the pictures are learned."""
    root = folder_of(tmp_path / "root", "a.png", "b.png")
    (root / "itself.png").symlink_to(root / "itself.png")
    (root / "one.png").symlink_to(root / "other.png")
    (root / "other.png").symlink_to("one.png")
    (root / "round").symlink_to(root)
    table = read(root)
    assert names_of(table, root) == ["a.png", "b.png"]
    assert all(name in table.notes[0] for name in ("itself.png", "one.png", "other.png", "round/"))


def test_a_name_that_is_no_unicode_is_left_out(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "a.png")
    try:
        (root / os.fsdecode(b"\xff.png")).write_bytes(png())
    except OSError:
        pytest.skip("this disk has no such names")
    table = read(root)
    assert len(table) == 1 and "not UTF-8" in table.notes[0]
    json.dumps(table.notes).encode()


# --- metadata
def test_metadata_are_columns(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "a.png", "sub/b.png", "c.png")
    (root / "metadata.csv").write_text("file_name,age,caption\nsub/b.png,30,貓\n./a.png,20,\n")
    table = read(root)
    assert list(table.columns) == ["picture", "label", "age", "caption"]
    assert names_of(table, root) == ["a.png", "c.png", "sub/b.png"]
    assert cells(table, "age") == ["20", None, "30"] and cells(table, "caption") == [None, None, "貓"]


def test_metadata_lines_and_the_other_key(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "a.png", "b.png")
    lines = [{"file": "a.png", "age": 20, "picture": "x"}, {"file": "b.png", "age": 30, "picture": "y"}]
    (root / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    table = read(root)
    assert cells(table, "age") == [20, 30] and cells(table, "picture_2") == ["x", "y"]
    (root / "metadata.csv").write_text("file,age\na.png,1\n")
    with pytest.raises(DataError, match="both metadata.csv and metadata.jsonl"):
        read(root)


def test_labels_of_metadata_come_first(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "x/a.png", "y/b.png")
    (root / "metadata.csv").write_text("file_name,label\nx/a.png,cat\ny/b.png,dog\n")
    table = read(root)
    assert cells(table, "label") == ["cat", "dog"] and "labels are those of the metadata" in table.notes[0]


def test_metadata_beside_parts_and_inside_them(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "train/a.png", "test/b.png")
    (root / "metadata.csv").write_text("file_name,age\ntrain/a.png,1\ntest/b.png,2\n")
    assert cells(read(root), "age") == ["1"]
    (root / "train" / "metadata.csv").write_text("file_name,age\na.png,3\n")
    assert cells(read(root), "age") == ["3"]


def test_a_row_for_a_broken_file_goes_with_it(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "a.png")
    (root / "cut.png").write_bytes(png(size=64)[:2000])
    (root / "metadata.csv").write_text("file_name,age\na.png,1\ncut.png,2\n")
    assert cells(read(root), "age") == ["1"]


def test_a_row_without_a_file_is_a_record_without_a_picture(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "a.png")
    (root / "metadata.csv").write_text("file_name,age\n,7\na.png,1\n")
    table = read(root)
    assert names_of(table, root) == ["a.png", None] and cells(table, "age") == ["1", "7"]


@pytest.mark.parametrize(
    "row, words",
    [
        ("../secret/x.png", "leads out of the folder"),
        ("sub/../../secret/x.png", "leads out of the folder"),
        ("..\\secret\\x.png", "leads out of the folder"),
        ("/etc/x.png", "leads out of the folder"),
        ("C:/x.png", "leads out of the folder"),
        ("link.png", "is a link out of the folder"),
        ("b.png", 'there is no picture b.png. Did you mean "a.png"'),
        ("a.png\na.png", "has a row already"),
    ],
)
def test_metadata_that_name_the_wrong_file(row: str, words: str, tmp_path: Path) -> None:
    folder_of(tmp_path / "secret", "x.png")
    root = folder_of(tmp_path / "root", "a.png")
    (root / "link.png").symlink_to(tmp_path / "secret" / "x.png")
    (root / "metadata.csv").write_text(f"file_name\n{row}\n")
    with pytest.raises(DataError, match="record") as error:
        read(root)
    assert words in error.value.what


def test_metadata_without_a_key(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "a.png")
    (root / "metadata.csv").write_text("filename,age\na.png,1\n")
    with pytest.raises(DataError, match='has no column "file_name". Did you mean "filename"'):
        read(root)


# --- fingerprints, and what is said about a column
def test_the_fingerprint_is_of_what_the_pictures_hold(tmp_path: Path) -> None:
    first = folder_of(tmp_path / "one", "a.png", "b.png")
    second = folder_of(tmp_path / "two", "x.png", "y.png")
    same = digest(read(first).columns)
    assert digest(read(second).columns) == same
    stamp = os.stat(first / "b.png")
    content = bytearray((first / "b.png").read_bytes())
    content[-1:] = bytes([content[-1] ^ 1])
    (first / "b.png").write_bytes(bytes(content))
    os.utime(first / "b.png", ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert digest(read(first).columns) != same
    assert digest({"picture": from_strings(["a"])}) != digest({"picture": from_strings(["b"])})


def test_no_table_from_elsewhere_names_files(tmp_path: Path) -> None:
    table = read(folder_of(tmp_path / "pictures", "a.png", "b.png"))
    target = tmp_path / "new.parquet"
    write_parquet(ArrowTable.from_pydict(dict(table.columns)), str(target))
    again = read(target).columns["picture"]
    assert again.to_pylist() == table.columns["picture"].to_pylist() and file_kind(again) == ""


# --- writing
def made(*blocks: int, gap: bool = False) -> Iterator[Columns]:
    start = 0
    for count in blocks:
        rows = range(start, start + count)
        pictures = [None if gap and row == 1 else png(row) for row in rows]
        yield {
            "label": from_strings([f"L{row % 3}" for row in rows]),
            "picture": Array(pictures, DataType.binary()),
            "age": Array(list(rows), DataType.int64()),
        }
        start += count


def test_made_pictures_are_a_folder_that_reads_back(tmp_path: Path) -> None:
    target = tmp_path / "new"
    assert write_stream(f"{target}/", made(5, 3, gap=True)) == 8
    there = sorted(path.name for path in target.iterdir())
    wanted = [f"{row:06d}.png" for row in (1, *range(3, 9))]
    assert there == [*wanted, "contact-sheet.png", "metadata.csv"]
    lines = (target / "metadata.csv").read_text().splitlines()
    assert lines[:3] == ["file_name,label,age", "000001.png,L0,0", ",L1,1"]
    assert (target / "000008.png").read_bytes() == png(7)
    table = read(target)
    assert table.notes == ("contact-sheet.png is an overview and no record",)
    assert len(table) == 8 and int(missing(table.columns["picture"]).sum()) == 1
    assert cells(table, "label") == ["L0", "L2", "L0", "L1", "L2", "L0", "L1", "L1"]
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_the_overview_shows_tiny_pictures_enlarged(tmp_path: Path) -> None:
    write_files(made(80), tmp_path / "new")
    sheet = np.asarray(PIL.Image.open(tmp_path / "new" / "contact-sheet.png").convert("L"))
    assert sheet.shape == (8 * 66 + 2, 8 * 66 + 2)
    first = np.asarray(PIL.Image.open(io.BytesIO(png(0))))
    assert (sheet[2:66, 2:66][::8, ::8] == first).all() and (sheet[:2] == 255).all()


def test_an_earlier_folder_is_replaced_and_another_is_not(tmp_path: Path) -> None:
    target = tmp_path / "new"
    write_stream(f"{target}/", made(9))
    write_stream(target, made(2))  # an existing folder needs no slash
    assert sorted(path.name for path in target.glob("0*")) == ["000001.png", "000002.png"]
    (target / "mine.txt").write_text("keep")
    with pytest.raises(StoreError, match="mine.txt"):
        write_stream(target, made(3))
    assert (target / "mine.txt").read_text() == "keep" and len(list(target.glob("0*"))) == 2


def test_nothing_is_left_of_a_folder_that_was_not_finished(tmp_path: Path) -> None:
    def breaking() -> Iterator[Columns]:
        yield from made(3)
        raise DataError("the end")

    with pytest.raises(DataError, match="the end"):
        write_stream(f"{tmp_path}/new/", breaking())
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreError, match="there is no folder"):
        write_stream(f"{tmp_path}/no/new/", made(1))
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is a file"):
        write_stream(f"{tmp_path}/file/", made(1))


def test_files_of_text_cannot_hold_pictures(tmp_path: Path) -> None:
    for target in (tmp_path / "new.csv", tmp_path / "new.xlsx", "-"):
        with pytest.raises(RequestError, match="cannot hold the pictures") as error:
            write_stream(target, made(2))
        assert "-o new/" in error.value.fix
    assert write_stream(tmp_path / "new.parquet", made(2)) == 2
    assert guess(read(tmp_path / "new.parquet").columns).fields["picture"] == Image()
    assert write_stream(tmp_path / "folder", made(2)) == 2  # no ending: where pictures are, a folder
    assert (tmp_path / "folder" / "000002.png").exists()


def test_records_without_pictures_are_no_folder(tmp_path: Path) -> None:
    plain: Columns = {"age": Array([1, 2], DataType.int64())}
    for target in (f"{tmp_path}/new/", tmp_path):
        with pytest.raises(RequestError, match="is a folder.* hold none") as error:
            write_stream(target, iter([plain]))
        assert error.value.fix == f"Type: -o {tmp_path / 'new'}.csv"
    with pytest.raises(RequestError, match="hold none"):
        write_files(iter([plain]), tmp_path / "new")
    with pytest.raises(RequestError, match="no ending is not known"):
        write_stream(tmp_path / "new", iter([plain]))


def test_two_pictures_in_a_record(tmp_path: Path) -> None:
    before, after = ([png(2 * row + side) for row in range(3)] for side in (0, 1))
    block: Columns = {
        "before": Array(before, DataType.binary()),
        "after": Array(after, DataType.binary()),
    }
    write_files(iter([block]), tmp_path / "new")
    assert (tmp_path / "new" / "metadata.csv").read_text().splitlines()[:2] == [
        "file_name,after_file_name",
        "000001.png,000001-2.png",
    ]
    assert (tmp_path / "new" / "000003-2.png").read_bytes() == after[2]


# --- pictures that come otherwise
def test_scans_without_an_ending_are_seen(tmp_path: Path) -> None:
    root = folder_of(tmp_path, "IM000001", "a.png")
    (root / "README").write_text("no picture")
    table = read(root)
    assert names_of(table, root) == ["IM000001", "a.png"] and table.notes == ()


def test_the_cells_of_public_sets_are_their_bytes(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    kind = pyarrow.struct([("bytes", pyarrow.binary()), ("path", pyarrow.string())])
    cells = [{"bytes": png(row), "path": f"{row}.png"} for row in range(3)]
    frame = pyarrow.table({"image": pyarrow.array([*cells, None], type=kind), "label": [0, 1, 0, 1]})
    parquet.write_table(frame, tmp_path / "set.parquet")
    for table in (read(frame), read(tmp_path / "set.parquet")):
        assert table.columns["image"].to_pylist() == [png(0), png(1), png(2), None]
        assert guess(table.columns).fields["image"] == Image() and table.notes == ()


def test_frames_and_arrays_hold_pictures() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (5, 8, 12, 3), dtype=np.uint8)
    for given, channels in ((levels, 3), (levels[..., 0], 1)):
        table = read({"picture": given, "label": list("abcab")})
        learned = guess(table.columns).fields["picture"].fit(table.columns["picture"])
        found = learned.encode(table.columns["picture"])[""].transpose(0, 2, 3, 1)
        assert (found == given.reshape(5, 8, 12, channels)).all()
    pandas = pytest.importorskip("pandas")
    table = read(pandas.DataFrame({"picture": [png(0), None, png(2)]}))
    assert table.columns["picture"].to_pylist() == [png(0), None, png(2)]


# --- many
def test_many_files_take_little_memory(tmp_path: Path) -> None:
    root = tmp_path / "many"
    for label in range(3):
        (root / str(label)).mkdir(parents=True)
    content = png(size=64)
    for row in range(3000):
        (root / str(row % 3) / f"{row}.png").write_bytes(content)
    read(folder_of(tmp_path / "few", "a.png"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = read(root)
    fitted = Image(8, 8).fit(table.columns["picture"])
    levels = fitted.encode(table.columns["picture"])[""]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(table) == len(levels) == 3000
    assert grown < 30_000  # kilobytes; the files hold 12 MB, unpacked as much again
