"""The grammar of conditions and rules: text into a tree, with a caret under what is wrong."""

from __future__ import annotations

import functools
import unicodedata
from typing import Any, Literal, NoReturn

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from sampan.errors import WhereError
from sampan.where.formula import EXAMPLE, MOST_LEVELS
from sampan.where.term import MOST_DEPTH

MOST_TEXT = 200_000
"""Characters of one condition: reading is linear, and so many take half a second."""

RULE_EXAMPLE = 'For example: "checkout > checkin", "total = round(net * 1.1, 2)", "code fixes name"'
"""What to type where a rule cannot be read."""

_GRAMMAR = r"""
start: either
     | _IF either _THEN either -> conditional
rule: either
    | _IF either _THEN either -> conditional
    | sum (_COMMA sum)* _FIXES operand -> fixes
?either: both (_OR both)*
?both: unit (_AND unit)*
?unit: _NOT unit -> negation
     | _OPEN either _CLOSE
     | condition
condition: sum (COMPARE sum)+ -> comparison
         | sum COMPARE sum _ABOUT operand -> about
         | sum _IN values -> inside
         | sum _NOT _IN values -> outside
         | sum _BETWEEN sum _AND sum -> between
         | sum _NOT _BETWEEN sum _AND sum -> not_between
         | operand _IS _MISSING -> is_missing
         | operand _IS _NOT _MISSING -> is_not_missing
values: _OPEN operand (_COMMA operand)* _COMMA? _CLOSE
      | _OPEN_SQUARE operand (_COMMA operand)* _COMMA? _CLOSE_SQUARE
?sum: product
    | sum PLUS product -> applied
    | sum MINUS product -> applied
?product: factor
        | product STAR factor -> applied
        | product SLASH factor -> applied
?factor: operand
       | DURATION
       | MINUS factor -> minus
       | operand _PERCENT -> percent
       | FUNCTION _OPEN sum (_COMMA sum)* _CLOSE -> call
       | _OPEN sum _CLOSE
?operand: BARE | SINGLE | DOUBLE | BACK

_ABOUT: /\+-|\+\/-|±/
COMPARE: /==|!=|<>|<=|>=|=|<|>|≥|≤|≠|＝|＞|＜/
PLUS: /[+＋]/
MINUS: /[-−－]/
STAR: /[*×]/
SLASH: /[\/÷]/
_PERCENT: /%(?![\w])/
_IF.2: /if(?![\w.\-])(?!\s*(?:[=!<>≥≤≠＝＞＜)）*+\/]|$|in\b|is\b|between\b|not\s+in\b|not\s+between\b))/i
_THEN.2: /then(?![\w.\-])/i
_FIXES.2: /fixes(?![\w.\-])/i
FUNCTION.2: /(?:round|floor|ceil|abs|min|max|year|quarter|month|day|weekday|hour|minute|date|age|local|utc)(?=\s*[(（])/i
DURATION.2: /[+\-]?\d[\d_]*(?:\.\d+)?\s*(?:(?:days?|hours?|minutes?|seconds?|weeks?)(?![\w.\-])|天|小時|小时|分鐘|分钟|秒|週|周)/i
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
"""  # noqa: E501
# A word may hold hyphens, dots, colons, slashes: `a - b` with blanks is a difference, `a-b` a name. Which
# words are reserved depends on the place (a contextual lexer), so `state in (OR, IN)` needs no quotes.


@functools.cache
def _reader() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="contextual", start=["start", "rule"])


def tree_of(text: str, start: Literal["start", "rule"] = "start") -> Tree[Token]:
    """The tree of a condition, or of a rule. Raises WhereError with a caret under the place that is wrong."""
    what, example = ("condition", EXAMPLE) if start == "start" else ("rule", RULE_EXAMPLE)
    if not text.strip():
        raise WhereError(f"The {what} is empty.", f"A {what} on one or more columns.", example)
    if len(text) > MOST_TEXT:
        raise WhereError(
            f"The {what} is of {len(text):,} characters.",
            f"At most {MOST_TEXT:,} are expected.",
            "Use `between` for many values in a row, or sample once for each part.",
        )
    try:
        tree = _reader().parse(text, start=start)
    except UnexpectedInput as error:
        _refuse(text, error)
    _check_depth(tree)
    return tree


def _check_depth(tree: Tree[Token]) -> None:
    """Raise WhereError for brackets in brackets without end: what reads the tree calls itself."""
    level: list[tuple[Any, int]] = [(tree, 0)]
    for _ in range(4 * MOST_LEVELS + MOST_DEPTH):  # an operator and what it joins take some levels each
        level = [
            (child, sums + (one.data == "applied"))
            for one, sums in level
            if isinstance(one, Tree)
            for child in one.children
        ]
        if not level:
            return
        if any(sums > MOST_DEPTH for _, sums in level):
            break
    raise WhereError(
        f"The condition has more than {MOST_LEVELS} levels of brackets or `not`, or a sum of more than"
        f" {MOST_DEPTH} parts.",
        "Conditions that are joined by and, or.",
        EXAMPLE,
    )


# --- what is wrong, in plain words
def fail(text: str, at: Tree[Token] | Token | int, expected: str, fix: str = EXAMPLE) -> NoReturn:
    """Raise WhereError with the text and a caret under a position, a token, or where a tree begins."""
    while isinstance(at, Tree):
        at = at.children[0]
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
        fail(text, position, "The quote that opens here is never closed, or stands where none can.")
    if text[position - 1 : position] == "=" and here in (">", "<"):
        fail(text, position - 1, f"{here}= ends with the equals sign.", f"For example: age {here}= 65")
    if here == ")" and text.count(")") > text.count("("):
        fail(text, position, "This bracket closes nothing.")
    if before[-1:] in tuple("=<>") and here in ("<", ">", "=", "!"):
        fail(
            text,
            position,
            "A value was expected after the comparison.",
            "A value that begins with a sign stands in quotes: income = '<=50K'",
        )
    fail(text, position, _wanted(allowed, at_end))


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
