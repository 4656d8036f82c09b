"""Request: what is asked of a model, as a value that can be written down, sent, and asked again.

Python and the command line build one, a server queues it, a ledger records it, a recipe replays it.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import PurePath
from typing import Any, Literal, get_args

import numpy as np
from arro3.core import Array

from sampan import arrow_type
from sampan.checked import (
    Amount,
    Either,
    ListOf,
    Maybe,
    Record,
    Table,
    Text,
    Truth,
    Whole,
    Wrong,
    json_of,
    short,
)
from sampan.column import Column, from_strings
from sampan.errors import DataError, RequestError, SampanError, StoreError, nearest
from sampan.making.cell import says_missing
from sampan.making.records import columns_of
from sampan.where import Formula, read, show
from sampan.whole_numbers import count_of, seed_of

Kind = Literal["sample", "fill", "restyle", "more", "walk", "between", "near"]
"""What is asked for."""

How = Literal["draw", "likeliest"]
"""How a hole is filled."""

USES: Mapping[Kind, frozenset[str]] = {
    "sample": frozenset({"n", "given", "records", "where"}),
    "fill": frozenset({"records", "how"}),
    "restyle": frozenset({"records", "given", "strength"}),
    "more": frozenset({"records", "n", "given", "strength"}),
    "walk": frozenset({"n", "given"}),
    "between": frozenset({"records", "n"}),
    "near": frozenset({"records", "n", "strength"}),
}
"""What each kind of request says beside its seed."""

STARTS_FROM = frozenset({"fill", "restyle", "more", "between", "near"})
"""Kinds that start from records."""


@dataclass(frozen=True, eq=False)
class Request:
    """What is asked of a model.

    - kind: new records (`sample`), records completed (`fill`) or made anew (`restyle`), more like some
      (`more`), a way of made records (`walk`), a way from one record to another (`between`), variations of
      one (`near`).
    - n: how many records; None for one, or for one from each of `records`.
    - given: column -> value that every record has; None for a missing cell.
    - records: the records that it starts from, of a sample what is known of each: a frame, a dict of columns,
      a file; kept as column -> Arrow column.
    - where: a condition that every record meets: a formula, text, or column -> value.
    - seed: one seed, one result.
    - strength: how far from the records, 0 for not at all; None for what is usual.
    - how: a hole is filled by a draw, or with the likeliest value.

    Raises RequestError for what its kind does not use.

    >>> Request("sample", 3, given={"churn": "yes"}, where="age > 65", seed=1).to_json()
    '{"kind": "sample", "n": 3, "given": {"churn": "yes"}, "where": "age > 65", "seed": 1}'
    """

    kind: Kind = "sample"
    n: int | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    records: Any = None
    where: Formula | str | Mapping[str, Any] | None = None
    seed: int = 0
    strength: float | None = None
    how: How = "draw"

    def __post_init__(self) -> None:
        if not isinstance(self.kind, str) or self.kind not in USES:
            raise RequestError(
                f"a request of the kind {self.kind!r} was made.{nearest(str(self.kind), USES)}",
                f"The kinds are: {', '.join(USES)}.",
                'For example: Request("sample", 100)',
            )
        object.__setattr__(self, "seed", seed_of(self.seed))
        if not isinstance(self.given, Mapping):
            raise RequestError(
                f"given is a {type(self.given).__name__}.",
                "A dict is expected: column -> value.",
                'For example: given={"churn": "yes"}',
            )
        if self.strength is not None:
            object.__setattr__(self, "strength", _amount(self.strength))
        if self.n is not None:
            object.__setattr__(self, "n", count_of(self.n))
        if self.where is not None:
            object.__setattr__(self, "where", read(self.where))
        if self.records is not None:
            object.__setattr__(self, "records", columns_of(self.records))
        for name in _DEFAULTS:
            if name not in USES[self.kind] and _is_said(self, name):
                raise RequestError(
                    f"{name}={getattr(self, name)!r} is said in a request of the kind {self.kind!r}.",
                    f"What that kind uses: {', '.join(one for one in _DEFAULTS if one in USES[self.kind])}.",
                    f"Leave {name} out.",
                )
        if self.how not in get_args(How):
            raise RequestError(
                f"holes are to be filled how={self.how!r}.{nearest(str(self.how), get_args(How))}",
                "Expected: draw (one value as the model expects it, by chance) or likeliest (the best single "
                "value).",
                "For example: --how likeliest",
            )
        if self.kind in STARTS_FROM and self.records is None:
            raise RequestError(
                f"a request of the kind {self.kind!r} has no records.",
                "The records that it starts from are expected.",
                "Say them: records=...",
            )

    # --- written and read
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Request) and self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def to_json(self) -> str:
        """It as JSON, what is usual left out. Raises RequestError for a value that JSON cannot say."""
        said: dict[str, Any] = {"kind": self.kind}
        for name in ("n", "given", "records", "where", "seed", "strength", "how"):
            if name == "seed" or _is_said(self, name):
                said[name] = getattr(self, name)
        if "given" in said:
            said["given"] = {name: _plain(name, value) for name, value in self.given.items()}
        if self.records is not None:
            said["records"] = {name: _written(column) for name, column in self.records.items()}
        if self.where is not None:
            said["where"] = show(read(self.where))
        return json.dumps(said, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Request:
        """The request of a JSON text that anybody may have written. Raises RequestError."""
        try:
            data = text.encode() if isinstance(text, str) else text
            if not isinstance(data, bytes):
                raise Wrong(f"it is a {type(text).__name__}, and not text")
            said = _SHAPE.check(json_of(data, "the request"), "the request")
            given = {name: _value(value) for name, value in said.pop("given", {}).items()}
            records = said.pop("records", None)
            columns = None if records is None else {name: _column(one) for name, one in records.items()}
        except (Wrong, DataError, StoreError, ValueError, OverflowError) as error:
            why = error.what.rstrip(".") if isinstance(error, SampanError) else error
            raise RequestError(
                f"this is no request: {why}.",
                f"JSON such as {cls(seed=1).to_json()} is expected.",
                "Write it with Request.to_json().",
            ) from error
        if columns is not None and len({len(column) for column in columns.values()}) > 1:
            raise RequestError(
                "this is no request: its records differ in length from column to column.",
                "One cell of each column for each record is expected.",
                "Write it with Request.to_json().",
            )
        return cls(**said, given=given, records=columns)


_DEFAULTS = {one.name: one for one in fields(Request) if one.name not in ("kind", "seed")}

_CELL = Either(
    (
        Record({"bytes": Text(1 << 28)}),
        Record({"seconds": Amount()}),
        Maybe(Either((Text(), Truth(), Amount(), Whole()))),
    )
)

_SHAPE = Record(
    {"kind": Text(words=tuple(USES))},
    {
        "n": Whole(1),
        "given": Table(_CELL),
        "records": Table(Record({"type": Text(1_000), "cells": ListOf(Maybe(Text(1 << 28)))})),
        "where": Text(),
        "seed": Whole(-(1 << 63), (1 << 64) - 1),
        "strength": Amount(),
        "how": Text(words=get_args(How)),
    },
)
"""What the JSON of a request may hold."""


def _amount(strength: Any) -> float:
    """A strength that a caller gave, of NumPy's types too. Raises RequestError for no finite number."""
    number = isinstance(strength, int | float | np.integer | np.floating) and not isinstance(strength, bool)
    if not number or not math.isfinite(strength):
        raise RequestError(
            f"a strength of {short(strength)} was asked for.",
            "A number is expected: 0 for not at all, 1 for as far as it goes.",
            "For example: strength=0.5",
        )
    return float(strength)


