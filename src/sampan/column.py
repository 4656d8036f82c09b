"""An Arrow column, and the few NumPy views of it that fields need.

A column is an `arro3.core.Array`: one contiguous Arrow array with its own validity. It may have any
Arrow type; what came from a text file is utf8 and only a field decides what it means.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import (
    Array,
    ChunkedArray,
    DataType,
    Field,
    RecordBatch,
    Schema,
    dictionary_dictionary,
    dictionary_indices,
)

Column = Array

LONGEST = 400
"""Letters beyond which a cell is text and nothing else: no pattern is tried on it, so no cell is slow."""


MARKS = frozenset(
    [
        *("", "na", "n/a", "#n/a", "n.a.", "n.a", "nan", "nat", "<na>", "null", "#null!", "none"),
        *("nil", "nd", "-", "--", "---", "–", "—", "?", "??", ".", "..", "missing", "unknown"),
        *("not available", "\\n", "#value!", "#div/0!", "#num!"),
        *("無", "无", "不詳", "不详", "未知", "缺", "缺失", "空"),
        *("暫無", "暂无", "無資料", "无资料"),
    ]
)
"""What people write for "no number here", in lower case and without blanks around it."""


def is_mark(text: str) -> bool:
    """Whether a text says that something is missing.

    >>> is_mark(" N/A "), is_mark("不詳"), is_mark("0")
    (True, True, False)
    """
    return text.strip().lower() in MARKS


def is_nothing(text: str) -> bool:
    """Whether a text says that nothing is there: "NA", or a date of zeros as MySQL writes it.

    >>> is_nothing("0000-00-00 00:00:00"), is_nothing("00:00")
    (True, False)
    """
    if not text.startswith("0000"):
        return is_mark(text)
    return re.fullmatch(r"0000[-/.]?00[-/.]?00([ T]0?0:00(:00)?)?", text.strip()) is not None


_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[^\W_A-Za-z0-9]+")


def words_of(name: str) -> list[str]:
    """The words of a column's name, in lower case.

    >>> words_of("customerTypeCode"), words_of("customer_type_code 2")
    (['customer', 'type', 'code'], ['customer', 'type', 'code'])
    """
    return [word.lower() for word in _WORD.findall(name)]


def missing(column: Column) -> np.ndarray:
    """Which cells are null: bool (rows,)."""
    if column.null_count == 0:
        return np.zeros(len(column), dtype=bool)
    return np.asarray(compute.is_null(column)).astype(bool)


def is_text(column: Column) -> bool:
    """Whether the column holds strings."""
    kind = column.type
    return DataType.is_string(kind) or DataType.is_large_string(kind) or DataType.is_string_view(kind)


def holds_bytes(column: Column) -> bool:
    """Whether the column holds bytes."""
    return DataType.is_binary(column.type) or DataType.is_large_binary(column.type)


_EXTENSION = b"ARROW:extension:name", b"ARROW:extension:metadata"
_FILES = b"sampan.files"


def of_files(paths: Sequence[str | None], kind: str) -> Column:
    """A utf8 column of paths that says what the files are: `kind` is a field's word, such as "image".

    Said as Arrow says it, by an extension type, so that it stays with the column when rows are taken, sliced
    or joined. Only readers of folders make such columns: what merely looks like a path is text.
    """
    return _meaning(paths, _FILES, kind)


def _meaning(texts: Sequence[str | None], extension: bytes, kind: str) -> Column:
    said = {name.decode(): value for name, value in zip(_EXTENSION, (extension.decode(), kind), strict=True)}
    return Array(texts, Field("", DataType.string(), nullable=True, metadata=said))


def _meant(column: Column, extension: bytes) -> str:
    said = column.field.metadata
    return said.get(_EXTENSION[1], b"").decode() if said.get(_EXTENSION[0]) == extension else ""


def file_kind(column: Column) -> str:
    """What the files are whose paths a column holds; '' where it holds no paths.

    >>> file_kind(of_files(["a.png"], "image")), file_kind(from_strings(["a.png"]))
    ('image', '')
    """
    return _meant(column, _FILES)


_STANDS = b"sampan.stands"


def standing(texts: Sequence[str | None], kind: str) -> Column:
    """A utf8 column whose texts stand for cells of another kind, such as "uuid" (see `sampan.data.objects`).

    Fields compare and repeat the texts as any others; where a column leaves, its cells become what they were.
    """
    return _meaning(texts, _STANDS, kind)


def stands_for(column: Column) -> str:
    """What the texts of a column stand for; '' where they are no more than texts.

    >>> stands_for(standing(["[1, 2]"], "list")), stands_for(from_strings(["[1, 2]"]))
    ('list', '')
    """
    return _meant(column, _STANDS)


_ORDER = b"sampan.order"


def in_order(column: Column, values: Sequence[str]) -> Column:
    """The column, saying that its values lie on a scale: all of them as text, the least first."""
    said = {name.decode(): value.decode() for name, value in column.field.metadata.items()}
    said[_ORDER.decode()] = json.dumps(list(values))
    field = Field("", column.type, nullable=True, metadata=said)
    return RecordBatch.from_arrays([column], schema=Schema([field])).column(0)


def order_of(column: Column) -> tuple[str, ...]:
    """The values of a column from the least to the greatest, where `in_order` said so; else none.

    >>> order_of(in_order(from_strings(["L", "S"]), ["S", "M", "L"]))
    ('S', 'M', 'L')
    """
    return tuple(json.loads(column.field.metadata.get(_ORDER, b"[]")))


def as_plain(column: Column) -> Column:
    """The column without what the functions above say of it: a table from elsewhere must not name files of
    this machine, nor say what its texts become."""
    said = column.field.metadata
    return compute.cast(column, column.type) if said.get(_EXTENSION[0]) in _OURS or _ORDER in said else column


_OURS = (_FILES, _STANDS)


def _scatter(column: Column, fill: float, dtype: type) -> np.ndarray:
    """The column as NumPy with `fill` where null (NumPy cannot view an Arrow array that has nulls)."""
    gone = missing(column)
    if not gone.any():
        return np.array(column.to_numpy(), dtype=dtype)  # a copy: Arrow memory is read-only
    out = np.full(len(column), fill, dtype=dtype)
    kept = compute.take(column, Array.from_numpy(np.flatnonzero(~gone)))
    out[~gone] = kept.to_numpy()
    return out


def floats(column: Column) -> np.ndarray:
    """The column as float64 (rows,), NaN where null. Text that is no number becomes NaN too.

    A shorter float is the number that it is written as: the float32 nearest to 12.34 is 12.34 here, and not
    12.340000152587890625.
    """
    short = short_float(column.type)
    if short is not None:
        return as_written(_scatter(column, np.nan, short))
    return _scatter(compute.cast(column, DataType.float64()), np.nan, np.float64)


def short_float(kind: DataType) -> type[np.floating] | None:
    """The NumPy type of an Arrow float that is shorter than float64; None for any other type."""
    if DataType.is_float32(kind):
        return np.float32
    return np.float16 if DataType.is_float16(kind) else None


_DIGITS = {np.dtype(np.float16): 5, np.dtype(np.float32): 9}
"""Digits that tell every number of a type from its neighbours."""


def as_written(values: np.ndarray) -> np.ndarray:
    """float16 or float32 numbers as float64, each as the fewest digits that mean it and no other say it.

    >>> as_written(np.array([12.34, 1e-7, 16777217, np.inf], dtype=np.float32)).tolist()
    [12.34, 1e-07, 16777216.0, inf]
    """
    short = values.ravel()
    exact = short.astype(np.float64)
    out = exact.copy()
    # whole numbers that the type counts one by one are said in full
    left = np.flatnonzero(np.isfinite(exact) & (exact != np.round(exact)))
    size = np.floor(np.log10(np.abs(exact[left]))).astype(np.int64)
    for digits in range(1, _DIGITS[values.dtype] + 1):
        power = size + 1 - digits  # of ten that the last digit counts
        scale = 10.0 ** np.abs(power)
        down, up = np.round(exact[left] / scale) * scale, np.round(exact[left] * scale) / scale
        tried = np.where(power > 0, down, up)
        with np.errstate(over="ignore"):
            found = tried.astype(short.dtype) == short[left]
        out[left[found]] = tried[found]
        left, size = left[~found], size[~found]
        if not left.size:
            break
    return out.reshape(values.shape)


def integers(column: Column) -> np.ndarray:
    """A column of whole numbers as they are: uint64 or int64 (rows,), 0 where null. No digit is lost."""
    wide = DataType.is_unsigned_integer(column.type)
    kind, dtype = (DataType.uint64(), np.uint64) if wide else (DataType.int64(), np.int64)
    return _scatter(compute.cast(column, kind), 0, dtype)


def codes(column: Column) -> tuple[np.ndarray, list[Any]]:
    """Index of each cell's value among the distinct ones: int64 (rows,), -1 where null; and those values.

    The distinct values are Python scalars in order of first appearance.
    """
    if DataType.is_boolean(column.type):  # arrow-rs has no dictionaries of these two types
        index, values = codes(compute.cast(column, DataType.uint8()))
        return index, [bool(value) for value in values]
    if DataType.is_string_view(column.type):
        column = compute.cast(column, DataType.string())
    encoded = compute.dictionary_encode(column)
    index = _scatter(dictionary_indices(encoded), -1, np.int64)
    distinct = dictionary_dictionary(encoded)
    if DataType.is_timestamp(column.type) and distinct.type != column.type:  # the encoding drops the zone
        distinct = compute.cast(compute.cast(distinct, DataType.int64()), column.type)
    return index, list(distinct.to_pylist())


def from_strings(values: Sequence[str | None]) -> Column:
    """A utf8 column of Python strings."""
    return Array(values, DataType.string())


def take(values: Column, index: np.ndarray) -> Column:
    """values[index], null where the index is negative."""
    taken = compute.take(values, Array.from_numpy(np.maximum(index, 0).astype(np.int64)))
    return with_nulls(taken, index < 0)


def with_nulls(column: Column, gone: np.ndarray) -> Column:
    """The column with the cells of `gone` (bool (rows,)) set to null."""
    if not gone.any():
        return column
    order = np.arange(len(column), dtype=np.float64)
    order[gone] = np.nan  # Arrow casts NaN to a null index, and a null index takes a null
    return compute.take(column, compute.cast(Array.from_numpy(order), DataType.int64()))


def from_numpy(values: np.ndarray, gone: np.ndarray | None = None) -> Column:
    """A column of a NumPy vector; NaN, NaT and the cells of `gone` (bool (rows,)) become null."""
    native = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    lost = np.isnan(native) if native.dtype.kind == "f" else None
    if native.dtype.kind in "mM":
        lost = np.isnat(native)
        native = np.where(lost, np.zeros(1, native.dtype), native)  # NaT as days does not fit Arrow's 32 bits
    if lost is not None:
        gone = lost if gone is None else lost | gone
    column = Array.from_numpy(native)
    return column if gone is None else with_nulls(column, gone)


UTF8_LIMIT = 2**31 - 1
"""Bytes that a `string` column can hold (its offsets are 32 bits); beyond it, `large_string`."""


def join(pieces: Sequence[Column]) -> Column:
    """The pieces of one column end to end, in one contiguous array."""
    if len(pieces) == 1:
        return pieces[0]
    kinds = {str(piece.type) for piece in pieces}
    is_long = sum(piece.nbytes for piece in pieces) > UTF8_LIMIT
    if any(map(is_text, pieces)) and (is_long or len(kinds) > 1):
        pieces = [compute.cast(piece, DataType.large_string()) for piece in pieces]
    elif DataType.is_binary(pieces[0].type) and (is_long or len(kinds) > 1):
        pieces = [compute.cast(piece, DataType.large_binary()) for piece in pieces]
    return ChunkedArray(list(pieces)).combine_chunks()
