"""Rows that differ hash differently."""

import numpy as np

from sampan.evaluate.hashes import row_hashes


def test_different_rows_hash_differently() -> None:
    grid = np.stack(np.meshgrid(np.arange(200.0), np.arange(200.0)), -1).reshape(-1, 2)
    hashes = row_hashes([grid[:, 0].copy(), grid[:, 1].astype(np.int64)], len(grid))
    assert np.unique(hashes).size == len(grid)
