"""Conditions on records: `age > 65 and churn = yes` read into a formula, and the formula into boxes.

    parse      text -> Formula                       what a person types
    boxes      Formula, codecs -> disjoint boxes     what a model can sample from, exactly
    evaluate   Formula, columns -> which rows hold   what a test or a check asks of finished rows

A missing cell satisfies `is missing` and nothing else, not even a negation: `not age > 65` means
`age <= 65`, as in SQL. So `not` is pushed down to single conditions before anything else happens.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
from arro3.core import DataType
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from sampan.column import Column, codes, floats, is_text, missing
from sampan.errors import WhereError, nearest
from sampan.field import Between, Box, Codec, Compare, Condition, In, Missing

MOST_BOXES = 4096
"""More boxes than this and a condition is refused: each costs a model evaluation when sampling."""

_EXAMPLE = "For example: age > 65 and churn = yes"


# --- the formula: a closed set
@dataclass(frozen=True, slots=True)
class Atom:
    """One condition on one column."""

    column: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class And:
    """Every part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold (and no cell that it asks about is missing)."""

    part: Formula


Formula = Atom | And | Or | Not


# --- text -> formula
_GRAMMAR = r"""
start: either
?either: both (_OR both)*
?both: unit (_AND unit)*
?unit: _NOT unit -> negation
     | _OPEN either _CLOSE
     | condition
condition: operand (COMPARE operand)+ -> comparison
         | operand _IN values -> inside
         | operand _NOT _IN values -> outside
         | operand _BETWEEN operand _AND operand -> between
         | operand _NOT _BETWEEN operand _AND operand -> not_between
         | operand _IS _MISSING -> is_missing
         | operand _IS _NOT _MISSING -> is_not_missing
values: _OPEN operand (_COMMA operand)* _COMMA? _CLOSE
      | _OPEN_SQUARE operand (_COMMA operand)* _COMMA? _CLOSE_SQUARE
?operand: BARE | SINGLE | DOUBLE | BACK

