"""The environment of a measured child process: how many threads it may use, and nothing of this
interpreter's."""

from __future__ import annotations

import os

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


def environment(threads: int) -> dict[str, str]:
    """This process's environment with the number of threads set for every library that reads it from
    there."""
    return dict(os.environ) | dict.fromkeys(THREADS, str(threads)) | {"PYTHONUNBUFFERED": "1"}
