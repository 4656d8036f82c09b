"""OwnNets: networks for records whose leaves are all scalar symbols, a small one for each leaf.

    known cells -> sum of embeddings, its own -> linear and relu^2 -> residual blocks -> its head

What a leaf sees of a record is a sum, so what each leaf of a record follows from in the usual order, the
leaves before it, comes of one look at the record: of a table in which what comes later is blanked out
(MADE: Germain et al. 2015, arXiv:1502.03509, with the masks on symbols). A record teaches all of its leaves
with one look, where a shared network (`RowNet`) takes one for each.

Its width is what a look costs: leaves^2 width numbers are added. So it is for records of some dozen leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.nn.rows import Symbols, SymbolTable, keep
from sampan.space import Choice

WIDEST = 2**22
"""Numbers of the table of all symbols, beyond which networks are narrower."""

NARROWEST = 8
"""Width below which a network of its own says less of a leaf than one for all."""


def width_for(spaces: Mapping[str, Choice], width: int) -> int:
    """The width of networks of their own for these leaves, at most `width`; 0 where they would be too narrow.

    >>> width_for({"a": Choice(2), "b": Choice(3)}, 32)
    32
    >>> width_for({f"{leaf}": Choice(100) for leaf in range(600)}, 32)
    0
    """
    symbols = sum(space.size + 1 for space in spaces.values())
    width = min(width, WIDEST // max(1, 2 * symbols * len(spaces)))
    return width if width >= NARROWEST else 0


class OwnNets(Symbols):
    """Logits of every leaf given the known ones, by a network of its own."""

    place: Tensor

    def __init__(self, spaces: Mapping[str, Choice], order: list[int], width: int, depth: int) -> None:
        """order: the usual order of the leaves. depth: layers, one of which is the sums."""
        super().__init__(spaces)
        inputs, leaves = [*spaces.values()], len(spaces)
        self.width = width
        # the place of each leaf in the usual order, for the leaf of each symbol and for each leaf
        place = sorted(range(leaves), key=order.__getitem__)  # its inverse
        every = [own for own, size in zip(place, self.sizes, strict=True) for _ in range(size)]
        self.register_buffer("place", torch.tensor([*every, *place], dtype=torch.long), persistent=False)
        self.embed = SymbolTable(inputs, leaves * 2 * width, 0.5)
        self.hidden = nn.Parameter(torch.randn(leaves, leaves * 2 * width) * 0.5)
        """What stands in for a leaf that is not known."""
        blocks = max(0, depth - 1)
        self.into = nn.ParameterList(torch.randn(leaves, width, width) * width**-0.5 for _ in range(blocks))
        self.out = nn.ParameterList(torch.zeros(leaves, width, width) for _ in range(blocks))
        self.head = SymbolTable(inputs, width, 0.0)  # learning begins at the marginals
        self.bias = nn.Parameter(torch.zeros(sum(self.sizes)))

    def table(self) -> Tensor:
        """What each symbol, then each "not known", is to each leaf: (symbols + leaves, leaves, 2 width)."""
        return torch.cat([self.embed(), self.hidden]).unflatten(1, (-1, 2 * self.width))

    # --- sums ---------------------------------------------------------------------------------------------
    def before(self, symbols: Tensor, table: Tensor) -> Tensor:
        """What each leaf sees of those before it in the usual order: (batch, leaves, 2 width)."""
        return self._seen(symbols, table, self.place[:, None] < self.place[-len(self.sizes) :])

    def others(self, symbols: Tensor, table: Tensor) -> Tensor:
        """What each leaf sees of all others: (batch, leaves, 2 width)."""
        return self._seen(symbols, table, self.place[:, None] != self.place[-len(self.sizes) :])

    def _seen(self, symbols: Tensor, table: Tensor, sees: Tensor) -> Tensor:
        """sees: which symbols and leaves of the table each leaf does: bool (symbols + leaves, leaves)."""
        every, sees = sum(self.sizes), sees[:, :, None]
        seen = torch.where(sees[:every], table[:every], 0.0).flatten(1)
        hidden = torch.where(sees[every:], 0.0, table[every:]).sum(dim=0)
        sums = F.embedding_bag(symbols + self.offset, seen, mode="sum")
        return sums.unflatten(1, (len(self.sizes), -1)) + hidden

    def gather(self, symbols: Tensor, known: Tensor, table: Tensor) -> Tensor:
        """What each leaf sees of what is known: (batch, leaves, 2 width)."""
        sums = F.embedding_bag(self.index(symbols, known), table.flatten(1), mode="sum")
        return sums.unflatten(1, (len(self.sizes), -1))

    # --- layers -------------------------------------------------------------------------------------------
    def layers(self, sums: Tensor, drop: Callable[[Tensor], Tensor] = keep) -> Tensor:
        """What the heads see: (batch, leaves, 2 width) -> (batch, leaves, width)."""
        hidden = self._first(sums, drop)
        for into, out in zip(self.into, self.out, strict=True):
            normal = F.layer_norm(hidden, (self.width,)).transpose(0, 1)
            inner = F.relu(torch.bmm(normal, into)).square()
            hidden = hidden + torch.bmm(inner, out).transpose(0, 1)
        return F.layer_norm(hidden, (self.width,))

    def _first(self, sums: Tensor, drop: Callable[[Tensor], Tensor]) -> Tensor:
        """A part as it is, for what adds up, and a part squared, for what only two leaves say together."""
        plain, squared = (sums * len(self.sizes) ** -0.5).chunk(2, dim=-1)
        hidden = plain + F.relu(squared).square()
        return drop(hidden.flatten(1)).view_as(hidden)

    def logits(self, hidden: Tensor) -> list[Tensor]:
        """Logits of each leaf, float32 (batch, its size): (batch, leaves, width) -> as many as leaves."""
        heads, biases = self.head().split(self.sizes), self.bias.split(self.sizes)
        leaves = zip(hidden.unbind(dim=1), heads, biases, strict=True)
        return [F.linear(own, head, bias).float() for own, head, bias in leaves]

    def of_leaf(self, sums: Tensor, leaf: int, head: Tensor) -> Tensor:
        """Logits of one leaf: what it sees (batch, 2 width) and the table of heads -> (batch, its size)."""
        hidden = self._first(sums, keep)
        for into, out in zip(self.into, self.out, strict=True):
            normal = F.layer_norm(hidden, (self.width,))
            hidden = hidden + F.relu(normal @ into[leaf]).square() @ out[leaf]
        part = slice(self.starts[leaf], self.starts[leaf] + self.sizes[leaf])
        return F.linear(F.layer_norm(hidden, (self.width,)), head[part], self.bias[part])
