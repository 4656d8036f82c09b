"""Gate: an expression over scores and their floors that says whether made rows pass.

    private and shape <= 1.5*floor
    c2st >= .9 and not (trend > 2*floor)
    membership.high <= .55
    recall >= 50 and frechet[picture] <= 3*floor

`recall` speaks of every score of that name that there is, of the whole record and of each column of points
(pictures, say): each must be as the gate wants it. `recall[picture]` speaks of one.

There are three values: true, false, and unknown (None), combined as Kleene did: `false and unknown` is false,
`true and unknown` is unknown. Only true passes. Every piece of the expression that is true or false by itself
(an atom) keeps the figures that decided it, so a report can say why.
"""

from sampan.evaluate.gate.decision import Atom, Decision, Why, decide
from sampan.evaluate.gate.names import DEFAULT_GATE, NAMES, POINTS, RECORD, WORDS
from sampan.evaluate.gate.parser import parse

__all__ = ["DEFAULT_GATE", "NAMES", "POINTS", "RECORD", "WORDS", "Atom", "Decision", "Why", "decide", "parse"]
