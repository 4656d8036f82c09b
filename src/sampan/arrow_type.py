"""An Arrow type as a word that a JSON file can hold, and cells of any type as text and back.

Fields whose values are compared for being equal and nothing else (categories, constants, identifiers) keep
them as text: one way for every type.
"""

from __future__ import annotations

import arro3.compute as compute
import numpy as np
from arro3.core import DataType

from sampan.column import Column, from_strings, standing, stands_for
from sampan.errors import DataError, StoreError

_PLAIN: dict[str, DataType] = {
    name: getattr(DataType, name)()
    for name in (
        *("string", "large_string", "string_view", "bool", "date32", "date64"),
        *("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "binary", "large_binary"),
    )
}
_UNITS = ("s", "ms", "us", "ns")


def name_of(kind: DataType) -> str:
    """The word for an Arrow type. Raises DataError for types that hold no single value (lists).

    >>> name_of(DataType.timestamp("us", tz="UTC"))
    'timestamp[us,UTC]'
    """
    for name, plain in _PLAIN.items():
        if plain == kind:
            return name
    for unit in _UNITS:
        if DataType.is_timestamp(kind) and DataType.timestamp(unit, tz=kind.tz) == kind:
            return f"timestamp[{unit},{kind.tz}]" if kind.tz else f"timestamp[{unit}]"
        if DataType.is_duration(kind) and DataType.duration(unit) == kind:
            return f"duration[{unit}]"
        if DataType.is_time(kind):
            long = unit in ("us", "ns")
            if (DataType.time64(unit) if long else DataType.time32(unit)) == kind:
                return f"time[{unit}]"
    if DataType.is_decimal128(kind):
        for precision in range(1, 39):
            for scale in range(precision + 1):
                if DataType.decimal128(precision, scale) == kind:
                    return f"decimal128[{precision},{scale}]"
    if DataType.is_dictionary(kind) and kind.value_type is not None:
        for name, plain in _PLAIN.items():
            if "int" in name and DataType.dictionary(plain, kind.value_type) == kind:
                return f"dictionary[{name},{name_of(kind.value_type)}]"
    raise DataError(
        f"cells of the Arrow type {str(kind).strip()} cannot be learned.",
        "Text, numbers, yes/no, dates or times.",
        "Turn the column into text, or leave it out.",
    )


def word_of(column: Column) -> str:
    """The word for what a column is: its Arrow type, and behind it what its texts stand for, if anything.

    >>> word_of(from_strings(["a"])), word_of(standing(["{1, 2}"], "set"))
    ('string', 'string[set]')
    """
    kind = stands_for(column)
    return f"{name_of(column.type)}[{kind}]" if kind else name_of(column.type)


def of_text(texts: Column, word: str) -> Column:
    """A utf8 column as what a word from `word_of` says: of that type, or standing for that kind."""
    head, _, kind = word.partition("[")
    if head == "string" and kind:
        return standing(list(texts.to_pylist()), kind.removesuffix("]"))
    return from_text(texts, named(word))


def named(name: str) -> DataType:
    """The Arrow type of a word from `name_of` or `word_of`. Raises StoreError for any other word.

    >>> named("decimal128[10,2]") == DataType.decimal128(10, 2)
    True
    """
    if name in _PLAIN:
        return _PLAIN[name]
    head, _, rest = name.partition("[")
    first, _, second = rest.removesuffix("]").partition(",")
    try:
        match head:
            case "timestamp" if first in _UNITS:
                return _castable(DataType.timestamp(first, tz=second or None))  # type: ignore[arg-type]
            case "duration" if first in _UNITS:
                return DataType.duration(first)  # type: ignore[arg-type]
            case "time" if first in _UNITS:
                return DataType.time64(first) if first in ("us", "ns") else DataType.time32(first)  # type: ignore[arg-type]
            case "decimal128":
                return _castable(DataType.decimal128(int(first), int(second)))
            case "string":
                return DataType.string()
            case "dictionary" if first in _PLAIN:
                return DataType.dictionary(_PLAIN[first], named(second))
    except ValueError:
        pass
    raise StoreError.of_model(
        f"{name!r} names no type of column.",
        "A type such as string, int64 or timestamp[us].",
    )


def _castable(kind: DataType) -> DataType:
    """The type itself. Raises ValueError for a zone that is not known, and more digits than a type has."""
    try:
        compute.cast(compute.cast(Column([0], DataType.int64()), kind), DataType.string())
    except Exception as error:  # the library has errors of its own
        raise ValueError(str(error)) from error
    return kind


def as_text(column: Column) -> Column:
    """Every cell as text, utf8 (rows,): the shortest text that reads back as the same value."""
    if DataType.is_duration(column.type):
        column = compute.cast(column, DataType.int64())
    return column if column.type == DataType.string() else compute.cast(column, DataType.string())


def from_text(column: Column, kind: DataType) -> Column:
    """The inverse of `as_text`: a utf8 column as one of another type."""
    if column.type == kind:
        return column
    if DataType.is_duration(kind):
        column = compute.cast(column, DataType.int64())
    return compute.cast(column, kind)


def pack(texts: list[str]) -> dict[str, np.ndarray]:
    """Texts as two arrays of numbers: their UTF-8 bytes, and where each begins among them."""
    encoded = [text.encode() for text in texts]
    starts = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return {"bytes": np.frombuffer(b"".join(encoded), dtype=np.uint8).copy(), "starts": starts}


def unpack(arrays: dict[str, np.ndarray]) -> list[str]:
    """The texts that `pack` packed. Raises ValueError where the arrays do not fit together."""
    starts = arrays["starts"]
    whole = arrays["bytes"].tobytes()
    if (
        starts.ndim != 1
        or not starts.size
        or starts[0] != 0
        or starts[-1] != len(whole)
        or (np.diff(starts) < 0).any()
    ):
        raise ValueError("the texts of a column are cut in impossible places")
    bounds = starts.tolist()
    return [whole[a:b].decode() for a, b in zip(bounds, bounds[1:], strict=False)]


def nulls(rows: int, kind: DataType) -> Column:
    """A column of nothing but nulls, of any type."""
    return from_text(
        compute.take(from_strings(["", None]), Column.from_numpy(np.ones(rows, dtype=np.int64))), kind
    )
