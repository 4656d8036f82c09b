"""What lies unpacked while it is worked on, and what is left of it when a process dies."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sampan import scratch
from sampan.cli.line import quiet
from sampan.data import read
from sampan.data.disk import written
from sampan.data.folder.archive import unzipped
from sampan.errors import StoreError
from sampan.media.picture import as_png
from sampan.run.folder import new_folder, scratch_of, tidy


@pytest.fixture
def own(tmp_path, monkeypatch) -> Path:
    """A cache folder and a TMPDIR of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(scratch, "_held", None)
    yield tmp_path
    if scratch._held is not None:
        scratch._held.end()


def _inside(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_scratch_is_the_users_alone_and_goes_with_the_block(own):
    place = own / "runs"
    with scratch.within(place):
        inner = scratch.folder()
        (inner / "secret").write_text("A123456(7)")
        assert inner.parent == place and stat.S_IMODE(inner.stat().st_mode) == 0o700
        assert scratch.folder() == inner
    assert not place.exists()
    assert scratch.folder().parent == own / "tmp"
    assert stat.S_IMODE(scratch.home().stat().st_mode) == 0o700


def test_what_is_unfinished_goes_with_the_block_and_what_is_finished_stays(own):
    part, done = own / ".new.csv.part", own / "new.csv"
    with scratch.unfinished(part):
        part.write_text("half")
    assert not part.exists()
    with scratch.unfinished(part):
        part.write_text("whole")
        os.replace(part, done)
    assert done.read_text() == "whole"
    with pytest.raises(AssertionError), scratch.unfinished(own / "new.csv"):
        pass


_DIES = """
import os, signal, sys
from pathlib import Path
from sampan import scratch
runs, out = Path(sys.argv[1]), Path(sys.argv[2])
with scratch.within(runs):
    (scratch.folder() / "A123456(7)").write_text("real")
    with scratch.unfinished(out):
        out.mkdir()
        (out / "one.png").write_text("real")
        os.kill(os.getpid(), getattr(signal, sys.argv[3]))
"""


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM"])
def test_what_a_killed_process_left_goes_at_the_next_start_and_what_lives_stays(own, how):
    alive = scratch.folder() / "kept"
    alive.write_text("mine")
    told = [sys.executable, "-c", _DIES, str(own / "runs"), str(own / ".new.part"), how]
    died = subprocess.run(told, env=dict(os.environ), check=False)
    assert died.returncode == -getattr(signal, how)
    assert (own / ".new.part" / "one.png").exists() and len(_inside(own / "runs")) == 2
    scratch.sweep()
    assert not (own / ".new.part").exists() and _inside(own / "runs") == []
    assert alive.read_text() == "mine"
    assert len(list(scratch.home().glob("*.lock"))) == 1


def test_a_list_that_somebody_changed_takes_nothing_else_away(own):
    precious = own / "precious"
    precious.mkdir()
    (own / ".bashrc").write_text("x")
    link = own / ".sampan-0123456789abcdef"
    link.symlink_to(precious, target_is_directory=True)
    (precious / "file").write_text("x")
    home = scratch.home()
    for number, text in enumerate(
        [f'["{precious}", "{own}/.bashrc", ".x.part", 3]', f'["{link}"]', "{", '"x"', "[[[[", ""]
    ):
        (home / f"{number}.lock").write_text(text)
    scratch.sweep()
    assert (precious / "file").exists() and (own / ".bashrc").exists() and not link.exists()


def test_a_zip_and_an_array_of_json_are_unpacked_there(own):
    picture = as_png(np.full((8, 8, 1), 4, np.uint8))
    with zipfile.ZipFile(own / "faces.zip", "w") as packed:
        packed.writestr("a/one.png", picture)
        packed.writestr("a/two.png", picture)
    (own / "rows.json").write_text('[{"a": 1}, {"a": 2}]')
    with scratch.within(own / "runs"):
        home = unzipped(own / "faces.zip")
        assert home is not None and scratch.folder() in home.parents
        assert len(read(own / "rows.json")) == 2
        assert any(name.endswith(".jsonl") for name in _inside(own / "runs"))
    assert not home.exists() and not (own / "runs").exists() and _inside(own / "tmp") == []


def _die_at(moment: int) -> None:
    """From now on this process dies instead of the call of that number that gives a file another name."""
    calls = iter(range(100))
    befores = {name: getattr(os, name) for name in ("rename", "replace")}

    def dying(name: str):
        def dies(*args):
            if next(calls) == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return befores[name](*args)

        return dies

    for name in befores:
        setattr(os, name, dying(name))


def test_a_run_folder_is_there_with_its_recipe_or_not_at_all(own):
    """A kill at any moment of its making: in a new place, in an empty folder, in one of a name and a time."""
    texts = {"recipe.toml": "a = 1", "schema.toml": "b = 2"}
    (own / "empty").mkdir()
    for folder in (own / "new" / "run", own / "empty", None):
        for moment in range(4):
            place = own / "sampan-runs" if folder is None else folder
            pid = os.fork()
            if not pid:  # the child dies at a call of the system, as a kill would have it
                try:
                    os.chdir(own)
                    _die_at(moment)
                    with scratch.within(scratch_of(folder)):
                        new_folder("people", folder, texts)
                        os.kill(os.getpid(), signal.SIGKILL)
                finally:
                    os._exit(1)
            assert os.waitpid(pid, 0)[1] == signal.SIGKILL
            scratch.sweep()
            left = {name for name in _inside(own) if not name.startswith(("cache", "tmp"))}
            files = {Path(name).name for name in left if (own / name).is_file()}
            assert files in (set(), {"recipe.toml"}, set(texts)), (folder, moment, left)
            assert not any(Path(name).name.startswith(".") for name in left)
            for inside in place.rglob("*.toml") if place.is_dir() else ():
                inside.unlink()


def test_resuming_takes_away_what_was_half_written(own):
    run = own / "run"
    (run / "checkpoint" / "stage-2").mkdir(parents=True)
    (run / "model").mkdir()
    halves = [".new.csv.77.part", ".recipe.toml.77.part", ".contact-sheet.png.new", "checkpoint/training.new"]
    halves += ["checkpoint/stage-2/training.new"]
    wholes = ["new.csv", "recipe.toml", "checkpoint/training.safetensors", ".hidden", "model/model.json"]
    for name in (*halves, *wholes):
        (run / name).write_text("x")
    (run / ".sampan-0123456789abcdef").mkdir()
    tidy(run)
    left = {name for name in _inside(run) if (run / name).is_file()}
    assert left == set(wholes) and not (run / ".sampan-0123456789abcdef").exists()


def test_a_full_disk_is_told_with_what_is_free_and_where(own):
    with pytest.raises(StoreError) as told, written(own / "run" / "recipe.toml"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "MB are free in " + str(own) in told.value.expected and "-o" not in told.value.fix
    with pytest.raises(StoreError, match="where you may write"), written(own / "x"):
        raise PermissionError(errno.EACCES, "denied")


def test_libraries_keep_quiet_at_the_command_line_and_not_with_debug(capfd, monkeypatch):
    monkeypatch.setattr(sys, "warnoptions", [])
    for debug in (False, True):
        with quiet(debug), warnings.catch_warnings() if debug else contextlib.nullcontext():
            if debug:
                warnings.simplefilter("always")
                warnings.showwarning = lambda message, *_: print(message, file=sys.stderr)
            warnings.warn("a driver is missing", UserWarning, stacklevel=1)
        assert bool(capfd.readouterr().err) == debug


def test_a_folder_has_one_process_at_a_time(own):
    told = "import sys; from pathlib import Path; from sampan import scratch\n"
    told += "with scratch.alone(Path(sys.argv[1])): print('in', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", told, str(own)], stdin=-1, stdout=-1, text=True)
    assert other.stdout.readline() == "in\n"
    with pytest.raises(StoreError, match="another process"), scratch.alone(own):
        pass
    other.kill()
    other.wait()
    with scratch.alone(own):
        pass
