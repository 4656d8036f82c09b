"""JUnit XML: a report as test cases, which every pipeline reads (Jenkins, GitLab, GitHub, Azure).

One suite; a case for every score, grouped by question as classes, and one for the gate. A score that is not
decided is a skipped case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sampan.evaluate.report.sentences import ORDER, advice, atom_told, score_told, skipped, state, verdict
from sampan.evaluate.report.words import Words

if TYPE_CHECKING:
    from sampan.evaluate.report.report import Report

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold at all, not even escaped; a column's name may."""


def junit(report: Report, words: Words) -> str:
    """The report as JUnit XML."""
    cases = [_gate(report, words)]
    for question in ORDER:
        for score in report.of(question):
            told, todo = score_told(score, words), advice(score, words)
            cases.append(_case(f"sampan.{question}", score.name, score.passed, told, f"{told}\n{todo}"))
        if not report.of(question):
            why = skipped(report, question, words)
            cases.append(_case(f"sampan.{question}", question, None, why, ""))
    suite = ElementTree.Element("testsuite", {"name": report.title})
    properties = ElementTree.SubElement(suite, "properties")
    facts = {**{f"rows.{name}": count for name, count in report.sizes.items()}, "seed": report.seed}
    for name, value in {**facts, "gate": report.gate}.items():
        ElementTree.SubElement(properties, "property", {"name": name, "value": str(value)})
    suite.extend(cases)
    totals = {
        "tests": str(len(cases)),
        "failures": str(sum(one.find("failure") is not None for one in cases)),
        "errors": "0",
        "skipped": str(sum(one.find("skipped") is not None for one in cases)),
        "time": f"{report.seconds:.3f}",
    }
    suite.attrib.update(totals)
    root = ElementTree.Element("testsuites", {"name": "sampan judge", **totals})
    del root.attrib["skipped"]  # not in the schema of the outermost element
    root.append(suite)
    ElementTree.indent(root)
    text = _FORBIDDEN.sub("\ufffd", ElementTree.tostring(root, encoding="unicode"))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _gate(report: Report, words: Words) -> ElementTree.Element:
    told = [
        f"{words.say(f'atom.{state(atom.holds)}')}: {atom.text} ({atom_told(atom, report, words)})"
        for atom in report.decision.atoms
    ]
    # a gate that is not known to hold does not let anything through
    return _case("sampan", "gate", report.passed is True, verdict(report, words), "\n".join(told))


def _case(group: str, name: str, passed: bool | None, message: str, text: str) -> ElementTree.Element:
    """One test case: passed, failed, or skipped where that is not known."""
    found = ElementTree.Element("testcase", {"classname": group, "name": name, "time": "0"})
    if passed is None:
        ElementTree.SubElement(found, "skipped", {"message": message})
    elif not passed:
        failure = ElementTree.SubElement(found, "failure", {"message": message, "type": name})
        failure.text = text
    else:
        ElementTree.SubElement(found, "system-out").text = text.strip() or message
    return found