COMPARE: /==|!=|<>|<=|>=|=|<|>|≥|≤|≠|＝|＞|＜/
_AND.2: /and(?![\w.\-])|&&?/i
_OR.2: /or(?![\w.\-])|\|\|?/i
_NOT.2: /not(?![\w.\-])|!(?!=)/i
_IN.2: /in(?![\w.\-])/i
_BETWEEN.2: /between(?![\w.\-])/i
_IS.2: /is(?![\w.\-])/i
_MISSING.2: /(missing|null|none|nan|na)(?![\w.\-])/i
_OPEN: /[(（]/
_CLOSE: /[)）]/
_OPEN_SQUARE: "["
_CLOSE_SQUARE: "]"
_COMMA: /[,，]/
SINGLE: /'(?:[^']|'')*'|‘[^’]*’/
DOUBLE: /"(?:[^"]|"")*"|“[^”]*”/
BACK: /`(?:[^`]|``)*`/
BARE: /[+\-]?[\w.$€£¥][\w.$%:\/@#+\-]*/
%ignore /\s+/
"""
# A word may hold hyphens, dots, colons: there is no arithmetic here that they could mean. Which words are
# reserved depends on the place (a contextual lexer), so `state in (OR, IN)` needs no quotes.

_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?")
_PADDED = re.compile(r"[+-]?0\d[\d_]*")  # a code such as a ZIP code: its zeros mean something
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_NAME = re.compile(r"[^\W\d][\w.]*")
_RESERVED = {"and", "or", "not", "in", "between", "is", "true", "false"}
_OPERATORS = {"=": "==", "＝": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


@functools.cache
def _reader() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual")


def parse(text: str) -> Formula:
    """The formula that a text says. Raises WhereError with a caret under the place that is wrong.

    Comparisons (`=`, `==`, `!=`, `<>`, `<`, `<=`, `>`, `>=`, also `18 <= age < 65`), `in (a, b)`,
    `between a and b`, `is missing`, each also with `not`; `and`, `or`, `not` and brackets. A column whose
    name holds spaces stands in `backquotes` or "double quotes"; a string with spaces in 'single quotes'.

    >>> parse("age > 65 and not churn = yes").parts[1]
    Not(part=Atom(column='churn', condition=Compare(op='==', value='yes')))
    """
    if not text.strip():
        raise WhereError("The condition is empty.", "A condition on one or more columns.", _EXAMPLE)
    try:
        tree = _reader().parse(text)
    except UnexpectedInput as error:
        _refuse(text, error)
    return _formula(text, tree.children[0])  # type: ignore[arg-type]


def read(where: str | Formula | Mapping[str, Any]) -> Formula:
    """The formula of whatever a caller may hand over: text, a formula, or column -> value.

    In a mapping a list or a set means one of its values, None means missing, and a condition itself.

    >>> read({"sex": "f", "age": Between(30, 40)}) == parse("sex = f and age between 30 and 40")
    True
    """
    match where:
        case str():
            return parse(where)
        case Atom() | And() | Or() | Not():
            return where
    if not where:
        raise WhereError("The condition is empty.", "Column names and values.", 'Such as: {"churn": "yes"}')
    atoms = tuple(Atom(column, _condition(value)) for column, value in where.items())
    return atoms[0] if len(atoms) == 1 else And(atoms)


def _condition(value: Any) -> Condition:
    if isinstance(value, np.generic):
        value = value.item()
    match value:
        case Compare() | In() | Between() | Missing():
            return value
        case None:
            return Missing()
        case list() | tuple() | set() | frozenset():
            return In(tuple(value))
        case _:
            return Compare("==", value)


def _formula(text: str, tree: Tree[Token]) -> Formula:
    """The formula of one node of the parse tree."""
    parts: list[Any] = tree.children
    match tree.data:
        case "either":
            return Or(tuple(_formula(text, part) for part in parts))
        case "both":
            return And(tuple(_formula(text, part) for part in parts))
        case "negation":
            return Not(_formula(text, parts[0]))
        case "comparison":
            return _comparison(text, parts)
        case "is_missing" | "is_not_missing":
            return Atom(_column(text, parts[0]), Missing(tree.data == "is_not_missing"))
        case "inside" | "outside":
            values = tuple(_literal(text, token) for token in parts[1].children)
            return Atom(_column(text, parts[0]), In(values, tree.data == "outside"))
        case _:
            low, high = _literal(text, parts[1]), _literal(text, parts[2])
            if _above(low, high):
                _fail(
                    text,
                    _place(parts[1]),
                    "The lower value comes first.",
                    f"Write: between {parts[2]} and {parts[1]}",
                )
            return Atom(_column(text, parts[0]), Between(low, high, tree.data == "not_between"))


def _above(low: Any, high: Any) -> bool:
    """Whether two literals that have an order are the wrong way round."""
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high
    return isinstance(low, dt.date) and type(low) is type(high) and low > high


def _comparison(text: str, parts: list[Token]) -> Formula:
    """`column op value`, `value op column`, or `low op column op high`."""
    operands, operators = parts[::2], [_OPERATORS.get(op, str(op)) for op in parts[1::2]]
    if len(operands) > 3:
        _fail(
            text,
            _place(operands[3]),
            "A chain has a column between two values.",
            "For example: 18 <= age < 65",
        )
    if len(operands) == 3:
        low, middle, high = operands
        column = _column(text, middle)
        lower = Compare(_MIRRORED[operators[0]], _literal(text, low))
        upper = Compare(operators[1], _literal(text, high))
        return And((Atom(column, lower), Atom(column, upper)))
    left, right = operands
    if _is_literal(left) and not _is_literal(right):
        return Atom(_column(text, right), Compare(_MIRRORED[operators[0]], _literal(text, left)))
    return Atom(_column(text, left), Compare(operators[0], _literal(text, right)))


def _is_literal(token: Token) -> bool:
    """Whether a token can only be a value: a number, a date, true or false, or in single quotes."""
    plain = _NUMBER.fullmatch(token) or _DAY.match(token) or token.lower() in ("true", "false")
    return token.type == "SINGLE" or (token.type == "BARE" and plain is not None and plain is not False)


def _unquoted(token: Token) -> str:
    inner, quote = str(token[1:-1]), token[0]
    return inner.replace(quote * 2, quote) if quote in "'\"`" else inner


