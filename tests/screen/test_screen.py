"""What a person sees while Sampan works: in a pipe, in a terminal, in a log."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import pytest

from sampan import screen
from sampan.run.judging import Judging


def test_plain_lines_say_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen.screen, "HEARTBEAT", 0.15)
    out = io.StringIO()
    plain = screen.Lines(out)
    with plain.stage("learning") as stage:
        stage.update(1, 4, left=90, note="held-out 12.3")
        time.sleep(0.8)
    lines = out.getvalue().splitlines()
    assert 2 <= len(lines) <= 6
    assert lines[0] == "  learning: 25 %, 1 min 30 s left, held-out 12.3"


def test_a_stage_turns_to_another_part_and_says_when_it_is_late() -> None:
    stage = screen.Stage("learning each column")
    stage.update(1250, 5000, left=30)
    assert stage.status() == "25 %, 30 s left"
    stage.turn("learning", 60)
    assert (
        stage.name == "learning" and stage.status().startswith("0 %, 1 min") and "30 s" not in stage.status()
    )
    stage.begun -= 62
    assert stage.status() == "99 %, a moment more"
    stage.begun -= 28
    assert stage.status() == "99 %, longer than planned, 1 min 30 s so far"
    stage.update(60, 70, left=0, note="step 1")  # a step that takes longer than all of them should
    assert stage.status() == "86 %, longer than planned, 1 min 30 s so far, step 1"
    stage.update(70, 70, left=0, note="step 2")
    assert stage.status() == "100 %, step 2"
    fresh = screen.Stage("judging", done=0, total=5, note="look", begun=stage.begun)
    assert fresh.status() == "0 %, 1 min 30 s so far, look"


def test_a_judgement_tells_no_time_that_nobody_knows() -> None:
    """Its questions take from a moment to a minute: the first, answered at once, says nothing of the last."""
    stage = screen.Stage("judging", begun=time.monotonic() - 3)
    judging = Judging(stage, ["look", "work", "found"])
    judging.part("features", 30, 40)
    assert stage.status() == "3 s so far, features, 30 of 40"
    judging.question("look")
    judging.question("work")
    assert stage.status() == "33 %, 3 s so far, question 2 of 3, work"


def test_a_terminal_sees_a_bar_and_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    def seen() -> str:
        out = io.StringIO()
        terminal = screen.Terminal(Console(file=out, width=80, force_terminal=True, color_system="truecolor"))
        terminal.heading("Learning [not markup]")
        with terminal.stage("learning") as stage:
            stage.update(1, 4, left=90)
            time.sleep(0.5)
        return out.getvalue()

    shown = seen()
    assert "25 %, 1 min 30 s left" in shown and "━" in shown and "[not markup]" in shown
    assert "\x1b[1;36m" in shown
    monkeypatch.setenv("NO_COLOR", "1")
    assert "36m" not in seen()


def test_records_fit_the_screen_whatever_they_hold() -> None:
    from rich.cells import cell_len

    names = [f"column {number}" for number in range(30)] + ["年齡"]
    rows = [
        ["九龍城區太子道西一百九十三號" if place % 2 else "x\ny" for place in range(31)] for _ in range(6)
    ]
    lines = screen.records(names, rows, 80)
    assert all(cell_len(line) <= 80 for line in lines)
    assert lines[-1] == "  and 7 columns more" and len(lines) == 25
    narrow = screen.records(["a", "年"], [["1", "香港"]], 80)
    assert narrow == ["  a  年", "  1  香港"]


def test_the_last_column_of_a_table_is_told_whole() -> None:
    reason = "names of people, of which 95 % are in the lists of first names; they become invented ones"
    lines = screen.table([["owner", "personal", reason], ["age", "number", "12 values"]], [12, 11], 60)
    assert " ".join(" ".join(lines[:-1]).split()) == f"owner personal {reason}"
    assert len(lines) > 2 and all(len(line) <= 60 for line in lines)
    assert all(line.startswith(" " * 17) for line in lines[1:-1]) and lines[-1].split()[0] == "age"


def test_control_characters_are_spelt_out_everywhere(tmp_path: Path) -> None:
    from rich.console import Console

    bad = "年\x1b[2J\r\x07\x7f\x9b31m\u202e"
    told = "年\\u001b[2J\\u000d\\u0007\\u007f\\u009b31m\\u202e"
    out = io.StringIO()
    plain = screen.Lines(out)
    plain.log_to(tmp_path / "log.txt")
    plain.say(f"{bad}\nnext\tone")
    assert out.getvalue() == f"{told}\nnext\tone\n"
    assert told in (tmp_path / "log.txt").read_text(encoding="utf-8")
    assert screen.records(["name"], [[f"{bad}\n."]], 80) == ["  name", f"  {told} ."]
    seen = io.StringIO()
    terminal = screen.Terminal(Console(file=seen, width=200, force_terminal=True, color_system=None))
    with terminal.stage(bad) as stage:
        stage.update(note=bad)
        terminal.say(bad)
        time.sleep(0.3)
    assert seen.getvalue().count(told) >= 3
    assert not {"\x07", "\x7f", "\x9b", "\u202e"} & set(seen.getvalue())
    assert "\x1b[2J" not in seen.getvalue()
    assert json.loads(screen.fitting(json.dumps(bad, ensure_ascii=False), out)) == bad


def test_silence_keeps_a_log(tmp_path: Path) -> None:
    silent = screen.Silent()
    silent.say("before")
    silent.log_to(tmp_path / "log.txt")
    silent.say("after 年")
    lines = (tmp_path / "log.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ")[1] for line in lines] == ["before", "after 年"]


def test_standard_error_holds_no_line_to_pass_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What prints data tells its story there, and a program that looks for errors finds nothing else."""
    monkeypatch.setattr(screen.screen, "HEARTBEAT", 0.0)
    for name, silent in (("stderr", True), ("stdout", False)):
        out = io.StringIO()
        monkeypatch.setattr(sys, name, out)
        plain = screen.screen_for(out)
        with plain.stage("reading"):
            time.sleep(0.4)
        assert (out.getvalue() == "") == silent
        plain.say("one thing")
        assert out.getvalue().endswith("one thing\n")
