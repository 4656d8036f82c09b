"""What lies unpacked while it is worked on, and what is left of it when a process dies."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from sampan import scratch
from sampan.data import read
from sampan.data.archive import unzipped
from sampan.errors import StoreError
from sampan.picture import as_png


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
