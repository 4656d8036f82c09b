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
_kept: list[int] = []  # what file descriptor 2 was, once for each call that is under way


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Nothing that is written to file descriptor 2 meanwhile is shown; threads may overlap."""
    with _lock, contextlib.suppress(OSError):  # where there is no standard error
        _kept.append(_kept[0] if _kept else os.dup(2))
        if len(_kept) == 1:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)
    try:
        yield
    finally:
        with _lock:
            before = _kept.pop() if _kept else None
            if before is not None and not _kept:
                os.dup2(before, 2)
                os.close(before)
