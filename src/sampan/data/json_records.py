"""Records as JSON: one object on each line, or one array of objects, which is first laid out as lines.

Nothing is parsed before it is known how deep its values lie in one another, and how many cells its columns
would have: both can be made to fill the memory from a small file.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from arro3.core import DataType, Field, Schema
from arro3.io import infer_json_schema, read_json

from sampan import scratch
from sampan.data.hush import hushed
from sampan.data.limits import refuse_wide
from sampan.data.origin import READ_ERRORS, Origin, pieces, unreadable
from sampan.data.stream import Columns, Stream, block_rows, from_values, normal, unique_names
from sampan.errors import DataError

MOST_DEEP = 100
"""Values inside values; both readers of JSON that are used here give up soon after."""
_SPARSE, _SURELY = 10, 20_000_000
"""A table of so many cells that is so many times larger than its file has other keys in every record."""

_DEPTH = np.zeros(256, dtype=np.int8)
_DEPTH[[ord("["), ord("{")]] = 1
_DEPTH[[ord("]"), ord("}")]] = -1
_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_LONG = re.compile(rb"[:\s]-?[0-9]{19}[0-9]*\s*[,}]")
_MARK = b"\xef\xbb\xbf"
_BETWEEN = re.compile(r"[\s,]*")


def open_json(origin: Origin) -> Stream:
    """The Stream of a JSON file."""
    notes: list[str] = []
    head = origin.head(1 << 12)
    start = head.removeprefix(_MARK).lstrip()
    measured = _measured(origin)
    if start.startswith(b"["):
        origin = _lines_of_array(origin)
        measured = _measured(origin)
    elif head.startswith(_MARK):
        origin = _without_mark(origin)
    path = origin.on_disk()
    try:
        with hushed():
            schema = _in_order(path, infer_json_schema(str(path)))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        raise _wrong_record(origin, path, error) from error
    if not len(schema):
        raise DataError(
            f"{origin.label} holds no named values.",
            'Expected: records such as {"age": 39, "job": "clerk"}, one on each line.',
            "Check that each line is a JSON object.",
        )
    _refuse_wide(origin, len(schema), *measured)
    schema, long = _with_long_numbers(path, schema)
    names, renamed = unique_names(schema.names)
    nested = [name for name, kind in zip(schema.names, schema.types, strict=True) if DataType.is_nested(kind)]
    notes += renamed
    notes += [f'the nested values of "{name}" are taken as JSON text' for name in nested]
    notes += [
        f'"{name}" holds whole numbers beyond 64 bits: taken as text, with every digit' for name in long
    ]
    return Stream(names, _blocks(origin, path, schema, names, bool(nested)), notes)


def _with_long_numbers(path: Path, schema: Schema) -> tuple[Schema, list[str]]:
    """The schema with text where whole numbers are too long for 64 bits, and the names of those columns.

    The reader of JSON takes them for fractions, which keep sixteen digits.
    """
    doubtful = {
        name for name, kind in zip(schema.names, schema.types, strict=True) if DataType.is_floating(kind)
    }
    long: set[str] = set()
    if doubtful:
        with open(path, "rb") as handle:
            for line in handle:
                if not _LONG.search(line):
                    continue
                try:
                    record = json.loads(line, parse_constant=lambda _: None)
                except (ValueError, RecursionError):
                    continue  # reading it will say what is wrong
                if isinstance(record, dict):
                    long |= {
                        name
                        for name in doubtful - long
                        if isinstance(value := record.get(name), int) and not -(2**63) <= value < 2**63
                    }
                if long == doubtful:
                    break
    for place, name in enumerate(schema.names):
        if name in long:
            schema = schema.set(place, Field(name, DataType.string()))
    return schema, [name for name in schema.names if name in long]


def _blocks(
    origin: Origin, path: Path, schema: Schema, names: tuple[str, ...], nested: bool
) -> Iterator[Columns]:
    kinds = [
        DataType.string() if DataType.is_nested(kind) or DataType.is_null(kind) else kind
        for kind in schema.types
    ]
    done = 0
    if not nested:
        try:
            reader = read_json(str(path), schema, batch_size=block_rows(len(names)))
            while True:
                with hushed():
                    batch = next(reader, None)
                if batch is None:
                    return
                columns = (normal(batch.column(place)) for place in range(batch.num_columns))
                yield dict(zip(names, columns, strict=True))
                done += batch.num_rows
        except GeneratorExit:
            raise
        except Exception:  # a text column also holds numbers or objects: on with the patient reader
            pass
    with open(path, encoding="utf-8-sig") as handle:
        rest = itertools.islice((line for line in handle if line.strip()), done, None)
        while lines := list(itertools.islice(rest, block_rows(len(names)))):
            try:
                records = [json.loads(line) for line in lines]
                yield {
                    name: from_values([record.get(key) for record in records], kind)
                    for name, key, kind in zip(names, schema.names, kinds, strict=True)
                }
            except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
                raise _wrong_record(origin, path, error) from error


def _measured(origin: Origin) -> tuple[int, int]:
    """How many bytes and lines a text has. Raises DataError where its values lie too deep in one another."""
    most, count, lines, depth, deepest = MOST_DEEP, 0, 0, 0, 0
    try:
        for piece in pieces(origin.open()):
            count += len(piece)
            lines += piece.count(b"\n")
            steps = _DEPTH[np.frombuffer(piece, dtype=np.uint8)]
            steps = steps[steps != 0].astype(np.int64)  # what stands in texts counts too: more than there is
            if steps.size:
                levels = depth + np.cumsum(steps)
                deepest, depth = max(deepest, int(levels.max())), max(0, int(levels[-1]))
    except READ_ERRORS as error:
        raise unreadable(origin.label, error) from error
    if deepest > most and (really := _depth(origin)) > most:
        raise DataError(
            f"{origin.label} holds values that lie {really:,} deep in one another.",
            f"Expected: records of at most {most} levels.",
            "Write records of plain values, or of such as lie less deep.",
        )
    return count, lines + 1


def _depth(origin: Origin) -> int:
    """How deep values lie in one another, brackets in texts aside."""
    held, depth, deepest = b"", 0, 0
    for piece in itertools.chain(pieces(origin.open()), [b""]):
        held = _TEXT.sub(b"", held + piece)
        open_ = held.find(b'"') if piece else -1  # a text that goes on in the next piece
        now, held = (held, b"") if open_ < 0 else (held[:open_], held[open_:])
        steps = _DEPTH[np.frombuffer(now, dtype=np.uint8)].astype(np.int64)
        if steps.size:
            levels = depth + np.cumsum(steps)
            deepest, depth = max(deepest, int(levels.max())), int(levels[-1])
        if len(held) > 1 << 26:
            return deepest
    return deepest


def _refuse_wide(origin: Origin, width: int, size: int, lines: int) -> None:
    """Raise DataError for more columns than may be, or a table of which nearly no cell is filled."""
    refuse_wide(origin.label, width)
    cells = width * lines
    if cells > _SURELY and cells > _SPARSE * size:
        raise DataError(
            f"{origin.label} has other names in nearly every record: {width:,} columns, of which nearly no "
            "cell is filled.",
            "Expected: records that have most of their names in common.",
            'Write such names as values: {"name": "k1", "value": 7} in the place of {"k1": 7}.',
        )


def _in_order(path: Path, schema: Schema) -> Schema:
    """The schema in the order in which names appear in the file; the reader sorts them by letter."""
    seen: dict[str, None] = {}
    with open(path, encoding="utf-8-sig") as handle:
        for line in itertools.islice(handle, 1000):
            if line.strip():
                seen.update(dict.fromkeys(json.loads(line)))
    places = {name: place for place, name in enumerate(seen)}
    order = sorted(schema.names, key=lambda name: places.get(name, len(places)))
    fields = {field.name: field for field in schema}
    return Schema([fields[name] for name in order])


def _wrong_record(origin: Origin, path: Path, error: BaseException) -> DataError:
    """The error for the first line that is no JSON object."""
    number = 0
    with open(path, encoding="utf-8-sig", errors="replace") as handle:
        for number, line in enumerate(handle, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except (ValueError, RecursionError) as wrong:
                return _wrong(f"{origin.label}, record {number}: {str(wrong).splitlines()[0]}")
            if not isinstance(found, dict):
                what = _SAID.get(type(found), "a number")
                return _wrong(f"{origin.label}, record {number}: it is no object but {what}")
    return _wrong(f"{origin.label} could not be read as JSON lines: {str(error).splitlines()[0]}")


_SAID: dict[type, str] = {list: "an array", str: "a text", bool: "true or false", type(None): "null"}
"""What a value of JSON is, without what it says; any other is a number."""


def _wrong(what: str) -> DataError:
    return DataError(
        f"{what}.",
        'Expected: an object such as {"age": 39} on each line, or one array of such objects.',
        "Mend that record, or write the file again if it was cut short.",
    )


def _without_mark(origin: Origin) -> Origin:
    """The same lines without the mark of UTF-8 that Windows writes before them."""
    path = scratch.new_file(".jsonl")
    with open(path, "xb") as out:
        try:
            with origin.open() as source:
                source.read(len(_MARK))
                shutil.copyfileobj(source, out)
        except READ_ERRORS as error:
            raise unreadable(origin.label, error) from error
    return Origin(origin.label, origin.name, ".jsonl", path, lambda: open(path, "rb"))


def _lines_of_array(origin: Origin) -> Origin:
    """A JSON array of records as JSON lines, one record in memory at a time."""
    decoder, text, at, number = json.JSONDecoder(), "", 0, 0
    path = scratch.new_file(".jsonl")
    with open(path, "x", encoding="utf-8") as out:
        try:
            source = io.TextIOWrapper(origin.open(), encoding="utf-8-sig")  # type: ignore[arg-type]
            with source:
                text = source.read(1 << 20)
                at = text.index("[") + 1
                while True:
                    between = _BETWEEN.match(text, at)
                    at = between.end() if between else at
                    if text.startswith("]", at):
                        _refuse_more(origin, text[at + 1 :], source)
                        break
                    try:
                        record, end = decoder.raw_decode(text, at)
                        if end == len(text):  # it may go on: 12 of 123
                            raise json.JSONDecodeError("unfinished", text, end)
                    except json.JSONDecodeError as error:
                        text = text[at:]
                        more = source.read(max(1 << 20, len(text)))
                        if not more:
                            what = "the array is never closed" if "unfinished" in error.msg else error.msg
                            raise _wrong(f"{origin.label}, record {number + 1}: {what}") from error
                        text, at = text + more, 0
                        continue
                    out.write(json.dumps(record, ensure_ascii=False) + "\n")
                    at, number = end, number + 1
        except UnicodeError as error:
            raise _wrong(f"{origin.label} is not UTF-8: {error}") from error
        except (ValueError, RecursionError) as error:
            raise _wrong(f"{origin.label}, record {number + 1}: {str(error).splitlines()[0]}") from error
        except READ_ERRORS as error:
            raise unreadable(origin.label, error) from error
    return Origin(origin.label, origin.name, ".jsonl", path, lambda: open(path, "rb"))


def _refuse_more(origin: Origin, text: str, source: io.TextIOWrapper) -> None:
    """Raise DataError where anything follows an array: it would be left out."""
    while not text.strip():
        text = source.read(1 << 20)
        if not text:
            return
    raise DataError(
        f"{origin.label} goes on after its array of records is closed.",
        "Expected: one array of records, or one record on each line.",
        "Join its arrays to one, or write each record on a line of its own.",
    )
