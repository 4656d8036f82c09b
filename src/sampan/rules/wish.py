"""Wish: what a person says of the rules of a table, and the rules that come of it with those found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sampan.column import Column, stands_for
from sampan.errors import RequestError
from sampan.field import Codec
from sampan.rules.notation import columns_asked, full_name, rule_of, text_of
from sampan.rules.quantities import plain_columns
from sampan.rules.rule import Fixes, Rule
from sampan.rules.search import found
from sampan.rules.truth import truth
from sampan.where.formula import Relation
from sampan.where.quantity import Quantities
from sampan.where.term import Of

SHOWN = 5
"""Rows that are named where a rule does not hold."""

SHARE, MOST_SECONDS = 0.05, 20.0
"""Of the time to learn that may be spent on looking for rules, and the seconds at most."""

_OPEN = re.compile(r"(.+?)\s*=\s*(?:\.\.\.|…)\s*")


@dataclass(frozen=True, eq=False)
class Wish:
    """What a person says of rules.

    rules: what is to hold, as text or as rules. no_rules: what is not to be kept where it is found: a rule; a
    column (`nights`), for every rule that speaks of it; `nights = ...`, for those that say what it is; `all`.
    search: whether rules are looked for. seconds: how long for, at most. numbers: what a person calls each
    row, from 1 on unless said.
    """

    rules: tuple[str | Rule, ...] = ()
    no_rules: tuple[str, ...] = ()
    search: bool = True
    seconds: float = MOST_SECONDS
    seed: int = 0
    numbers: np.ndarray | None = None

    def within(self, seconds: float | None, seed: int) -> Wish:
        """The same for a learning of so many seconds, and with its seed."""
        most = MOST_SECONDS if seconds is None else min(SHARE * seconds, MOST_SECONDS)
        return replace(self, seconds=most, seed=seed)

    def read(self, columns: Mapping[str, Column]) -> tuple[list[Rule], list[Rule | str]]:
        """What is to hold, and what is not (rules, and columns as text). Raises WhereError."""
        said = [rule if isinstance(rule, Rule) else rule_of(rule, columns) for rule in self.rules]
        return said, [_unwanted(text, columns) for text in self.no_rules]

    def settled(
        self, columns: Mapping[str, Column], codecs: Mapping[str, Codec]
    ) -> tuple[list[Rule], list[str]]:
        """The rules of a table, and what a person should know of them.

        columns: as they were read; codecs: what was learned of them. What is invented takes no part.
        Raises WhereError for a rule that cannot be read, RequestError for rules that contradict each other.
        """
        said, unwanted = self.read(columns)
        plain = plain_columns(codecs, columns)
        cells = Quantities(plain)
        declared, notes = _declared(said, plain, cells, self.numbers)
        _refuse_both(declared, unwanted)
        if not self.search or "all" in unwanted:
            return declared, notes
        searched = {name: plain[name] for name, codec in codecs.items() if _speaks(codec, columns[name])}
        out = []
        used: set[int] = set()
        for rule in found(searched, np.random.default_rng(self.seed), self.seconds):
            against = [place for place, one in enumerate(unwanted) if _meant(one, rule)]
            used.update(against)
            if not against and not any(_says_as_much(one, rule) for one in declared):
                out.append(rule)
        for place, one in enumerate(unwanted):
            if place not in used:
                told = one if isinstance(one, str) else text_of(one)
                notes.append(f"no rule was found that --no-rule {told!r} would leave out")
        return [*declared, *out], notes


FIND, NONE = Wish(), Wish(search=False)
"""What holds where nobody says anything: rules are looked for; or none is."""


# --- what is said
def _speaks(codec: Codec, column: Column) -> bool:
    """Whether rules may speak of a column: one that is learned, of cells that are what they look like."""
    return bool(codec.spaces) and not codec.dimensions and not stands_for(column)


def _unwanted(text: str, columns: Mapping[str, Column]) -> Rule | str:
    """A rule; or a column, also as "nights =", of which every rule is meant; or "all"."""
    plain = text.strip()
    if plain.lower() == "all" and plain not in columns:
        return "all"
    if plain in columns:
        return plain
    opened = _OPEN.fullmatch(plain)
    if opened is not None:
        return f"{full_name(opened.group(1).strip('`'), columns)} ="
    return rule_of(text, columns)


def _meant(one: Rule | str, rule: Rule) -> bool:
    """Whether a rule that was found is one that is not to be kept."""
    if isinstance(one, Rule):
        return one.claim == rule.claim or text_of(one) == text_of(rule)
    if one.endswith(" ="):
        return _made(rule) == one.removesuffix(" =")
    return one in columns_asked(rule)


def _made(rule: Rule) -> str | None:
    """The column that a rule says what it is."""
    match rule.claim:
        case Fixes(_, of):
            return of
        case Relation(Of(column), "==", _):
            return column
        case _:
            return None


def _says_as_much(declared: Rule, rule: Rule) -> bool:
    """Whether a declared rule binds the same columns in the same way as one that was found."""
    if {*columns_asked(declared)} != {*columns_asked(rule)}:
        return False
    if declared.claim == rule.claim or (isinstance(rule.claim, Fixes) and _made(declared) == _made(rule)):
        return True
    return _kind(declared) == _kind(rule) is not None


def _kind(rule: Rule) -> str | None:
    match rule.claim:
        case Relation(_, "==", _):
            return "equation"
        case Relation(_, "<" | "<=" | ">" | ">=", _):
            return "order"
        case _:
            return None


def _declared(
    said: Sequence[Rule], plain: Mapping[str, Column], cells: Quantities, numbers: np.ndarray | None
) -> tuple[list[Rule], list[str]]:
    """Declared rules, in how many rows they hold, and what is told of those that fail in some."""
    out: list[Rule] = []
    notes: list[str] = []
    every: list[np.ndarray] = []
    for rule in said:
        true, known = truth(rule.claim, plain, cells)
        says, kept = int(known.sum()), int(true[known].sum())
        if says and not kept:
            raise RequestError(
                f"The rule holds in none of {says:,} rows: {text_of(rule)}",
                "A rule that the rows keep, or most of them, is expected.",
                "Correct the rule, or leave it out.",
            )
        if not rule.always:  # of some rows, as it says itself
            out.append(replace(rule, rows=kept))
            continue
        broken = np.flatnonzero(known & ~true)
        if broken.size:
            notes.append(_told(text_of(rule), broken, says, numbers))
        every.append(true | ~known)
        out.append(replace(rule, rows=kept))
    _refuse_contradiction(out, every)
    return out, notes


def _told(text: str, broken: np.ndarray, says: int, numbers: np.ndarray | None) -> str:
    """What a person is told of a rule that does not hold in all rows."""
    rows = broken[:SHOWN] + 1 if numbers is None else numbers[broken[:SHOWN]]
    listed = ", ".join(f"{row:,}" for row in rows.tolist())
    more = f" and {broken.size - SHOWN:,} more" if broken.size > SHOWN else ""
    share = 100 * broken.size / says
    word = "row" if broken.size == 1 else "rows"
    return (
        f"the rule {text} does not hold in {broken.size:,} of {says:,} rows ({share:.2g} %): {word}"
        f" {listed}{more}. Every made row keeps it"
    )


def _refuse_contradiction(rules: Sequence[Rule], kept: Sequence[np.ndarray]) -> None:
    """Raise RequestError for rules of which no row keeps all, naming two that clash where two do."""
    if not kept or np.logical_and.reduce(kept).any() or not all(one.size for one in kept):
        return
    pairs = ((a, b) for a in range(len(rules)) for b in range(a) if not (kept[a] & kept[b]).any())
    a, b = next(pairs, (0, 0))
    two = [rules[b], rules[a]] if a != b else rules
    raise RequestError(
        f"No row keeps these rules together: {'; '.join(text_of(rule) for rule in two)}",
        "Rules that can hold in one row are expected.",
        "Leave one of them out.",
    )


def _refuse_both(declared: Iterable[Rule], unwanted: Iterable[Rule | str]) -> None:
    """Raise RequestError for a rule that is both to hold and not to be kept."""
    for rule in declared:
        if any(isinstance(one, Rule) and _meant(one, rule) for one in unwanted):
            raise RequestError(
                f"The rule is both to hold and not to be kept: {text_of(rule)}",
                "A rule is expected in rules or in no_rules.",
                "Leave it out of one of them.",
            )


def check(wish: Wish, columns: Mapping[str, Column]) -> None:
    """Raise WhereError or RequestError, before any work, for rules that cannot be read or that are both."""
    _refuse_both(*wish.read(columns))
