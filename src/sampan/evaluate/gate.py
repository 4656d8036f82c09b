"""Gate: an expression over scores and their floors that says whether made rows pass.

    private and shape <= 1.5*floor
    c2st >= .9 and not (trend > 2*floor)
    membership.high <= .55

There are three values: true, false, and unknown (None), combined as Kleene did: `false and unknown` is false,
`true and unknown` is unknown. Only true passes. Every piece of the expression that is true or false by itself
(an atom) keeps the figures that decided it, so a report can say why.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from sampan.errors import RequestError, nearest
from sampan.evaluate.score import QUESTIONS, Question, Score
from sampan.evaluate.state import hints, passes

DEFAULT_GATE = "faithful and useful and private and fair"
"""Everything that was asked. Only here does a question that was not asked count neither way: whoever writes a
gate and names a question wants it asked."""

WORDS: Mapping[str, tuple[Question, ...]] = {
    "faithful": ("look", "given"),
    "useful": ("work",),
    "private": ("found",),
    "fair": ("treated",),
}
"""Words for whole questions: true when every score of theirs that was decided passed, and enough were decided
to say so (see `sampan.evaluate.state.enough`)."""

NAMES: Mapping[str, Question] = {
    **dict.fromkeys(
        ("shape", "trend", "c2st", "precision", "recall", "coverage", "absence", "rules"), "look"
    ),
    "given": "given",
    **dict.fromkeys(("utility", "ranking", "importance", "augmentation"), "work"),
    **dict.fromkeys(
        (
            "copies",
            "near",
            "membership",
            "membership_tpr",
            "singling_out",
            "linkability",
            "inference",
        ),
        "found",
    ),
    **dict.fromkeys(("representation", "outcome", "parity", "odds"), "treated"),
}
"""The scores that a gate may name before anything is measured, so that a slip of the pen costs no minute."""

FIGURES = ("value", "floor", "low", "high", "reference", "floor_low", "floor_high")
"""What `score.figure` may be; all but `value` also stand alone, for the score that is compared."""

EXAMPLE = "For example: private and shape <= 1.5*floor"

Why = Literal["", "failed", "undecided", "not asked", "missing", "no figure"]
"""Why an atom is not true: a score failed (""  for a comparison: its figures tell), no score was decided, the
question was not asked, there is no such score in this report, or a figure of it is not known."""

_GRAMMAR = r"""
start: either
?either: both (_OR both)*
?both: unit (_AND unit)*
?unit: _NOT unit -> negation
     | relation
?relation: sum
         | sum (COMPARE sum)+ -> comparison
?sum: product
    | product ((PLUS | MINUS) product)+ -> chain
?product: signed
        | signed ((TIMES | OVER) signed)+ -> chain
?signed: MINUS signed -> minus
       | PLUS signed -> plus
       | place
?place: NUMBER -> number
      | NAME -> name
      | _OPEN either _CLOSE

