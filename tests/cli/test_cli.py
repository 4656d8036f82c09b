"""The command line as a person uses it: what works, what it says when something does not, its exit codes."""

from __future__ import annotations

import gzip
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sampan as sp
from sampan.cli import main
from sampan.cli.line import parsers

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with people.csv (400 people of the census) and model/, learned from it in 30 steps."""
    folder = tmp_path_factory.mktemp("cli")
    with gzip.open(sp.datasets.path("census"), "rt", encoding="utf-8") as file:
        lines = [next(file) for _ in range(401)]
    (folder / "people.csv").write_text("".join(lines), encoding="utf-8")
    line = ["fit", str(folder / "people.csv"), "-o", str(folder / "model"), "--steps", "30", "--json"]
    assert main(line) == 0
    return folder


@pytest.fixture
def cli(
    place: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    """Runs one command in an empty folder that has people.csv and model; (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").symlink_to(place / "people.csv")
    (tmp_path / "model").symlink_to(place / "model")
    capfd.readouterr()

    def run(*line: str) -> tuple[int, str, str]:
        code = main(list(line))
        out, err = capfd.readouterr()
        return code, out, err

    return run


def shell(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line in a real shell, `sampan` being this one."""
    return subprocess.run(
        ["bash", "-c", f'sampan() {{ "{sys.executable}" -m sampan.cli "$@"; }}; set -o pipefail; {line}'],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=100,
    )


def rows_of(path: Path) -> list[list[str]]:
    import csv

    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


# --- what works
def test_every_option_is_in_the_table_of_the_pages() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "README.md").read_text(encoding="utf-8")
    _, commands = parsers()
    options = {
        option for parser in commands.values() for one in parser._actions for option in one.option_strings
    }
    said = {option for option in options if option.startswith("--")} - {"--help"}
    assert len(said) > 30 and said == set(re.findall(r"`(--[a-z-]+)`", page)) - {"--help"}


def test_help_of_a_command_is_told_by_a_command_too(cli: Run) -> None:
    assert cli("help", "fill")[1].strip() == cli("fill", "--help")[1].strip() != ""
    assert cli("help")[1].startswith("usage: sampan")
    code, _, err = cli("help", "fil")
    assert code == 2 and 'Did you mean "fill"?' in err


@pytest.mark.parametrize(
    ("word", "ours"),
    [
        ("train", "fit"),
        ("generate", "sample"),
        ("Evaluate", "judge"),
        ("sampl", "sample"),
        ("version", "--version"),
    ],
)
def test_what_others_call_a_command_is_understood(cli: Run, word: str, ours: str) -> None:
    code, out, err = cli(word, "people.csv")
    assert code == 2 and not out and len(err.strip().splitlines()) == 3 and ours in err.splitlines()[1]


def test_an_option_that_had_another_name_is_told_by_its_new_one(cli: Run) -> None:
    code, out, err = cli("judge", "made.csv", "--seen", "people.csv", "--ask", "look")
    assert code == 2 and not out and "It is called --questions now." in err
    assert err.splitlines()[-1].strip() == "Type: --questions in the place of --ask"


def test_a_shell_can_complete(cli: Run, tmp_path: Path) -> None:
    code, script, _ = cli("completion", "bash")
    assert code == 0
    (tmp_path / "sampan.bash").write_text(script, encoding="utf-8")
    asked = (
        "source ./sampan.bash; COMP_WORDS=(sampan fit --min); COMP_CWORD=2; $(complete -p sampan | "
        "grep -o -- '-F [^ ]*' | cut -c4-) sampan --min fit; echo ${COMPREPLY[@]}"
    )
    done = subprocess.run(["bash", "-c", asked], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.split() == ["--minutes"], done


def test_an_extra_that_is_missing_names_packages_that_exist() -> None:
    told = sp.MissingExtra("pydicom", "dicom", "Reading DICOM pictures")
    assert "pydicom>=" in told.fix and "sampan" not in told.fix


def test_help_and_version_answer_without_torch(tmp_path: Path) -> None:
    code = (
        "import sys, time\nbegun = time.perf_counter()\nfrom sampan.cli import main\n"
        "assert main(['--help']) == 0 and main(['make', '--help']) == 0 and main(['--version']) == 0\n"
        "assert main(['nonsense']) == 2\n"
        "assert not {'torch', 'numpy', 'rich', 'arro3'} & set(sys.modules), sorted(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"sampan {sp.__version__}" in done.stdout
    for code in "0 1 2 3 4 5 6 130".split():
        assert f"\n  {code:<3}  " in done.stdout


def test_sample_writes_what_was_given_and_where_holds(cli: Run, tmp_path: Path) -> None:
    fixed = ["--given", "income=>50K", "--where", "age > 40 and age <= 60"]
    code, out, err = cli("sample", "model", "-n", "300", "-o", "new.csv", *fixed)
    assert code == 0 and out == "" and "300 rows" in err
    header, *rows = rows_of(tmp_path / "new.csv")
    assert len(rows) == 300
    assert {row[header.index("income")] for row in rows} == {">50K"}
    assert all(40 < int(row[header.index("age")]) <= 60 for row in rows)


def test_sample_to_standard_output_is_only_csv_and_one_seed_is_one_result(cli: Run) -> None:
    code, first, err = cli("sample", "model", "-n", "7", "--seed", "3")
    assert code == 0
    assert len(first.splitlines()) == 8 and first.startswith("age,workclass")
    assert cli("sample", "model", "-n", "7", "--seed", "3")[1] == first
    assert cli("sample", "model", "-n", "7", "--seed", "4")[1] != first


def test_given_file_makes_a_record_for_each_row(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text("sex,age\nMale,30\nFemale,41\nFemale,52\n", encoding="utf-8")
    assert cli("sample", "model", "--given-file", "some.csv", "-o", "new.csv")[0] == 0
    header, *rows = rows_of(tmp_path / "new.csv")
    assert [(row[header.index("sex")], row[header.index("age")]) for row in rows] == [
        ("Male", "30"), ("Female", "41"), ("Female", "52"),
    ]  # fmt: skip
    code, _, err = cli("sample", "model", "--given-file", "some.csv", "-n", "5", "-o", "new.csv")
    assert code == 4 and "5 records were asked for, with 3 rows given" in err


def test_fill_completes_holes_and_touches_nothing_else(cli: Run, place: Path, tmp_path: Path) -> None:
    header, *rows = rows_of(place / "people.csv")
    holes = [
        [("" if (line + column) % 7 == 0 else cell) for column, cell in enumerate(row)]
        for line, row in enumerate(rows)
    ]
    text = "\n".join(",".join(row) for row in [header, *holes])
    (tmp_path / "holes.csv").write_text(text + "\n", encoding="utf-8")
    code, _, err = cli("fill", "model", "holes.csv", "-o", "full.csv")
    assert code == 0 and "missing cells" in err
    again, *full = rows_of(tmp_path / "full.csv")
    assert again == header and len(full) == len(rows)
    for hole, whole in zip(holes, full, strict=True):
        assert all(there == "" or there == here for there, here in zip(hole, whole, strict=True))
        assert all(here != "" for here in whole)


def test_show_prints_the_card_for_people_and_for_programs(cli: Run) -> None:
    code, out, _ = cli("show", "model")
    assert code == 0
    for part in ("sha256", "autoregressive", "seed", "Wh (an estimate", "torch", "curve", "held-out score"):
        assert part in out
    assert all(len(line) <= 80 for line in out.splitlines())
    code, out, _ = cli("show", "model", "--json")
    card = json.loads(out)
    assert code == 0 and card["rows"]["read"] == 400 and len(card["columns"]) == 15


def test_schema_is_printed_written_corrected_and_used(cli: Run, tmp_path: Path) -> None:
    code, out, _ = cli("schema", "people.csv")
    assert code == 0 and 'age = "number"' in out and "# " in out
    assert cli("schema", "people.csv", "-o", "schema.toml", "--type", "age=category:ordered")[0] == 0
    code, out, _ = cli(
        "fit", "people.csv", "-o", "other", "--steps", "3", "--schema", "schema.toml", "--json"
    )
    assert code == 0
    assert "categories" in json.loads(out)["card"]["columns"]["age"]
    code, out, _ = cli("schema", "people.csv", "--schema", "schema.toml", "--keep", "age")
    assert code == 0 and 'age = "category:exact"' in out  # what is typed overrules the file


def test_a_model_that_is_replaced_is_said(cli: Run) -> None:
    line = ["fit", "people.csv", "-o", "twice", "--steps", "2"]
    code, first, _ = cli(*line)
    assert code == 0 and "replaced" not in first
    code, again, _ = cli(*line)
    assert code == 0 and "The model in twice will be replaced: learned from people, 380 rows" in again
    assert "in place of the older model" in again


def test_a_schema_that_exists_is_replaced_only_when_that_is_said(cli: Run, tmp_path: Path) -> None:
    """It may hold what was corrected by hand; and it may be no schema at all, but the data."""
    (tmp_path / "schema.toml").write_text("corrected = 'by hand'\n", encoding="utf-8")
    told = no(cli, 5, "schema", "people.csv", "-o", "schema.toml")
    assert "exists already" in told[0] and told[2].endswith("-o schema.toml --replace")
    assert (tmp_path / "schema.toml").read_text(encoding="utf-8") == "corrected = 'by hand'\n"
    assert cli("schema", "people.csv", "-o", "schema.toml", "--replace")[0] == 0
    assert "[columns]" in (tmp_path / "schema.toml").read_text(encoding="utf-8")
    shutil.copy(tmp_path / "people.csv", tmp_path / "own.csv")
    before = (tmp_path / "own.csv").read_bytes()
    for line in (["schema", "own.csv"], ["schema", "people.csv", "--schema", "own.csv"]):
        assert "the file that is read" in no(cli, 2, *line, "-o", "own.csv", "--replace")[0]
    assert (tmp_path / "own.csv").read_bytes() == before


def test_nothing_is_written_among_the_files_of_a_model(cli: Run, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    for out in ("model/model.json", "model/new.csv", "model"):
        for line in (["sample", "model", "-n", "5"], ["fill", "model", "people.csv"]):
            told = no(cli, 2, *line, "-o", out)
            assert "model folder" in told[0], out
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == before


@pytest.mark.parametrize("number", ["1e9999", "nan", "-inf", "9" * 6_000])
@pytest.mark.parametrize("option", ["-n", "--seed"])
def test_numbers_beyond_all_bounds_are_told_of(cli: Run, option: str, number: str) -> None:
    assert "Sampan, not yours" not in "".join(no(cli, 2, "sample", "model", f"{option}={number}"))


def test_a_table_of_a_database_is_replaced_only_when_that_is_said(cli: Run, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path}/shop.db?table=people"
    assert cli("sample", "model", "-n", "5", "-o", target)[0] == 0
    assert "--replace" in no(cli, 5, "sample", "model", "-n", "7", "-o", target)[2]
    assert "--replace" in no(cli, 5, "fill", "model", "people.csv", "-o", target)[2]
    assert len(sp.read(target)) == 5
    assert cli("sample", "model", "-n", "7", "-o", target, "--replace")[0] == 0
    assert len(sp.read(target)) == 7


@pytest.mark.parametrize("command", ["sample", "fill", "schema"])
def test_help_says_what_is_replaced(cli: Run, command: str) -> None:
    code, out, _ = cli(command, "--help")
    assert code == 0 and "--replace" in out
    assert "what -o replaces:" in out and "No file that is read ever is." in out


def test_a_run_folder_stands_for_its_model(cli: Run, place: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    shutil.copytree(place / "model", tmp_path / "run" / "model")
    assert cli("show", "run")[0] == 0


def test_make_as_json_is_one_object_and_nothing_else(
    cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sampan.run import look

    monkeypatch.setattr(look, "LOOK_SECONDS", 0.3)
    code, out, err = cli("make", "people.csv", "--steps", "5", "-n", "60", "-o", "run", "--json")
    assert code == 0 and err == "" and out.count("\n") == 1
    told = json.loads(out)
    assert told["rows"] == {"read": 400, "aside": 50, "learned": 350, "made": 60}
    assert told["steps"] <= 5 and told["judged"]["scores"]
    assert len(rows_of(tmp_path / told["new"])) == 61
    code, out, _ = cli("make", "--resume", "run", "--quiet")
    assert code == 0 and out == "run\n"


# --- what does not: three lines, and the exit code
def no(cli: Run, expected: int, *line: str) -> list[str]:
    """A command that must fail: three lines on stderr and nothing on stdout; the same as JSON."""
    code, out, err = cli(*line, "--quiet")
    assert code == expected, err
    lines = err.splitlines()
    assert out == "" and all(lines), err
    assert "Traceback" not in err and "mistake in Sampan" not in err
    code, out, err = cli(*line, "--json")
    told = json.loads(out)["error"]
    assert code == expected == told["exit_code"] and err == ""
    parts = [told["what"], told["expected"], told["fix"]]
    assert "\n".join(parts).split("\n") == lines
    assert len(lines) == 3 or "\n" in told["what"]  # a condition that cannot be read is shown, with a mark
    return parts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("a,b\n", "no rows"),
        ("a,b\n1,x\n", "(1 row)"),
        ("a,b\n" + "1,x\n" * 40, "nothing varies in"),
    ],
    ids=["empty", "header only", "one row", "all constant"],
)
def test_tables_that_cannot_be_learned(text: str, told: str, cli: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(text, encoding="utf-8")
    assert told in no(cli, 3, "make", "bad.csv", "--steps", "3")[0]
    assert told in no(cli, 3, "fit", "bad.csv", "-o", "new-model", "--steps", "3")[0]
    assert told in no(cli, 3, "schema", "bad.csv")[0]
    left = {entry.name for entry in tmp_path.iterdir()}
    assert left == {"bad.csv", "people.csv", "model"}


def test_files_that_cannot_be_read(cli: Run, tmp_path: Path) -> None:
    assert "does not exist" in no(cli, 3, "make", "peopel.csv")[0]
    assert 'Did you mean "people.csv"?' in no(cli, 3, "make", "peopel.csv")[1]
    (tmp_path / "folder").mkdir()
    assert "is a folder" in no(cli, 3, "make", "folder")[0]
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 9999)[:-30])
    no(cli, 3, "make", "cut.csv.gz")
    (tmp_path / "picture.csv").write_bytes(bytes(range(256)) * 40)
    no(cli, 3, "make", "picture.csv")
    if os.geteuid():  # root reads everything
        (tmp_path / "secret.csv").write_text("a\n1\n")
        (tmp_path / "secret.csv").chmod(0)
        no(cli, 3, "make", "secret.csv")


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        (["sample", "model", "--given", "income=>60K"], 4, 'Did you mean ">50K"?'),
        (["sample", "model", "--given", "incom=>50K"], 4, 'Did you mean "income"?'),
        (["sample", "model", "--given", "age=old"], 4, "age"),
        (["sample", "model", "--where", "age > 65 and age < 20"], 4, "No record can satisfy"),
        (["sample", "model", "--where", "agee > 65"], 4, 'Did you mean "age"?'),
        (["sample", "model", "--where", "age >"], 4, "age >"),
        (["sample", "model", "--given", "sex=Male", "--where", "sex = Female"], 4, "contradict"),
        (["sample", "model", "-n", "0"], 4, "0 records"),
        (["sample", "model", "-n", "12345678901234567890"], 4, "At most 1,000,000,000,000"),
        (["make", "people.csv", "-n", "12345678901234567890"], 4, "At most 1,000,000,000,000"),
        (["sample", "model", "-o", "new.nonsense"], 4, ".nonsense"),
        (["sample", "model", "-o", "nowhere/new.csv"], 5, "no folder nowhere"),
        (["sample", "nothing"], 5, "no model folder"),
        (["fit", "people.csv", "-o", "people.csv"], 5, "is a file"),
        (["fit", "people.csv", "-o", ".", "--steps", "3"], 5, "-o"),
        (["make", "people.csv", "--family", "gann"], 4, "autoregressive"),
        (["make", "people.csv", "--minutes", "-1"], 4, "positive"),
        (["make", "people.csv", "--aside", "0.9"], 4, "0 to 0.5"),
        (["make", "people.csv", "--type", "agee=number"], 4, 'Did you mean "age"?'),
        (["make", "people.csv", "--type", "age=numbr"], 4, 'Did you mean "number"?'),
        (["make", "people.csv", "--keep", "agee"], 4, 'Did you mean "age"?'),
        (["make", "people.csv", "--exact", "agee"], 4, 'Did you mean "age"?'),
        (["make", "people.csv", "--schema", "nothing.toml"], 5, "sampan schema"),
        (["make", "--resume", "model"], 5, "no run"),
        (["make", "--recipe", "people.csv"], 5, "TOML"),
        (["make"], 4, "no table is named"),
        (["mke", "people.csv"], 2, 'Did you mean "make"?'),
        (["make", "people.csv", "--minuts", "1"], 2, 'Did you mean "--minutes"?'),
        (["make", "people.csv", "--minutes", "one"], 2, "'one'"),
        (["make", "people.csv", "--type", "age"], 2, "no equals sign"),
        (["make", "people.csv", "--resume", "run"], 2, "--resume"),
        (["sample", "model", "--given", "sex=Male", "--given-file", "people.csv"], 2, "one of them"),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else None,
)
def test_requests_that_cannot_be_met(line: list[str], code: int, told: str, cli: Run) -> None:
    if line[0] in ("sample", "fill") and "-o" not in line:
        line = [*line, "-o", "new.csv"]
    assert told in "\n".join(no(cli, code, *line))
    assert not Path("new.csv").exists() and not Path("sampan-runs").exists()


def test_a_column_missing_at_fill(cli: Run, tmp_path: Path) -> None:
    (tmp_path / "lacking.csv").write_text("age,sex\n30,\n", encoding="utf-8")
    assert "lack the column 'workclass'" in no(cli, 3, "fill", "model", "lacking.csv", "-o", "full.csv")[0]


@pytest.mark.parametrize("what", ["flipped byte", "truncated", "foreign JSON", "no manifest", "a file gone"])
def test_damaged_models(what: str, cli: Run, place: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(place / "model", bad)
    for name in ("weights.safetensors", "columns.safetensors", "model.json"):
        shutil.copy(place / "model" / name, bad / name)
        content = bytearray((bad / name).read_bytes())
        match what:
            case "flipped byte":
                content[len(content) // 2] ^= 1
                (bad / name).write_bytes(content)
            case "truncated":
                (bad / name).write_bytes(content[: len(content) // 2])
            case "foreign JSON":
                (bad / "manifest.json").write_text('{"weights": [1, 2]}', encoding="utf-8")
            case "no manifest":
                (bad / "manifest.json").unlink(missing_ok=True)
            case _:
                (bad / name).unlink()
        no(cli, 5, "show", "bad")
        shutil.copy(place / "model" / name, bad / name)
        shutil.copy(place / "model" / "manifest.json", bad / "manifest.json")
    assert cli("show", "bad")[0] == 0


def test_a_full_disk(place: Path, tmp_path: Path) -> None:
    """Files may not grow past 60 kB: the system answers as a full disk does."""

    def limited(*line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sampan.cli", *line],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
        )

    done = limited("sample", str(place / "model"), "-n", "9000", "-o", "new.csv", "--quiet")
    assert done.returncode == 5, done.stderr
    assert len(done.stderr.splitlines()) == 3 and "could not be written" in done.stderr
    assert list(tmp_path.iterdir()) == []
    done = limited("fit", str(place / "people.csv"), "-o", "model", "--steps", "3", "--quiet")
    assert done.returncode == 5, done.stderr
    assert len(done.stderr.splitlines()) == 3 and "could not be written" in done.stderr


# --- the shell around it
@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose column and values would clear a terminal's screen and set its title."""
    folder = tmp_path_factory.mktemp("hostile") / "model"
    table = {"n\x1b[2J": ["\x1b]0;mine\x07", "b\x9b31m", "c"] * 40, "value": [1, 2, 3] * 40}
    sp.fit(table, steps=2).save(folder)
    return folder


def at_a_terminal(folder: Path, *line: str) -> str:
    """What a command writes to a terminal, from both of its streams."""
    ours, its = os.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "sampan.cli", *line],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=its, stderr=its,
        env={**os.environ, "NO_COLOR": "1", "TERM": "dumb"},
    )  # fmt: skip
    os.close(its)
    out = b""
    try:
        while piece := os.read(ours, 65_536):
            out += piece
    except OSError:  # Linux's way to say that nobody holds the other end any more
        pass
    os.close(ours)
    assert running.wait(timeout=60) in (0, 4)
    return out.decode("utf-8")


