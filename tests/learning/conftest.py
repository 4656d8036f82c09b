"""What the tests of learning share."""

from __future__ import annotations

import math

import pytest


@pytest.fixture
def saving(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every step, where a real run waits some seconds between two."""
    monkeypatch.setattr("sampan.learning.checkpoint.SAVE_EVERY", 0.0)
    monkeypatch.setattr("sampan.learning.checkpoint.SAVE_SHARE", math.inf)
