"""Objects: cells that no field learns (UUIDs, lists, sets, structs, intervals), as text and back again.

A column of them is text that says what it stands for (`sampan.column.standing`): fields compare and repeat
its cells whole, and where the column leaves, each text becomes the cell that it stood for. What would not
come back as it was is no such column: it is taken as text, which is said.
"""

from __future__ import annotations

import fractions
import io
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType, Field, Schema
from arro3.io import read_json

from sampan.column import Column, codes, from_strings, standing, stands_for
from sampan.errors import DataError, StoreError

_DEEPEST = 8
"""Lists within lists, at most: nobody's records go deeper, and a file may not make us."""


class _Kind(NamedTuple):
    """One kind of object: the type of its cells, and the way to text and back."""

    type: str
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    changes: bool = False  # whether a cell can change, so that each is made anew


def _plain_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _set_json(value: Any) -> str:
    return "[" + ", ".join(sorted(map(_plain_json, value))) + "]"


def _write_interval(value: Any) -> str:
    """An interval, of which 1.0 and 1 are one end: a missing cell makes decimals of a whole column."""
    both = (value.left, value.right)
    ends = [f"{end:.0f}" if isinstance(end, float) and end.is_integer() else str(end) for end in both]
    before, after = {"both": "[]", "left": "[)", "right": "(]", "neither": "()"}[value.closed]
    return f"{before}{', '.join(ends)}{after}"


def _read_interval(text: str) -> Any:
    """An interval of numbers or of moments as pandas writes it: "(0, 1]"."""
    import pandas

    left, _, right = text[1:-1].partition(", ")
    closed = {"[]": "both", "[)": "left", "(]": "right", "()": "neither"}[text[0] + text[-1]]
    ends = []
    for end in (left, right):
        try:
            ends.append(int(end))
        except ValueError:
            try:
                ends.append(float(end))
            except ValueError:
                ends.append(pandas.Timestamp(end))
    return pandas.Interval(*ends, closed=closed)  # type: ignore[arg-type]


def _write_array(value: np.ndarray) -> str:
    return _plain_json([str(value.dtype), value.tolist()])


def _read_array(text: str) -> np.ndarray:
    dtype, values = json.loads(text)
    return np.array(values, dtype=dtype)


_KINDS: dict[str, _Kind] = {
    "uuid": _Kind("uuid.UUID", str, uuid.UUID),
    "whole": _Kind("builtins.int", str, int),
    "fraction": _Kind("fractions.Fraction", str, fractions.Fraction),
    "complex": _Kind("builtins.complex", str, complex),
    "list": _Kind("builtins.list", _plain_json, json.loads, True),
    "tuple": _Kind("builtins.tuple", _plain_json, lambda text: tuple(json.loads(text))),
    "dict": _Kind("builtins.dict", _plain_json, json.loads, True),
    "set": _Kind("builtins.set", _set_json, lambda text: set(json.loads(text)), True),
    "frozenset": _Kind("builtins.frozenset", _set_json, lambda text: frozenset(json.loads(text))),
    "bytes": _Kind("builtins.bytes", bytes.hex, bytes.fromhex),
    "array": _Kind("numpy.ndarray", _write_array, _read_array, True),
    "interval": _Kind("pandas.Interval", _write_interval, _read_interval),
}
_NAMES = {kind.type: name for name, kind in _KINDS.items()}


# --- Python objects
def stood_for(values: Sequence[Any]) -> Column | None:
    """Python objects of one kind as text that stands for them; None where they are none, or would change.

    >>> stands_for(stood_for([{2, 1}, None])), stood_for([{2, 1}, None]).to_pylist()
    ('set', ['[1, 2]', None])
    """
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) != 1:
        return None
    found = kinds.pop()
    name = _NAMES.get(f"{found.__module__.split('.')[0]}.{found.__name__}")
    if name is None:
        return None
    kind = _KINDS[name]
    try:
        texts = [None if value is None else kind.write(value) for value in values]
        first = {text: value for text, value in zip(texts, values, strict=True) if text is not None}
        if not all(_same(kind.read(text), value) for text, value in first.items()):
            return None
    except (TypeError, ValueError, KeyError, RecursionError, OverflowError):
        return None
    return standing(texts, name)


def cell_that_stands(value: Any, kind: str) -> Column | None:
    """One given cell as text that stands for it, as its column's do; None where it is none of that kind."""
    if not kind:
        return None
    if isinstance(value, str):
        return standing([value], kind)
    if kind.startswith("["):
        plain = [*value] if isinstance(value, tuple) else value
        return standing([_plain_json(plain)], kind) if isinstance(plain, list | dict) else None
    found = stood_for([value])
    return found if found is not None and stands_for(found) == kind else None


