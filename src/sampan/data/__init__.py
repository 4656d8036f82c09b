"""Records in and out: frames, files, databases.

Read upwards from the bottom: `stream` (blocks of columns), `origin` (where bytes come from), `delimited`,
`databases` and `files` (formats), `folder` (a folder of files, in and out), `frames` (frames of the user),
`sink` (writing), `table` (a Table, and `read`).
"""

from sampan.data.fingerprint import digest
from sampan.data.frames import read_numbers, with_columns
from sampan.data.sink import write_files, write_stream
from sampan.data.stream import Columns
from sampan.data.table import Table, batches, empty_table, holds_tables, provenance_of, read, to_native

__all__ = [
    "Columns",
    "Table",
    "batches",
    "digest",
    "empty_table",
    "holds_tables",
    "provenance_of",
    "read",
    "read_numbers",
    "to_native",
    "with_columns",
    "write_files",
    "write_stream",
]
