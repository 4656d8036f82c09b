"""Plain values out of files that anybody may have written: read with limits, and checked against a schema.

    Record({"rows": Whole(0), "names": ListOf(Text())}).check(json_of(data), "model.json")

Nothing here allocates more than the file is worth; what is wrong is one error, `Wrong`, that says where.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, cast

if TYPE_CHECKING:  # a card tells the version, for which nobody should wait for NumPy
    import numpy as np

MOST_PARTS = 1_000_000
"""Values of one JSON file: each takes some hundred bytes of memory, however short it is written."""

DEEPEST = 64
"""Levels of one JSON file: more than any that is written here."""

_LARGEST = 1 << 63


class Wrong(ValueError):
    """A value that is not what its schema says; the message says where, what, and what was expected."""


def short(value: object) -> str:
    """A value as people can take it in, on one line and never long."""
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 256:
        return f"a whole number of about {int(value.bit_length() / 3.3219281) + 1:,} digits"
    if isinstance(value, list | tuple | dict | set | frozenset):
        return f"a {type(value).__name__} of {len(value):,}"
    text = repr(value[:61] if isinstance(value, str | bytes) else value)
    return text if len(text) <= 60 else text[:57] + "..."


# --- what a value may be
class Kind(ABC):
    """What one value of a file may be."""

    @abstractmethod
    def check(self, value: Any, at: str) -> Any:
        """The value, where it is one of these; at: what to call it. Raises Wrong."""


def _wrong(at: str, value: Any, expected: str) -> Wrong:
    return Wrong(f"{at} is {short(value)}, and {expected} is expected")


@dataclass(frozen=True)
class Text(Kind):
    """Text of at most so many characters; one of some words, where there are any."""

    most: int = 100_000
    words: Iterable[str] | None = None

    def check(self, value: Any, at: str) -> str:
        """The text."""
        if not isinstance(value, str):
            raise _wrong(at, value, "text")
        if len(value) > self.most:
            raise _wrong(at, value, f"text of at most {self.most:,} characters")
        if self.words is not None and value not in self.words:
            raise _wrong(at, value, f"one of {', '.join(self.words)}")
        return value


@dataclass(frozen=True)
class Truth(Kind):
    """True or false."""

    def check(self, value: Any, at: str) -> bool:
        """The truth value."""
        if not isinstance(value, bool):
            raise _wrong(at, value, "true or false")
        return value


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number from `low` to `high`, both included."""

    low: int = -_LARGEST
    high: int = _LARGEST - 1

    def check(self, value: Any, at: str) -> int:
        """The number."""
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise _wrong(at, value, f"a whole number from {self.low:,} to {self.high:,}")
        return value


