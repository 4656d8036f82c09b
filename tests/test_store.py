"""A model on disk: a kill while saving, and folders that are somebody else's."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sampan as sp
from sampan import store
from sampan.cli import main
from sampan.errors import RequestError, StoreError
from sampan.generator import Generator
from sampan.store import digest_of


def learned(first: int) -> Generator:
    table = {"coin": ["heads", "tails"] * 50, "value": [first, first + 1] * 50}
    return sp.fit(table, steps=2)


@pytest.fixture(scope="module")
def old() -> Generator:
    return learned(1)


@pytest.fixture(scope="module")
def new() -> Generator:
    return learned(5)


def saved_with_a_kill(model: Generator, folder: Path, at: int) -> bool:
    """Save in a process of its own that ends at its `at`-th use of a file; whether it came to its end."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    seen = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in ("open", "os.rename", "os.remove", "os.mkdir"):
            seen += 1
            if seen == at:
                os._exit(9)  # nothing is caught and nothing tidied up, as by a kill

    sys.addaudithook(watch)
    try:
        model.save(folder)
    finally:
        os._exit(0)


def value_of(folder: Path) -> int:
    """The lowest value that the model in a folder makes: which of the two models it is."""
    return min(next(sp.load(folder).blocks(40))["value"].to_pylist())


