"""What is to be typed: as a flag on the command line, as an argument in Python."""

from __future__ import annotations

import inspect
import re
import warnings
from pathlib import Path

import pytest

import sampan as sp
from sampan.cli import main
from sampan.flags import in_python

ROWS = {"town": [*["Sha Tin", "Tai Po"] * 30, "Ap Lei Chau"], "n": [*range(60), 7]}


def test_python_is_told_of_arguments_and_the_command_line_of_flags(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", sp.Notice)
        model = sp.fit(ROWS, steps=2)
    said = [str(one.message) for one in caught if issubclass(one.category, sp.Notice)]
    told = "\n".join([*said, *model.notes, model._repr_html_()])
    assert 'exact=["town"]' in said[0] and any('exact=["town"]' in note for note in model.notes)
    assert "--" not in re.sub(r"<!--.*?-->", "", told)
    lines = [f"{town},{n}" for town, n in zip(ROWS["town"], ROWS["n"], strict=True)]
    (tmp_path / "rows.csv").write_text("\n".join(["town,n", *lines]))
    assert main(["fit", str(tmp_path / "rows.csv"), "-o", str(tmp_path / "model"), "--steps", "2"]) == 0
    line = " ".join("".join(capsys.readouterr()).split())
    assert '--exact "town"' in line and "exact=[" not in line


def test_errors_speak_of_arguments_as_text_and_of_flags_where_the_command_line_prints_them() -> None:
    with pytest.raises(sp.SampanError) as caught:
        sp.fit(ROWS, minutes=-1)
    assert "--minutes" in caught.value.fix
    assert "minutes=1" in str(caught.value) and "--" not in str(caught.value)


def test_what_a_flag_becomes_is_an_argument_that_there_is() -> None:
    known = {*inspect.signature(sp.fit).parameters, *inspect.signature(sp.judge).parameters}
    for flag in ('--type "a=category"', '--exact "a"', '--keep "a"', '--personal "a"', '--personal "a=name"'):
        assert in_python(flag).partition("=")[0] in known, flag
    for flag in ("--header 4", "--sheet NAME", "--target", "--protected", "--keep-totals", "--minutes 2"):
        assert in_python(flag).partition("=")[0] in known, flag
    report = sp.judge(ROWS, seen=ROWS, questions=["look", "work"])
    page = report.to_html()
    assert "show_real=True" in page and "--show-real" not in page
