"""What a person says of rules, and what comes of it beside those that are found."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import sampan as sp
from sampan.cli import main
from sampan.column import from_numpy, from_strings
from sampan.errors import RequestError, WhereError
from sampan.fields import Category, Number
from sampan.rules.notation import text_of, told
from sampan.rules.wish import Wish, check
from sampan.schema import Schema

N = 400
rng = np.random.default_rng(0)
NET = np.round(rng.gamma(2, 100, N), 1)
CODE = rng.integers(0, 8, N)
CELLS = {
    "net": from_numpy(NET),
    "vat": from_numpy(np.round(NET * 0.1, 2)),
    "total": from_numpy(np.round(NET * 1.1, 2)),
    "code": from_strings([f"c{k}" for k in CODE]),
    "name": from_strings([f"name {k}" for k in CODE]),
}
SCHEMA = Schema({"net": Number(), "vat": Number(), "total": Number(), "code": Category(), "name": Category()})
FOUND = ["total = net + vat", "vat = net * 0.1", "code fixes name", "name fixes code"]


def settled(*rules: str, no: tuple[str, ...] = ()) -> tuple[list[str], list[str]]:
    layout = SCHEMA.fit(CELLS, rules=Wish(rules, no))
    return [text_of(rule) for rule in layout.kept.rules], list(layout.said)


def test_rules_are_found() -> None:
    assert settled() == (FOUND, [])


@pytest.mark.parametrize(
    ("no", "left"),
    [
        ("code fixes name", [FOUND[0], FOUND[1], FOUND[3]]),
        ("name", FOUND[:2]),
        ("vat = ...", [FOUND[0], FOUND[2], FOUND[3]]),
        ("all", []),
    ],
)
def test_what_is_not_to_be_kept_is_left_out(no: str, left: list[str]) -> None:
    assert settled(no=(no,)) == (left, [])


def test_what_was_not_found_cannot_be_left_out_and_that_is_told() -> None:
    rules, notes = settled(no=("vat > net",))
    assert rules == FOUND and "vat > net" in notes[0]


def test_what_is_declared_stands_in_place_of_what_is_found() -> None:
    rules, notes = settled("total = round(net * 1.1, 2)", "net >= vat", "vat = round(net / 10, 2)")
    assert rules[:3] == ["total = round(net * 1.1, 2)", "net >= vat", "vat = round(net / 10, 2)"]
    assert "vat = net * 0.1" not in rules and not notes


def test_what_does_not_hold_is_told_with_its_rows() -> None:
    broken = NET.copy()
    broken[[4, 17]] += 1
    layout = SCHEMA.fit({**CELLS, "net": from_numpy(broken)}, rules=Wish(("total = round(net * 1.1, 2)",)))
    assert "does not hold in 2 of 400 rows (0.5 %): rows 5, 18." in layout.said[0]
    numbers = np.arange(N) * 2
    wish = Wish(("total = round(net * 1.1, 2)",), numbers=numbers)
    assert "rows 8, 34." in SCHEMA.fit({**CELLS, "net": from_numpy(broken)}, rules=wish).said[0]


@pytest.mark.parametrize(
    ("rules", "no", "said"),
    [
        (("net < vat",), (), "holds in none of 400 rows"),
        (("code fixes nme",), (), 'no column "nme"'),
        (("net > 100 or vat > total", "net <= 100 or vat > total"), (), "No row keeps these rules together"),
        (("code fixes name",), ("code fixes name",), "both to hold and not"),
        (("net >",), (), "cannot be read"),
        ((), ("nme = ...",), 'no column "nme"'),
    ],
)
def test_what_cannot_be_is_refused(rules: tuple[str, ...], no: tuple[str, ...], said: str) -> None:
    with pytest.raises(RequestError, match=said) as caught:
        settled(*rules, no=no)
    assert caught.value.expected and caught.value.fix


def test_what_cannot_be_read_is_refused_before_any_work() -> None:
    with pytest.raises(WhereError):
        check(Wish(("net >",)), CELLS)
    with pytest.raises(RequestError, match="one rule and no list"):
        sp.fit({"a": [1, 2] * 20, "b": [1, 2] * 20}, rules="a = b", steps=1, progress=False)


def test_a_model_knows_its_rules_and_so_does_its_card(tmp_path: Path) -> None:
    data = {"net": NET, "vat": np.round(NET * 0.1, 2), "code": CODE, "name": [f"name {k}" for k in CODE]}
    model = sp.fit(data, steps=2, progress=False, no_rules=["code fixes name"])
    assert [told(rule) for rule in model.rules] == model.card.rules == [str(rule) for rule in model.rules]
    assert model.card.rules[0] == "vat = net * 0.1 (all rows)"
    model.save(tmp_path / "model")
    assert sp.load(tmp_path / "model").card.rules == model.card.rules


def test_a_run_tells_its_rules_and_its_recipe_keeps_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "sales.csv"
    rows = [f"{net:.1f},{net * 1.1:.2f},c{code}" for net, code in zip(NET, CODE, strict=True)]
    table.write_text("net,total,code\n" + "\n".join(rows) + "\n")
    rule, out = "total >= net", str(tmp_path / "run")
    argv = ["make", str(table), "--steps", "3", "--aside", "0", "--rule", rule, "--no-rule", "total = ..."]
    assert main([*argv, "-o", out]) == 0
    said = capsys.readouterr()
    assert "total >= net (all rows)" in said.out + said.err
    recipe = (tmp_path / "run" / "recipe.toml").read_text()
    assert 'rules = ["total >= net"]' in recipe and "total = ..." in recipe
    assert main(["show", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rules"] == ["total >= net (all rows)"]
    assert main([*argv, "--rule", "total <", "-o", f"{out}-2"]) == 4