def _is_said(request: Request, name: str) -> bool:
    """Whether a request says something of its own under a name."""
    value = getattr(request, name)
    return bool(value) if name == "given" else value is not None and value != _DEFAULTS[name].default


def _plain(name: str, value: Any) -> Any:
    """A given value as JSON says it: a date or an exact number as the text that stands for it."""
    if says_missing(value):
        return None
    if isinstance(value, np.timedelta64):
        value = value.astype("m8[us]").item()
    match value:
        case np.datetime64():
            return str(value)
        case np.generic():
            return value.item()
        case bool() | int() | float() | str():
            return value
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case dt.timedelta():
            return {"seconds": value.total_seconds()}
        case dt.date() | dt.time() | decimal.Decimal() | PurePath() | uuid.UUID():
            return str(value)
    raise RequestError(
        f"a {type(value).__name__} is given for the column {name!r}, which a request in JSON cannot say.",
        "Text, a number, yes or no, a moment, bytes or None is expected.",
        "Give the text that stands for it.",
    )


def _value(said: Any) -> Any:
    """The given value that `_plain` wrote."""
    match said:
        case {"bytes": text}:
            return base64.b64decode(text, validate=True)
        case {"seconds": seconds}:
            return dt.timedelta(seconds=seconds)
    return said


def _written(column: Column) -> dict[str, Any]:
    """A column as its type's word and its cells as texts, bytes as base64."""
    word = arrow_type.word_of(column)
    if _holds_bytes(word):
        cells = [None if cell is None else base64.b64encode(cell).decode() for cell in column.to_pylist()]
    else:
        cells = arrow_type.as_text(column).to_pylist()
    return {"type": word, "cells": cells}


def _column(said: Mapping[str, Any]) -> Column:
    """The column that `_written` wrote."""
    word, cells = said["type"], said["cells"]
    if _holds_bytes(word):
        whole = [None if cell is None else base64.b64decode(cell, validate=True) for cell in cells]
        return Array(whole, arrow_type.named(word))
    try:
        column = arrow_type.of_text(from_strings(cells), word)
        arrow_type.as_text(column)  # what cannot be written again is none either
    except SampanError:
        raise
    except Exception as error:  # Arrow's casts have errors of their own
        raise Wrong(f"a column of the type {short(word)} has a cell that is none ({error})") from error
    if column.null_count > cells.count(None):  # Arrow makes nothing of a text that is none of the type
        raise Wrong(f"a column of the type {word} has a cell that is none")
    return column


def _holds_bytes(word: str) -> bool:
    return word in ("binary", "large_binary")