def _column(text: str, token: Token) -> str:
    if _is_literal(token):
        _fail(
            text,
            _place(token),
            "A column name was expected here, and this is a value.",
            f"A name that looks like a value stands in backquotes: `{str(token).strip(chr(39))}` > 5",
        )
    return str(token) if token.type == "BARE" else _unquoted(token)


def _place(token: Token) -> int:
    return token.start_pos or 0


def _literal(text: str, token: Token) -> Any:
    """The value of a token: number, date, moment, true, false, or else a string."""
    if token.type == "BACK":
        _fail(
            text,
            _place(token),
            "A value was expected here, and backquotes hold the name of a column.",
            "Two columns cannot be compared with each other; a string stands in single quotes: 'yes'",
        )
    if token.type != "BARE":
        return _unquoted(token)
    word = str(token)
    if word.lower() in ("missing", "null", "nan"):
        _fail(
            text,
            _place(token),
            "Nothing equals a missing cell.",
            f"Write `is missing` or `is not missing`; the word itself in quotes: '{word}'",
        )
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    if _PADDED.fullmatch(word):
        return word
    if _NUMBER.fullmatch(word):
        digits = word.replace("_", "")
        return int(digits) if digits.lstrip("+-").isdecimal() else float(digits)
    if _DAY.fullmatch(word) or _MOMENT.fullmatch(word):
        try:
            return dt.date.fromisoformat(word) if len(word) == 10 else dt.datetime.fromisoformat(word)
        except ValueError:
            _fail(
                text,
                _place(token),
                "There is no such day or time.",
                f"Dates are written 2024-01-31, moments 2024-01-31T18:30; a string in quotes: '{word}'",
            )
    return word


# --- what is wrong, in plain words
def _fail(text: str, position: int, expected: str, fix: str = _EXAMPLE) -> NoReturn:
    """Raise WhereError with the text and a caret under the position."""
    line = "".join(" " if character.isspace() else character for character in text)
    start = max(0, position - 60)
    shown, head = line[start : position + 60].rstrip(), line[start:position]
    # characters such as 年 take two places on a terminal
    wide = sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in head)
    raise WhereError(f"The condition cannot be read:\n  {shown}\n  {' ' * wide}^", expected, fix)


def _refuse(text: str, error: UnexpectedInput) -> NoReturn:
    """Raise WhereError for what the grammar did not accept."""
    match error:
        case UnexpectedToken():
            at_end = error.token.type == "$END"
            position = len(text.rstrip()) if at_end else error.token.start_pos or 0
            allowed = set(error.accepts or error.expected)
        case UnexpectedCharacters():
            at_end, position, allowed = False, error.pos_in_stream, set(error.allowed or ())
        case _:
            at_end, position, allowed = True, len(text), set()
    here, before = text[position : position + 1], text[:position].rstrip()
    if here and here in "'\"`‘“":
        _fail(text, position, "The quote that opens here is never closed, or stands where none can.")
    if text[position - 1 : position] == "=" and here in (">", "<"):
        _fail(text, position - 1, f"{here}= ends with the equals sign.", f"For example: age {here}= 65")
    if here == ")" and text.count(")") > text.count("("):
        _fail(text, position, "This bracket closes nothing.")
    if before[-1:] in tuple("=<>") and here in ("<", ">", "=", "!"):
        _fail(
            text,
            position,
            "A value was expected after the comparison.",
            "A value that begins with a sign stands in quotes: income = '<=50K'",
        )
    _fail(text, position, _wanted(allowed, at_end))


def _wanted(allowed: set[str], at_end: bool) -> str:
    """What the grammar would have accepted, in plain words."""
    after = " after this" if at_end else " here"
    if "BARE" in allowed and "_NOT" in allowed:
        return f"The name of a column was expected{after}."
    if "BARE" in allowed:
        return f"A value was expected{after}, such as 65, 'yes' or 2024-01-31."
    if "COMPARE" in allowed and "_IN" in allowed:
        return f"A comparison was expected{after}: = != < <= > >=, in (...), between ... and ..., is missing."
    if "_OPEN_SQUARE" in allowed:
        return f"A list in brackets was expected{after}, such as (red, blue)."
    if "_COMMA" in allowed:
        return f"A comma or the closing bracket of the list was expected{after}."
    if "_MISSING" in allowed:
        return f"`missing` or `not missing` was expected{after}."
    if "_AND" in allowed and "_OR" not in allowed:
        return f"`and` with the upper value was expected{after}: between 18 and 65."
    if "_CLOSE" in allowed and at_end:
        return "A closing bracket is missing at the end."
    if "_AND" in allowed:
        return "`and`, `or`, or the end was expected here. A value or name that holds spaces needs quotes."
    return "This was not expected here."


