"""The notation of rules: text into a rule and back.

`checkout > checkin`, `total = round(net * 1.1, 2)`, `if cancelled = no then fee = 0`, `code fixes name`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lark import Token, Tree

from sampan.column import Column, codes, is_text
from sampan.errors import WhereError, nearest
from sampan.field import Compare
from sampan.rules.rule import Fixes, Rule
from sampan.where.formula import (
    And,
    Atom,
    Formula,
    Not,
    Or,
    Relation,
    Word,
    apart,
    asked,
    check_columns,
    check_size,
    resolved,
)
from sampan.where.grammar import RULE_EXAMPLE, fail, tree_of
from sampan.where.notation import column_of, term_of, whole
from sampan.where.shown import name_of, show, show_term
from sampan.where.term import Apply, Of, columns_of, renamed


def rule_of(text: str, columns: Mapping[str, Column]) -> Rule:
    """The rule that a text says about columns. Raises WhereError with a caret under what is wrong.

    A word that names a column and is no value of the column beside it means the column: `paid = bill`.

    >>> from sampan.column import from_strings
    >>> rule_of("code fixes name", {"code": from_strings(["a"]), "name": from_strings(["b"])}).claim
    Fixes(by=('code',), of='name')
    """
    tree = tree_of(text, "rule")
    if tree.data == "fixes":
        claim = _fixes(text, tree, lambda name: full_name(name, columns))
        if claim.of in columns_asked(Rule(claim))[:-1] or len(set(claim.by)) < len(claim.by):
            raise WhereError(
                f"The rule names a column twice: {text[:200]}",
                "Columns that fix another one are expected.",
                RULE_EXAMPLE,
            )
        return Rule(claim)
    formula = whole(text, tree)
    check_size(formula)
    formula = resolved(formula, columns, lambda name, word: _has(columns.get(name), word))
    check_columns(formula, columns)
    if len(asked(formula)) < 2:
        raise WhereError(
            f"The rule is about one column: {show(formula, plain=True)[:200]}{_blanks(formula, columns)}",
            "Two columns or more are expected, of which each says something of the others.",
            "For one column, sample with a condition: --where 'age > 65'",
        )
    return Rule(formula)


def _blanks(formula: Formula, columns: Mapping[str, Column]) -> str:
    """What to type where a word is columns joined by signs without blanks."""
    match formula:
        case Atom(_, Compare(_, Word() as word)):
            return apart(word, columns)
        case _:
            return ""


def _has(column: Column | None, word: str) -> bool:
    """Whether a text column holds a word."""
    return column is not None and is_text(column) and word in codes(column)[1]


def _fixes(text: str, tree: Tree[Token], full: Callable[[str], str]) -> Fixes:
    """`a, weekday(b) fixes c`. full: the name of a column as it is."""
    *causes, effect = tree.children
    by: list[str | Apply] = []
    for cause in causes:
        term = term_of(text, cause)
        match term:
            case Of(column):
                by.append(full(column))
            case Apply() if any(columns_of(term)):
                by.append(renamed(term, full))  # type: ignore[arg-type]
            case _:
                fail(text, cause, "The name of a column was expected before `fixes`.", RULE_EXAMPLE)
    return Fixes(tuple(by), full(column_of(text, effect)))


def full_name(name: str, columns: Mapping[str, Column]) -> str:
    """The name of a column as it is; blanks around it need not be said. Raises WhereError."""
    bare = [one for one in columns if one.strip() == name.strip()]
    if name not in columns and len(bare) != 1:
        few = ", ".join(list(columns)[:12]) + (", ..." if len(columns) > 12 else "")
        hint = nearest(name[:200], list(columns))
        raise WhereError(f'There is no column "{name}".{hint}', f"The columns are: {few}", RULE_EXAMPLE)
    return name if name in columns else bare[0]


def text_of(rule: Rule) -> str:
    """A rule as people write it, which `rule_of` reads back.

    >>> text_of(Rule(Fixes(("sku", "shop"), "list price")))
    'sku, shop fixes `list price`'
    """
    match rule.claim:
        case Fixes(by, of):
            causes = (name_of(one) if isinstance(one, str) else show_term(one) for one in by)
            return f"{', '.join(causes)} fixes {name_of(of)}"
        case Or((Not(condition), then)):
            return f"if {_within(condition)} then {_within(then)}"
        case claim:
            return show(claim, plain=True)


def values_of(rule: Rule) -> dict[str, Any]:
    """A rule as plain values of JSON, which `of_values` reads back without knowing the columns."""
    match rule.claim:
        case Fixes():
            claim = text_of(rule)
        case Or((Not(condition), then)):
            claim = f"if {show(condition)} then {show(then)}"
        case formula:
            claim = show(formula)
    return {"claim": claim, "share": rule.share, "rows": rule.rows}


def of_values(values: Mapping[str, Any]) -> Rule:
    """The rule that `values_of` wrote. Raises WhereError, KeyError, TypeError or ValueError if damaged."""
    text = str(values["claim"])
    tree = tree_of(text, "rule")
    if tree.data == "fixes":
        claim: Formula | Fixes = _fixes(text, tree, lambda name: name)
    else:
        claim = whole(text, tree)
        check_size(claim)
    share, rows = float(values["share"]), int(values["rows"])
    if not 0 <= share <= 1 or rows < 0:
        raise ValueError(f"a rule that holds for {share} of {rows} rows")
    return Rule(claim, share, rows)


def _within(formula: Formula) -> str:
    """One side of an `if`."""
    return show(formula, plain=True)


def told(rule: Rule) -> str:
    """A rule as a person is told of it, with the share of the records for which it holds.

    >>> told(Rule(Fixes(("sku",), "price"))), told(Rule(Fixes(("sku",), "price"), 0.135, 27))
    ('sku fixes price (all rows)', 'sku fixes price (13.5 %)')
    """
    return f"{text_of(rule)} ({'all rows' if rule.always else f'{100 * rule.share:.3g} %'})"


def columns_asked(rule: Rule) -> tuple[str, ...]:
    """The columns that a rule binds, each once."""
    match rule.claim:
        case Fixes() as claim:
            return (*claim.causes, claim.of)
        case Atom() | Relation() | And() | Or() | Not():
            return tuple(asked(rule.claim))