def _same(one: Any, other: Any) -> bool:
    """Whether two objects are the same down to the types within them."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    return one == other


def objects_of(column: Column) -> list[Any] | None:
    """The cells that the texts of a column stand for, None where null; None where they are no objects."""
    kind = _KINDS.get(stands_for(column))
    if kind is None:
        return None
    index, texts = codes(column)
    if kind.changes:
        return [None if place < 0 else kind.read(texts[place]) for place in index.tolist()]
    made = [*map(kind.read, texts), None]
    return [made[place] for place in index.tolist()]


# --- nested Arrow cells
def nested_word(kind: DataType) -> str | None:
    """A nested Arrow type as JSON, for `standing`; None for a type that could not be made again.

    >>> nested_word(DataType.list(Field("item", DataType.int64())))
    '["list", "int64"]'
    """
    described = _described(kind, 0)
    return None if described is None else json.dumps(described, ensure_ascii=False)


_PARTS = tuple("int uint float32 float64 string large_string bool date32 decimal timestamp[".split())
"""Types of parts that JSON carries there and back without a change, moments down to the microsecond."""


def _described(kind: DataType, depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    if not DataType.is_nested(kind) or DataType.is_dictionary(kind):
        from sampan.arrow_type import name_of  # fields bring torch with them: only where needed

        try:
            word = name_of(kind).replace("string_view", "string")
        except DataError:
            return None
        return word if word.startswith(_PARTS) and not word.endswith(("[ns]", "view")) else None
    if DataType.is_struct(kind):
        parts = [[one.name, _described(one.type, depth + 1)] for one in kind.fields]
        # one of no parts is a type that no Parquet file can hold
        return ["struct", parts] if parts and all(part is not None for _, part in parts) else None
    if kind.value_type is None or DataType.is_map(kind):
        return None
    inner = _described(kind.value_type, depth + 1)
    if inner is None:
        return None
    if DataType.is_fixed_size_list(kind):
        return ["fixed", inner, kind.list_size]
    if DataType.is_large_list(kind):
        return ["large", inner]
    return ["list", inner] if DataType.is_list(kind) else None


def _type_of(described: Any, depth: int = 0) -> DataType:
    """The Arrow type of a description. Raises StoreError for what is none."""
    match described:
        case str():
            from sampan.arrow_type import named

            return named(described)
        case ["list", inner] if depth < _DEEPEST:
            return DataType.list(_item(inner, depth))
        case ["large", inner] if depth < _DEEPEST:
            return DataType.large_list(_item(inner, depth))
        case ["fixed", inner, int(size)] if depth < _DEEPEST and 0 <= size < 1 << 20:
            return DataType.list(_item(inner, depth), size)
        case ["struct", list(parts)] if depth < _DEEPEST:
            return DataType.struct(
                [Field(str(name), _type_of(inner, depth + 1), nullable=True) for name, inner in parts]
            )
    raise StoreError.of_model(
        f"{str(described)[:60]!r} describes no lists or structs.",
        "What nested cells consist of.",
    )


def _item(inner: Any, depth: int) -> Field:
    return Field("item", _type_of(inner, depth + 1), nullable=True)


def of_nested(column: Column, texts: Sequence[str | None]) -> Column:
    """The JSON of nested Arrow cells as a column that stands for them; plain text where they would change."""
    word = nested_word(column.type)
    return from_strings(texts) if word is None else standing(texts, word)


def nested_of(column: Column) -> Column | None:
    """The nested Arrow cells that a column's texts stand for; None where they stand for no such cells."""
    word = stands_for(column)
    if not word.startswith("["):
        return None
    kind = _type_of(json.loads(word))
    index, texts = codes(column)
    lines = "\n".join('{"v": ' + text + "}" for text in ["null", *texts])
    read = read_json(io.BytesIO(lines.encode()), Schema([Field("v", kind, nullable=True)]))
    cells = read.read_all().column(0).combine_chunks()
    return compute.take(cells, Array.from_numpy(index + 1))


def restored(column: Column) -> Column:
    """A column as Arrow holds it: nested cells instead of their JSON, all else as it is."""
    nested = nested_of(column)
    if nested is not None:
        return nested
    return compute.cast(column, DataType.string()) if stands_for(column) else column