def show(formula: Formula) -> str:
    """The formula as text that `parse` reads back.

    >>> show(parse("18<=age<65 && !(`home town` in ['New York'])"))
    "age >= 18 and age < 65 and not `home town` in ('New York')"
    """
    match formula:
        case Atom(column, condition):
            plain = _NAME.fullmatch(column) and column.lower() not in _RESERVED
            name = column if plain else "`" + column.replace("`", "``") + "`"
            return f"{name} {_show_condition(condition)}"
        case And(parts):
            return " and ".join(f"({show(p)})" if isinstance(p, Or) else show(p) for p in parts)
        case Or(parts):
            return " or ".join(show(part) for part in parts)
        case Not(part):
            return f"not ({show(part)})" if isinstance(part, And | Or) else f"not {show(part)}"


def _show_condition(condition: Condition) -> str:
    match condition:
        case Compare(op, value):
            return f"{'=' if op == '==' else op} {_show_value(value)}"
        case In(values, negated):
            return f"{'not ' * negated}in ({', '.join(map(_show_value, values))})"
        case Between(low, high, negated):
            return f"{'not ' * negated}between {_show_value(low)} and {_show_value(high)}"
        case Missing(negated):
            return f"is {'not ' * negated}missing"


def _show_value(value: Any) -> str:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


# --- formula -> boxes
def positive(formula: Formula, negated: bool = False) -> Formula:
    """The same formula (or its negation) without Not, with nested And and Or flattened."""
    match formula:
        case Atom(column, condition):
            return Atom(column, _negate(condition)) if negated else formula
        case Not(part):
            return positive(part, not negated)
        case And(parts) | Or(parts):
            kind = And if isinstance(formula, And) is not negated else Or
            flat: list[Formula] = []
            for part in parts:
                part = positive(part, negated)
                flat.extend(part.parts if isinstance(part, kind) else (part,))
            return flat[0] if len(flat) == 1 else kind(tuple(flat))


def _negate(condition: Condition) -> Condition:
    match condition:
        case Compare(op, value):
            return Compare(_NEGATED[op], value)
        case _:
            return replace(condition, negated=not condition.negated)


def asked(formula: Formula) -> list[str]:
    """The columns that a formula asks about, each once, in order of appearance."""
    match formula:
        case Atom(column):
            return [column]
        case Not(part):
            return asked(part)
        case And(parts) | Or(parts):
            return list(dict.fromkeys(name for part in parts for name in asked(part)))


def _check_columns(formula: Formula, known: Iterable[str]) -> None:
    known = list(known)
    for column in asked(formula):
        if column not in known:
            same = [name for name in known if name.casefold() == column.casefold()]
            hint = f' Did you mean "{same[0]}"?' if same else nearest(column, known)
            few = ", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
            raise WhereError(f'There is no column "{column}".{hint}', f"The columns are: {few}", _EXAMPLE)


def boxes(formula: Formula, codecs: Mapping[str, Codec]) -> list[Box]:
    """Disjoint boxes over the leaves of a record whose union is exactly the event that the formula holds.

    Leaf "" of the column `age` is called `age`, and its leaf `fine` is `age/fine`. A leaf that a box does
    not name is free. Raises WhereError for an unknown column, for a formula that no record can satisfy,
    and for one that needs more than 4,096 boxes.
    """
    _check_columns(formula, codecs)
    plain = positive(formula)
    found = _boxes(plain, codecs)
    if not found:
        _impossible(plain, codecs)
    return found


