"""What a Parquet file says of itself, read before its pages are: a false word would take all memory.

The footer is Thrift in its compact form: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
Only numbers are taken out of it; lists and texts are walked over, and none may be longer than what is left.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from sampan.data.limits import limits, refuse_wide, size, to_raise
from sampan.data.origin import damaged
from sampan.errors import DataError

_BATCH = 1 << 28
"""Bytes that a block may take where every row of it held a column's largest value."""
_LONG, _MANY = 1 << 12, 1 << 30
"""Values as long as this on average, repeated to so many bytes, are no column of a table."""
_DEEP = 32
_TEXTS = (6, 7)  # BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY


class _Wrong(Exception):
    """A footer that is no footer."""


class Footer(NamedTuple):
    """columns: how many there are. rows: most of one block, so that none of them fills the memory."""

    columns: int
    rows: int


def read_footer(path: Path, label: str) -> Footer:
    """Look at the last part of a Parquet file. Raises DataError where it is none, or a bomb."""
    with open(path, "rb") as handle:
        whole = handle.seek(0, 2)
        handle.seek(max(0, whole - 8))
        end = handle.read()
        length = int.from_bytes(end[:4], "little")
        if whole < 12 or end[4:] != b"PAR1" or length > whole - 8:
            raise damaged(label, "Parquet", "it breaks off before its last part")
        handle.seek(whole - 8 - length)
        try:
            told = _Thrift(handle.read(length)).struct()
            leaves = [one for one in _listed(told, 2) if 5 not in one]
            refuse_wide(label, len(leaves))
            largest = 1
            for group in _listed(told, 4):
                for chunk in _listed(group, 1):
                    said = chunk.get(3, {})
                    if not isinstance(said, dict):
                        raise _Wrong("a column without a description")
                    numbers = [said.get(one, 0) for one in (1, 5, 6, 7, 9, 11)]
                    if not all(isinstance(number, int) and number >= 0 for number in numbers):
                        raise _Wrong("a size below zero")
                    kind, values, _, packed, pages, words = numbers
                    if packed > whole or max(pages, words) > whole:
                        raise _Wrong("a column larger than the file")
                    if kind in _TEXTS and words:
                        handle.seek(words)
                        page = _Thrift(handle.read(1 << 12)).struct()
                        largest = max(largest, _largest(page, values, label))
        except (_Wrong, IndexError, RecursionError, MemoryError) as error:
            raise damaged(label, "Parquet", str(error) or "its last part breaks off") from error
    return Footer(len(leaves), max(16, _BATCH // largest))


def _listed(told: dict[int, Any], field: int) -> list[dict[int, Any]]:
    found = told.get(field, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _Wrong("a list that is none")
    return found


def _largest(page: dict[int, Any], values: int, label: str) -> int:
    """How long a value of a dictionary can be. Raises DataError where its values, repeated, are a bomb."""
    length, held = page.get(2, 0), page.get(7, {})
    count = held.get(1, 0) if isinstance(held, dict) else 0
    if not isinstance(length, int) or not isinstance(count, int) or length < 0 or count < 0:
        raise _Wrong("a size below zero")
    most = limits().value
    mean = length / max(1, count)
    if length > most or (mean > _LONG and mean * values > _MANY):
        what = f"repeats values of {size(mean)} in {values:,} rows" if length <= most else "holds long values"
        raise DataError(
            f"{label} {what}: {size(length)} that are written once and would be unpacked for every row.",
            f"Expected: values that rows share of {size(most)} in all, and short ones in many rows.",
            to_raise("value", 2 * length) if length > most else "Leave out that column.",
        )
    return length


class _Thrift:
    """Walks one struct in the compact form: field -> number, struct, list, or None for a text."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _DEEP:
            raise _Wrong("structs too deep in one another")
        out: dict[int, Any] = {}
        field = 0
        while (head := self._byte()) != 0:
            step, kind = head >> 4, head & 15
            field = field + step if step else self._zigzag()
            out[field] = (kind == 1) if kind in (1, 2) else self._value(kind, depth)
        return out

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _varint(self) -> int:
        shift = out = 0
        while True:
            byte = self._byte()
            out |= (byte & 127) << shift
            if byte < 128:
                return out
            shift += 7
            if shift > 63:
                raise _Wrong("a number that does not end")

    def _zigzag(self) -> int:
        raw = self._varint()
        return (raw >> 1) ^ -(raw & 1)

    def _skip(self, count: int) -> None:
        if count > len(self.data) - self.at:
            raise _Wrong("a part longer than what holds it")
        self.at += count

    def _value(self, kind: int, depth: int) -> Any:
        match kind:
            case 1 | 2 | 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._zigzag()
            case 7:
                self._skip(8)
            case 8:
                self._skip(self._varint())
            case 9 | 10:
                head = self._byte()
                count = head >> 4 if head >> 4 < 15 else self._varint()
                if count > len(self.data) - self.at:
                    raise _Wrong("a list longer than what holds it")
                return [self._value(head & 15, depth + 1) for _ in range(count)]
            case 11:
                count = self._varint()
                kinds = self._byte() if count else 0
                if count > len(self.data) - self.at:
                    raise _Wrong("a map longer than what holds it")
                for _ in range(count):
                    self._value(kinds >> 4, depth + 1)
                    self._value(kinds & 15, depth + 1)
            case 12:
                return self.struct(depth + 1)
            case _:
                raise _Wrong("a kind of value that there is none of")
        return None
