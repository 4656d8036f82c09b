"""Parser: the expression that a text says, as a tree of values, or what is wrong, with a caret there."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from sampan.errors import RequestError, nearest
from sampan.evaluate.gate.names import FIGURES, NAMES, POINTS, RECORD, WORDS, parts_of

EXAMPLE = "For example: private and shape <= 1.5*floor"

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
NAME: /[^\W\d]\w*(\[[^\]]*\])?(\.[^\W\d]\w*)?/
%ignore /\s+/
"""

_SAME = {"=": "==", "＝": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_PLAIN = {"−": "-", "–": "-", "×": "*", "÷": "/"}


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a score: of `recall[picture]`, or of every score called `recall`."""

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


@functools.cache
def _reader() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", propagate_positions=True)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a gate may name: scores, and the columns of points (None where they are not known yet)."""

    names: Sequence[str]
    columns: Sequence[str] | None


def parse(gate: str, names: Iterable[str] = NAMES, columns: Iterable[str] | None = None) -> Expression:
    """The expression that a text says. Raises RequestError with a caret under the place that is wrong.

    In a comparison, `floor` (or `low`, `high`, `reference`) alone is that of the one score named there.

    names: the scores that it may name.
    columns: the columns of points that it may name in brackets; any where they are not known yet.

    >>> parse("shape <= 1.5*floor").terms[1]
    Sum(sign='*', left=Number(value=1.5), right=Figure(score='shape', figure='floor'))
    """
    if not isinstance(gate, str):
        raise RequestError(f"The gate is a {type(gate).__name__}.", "An expression over the scores.", EXAMPLE)
    if not gate.strip():
        raise RequestError("The gate is empty.", "An expression over the scores.", EXAMPLE)
    try:
        tree = _reader().parse(gate)
    except UnexpectedInput as error:
        _refuse(gate, error)
    return _expression(
        gate, tree.children[0], _Known(list(names), None if columns is None else list(columns))
    )


def _expression(text: str, tree: Tree[Token] | Token, known: _Known) -> Expression:
    assert isinstance(tree, Tree)
    parts = tree.children
    match tree.data:
        case "either":
            return Either(tuple(_expression(text, part, known) for part in parts))
        case "both":
            return Both(tuple(_expression(text, part, known) for part in parts))
        case "negation":
            return Not(_expression(text, parts[0], known))
        case "comparison":
            named = list(dict.fromkeys(_scores(text, tree, known)))
            written = text[tree.meta.start_pos : tree.meta.end_pos]
            terms = tuple(_term(text, part, named, known) for part in parts[::2])
            signs = tuple(_SAME.get(str(sign), str(sign)) for sign in parts[1::2])
            return Comparison(_balanced(written), terms, signs)
        case "name":
            token = _token(tree)
            name, figure = _split(text, token, known)
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


def _term(text: str, tree: Tree[Token] | Token, named: list[str], known: _Known) -> Term:
    """A number, a figure, or arithmetic. named: the scores that the comparison names."""
    assert isinstance(tree, Tree)
    parts = tree.children
    match tree.data:
        case "number":
            return Number(float(_token(tree)))
        case "minus":
            return Sum("-", Number(0.0), _term(text, parts[-1], named, known))
        case "plus":
            return _term(text, parts[-1], named, known)
        case "chain":
            out = _term(text, parts[0], named, known)
            for sign, part in zip(parts[1::2], parts[2::2], strict=True):
                out = Sum(_PLAIN.get(str(sign), str(sign)), out, _term(text, part, named, known))
            return out
        case "name":
            token = _token(tree)
            name, figure = _split(text, token, known)
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


def _scores(text: str, tree: Tree[Token], known: _Known) -> list[str]:
    """The scores that a comparison names, in order."""
    found = [
        _split(text, _token(part), known)[0] for part in tree.iter_subtrees_topdown() if part.data == "name"
    ]
    return [name for name in found if name not in FIGURES and name not in WORDS]


def _split(text: str, token: Token, known: _Known) -> tuple[str, str]:
    """`shape.floor` as its two words, and `recall[picture].low`; refused where one is not known."""
    name, column, figure = parts_of(str(token))
    start = _start(token)
    if name not in known.names and name not in WORDS and name not in FIGURES[1:]:
        near = nearest(name, [*WORDS, *known.names, *FIGURES[1:]])
        told = "Questions: " + ", ".join(WORDS) + ". Scores: " + ", ".join(known.names)
        _fail(text, start, f'There is no score "{name}".{near}', told)
    if figure and (figure not in FIGURES or name in WORDS or name in FIGURES):
        _fail(
            text,
            start + len(str(token)) - len(figure),
            f'"{name}" has no figure "{figure}".{nearest(figure, FIGURES)}',
            f"A score has these: {', '.join(FIGURES)}",
        )
    if column is None:
        if known.columns is not None and not known.columns and name in POINTS and name not in RECORD:
            _fail(text, start, f'"{name}" is a score of pictures and the like, and the records hold none.')
        return name, figure
    place = start + len(name)
    if name in WORDS or name in FIGURES:
        _fail(text, place, f'"{name}" is not of one column: it stands without brackets.', f"Type: {name}")
    if known.columns is not None and column not in known.columns:
        some = f"Those that have scores of their own: {', '.join(known.columns)}."
        there = some if known.columns else "No column has scores of its own: only those of pictures do."
        near = nearest(column, known.columns)
        _fail(text, place, f'There is no score "{name}" of a column "{column}".{near}', there)
    return f"{name}[{column}]", figure


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
