"""Features of a user's file: safetensors alone, the network's own layout, and said in the report."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import sampan as sp
from sampan.evaluate.distances import frechet, moments
from sampan.evaluate.eyes.picture import inception
from sampan.evaluate.eyes.picture.inception import Inception, inception_features, read_inception
from tests.evaluate.eyes.picture.digits import digits

(MADE, _), (SEEN, _) = digits(14, 14)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that nobody learned, in halves of floats."""
    place = tmp_path_factory.mktemp("inception") / "inception.safetensors"
    with torch.random.fork_rng():
        torch.manual_seed(0)
        save_file({name: w.half() for name, w in Inception().state_dict().items()}, place)
    return place


def test_a_report_names_the_file_in_whose_features_it_compared(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inception, "SIDE", 75)  # the least it sees: a sixteenth of the work
    report = sp.judge({"picture": MADE[:, 0]}, seen={"picture": SEEN[:, 0]}, features=weights, steps=1)
    told = f"inception.safetensors, sha256 {hashlib.sha256(weights.read_bytes()).hexdigest()}"
    assert report.shown[0].file == told and report.shown[0].compared == 14
    assert told in report.to_html() and told in report.to_html("zh-Hant")
    assert "frechet[picture]" in {score.name for score in report.scores}
    few = inception_features(read_inception(weights), MADE[:2])
    assert few.shape == (2, 2048) and np.isfinite(few).all()


def test_what_is_no_such_file_is_refused_before_any_work(weights: Path, tmp_path: Path) -> None:
    pickled = tmp_path / "inception.pth"
    torch.save({"fc.weight": torch.zeros(1008, 2048)}, pickled)
    with pytest.raises(sp.DataError, match="no safetensors file") as told:
        sp.judge({"picture": MADE[:, 0]}, seen={"picture": SEEN[:, 0]}, features=pickled)
    assert "weights_only=True" in told.value.fix
    with pytest.raises(sp.DataError, match="does not exist"):
        read_inception(tmp_path / "none.safetensors")
    other = tmp_path / "other.safetensors"
    save_file({"fc.weight": torch.zeros(1000, 4)}, other)
    with pytest.raises(sp.DataError, match="torchvision's"):
        read_inception(other)
    save_file({"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 1, 3, 3)}, other)
    with pytest.raises(sp.DataError, match=r"\(32, 1, 3, 3\) as Conv2d_1a_3x3.conv.weight"):
        read_inception(other)
    with pytest.raises(sp.DataError, match="2 channels"):
        inception_features(Inception(), np.zeros((1, 2, 8, 8), np.uint8))
    with pytest.raises(sp.RequestError, match="hold no pictures"):
        rows = {"coin": ["heads", "tails"] * 50}
        sp.judge(rows, seen=rows, features=weights)


def test_few_rows_of_many_features_have_the_same_frechet_distance() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(12, 20)), rng.normal(0.5, 2, size=(15, 20))
    (mean, spread), (other, wide) = moments(first), moments(second)
    root = np.sqrt(np.clip(np.linalg.eigvals(spread @ wide).real, 0, None)).sum()
    known = ((mean - other) ** 2).sum() + np.trace(spread) + np.trace(wide) - 2 * root
    assert frechet(first, second) == pytest.approx(known, rel=1e-5)
