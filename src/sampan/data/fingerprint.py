"""A fingerprint of a table: of names, types and contents, whatever the chunking."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array, DataType
from arro3.core import Table as ArrowTable
from arro3.io import write_csv

from sampan.column import Column, file_kind, missing
from sampan.data.origin import unreadable
from sampan.data.stream import BLOCK, normal

MOST_HASHED = 32 << 30
"""Bytes of files that a fingerprint reads in full: about a minute."""

_END = 1 << 16


def digest(columns: Mapping[str, Column]) -> str:
    """A fingerprint of names, types and contents: SHA-256 in hexadecimal, whatever the chunking.

    Of files, their bytes count and not their paths: a folder may move, and a file must not change. Past
    MOST_HASHED bytes, of each file only its size, beginning and end.
    """
    total = hashlib.sha256()
    for name, column in columns.items():
        if file_kind(column):
            total.update(json.dumps([name, file_kind(column), len(column)]).encode())
            _update_files(total, column)
            continue
        column = normal(column)
        total.update(json.dumps([name, str(column.type).strip(), len(column)]).encode())
        for start in range(0, len(column), BLOCK * 2):
            _update(total, column.slice(start, min(BLOCK * 2, len(column) - start)))
    return total.hexdigest()


def _update(total: Any, piece: Column) -> None:
    """Which cells are there, then those that are: numbers as their bytes, all else as quoted text."""
    gone = missing(piece)
    total.update(np.packbits(gone).tobytes())
    kept = compute.filter(piece, Array.from_numpy(~gone)) if gone.any() else piece
    if DataType.is_temporal(kept.type) and compute.can_cast_types(kept.type, DataType.int64()):
        kept = compute.cast(kept, DataType.int64())
    if (DataType.is_numeric(kept.type) and not DataType.is_decimal(kept.type)) or DataType.is_boolean(
        kept.type
    ):
        values = kept.to_numpy()
        total.update(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
    else:
        text = io.BytesIO()
        write_csv(ArrowTable.from_pydict({"": kept}), text, header=False)
        total.update(text.getbuffer())


def _update_files(total: Any, paths: Column) -> None:
    """The bytes of each file, as their own SHA-256; nothing where a cell is null."""
    left = MOST_HASHED
    for path in paths.to_pylist():
        if path is None:
            total.update(b"-")
            continue
        try:
            with open(path, "rb") as file:
                size = os.fstat(file.fileno()).st_size
                if size <= left:
                    inside = hashlib.file_digest(file, "sha256").digest()
                else:
                    ends = file.read(_END)
                    file.seek(max(0, size - _END))
                    inside = hashlib.sha256(ends + file.read()).digest() + str(size).encode()
        except OSError as error:
            raise unreadable(path, error) from error
        left -= size
        total.update(b"+" + inside)
