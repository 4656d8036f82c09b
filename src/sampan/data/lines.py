"""A delimited text on its way, in pieces: UTF-8, whole lines, without comments or blanks after delimiters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from sampan.data.origin import Origin, pieces


def recoded(origin: Origin, encoding: str) -> Iterator[bytes]:
    """The text as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)()
    for piece in pieces(origin.open()):
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", True).encode()


def closed_up(source: Iterator[bytes], delimiter: str) -> Iterator[bytes]:
    """UTF-8 text without the blanks after delimiters, except inside quotes."""
    char = re.escape(delimiter.encode())
    pattern = re.compile(rb'("[^"]*")|(' + char + rb")[ ]+")
    for piece in _whole_lines(source):
        yield pattern.sub(rb"\1\2", piece)


def beyond(source: Iterator[bytes], skip: int) -> Iterator[bytes]:
    """What follows upon the first `skip` bytes."""
    for piece in source:
        if skip >= len(piece):
            skip -= len(piece)
            continue
        yield piece[skip:]
        skip = 0


def _whole_lines(source: Iterator[bytes]) -> Iterator[bytes]:
    """The text in pieces that end with a line, never inside quotes."""
    held: list[bytes] = []
    odd = False
    for piece in source:
        end, odd_here = _cut(piece, odd)
        if end:
            yield b"".join([*held, piece[:end]])
            held = [piece[end:]]
            odd = bool(piece.count(b'"', end) % 2)
        else:
            held.append(piece)
            odd = odd_here
    yield b"".join(held)


def _cut(piece: bytes, odd: bool) -> tuple[int, bool]:
    """Behind the last line break of a piece outside quotes; and whether quotes are open at its end.

    Each step back goes before a quotation mark and counts only what it leaves, so no piece is slow.
    """
    opened = odd ^ bool(piece.count(b'"') % 2)
    end, inside = len(piece), opened
    while True:
        line = piece.rfind(b"\n", 0, end) + 1
        if not line:
            return 0, opened
        inside ^= bool(piece.count(b'"', line, end) % 2)
        if not inside:
            return line, opened
        end = max(piece.rfind(b'"', 0, line), 0)  # the mark that opened what the break is in
        inside ^= bool(piece.count(b'"', end, line) % 2)


_COMMENT = re.compile(rb"^#[^\n]*\n?", re.MULTILINE)

_QUOTED = re.compile(rb'("[^"]*")|^#[^\n]*\n?', re.MULTILINE)


def without_comments(source: Iterator[bytes]) -> Iterator[bytes]:
    """The text without the lines that begin with #, except inside quotes."""
    for piece in _whole_lines(source):
        yield _QUOTED.sub(rb"\1", piece) if b'"' in piece else _COMMENT.sub(b"", piece)
