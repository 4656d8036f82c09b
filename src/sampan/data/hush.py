"""Quiet while a library works that writes to standard error by itself.

A Rust reader that meets damage it did not foresee says so on the process's standard error, with a trace,
before the error reaches Python, where it is worded for people. Only for as long as such a call takes, what is
written there goes nowhere.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_depth = 0
_kept: int | None = None


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Nothing that is written to file descriptor 2 meanwhile is shown; threads may overlap."""
    _enter()
    try:
        yield
    finally:
        _leave()


def _enter() -> None:
    global _depth, _kept
    with _lock:
        _depth += 1
        if _depth > 1:
            return
        try:
            _kept = os.dup(2)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
        except OSError:  # there is no standard error
            _kept = None


def _leave() -> None:
    global _depth, _kept
    with _lock:
        _depth -= 1
        if _depth == 0 and _kept is not None:
            os.dup2(_kept, 2)
            os.close(_kept)
            _kept = None
