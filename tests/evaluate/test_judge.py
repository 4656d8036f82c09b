"""A whole judgement, through the public call and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import sampan as sp
from sampan.cli import main
from sampan.data import read
from sampan.evaluate.judge import compare
from sampan.evaluate.score import QUESTIONS
from sampan.evaluate.state import standing_of
from sampan.run import judged

Rows = dict[str, np.ndarray]


def world(rows: int, seed: int) -> Rows:
    """Income follows age, and a loan follows income."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows)
    income = np.round(200 + 12 * age + rng.normal(0, 90, rows))
    loan = np.where(rng.random(rows) < 1 / (1 + np.exp((income - 800) / 100)), "yes", "no")
    sex = rng.choice(["女", "男"], rows)
    return {"age": age, "income": income, "sex": sex, "loan": loan}


def shuffled(rows: Rows) -> Rows:
    rng = np.random.default_rng(9)
    return {name: rng.permutation(values) for name, values in rows.items()}


def leaky(rows: Rows, seen: Rows) -> Rows:
    """Half of the rows are rows of `seen`, word for word."""
    half = len(rows["age"]) // 2
    return {name: np.concatenate([seen[name][:half], rows[name][half:]]) for name in rows}


def test_without_real_rows_it_is_told_what_to_give() -> None:
    with pytest.raises(sp.RequestError, match="seen=real") as caught:
        sp.judge({"coin": ["heads", "tails"] * 60})
    assert all((caught.value.what, caught.value.expected, caught.value.fix))


def test_real_rows_pass_and_the_broken_ones_fail_where_they_should() -> None:
    seen, unseen, fresh = (world(600, seed) for seed in range(3))
    good = sp.judge(fresh, seen=seen, unseen=unseen, target="loan", protected=["sex"])
    # no attack sees its own planted leak among 600 rows of few values, so it stays undecided: never failed
    assert not [score.name for score in good.scores if score.passed is False], good.lines()
    assert {score.name for score in good.scores if score.passed} >= {"shape", "trend", "c2st", "utility"}
    held = {question: standing_of(good.of(question)) for question in QUESTIONS}
    assert set(held.values()) <= {"passed", "undecided"} and held["look"] == held["work"] == "passed"
    copied = sp.judge(leaky(fresh, seen), seen=seen, unseen=unseen, questions=["found"])
    assert "copies" in {score.name for score in copied.scores if score.passed is False}
    assert copied.passed is False
    assert copied.closest


def constant(rows: Rows, _seen: Rows) -> Rows:
    return {**rows, "income": np.full(len(rows["income"]), 700.0)}


def noise(rows: Rows, seen: Rows) -> Rows:
    rng, count = np.random.default_rng(4), len(rows["age"])
    return {
        "age": rng.integers(18, 80, count),
        "income": np.round(rng.uniform(seen["income"].min(), seen["income"].max(), count)),
        "sex": rng.choice(["女", "男"], count),
        "loan": rng.choice(["yes", "no"], count),
    }


