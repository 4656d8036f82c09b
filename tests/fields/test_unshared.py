"""Whose rows they are: a value that one person has in several rows is one person's."""

from __future__ import annotations

import numpy as np
import pytest

from sampan.column import from_numpy, from_strings
from sampan.fields import Category, Moment, Number
from sampan.fields.holders import Holders, repeated_records
from sampan.guess import guess
from sampan.schema import Schema

RNG = np.random.default_rng(2)


def table_of(rows: np.ndarray) -> dict:
    """A table of which so many records are the given ones, some of them in several rows."""
    people = rows.max() + 1
    income = RNG.integers(10_000, 10**7, people)[rows]
    born = RNG.integers(-10_000, 10_000, people)[rows].astype("datetime64[D]").astype(str).tolist()
    return {
        "income": from_numpy(income),
        "born": from_strings(born),
        "town": from_strings([f"T{town}" for town in RNG.integers(0, 40, people)[rows].tolist()]),
        "sex": from_strings(np.array(["f", "m"])[RNG.integers(0, 2, people)[rows]].tolist()),
    }


FIELDS = {"income": Number(), "born": Moment(), "town": Category(), "sex": Category()}


def held_again(columns: dict, persons: np.ndarray | None = None) -> tuple[int, int]:
    """(real incomes, real days) that the codecs could make."""
    codecs = Schema(FIELDS).fit(columns, persons).codecs
    incomes = set(columns["income"].to_pylist()) & set(codecs["income"].examples().to_pylist())
    return len(incomes), len(set(columns["income"].to_pylist()))


def test_a_table_imported_twice_gives_nobody_away() -> None:
    for rows in (np.tile(np.arange(300), 2), np.concatenate([np.arange(300), np.arange(120)])):
        found, every = held_again(table_of(rows))
        assert every > 290 and found < 10


def test_rows_alike_by_chance_are_records_of_their_own() -> None:
    columns = {name: column for name, column in table_of(np.arange(500)).items() if name in ("town", "sex")}
    assert repeated_records(columns) is None
    assert repeated_records({"one": from_strings(["a"] * 50)}) is None
    assert repeated_records({}) is None


@pytest.mark.parametrize("each", [2, 8])
def test_rows_that_one_name_has_are_one_persons(each: int) -> None:
    rows = np.repeat(np.arange(150), each)
    columns = table_of(rows)
    assert held_again(columns, rows)[0] < 10 < 100 < held_again(columns, np.arange(rows.size))[0]
    phones = [f"9{number:07d}" for number in RNG.permutation(10**7)[:150].tolist()]
    columns |= {
        "phone": from_strings([phones[row] for row in rows.tolist()]),
        "spent": from_numpy(RNG.integers(0, 10**6, rows.size)),
    }
    schema = guess(columns).schema
    assert schema.fields["phone"].kind == "personal"
    made = schema.fit(columns).codecs["income"].examples().to_pylist()
    assert len(set(made) & set(columns["income"].to_pylist())) < 10


def test_the_ends_that_count_are_those_of_two_persons() -> None:
    holders = Holders.by(np.array([0, 1, 2, 3, 4]), 5, np.array([1, 1, 2, 3, 3]))
    assert (holders.low, holders.high) == (2, 2)
    alone = Holders.by(np.array([0, 1, 1]), 2, np.array([5, 5, 5]))
    assert alone.nowhere and alone.singletons.all()
