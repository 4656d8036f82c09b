"""What a check can compare is what the codecs say, whoever wrote them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from arro3.core import Array, DataType

from sampan.column import Column, floats, from_strings
from sampan.evaluate.sides import comparable
from sampan.field import Codec, Scale
from sampan.fields.category import Category
from sampan.fields.constant import Constant, ConstantCodec
from sampan.fields.identifier import Identifier
from sampan.fields.moment import Moment
from sampan.fields.number import Number
from sampan.fields.number.spelling import Spelling
from sampan.fields.omitted import Omitted

PRICES = from_strings(["$1,250.00", "NA", "$3.50", None])
DAYS = from_strings(["02/01/1970", "31/12/1970", "", "03/01/1970"])
CLOCKS = from_strings(["00:01", "23:59", "NA", "12:00"])
STAMPS = Array.from_arrow(pa.array([dt.datetime(1970, 1, 2, 0, 0, 1), None], pa.timestamp("us")))
WHOLE = Array([3, None], DataType.int64())
WORDS = from_strings(["a", "b", None, "a"])


@pytest.mark.parametrize(
    ("codec", "column", "numbers"),
    [
        (Number(spelling=Spelling.find(PRICES)).fit(PRICES), PRICES, [1250.0, None, 3.5, None]),
        (Moment().fit(DAYS), DAYS, [86_400.0, 364 * 86_400.0, None, 2 * 86_400.0]),
        (Moment().fit(DAYS), from_strings(["01/01/1970", "1 Jan"]), [0.0, None]),  # nothing is refused
        (Moment().fit(CLOCKS), CLOCKS, [60.0, 86_340.0, None, 43_200.0]),
        (Moment().fit(STAMPS), STAMPS, [86_401.0, None]),
        (Number().fit(WHOLE), WHOLE, [3.0, None]),
    ],
)
def test_amounts_and_moments_are_numbers(codec: Codec, column: Column, numbers: list[float | None]) -> None:
    found = comparable({"c": codec}, [{"c": column}])
    assert found.kinds == {"c": "number"}
    assert found.tables[0]["c"].to_pylist() == numbers


def test_a_moment_is_written_as_its_day_or_its_hour() -> None:
    codecs: dict[str, Codec] = {"day": Moment().fit(DAYS), "at": Moment().fit(CLOCKS)}
    ticks = comparable(codecs, [{"day": DAYS, "at": CLOCKS}]).ticks
    assert (ticks["day"](86_400.0), ticks["at"](86_340.0)) == ("1970-01-02", "23:59")


def test_what_is_invented_constant_or_omitted_is_left_out() -> None:
    codecs: dict[str, Codec] = {
        "word": Category().fit(WORDS),
        "name": Identifier().fit(from_strings(["A1", "B7", "C4", "D2"])),
        "same": Constant().fit(from_strings(["x"] * 4)),
        "gone": Omitted().fit(WORDS),
    }
    found = comparable(codecs, [dict.fromkeys(codecs, WORDS)] * 2)
    assert found.kinds == {"word": "category"} and found.ticks == {}
    assert found.left_out == ["name", "same", "gone"]
    assert [table["word"].to_pylist() for table in found.tables] == [["a", "b", None, "a"]] * 2


class Degrees(ConstantCodec):
    """A codec that Sampan has never seen, of numbers that mean degrees."""

    def view(self, column: Column) -> Scale:
        return Scale(floats(column), lambda value: f"{value:g} °C")


def test_a_codec_that_says_how_it_is_compared_is_asked() -> None:
    found = comparable({"t": Degrees("20", "int64")}, [{"t": Array.from_numpy(np.array([20, 21]))}])
    assert found.kinds == {"t": "number"}
    assert found.ticks["t"](20.0) == "20 °C"
    assert found.tables[0]["t"].to_pylist() == [20.0, 21.0]
