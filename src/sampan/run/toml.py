"""TOML that people read and correct: in, and out."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sampan.errors import StoreError

_MOST = 1 << 24  # bytes of a file that people write


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """The file. what: what it is called. Raises StoreError for one that is missing, damaged or no TOML."""
    try:
        if path.exists() and not path.is_file():
            raise IsADirectoryError("it is a folder, a pipe or a device")
        if path.stat().st_size > _MOST:
            raise ValueError(f"it is of more than {_MOST:,} bytes")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise StoreError(
            f"there is no {what} {path}.",
            f"A {what} file is expected" + (" (recipe.toml in a run folder)." if what == "recipe" else "."),
            "Check the name." if what == "recipe" else f"To write one: sampan schema TABLE -o {path}",
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(
            f"the {what} {path} cannot be read ({' '.join(str(error).split())[:200]}).",
            "A text file in TOML is expected.",
            "Mend the place that the message names, or restore the file from a copy.",
        ) from error


def lines_of(plain: Mapping[str, Any]) -> list[str]:
    """A line for each value that is there."""
    return [f"{key_of(name)} = {value_of(value)}" for name, value in plain.items() if value is not None]


def shown(text: str) -> str:
    """A text without characters that no comment of TOML may hold, or that turn the direction of a line."""
    return re.sub(
        "[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lambda sign: f"\\u{ord(sign[0]):04x}", text
    )


def key_of(name: str) -> str:
    """A name before the equals sign, in quotes where it needs them."""
    bare = name.isascii() and name.replace("-", "_").isidentifier()
    return name if bare else value_of(name)


def value_of(value: Any) -> str:
    """A plain value as TOML. JSON writes strings, whole numbers and truth values alike, but for DEL."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(value_of, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(lines_of(value))}}}"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
