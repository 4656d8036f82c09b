"""RowNet: a network for records whose leaves are all scalar symbols.

    known cells -> sum of their embeddings -> residual MLP -> one head per leaf -> logits

Symbols of an ordered space share strength: embedding and logits of symbol j are smooth functions of its rank
(Gaussian bumps at three scales, and cosines). Only spikes and symbols off the scale have a free part of their
own: with a free part for all, Magic was memorised within 20 epochs (held-out 49.6 nats a record, not 48.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sampan.space import Choice

SCALES = ((8, 1.0), (32, 1.0), (96, 0.3))
"""Centres of the bumps of each scale, and its strength.

The finest scale draws sharp edges (Width <= Length on Magic: C2ST .957 with it, .865 without); at full
strength it memorises (held-out 48.58 nats a record against 48.23).
"""
COSINES = 8


def basis(space: Choice) -> Tensor:
    """Smooth functions of each symbol's rank: float32 (size, features); 0 for symbols off the scale."""
    on = torch.tensor([symbol for symbol in range(space.size) if symbol not in set(space.off)])
    rank = (torch.arange(len(on)) + 0.5) / max(len(on), 1)
    parts = []
    for count, strength in SCALES:
        count = min(count, len(on))
        centre = (torch.arange(count) + 0.5) / count
        bump = torch.exp(-0.5 * ((rank[:, None] - centre) * count) ** 2)
        # every symbol gets the same strength from every scale, wherever it lies
        parts.append(strength * bump / bump.norm(dim=1, keepdim=True))
    parts.append(torch.cos(math.pi * rank[:, None] * torch.arange(COSINES)) / COSINES**0.5)
    features = torch.cat(parts, dim=1)
    out = torch.zeros(space.size, features.shape[1])
    out[on] = features
    return out


def _stretch(space: Choice) -> Tensor:
    """Which symbols only stand for a stretch of a scale: bool (size,)."""
    out = torch.full((space.size,), space.ordered)
    out[[*space.off, *space.spikes]] = False
    return out


class SymbolTable(nn.Module):
    """A vector for every symbol of every leaf, stacked in one table (symbols of all leaves, width)."""

    has_own: Tensor

    def __init__(self, spaces: Sequence[Choice], width: int, scale: float) -> None:
        super().__init__()
        self.spaces = tuple(spaces)
        self.smooth = nn.ParameterList()
        free, has_own = [], []
        for index, space in enumerate(self.spaces):
            own = torch.randn(space.size, width) * scale
            alone = torch.ones(space.size, 1)
            if space.ordered:
                features = basis(space)
                self.register_buffer(f"basis{index}", features, persistent=False)
                self.smooth.append(nn.Parameter(torch.randn(features.shape[1], width) * scale))
                on = torch.ones(space.size, dtype=torch.bool)
                on[list(space.off)] = False
                own[on] = 0.0
                alone[_stretch(space)] = 0.0
            free.append(own)
            has_own.append(alone)
        none = torch.zeros(0, width)
        self.free = nn.Parameter(torch.cat([none, *free]))
        self.register_buffer("has_own", torch.cat([none[:, :1], *has_own]), persistent=False)

    def forward(self) -> Tensor:
        """The whole table, float32 (symbols of all leaves, width)."""
        own = self.free * self.has_own
        parts, smooth = [], iter(self.smooth)
        # split, not sliced: the gradient of a slice is as large as the whole table
        pieces = own.split([space.size for space in self.spaces]) if self.spaces else ()
        for index, (space, part) in enumerate(zip(self.spaces, pieces, strict=True)):
            if space.ordered:
                part = part + getattr(self, f"basis{index}") @ next(smooth)
            parts.append(part)
        return torch.cat(parts) if parts else own


EXPAND = 2
"""Hidden units of a block for each unit of its width.

With 4, half of Magic and of Shoppers were learned no better (unseen rows: 48.43 nats a record against 48.47,
32.24 against 32.26), more of them by heart, and rows were made more slowly.
"""


