"""Runs what the documentation shows: a page's `python` and `sh` blocks, in order, in a folder of their own.

Blocks marked `console` are shown only: they make an environment from nothing, which the gate does by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).resolve().parent

# Tiny models gain nothing from a second thread, and lose much when another process keeps the cores busy.
torch.set_num_threads(1)


SLOW = (
    "tests/families/",
    "tests/evaluate/look/test_chance.py",
    "tests/evaluate/eyes/",
    "tests/evaluate/report/test_words.py",
    "tests/evaluate/found/test_cells.py",
    "tests/evaluate/test_judge.py",
    "tests/evaluate/test_mixed.py",
    "tests/evaluate/work/",
    "tests/learning/",
    "tests/making/",
    "tests/cli/test_cli.py",
    "tests/test_fuzz.py",
    "tests/test_generator.py",
    "tests/test_house.py",
    "tests/test_kinds.py",
    "tests/test_pictures.py",
    "tests/run/test_run.py",
)
"""Where models are learned or whole runs are made: `make quick` leaves them to `make test`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `make quick` leaves out."""
    for item in items:
        if item.path.is_relative_to(ROOT) and item.path.relative_to(ROOT).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)


def _run_shell(example: Example) -> None:
    """Run one `sh` block with this environment's commands first; its output is shown if it fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", str(example.parsed)],
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, f"exit code {done.returncode} from:\n{example.parsed}\n{done.stdout}"


def _enter(namespace: dict[str, Any]) -> None:
    """Work in a new folder while a page runs."""
    namespace["__home__"], namespace["__folder__"] = os.getcwd(), tempfile.TemporaryDirectory()
    os.chdir(namespace["__folder__"].name)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["__home__"])
    namespace["__folder__"].cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), CodeBlockParser("sh", _run_shell)],
    patterns=["README.md", "CONTRIBUTING.md", "docs/*.md"],
    setup=_enter,
    teardown=_leave,
).pytest()
