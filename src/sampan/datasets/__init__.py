"""Small real tables, one of pictures, that come with the package, for the demo, the docs and the tests."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from sampan.errors import RequestError, nearest

_SUFFIXES = (".csv.gz", ".parquet")


def names() -> list[str]:
    """The names of the packaged tables, sorted.

    >>> names()
    ['census', 'digits']
    """
    return sorted(_files())


def _files() -> dict[str, str]:
    """Name -> the name of its file."""
    there = [item.name for item in files(__name__).iterdir()]
    return {name.removesuffix(end): name for end in _SUFFIXES for name in there if name.endswith(end)}


def path(name: str) -> Path:
    """The file of a packaged table.

    Raises RequestError, naming the nearest known table, where there is none of that name.

    >>> path("census").name
    'census.csv.gz'
    """
    known = names()
    if name not in known:
        raise RequestError(
            f'No packaged table is called "{name}".{nearest(name, known)}',
            f"The packaged tables are: {', '.join(known)}.",
            "Use one of these names, or give the path of your own file.",
        )
    return Path(str(files(__name__) / _files()[name]))
