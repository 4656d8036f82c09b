"""A line that cannot be read is told in three parts: what is wrong, what is expected, what to type."""

from __future__ import annotations

import pytest

from sampan.cli import main


@pytest.mark.parametrize(
    ("line", "what", "expected", "fix"),
    [
        ("sample m -n abc", "-n is 'abc', which is no whole number", "how many", "sampan sample ... -n 1000"),
        ("sample m -n", "-n has no value after it", "how many", "-n 1000"),
        (
            "make t --minutes soon",
            "--minutes is 'soon', which is no number",
            "minutes to learn",
            "--minutes 0.5",
        ),
        ("completion", "shell is missing", "bash, zsh or tcsh", "sampan completion bash"),
        (
            "completion bas",
            "shell is 'bas', which is none of its words",
            'Did you mean "bash"',
            "completion bash",
        ),
        ("fit t", "-o is missing", "the model folder", "sampan fit TABLE -o FOLDER"),
        ("fill m t --how likely", "--how is 'likely'", 'Did you mean "likeliest"?', "--how draw"),
        (
            "make t --minuts 3",
            "'--minuts' is not understood",
            'Did you mean "--minutes"?',
            "sampan make --help",
        ),
        ("sampl m", "there is no command 'sampl'", 'Did you mean "sample"?', "sampan --help"),
    ],
)
def test_three_parts(
    line: str, what: str, expected: str, fix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert all(part in shown for part, shown in zip((what, expected, fix), told, strict=True)), told
    assert "[-h]" not in told[1]  # no whole usage
