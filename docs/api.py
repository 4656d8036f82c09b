"""Writes docs/api.md, the page of public functions and classes, from their docstrings.

python docs/api.py            writes it
python docs/api.py --check    says whether it is what the docstrings say, with exit code 1 if not
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sampan

PAGE = Path(__file__).with_name("api.md")
ROOMS = {
    "Learn and make": ("fit", "load", "make", "Generator", "Request", "Budget", "Progress"),
    "Judge": ("judge", "Report", "Score"),
    "Data": ("read", "Table", "datasets"),
    "Fields: what a column is": (
        *("Number", "Category", "Moment", "Image", "Personal", "Identifier", "Constant", "Omitted"),
    ),
    "Families: how it learns": ("Autoregressive", "Diffusion", "VAE", "GAN", "Latent", "Auto"),
}
"""Public names by what a person wants; the rest, but for errors, come under "More", so that none is lost."""


def page() -> str:
    """The whole page."""
    out = [
        "# Functions and classes",
        "Made from the docstrings by `python docs/api.py`; every example in them is run by the test suite.",
    ]
    public = [name for name in sampan.__all__ if not name.startswith("_")]
    errors = [name for name in public if _is_error(getattr(sampan, name))]
    told = {name for names in ROOMS.values() for name in names}
    rooms = dict(ROOMS) | {"More": tuple(name for name in public if name not in told and name not in errors)}
    for title, names in (*rooms.items(), ("Errors", tuple(errors))):
        there = [name for name in names if name in public]
        if there:
            out.append(f"## {title}")
            out += [part for name in there for part in _entry(name, getattr(sampan, name))]
    return "\n\n".join(out) + "\n"


def _is_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, BaseException)


def _entry(name: str, value: Any) -> Iterator[str]:
    """A name: its heading, how it is called, what it says of itself, and its methods."""
    yield f"### `{name}`"
    if not inspect.ismodule(value) and not _is_error(value):
        yield from _called(name, value)
    yield from _said(value)
    if inspect.isclass(value) and not _is_error(value):
        for own, method in vars(value).items():
            plain = method.__func__ if isinstance(method, classmethod | staticmethod) else method
            if own.startswith("_") or not inspect.isfunction(plain) or not plain.__doc__:
                continue
            yield f"#### `{name}.{own}`"
            yield from _called(own, plain)
            yield from _said(plain)


def _called(name: str, value: Any) -> Iterator[str]:
    """How it is called, without the types, which the docstring says in words."""
    if inspect.isclass(value) and not dataclasses.is_dataclass(value):
        return
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return
    parts, star = [], False
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        star = star or parameter.kind is parameter.VAR_POSITIONAL
        default = "" if parameter.default is parameter.empty else f"={_plain(parameter.default)}"
        prefix = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        parts.append(f"{prefix}{parameter.name}{default}")
    one = f"{name}({', '.join(parts)})"
    if len(one) > 100:
        one = f"{name}(\n" + "".join(f"    {part},\n" for part in parts) + ")"
    yield f"```text\n{one}\n```"


def _plain(value: Any) -> str:
    """A default as a reader would type it; one that has no short form as three dots."""
    text = repr(value)
    return "..." if "<" in text or len(text) > 60 else text


def _said(value: Any) -> Iterator[str]:
    """The docstring: prose as it stands, examples in blocks of their own."""
    text = inspect.cleandoc(inspect.getdoc(value) or "")
    for part in re.split(r"\n\s*\n", text):
        yield f"```pycon\n{part}\n```" if part.lstrip().startswith(">>>") else part.replace("<", "\\<")


if __name__ == "__main__":
    if "--check" in sys.argv:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        sys.exit(0 if same else "docs/api.md is not what the docstrings say. Type: python docs/api.py")
    PAGE.write_text(page(), encoding="utf-8")
