"""Agreement: how far made records lie from real ones, at the waist, without a likelihood.

The squared maximum mean discrepancy (Gretton et al. 2012, JMLR 13, equation 3, the unbiased estimate) with
the kernel (share of leaves on which two records agree, in coarse steps) to the third power: it compares all
tables of up to three leaves. 0 for records of the same distribution, up to noise of both signs. A family
without a likelihood learns by it when to stop, and a tournament of families is decided by it.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from sampan.space import Choice, Space

STEPS = 16
"""Coarse steps of a scale; symbols without a scale beyond so many share steps."""

MOST = 4096
"""Records of a side that are compared: the kernel is a matrix of all pairs."""


def features(values: Mapping[str, Tensor], spaces: Mapping[str, Space]) -> Tensor:
    """Coarse one-hot cells, scaled so that a product is the share that agrees: (records, features)."""
    parts = []
    for name, space in spaces.items():
        tensor = values[name]
        match space:
            case Choice(size=size, ordered=True) if size > STEPS:
                code = tensor.long() * STEPS // size
            case Choice(size=size):
                code = tensor.long() % min(size, STEPS)
            case _:
                code = ((tensor.float() + 2.5) * (STEPS / 5)).long().clamp(0, STEPS - 1)
        parts.append(F.one_hot(code.flatten(1) if code.ndim > 1 else code[:, None], STEPS).flatten(1))
    cells = sum(part.shape[1] for part in parts) // STEPS
    return torch.cat(parts, dim=1).float() / cells**0.5


def distance(made: Mapping[str, Tensor], real: Mapping[str, Tensor], spaces: Mapping[str, Space]) -> float:
    """The squared discrepancy of made and real records; leaf -> (records, ...) for both.

    >>> x = {"a": torch.arange(1000) % 4}
    >>> y = {"a": torch.zeros(1000, dtype=torch.long)}
    >>> round(distance(x, x, {"a": Choice(4)}), 2), round(distance(x, y, {"a": Choice(4)}), 2)
    (-0.0, 0.75)
    """
    x, y = (features({k: v[:MOST] for k, v in side.items()}, spaces) for side in (made, real))
    return float(_within(x) + _within(y) - 2 * (x @ y.T).pow(3).mean())


def _within(x: Tensor) -> Tensor:
    """The mean kernel of two different records of one side."""
    whole = (x @ x.T).pow(3)
    rows = len(x)
    return (whole.sum() - whole.diagonal().sum()) / max(1, rows * (rows - 1))
