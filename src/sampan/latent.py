"""Ways through a latent space that keep to where records are."""

from __future__ import annotations

import torch
from torch import Tensor


def shortest_way(points: Tensor) -> Tensor:
    """The points on the way from the first point to the last: (points, latent) -> (hops + 1, latent).

    A hop costs its squared length, so that the way goes along the dense places in small hops (Dijkstra's
    algorithm on all pairs; geodesics of latent spaces by graphs: Chen et al. 2019, arXiv:1812.08284).

    >>> corner = torch.tensor([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 2.0], [9.0, 9.0], [2.0, 2.0]])
    >>> shortest_way(corner).tolist()
    [[0.0, 0.0], [0.0, 1.0], [0.0, 2.0], [1.0, 2.0], [2.0, 2.0]]
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
    return points[way[::-1]]


def evenly_along(way: Tensor, count: int) -> Tensor:
    """So many points evenly along a way, its ends included: (hops + 1, latent) -> (count, latent).

    >>> evenly_along(torch.tensor([[0.0], [1.0], [4.0]]), 5)[:, 0].tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0]
    """
    length = (way[1:] - way[:-1]).norm(dim=1)
    reached = torch.cat([torch.zeros(1), length.cumsum(0)])
    wanted = torch.linspace(0, float(reached[-1]), count)
    hop = torch.searchsorted(reached, wanted, right=True).clamp(1, len(way) - 1)
    share = (wanted - reached[hop - 1]) / length[hop - 1].clamp(min=1e-12)
    return way[hop - 1] + share.clamp(0, 1)[:, None] * (way[hop] - way[hop - 1])
