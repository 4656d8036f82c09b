"""Straight-through: symbols drawn one-hot that let gradients through as if they were probabilities."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def straight_through(logits: Tensor, sizes: Sequence[int], rng: torch.Generator) -> Tensor:
    """One-hot symbols of leaves side by side: (batch, symbols of all leaves) -> the same shape.

    Straight-through Gumbel (Jang, Gu and Poole 2017, arXiv:1611.01144): drawn as the logits say on the way
    there, and on the way back the softened probabilities of the same draw.

    >>> drawn = straight_through(torch.tensor([[99.0, -99.0, -99.0, 99.0]]), (2, 2), torch.Generator())
    >>> drawn.tolist()
    [[1.0, 0.0, 0.0, 1.0]]
    """
    parts = []
    for own in logits.split(list(sizes), dim=1):
        level = torch.rand(own.shape, generator=rng).clamp(1e-9, 1 - 1e-7)
        soft = (own - (-level.log()).log()).softmax(dim=1)
        hard = torch.zeros_like(soft).scatter_(1, soft.argmax(dim=1, keepdim=True), 1.0)
        parts.append(hard + soft - soft.detach())
    return torch.cat(parts, dim=1)