def _boxes(formula: Formula, codecs: Mapping[str, Codec]) -> list[Box]:
    match formula:
        case Atom():
            return _atom_boxes(formula, codecs)
        case And(parts):
            found = [Box({}, {})]
            # few boxes first: what is soon small stays small
            for other in sorted((_boxes(part, codecs) for part in parts), key=len):
                found = _product(found, other, formula)
            return found
        case Or(parts):
            found = []
            for part in parts:
                fresh = _boxes(part, codecs)
                for old in found:
                    fresh = [piece for box in fresh for piece in _subtract(box, old)]
                    if len(fresh) > MOST_BOXES:
                        fresh = _gather(fresh, formula)
                found = _gather(itertools.chain(found, fresh), formula)
            return found
        case Not(part):
            return _boxes(positive(part, True), codecs)


def _atom_boxes(atom: Atom, codecs: Mapping[str, Codec]) -> list[Box]:
    """The codec's own boxes, with the leaves named as in the record."""
    try:
        found = codecs[atom.column].allow(atom.condition)
    except WhereError as error:
        value = atom.condition.value if isinstance(atom.condition, Compare) else None
        if isinstance(value, str) and value in codecs and value != atom.column:
            raise WhereError(
                f"`{show(atom)}` compares two columns.",
                "A condition compares a column with a value.",
                f"Sample more and filter afterwards, or give a value: {atom.column} > 65",
            ) from None
        raise WhereError(f"In `{show(atom)}`: {error.what}", error.expected, error.fix) from None

    def named(leaf: str) -> str:
        return f"{atom.column}/{leaf}" if leaf else atom.column

    renamed = (
        _tidy(
            {named(leaf): mask for leaf, mask in box.symbols.items()},
            {named(leaf): span for leaf, span in box.noise.items()},
        )
        for box in found
    )
    return _gather((box for box in renamed if box is not None), atom)


def _tidy(symbols: dict[str, np.ndarray], noise: dict[str, tuple[float, float]]) -> Box | None:
    """A box without the leaves that it leaves free; None if nothing is inside."""
    if any(low >= high for low, high in noise.values()) or not all(m.any() for m in symbols.values()):
        return None
    return Box(
        {leaf: mask for leaf, mask in symbols.items() if not mask.all()},
        {leaf: span for leaf, span in noise.items() if span[0] > 0 or span[1] < 1},
    )


def _intersect(a: Box, b: Box) -> Box | None:
    symbols, noise = dict(a.symbols), dict(a.noise)
    for leaf, mask in b.symbols.items():
        symbols[leaf] = symbols[leaf] & mask if leaf in symbols else mask
    for leaf, (low, high) in b.noise.items():
        if leaf in noise:
            low, high = max(low, noise[leaf][0]), min(high, noise[leaf][1])
        noise[leaf] = (low, high)
    return _tidy(symbols, noise)


def _product(left: list[Box], right: list[Box], formula: Formula) -> list[Box]:
    """The boxes of an `and`."""
    pairs = (_intersect(a, b) for a, b in itertools.product(left, right))
    stream = (box for box in pairs if box is not None)
    if _leaves(left) & _leaves(right):
        return _gather(stream, formula)
    # nothing is empty and nothing merges that was not merged before, so the number is known beforehand
    if len(left) * len(right) > MOST_BOXES:
        _too_many(formula)
    return list(stream)


def _leaves(found: list[Box]) -> set[str]:
    return {leaf for box in found for leaf in (*box.symbols, *box.noise)}


def _subtract(a: Box, b: Box) -> list[Box]:
    """Disjoint boxes whose union is what of `a` lies outside `b`."""
    if _intersect(a, b) is None:
        return [a]
    pieces: list[Box | None] = []
    # peel: outside b in the first leaf; then inside b there, outside in the second; and so on
    symbols, noise = dict(a.symbols), dict(a.noise)
    for leaf, mask in b.symbols.items():
        held = symbols.get(leaf, np.ones_like(mask))
        pieces.append(_tidy({**symbols, leaf: held & ~mask}, noise))
        symbols[leaf] = held & mask
    for leaf, (low, high) in b.noise.items():
        begin, end = noise.get(leaf, (0.0, 1.0))
        pieces.append(_tidy(symbols, {**noise, leaf: (begin, min(low, end))}))
        pieces.append(_tidy(symbols, {**noise, leaf: (max(high, begin), end)}))
        noise[leaf] = (max(low, begin), min(high, end))
    return [piece for piece in pieces if piece is not None]


