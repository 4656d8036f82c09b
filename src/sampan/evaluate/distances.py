"""Distances between sets of features: Fréchet, kernel, and what nearest neighbours tell.

    frechet      |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), of the means and covariances of two sets
                 (Heusel et al. 2017)
    kernel       the unbiased squared maximum mean discrepancy under (x.y / d + 1)^3 (Binkowski et al. 2018)
    precision    the share of made rows within the ball of any real row, to its k-th nearest real neighbour
    recall       the share of real rows within the ball of any made row (both Kynkaanniemi et al. 2019)
    density      how many balls of real rows hold a made one, divided by k; above 1 where made rows crowd
    coverage     the share of real balls that hold a made row (both Naeem et al. 2020)

All of them depend on how many rows are compared, the first strongly: compare as many made as unseen ones.
Distances are computed block by block, so that 60,000 rows against 10,000 need some 100 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

K = 5
"""The neighbour that bounds a ball, as the authors of density and coverage advise."""

CELLS = 8_000_000
"""Distances held at a time: 32 MB."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Shares between 0 and 1, but for the density, which has no upper end."""

    precision: float
    recall: float
    density: float
    coverage: float


def frechet(first: np.ndarray, second: np.ndarray) -> float:
    """The Fréchet distance of two sets of features, each float (rows, d).

    In float64 and without a matrix root: the trace of (S1 S2)^(1/2) is the sum of the roots of the
    eigenvalues of S1^(1/2) S2 S1^(1/2), which is symmetric; with fewer rows than features, where that takes
    long, the sum of the singular values of the product of both sets of centred rows, which are the same. No
    shrinkage: the figure is as its definition has it, and with few rows only as good as its floor.

    >>> round(frechet(np.array([[0.0], [2.0]]), np.array([[5.0], [7.0]])), 6)
    25.0
    """
    if max(len(first), len(second)) <= first.shape[1]:
        return _frechet_of_few(first.astype(np.float64), second.astype(np.float64))
    (mean, spread), (other_mean, other_spread) = moments(first), moments(second)
    values, vectors = np.linalg.eigh(spread)
    root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
    both = np.linalg.eigvalsh(root @ other_spread @ root)
    shared = np.sqrt(np.clip(both, 0.0, None)).sum()
    apart = float(((mean - other_mean) ** 2).sum())
    return max(0.0, apart + float(np.trace(spread) + np.trace(other_spread) - 2.0 * shared))


def _frechet_of_few(first: np.ndarray, second: np.ndarray) -> float:
    means = first.mean(axis=0), second.mean(axis=0)
    a, b = (
        (rows - mean) / max(len(rows) - 1, 1) ** 0.5
        for rows, mean in zip((first, second), means, strict=True)
    )
    shared = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    apart = float(((means[0] - means[1]) ** 2).sum())
    return max(0.0, apart + float((a**2).sum() + (b**2).sum() - 2.0 * shared))


def moments(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance (divided by rows - 1) in float64."""
    rows = rows.astype(np.float64)
    mean = rows.mean(axis=0)
    centred = rows - mean
    return mean, centred.T @ centred / max(len(rows) - 1, 1)


def kernel_distance(
    first: np.ndarray, second: np.ndarray, rng: np.random.Generator, *, subsets: int = 50, size: int = 1_000
) -> tuple[float, float]:
    """The mean over subsets of the kernel distance, and the standard error of that mean.

    size: rows of a subset, fewer where a set is shorter. Equal laws have a mean of 0, so it may be negative.
    """
    size = min(size, len(first), len(second))
    found = []
    for _ in range(subsets):
        x, y = (rows[rng.choice(len(rows), size, replace=False)] for rows in (first, second))
        found.append(_discrepancy(x.astype(np.float64), y.astype(np.float64)))
    error = float(np.std(found, ddof=1)) / subsets**0.5 if subsets > 1 else np.nan
    return float(np.mean(found)), error


def _discrepancy(x: np.ndarray, y: np.ndarray) -> float:
    n, d = x.shape
    own = []
    for rows in (x, y):
        kernel = (rows @ rows.T / d + 1.0) ** 3
        own.append((kernel.sum() - np.trace(kernel)) / (n * (n - 1)))
    return float(own[0] + own[1] - 2.0 * ((x @ y.T / d + 1.0) ** 3).mean())


def neighbours(real: np.ndarray, made: np.ndarray, k: int = K) -> Neighbours:
    """Precision, recall, density and coverage of made features beside real ones, each float (rows, d)."""
    real, made = _centred(real, made)
    of_real, of_made = (radii(rows, k) ** 2 for rows in (real, made))
    inside = np.zeros(len(made), bool)
    counts = 0
    recalled, covered = np.zeros(len(real), bool), np.zeros(len(real), bool)
    for rows, far in blocks(real, made):
        held = far < of_real[rows, None]
        inside |= held.any(axis=0)
        counts += int(held.sum())
        covered[rows] = held.any(axis=1)
        recalled[rows] = (far < of_made[None, :]).any(axis=1)
    return Neighbours(
        float(inside.mean()), float(recalled.mean()), counts / (k * len(made)), float(covered.mean())
    )


def radii(rows: np.ndarray, k: int = K) -> np.ndarray:
    """The distance of each row to its k-th nearest other one: float32 (rows,)."""
    out = np.empty(len(rows), np.float32)
    for some, far in blocks(rows, rows):
        far[np.arange(far.shape[0]), np.arange(some.start, some.stop)] = np.inf
        least = torch.from_numpy(far).topk(min(k, len(rows) - 1), largest=False).values
        out[some] = least[:, -1].clamp_min(0).sqrt().numpy()
    return out


def nearest(rows: np.ndarray, others: np.ndarray, most: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Of each row the nearest others, nearest first: places int64 and distances float32 (rows, most)."""
    others, rows = _centred(others, rows)
    most = min(most, len(others))
    places, distances = [np.zeros((0, most), np.int64)], [np.zeros((0, most), np.float32)]
    for some, far in blocks(rows, others):
        place = torch.from_numpy(far).topk(most, largest=False).indices.numpy()
        gap = rows[some][:, None] - others[place]  # exactly: of near pairs a product keeps few digits
        distance = np.sqrt(np.einsum("ijk,ijk->ij", gap, gap))
        order = np.argsort(distance, axis=1, kind="stable")
        places.append(np.take_along_axis(place, order, axis=1))
        distances.append(np.take_along_axis(distance, order, axis=1))
    return np.concatenate(places), np.concatenate(distances)


def blocks(rows: np.ndarray, others: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared distances of rows to others, float32, some rows at a time; centred features keep more."""
    rows, others = (np.ascontiguousarray(side, np.float32) for side in (rows, others))
    square = np.einsum("ij,ij->i", others, others)
    step = max(1, min(1_000, CELLS // max(len(others), 1)))
    for start in range(0, len(rows), step):
        block = rows[start : start + step]
        far = np.einsum("ij,ij->i", block, block)[:, None] + square[None, :]
        far -= 2.0 * (block @ others.T)
        yield slice(start, start + len(block)), np.maximum(far, 0.0, out=far)


def _centred(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    middle = first.mean(axis=0, dtype=np.float64).astype(np.float32)
    return first.astype(np.float32) - middle, second.astype(np.float32) - middle