def impossible(rows: Rows, _seen: Rows) -> Rows:
    """A price that no product has in four rows of five."""
    price = rows["price"].copy()
    price[: len(price) * 4 // 5] = np.roll(price, 3)[: len(price) * 4 // 5]
    return {**rows, "price": price}


def priced(rows: int, seed: int) -> Rows:
    rng = np.random.default_rng(seed)
    product = rng.integers(0, 60, rows)
    prices = np.round(np.random.default_rng(0).gamma(3.0, 90.0, 60), 2)
    return {"product": np.char.add("p", product.astype(str)), "price": prices[product]}


@pytest.mark.parametrize(
    ("word", "question", "table", "made"),
    [
        ("faithful", "look", world, constant),
        ("faithful", "look", world, noise),
        ("faithful", "look", world, shuffled),
        ("faithful", "look", priced, impossible),
        ("private", "found", world, leaky),
        ("faithful", "given", world, noise),
    ],
)
def test_a_fault_that_is_put_in_fails_its_question_and_real_rows_do_not(word, question, table, made) -> None:
    seen, unseen, fresh = (table(400, seed) for seed in range(3))
    spoilt = shuffled(fresh) if made is shuffled else made(fresh, seen)
    bad = sp.judge(spoilt, seen=seen, unseen=unseen, questions=[question], gate=word)
    assert bad.decision.atoms[0].holds is False, bad.lines()
    assert standing_of(bad.of(question)) == "failed"
    good = sp.judge(fresh, seen=seen, unseen=unseen, questions=[question], gate=word)
    assert standing_of(good.of(question)) in ("passed", "undecided"), good.lines()


def test_what_the_attacks_cannot_see_is_not_private(tmp_path: Path, capsys) -> None:
    """Of few values each row is there many times: no attack sees its planted leak, and nobody may pass."""
    rng = np.random.default_rng(0)
    seen, unseen, made = (
        write({name: rng.integers(0, 3, 200) for name in "abc"}, tmp_path / f"{side}.csv")
        for side in ("seen", "unseen", "made")
    )
    line = ["judge", made, "--seen", seen, "--unseen", unseen, "--questions", "found", "--gate", "private"]
    assert main([*line, "-o", str(tmp_path / "report.json")]) == 7
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert told["passed"] is None and told["questions"]["found"]["state"] == "undecided"
    assert "what is not known: private" in told["verdict"]
    said = capsys.readouterr()
    assert "not decided: Exact copies" in said.out + said.err


def test_rows_that_belong_together_are_said_to_be_judged_one_by_one() -> None:
    seen, unseen, fresh = (world(200, seed) for seed in range(3))
    model = sp.fit(seen, steps=5)
    note = 'Rows with the same "customer" belong together; each was learned by itself.'
    tables = {side: read(rows) for side, rows in (("seen", seen), ("unseen", unseen), ("made", fresh))}
    report = compare(tables, model.layout, title="customers", questions=["found"], notes=[note])
    assert "judged one by one" in report.lines()[0]
    assert "was not judged" in report.to_html()
    assert "沒有檢測" in report.lines("zh")[0]


def test_one_seed_one_report() -> None:
    seen, unseen, fresh = (world(200, seed) for seed in range(3))
    one, other = (
        sp.judge(fresh, seen=seen, unseen=unseen, questions=["look", "found"], seed=4).to_json()
        for _ in range(2)
    )
    one["seconds"] = other["seconds"] = 0
    assert one == other


def test_a_model_makes_the_rows_and_knows_which_it_kept_aside() -> None:
    table = world(600, 5)
    model = sp.fit(table, steps=30, seed=2)
    report = sp.judge(model, seen=table, questions=["look"], n=300)
    assert report.sizes == {"seen": 570, "unseen": 30, "made": 300}
    assert report.made_by is not None
    assert report.made_by["seed"] == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gate": "shap <= 1"}, "shape"),
        ({"questions": ["looks"]}, "look"),
        ({"target": "lone"}, "loan"),
        ({"protected": ["gender"]}, "no column"),
        ({"seen": {"age": np.arange(5)}}, "At least 10"),
        ({"made": {"age": np.arange(50)}}, "lacks the column"),
    ],
)
def test_what_cannot_be_judged_is_refused(change: dict, message: str) -> None:
    asked = {"made": world(60, 0), "seen": world(60, 1), "unseen": world(60, 2)} | change
    with pytest.raises(sp.SampanError, match=message):
        sp.judge(asked.pop("made"), **asked)


def write(rows: Rows, path: Path) -> str:
    lines = [",".join(rows), *(",".join(map(str, cells)) for cells in zip(*rows.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_the_command_writes_each_form_and_its_exit_code_is_the_gates(tmp_path: Path, capsys) -> None:
    seen, unseen, made = (write(world(200, i), tmp_path / f"{i}.csv") for i in range(3))
    line = ["judge", made, "--seen", seen, "--unseen", unseen, "--questions", "look"]
    for form, start in ((".html", "<!doctype html>"), (".json", "{"), (".xml", "<?xml")):
        out = tmp_path / f"report{form}"
        assert main([*line, "-o", str(out), "--gate", "shape <= 50", "--language", "zh-Hant"]) == 0
        assert out.read_text(encoding="utf-8").lower().startswith(start)
    capsys.readouterr()
    assert main([*line, "--gate", "shape <= 0", "--json"]) == 7
    assert json.loads(capsys.readouterr().out)["passed"] is False
    assert main([*line, "--gate", "shape <="]) == 4
    assert main([*line, "-o", str(tmp_path / "report.doc")]) == 2
    assert main(["judge", made]) == 4
    assert main([*line, "-o", seen]) == 2


def test_a_run_folder_brings_its_rows_and_those_it_kept_aside(tmp_path: Path, capsys) -> None:
    table = write(world(300, 7), tmp_path / "people.csv")
    run = str(tmp_path / "run")
    assert main(["make", table, "--steps", "20", "-o", run, "--quiet", "--type", "age=category"]) == 0
    capsys.readouterr()
    assert main(["judge", run, "--questions", "look", "--gate", "shape <= 100", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == {"seen": 250, "unseen": 50, "made": 250}
    plan = judged(run, None, None)[3]
    assert plan is not None and plan.columns["age"] == "category"  # columns are what the run took them for
    write(world(300, 8), tmp_path / "people.csv")
    assert main(["judge", run]) == 3  # the table has changed since
    assert "does not hold the data" in capsys.readouterr().err
