"""What other programs write that no table holds: read as what it can be, and said; nothing is lost."""

from __future__ import annotations

import decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pytest

import sampan as sp
from sampan.column import from_strings, join
from sampan.data import read
from sampan.data.foreign import of_foreign

ROWS = 24


def instants(values: list[int], unit: str, zone: str | None = None) -> pa.Array:
    """Moments by their ticks, whatever a calendar says of them."""
    ticks = pa.py_buffer(np.array(values, dtype=np.int64).tobytes())
    return pa.Array.from_buffers(pa.timestamp(unit, tz=zone), len(values), [None, ticks])


def written(folder: Path, column: pa.Array) -> Path:
    """An Arrow file with the column "x" beside one that says nothing odd."""
    table = pa.table({"k": list(range(len(column))), "x": column})
    with pa.OSFile(str(folder / "t.arrow"), "wb") as file, pyarrow.ipc.new_file(file, table.schema) as out:
        out.write_table(table)
    return folder / "t.arrow"


def both_ways(folder: Path, column: pa.Array) -> list[tuple[list, tuple[str, ...]]]:
    """The cells and the notes, read from a file, from a frame and from a dict of columns."""
    tables = [
        read(written(folder, column)),
        read(pa.table({"k": list(range(len(column))), "x": column})),
        read({"k": list(range(len(column))), "x": column}),
    ]
    return [(table.columns["x"].to_pylist(), table.notes) for table in tables]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "+25:99", "Etc/GMT+14", "+8", "{", "Z" * 4000])
def test_moments_of_an_unknown_zone_are_the_same_instants(tmp_path: Path, zone: str) -> None:
    known = read({"x": instants(list(range(ROWS)), "s", "UTC")}).columns["x"].to_pylist()
    for cells, notes in both_ways(tmp_path, instants(list(range(ROWS)), "s", zone)):
        assert cells == known
        assert len(notes) == 1 and '"x"' in notes[0] and "UTC" in notes[0] and len(notes[0]) < 200


@pytest.mark.parametrize("zone", ["UTC", "utc", "Asia/Hong_Kong", "+05:45", "EST5EDT"])
def test_known_zones_need_no_word(tmp_path: Path, zone: str) -> None:
    assert not any(notes for _, notes in both_ways(tmp_path, instants(list(range(ROWS)), "s", zone)))


@pytest.mark.parametrize("zone", [None, "UTC", "Mars/Olympus"])
def test_moments_that_no_calendar_has_are_missing_wherever_they_come_from(
    tmp_path: Path, zone: str | None
) -> None:
    column = instants([2**61 + row if row % 3 else row for row in range(ROWS)], "ms", zone)
    for cells, notes in both_ways(tmp_path, column):
        assert sum(cell is None for cell in cells) == 16
        assert "calendar" in " ".join(notes) and ("Mars" in " ".join(notes)) == (zone == "Mars/Olympus")


@pytest.mark.parametrize("scale", [0, 60, 76])
def test_no_digit_of_a_long_decimal_is_lost(tmp_path: Path, scale: int) -> None:
    values = [decimal.Decimal(f"{row}" + "7" * 40).scaleb(-scale) for row in range(1, ROWS + 1)]
    for cells, notes in both_ways(tmp_path, pa.array(values, pa.decimal256(76, scale))):
        assert [decimal.Decimal(cell) for cell in cells] == values
        assert "every digit" in " ".join(notes)


def test_decimals_that_fit_stay_decimals(tmp_path: Path) -> None:
    values = [decimal.Decimal(row).scaleb(-2) for row in range(ROWS)]
    for cells, notes in both_ways(tmp_path, pa.array(values, pa.decimal256(70, 2))):
        assert cells == values and not notes


def test_a_long_decimal_late_in_a_file_does_not_hurt() -> None:
    short, long = pa.array([decimal.Decimal("1.5")], pa.decimal256(76, 1)), "9" * 60
    late = pa.array([decimal.Decimal(long)], pa.decimal256(76, 1))
    pieces = [of_foreign(read({"x": short}).columns["x"])[0], read({"x": late}).columns["x"]]
    assert join(pieces).to_pylist()[1].startswith(long)
    assert join([from_strings(["a"]), pieces[0]]).to_pylist() == ["a", "1.5"]


def test_runs_views_and_intervals_are_read(tmp_path: Path) -> None:
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([8, ROWS], pa.int32()), pa.array(["a", "b"]))
    assert read(written(tmp_path, runs)).columns["x"].to_pylist() == ["a"] * 8 + ["b"] * 16
    dated = pa.RunEndEncodedArray.from_arrays(pa.array([8, ROWS], pa.int32()), instants([2**61, 5], "s"))
    assert read(written(tmp_path, dated)).columns["x"].null_count == 8
    for kind in (pa.list_view(pa.int64()), pa.large_list_view(pa.int64())):
        assert (
            read(written(tmp_path, pa.array([[1, 2]] * ROWS, kind))).columns["x"].to_pylist()[0] == "[1, 2]"
        )
    spans = pa.array([(1, 2, 3)] * ROWS, pa.month_day_nano_interval())
    table = read(written(tmp_path, spans))
    assert "mons" in table.columns["x"].to_pylist()[0] and "as text" in table.notes[0]


def test_a_model_learns_what_was_read_so(tmp_path: Path) -> None:
    odd = instants([row % 5 * 86_400 for row in range(60)], "s", "Etc/GMT+14")
    with pytest.warns(sp.Notice, match="taken as of UTC"):
        model = sp.fit(pa.table({"when": odd, "k": [row % 3 for row in range(60)]}), steps=2)
    made = model.sample(5, seed=1)
    assert made.num_rows == 5 and any("UTC" in note for note in model.notes)
