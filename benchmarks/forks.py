"""Forks on pictures: where code decides, calls or imports by pictures outside of the rooms that are theirs.

    python benchmarks/forks.py [SRC]

A modality costs its own files and nothing else; each place that asks "is it a picture?" is one that the next
modality has to visit. Counted, each line once: an import of a name of pictures, a call of one, a test (if,
while, assert, match, a filter) that mentions one, and a test whether a grid has two dimensions. Words in
texts do not count. `REASONS` lists those that stay.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SRC = Path(__file__).resolve().parent.parent / "src" / "sampan"

ROOMS = ("media/", "fields/image/", "nn/grid", "evaluate/eyes/picture")
"""What may know pictures."""

MOST = 5
"""Forks outside of them that are allowed."""

REASONS: dict[tuple[str, str], str] = {
    ("__init__.py", "Image"): "a public name",
    ("evaluate/eyes/__init__.py", "picture"): "the list of eyes, a line for each",
    ("families/latent.py", "a grid of two dimensions"): "it codes pictures alone, by its algorithm",
    ("fields/__init__.py", "image"): "the list of fields, a line for each",
}
"""(file, what is mentioned) -> why it is there."""

_WORD = re.compile(r"(?:^|_)(?:pictures?|images?|mosaic)(?:_|$)|^(?:pictures?|image|mosaic)(?=[A-Z]|$)", re.I)

_OF_TORCH = frozenset(("pixel_shuffle", "pixel_unshuffle"))
"""What torch calls cutting any grid into squares."""


@dataclass(frozen=True, order=True)
class Fork:
    """One place that knows pictures: where, how, and by which name."""

    file: str
    line: int
    how: str
    name: str


def forks(src: Path = SRC) -> list[Fork]:
    """Every fork on pictures below `src` but those in the rooms of pictures."""
    found: dict[tuple[str, int], Fork] = {}
    for path in sorted(src.rglob("*.py")):
        file = path.relative_to(src).as_posix()
        if not file.startswith(ROOMS):
            for line, how, name in _in(ast.parse(path.read_text(encoding="utf-8"))):
                found.setdefault((file, line), Fork(file, line, how, name))
    return sorted(found.values())


def _in(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """(line, how, name) of each fork of a file."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                module = getattr(node, "module", None) or ""
                for name in _known((*module.split("."), *(one.name.split(".")[-1] for one in names))):
                    yield node.lineno, "import", name
                    break
            case ast.Call(func=func):
                for name in _known((getattr(func, "attr", getattr(func, "id", "")),)):
                    yield node.lineno, "call", name
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) | ast.Assert(test=test):
                yield from _tested(test)
            case ast.comprehension(ifs=tests):
                for test in tests:
                    yield from _tested(test)
            case ast.match_case(pattern=pattern, guard=guard):
                yield from _matched(pattern)
                if guard is not None:
                    yield from _tested(guard)


def _tested(test: ast.AST) -> Iterator[tuple[int, str, str]]:
    names = list(_known(_names(test)))
    if names:
        yield test.lineno, "test", names[0]  # type: ignore[attr-defined]  # every expression has a line
    for node in ast.walk(test):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        if _is_grid(node.left) and _is_two(node.comparators[0]):
            yield node.lineno, "test", "a grid of two dimensions"


def _matched(pattern: ast.pattern) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(pattern):
        if isinstance(node, ast.MatchClass):
            for name in _known(_names(node.cls)):
                yield node.lineno, "match", name
            for name, inner in zip(node.kwd_attrs, node.kwd_patterns, strict=True):
                if name == "grid" and isinstance(inner, ast.MatchSequence) and len(inner.patterns) == 2:
                    yield node.lineno, "match", "a grid of two dimensions"


def _names(node: ast.AST) -> Iterator[str]:
    """The names, attributes and one-word texts that an expression mentions."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name
            case ast.Constant(value=str(name)) if name.isidentifier():
                yield name


def _known(names: Iterator[str] | tuple[str, ...]) -> Iterator[str]:
    return (name for name in names if _WORD.search(name) and name not in _OF_TORCH)


def _is_grid(node: ast.AST) -> bool:
    """`len(something.grid)`, or `something.dimensions`."""
    names = set(_names(node))
    return ("len" in names and "grid" in names) or "dimensions" in names


def _is_two(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value == 2


def unlisted(found: list[Fork]) -> list[Fork]:
    """Those without a reason."""
    return [fork for fork in found if (fork.file, fork.name) not in REASONS]


def main() -> None:
    """Print every fork, how many there are, and in how many files."""
    found = forks(Path(sys.argv[1])) if len(sys.argv) > 1 else forks()
    for fork in found:
        reason = REASONS.get((fork.file, fork.name), "")
        print(f"{fork.file}:{fork.line}: {fork.how} {fork.name}{f'  ({reason})' if reason else ''}")
    print(f"{len(found)} forks on pictures in {len(Counter(fork.file for fork in found))} files")


if __name__ == "__main__":
    main()
