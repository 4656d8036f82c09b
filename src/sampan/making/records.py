"""Records that a person hands over, as tables: frames, dicts, files, one record alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import arro3.compute as compute
import numpy as np
from arro3.core import Array

from sampan.column import Column, join
from sampan.data import Columns, Table, read
from sampan.errors import DataError, RequestError, nearest
from sampan.making.learned import Learned


def whole(records: Any) -> Table:
    """Records of which every row counts. Raises DataError where reading kept only a sample of them."""
    table = records if isinstance(records, Table) else read(records)
    if table.rows_seen > len(table):
        raise DataError(
            f"the records have {table.rows_seen:,} rows, more than are held in memory at once.",
            f"At most {len(table):,} rows of this table are expected.",
            "Give them in parts.",
        )
    return table


def columns_of(records: Any) -> Columns:
    """The columns of records; of those that are columns already, themselves."""
    if isinstance(records, Mapping) and all(isinstance(column, Array) for column in records.values()):
        return dict(records)
    return whole(records).columns


def is_one(records: Any) -> bool:
    """Whether these are the values of one record, and not columns of several."""
    rows = list, tuple, np.ndarray, Array
    return isinstance(records, Mapping) and not any(isinstance(value, rows) for value in records.values())


def table_of(learned: Learned, records: Any) -> Table:
    """Records, or the values of one, as a table; names of columns as the model has them."""
    if is_one(records):
        return Table(learned.cells(records), "record", "dict", 1)
    return whole(records)


def single(learned: Learned, record: Any) -> dict[str, Column]:
    """One record as columns of one row: a dict, one row of a frame, a pandas Series. Raises RequestError."""
    if getattr(record, "ndim", None) == 1 and hasattr(record, "to_dict"):
        record = record.to_dict()  # a pandas Series: one row of a frame
    table = table_of(learned, record)
    if len(table) != 1:
        raise RequestError(
            f"{len(table)} records were given.",
            "One record is expected.",
            "Give a dict, or one row of a frame.",
        )
    return {name: table.columns[name] for name in table.columns if learned.layout.codec(name)}


def examples_in(learned: Learned, records: Any) -> Columns:
    """The columns of records that something is made out of; of a file those that the model has."""
    if isinstance(records, str | Path):
        records = read(records)
    if isinstance(records, Table):
        return known_columns(learned, whole(records).columns)
    return table_of(learned, records).columns


def known_columns(learned: Learned, columns: Mapping[str, Column]) -> Columns:
    """Those of the columns that the model has, in the model's order."""
    return {name: columns[name] for name in learned.codecs if name in columns}


def every_column(learned: Learned, columns: Mapping[str, Column], names: Iterable[str], fix: str) -> None:
    """Raise DataError where one of these columns of the model is not among those that were given."""
    for name in names:
        if name not in columns:
            raise DataError(
                f"the records lack the column {name!r}.",
                f"The model's columns are all expected: {', '.join(learned.codecs)}.{nearest(name, columns)}",
                fix,
            )


def together(blocks: list[Columns]) -> Columns:
    """Blocks of rows as one."""
    return {name: join([block[name] for block in blocks]) for name in blocks[0]} if blocks else {}


def end_to_end(records: Sequence[Columns]) -> Columns:
    """Several records as one table, of the columns that all have, in the types of the first."""
    names = [name for name in records[0] if all(name in one for one in records)]
    out = {}
    for name in names:
        kind, own = records[0][name].type, [one[name] for one in records]
        out[name] = join([one if one.type == kind else compute.cast(one, kind) for one in own])
    return out
