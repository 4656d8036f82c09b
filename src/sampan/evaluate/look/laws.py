"""Laws: what holds between the columns of a table, found in the rows themselves.

The rules are those that a model learns (`sampan.rules.search`); beside them the judge knows what numbers are
written in, which columns are never missing, values that never meet, and steps.
"""

from __future__ import annotations

import numpy as np

from sampan.column import Column, from_numpy, from_strings, join, take
from sampan.evaluate.look.law import Broken, Law
from sampan.evaluate.look.special import specials
from sampan.evaluate.look.steps import steps
from sampan.evaluate.sides import Side, Sides, stacked
from sampan.rules.notation import columns_asked, text_of
from sampan.rules.rule import Fixes, Rule
from sampan.rules.search import found
from sampan.rules.truth import truth

MOST = 150
"""Laws that are kept: rules first, then those that forbid most."""

MOST_ROWS = 20_000
"""Seen rows among which laws are looked for: a law that holds in them is confirmed on others."""


def laws(sides: Sides, confirm: Side | None = None) -> list[Law]:
    """What holds in the seen rows, in all or in a share: rules, then what forbids most; at most MOST.

    confirm: other real rows, in which rules are to hold as well.
    """
    rng = sides.rng("laws")
    seen = sides.seen.some(MOST_ROWS, rng)
    real = columns_of(seen if confirm is None else stacked(seen, confirm), sides)
    rules = found(real, rng)
    bound = [frozenset(columns_asked(rule)) for rule in rules if not isinstance(rule.claim, Fixes)]
    rest = [*specials(seen, sides), *steps(seen, sides, bound)]
    rest = sorted(rest, key=lambda law: -law.support)
    return [*(_law(rule, real, sides) for rule in rules), *rest][:MOST]


def columns_of(side: Side, sides: Sides) -> dict[str, Column]:
    """A side as the search reads it: numbers, moments, labels."""
    out: dict[str, Column] = {}
    for name in sides.kinds:
        if name not in side.numbers:
            known, code = sides.labels.get(name, []), side.codes[name]
            more = range(len(known), int(code.max(initial=-1)) + 1)
            words = [*map(str, known), *(f"value {place}" for place in more), ""]
            out[name] = take(from_strings(words), code)
        elif name in sides.ticks:
            cells = side.numbers[name]
            gone = np.isnan(cells)
            micros = np.where(gone, 0, np.round(np.where(gone, 0, cells) * 1e6)).astype(np.int64)
            out[name] = from_numpy(micros.astype("datetime64[us]"), gone)
        else:
            out[name] = from_numpy(side.numbers[name])
    return out


def _law(rule: Rule, real: dict[str, Column], sides: Sides) -> Law:
    """A rule as a law of other tables."""
    names = columns_asked(rule)
    return Law(text_of(rule), float(rule.rows), _broken(rule, names, real, sides), rule.share)


def _broken(rule: Rule, names: tuple[str, ...], real: dict[str, Column], sides: Sides) -> Broken:
    """Who breaks a rule. What columns fix, they fix as in the real rows, as far as these hold it."""
    kept = {name: real[name] for name in names}

    def broken(side: Side) -> np.ndarray:
        own = {name: column for name, column in columns_of(side, sides).items() if name in kept}
        if not isinstance(rule.claim, Fixes):
            true, known = truth(rule.claim, own)
            return known & ~true
        both = {name: join([kept[name], own[name]]) for name in names}
        start = len(kept[names[0]])
        true, known = truth(rule.claim, both, of=start)
        return (known & ~true)[start:]

    return broken
