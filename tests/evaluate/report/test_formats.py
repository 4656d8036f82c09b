"""The report for machines and terminals: JSON, JUnit XML and lines."""

from __future__ import annotations

import dataclasses
import json
from xml.etree import ElementTree

import pytest

from sampan.evaluate.report.terminal import width
from sampan.evaluate.score import Part
from tests.evaluate.report.toy import toy_report

BAD = toy_report(bad=True, without=("treated",))


def test_json_holds_every_figure_and_no_cell_of_a_row() -> None:
    text = json.dumps(BAD.to_json(), allow_nan=False)
    told = json.loads(text)
    assert told["passed"] is False and len(told["scores"]) == len(BAD.scores)
    assert told["questions"]["treated"] == {"state": "skipped", "skipped": "no_protected"}
    assert told["questions"]["found"]["state"] == "failed"
    assert [atom["text"] for atom in told["gate"]["atoms"]] == ["faithful", "useful", "private", "fair"]
    assert told["closest"][0] == {"distance": 0.02, "unseen": 0.042}
    assert BAD.closest[0].seen["income"] not in text


# What the schema of Jenkins allows: attributes, those that must be there, and children in order.
SCHEMA = {
    "testsuites": ({"name", "time", "tests", "failures", "errors", "disabled"}, set(), ["testsuite"]),
    "testsuite": (
        {"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"},
        {"name"},
        ["properties", "testcase", "system-out", "system-err"],
    ),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, {"name"}, []),
    "testcase": (
        {"name", "classname", "time", "status", "assertions"},
        {"name", "classname"},
        ["skipped", "error", "failure", "system-out", "system-err"],
    ),
    "failure": ({"type", "message"}, set(), []),
    "skipped": ({"message"}, set(), []),
    "system-out": (set(), set(), []),
}


def valid(element: ElementTree.Element) -> None:
    allowed, demanded, children = SCHEMA[element.tag]
    assert demanded <= set(element.attrib) <= allowed, element.tag
    order = [children.index(child.tag) for child in element]
    assert order == sorted(order)
    for child in element:
        valid(child)


@pytest.mark.parametrize(
    "report", [BAD, toy_report(), toy_report(gate="augmentation or shape.reference < 1")]
)
def test_junit_is_valid_and_counts_right(report) -> None:
    root = ElementTree.fromstring(report.to_junit().encode())
    valid(root)
    (suite,) = root
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert {score.name for score in report.scores} | {"gate"} <= set(cases)
    assert int(suite.get("tests", "")) == len(list(suite.iter("testcase")))
    assert int(suite.get("failures", "")) == len(list(suite.iter("failure")))
    assert int(suite.get("skipped", "")) == len(list(suite.iter("skipped")))
    for score in report.scores:
        case = cases[score.name]
        assert (case.find("failure") is not None) == (score.passed is False)
        assert (case.find("skipped") is not None) == (score.passed is None)
    assert (cases["gate"].find("failure") is None) == (report.passed is True)


def test_junit_says_what_failed_and_what_to_do() -> None:
    root = ElementTree.fromstring(BAD.to_junit().encode())
    failures = {case.get("name"): case.find("failure") for case in root.iter("testcase")}
    copies = failures["copies"]
    assert copies is not None and "of the rows learned" in (copies.get("message") or "")
    assert "Do not hand these rows on" in (copies.text or "")
    gate = failures["gate"]
    assert gate is not None and "does not hold: private (Exact copies failed)" in (gate.text or "")


def test_junit_survives_what_xml_cannot_hold() -> None:
    score = dataclasses.replace(BAD.scores[0], facts={}, parts=(Part("\x00\x1b", 1.0),), name="bell\x07")
    report = dataclasses.replace(BAD, title='a\x00 <b> & "c" 年\ud800', scores=(score,))
    root = ElementTree.fromstring(report.to_junit().encode())
    assert root[0].get("name") == 'a\ufffd <b> & "c" 年\ufffd'


@pytest.mark.parametrize("language", ["en", "zh"])
def test_lines_are_aligned_in_every_script(language: str) -> None:
    lines = BAD.lines(language)
    assert lines[0].startswith("Not passed. " if language == "en" else "未通過。")
    start = next(i for i, line in enumerate(lines) if line.startswith("x ") and i > 2)
    table = lines[start + 2 : start + 10]
    assert len({width(line) for line in table}) == 1
    assert [line.split()[0] for line in table] == ["x", "x", "x", "+", "+", "+", "+", "+"]


def test_lines_say_what_failed_what_was_not_asked_and_why() -> None:
    told = "\n".join(BAD.lines())
    assert "Columns are 4.03 % away from the real ones" in told and "Do not hand these rows on" in told
    assert "- Who is treated differently?  not asked\n  No column was named as protected." in told
    assert repr(BAD) == told