def _gather(stream: Iterable[Box], formula: Formula) -> list[Box]:
    """Disjoint boxes as a list, merged where one can say the same. Raises WhereError if too many."""
    found: list[Box] = []
    for box in stream:
        found.append(box)
        if len(found) > 2 * MOST_BOXES:
            found = _merge(found)
            if len(found) > MOST_BOXES:
                break
    found = _merge(found)
    if len(found) > MOST_BOXES:
        _too_many(formula)
    return found


def _too_many(formula: Formula) -> NoReturn:
    raise WhereError(
        f"The condition splits into more than {MOST_BOXES:,} separate cases: {_short(show(formula))}",
        "A condition of fewer alternatives that are combined with each other.",
        "Simplify it: use `in (...)` and `between`, or sample once for each alternative.",
    )


def _merge(found: list[Box]) -> list[Box]:
    """Disjoint boxes made fewer: two that differ in one leaf only become one, until none do."""
    while len(found) > 1:
        before = len(found)
        for leaf in dict.fromkeys(leaf for box in found for leaf in box.symbols):
            found = _merge_symbols(found, leaf)
        for leaf in dict.fromkeys(leaf for box in found for leaf in box.noise):
            found = _merge_noise(found, leaf)
        if len(found) == before:
            break
    return found


def _alike(found: list[Box], leaf: str) -> list[list[Box]]:
    """The boxes in groups that agree on every leaf but this one."""
    groups: dict[Any, list[Box]] = {}
    for box in found:
        key = (
            frozenset((name, mask.tobytes()) for name, mask in box.symbols.items() if name != leaf),
            frozenset((name, span) for name, span in box.noise.items() if name != leaf),
        )
        groups.setdefault(key, []).append(box)
    return list(groups.values())


def _merge_symbols(found: list[Box], leaf: str) -> list[Box]:
    merged: list[Box] = []
    for group in _alike(found, leaf):
        if len(group) == 1:
            merged.append(group[0])
            continue
        # disjoint boxes that agree elsewhere must all restrict this leaf
        mask = np.logical_or.reduce([box.symbols[leaf] for box in group])
        box = _tidy({**group[0].symbols, leaf: mask}, dict(group[0].noise))
        merged.extend([] if box is None else [box])
    return merged


def _merge_noise(found: list[Box], leaf: str) -> list[Box]:
    merged: list[Box] = []
    for group in _alike(found, leaf):
        group = sorted(group, key=lambda box: box.noise.get(leaf, (0.0, 1.0)))
        spans = [box.noise.get(leaf, (0.0, 1.0)) for box in group]
        joined: list[tuple[float, float]] = []
        for low, high in spans:
            if joined and joined[-1][1] == low:
                joined[-1] = (joined[-1][0], high)
            else:
                joined.append((low, high))
        for span in joined:
            box = _tidy(dict(group[0].symbols), {**group[0].noise, leaf: span})
            merged.extend([] if box is None else [box])
    return merged


