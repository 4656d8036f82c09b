"""A network for each leaf: what one look at a record says of all of its leaves is what each alone is told."""

from __future__ import annotations

import pytest
import torch

from sampan.nn.own import WIDEST, OwnNets, width_for
from sampan.nn.scalars import usual_order
from sampan.space import Choice

SPACES = {
    "a": Choice(5),
    "b": Choice(2),
    "c": Choice(40, ordered=True, off=(39,), spikes=(3,)),
    "d": Choice(3),
}
ROWS, LEAVES = 50, len(SPACES)


@pytest.fixture(scope="module")
def net() -> OwnNets:
    torch.manual_seed(0)
    net = OwnNets(SPACES, usual_order(SPACES), 8, 3)
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.3 * torch.randn(weight.shape))
    return net


@pytest.fixture(scope="module")
def symbols() -> torch.Tensor:
    rng = torch.Generator().manual_seed(1)
    return torch.stack(
        [torch.randint(space.size, (ROWS,), generator=rng) for space in SPACES.values()], dim=1
    )


@pytest.mark.parametrize("which", ["before", "others"])
@torch.no_grad()
def test_one_look_says_of_every_leaf_what_it_alone_would_be_told(
    which: str, net: OwnNets, symbols: torch.Tensor
) -> None:
    table = net.table()
    every = getattr(net, which)(symbols, table)
    order = [1, 3, 0, 2]  # leaves of few symbols first
    for leaf in range(LEAVES):
        seen = order[: order.index(leaf)] if which == "before" else [o for o in order if o != leaf]
        known = torch.zeros(ROWS, LEAVES, dtype=torch.bool)
        known[:, seen] = True
        alone = net.gather(symbols, known, table)
        assert torch.allclose(every[:, leaf], alone[:, leaf], atol=1e-5)
        # and so whatever it is not to see may hold anything
        other = torch.where(known, symbols, 0)
        assert torch.equal(net.gather(other, known, table), alone)


@torch.no_grad()
def test_the_logits_of_one_leaf_are_those_of_all(net: OwnNets, symbols: torch.Tensor) -> None:
    sums = net.gather(symbols, torch.rand(ROWS, LEAVES) < 0.5, net.table())
    together = net.logits(net.layers(sums))
    for leaf, size in enumerate(net.sizes):
        alone = net.of_leaf(sums[:, leaf], leaf, net.head())
        assert alone.shape == (ROWS, size) and alone.std() > 0.1
        assert torch.allclose(together[leaf], alone, atol=1e-4)


def test_networks_are_narrower_where_there_are_many_and_one_for_all_where_too_narrow() -> None:
    numbers = {str(leaf): Choice(127) for leaf in range(30)}
    width = width_for(numbers, 32)
    assert 8 <= width < 32 and 2 * width * 30 * 30 * 128 <= WIDEST
    assert width_for(dict(list(numbers.items())[:10]), 32) == 32
    assert width_for({str(leaf): Choice(127) for leaf in range(100)}, 32) == 0