COMPARE: /==|!=|<>|<=|>=|=|<|>|≥|≤|≠|＝|＞|＜/
_AND.2: /and(?![\w.])|&&?/i
_OR.2: /or(?![\w.])|\|\|?/i
_NOT.2: /not(?![\w.])|!(?!=)/i
PLUS: "+"
MINUS: /[-−–]/
TIMES: /[*×]/
OVER: /[\/÷]/
_OPEN: /[(（]/
_CLOSE: /[)）]/
NUMBER: /(\d+\.?\d*|\.\d+)(e[+-]?\d+)?/i
NAME: /[^\W\d]\w*(\.[^\W\d]\w*)?/
%ignore /\s+/
"""

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_SAME = {"=": "==", "＝": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_PLAIN = {"−": "-", "–": "-", "×": "*", "÷": "/"}


# --- what an expression is
@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a score."""

    score: str
    figure: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Two terms joined by + - * or /."""

    sign: str
    left: Term
    right: Term


Term = Number | Figure | Sum


@dataclass(frozen=True, slots=True)
class Comparison:
    """Terms in a chain of comparisons: `terms[i] signs[i] terms[i + 1]` for every i."""

    text: str
    terms: tuple[Term, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A score, or a word for a question, that should have passed."""

    text: str
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """True where its part is false."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Both:
    """True where all parts are."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """True where any part is."""

    parts: tuple[Expression, ...]


Expression = Comparison | Named | Not | Both | Either


# --- what came of it
@dataclass(frozen=True, slots=True)
class Atom:
    """One piece of a gate that is true, false or unknown by itself.

    holds: its value. wanted: False under an odd number of nots, where the gate wants it false. figures: what
    it read, by the name of each. counted: False where the question was not asked and the default gate passes
    over it. why: see `Why`. scores: those that failed or were not decided.
    """

    text: str
    holds: bool | None
    wanted: bool = True
    counted: bool = True
    why: Why = ""
    figures: tuple[tuple[str, float], ...] = ()
    scores: tuple[str, ...] = ()

    @property
    def in_order(self) -> bool | None:
        """Whether it is as the gate wants it; None where that is unknown."""
        return None if self.holds is None else self.holds == self.wanted


@dataclass(frozen=True, slots=True)
class Decision:
    """What a gate says: passed, and its atoms in the order in which they are written."""

    text: str
    passed: bool | None
    atoms: tuple[Atom, ...]


def decide(gate: str, scores: Iterable[Score]) -> Decision:
    """What a gate says of scores. Raises RequestError where it cannot be read.

    >>> shape = Score("shape", "look", 0.9, "lower", True, floor=0.5)
    >>> decide("shape <= 2*floor", [shape]).passed, decide("shape <= floor", [shape]).passed
    (True, False)
    >>> decide("private", [shape]).atoms[0].why
    'not asked'
    """
    held = {score.name: score for score in scores}
    expression = parse(gate, {**NAMES, **{name: score.question for name, score in held.items()}})
    atoms: list[Atom] = []
    forgiving = expression == parse(DEFAULT_GATE)
    passed = _value(expression, held, True, forgiving, atoms)
    if not any(atom.counted for atom in atoms):
        passed = None
    return Decision(gate, passed, tuple(atoms))


def _value(
    expression: Expression, scores: Mapping[str, Score], wanted: bool, forgiving: bool, atoms: list[Atom]
) -> bool | None:
    """True, false or unknown; the atoms met on the way are added to `atoms`."""
    match expression:
        case Comparison():
            atoms.append(_compared(expression, scores, wanted))
            return atoms[-1].holds
        case Named():
            atoms.append(_named(expression, scores, wanted, forgiving))
            return atoms[-1].holds if atoms[-1].counted else True
        case Not(part):
            value = _value(part, scores, not wanted, forgiving, atoms)
            return None if value is None else not value
        case Both(parts):
            values = [_value(part, scores, wanted, forgiving, atoms) for part in parts]
            return False if False in values else None if None in values else True
        case Either(parts):
            values = [_value(part, scores, wanted, forgiving, atoms) for part in parts]
            return True if True in values else None if None in values else False


def _named(named: Named, scores: Mapping[str, Score], wanted: bool, forgiving: bool) -> Atom:
    if named.name in scores:
        score = scores[named.name]
        read = ((score.name, score.value), (f"{score.name}.floor", score.floor))
        figures = tuple((name, value) for name, value in read if math.isfinite(value))
        why: Why = "undecided" if score.passed is None else "" if score.passed else "failed"
        return Atom(named.text, score.passed, wanted, True, why, figures)
    if named.name not in WORDS:
        return Atom(named.text, None, wanted, why="missing")
    asked = [score for score in scores.values() if score.question in WORDS[named.name]]
    failed = tuple(score.name for score in asked if score.passed is False)
    undecided = tuple(score.name for score in asked if score.passed is None)
    if not asked:
        return Atom(named.text, None, wanted, not forgiving, "not asked")
    if failed:
        return Atom(named.text, False, wanted, why="failed", scores=failed)
    of_each = (tuple(score for score in asked if score.question == question) for question in QUESTIONS)
    if not all(passes(scores) for scores in of_each if scores):
        hinted = tuple(score.name for score in hints(asked))
        return Atom(named.text, None, wanted, why="undecided", scores=(*undecided, *hinted))
    return Atom(named.text, True, wanted, scores=undecided)


def _compared(comparison: Comparison, scores: Mapping[str, Score], wanted: bool) -> Atom:
    read: dict[str, float] = {}
    missing: list[str] = []
    values = [_figure(term, scores, read, missing) for term in comparison.terms]
    figures = tuple(read.items())
    if missing:
        return Atom(comparison.text, None, wanted, True, "missing", figures, tuple(dict.fromkeys(missing)))
    if any(map(math.isnan, values)):
        return Atom(comparison.text, None, wanted, True, "no figure", figures)
    pairs = zip(comparison.signs, values, values[1:], strict=False)
    holds = all(_COMPARE[sign](left, right) for sign, left, right in pairs)
    return Atom(comparison.text, holds, wanted, figures=figures)


def _figure(term: Term, scores: Mapping[str, Score], read: dict[str, float], missing: list[str]) -> float:
    """The value of a term. What it reads goes to `read`, scores that are not there to `missing`."""
    match term:
        case Number(value):
            return value
        case Figure(name, figure):
            if name not in scores:
                missing.append(name)
                return math.nan
            value = float(getattr(scores[name], figure))
            read[name if figure == "value" else f"{name}.{figure}"] = value
            return value
        case Sum(sign, left_term, right_term):
            left, right = (_figure(part, scores, read, missing) for part in (left_term, right_term))
            match sign:
                case "+":
                    return left + right
                case "-":
                    return left - right
                case "*":
                    return left * right
                case _:
                    # a floor of 0 is common (no copies at all): anything is infinitely far above it
                    if right == 0:
                        return math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
                    return left / right


# --- text -> expression
@functools.cache
def _reader() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=True)


def parse(gate: str, names: Iterable[str] = NAMES) -> Expression:
    """The expression that a text says. Raises RequestError with a caret under the place that is wrong.

    names: the scores that it may name. In a comparison, `floor` (or `low`, `high`, `reference`) alone is that
    of the one score named there.

    >>> parse("shape <= 1.5*floor").terms[1]
    Sum(sign='*', left=Number(value=1.5), right=Figure(score='shape', figure='floor'))
    """
    if not gate.strip():
        raise RequestError("The gate is empty.", "An expression over the scores.", EXAMPLE)
    try:
        tree = _reader().parse(gate)
    except UnexpectedInput as error:
        _refuse(gate, error)
    return _expression(gate, tree.children[0], list(names))


def _expression(text: str, tree: Tree[Token] | Token, names: Sequence[str]) -> Expression:
    assert isinstance(tree, Tree)
    parts = tree.children
    match tree.data:
        case "either":
            return Either(tuple(_expression(text, part, names) for part in parts))
        case "both":
            return Both(tuple(_expression(text, part, names) for part in parts))
        case "negation":
            return Not(_expression(text, parts[0], names))
        case "comparison":
            named = list(dict.fromkeys(_scores(text, tree, names)))
            written = text[tree.meta.start_pos : tree.meta.end_pos]
            terms = tuple(_term(text, part, named, names) for part in parts[::2])
            signs = tuple(_SAME.get(str(sign), str(sign)) for sign in parts[1::2])
            return Comparison(_balanced(written), terms, signs)
        case "name":
            token = _token(tree)
            name, figure = _split(text, token, names)
            if figure or name in FIGURES:
                _fail(
                    text,
                    _start(token),
                    "A figure by itself is neither true nor false.",
                    "Compare it: membership.high <= .55",
                )
            return Named(str(token), name)
        case _:
            _fail(text, tree.meta.start_pos, "A number by itself is neither true nor false: compare it.")


def _term(text: str, tree: Tree[Token] | Token, named: list[str], names: Sequence[str]) -> Term:
    """A number, a figure, or arithmetic. named: the scores that the comparison names."""
    assert isinstance(tree, Tree)
    parts = tree.children
    match tree.data:
        case "number":
            return Number(float(_token(tree)))
        case "minus":
            return Sum("-", Number(0.0), _term(text, parts[-1], named, names))
        case "plus":
            return _term(text, parts[-1], named, names)
        case "chain":
            out = _term(text, parts[0], named, names)
            for sign, part in zip(parts[1::2], parts[2::2], strict=True):
                out = Sum(_PLAIN.get(str(sign), str(sign)), out, _term(text, part, named, names))
            return out
        case "name":
            token = _token(tree)
            name, figure = _split(text, token, names)
            if name in WORDS:
                _fail(
                    text,
                    _start(token),
                    f"{name} is true or false and cannot be compared with a number.",
                    f"It stands by itself: {name} and shape <= 1.5*floor",
                )
            if name not in FIGURES:
                return Figure(name, figure or "value")
            if len(named) != 1:
                few = (
                    f"It could be that of {' or '.join(named)}." if named else "No score is compared with it."
                )
                one = named[0] if named else "shape"
                _fail(text, _start(token), f"Whose {name}? {few}", f"Say which: {one}.{name}")
            return Figure(named[0], name)
        case _:
            _fail(text, tree.meta.start_pos, "A number or a score was expected here.")


def _scores(text: str, tree: Tree[Token], names: Sequence[str]) -> list[str]:
    """The scores that a comparison names, in order."""
    found = [
        _split(text, _token(part), names)[0] for part in tree.iter_subtrees_topdown() if part.data == "name"
    ]
    return [name for name in found if name not in FIGURES and name not in WORDS]


def _split(text: str, token: Token, names: Sequence[str]) -> tuple[str, str]:
    """`shape.floor` as its two words; refused where one is not known."""
    name, _, figure = str(token).lower().partition(".")
    if name not in names and name not in WORDS and name not in FIGURES[1:]:
        known = [*WORDS, *names, *FIGURES[1:]]
        _fail(
            text,
            _start(token),
            f'There is no score "{name}".{nearest(name, known)}',
            "Questions: " + ", ".join(WORDS) + ". Scores: " + ", ".join(names),
        )
    if figure and (figure not in FIGURES or name in WORDS or name in FIGURES):
        _fail(
            text,
            _start(token) + len(name) + 1,
            f'"{name}" has no figure "{figure}".{nearest(figure, FIGURES)}',
            f"A score has these: {', '.join(FIGURES)}",
        )
    return name, figure


def _token(tree: Tree[Token]) -> Token:
    token = tree.children[0]
    assert isinstance(token, Token)
    return token


def _start(token: Token) -> int:
    return token.start_pos or 0


def _balanced(written: str) -> str:
    """A piece of the text with the brackets that the parser left outside of it put back.

    >>> _balanced("shape - 1) <= (2 + floor"), _balanced("(shape) <= 2")
    ('(shape - 1) <= (2 + floor)', '(shape) <= 2')
    """
    depth = lowest = 0
    for character in written:
        depth += (character in "(（") - (character in ")）")
        lowest = min(lowest, depth)
    return "(" * -lowest + written + ")" * (depth - lowest)


# --- what is wrong, in plain words
def _fail(text: str, position: int, expected: str, fix: str = EXAMPLE) -> NoReturn:
    """Raise RequestError with the text and a caret under the position."""
    line = "".join(" " if character.isspace() else character for character in text)
    start = max(0, position - 60)
    shown = line[start : position + 60].rstrip()
    raise RequestError(f"The gate cannot be read:\n  {shown}\n  {' ' * (position - start)}^", expected, fix)


def _refuse(text: str, error: UnexpectedInput) -> NoReturn:
    """Raise RequestError for what the grammar did not accept."""
    if not isinstance(error, UnexpectedToken):
        _fail(text, error.pos_in_stream or 0, "This character has no meaning in a gate.")
    at_end = error.token.type == "$END"
    position = len(text.rstrip()) if at_end else error.token.start_pos or 0
    allowed = set(error.accepts or error.expected)
    if at_end and "NAME" not in allowed and "_CLOSE" in allowed:
        _fail(text, position, "A closing bracket is missing at the end.")
    if error.token.type == "_CLOSE" and text.count(")") > text.count("("):
        _fail(text, position, "This bracket closes nothing.")
    if "NAME" in allowed:
        _fail(
            text,
            position,
            f"A score, a question or a number was expected {'after this' if at_end else 'here'}.",
        )
    if error.token.type in ("NAME", "NUMBER"):
        _fail(text, position, "A sign is missing before this: `and`, `or`, a comparison, or + - * /.")
    _fail(text, position, "This was not expected here.")