@dataclass(frozen=True)
class Amount(Kind):
    """A finite number from `low` to `high`, both included."""

    low: float = -math.inf
    high: float = math.inf

    def check(self, value: Any, at: str) -> float:
        """The number."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _wrong(at, value, "a number")
        if isinstance(value, int) and value.bit_length() > 1_000:
            raise _wrong(at, value, "a number that a computer's floats can hold")
        if not math.isfinite(value) or not self.low <= value <= self.high:
            raise _wrong(at, value, f"a number from {self.low:g} to {self.high:g}")
        return value


@dataclass(frozen=True)
class Maybe(Kind):
    """null, or what `kind` says."""

    kind: Kind

    def check(self, value: Any, at: str) -> Any:
        """The value."""
        return None if value is None else self.kind.check(value, at)


@dataclass(frozen=True)
class Either(Kind):
    """What the first of some kinds says that takes it."""

    kinds: tuple[Kind, ...]

    def check(self, value: Any, at: str) -> Any:
        """The value."""
        told: list[str] = []
        for kind in self.kinds:
            try:
                return kind.check(value, at)
            except Wrong as wrong:
                told.append(str(wrong))
        raise Wrong(told[-1])


@dataclass(frozen=True)
class ListOf(Kind):
    """A list of at least and at most so many values of a kind."""

    kind: Kind
    least: int = 0
    most: int = MOST_PARTS

    def check(self, value: Any, at: str) -> list[Any]:
        """The list."""
        if not isinstance(value, list | tuple):
            raise _wrong(at, value, "a list")
        if not self.least <= len(value) <= self.most:
            raise _wrong(at, value, f"a list of {self.least:,} to {self.most:,}")
        for place, one in enumerate(value):
            self.kind.check(one, f"{at}[{place}]")
        return cast("list[Any]", value)


@dataclass(frozen=True)
class Table(Kind):
    """Names to values of one kind."""

    kind: Kind

    def check(self, value: Any, at: str) -> dict[str, Any]:
        """The dict."""
        if not isinstance(value, dict):
            raise _wrong(at, value, "names with values")
        for name, one in value.items():
            self.kind.check(one, f"{at}.{name[:40]}")
        return value


@dataclass(frozen=True)
class Record(Kind):
    """The names that are expected, each with its kind, and no others; those of `optional` may be absent."""

    kinds: Mapping[str, Kind]
    optional: Mapping[str, Kind] = field(default_factory=dict)

    def check(self, value: Any, at: str) -> dict[str, Any]:
        """The dict."""
        if not isinstance(value, dict):
            raise _wrong(at, value, "names with values")
        for name in self.kinds:
            if name not in value:
                raise Wrong(f"{at} has no {name!r}")
        for name, one in value.items():
            kind = self.kinds.get(name) or self.optional.get(name)
            if kind is None:
                raise Wrong(f"{at} has {short(name)}, which does not belong there")
            kind.check(one, f"{at}.{name}")
        return value


@dataclass(frozen=True)
class Plain(Kind):
    """Any JSON value whose numbers are finite, of 64 bits, and at most so large."""

    largest: int = _LARGEST

    def check(self, value: Any, at: str) -> Any:
        """The value."""
        match value:
            case dict():
                for name, one in value.items():
                    self.check(one, f"{at}.{name[:40]}")
            case list() | tuple():
                for place, one in enumerate(value):
                    self.check(one, f"{at}[{place}]")
            case bool() | str() | None:
                pass
            case int():
                Whole(-self.largest, self.largest).check(value, at)
            case float():
                Amount().check(value, at)
            case _:
                raise _wrong(at, value, "a plain value")
        return value


def fields_of(kind: type[Any], whole: Kind, other: Kind) -> Record:
    """What the fields of a dataclass of plain values may be, by the types that they are declared with.

    whole: what its whole numbers may be. other: what is of none of the plain types.
    """
    known: dict[str, Kind] = {
        "int": whole,
        "float": Amount(-1e9, 1e9),
        "bool": Truth(),
        "str": Text(10_000),
        "list[str]": ListOf(Text()),
        "list[list[int]]": ListOf(ListOf(whole)),
        "dict[str, str]": Table(Text()),
        "dict[str, Any]": Table(Plain()),
    }
    kinds: dict[str, Kind] = {}
    for one in dataclasses.fields(kind):
        word = str(one.type)
        found = known.get(word.removesuffix(" | None"), other)
        kinds[one.name] = Maybe(found) if word.endswith(" | None") else found
    return Record({}, kinds)


# --- JSON
def json_of(data: bytes, at: str) -> Any:
    """The value of a JSON file. Raises Wrong for text that is none, too deep, too much or ambiguous.

    >>> json_of(b'{"a": 1, "a": 2}', "model.json")
    Traceback (most recent call last):
    sampan.checked.Wrong: model.json says 'a' twice
    """
    if data.count(b",") + data.count(b"[") + data.count(b"{") > MOST_PARTS:
        raise Wrong(f"{at} holds more than {MOST_PARTS:,} values")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            twice = next(name for name, _ in pairs if name in seen or seen.add(name))
            raise Wrong(f"{at} says {short(twice)} twice")
        return found

    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=once, parse_constant=lambda word: None)
        if b"\\ud" in data.lower():
            json.dumps(value, ensure_ascii=False).encode("utf-8")  # half a character can be in no text
        too_deep = _deeper(value, DEEPEST)
    except Wrong:
        raise
    except RecursionError:
        too_deep, value = True, None
    except ValueError as error:  # UnicodeError among them, and numbers of thousands of digits
        raise Wrong(f"{at} is no JSON text ({short(str(error))[1:-1]})") from None
    if too_deep:
        raise Wrong(f"{at} is more than {DEEPEST} levels deep")
    return value


def _deeper(value: Any, levels: int) -> bool:
    """Whether a JSON value has more levels than so many."""
    level = [value]
    for _ in range(levels + 1):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


# --- files
def open_file(path: Path, most: int) -> BinaryIO:
    """A regular file, open for reading. Raises Wrong for a link, a pipe, a device, and one that is too large.

    Nothing waits: a pipe that nobody writes to is refused like any other.
    """
    flags = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"))
    kind = os.lstat(path).st_mode
    if not stat.S_ISREG(kind):
        what = "a link" if stat.S_ISLNK(kind) else "a folder" if stat.S_ISDIR(kind) else "a pipe or a device"
        raise Wrong(f"{path.name} is {what}, and a file of its own is expected")
    file = os.fdopen(os.open(path, os.O_RDONLY | flags), "rb")
    told = os.fstat(file.fileno())
    if not stat.S_ISREG(told.st_mode) or told.st_size > most:
        file.close()
        raise Wrong(f"{path.name} holds {told.st_size:,} bytes, and at most {most:,} are expected")
    return file


# --- safetensors
@dataclass(frozen=True)
class Tensors:
    """What the header of a safetensors file says: the shape and the word for the type of each tensor.

    size: of the whole file, in bytes. metadata: texts.
    """

    BYTES: ClassVar[dict[str, int]] = {
        word: size
        for size, words in (
            (1, "BOOL U8 I8"),
            (2, "U16 I16 F16 BF16"),
            (4, "U32 I32 F32"),
            (8, "U64 I64 F64"),
        )
        for word in words.split()
    }
    shapes: Mapping[str, tuple[int, ...]]
    types: Mapping[str, str]
    size: int
    metadata: Mapping[str, str]

    @classmethod
    def read(cls, file: BinaryIO, at: str) -> Tensors:
        """The header of a file that is open at its beginning. Raises Wrong where it cannot be true."""
        whole = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= min(whole - 8, _MOST_HEADER):
            raise Wrong(f"{at} is no safetensors file of at most {_MOST_HEADER:,} bytes of header")
        header = _HEADER.check(json_of(file.read(length), at), at)
        metadata = _TEXTS.check(header.pop("__metadata__", None) or {}, f"{at}.__metadata__")
        for name, told in header.items():
            _TENSOR.check(told, f"{at}.{name[:60]}")
        shapes, types, end = {}, {}, 0
        for name, told in sorted(header.items(), key=lambda one: one[1]["data_offsets"]):
            begin, stop = told["data_offsets"]
            count = math.prod(told["shape"])
            if begin != end or stop - begin != count * cls.BYTES[told["dtype"]]:
                raise Wrong(f"{at}.{name[:60]} does not lie where its shape says")
            end = stop
            shapes[name], types[name] = tuple(told["shape"]), told["dtype"]
        if 8 + length + end != whole:
            raise Wrong(f"{at} is of {whole:,} bytes, and its header speaks of {8 + length + end:,}")
        file.seek(0)
        return cls(shapes, types, whole, metadata)


_MOST_HEADER = 1 << 24
_TEXTS = Table(Text(1 << 24))
_HEADER = Table(Table(Plain()))
_TENSOR = Record(
    {
        "dtype": Text(words=tuple(Tensors.BYTES)),
        "shape": ListOf(Whole(0, 1 << 48), most=8),
        "data_offsets": ListOf(Whole(0, 1 << 62), least=2, most=2),
    }
)


# --- arrays
def array_of(arrays: Mapping[str, np.ndarray], name: str, kinds: str = "iu", least: int = 0) -> np.ndarray:
    """One array in one dimension, of some kinds of numbers (as NumPy writes them). Raises Wrong."""
    if name not in arrays:
        raise Wrong(f"the table {name!r} is not there")
    found = arrays[name]
    if found.ndim != 1 or found.dtype.kind not in kinds or found.size < least:
        raise Wrong(f"the table {name!r} is of {found.dtype} {found.shape}, and that cannot be")
    return found


def only(arrays: Mapping[str, np.ndarray], names: Iterable[str]) -> None:
    """Raise Wrong where there are other arrays than these."""
    strange = set(arrays) - set(names)
    if strange:
        raise Wrong(f"there is a table {short(min(strange))}, which does not belong there")
