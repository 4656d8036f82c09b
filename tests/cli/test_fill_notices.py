"""What comes up only while records are made is told on the command line too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sampan as sp
from sampan.cli import main


def test_rows_that_break_a_rule_are_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rng = np.random.default_rng(0)
    net = rng.integers(10, 30, 300)
    vat = rng.integers(1, 5, 300)
    bills = pd.DataFrame({"net": net, "vat": vat, "total": net + vat, "kind": rng.choice(["a", "b"], 300)})
    model = sp.fit(bills, steps=5, rules=["total = net + vat"], no_rules=["all"])
    model.save(tmp_path / "model")
    torn = bills.head(4).assign(kind=["a", None, "b", None])
    torn.loc[1, "total"] = 99
    torn.to_csv(tmp_path / "torn.csv", index=False)
    line = ["fill", str(tmp_path / "model"), str(tmp_path / "torn.csv"), "-o", str(tmp_path / "whole.csv")]
    assert main(line) == 0
    told = capfd.readouterr().err
    assert "breaks a rule" in told and "Warning" not in told
    assert pd.read_csv(tmp_path / "whole.csv").kind.notna().all()