class Block(nn.Module):
    """x + W2 relu(W1 norm(x))^2: one residual step."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.into = nn.Linear(width, EXPAND * width)
        self.out = nn.Linear(EXPAND * width, width)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, x: Tensor, drop: Callable[[Tensor], Tensor] = lambda hidden: hidden) -> Tensor:
        """(batch, width) -> (batch, width). drop: what becomes of the hidden units while learning."""
        # squared ReLU (So et al. 2021, arXiv:2109.08668): a quarter of a step faster than GELU on a CPU
        hidden = self.into(self.norm(x))
        hidden = F.relu(hidden).square() if torch.is_grad_enabled() else hidden.relu_().square_()
        return x + self.out(drop(hidden))


def keep(hidden: Tensor) -> Tensor:
    """What becomes of hidden units once learned: nothing."""
    return hidden


GROUP = 16
"""Neighbouring records that lose the same hidden units: a mask for each would cost a tenth of a step."""


def dropout(share: float, rng: torch.Generator) -> Callable[[Tensor], Tensor]:
    """What zeroes a random share of hidden units, the same for each 16 records, and scales the rest."""

    def drop(hidden: Tensor) -> Tensor:
        rows, units = hidden.shape
        draw = torch.rand(-(-rows // GROUP), units, generator=rng)
        mask = ((draw >= share) / (1 - share)).to(hidden)
        return hidden * mask.repeat_interleave(GROUP, dim=0)[:rows]

    return drop


class Symbols(nn.Module):
    """The symbols of all leaves side by side: what every network for records of them knows about them."""

    offset: Tensor
    last: Tensor
    stretch: Tensor
    bias: nn.Parameter
    """Of the logits, float32 (symbols of all leaves,)."""

    def __init__(self, spaces: Mapping[str, Choice]) -> None:
        super().__init__()
        self.names = tuple(spaces)
        self.sizes = tuple(space.size for space in spaces.values())
        self.starts = tuple(sum(self.sizes[:index]) for index in range(len(self.sizes)))
        self.register_buffer("offset", torch.tensor(self.starts, dtype=torch.long), persistent=False)
        self.register_buffer("last", torch.tensor(self.sizes, dtype=torch.long) - 1, persistent=False)
        stretch = torch.cat([torch.zeros(0, dtype=torch.bool), *map(_stretch, spaces.values())])
        self.register_buffer("stretch", stretch, persistent=False)

    def blurred(self, symbols: Tensor, blur: int, rng: torch.Generator) -> Tensor:
        """Symbols that stand for a stretch of a scale, moved by up to `blur` 256ths of it: (batch, leaves).

        Spikes and symbols off the scale stay, and nothing is moved onto one.
        """
        reach = torch.round(blur * (self.last + 1) / 256)
        step = torch.rand(symbols.shape, generator=rng).to(symbols.device) * (2 * reach + 1)
        moved = symbols + (step.floor() - reach).long()
        moved = torch.minimum(moved.clamp(min=0), self.last)
        free = self.stretch[symbols + self.offset] & self.stretch[moved + self.offset]
        return torch.where(free, moved, symbols)

    def index(self, symbols: Tensor, known: Tensor) -> Tensor:
        """Where each cell stands in a table of all symbols, then of "not known" for each leaf."""
        unknown = sum(self.sizes) + torch.arange(len(self.sizes), device=symbols.device)
        return torch.where(known, symbols + self.offset, unknown)


class RowNet(Symbols):
    """Logits of every leaf given the known ones, by one network for all."""

    def __init__(self, spaces: Mapping[str, Choice], width: int, depth: int) -> None:
        super().__init__(spaces)
        inputs = [*spaces.values()]
        self.embed = SymbolTable(inputs, width, 1.0)
        self.hidden = nn.Parameter(torch.randn(len(inputs), width) * 0.3)
        """What stands in for a leaf that is not known."""
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.head = SymbolTable(inputs, width, 0.0)  # learning begins at the marginals
        self.bias = nn.Parameter(torch.zeros(sum(self.sizes)))

    def table(self) -> Tensor:
        """Embeddings of all symbols, then of "not known" for each leaf: (symbols + leaves, width)."""
        return torch.cat([self.embed(), self.hidden])

    def gather(self, symbols: Tensor, known: Tensor, table: Tensor) -> Tensor:
        """Sum of the embeddings of one record's cells: (batch, leaves) int64 and bool -> (batch, width)."""
        return F.embedding_bag(self.index(symbols, known), table, mode="sum")

    def trunk(self, x: Tensor, drop: Callable[[Tensor], Tensor] = lambda hidden: hidden) -> Tensor:
        """(batch, width) -> (batch, width)."""
        x = x * max(1, len(self.sizes)) ** -0.5
        for block in self.blocks:
            x = block(x, drop)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Logits of all leaves side by side: float32 (batch, symbols of all leaves)."""
        return F.linear(hidden, self.head(), self.bias).float()

    def one_hot(self, symbols: Tensor) -> Tensor:
        """(batch, leaves) -> float32 (batch, symbols of all leaves)."""
        out = torch.zeros(len(symbols), sum(self.sizes))
        return out.scatter_(1, symbols + self.offset, 1.0) if self.names else out

    def of_leaf(self, hidden: Tensor, leaf: int, head: Tensor) -> Tensor:
        """Logits of one leaf: hidden (batch, width) and the table of heads -> (batch, its size)."""
        part = slice(self.starts[leaf], self.starts[leaf] + self.sizes[leaf])
        return F.linear(hidden, head[part], self.bias[part])
