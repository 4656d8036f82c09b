"""Small real tables that come with the package, for the demo, the documentation and the tests."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from sampan.errors import RequestError, nearest

_SUFFIX = ".csv.gz"


def names() -> list[str]:
    """The names of the packaged tables, sorted.

    >>> names()
    ['census']
    """
    folder = files(__name__)
    return sorted(item.name.removesuffix(_SUFFIX) for item in folder.iterdir() if item.name.endswith(_SUFFIX))


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
    return Path(str(files(__name__) / f"{name}{_SUFFIX}"))
