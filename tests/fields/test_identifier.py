"""Identifiers: of the same shape, never twice, never one of the data."""

from __future__ import annotations

import random
import re
import uuid

import numpy as np
import pytest
from arro3.core import Array, DataType
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.column import from_strings
from sampan.errors import DataError, StoreError, WhereError
from sampan.field import Compare, Missing, Rows
from sampan.fields.identifier import Identifier, IdentifierCodec
from sampan.fields.shape import FreeNumbers, scatter
from sampan.testing import check_field

RNG = np.random.default_rng(0)
WORD = random.Random(0)


def codes(rows: int) -> list[str]:
    letters, digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
    return [
        "".join(WORD.choice(kind) for kind in (letters, digits) * 2) + "-" + WORD.choice(letters)
        for _ in range(rows)
    ]


UUIDS = [str(uuid.UUID(int=WORD.getrandbits(128), version=4)) for _ in range(200)]
COLUMNS = {
    "sequence": from_strings([f"CUST-{i:06d}" for i in range(1, 300)]),
    "growing": from_strings([f"CUST-{i}" for i in range(1, 300)]),
    "sparse": from_strings([f"CUST-{i:06d}" for i in RNG.choice(10**6, 300, replace=False)]),
    "crowded": from_strings([f"X{i:03d}" for i in RNG.choice(1000, 300, replace=False)]),
    "integers": Array.from_numpy(np.arange(1, 300)),
    "int32": Array(list(range(100, 300)), DataType.int32()),
    "random integers": Array.from_numpy(RNG.choice(10**8, 500, replace=False)),
    "decimal integers": Array([1.0, 2.0, None, 3.0], DataType.float64()),
    "uuid": from_strings([*UUIDS, None]),
    "upper uuid": from_strings([text.upper() for text in UUIDS[:5]]),
    "codes": from_strings(codes(400)),
    "chinese": from_strings([f"編號{i}號" for i in range(1, 30)]),
    "lengths": from_strings(["abc123", "q", ""]),
    "one": from_strings(["x"]),
    "hash": from_strings([f"{WORD.getrandbits(160):040x}" for _ in range(200)]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_contract(name: str) -> None:
    check_field(Identifier(), COLUMNS[name])


def made(name: str, start: int = 0, count: int = 500, seed: int = 0) -> list[object]:
    codec = Identifier().fit(COLUMNS[name])
    return codec.decode({"": np.zeros(count, dtype=np.int64)}, Rows(start, count, seed)).to_pylist()


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("sequence", r"CUST-\d{6}"),
        ("growing", r"CUST-\d{3}"),
        ("sparse", r"CUST-\d{6}"),
        ("codes", r"[A-Z]\d[A-Z]\d-[A-Z]"),
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("chinese", r"編號\d+號"),
        ("hash", r"[0-9a-f]{40}"),
    ],
)
def test_shape_is_kept(name: str, shape: str) -> None:
    assert all(re.fullmatch(shape, str(text)) for text in made(name))


def test_a_sequence_goes_on() -> None:
    assert made("sequence", count=2) == ["CUST-000300", "CUST-000301"]
    assert made("integers", start=7, count=2) == [307, 308]


@pytest.mark.parametrize("name", ["sparse", "crowded", "codes", "uuid", "random integers", "growing"])
def test_unique_over_a_thousand_million_rows(name: str) -> None:
    blocks = [made(name, start, 3000) for start in (0, 3000, 60_000, 10**6, 10**9, 10**9 + 3000)]
    together = [text for block in blocks for text in block]
    assert len(set(together)) == len(together)
    assert not set(together) & set(COLUMNS[name].to_pylist())


def test_used_up_shape_is_said() -> None:
    assert re.search(
        r"after [\d,]+ rows, with more digits at the end", Identifier().fit(COLUMNS["sparse"]).describe()
    )


def test_pattern_of_the_user() -> None:
    codec = Identifier("INV-##??^").fit(from_strings(["a", "b"]))
    texts = codec.decode({}, Rows(0, 50, 0)).to_pylist()
    assert all(re.fullmatch(r"INV-\d\d[A-Z]{2}[0-9a-f]", str(text)) for text in texts)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.integers(0, 2**63 - 1))
def test_scatter_is_a_permutation(size: int, key: int) -> None:
    assert np.array_equal(np.sort(scatter(np.arange(size), size, key)), np.arange(size))


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 9999), max_size=300), st.integers(0, 2**63 - 1))
def test_free_numbers_are_free_and_distinct(used: set[int], key: int) -> None:
    free = FreeNumbers.beside(np.array(sorted(used), dtype=np.int64), 10_000)
    numbers = free.pick(np.arange(free.count), key) if free.count else np.zeros(0)
    assert len(set(numbers.tolist())) == free.count
    assert not set(numbers.tolist()) & used


def test_values_cannot_be_asked_for() -> None:
    codec = Identifier().fit(COLUMNS["uuid"])
    with pytest.raises(WhereError, match="identifiers are made anew"):
        codec.allow(Compare("==", "x"))
    assert codec.allow(Missing())[0].symbols[""].tolist() == [False, True]


def test_type_that_cannot_hold_more_is_an_error() -> None:
    codec = Identifier().fit(Array(list(range(200, 250)), DataType.uint8()))
    with pytest.raises(DataError, match="do not fit a column of uint8"):
        codec.decode({}, Rows(0, 100, 0))


def test_nothing_of_the_data_is_kept() -> None:
    values, arrays = Identifier().fit(COLUMNS["sparse"]).state()
    digits = {int(str(text)[5:]) for text in COLUMNS["sparse"].to_pylist()}
    remainders = set(arrays["remainders"].tolist())
    assert not any(number % values["shape"]["modulus"] in remainders for number in digits)


def test_damaged_state_is_refused() -> None:
    values, arrays = Identifier().fit(COLUMNS["sparse"]).state()
    with pytest.raises(StoreError):
        IdentifierCodec.from_state(values, {"remainders": arrays["remainders"] + 10**9})
