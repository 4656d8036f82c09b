"""The notation of formulas: text into a formula, with a caret under what is wrong, and back into text.

Long because a grammar is read as a whole.
"""

from __future__ import annotations

import datetime as dt
import decimal
import functools
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from sampan.errors import WhereError
from sampan.field import Between, Compare, Condition, In, Missing
from sampan.where.formula import EXAMPLE, MOST_DIGITS, MOST_LEVELS, And, Atom, Formula, Not, Or, check_size

MOST_TEXT = 200_000
"""Characters of one condition: reading is linear, and so many take half a second."""

MOST_ABOUT = 1e18
"""The largest number that `+-` reckons with."""

_GRAMMAR = r"""
start: either
?either: both (_OR both)*
?both: unit (_AND unit)*
?unit: _NOT unit -> negation
     | _OPEN either _CLOSE
     | condition
condition: operand (COMPARE operand)+ -> comparison
         | operand COMPARE operand _ABOUT operand -> about
         | operand _IN values -> inside
         | operand _NOT _IN values -> outside
         | operand _BETWEEN operand _AND operand -> between
         | operand _NOT _BETWEEN operand _AND operand -> not_between
         | operand _IS _MISSING -> is_missing
         | operand _IS _NOT _MISSING -> is_not_missing
values: _OPEN operand (_COMMA operand)* _COMMA? _CLOSE
      | _OPEN_SQUARE operand (_COMMA operand)* _COMMA? _CLOSE_SQUARE
?operand: BARE | SINGLE | DOUBLE | BACK

_ABOUT: /\+-|\+\/-|±/
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
_GLUED = re.compile(rf"({_NUMBER.pattern})(?:\+-|\+/-)({_NUMBER.pattern}%?)")
_PADDED = re.compile(r"[+-]?0\d[\d_]*")  # a code such as a ZIP code: its zeros mean something
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_NAME = re.compile(r"[^\W\d][\w.]*")
_RESERVED = {"and", "or", "not", "in", "between", "is", "true", "false"}
_OPERATORS = {"=": "==", "＝": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@functools.cache
def _reader() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual")


def parse(text: str) -> Formula:
    """The formula that a text says. Raises WhereError with a caret under the place that is wrong.

    Comparisons (`=`, `==`, `!=`, `<>`, `<`, `<=`, `>`, `>=`, also `18 <= age < 65`), `in (a, b)`,
    `between a and b`, `= a +- b` (also `±`; `+- 10%`), `is missing`, each also with `not`; `and`, `or`,
    `not` and brackets. A column whose name holds spaces stands in `backquotes` or "double quotes"; a string
    with spaces in 'single quotes'.

    >>> parse("age > 65 and not churn = yes").parts[1]
    Not(part=Atom(column='churn', condition=Compare(op='==', value='yes')))
    """
    if not text.strip():
        raise WhereError("The condition is empty.", "A condition on one or more columns.", EXAMPLE)
    if len(text) > MOST_TEXT:
        raise WhereError(
            f"The condition is of {len(text):,} characters.",
            f"At most {MOST_TEXT:,} are expected.",
            "Use `between` for many values in a row, or sample once for each part.",
        )
    try:
        tree = _reader().parse(text)
    except UnexpectedInput as error:
        _refuse(text, error)
    level: list[Any] = [tree]
    for _ in range(4 * MOST_LEVELS):  # an operator and what it joins take some levels of the tree each
        level = [child for one in level if isinstance(one, Tree) for child in one.children]
        if not level:
            break
    else:
        raise WhereError(
            f"The condition has more than {MOST_LEVELS} levels of brackets or `not`.",
            "Conditions that are joined by and, or.",
            EXAMPLE,
        )
    formula = _formula(text, tree.children[0])  # type: ignore[arg-type]
    check_size(formula)
    return formula


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
            check_size(where)
            return where
    if not isinstance(where, Mapping):
        raise WhereError(
            f"The condition is of the type {type(where).__name__}.",
            "Text, or a dict of column -> value.",
            'Such as: where="age > 65 and churn = yes"',
        )
    if not where:
        raise WhereError("The condition is empty.", "Column names and values.", 'Such as: {"churn": "yes"}')
    atoms = tuple(Atom(column, _condition(value)) for column, value in where.items())
    formula = atoms[0] if len(atoms) == 1 else And(atoms)
    check_size(formula)
    return formula


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
        case "about":
            return _about(text, parts[0], parts[1], parts[2], _literal(text, parts[2]), parts[3])
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
                    parts[1],
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
        _fail(text, operands[3], "A chain has a column between two values.", "For example: 18 <= age < 65")
    if len(operands) == 3:
        low, middle, high = operands
        column = _column(text, middle)
        lower = Compare(_MIRRORED[operators[0]], _literal(text, low))
        upper = Compare(operators[1], _literal(text, high))
        return And((Atom(column, lower), Atom(column, upper)))
    left, right = operands
    glued = _GLUED.fullmatch(right) if right.type == "BARE" else None
    if glued is not None:  # 5000+-500, which is one word
        middle, reach = (Token.new_borrow_pos("BARE", piece, right) for piece in glued.groups())
        return _about(text, left, parts[1], right, _literal(text, middle), reach)
    if _is_literal(left) and not _is_literal(right):
        return Atom(_column(text, right), Compare(_MIRRORED[operators[0]], _literal(text, left)))
    return Atom(_column(text, left), Compare(operators[0], _literal(text, right)))


def _about(text: str, name: Token, operator: Token, at: Token, middle: Any, reach: Token) -> Formula:
    """`column = value +- reach`: between value - reach and value + reach; the reach may be a share, 10%."""
    op = _OPERATORS.get(operator, str(operator))
    share = str(reach).endswith("%")
    wide = _literal(text, Token.new_borrow_pos("BARE", str(reach)[:-1], reach) if share else reach)
    plain = all(isinstance(one, int | float) and abs(one) < MOST_ABOUT for one in (middle, wide))
    if not plain or isinstance(middle, bool) or isinstance(wide, bool) or wide < 0:
        _fail(text, at, "A number and how far from it were expected.", "For example: price = 5000 +- 500")
    if op not in ("==", "!="):
        _fail(
            text, operator, "+- says from where to where, beside = or !=.", "Or give one bound: price < 5500"
        )
    # in decimals, as people write them: .3 +- .1 is from .2
    centre, far = decimal.Decimal(repr(middle)), decimal.Decimal(repr(wide))
    far = abs(centre) * far / 100 if share else far
    low, high = (
        int(end) if end == end.to_integral_value() else float(end) for end in (centre - far, centre + far)
    )
    return Atom(_column(text, name), Between(low, high, op == "!="))


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
            token,
            "A column name was expected here, and this is a value.",
            f"A name that looks like a value stands in backquotes: `{str(token).strip(chr(39))}` > 5",
        )
    return str(token) if token.type == "BARE" else _unquoted(token)


def _literal(text: str, token: Token) -> Any:
    """The value of a token: number, date, moment, true, false, or else a string."""
    if token.type == "BACK":
        _fail(
            text,
            token,
            "A value was expected here, and backquotes hold the name of a column.",
            "Two columns cannot be compared with each other; a string stands in single quotes: 'yes'",
        )
    if token.type != "BARE":
        return _unquoted(token)
    word = str(token)
    if word.lower() in ("missing", "null", "nan"):
        _fail(
            text,
            token,
            "Nothing equals a missing cell.",
            f"Write `is missing` or `is not missing`; the word itself in quotes: '{word}'",
        )
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    if _PADDED.fullmatch(word):
        return word
    if _NUMBER.fullmatch(word):
        if len(word) > MOST_DIGITS:
            _fail(text, token, f"A number has at most {MOST_DIGITS:,} digits.")
        digits = word.replace("_", "")
        return int(digits) if digits.lstrip("+-").isdecimal() else float(digits)
    if _DAY.fullmatch(word) or _MOMENT.fullmatch(word):
        try:
            return dt.date.fromisoformat(word) if len(word) == 10 else dt.datetime.fromisoformat(word)
        except ValueError:
            _fail(
                text,
                token,
                "There is no such day or time.",
                f"Dates are written 2024-01-31, moments 2024-01-31T18:30; a string in quotes: '{word}'",
            )
    return word


# --- what is wrong, in plain words
def _fail(text: str, at: Token | int, expected: str, fix: str = EXAMPLE) -> NoReturn:
    """Raise WhereError with the text and a caret under a token or a position."""
    position = (at.start_pos or 0) if isinstance(at, Token) else at
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


# --- formula -> text
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