def _short(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."


def _impossible(formula: Formula, codecs: Mapping[str, Codec]) -> NoReturn:
    """Raise WhereError that names the smallest part that no record can satisfy."""
    part = _contradiction(formula, codecs)
    about = "; ".join(f'"{name}" holds {codecs[name].describe()}' for name in asked(part)[:3])
    clash = isinstance(part, And)
    raise WhereError(
        f"No record can satisfy: {_short(show(part))}",
        f"{'Conditions that can hold together' if clash else 'A condition that some record meets'}: {about}.",
        "Use `or` between alternatives, or widen a condition." if clash else "Widen the condition.",
    )


def _contradiction(formula: Formula, codecs: Mapping[str, Codec]) -> Formula:
    """A small part of an impossible formula (without Not) that is already impossible."""
    match formula:
        case Or(parts):
            return _contradiction(parts[0], codecs)
        case And(parts):
            for part in parts:
                if not _boxes(part, codecs):
                    return _contradiction(part, codecs)
            for pair in itertools.combinations(parts, 2):
                if not _boxes(And(pair), codecs):
                    return And(pair)
    return formula


# --- formula -> which rows of finished columns satisfy it
def evaluate(formula: Formula, columns: Mapping[str, Column]) -> np.ndarray:
    """Which rows satisfy the formula, by comparing the values themselves: bool (rows,).

    Knows no codec, so it can judge what came out of one. Text is compared as numbers or as moments where
    every value of the column and every value of the condition is one, else as text.
    """
    _check_columns(formula, columns)
    return _evaluate(positive(formula), columns)


def _evaluate(formula: Formula, table: Mapping[str, Column]) -> np.ndarray:
    match formula:
        case And(parts):
            return np.logical_and.reduce([_evaluate(part, table) for part in parts])
        case Or(parts):
            return np.logical_or.reduce([_evaluate(part, table) for part in parts])
        case Not(part):
            return _evaluate(positive(part, True), table)
        case Atom(column, condition):
            return _holds(condition, table[column])


def _holds(condition: Condition, column: Column) -> np.ndarray:
    gone = missing(column)
    match condition:
        case Missing(negated):
            return ~gone if negated else gone
        case Compare(_, value):
            literals: tuple[Any, ...] = (value,)
        case Between(low, high):
            literals = (low, high)
        case In(values):
            literals = values
    kind = column.type
    if DataType.is_numeric(kind) or kind == DataType.bool():
        values = floats(column)
        return _compare(condition, values, [_number(value) for value in literals]) & ~gone
    index, distinct = codes(column)
    if not distinct:
        return np.zeros(len(column), dtype=bool)
    keys, wanted = _comparable(distinct, literals, is_text(column))
    unordered = isinstance(condition, In) or (isinstance(condition, Compare) and condition.op in ("==", "!="))
    number = next((value for value in literals if isinstance(value, int | float)), None)
    if not unordered and number is not None and isinstance(keys[0], str):
        odd = next((value for value in distinct if not _is_number(value)), distinct[0])
        raise WhereError(
            f"{number!r} is compared with a column that holds {odd!r}.",
            "A column whose every value is a number.",
            "Compare with text in quotes, or turn the column into numbers first.",
        )
    held = _compare(condition, np.array(keys, dtype=object), wanted)
    return held.astype(bool)[np.maximum(index, 0)] & ~gone


def _compare(condition: Condition, values: np.ndarray, literals: list[Any]) -> np.ndarray:
    match condition:
        case Compare(op, _):
            value = literals[0]
            match op:
                case "==":
                    return values == value
                case "!=":
                    return values != value
                case "<":
                    return values < value
                case "<=":
                    return values <= value
                case ">":
                    return values > value
                case _:
                    return values >= value
        case Between(_, _, negated):
            return ((values >= literals[0]) & (values <= literals[1])) != negated
        case In(_, negated):
            inside = np.zeros(len(values), dtype=bool)
            for value in literals:
                inside |= (values == value).astype(bool)
            return inside != negated
        case Missing(negated):
            return np.full(len(values), negated)


def _comparable(distinct: list[Any], literals: tuple[Any, ...], text: bool) -> tuple[list[Any], list[Any]]:
    """Values and literals as things that compare: all numbers, else all moments, else all text."""
    exact = text and any(isinstance(value, str) and value in distinct for value in literals)
    for read_one in () if exact else (_number, _moment):
        try:
            return [read_one(value) for value in distinct], [read_one(value) for value in literals]
        except ValueError:
            continue
    values = [str(value) for value in distinct]
    return values, [_text_of(value, values) for value in literals]


def _text_of(literal: Any, values: list[str]) -> str:
    """A literal as text; `true` finds True and TRUE as well."""
    word = str(literal)
    if isinstance(literal, bool):
        return next((value for value in values if value.casefold() == word.casefold()), word)
    return word


def _number(value: Any) -> float:
    """A number, or text that is one. Raises ValueError."""
    if isinstance(value, str):
        value = value.strip().replace(",", "")
    try:
        return float(value)
    except TypeError:
        raise ValueError(value) from None


def _is_number(value: Any) -> bool:
    try:
        _number(value)
    except ValueError:
        return False
    return True


def _moment(value: Any) -> dt.datetime:
    """A moment of a date, a date-time, or ISO text; without a zone. Raises ValueError."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value.strip())
    if isinstance(value, dt.datetime):
        return value if value.tzinfo is None else value.astimezone(dt.UTC).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    raise ValueError(value)
