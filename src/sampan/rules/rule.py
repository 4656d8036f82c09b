"""Rule: what holds between columns of a record, in all of them or in a share, as a value."""

from __future__ import annotations

from dataclasses import dataclass

from sampan.where.formula import Formula
from sampan.where.term import Apply, Of, columns_of


@dataclass(frozen=True, slots=True)
class Fixes:
    """For each cell of `by` (several columns: each combination) there is one cell of another column.

    A code fixes a name, a product its list price: a functional dependence. by: columns, and what is reckoned
    from one (`weekday(day) fixes name of the day`).
    """

    by: tuple[str | Apply, ...]
    of: str

    @property
    def causes(self) -> tuple[str, ...]:
        """The columns that fix, each once."""
        terms = (Of(one) if isinstance(one, str) else one for one in self.by)
        return tuple(dict.fromkeys(name for term in terms for name in columns_of(term)))


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds, and where.

    claim: a formula that relates columns (`end >= start`, `total = round(net * 1.1, 2)`,
    `if cancelled = no then fee = 0`), or that some columns fix another. share: of the records that say
    something of it (no cell that it asks about is missing), the share for which it holds: below 1, it is a
    law of some records (a bill that a seventh of people pay in full). rows: in how many records it was
    seen to hold; 0 where it was said and not found.
    """

    claim: Formula | Fixes
    share: float = 1.0
    rows: int = 0

    def __str__(self) -> str:
        """As a person is told of it: "paid = bill (13.5 %)"."""
        from sampan.rules.notation import told

        return told(self)

    @property
    def always(self) -> bool:
        """Whether it holds in every record that says something of it."""
        return self.share >= 1.0
