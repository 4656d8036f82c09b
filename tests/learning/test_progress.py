"""The bar: shown to a person at a terminal, and to nobody else."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import sampan as sp

TABLE = {"coin": ["heads", "tails"] * 50, "value": [1, 2] * 50}


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("progress", [True, False])
def test_a_terminal_is_told_how_far_learning_is_unless_it_is_not_to_be(
    progress: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = os.openpty()
    seen: list[sp.Progress] = []
    with open(theirs, "w", encoding="utf-8") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        monkeypatch.setattr("sampan.learning.progress.EVERY", 0.0)
        sp.fit(TABLE, steps=20, progress=progress, on_step=seen.append)
        terminal.write("end")
        terminal.flush()
        told = ""
        while not told.endswith("end"):
            told += os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert len(seen) == 20
    lines = told.split("\r")
    assert ("Learning: step 20 of 20, held-out score" in told) == progress
    assert lines[-1] == "end" and (not progress or lines[-2].strip() == "")  # nothing is left behind


def test_a_file_is_told_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with open(tmp_path / "log", "w", encoding="utf-8") as log:
        monkeypatch.setattr(sys, "stderr", log)
        sp.fit(TABLE, steps=3)
    assert (tmp_path / "log").read_text(encoding="utf-8") == ""
