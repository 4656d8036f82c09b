"""Run folders that a kill left, mutated: the recipe in them, and the checkpoint to go on from."""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from fuzz import Case
from fuzz_models import apart

Mutation = Callable[[Path, random.Random], None]
"""Of a file, which is changed in place."""

ASKS = ("make", "minutes", "steps")
"""Lines of a recipe that are left as they are: whoever asks for a year of learning gets it."""

ODD = (
    "-1 0 1 true 0.5 -0.5 nan inf 1e308 9223372036854775808 1979-05-27 [] {} [[]] [1] [[1,2]] {a=1} "
    '"" "abc" "a\\u0000b" "../../../etc/passwd" "/dev/zero" "%Q%s{0}" "(a+)+$" "number" "image:99999999" '
    f'"{"x" * 100_000}" {"[" * 400 + "]" * 400} {"9" * 5_000} [{"0," * 50_000}0]'
).split()


def left(place: Path) -> Path:
    """A run folder as a kill leaves it: a recipe, and a checkpoint with some steps to go."""
    rng = random.Random(0)
    rows = [f"{rng.gauss(9, 3):.2f},{rng.choice(['red', 'green'])},{k % 28 + 1}/3/2024" for k in range(80)]
    place.mkdir(parents=True)
    table = place / "table.csv"
    table.write_text("\n".join(["amount,colour,day", *rows]))
    apart(partial(_killed, table, place / "run"))
    return place / "run"


def _killed(table: Path, folder: Path) -> None:
    from sampan.cli import main
    from sampan.learning import checkpoint
    from sampan.learning.state import State

    def save(self: checkpoint.Checkpoint, state: State) -> None:
        saved(self, state)
        if state.step >= 4:
            os._exit(0)

    saved = checkpoint.Checkpoint.save
    checkpoint.SAVE_EVERY, checkpoint.SAVE_SHARE = 0.0, math.inf
    checkpoint.Checkpoint.save = save  # type: ignore[method-assign]
    main(["make", str(table), "--steps", "9", "-o", str(folder), "--quiet"])


# --- recipes
def _line(path: Path, rng: random.Random, change: Callable[[str, str], str]) -> None:
    lines = path.read_text().splitlines()
    free = [k for k, line in enumerate(lines) if " = " in line and not line.startswith(ASKS)]
    at = rng.choice(free)
    name, _, value = lines[at].partition(" = ")
    lines[at] = change(name, value)
    path.write_text("\n".join(lines))


def _bytes(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    match rng.randrange(5):
        case 0:
            data = data[: rng.randrange(len(data))]
        case 1:
            for _ in range(rng.choice([1, 20])):
                data[rng.randrange(len(data))] = rng.randrange(256)
        case 2:
            data += rng.randbytes(2_000)
        case 3:
            data = bytearray(rng.randbytes(3_000))
        case _:
            data = bytearray()
    path.write_bytes(bytes(data))


def _place(path: Path, rng: random.Random) -> None:
    path.unlink()
    match rng.randrange(5):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to("/dev/zero")
        case 2:
            path.symlink_to(path)
        case 3:
            path.mkdir()
        case _:
            with open(path, "wb") as file:
                file.truncate(1 << 37)


RECIPE: dict[str, Mutation] = {
    "another value": lambda path, rng: _line(path, rng, lambda name, old: f"{name} = {rng.choice(ODD)}"),
    "another name": lambda path, rng: _line(path, rng, lambda name, old: f"{name}2 = {old}"),
    "no line": lambda path, rng: _line(path, rng, lambda name, old: ""),
    "twice": lambda path, rng: _line(path, rng, lambda name, old: f"{name} = {old}\n{name} = {old}"),
    "bytes": _bytes,
    "place": _place,
}


# --- checkpoints
def _inside(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + size :])


def _told(path: Path, rng: random.Random) -> None:
    """One value of what a checkpoint says beside its tensors."""

    def change(header: dict[str, Any]) -> None:
        told = json.loads(header["__metadata__"]["training"])
        part = rng.choice([told, told, told["history"], told["origin"]])
        name = rng.choice(list(part))
        odd = [None, True, -1, 0, 10**6, 2**63, 1e308, float("nan"), "", "abc", [], [[]], {}, [part[name]]]
        part[name] = rng.choice(odd)
        if rng.random() < 0.2:
            part.pop(name)
        header["__metadata__"]["training"] = json.dumps(told)

    _inside(path, change)


def _text(path: Path, rng: random.Random) -> None:
    texts = ["", "{", "[" * 100_000, "null", "{}", '{"a":' * 50_000, "[" + "0," * 1_000_000 + "0]"]
    _inside(path, lambda header: header["__metadata__"].update(training=rng.choice(texts)))


def _tensor(path: Path, rng: random.Random) -> None:
    def change(header: dict[str, Any]) -> None:
        name = rng.choice([name for name in header if name != "__metadata__"])
        match rng.randrange(4):
            case 0:
                header[name]["shape"] = rng.choice([[2**60], [-1], [], [1], "x", [1.5], None, [2**31, 2**31]])
            case 1:
                header[name]["dtype"] = rng.choice(["F64", "I64", "U8", "X", None])
            case 2:
                header[name]["data_offsets"] = rng.choice([[0, 2**60], [5, 1], [-8, 8], [0], "x", None])
            case _:
                header[rng.choice(["x", "weight.99", "optimiser.0.99.step", "a.b.c"])] = header.pop(name)

    _inside(path, change)


CHECKPOINT: dict[str, Mutation] = {
    "what it says": _told,
    "its text": _text,
    "a tensor": _tensor,
    "bytes": _bytes,
    "place": _place,
}


def cases(count: int, seed: int, place: Path) -> Iterator[Case]:
    """So many killed runs, the recipe of every second one mutated, else the checkpoint; then gone on with."""
    run = left(place / "left")
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        folder = place / str(index) / "run"
        shutil.copytree(run, folder)
        of_recipe = index % 2 == 0
        kinds = list((RECIPE if of_recipe else CHECKPOINT).items())
        name, act = kinds[index // 2 % len(kinds)]
        act(folder / ("recipe.toml" if of_recipe else "checkpoint/training.safetensors"), rng)

        def clean(folder: Path = folder) -> None:
            with contextlib.suppress(OSError):
                shutil.rmtree(folder.parent)

        yield Case(
            f"{index} {'recipe' if of_recipe else 'checkpoint'}: {name}",
            ["make", "--resume", str(folder), "--quiet"],
            frozenset({0, 3, 4, 5}),
            clean,
        )
