"""Rules as text and as plain values, there and back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sampan.column import from_numpy, from_strings
from sampan.errors import WhereError
from sampan.rules.notation import columns_asked, of_values, rule_of, text_of, values_of
from sampan.rules.rule import Fixes, Rule

NUMBERS = ("checkin", "checkout", "net", "vat", "total", "fee", "list price", "單價")
TABLE = {name: from_numpy(np.arange(3.0)) for name in NUMBERS} | {
    name: from_strings(["yes", "no", "code"]) for name in ("cancelled", "code", "name", "產品")
}


@pytest.mark.parametrize(
    "text",
    [
        "checkout > checkin",
        "total = net + vat",
        "total = round(net * 1.1, 2)",
        "fee = min(net * 0.05, 1500)",
        "if cancelled = no then fee = 0",
        "if net > vat then fee is missing",
        "code fixes name",
        "code, cancelled fixes `list price`",
        "產品 fixes 單價",
        "weekday(checkin), code fixes name",
        "checkout - checkin >= 3 days or fee = 0",
    ],
)
def test_a_rule_reads_back(text: str) -> None:
    rule = rule_of(text, TABLE)
    assert text_of(rule) == text
    assert rule_of(text_of(rule), TABLE) == rule
    kept = Rule(rule.claim, 0.135, 12)
    assert of_values(json.loads(json.dumps(values_of(kept)))) == kept
    assert set(columns_asked(rule)) <= set(TABLE)
    assert columns_asked(rule)


def test_a_value_wins_over_a_column_of_its_name() -> None:
    assert columns_asked(rule_of("if cancelled = code then fee = net", TABLE)) == ("cancelled", "fee", "net")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code fixes", "cannot be read"),
        ("code fixes nme", 'Did you mean "name"'),
        ("code fixes code", "twice"),
        ("net > 3", "about one column"),
        ("total = net+vat", r"net \+ vat, with blanks"),
        ("", "The rule is empty"),
        ("if net > vat", "cannot be read"),
    ],
)
def test_what_is_no_rule_is_refused(text: str, said: str) -> None:
    with pytest.raises(WhereError, match=said) as caught:
        rule_of(text, TABLE)
    assert caught.value.expected and caught.value.fix


def test_fixes_is_plain_data() -> None:
    assert rule_of("code fixes name", TABLE) == Rule(Fixes(("code",), "name"))
