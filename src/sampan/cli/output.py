"""What a command leaves on its streams: lines, one result, an error in three lines or as JSON."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from sampan.errors import RequestError, SampanError, Stopped, StoreError
from sampan.screen import fitting


def print_lines(lines: Sequence[str], out: Any) -> None:
    for line in lines:
        print(fitting(line, out), file=out)
    out.flush()


def result(args: argparse.Namespace, text: str) -> None:
    """What came out, for --quiet: one line that another program can take."""
    if args.quiet and not args.json:
        print_lines([text], sys.stdout)


def as_sampan(error: BaseException) -> SampanError:
    """Any error as one that can be shown."""
    if isinstance(error, SampanError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return Stopped("Stopped.", "Nothing was written.", "To start again, type the same command.")
    if isinstance(error, MemoryError):
        return RequestError(
            f"the memory of this machine is used up ({error or 'MemoryError'}).",
            "Less at once is expected.",
            "Close other programs, or take fewer rows or columns.",
        )
    if isinstance(error, OSError):
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return StoreError(
            f"{error.filename or 'a file'}: {error.strerror or error}.",
            "Room on the disk is expected." if full else "A file or folder that you may use is expected.",
            "Free some space, or work in another folder." if full else "Check its name and its permissions.",
        )
    return SampanError(
        f"{type(error).__name__}: {error}",
        "This is a mistake in Sampan, not yours.",
        "Please report it with what this prints: the same command with --debug at its end",
    )


def report(error: SampanError, as_json: bool) -> None:
    if as_json:
        parts = {name: getattr(error, name) for name in ("what", "expected", "fix", "exit_code")}
        told = {"error": {"kind": type(error).__name__, **parts}}
        print_lines([json.dumps(told, ensure_ascii=False)], sys.stdout)
        return
    # three lines; a condition that cannot be read brings one more, with a mark under the place
    lines = [line for part in (error.what, error.expected, error.fix) for line in part.split("\n") if line]
    stream = sys.stderr
    if stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM", "dumb") != "dumb":
        print(f"\x1b[1;31m{fitting(lines.pop(0), stream)}\x1b[0m", file=stream)
    print_lines(lines, stream)
