"""A first reading of a binary file by another process: damage that ends a process must not end this one.

The Rust readers of Parquet and Arrow report most damage as an error. Some of it, met where an error cannot be
handed on, ends the whole process, or asks for memory without end. So a file that is not large is read to its
end once by a small process of its own, which has a limit of memory and of time, before it is read here.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

LARGEST = 1 << 28
"""Bytes of a file that is tried: reading one twice takes a second or two. A larger one is nobody's trick."""
_SECONDS = 8
_MEMORY = 6 << 30

_CODE = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (%d, %d))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
from arro3 import io
path, reader, *options = sys.argv[1:]
source = getattr(io, reader)(path, **{name: int(value) for name, value in map(str.split, options)})
names = source.schema.names
for batch in source:
    for place in range(batch.num_columns):
        batch.column(place)
"""


def outlives(path: Path, reader: str, options: Mapping[str, int]) -> str:
    """Why a reader of arro3.io does not come to the end of a file, or to an error; "" where it does."""
    if not sys.executable or path.stat().st_size > LARGEST:
        return ""
    asked = [f"{name} {value}" for name, value in options.items()]
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", _CODE % (_MEMORY, _MEMORY), str(path), reader, *asked],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS + path.stat().st_size / (16 << 20),
        )
    except subprocess.TimeoutExpired:
        return "reading it does not come to an end"
    except OSError:  # no process may be started here
        return ""
    return "what it says of its parts cannot be" if done.returncode < 0 else ""
