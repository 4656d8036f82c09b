"""Ways through a latent space along which records change little by little.

A latent space may be folded: two points beside each other may stand for records far apart. So the length of
a hop is measured where it counts, between the records at its ends (the metric of the decoder: Arvanitidis et
al. 2018, arXiv:1710.11379; as a shortest way through a graph: Chen et al. 2019, arXiv:1812.08284).
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from sampan.space import Choice, Space


def looks(values: Mapping[str, Tensor], spaces: Mapping[str, Space]) -> Tensor:
    """Records as vectors whose distance says how much they differ: float32 (records, features).

    A leaf counts at most 1: from end to end of a scale, or from one symbol without a scale to another.
    """
    parts = []
    for name, space in spaces.items():
        tensor = values[name].flatten(1) if values[name].ndim > 1 else values[name][:, None]
        match space:
            case Choice(size=size, ordered=True, off=off):
                apart = torch.stack([(tensor == symbol).any(dim=1) for symbol in off] or [tensor[:, 0] < 0])
                parts += [tensor.float() / max(1, size - 1), apart.T.float()]
            case Choice(size=size):
                parts.append(F.one_hot(tensor.long(), size).flatten(1).float() / 2**0.5)
            case _:
                parts.append(tensor.float() / 4)
    return torch.cat(parts, dim=1)


def shortest_way(points: Tensor) -> list[int]:
    """Which points lie on the way from the first point to the last: (points, features) -> indices.

    A hop costs its squared length, so that the way takes many small hops (Dijkstra's algorithm on all pairs).

    >>> corner = torch.tensor([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 2.0], [9.0, 9.0], [2.0, 2.0]])
    >>> shortest_way(corner)
    [0, 1, 2, 3, 5]
    """
    hop = torch.cdist(points.double(), points.double()).square()
    count = len(points)
    cost = torch.full((count,), torch.inf, dtype=torch.float64)
    before = torch.zeros(count, dtype=torch.long)
    open_ = torch.ones(count, dtype=torch.bool)
    cost[0] = 0.0
    for _ in range(count):
        nearest = int(torch.where(open_, cost, torch.inf).argmin())
        if nearest == count - 1:
            break
        open_[nearest] = False
        through = cost[nearest] + hop[nearest]
        better = open_ & (through < cost)
        cost[better], before[better] = through[better], nearest
    way = [count - 1]
    while way[-1] != 0:
        way.append(int(before[way[-1]]))
    return way[::-1]


def evenly_along(way: Tensor, look: Tensor, count: int) -> Tensor:
    """So many points evenly along a way, its ends included: (hops + 1, latent) -> (count, latent).

    look: the records along the way as vectors, (hops + 1, features), between which even is measured.

    >>> way = torch.tensor([[0.0], [1.0], [4.0]])
    >>> evenly_along(way, way, 5)[:, 0].tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    length = (look[1:] - look[:-1]).norm(dim=1)
    reached = torch.cat([torch.zeros(1), length.cumsum(0)])
    wanted = torch.linspace(0, float(reached[-1]), count)
    hop = torch.searchsorted(reached, wanted, right=True).clamp(1, len(way) - 1)
    share = (wanted - reached[hop - 1]) / length[hop - 1].clamp(min=1e-12)
    return way[hop - 1] + share.clamp(0, 1)[:, None] * (way[hop] - way[hop - 1])
