"""The notation of formulas: text into a formula, with a caret under what is wrong.

Long because it is read as a whole.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from lark import Token, Tree

from sampan.errors import WhereError
from sampan.field import Between, Compare, Condition, In, Missing
from sampan.where.formula import (
    MOST_DIGITS,
    And,
    Atom,
    Formula,
    Not,
    Or,
    Relation,
    Word,
    asked,
    check_size,
)
from sampan.where.grammar import fail, tree_of
from sampan.where.term import Apply, Duration, Moment, Number, Of, Term, Text

MOST_ABOUT = 1e18
"""The largest number that `+-` reckons with."""

_NUMBER = re.compile(r"[+-]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?")
_GLUED = re.compile(rf"({_NUMBER.pattern})(?:\+-|\+/-)({_NUMBER.pattern}%?)")
_PADDED = re.compile(r"[+-]?0\d[\d_]*")  # a code such as a ZIP code: its zeros mean something
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_SECONDS = {"second": 1, "秒": 1, "minute": 60, "分鐘": 60, "分钟": 60, "hour": 3_600, "小時": 3_600}
_SECONDS |= {"小时": 3_600, "day": 86_400, "天": 86_400, "week": 604_800, "週": 604_800, "周": 604_800}
_SIGNS = {"＋": "+", "−": "-", "－": "-", "×": "*", "÷": "/"}
_PARTS = {"round": (1, 2), "min": (2, 99), "max": (2, 99), "age": (2, 2), "local": (2, 2), "utc": (2, 2)}
"""How many terms a function is given, at least and at most; any other, one."""
_OPERATORS = {"=": "==", "＝": "==", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def parse(text: str) -> Formula:
    """The formula that a text says. Raises WhereError with a caret under the place that is wrong.

    Comparisons (`=`, `==`, `!=`, `<>`, `<`, `<=`, `>`, `>=`, also `18 <= age < 65`), `in (a, b)`,
    `between a and b`, `= a +- b` (also `±`; `+- 10%`), `is missing`, each also with `not`; `and`, `or`,
    `not` and brackets; `if ... then ...` as a whole. A column whose name holds spaces stands in `backquotes`
    or "double quotes"; a string with spaces in 'single quotes'. Columns are reckoned with: `+ - * /` between
    blanks, `round(x, 2)`, floor, ceil, abs, min, max, parts of a date (year, quarter, month, day, weekday of
    which Monday is 0, hour, minute, date), `age(born, day)`, and stretches of time (`3 days`).

    >>> parse("age > 65 and not churn = yes").parts[1]
    Not(part=Atom(column='churn', condition=Compare(op='==', value='yes')))
    >>> parse("checkout - checkin >= 2 days").right
    Duration(seconds=172800)
    """
    formula = whole(text, tree_of(text))
    check_size(formula)
    return formula


def whole(text: str, tree: Tree[Token]) -> Formula:
    """The formula of the whole tree of a text: a condition, or `if` one `then` another."""
    parts = [formula_of(text, part) for part in tree.children]  # type: ignore[arg-type]
    return Or((Not(parts[0]), parts[1])) if tree.data == "conditional" else parts[0]


def read(where: str | Formula | Mapping[str, Any]) -> Formula:
    """The formula of whatever a caller may hand over: text, a formula, or column -> value.

    In a mapping a list or a set means one of its values, None means missing, and a condition itself.

    >>> read({"sex": "f", "age": Between(30, 40)}) == parse("sex = f and age between 30 and 40")
    True
    """
    match where:
        case str():
            return parse(where)
        case Atom() | Relation() | And() | Or() | Not():
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
    atoms = tuple(Atom(str(column), _condition(value)) for column, value in where.items())
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


def formula_of(text: str, tree: Tree[Token]) -> Formula:
    """The formula of one node of the tree of a text."""
    parts: list[Any] = tree.children
    match tree.data:
        case "either":
            return Or(tuple(formula_of(text, part) for part in parts))
        case "both":
            return And(tuple(formula_of(text, part) for part in parts))
        case "negation":
            return Not(formula_of(text, parts[0]))
        case "comparison":
            return _comparison(text, parts)
        case "about":
            if any(not _plain(part) for part in (parts[0], parts[2])):
                fail(
                    text,
                    parts[2],
                    "A column and a number stand beside +-.",
                    "Type: price = 5000 +- 500",
                )
            return _about(text, parts[0], parts[1], parts[2], _literal(text, parts[2]), parts[3])
        case "is_missing" | "is_not_missing":
            return Atom(column_of(text, parts[0]), Missing(tree.data == "is_not_missing"))
        case "inside" | "outside":
            return _inside(text, parts[0], parts[1].children, tree.data == "outside")
        case _:
            return _between(text, parts, tree.data == "not_between")


def _inside(text: str, left: Any, values: list[Any], negated: bool) -> Formula:
    """`column in (values)`; of a term, that it equals one of them."""
    if _plain(left):
        return Atom(column_of(text, left), In(tuple(_literal(text, token) for token in values), negated))
    each = tuple(_related(text, left, "==", token) for token in values)
    some = each[0] if len(each) == 1 else Or(each)
    return Not(some) if negated else some


def _between(text: str, parts: list[Any], negated: bool) -> Formula:
    """`column between low and high`, both included; of terms, that it is neither below nor above."""
    if all(map(_plain, parts)) and not any(token.type == "BACK" for token in parts[1:]):
        low, high = _literal(text, parts[1]), _literal(text, parts[2])
        if _above(low, high):
            fix = f"Write: between {parts[2]} and {parts[1]}"
            fail(text, parts[1], "The lower value comes first.", fix)
        return Atom(column_of(text, parts[0]), Between(low, high, negated))
    inside = And((_related(text, parts[0], ">=", parts[1]), _related(text, parts[0], "<=", parts[2])))
    return Not(inside) if negated else inside


def _above(low: Any, high: Any) -> bool:
    """Whether two literals that have an order are the wrong way round."""
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high
    return isinstance(low, dt.date) and type(low) is type(high) and low > high


def _comparison(text: str, parts: list[Any]) -> Formula:
    """`left op right`, or `low op middle op high`."""
    operands, operators = parts[::2], [_OPERATORS.get(op, str(op)) for op in parts[1::2]]
    if len(operands) > 3:
        fail(
            text,
            operands[3],
            "A chain has three parts, one between two.",
            "For example: 18 <= age < 65",
        )
    if len(operands) == 3:
        low, middle, high = operands
        lower = (
            Atom(column_of(text, middle), Compare(_MIRRORED[operators[0]], _value(text, low)))
            if _plain(low) and low.type != "BACK" and _plain(middle)
            else _compared(text, low, operators[0], middle)
        )
        return And((lower, _compared(text, middle, operators[1], high)))
    left, right = operands
    glued = _GLUED.fullmatch(right) if _plain(right) and right.type == "BARE" else None
    if glued is not None and _plain(left):  # 5000+-500, which is one word
        middle, reach = (Token.new_borrow_pos("BARE", piece, right) for piece in glued.groups())
        return _about(text, left, parts[1], right, _literal(text, middle), reach)
    return _compared(text, left, operators[0], right)


def _compared(text: str, left: Any, op: str, right: Any) -> Formula:
    """A column beside a value, or two terms."""
    if not (_plain(left) and _plain(right)) or (right.type == "BACK" and not _is_literal(left)):
        return _related(text, left, op, right)
    if _is_literal(left) and not _is_literal(right):
        return Atom(column_of(text, right), Compare(_MIRRORED[op], _literal(text, left)))
    return Atom(column_of(text, left), Compare(op, _value(text, right)))


def _related(text: str, left: Any, op: str, right: Any) -> Relation:
    """Two terms compared. Raises WhereError where neither asks about a column."""
    out = Relation(term_of(text, left), op, term_of(text, right))
    if not asked(out):
        fail(text, left, "The name of a column was expected on one side.")
    return out


def _value(text: str, token: Token) -> Any:
    """The value of a token; a word that nothing quotes stays one that may name a column."""
    value = _literal(text, token)
    return Word(value) if isinstance(value, str) and token.type == "BARE" else value


# --- terms
def term_of(text: str, node: Any) -> Term:
    """The term of one node of the tree of a text."""
    if isinstance(node, Token):
        return _simple(text, node)
    parts: list[Any] = node.children
    match node.data:
        case "applied":
            sign = str(parts[1])
            pair = (_number(text, parts[0]), _number(text, parts[2]))
            return Apply(_SIGNS.get(sign, sign), pair)  # type: ignore[arg-type]
        case "minus":
            return Apply("neg", (_number(text, parts[-1]),))
        case "percent":
            return _percent(text, parts[0], str(parts[0]))
        case _:
            return _call(text, parts[0], parts[1:])


def _number(text: str, node: Any) -> Term:
    """A term that is reckoned with. Raises WhereError for a text in quotes."""
    out = term_of(text, node)
    if isinstance(out, Text):
        fail(
            text,
            node,
            "This is text, which nothing is reckoned with.",
            "A column stands in backquotes.",
        )
    return out


def _simple(text: str, token: Token) -> Term:
    """A token as a term: a column, a number, a date, a stretch of time, or text in quotes."""
    if token.type == "DURATION":
        return _duration(token)
    if token.type == "SINGLE":
        inner = _unquoted(token)
        return Moment(inner) if _DAY.fullmatch(inner) or _MOMENT.fullmatch(inner) else Text(inner)
    if token.type != "BARE":
        return Of(_unquoted(token))
    word = str(token)
    if word.endswith("%") and _NUMBER.fullmatch(word[:-1]):
        return _percent(text, token, word[:-1])
    value = _literal(text, token)
    match value:
        case bool():
            fail(text, token, "A number or a column was expected.", "Without arithmetic: paid = true")
        case int() | float():
            return Number(value)
        case dt.date():
            return Moment(value.isoformat())
    if _PADDED.fullmatch(word):
        return Number(int(word))
    if word[0] in "+-":
        inner = Of(word[1:])
        return Apply("neg", (inner,)) if word[0] == "-" else inner
    return Of(word)


def _percent(text: str, token: Token, digits: str) -> Number:
    if not _NUMBER.fullmatch(digits) or len(digits) > MOST_DIGITS:
        fail(text, token, "A number was expected before %.", "For example: 5 %")
    return Number(float(decimal.Decimal(digits.replace("_", "")) / 100))


def _duration(token: Token) -> Duration:
    digits = re.match(r"[+-]?[\d_]+(?:\.\d+)?", token)
    assert digits is not None  # the grammar says so
    unit = token[digits.end() :].strip().lower().rstrip("s") or "second"
    seconds = decimal.Decimal(digits.group().replace("_", "")) * _SECONDS[unit]
    return Duration(int(seconds) if seconds == seconds.to_integral_value() else float(seconds))


def _call(text: str, name: Token, nodes: list[Any]) -> Apply:
    """A function of terms, with as many of them as it takes."""
    op = str(name).lower()
    least, most = _PARTS.get(op, (1, 1))
    if not least <= len(nodes) <= most:
        wanted = "two or more terms" if most > 2 else f"{most} term{'s' * (most > 1)}"
        fail(
            text,
            name,
            f"{op}(...) is given {wanted}.",
            "For example: round(net * 1.1, 2), age(born, day)",
        )
    parts = tuple(term_of(text, node) for node in nodes)
    match op, parts:
        case "round", (_, last) if not (
            isinstance(last, Number) and isinstance(last.value, int) and abs(last.value) <= 12
        ):
            fail(
                text,
                nodes[1],
                "The number of decimals was expected here.",
                "For example: round(net, 2)",
            )
        case "local" | "utc", (_, last) if not isinstance(last, Text):
            fail(text, nodes[1], "A time zone in quotes was expected.", "Such as: 'Asia/Hong_Kong'")
        case (("local" | "utc"), (first, _)) if not isinstance(first, Text):
            pass
        case _ if any(isinstance(part, Text) for part in parts):
            fail(text, name, f"{op}(...) is given text.", "A column stands in backquotes.")
    return Apply(op, parts)  # type: ignore[arg-type]


def _about(text: str, name: Token, operator: Token, at: Token, middle: Any, reach: Token) -> Formula:
    """`column = value +- reach`: between value - reach and value + reach; the reach may be a share, 10%."""
    op = _OPERATORS.get(operator, str(operator))
    share = str(reach).endswith("%")
    wide = _literal(text, Token.new_borrow_pos("BARE", str(reach)[:-1], reach) if share else reach)
    plain = all(isinstance(one, int | float) and abs(one) < MOST_ABOUT for one in (middle, wide))
    if not plain or isinstance(middle, bool) or isinstance(wide, bool) or wide < 0:
        fail(
            text,
            at,
            "A number and how far from it were expected.",
            "For example: price = 5000 +- 500",
        )
    if op not in ("==", "!="):
        fail(
            text,
            operator,
            "+- says from where to where, beside = or !=.",
            "Or give one bound: price < 5500",
        )
    # in decimals, as people write them: .3 +- .1 is from .2
    centre, far = decimal.Decimal(repr(middle)), decimal.Decimal(repr(wide))
    far = abs(centre) * far / 100 if share else far
    low, high = (
        int(end) if end == end.to_integral_value() else float(end) for end in (centre - far, centre + far)
    )
    return Atom(column_of(text, name), Between(low, high, op == "!="))


def _is_literal(token: Token) -> bool:
    """Whether a token can only be a value: a number, a date, true or false, or in single quotes."""
    plain = _NUMBER.fullmatch(token) or _DAY.match(token) or token.lower() in ("true", "false")
    return token.type == "SINGLE" or (token.type == "BARE" and plain is not None and plain is not False)


def _unquoted(token: Token) -> str:
    inner, quote = str(token[1:-1]), token[0]
    return inner.replace(quote * 2, quote) if quote in "'\"`" else inner


def column_of(text: str, token: Any) -> str:
    """The name of the column that a token says. Raises WhereError where it is a value, or reckoned."""
    if not _plain(token):
        fail(text, token, "A column name was expected here, and this is reckoned.")
    if _is_literal(token):
        fail(
            text,
            token,
            "A column name was expected here, and this is a value.",
            f"A name that looks like a value stands in backquotes: `{str(token).strip(chr(39))}` > 5",
        )
    return str(token) if token.type == "BARE" else _unquoted(token)


def _plain(node: Any) -> bool:
    """Whether a node is one token that is a column or a value."""
    return isinstance(node, Token) and node.type != "DURATION"


def _literal(text: str, token: Token) -> Any:
    """The value of a token: number, date, moment, true, false, or else a string."""
    if token.type == "BACK":
        fail(
            text,
            token,
            "A value was expected here, and backquotes hold the name of a column.",
            "A string stands in single quotes: 'yes'",
        )
    if token.type != "BARE":
        return _unquoted(token)
    word = str(token)
    if word.lower() in ("missing", "null", "nan"):
        fail(
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
            fail(text, token, f"A number has at most {MOST_DIGITS:,} digits.")
        digits = word.replace("_", "")
        return int(digits) if digits.lstrip("+-").isdecimal() else float(digits)
    if _DAY.fullmatch(word) or _MOMENT.fullmatch(word):
        try:
            return dt.date.fromisoformat(word) if len(word) == 10 else dt.datetime.fromisoformat(word)
        except ValueError:
            fail(
                text,
                token,
                "There is no such day or time.",
                f"Dates are written 2024-01-31, moments 2024-01-31T18:30; a string in quotes: '{word}'",
            )
    return word
