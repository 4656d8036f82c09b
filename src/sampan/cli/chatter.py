"""Chatter: what libraries say on standard error, which a person can do nothing about.

Sampan tells what matters itself, in sentences: in lines, in errors of three parts, in the list of what was
changed, left out or guessed. A warning of PyTorch about a missing driver, of openpyxl about a style or of
NumPy about an overflow would stand between them. `--debug` lets them through, and so does PYTHONWARNINGS.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator


@contextlib.contextmanager
def quiet(debug: bool) -> Iterator[None]:
    """For the length of the block no library's warning or log line reaches standard error."""
    if debug or sys.warnoptions:
        yield
        return
    # lines that PyTorch's own C++ writes, such as that NNPACK does not know this processor
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    silent = logging.NullHandler()  # without a handler Python writes warnings of loggers to standard error
    logging.getLogger().addHandler(silent)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.getLogger().removeHandler(silent)