def test_a_kill_at_any_point_of_saving_leaves_the_old_model_or_the_new(
    old: Generator, new: Generator, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    old.save(before)
    found, at, whole = [], 0, False
    while not whole:
        at += 1
        folder = tmp_path / str(at)
        shutil.copytree(before, folder)
        whole = saved_with_a_kill(new, folder, at)
        found.append(value_of(folder))
        old.save(folder)  # whatever the kill left, the next saving works and leaves nothing else
        assert value_of(folder) == 1 and len(list(folder.iterdir())) == 4
    assert len(found) > 8 and set(found) == {1, 5}
    assert found == sorted(found)


def test_a_kill_while_saving_into_a_new_folder_can_be_done_over(new: Generator, tmp_path: Path) -> None:
    at, whole = 0, False
    while not whole:
        at += 1
        folder = tmp_path / str(at)
        whole = saved_with_a_kill(new, folder, at)
        new.save(folder)
        assert value_of(folder) == 5


@pytest.mark.parametrize("there", ["notes.txt", "model.json", "manifest.json"])
def test_a_folder_that_holds_something_else_is_refused_and_left_alone(
    old: Generator, tmp_path: Path, there: str
) -> None:
    (tmp_path / there).write_text('{"manifest_version": 3}', encoding="utf-8")
    with pytest.raises(sp.StoreError, match="no Sampan model"):
        old.save(tmp_path)
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [(there, '{"manifest_version": 3}')]


def test_files_beside_a_model_stay_and_so_do_links_to_it(
    old: Generator, new: Generator, tmp_path: Path
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    old.save(tmp_path / "link")
    (tmp_path / "real" / "notes.txt").write_text("mine", encoding="utf-8")
    new.save(tmp_path / "link")
    assert (tmp_path / "link").is_symlink() and value_of(tmp_path / "real") == 5
    assert (tmp_path / "real" / "notes.txt").read_text(encoding="utf-8") == "mine"


def children(acts: list[Callable[[], bool]]) -> list[bool]:
    """Whether each act came to its end, all at once in processes of their own."""
    pids = []
    for act in acts:
        pid = os.fork()
        if pid == 0:
            done = False
            try:
                done = act()
            finally:
                os._exit(0 if done else 1)
        pids.append(pid)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0 for pid in pids]


def test_savers_and_readers_at_once_get_the_one_model_or_the_other(
    old: Generator, new: Generator, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    old.save(folder)
    known = {digest_of(folder)}
    new.save(folder)
    known.add(digest_of(folder))
    assert len(known) == 2

    def saves(model: Generator) -> bool:
        for _ in range(25):
            model.save(folder)
        return True

    def reads() -> bool:
        return all(sp.load(folder).card.rows["read"] == 100 for _ in range(15))

    assert all(children([lambda: saves(old), lambda: saves(new), reads]))
    assert digest_of(folder) in known and len(list(folder.iterdir())) == 4


def test_a_model_that_finds_no_room_leaves_the_older_one_whole(
    old: Generator, new: Generator, tmp_path: Path
) -> None:
    old.save(tmp_path / "model")
    before = digest_of(tmp_path / "model")
    largest = max(one.stat().st_size for one in (tmp_path / "model").iterdir())

    def save_on_a_full_disk() -> bool:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (largest // 2, largest // 2))
        with pytest.raises(sp.StoreError, match="could not be written") as told:
            new.save(tmp_path / "model")
        return "Free some space" in told.value.fix

    assert children([save_on_a_full_disk]) == [True]
    assert digest_of(tmp_path / "model") == before and value_of(tmp_path / "model") == 1
    assert len(list((tmp_path / "model").iterdir())) == 4


def test_a_pinned_digest_admits_one_model_alone(old: Generator, new: Generator, tmp_path: Path) -> None:
    old.save(tmp_path / "model")
    pinned = digest_of(tmp_path / "model")
    assert pinned.startswith("sha256:") and sp.load(tmp_path / "model", digest=pinned).card == old.card
    new.save(tmp_path / "model")
    with pytest.raises(sp.StoreError, match=digest_of(tmp_path / "model")):
        sp.load(tmp_path / "model", digest=pinned)
    for command in ("show", "sample"):
        assert main([command, str(tmp_path / "model"), "--digest", pinned, "--quiet"]) == 5


def test_an_attachment_goes_with_its_model_and_leaves_its_digest(
    old: Generator, new: Generator, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    old.save(folder)
    digest = digest_of(folder)
    store.attach(str(folder), "signature.json", b"signed " + digest.encode())
    assert digest_of(folder) == digest
    assert store.attachments(folder).keys() == {"signature.json"}
    assert store.attached(folder, "signature.json").endswith(digest.encode())
    assert value_of(folder) == 1
    with pytest.raises(sp.RequestError, match="Bytes are expected"):
        store.attach(folder, "note", "text")  # type: ignore[arg-type]  # as people try
    with pytest.raises(sp.StoreError, match="already"):
        store.attach(folder, "signature.json", b"another")
    store.attach(folder, "signature.json", b"another", replace=True)
    assert store.attached(folder, "signature.json") == b"another"
    new.save(folder)  # another model: what was said of the older one is gone
    assert store.attachments(folder) == {}
    assert [file.name for file in folder.glob("attached*")] == []
    assert value_of(folder) == 5


@pytest.mark.parametrize("name", ["", "../weights", "a/b", "A", ".hidden", "x" * 65, "a..b"])
def test_an_attachment_has_a_plain_name(name: str, old: Generator, tmp_path: Path) -> None:
    old.save(tmp_path / "model")
    with pytest.raises(sp.RequestError, match="cannot be called"):
        store.attach(tmp_path / "model", name, b"")


def test_a_damaged_attachment_is_said_and_leaves_the_model(old: Generator, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    old.save(folder)
    store.attach(folder, "adapter", b"some bytes")
    (folder / "attached.adapter").write_bytes(b"other bytes")
    with pytest.raises(sp.StoreError, match="checksum"):
        store.attached(folder, "adapter")
    with pytest.raises(sp.StoreError, match="It has: adapter"):
        store.attached(folder, "adaptor")
    assert value_of(folder) == 1


@pytest.mark.parametrize("odd", [None, 5, b"x", ["x"], Path("x"), "a\n", "a\0", "é", "a..b", "/x", ""])
def test_what_no_attachment_can_be_called_is_refused_in_three_lines(
    odd: Any, old: Generator, tmp_path: Path
) -> None:
    old.save(tmp_path / "model")
    with pytest.raises(RequestError, match="cannot be called"):
        store.attach(tmp_path / "model", odd, b"x")
    with pytest.raises(StoreError, match="no attachment"):
        store.attached(tmp_path / "model", odd)


@pytest.mark.parametrize("digest", [5, b"sha256:00", ["x"]])
def test_a_digest_that_is_no_text_is_the_callers_fault(digest: Any, old: Generator, tmp_path: Path) -> None:
    old.save(tmp_path / "model")
    with pytest.raises(RequestError, match="the digest is a"):
        store.load(tmp_path / "model", digest=digest)
