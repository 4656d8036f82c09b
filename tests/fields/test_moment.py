"""Moments: every kind of column keeps the promises of a field, and says what a person would expect."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from arro3 import compute
from arro3.core import DataType
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import Column, from_numpy, from_strings, missing, with_nulls
from sampan.errors import DataError, RequestError, StoreError, WhereError
from sampan.field import Between, Compare, In, Missing, Rows
from sampan.fields.moment import Moment, MomentCodec
from sampan.fields.moment.dateformat import DateFormat
from sampan.fields.moment.recognition import find
from sampan.fields.zone import Zone
from sampan.testing import check_field, inside

RNG = np.random.default_rng(5)
ROWS = 500


def _cast(values: np.ndarray, kind: DataType) -> Column:
    return compute.cast(from_numpy(values), kind)


def _stamps(unit: str = "us", zone: str | None = None, first: str = "2012-03-05", days: int = 2500) -> Column:
    start = int(np.datetime64(first, "s").astype(np.int64))
    seconds = start + RNG.integers(0, days * 86_400, ROWS) // 300 * 300
    ticks = seconds * {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    return _cast(ticks, DataType.timestamp(unit, tz=zone))


def _daily() -> Column:
    """Several moments on each day of a year and a half."""
    seconds = int(np.datetime64("2012-03-05", "s").astype(np.int64)) + np.arange(3_000) * 15_900 // 300 * 300
    return _cast(seconds * 10**6, DataType.timestamp("us"))


def _dates(days: int = 3000) -> Column:
    return _cast(RNG.integers(15_000, 15_000 + days, ROWS).astype(np.int32), DataType.date32())


def _texts(form: str, days: int = 1500) -> Column:
    begin = dt.datetime(2015, 1, 1)
    seconds = RNG.integers(0, days * 1440, ROWS) * 60
    return from_strings([f"{begin + dt.timedelta(seconds=int(second)):{form}}" for second in seconds])


def _holes(column: Column) -> Column:
    return with_nulls(column, RNG.random(len(column)) < 0.2)


COLUMNS = {
    "date": _dates(),
    "few days": _dates(90),
    "date64": _cast(RNG.integers(15_000, 18_000, ROWS) * 86_400_000, DataType.date64()),
    "date with holes": _holes(_dates()),
    "timestamp": _stamps(),
    "seconds": _stamps("s"),
    "nanoseconds": _stamps("ns"),
    "timestamp with holes": _holes(_stamps("ms")),
    "time": _cast(RNG.integers(0, 86_400, ROWS).astype(np.int32), DataType.time32("s")),
    "time in microseconds": _holes(_cast(RNG.integers(0, 1440, ROWS) * 60_000_000, DataType.time64("us"))),
    "one": _stamps().slice(0, 1),
    "iso": _texts("%Y-%m-%d"),
    "iso to the minute": _holes(_texts("%Y-%m-%d %H:%M")),
    "day first": _texts("%d/%m/%Y"),
    "in the afternoon": _texts("%m/%d/%Y %I:%M %p"),
    "中文": from_strings([f"2024年{1 + i % 12}月{1 + i % 28}日" for i in range(ROWS)]),
    "民國": from_strings([f"民國 {80 + i % 33}年{1 + i % 12}月{1 + i % 28}日" for i in range(ROWS)]),
    "compact": _texts("%Y%m%dT%H%M%SZ"),
    "clock": _texts("%H:%M"),
    "offset": _texts("%Y-%m-%dT%H:%M:%S+08:00"),
    "two offsets": from_strings(
        [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}T10:{i % 60:02d}:00+0{8 + i % 2}:00" for i in range(ROWS)]
    ),
    "month": _texts("%Y-%m"),
    "weekly": from_strings([str(np.datetime64("1980-01-07") + 7 * i) for i in RNG.integers(0, 900, ROWS)]),
    "far away": from_strings(["9999-12-31", "0001-01-01"] * 50 + _texts("%Y-%m-%d").to_pylist()),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_contract(name):
    check_field(Moment(), COLUMNS[name])


def _decoded(codec: MomentCodec, rows: int = 3000, seed: int = 0) -> tuple[Column, dict[str, np.ndarray]]:
    """What arbitrary leaves decode to: each symbol as likely as another."""
    rng = np.random.default_rng(seed)
    leaves = {name: rng.integers(0, space.size, rows) for name, space in codec.spaces.items()}
    leaves |= {name: rng.random(rows) for name in codec.noise}
    return codec.decode(leaves, Rows(0, rows, seed)), leaves


def test_no_day_or_time_is_made_that_was_never_seen():
    days = [str((np.datetime64("1980-02") + i).astype("M8[D]") - 1) for i in range(500)]  # ends of months
    made, _ = _decoded(Moment().fit(from_strings(days)))
    assert set(made.to_pylist()) <= set(days)
    assert len(set(made.to_pylist())) > 300

    stamps = [dt.datetime(2020, 1, 1, 9, 30) + dt.timedelta(hours=int(h)) for h in range(0, 9000, 7)]
    column = _cast(np.array(stamps, dtype="M8[us]").astype(np.int64), DataType.timestamp("us"))
    made, _ = _decoded(Moment().fit(column))
    assert {moment.time() for moment in made.to_pylist()} <= {moment.time() for moment in stamps}
    assert min(stamps) <= min(made.to_pylist()) and max(made.to_pylist()) <= max(stamps)


def test_the_trend_and_the_cycles_are_leaves():
    spaces = Moment().fit(_daily()).spaces
    assert set(spaces) == {"", "weekday", "time"}
    assert spaces[""].size <= 256 and spaces["weekday"].size == 7 and spaces["time"].size <= 288
    assert set(Moment().fit(COLUMNS["few days"]).spaces) == {""}
    assert set(Moment().fit(COLUMNS["clock"]).spaces) == {""}
    assert Moment().fit(COLUMNS["date with holes"]).spaces[""].off != ()


def test_weekdays_and_hours_come_back():
    column = _daily()
    rows = len(column)
    codec = Moment().fit(column)
    leaves = dict(codec.encode(column)) | {name: RNG.random(rows) for name in codec.noise}
    made, real = codec.decode(leaves, Rows(0, rows, 0)).to_pylist(), column.to_pylist()
    assert [moment.weekday() for moment in made] == [moment.weekday() for moment in real]
    apart = [abs((moment - other).days) for moment, other in zip(made, real, strict=True)]
    assert np.median(apart) <= 14


def test_cycles_of_a_zoned_column_are_local():
    start = int(np.datetime64("2024-03-25", "s").astype(np.int64))
    # the clocks change on the sixth day
    local_nine = [start + day * 86_400 + (8 if day < 6 else 7) * 3600 for day in range(12)]
    codec = Moment().fit(_cast(np.array(local_nine), DataType.timestamp("s", tz="Europe/Berlin")))
    assert "time" not in codec.spaces and codec.times.tolist() == [9 * 3600 * 10**9]
    made, _ = _decoded(codec, 50)
    assert {moment.hour for moment in made.to_pylist()} == {9}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.datetimes(dt.datetime(2012, 1, 1), dt.datetime(2019, 12, 31)),
    st.sampled_from(["timestamp", "iso to the minute", "iso"]),
)
def test_every_comparison_is_exact(op, moment, name):
    codec = Moment().fit(COLUMNS[name])
    made, leaves = _decoded(codec)
    boxes = codec.allow(Compare(op, moment.isoformat(" ")))
    held = sum((inside(box, leaves).astype(int) for box in boxes), np.zeros(len(made), dtype=int))
    cells = [dt.datetime.fromisoformat(cell) if isinstance(cell, str) else cell for cell in made.to_pylist()]
    assert held.tolist() == [int(cell is not None and _compare(cell, op, moment)) for cell in cells]


def _compare(cell: dt.datetime, op: str, moment: dt.datetime) -> bool:
    return {
        "<": cell < moment,
        "<=": cell <= moment,
        ">": cell > moment,
        ">=": cell >= moment,
        "==": cell == moment,
        "!=": cell != moment,
    }[op]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Hong_Kong", "+08:00"])
def test_conditions_on_zoned_columns(zone):
    codec = Moment().fit(_stamps("us", zone, "2024-03-20", 20))
    made, leaves = _decoded(codec)
    change = dt.datetime(2024, 3, 31, 1, 30, tzinfo=dt.UTC)
    for literal in (change, dt.datetime(2024, 3, 31, 3, 0), "2024-03-31 02:30"):
        boxes = codec.allow(Compare("<", literal))
        held = np.any([inside(box, leaves) for box in boxes], axis=0)
        naive = dt.datetime.fromisoformat(literal) if isinstance(literal, str) else literal
        if naive.tzinfo is None:  # on the column's own clock
            seconds = (naive - dt.datetime(1970, 1, 1)) // dt.timedelta(seconds=1)
            limit = Zone(zone).universal(np.array([seconds]))[0]
        else:
            limit = int(naive.timestamp())
        assert held.tolist() == [cell.timestamp() < limit for cell in made.to_pylist()]


def test_a_month_or_a_year_is_all_of_it():
    codec = Moment().fit(COLUMNS["iso to the minute"])
    made, leaves = _decoded(codec)
    cells = [cell or "" for cell in made.to_pylist()]
    midnight = "2016-05-03 00:00"
    for condition, right in [
        (Compare("==", "2016-05"), [cell.startswith("2016-05") for cell in cells]),
        (Compare(">", 2016), [cell[:4] > "2016" for cell in cells]),
        (Between("2016", "2017-06", True), [cell != "" and not "2016" <= cell < "2017-07" for cell in cells]),
        (In(("2016-05-03", "2017-01")), [cell == midnight or cell[:7] == "2017-01" for cell in cells]),
        (Missing(), [cell == "" for cell in cells]),
    ]:
        held = np.zeros(len(cells), dtype=bool)
        for box in codec.allow(condition):
            held |= inside(box, leaves)
        assert held.tolist() == right


def test_the_same_moment_in_another_offset():
    codec = Moment().fit(COLUMNS["two offsets"])
    made, leaves = _decoded(codec)
    held = np.any([inside(box, leaves) for box in codec.allow(Compare("<", "2024-06-01T00:00:00Z"))], axis=0)
    limit = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)
    assert held.tolist() == [dt.datetime.fromisoformat(cell) < limit for cell in made.to_pylist()]


def test_a_moment_that_was_never_seen_goes_to_the_nearest():
    codec = Moment().fit(from_strings(["2024-01-05", "2024-01-09"]))
    assert codec.encode(from_strings(["2024-01-06", "2030-01-01"]))[""].tolist() == [0, 1]


def test_errors_teach():
    codec = Moment().fit(COLUMNS["iso"])
    with pytest.raises(DataError, match="'soon' is no moment"):
        codec.encode(from_strings(["soon"]))
    with pytest.raises(DataError, match="are missing"):
        codec.encode(from_strings([None]))
    with pytest.raises(WhereError, match="'soon' is compared"):
        codec.allow(Compare(">", "soon"))
    with pytest.raises(WhereError, match="time zone"):
        codec.allow(Compare(">", "2024-01-05T10:00:00Z"))
    with pytest.raises(DataError, match="no way of writing dates"):
        Moment().fit(from_strings(["soon", "later"]))
    with pytest.raises(DataError, match="at least one"):
        Moment("%Y").fit(from_strings([None, "NA"]))
    with pytest.raises(RequestError, match="%K"):
        Moment("%K").fit(from_strings(["2024"]))
    with pytest.raises(DataError, match="31/02/2024"):
        Moment("%d/%m/%Y").fit(from_strings(["31/02/2024"]))
    with pytest.raises(DataError, match="Mars/Base"):
        _ = Zone("Mars/Base").moves


def test_a_damaged_state_is_refused():
    values, arrays = Moment().fit(COLUMNS["timestamp"]).state()
    for name in ("days", "times", "periods", "clocks"):
        broken = {**arrays, name: arrays[name][::-1].copy()}
        with pytest.raises(StoreError):
            MomentCodec.from_state(values, broken)


FORMATS = [
    *("%Y-%m-%d", "%d/%m/%Y", "%-d/%-m/%Y", "%Y年%-m月%-d日", "民國 %E年%-m月%-d日", "%d-%^b-%y"),
    *("%B %-d, %Y", "%Y%m%dT%H%M%SZ", "%Y-%m-%d %H:%M:%S[.%6f]", "%H:%M", "%-I:%M %P", "%q%-I:%M"),
    *("%a, %d %b %Y %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S.%3f%:z", "%Q"),
]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(FORMATS),
    st.lists(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2068, 1, 1)), min_size=1),
)
def test_what_a_format_writes_it_reads(text, moments):
    form = DateFormat(text)
    ticks = np.array(moments, dtype="M8[ms]").astype(np.int64)
    day, nano = ticks // 86_400_000, ticks % 86_400_000 * 1_000_000
    offset = np.full(len(moments), -330 if "z" in form.names else 0)
    texts = form.write(day, nano, offset)
    read = form.read(texts)
    assert not read.wrong.any()
    assert form.write(read.day, read.nano, read.offset) == texts
    if "d" in form.names:
        assert read.day.tolist() == day.tolist()


@pytest.mark.parametrize("text", FORMATS[:-1])
def test_a_format_is_found_again(text):
    begin, end = np.array(["2003-01-02T09:07:05.120", "2024-01-01"], dtype="M8[ms]").astype(np.int64)
    moments = np.arange(begin, end, 86_400_000 * 11 + 3_723_017)
    form = DateFormat(text)
    offset = np.full(moments.size, 480 if "z" in form.names else 0)
    texts = form.write(moments // 86_400_000, moments % 86_400_000 * 1_000_000, offset)
    found = find(texts)
    assert found is not None and found[0].text == text and found[1] is None


def test_many_texts_are_read_as_few_are():
    column = _texts("%-d/%-m/%Y %-I:%M %p", 9000).to_pylist() * 4
    form = DateFormat("%-d/%-m/%Y %-I:%M %p")
    many, few = form.read(column), form.read(column[:900])
    assert len(column) > 1000
    assert many.day[:900].tolist() == few.day.tolist() and many.nano[:900].tolist() == few.nano.tolist()
    assert form.read([*column, "1/2/2024", "1/2/2024 "]).wrong[-2:].all()


@pytest.mark.parametrize(
    "name", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]
)
def test_zones_never_go_back(name):
    zone = Zone(name)
    seconds = np.arange(1_704_067_200, 1_704_067_200 + 366 * 86_400, 900)
    local = zone.local(seconds)
    first = zone.universal(local)  # the first of two, where an hour comes twice
    assert (zone.local(first) == local).all() and (first <= seconds).all()
    walls = np.arange(local[0], local[-1], 900)
    assert (np.diff(zone.universal(walls)) >= 0).all()


def test_missing_and_marked_cells_are_made_as_nulls():
    column = from_strings(["2024-01-05", "NA", "0000-00-00", None, "2024-02-06"] * 20)
    codec = Moment().fit(column)
    made = codec.decode(codec.encode(column), Rows(0, 100, 0))
    assert missing(made).tolist() == [False, True, True, True, False] * 20
    assert made.to_pylist()[0] == "2024-01-05"


# --- one person's moments
def _made_of(column: Column, field: Moment, seed: int = 0) -> Column:
    codec = field.fit(column)
    rng = np.random.default_rng(seed)
    leaves = dict(codec.encode(column)) | {name: rng.random(len(column)) for name in codec.noise}
    return codec.decode(leaves, Rows(0, len(column), seed))


def _date_column(days: np.ndarray) -> Column:
    return _cast(days.astype(np.int32), DataType.date32())


def _numbers(column: Column) -> np.ndarray:
    kind = DataType.int32() if DataType.is_date32(column.type) else DataType.int64()
    return compute.cast(column, kind).to_numpy().astype(np.int64)


DAYS = {
    "birth dates": lambda rng: rng.integers(-11_000, 11_000, 900),
    "birth dates of all ages": lambda rng: (-365 * np.clip(rng.normal(30, 18, 900), 0, 99)).astype(np.int64),
    "business days": lambda rng: rng.integers(0, 900, 1_200) // 5 * 7 + 4 + rng.integers(0, 5, 1_200),
    "first days of months": lambda rng: (
        rng.integers(-600, 600, 500).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_no_day_of_one_record_comes_back_more_often_than_a_strangers(name):
    rng = np.random.default_rng(3)
    found, exact = np.zeros(2), np.zeros(2)
    for seed in range(4):
        sides = [DAYS[name](rng) for _ in range(2)]
        lone = [days[counts == 1] for days, counts in (np.unique(side, return_counts=True) for side in sides)]
        column = _date_column(sides[0])
        made = _numbers(_made_of(column, Moment(), seed))
        assert sides[0].min() <= made.min() and made.max() <= sides[0].max()
        assert (sides[0] <= made.min()).sum() != 1 and (sides[0] >= made.max()).sum() != 1
        found += [np.isin(np.unique(made), days).sum() for days in lone]
        again = np.unique(_numbers(_made_of(column, Moment(exact=True), seed)))
        exact += [np.isin(again, days).sum() for days in lone]
        if name == "business days":
            assert set((made + 3) % 7) <= set(range(5))
        if name == "first days of months":
            assert (made.astype("M8[D]").astype("M8[M]").astype("M8[D]").astype(np.int64) == made).all()
    assert found[0] - found[1] < 4 * np.sqrt(found.sum() + 1)
    assert exact[0] - exact[1] > 4 * np.sqrt(exact.sum() + 1)


@pytest.mark.parametrize("kind", ["date", "timestamp", "text"])
def test_neither_model_nor_words_hold_a_first_or_last_day_that_one_record_has(kind):
    days = np.concatenate([np.repeat(np.arange(15_000, 15_100), 4), [1_000, 19_999]])
    seconds = days * 86_400 + np.resize([36_000, 50_400], days.size)
    column = {
        "date": lambda: _date_column(days),
        "timestamp": lambda: _cast(seconds, DataType.timestamp("s")),
        "text": lambda: from_strings([str(np.datetime64(int(day), "D")) for day in days]),
    }[kind]()
    codec = Moment().fit(column)
    values, arrays = codec.state()
    assert not {1_000, 19_999} & set(arrays["days"].tolist()) and codec.days[0] == 15_000
    assert "1972" not in codec.describe() and "2024" not in codec.describe()
    assert codec.allow(Compare("<", "1980-01-01")) == []
    assert codec.encode(column)[""][-2:].tolist() == [0, codec.periods.size - 2]
    assert Moment(exact=True).fit(column).days[0] == 1_000


def test_the_first_moment_of_a_day_that_several_share_is_nobodys_own():
    rng = np.random.default_rng(8)
    for _ in range(5):
        seconds = np.sort(rng.integers(0, 10 * 86_400, 2_000))
        made = _numbers(_made_of(_cast(seconds, DataType.timestamp("s")), Moment()))
        assert (seconds <= made.min()).sum() >= 2 and (seconds >= made.max()).sum() >= 2
        assert seconds.min() <= made.min() and made.max() <= seconds.max()


def test_seconds_of_one_record_come_back_no_more_often_than_a_strangers():
    rng = np.random.default_rng(9)
    sides = [rng.integers(20_000, 80_000, 4_000) for _ in range(2)]
    lone = [times[counts == 1] for times, counts in (np.unique(side, return_counts=True) for side in sides)]
    column = _cast(sides[0].astype(np.int32), DataType.time32("s"))
    made = compute.cast(_made_of(column, Moment()), DataType.int32()).to_numpy()
    found = np.array([np.isin(np.unique(made), times).sum() for times in lone])
    assert found[0] - found[1] < 4 * np.sqrt(found.sum() + 1) and found[1] > 100


def test_a_column_of_one_date_is_left_out_and_days_all_held_stay_themselves():
    column = from_strings(["2024-05-01", *[None] * 40])
    assert Moment().fit(column).kind == "omitted"
    every = _date_column(np.arange(15_000, 15_400))  # one row for each day tells nothing of anyone
    assert set(_numbers(_made_of(every, Moment())).tolist()) <= set(range(15_000, 15_400))
    assert Moment().fit(every).periods.size == 257
