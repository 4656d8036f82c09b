"""The rules of a table, as a run tells of them."""

from __future__ import annotations

from collections.abc import Sequence

from sampan.rules.notation import told
from sampan.rules.rule import Rule
from sampan.screen import Screen, several

MOST = 40
"""Rules that a screen shows; all of them are in the model and in the recipe."""


def tell_rules(rules: Sequence[Rule], screen: Screen) -> None:
    """Every rule on a line, with the share of the rows for which it holds."""
    if not rules:
        return
    screen.say(f"  {several(len(rules), 'rule')} between columns, which made rows keep:")
    for rule in rules[:MOST]:
        screen.say(f"    {told(rule)}")
    if len(rules) > MOST:
        screen.say(f"    and {len(rules) - MOST:,} more: sampan show lists them")
