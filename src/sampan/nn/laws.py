"""Laws: symbols of one leaf that fix the symbol of another, in every record that was seen.

A town fixes its district, a level of schooling its number of years. A network learns such a law only nearly:
on the census table 2 of 100 records broke one after a short fit, each of them a record that cannot be. So
laws are found by counting before learning, and kept when records are made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

MOST = 64
"""Laws that are kept: so many, those with most evidence."""

WIDEST = 512
"""Symbols of the largest leaf that is searched: counting pairs of larger ones costs more than they tell."""

LEAVES = 128
"""Leaves of the longest record that is searched: pairs grow with the square."""

EVIDENCE = 50
"""Records that could have broken a law, and did not, for it to be one."""

PENALTY = 14.0
"""Nats that breaking a law costs: one record in a million, and never a likelihood of zero."""


FORBIDDEN = 60.0
"""Nats that a pair costs which rules between columns forbid."""


class Laws(nn.Module):
    """Which symbol of leaf b each symbol of leaf a implies: part of a model, saved with its weights.

    forbidden: (a, b, which symbols of both may stand in one record), as rules say it; saved as rules.
    """

    table: Tensor

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.sizes = tuple(sizes)
        self.forbidden: list[tuple[int, int, Tensor]] = []
        # a row for each law: a, b, then the symbol of b for each of a (-1: never seen); unused rows are -1
        self.register_buffer("table", torch.full((MOST, 2 + WIDEST), -1, dtype=torch.int32))

    def find(self, symbols: Tensor) -> None:
        """Search the laws of some records: int64 (records, leaves)."""
        self.table.fill_(-1)
        leaves = [leaf for leaf, size in enumerate(self.sizes) if 1 < size <= WIDEST]
        if len(symbols) < EVIDENCE or len(leaves) > LEAVES:
            return
        few = symbols[:1_000]
        found: list[tuple[int, int, int, Tensor]] = []
        for a in leaves:
            for b in leaves:
                if a == b or self._implied(few, a, b) is None:
                    continue
                law = self._implied(symbols, a, b)
                if law is not None:
                    evidence = self._evidence(symbols, a, b)
                    if evidence >= EVIDENCE:
                        found.append((evidence, a, b, law))
        for row, (_, a, b, law) in enumerate(sorted(found, key=lambda one: -one[0])[:MOST]):
            self.table[row, 0], self.table[row, 1] = a, b
            self.table[row, 2 : 2 + len(law)] = law.to(torch.int32)

    def _implied(self, symbols: Tensor, a: int, b: int) -> Tensor | None:
        """The symbol of b for each symbol of a, -1 where unseen; None where some symbol of a has several."""
        low = torch.full((self.sizes[a],), self.sizes[b], dtype=torch.long)
        high = torch.full((self.sizes[a],), -1, dtype=torch.long)
        low.scatter_reduce_(0, symbols[:, a], symbols[:, b], "amin")
        high.scatter_reduce_(0, symbols[:, a], symbols[:, b], "amax")
        return high if bool(((low == high) | (high < 0)).all()) else None

    def _evidence(self, symbols: Tensor, a: int, b: int) -> int:
        """Records beyond the first of their symbol of a, those with the commonest symbol of b left out.

        Where b says one thing nearly always, agreeing with it is no evidence.
        """
        count_b = torch.bincount(symbols[:, b], minlength=self.sizes[b])
        rest = symbols[symbols[:, b] != count_b.argmax()]
        return len(rest) - len(torch.unique(rest[:, a]))

    def sound(self) -> bool:
        """Whether the table speaks of leaves and symbols that there are, where it came out of a file."""
        told = [row for row in self.table.tolist() if row[0] >= 0]
        if any(a >= len(self.sizes) or not 0 <= b < len(self.sizes) or a == b for a, b, *_ in told):
            return False
        for a, b, law in self._each():
            if self.sizes[a] > WIDEST or int(law.min()) < -1 or int(law.max()) >= self.sizes[b]:
                return False
        return True

    def _each(self) -> Iterator[tuple[int, int, Tensor]]:
        for row in self.table:
            if row[0] < 0:
                return
            a, b = int(row[0]), int(row[1])
            yield a, b, row[2 : 2 + self.sizes[a]].long()

    def penalty(self, leaf: int, symbols: Tensor, known: Tensor) -> Tensor | None:
        """What to add to the logits of a leaf, (records, its size): minus 14 where a law would be broken,
        more where a rule would.

        symbols, known: (records, leaves), what is known of each record. None where no law speaks of the leaf.
        """
        out: Tensor | None = None
        for a, b, law in self._each():
            if leaf == b and bool(known[:, a].any()):
                implied = law[symbols[:, a]]
                speaks = known[:, a] & (implied >= 0)
                broken = torch.arange(self.sizes[b]) != implied[:, None]
            elif leaf == a and bool(known[:, b].any()):
                speaks = known[:, b]
                broken = (law != symbols[:, b, None]) & (law >= 0)
            else:
                continue
            own = (broken & speaks[:, None]).float() * -PENALTY
            out = own if out is None else torch.minimum(out, own)
        for a, b, allowed in self.forbidden:
            other = a if leaf == b else b if leaf == a else None
            if other is None or not bool(known[:, other].any()):
                continue
            table = (allowed if leaf == b else allowed.T).to(symbols.device)
            own = (~table[symbols[:, other]] & known[:, other, None]).float() * -FORBIDDEN
            out = own if out is None else out + own
        return out
