"""Conditions on records: `age > 65 and churn = yes` read into a formula, and the formula into boxes.

    parse      text -> Formula                       what a person types
    boxes      Formula, codecs -> disjoint boxes     what a model can sample from, exactly
    evaluate   Formula, columns -> which rows hold   what a test or a check asks of finished rows

A missing cell satisfies `is missing` and nothing else, not even a negation: `not age > 65` means
`age <= 65`, as in SQL. So `not` is pushed down to single conditions before anything else happens.
"""

from __future__ import annotations

from sampan.where.cover import boxes
from sampan.where.evaluation import evaluate
from sampan.where.formula import And, Atom, Formula, Not, Or, Relation
from sampan.where.notation import parse, read
from sampan.where.shown import show

__all__ = ["And", "Atom", "Formula", "Not", "Or", "Relation", "boxes", "evaluate", "parse", "read", "show"]