@pytest.mark.parametrize(
    "line",
    [["show"], ["sample", "-n", "40"], ["sample", "--given", "value=x"], ["show", "--json"]],
    ids=" ".join,
)
def test_a_foreign_model_does_not_drive_the_terminal(hostile: Path, line: list[str]) -> None:
    out = at_a_terminal(hostile.parent, line[0], str(hostile), *line[1:])
    assert "\\u001b" in out or "value=x" in line
    strange = {letter for letter in out if ord(letter) < 32 or 127 <= ord(letter) < 160}
    assert strange <= {"\n", "\r"}  # the terminal's own end of line


def test_rows_for_a_pipe_are_as_they_are_and_json_says_the_same(hostile: Path, cli: Run) -> None:
    code, out, _ = cli("sample", str(hostile), "-n", "40")
    assert code == 0 and out.startswith("n\x1b[2J,value\n") and "b\x9b31m" in out
    code, out, _ = cli("show", str(hostile), "--json")
    assert code == 0 and list(json.loads(out)["columns"]) == ["n\x1b[2J", "value"]


def test_head_is_content_with_the_first_lines(place: Path, tmp_path: Path) -> None:
    done = shell(f"sampan sample {place}/model -n 60000 --quiet | head -2", tmp_path)
    assert done.stderr == "" and len(done.stdout.splitlines()) == 2 and done.returncode == 0


def test_standard_input_chinese_names_and_a_locale_of_ascii(tmp_path: Path) -> None:
    lines = [f"{('香港', '九龍', '新界')[row % 3]},{20 + row % 50}" for row in range(120)]
    (tmp_path / "顧客.csv").write_text("城市,年齡\n" + "\n".join(lines) + "\n", encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "COLUMNS": "80"}
    done = shell("cat 顧客.csv | sampan make - --steps 3 -o run", tmp_path, **ascii_only)
    assert done.returncode == 0, done.stderr
    assert "\\u57ce\\u5e02" in done.stdout and "120 rows, 2 columns from -" in done.stdout
    made = (tmp_path / "run" / "new.csv").read_text(encoding="utf-8").splitlines()
    assert made[0] == "城市,年齡" and {line.split(",")[0] for line in made[1:]} <= {"香港", "九龍", "新界"}
    assert '"城市" = "category"' in (tmp_path / "run" / "schema.toml").read_text(encoding="utf-8")
