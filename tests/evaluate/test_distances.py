"""Distances agree with their definitions, and with what is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampan.evaluate import distances
from sampan.evaluate.distances import frechet, kernel_distance, nearest, neighbours, radii

RNG = np.random.default_rng(0)


def test_frechet_of_gaussians_is_the_analytic_one() -> None:
    """|m|^2 + sum (s1 - s2)^2, for covariances that share their axes."""
    first = np.array([1.0, 2.0, 0.5])
    second = np.array([2.0, 1.0, 0.5])
    rows = 200_000
    x = RNG.standard_normal((rows, 3)) * first
    y = RNG.standard_normal((rows, 3)) * second + [1.0, 0.0, 0.0]
    turn = np.linalg.qr(RNG.standard_normal((3, 3)))[0]
    assert frechet(x @ turn, y @ turn) == pytest.approx(1.0 + 2.0, rel=0.02)


def test_frechet_has_no_root_to_fail_at_fewer_rows_than_features() -> None:
    x, y = RNG.standard_normal((10, 40)), RNG.standard_normal((12, 40))
    assert 0 < frechet(x, y) < np.inf
    assert frechet(x, x) == pytest.approx(0.0, abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_frechet_is_symmetric_and_unmoved_by_shift_and_turn(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((50, 4)), rng.standard_normal((60, 4)) * rng.uniform(0.1, 3, 4)
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    one = frechet(x, y)
    assert frechet(y, x) == pytest.approx(one, rel=1e-6, abs=1e-8)
    assert frechet((x + 5) @ turn, (y + 5) @ turn) == pytest.approx(one, rel=1e-6, abs=1e-8)


def test_kernel_distance_is_the_definition_and_without_bias() -> None:
    x, y = RNG.standard_normal((30, 5)), RNG.standard_normal((30, 5)) + 0.5

    def kernel(a: np.ndarray, b: np.ndarray) -> float:
        return float((a @ b / 5 + 1) ** 3)

    own = [
        sum(kernel(a, b) for i, a in enumerate(s) for j, b in enumerate(s) if i != j) / 870 for s in (x, y)
    ]
    across = sum(kernel(a, b) for a in x for b in y) / 900
    value, error = kernel_distance(x, y, RNG, subsets=3)
    assert value == pytest.approx(own[0] + own[1] - 2 * across) and error == pytest.approx(0, abs=1e-12)
    same = [
        kernel_distance(RNG.standard_normal((50, 5)), RNG.standard_normal((50, 5)), RNG, subsets=1)[0]
        for _ in range(200)
    ]
    assert abs(np.mean(same)) < 4 * np.std(same) / 200**0.5


def _definition(real: np.ndarray, made: np.ndarray, k: int) -> tuple[float, ...]:
    """As published: radii to the k-th neighbour without itself, and a table of all distances."""

    def far(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.linalg.norm(a[:, None] - b[None], axis=2)

    of_real, of_made = (np.sort(far(s, s), axis=1)[:, k] for s in (real, made))
    table = far(real, made)
    return (
        (table < of_real[:, None]).any(axis=0).mean(),
        (table < of_made[None]).any(axis=1).mean(),
        (table < of_real[:, None]).sum(axis=0).mean() / k,
        (table.min(axis=1) < of_real).mean(),
    )


@pytest.mark.parametrize("cells", [distances.CELLS, 700])
def test_neighbours_are_the_definition_whatever_the_block(
    cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distances, "CELLS", cells)
    real, made = RNG.standard_normal((150, 6)), RNG.standard_normal((130, 6)) * 1.3 + 0.4
    found = neighbours(real, made)
    told = found.precision, found.recall, found.density, found.coverage
    assert told == pytest.approx(_definition(real, made, 5))


def test_neighbours_agree_with_the_authors_code() -> None:
    prdc = pytest.importorskip("prdc")
    real, made = RNG.standard_normal((200, 8)), RNG.standard_normal((180, 8)) * 1.2
    theirs = prdc.compute_prdc(real_features=real, fake_features=made, nearest_k=5)
    found = neighbours(real, made)
    assert {name: getattr(found, name) for name in theirs} == pytest.approx(theirs)


def test_the_same_rows_are_all_there_and_far_rows_are_not() -> None:
    real = RNG.standard_normal((100, 4))
    same = neighbours(real, real)
    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)
    far = neighbours(real, real + 100)
    assert (far.precision, far.recall, far.density, far.coverage) == (0, 0, 0, 0)


def test_nearest_keeps_the_digits_of_near_pairs() -> None:
    others = RNG.standard_normal((50, 10)).astype(np.float32) + 1_000
    place, far = nearest(others + np.float32(1e-3), others, 3)
    assert (place[:, 0] == np.arange(50)).all()
    assert far[:, 0] == pytest.approx(1e-3 * 10**0.5, rel=0.1) and (np.diff(far, axis=1) >= 0).all()


def test_radii_leave_the_row_itself_out() -> None:
    assert radii(np.array([[0.0], [1.0], [3.0]]), 1).tolist() == [1, 1, 2]
