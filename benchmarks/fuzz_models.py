"""Model folders, mutated: what a damaged disk, a careless hand or an ill will may make of one.

Most are signed again after they were changed, so that the checksums say nothing and the reader has to look.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import random
import shutil
import socket
import struct
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from fuzz import Case

FILES = ("model.json", "columns.safetensors", "weights.safetensors")
Folder = Path
"""Of a model, which is changed in place."""
Mutation = Callable[[Folder, random.Random], None]


def learned(place: Path) -> list[Path]:
    """Some small models, of every field and most families, each learned in two steps."""
    import numpy as np

    rng = np.random.default_rng(0)
    n = 120
    words = ["red", "green", "blue", "naïve"]
    table = {
        "amount": [f"HK$ {value:,.2f}" for value in rng.gamma(2, 500, n)],
        "whole": rng.integers(0, 1_000, n).tolist(),
        "colour": [words[k] for k in rng.integers(0, 4, n)],
        "flag": rng.integers(0, 2, n).astype(bool).tolist(),
        "day": [
            f"{d:02d}/{m:02d}/2024"
            for d, m in zip(rng.integers(1, 29, n), rng.integers(1, 13, n), strict=True)
        ],
        "moment": [f"2024-03-{d:02d} {h:02d}:15:00+08:00" for d, h in rng.integers(1, 24, (n, 2))],
        "key": [f"A{k:05d}-{k % 7}" for k in rng.permutation(90_000)[:n]],
        "count": list(range(500, 500 + n)),
        "same": ["constant"] * n,
        "mail": [f"{a}.{b}@example.org" for a, b in rng.integers(100, 10**6, (n, 2))],
        "name": [f"{words[a].title()} {words[b].title()}son" for a, b in rng.integers(0, 4, (n, 2))],
        "phone": [f"+852 9{k:03d} {k % 10_000:04d}" for k in rng.integers(0, 1_000, n)],
    }
    types = {
        "name": "personal:name",
        "mail": "personal:e-mail",
        "phone": "personal:phone",
        "key": "identifier",
    }
    types |= {"count": "identifier", "same": "constant"}
    if n:
        table["amount"][3] = table["colour"][5] = ""
    pictures = {
        "picture": [_png(rng.integers(0, 256, (8, 8)).astype("uint8")) for _ in range(24)],
        "label": [words[k] for k in rng.integers(0, 3, 24)],
    }
    found = []
    for family in ("autoregressive", "vae", "diffusion", "gan"):
        folder = place / family
        apart(partial(_learn, folder, table, types, family))
        found.append(folder)
    for family in ("diffusion", "latent"):
        folder = place / f"{family}-pictures"
        apart(partial(_learn, folder, pictures, {"picture": "image"}, family))
        found.append(folder)
    return found


def _learn(folder: Path, table: dict[str, Any], types: dict[str, str], family: str) -> None:
    import sampan as sp

    sp.fit(table, steps=2, types=types, family=family).save(folder)


def apart(act: Callable[[], None]) -> None:
    """Learn in a child: threads that learning starts would not live through a fork."""
    child = os.fork()
    if child == 0:
        import warnings

        warnings.simplefilter("ignore")
        code = 1
        try:
            act()
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0


def _png(pixels: Any) -> bytes:
    import zlib

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    high, wide = pixels.shape
    raw = b"".join(b"\0" + row.tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(raw))
        + chunk(b"IEND", b"")
    )


# --- plain values
def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _paths(one, (*path, name))
    elif isinstance(value, list):
        for place, one in enumerate(value[:20]):
            yield from _paths(one, (*path, place))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        value = value[step]
    return value


def _choose(model: dict[str, Any], rng: random.Random) -> tuple[Any, ...]:
    """A random place; the parts of a model are as likely as each other, whatever their size."""
    top = rng.choice(["family", "columns", "columns", "columns", "card", "card", "format", ""])
    if not top:
        return (rng.choice(list(model)),)
    if top == "columns":
        place = rng.randrange(len(model["columns"]))
        return ("columns", place, *rng.choice(list(_paths(model["columns"][place]))))
    return (top, *rng.choice(list(_paths(model[top]))))


_VALUES: dict[str, Callable[[Any, random.Random], Any]] = {
    "null": lambda old, rng: None,
    "true": lambda old, rng: True,
    "zero": lambda old, rng: 0,
    "minus": lambda old, rng: -1,
    "one": lambda old, rng: 1,
    "2**31": lambda old, rng: 2**31,
    "2**60": lambda old, rng: 2**60,
    "2**63": lambda old, rng: 2**63,
    "10**9": lambda old, rng: 10**9,
    "10**6": lambda old, rng: 10**6,
    "-10**9": lambda old, rng: -(10**9),
    "10**400": lambda old, rng: 10**400,
    "half": lambda old, rng: 0.5,
    "1e308": lambda old, rng: 1e308,
    "nan": lambda old, rng: float("nan"),
    "inf": lambda old, rng: float("inf"),
    "-inf": lambda old, rng: float("-inf"),
    "empty text": lambda old, rng: "",
    "text": lambda old, rng: "abc",
    "number as text": lambda old, rng: str(old),
    "long text": lambda old, rng: "x" * 1_000_000,
    "half a character": lambda old, rng: "\ud800",
    "nul": lambda old, rng: "a\0b",
    "way out": lambda old, rng: "../../../etc/passwd",
    "directives": lambda old, rng: "%Y%Q%s%z{0}%(x)s",
    "pattern": lambda old, rng: "(a+)+$",
    "list": lambda old, rng: [],
    "dict": lambda old, rng: {},
    "list of it": lambda old, rng: [old],
    "dict of it": lambda old, rng: {"a": old},
    "long list": lambda old, rng: [old if not isinstance(old, list | dict) else 0] * 100_000,
    "nested": lambda old, rng: [[[[[[[[[[[old]]]]]]]]]]],
    "other word": lambda old, rng: rng.choice(
        ["category", "number", "moment", "image", "string", "float64", "vae"]
    ),
}


def _of_value(name: str) -> Mutation:
    def mutate(folder: Folder, rng: random.Random) -> None:
        model = _model(folder)
        path = _choose(model, rng)
        old = _at(model, path)
        _at(model, path[:-1])[path[-1]] = _VALUES[name](old, rng)
        _sign(folder, json.dumps(model).encode())

    return mutate


def _model(folder: Folder) -> dict[str, Any]:
    return json.loads((folder / "model.json").read_bytes())


def _sign(folder: Folder, model: bytes | None = None) -> None:
    if model is not None:
        (folder / "model.json").write_bytes(model)
    sums = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    (folder / "manifest.json").write_text(json.dumps(sums))


def _container(folder: Folder, rng: random.Random) -> tuple[dict[str, Any], Any, Any]:
    """A model, a dict or list in it that is not empty, and one key of it."""
    model = _model(folder)
    while True:
        found = _at(model, _choose(model, rng))
        if isinstance(found, dict | list) and found:
            key = rng.choice(list(found)) if isinstance(found, dict) else rng.randrange(len(found))
            return model, found, key


def _without(folder: Folder, rng: random.Random) -> None:
    model, found, key = _container(folder, rng)
    del found[key]
    _sign(folder, json.dumps(model).encode())


def _twice(folder: Folder, rng: random.Random) -> None:
    model, found, key = _container(folder, rng)
    if isinstance(found, list):
        found.append(found[key])
    else:
        found[str(key) + "2"] = found[key]
    _sign(folder, json.dumps(model).encode())


def _renamed(folder: Folder, rng: random.Random) -> None:
    model, found, key = _container(folder, rng)
    if isinstance(found, dict):
        found["__class__"] = found.pop(key)
    else:
        found.reverse()
    _sign(folder, json.dumps(model).encode())


def _swapped(folder: Folder, rng: random.Random) -> None:
    model, found, key = _container(folder, rng)
    found[key] = copy.deepcopy(_at(model, _choose(model, rng)))
    _sign(folder, json.dumps(model).encode())


def _text(change: Callable[[bytes, random.Random], bytes]) -> Mutation:
    def mutate(folder: Folder, rng: random.Random) -> None:
        _sign(folder, change((folder / "model.json").read_bytes(), rng))

    return mutate


_TEXTS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "empty": lambda data, rng: b"",
    "cut": lambda data, rng: data[: rng.randrange(len(data))],
    "blank": lambda data, rng: b" " * 1_000_000,
    "latin": lambda data, rng: data.replace(b"card", b"c\xe4rd", 1),
    "utf-16": lambda data, rng: data.decode().encode("utf-16"),
    "bom": lambda data, rng: b"\xef\xbb\xbf" + data,
    "deep lists": lambda data, rng: b"[" * 100_000 + b"]" * 100_000,
    "deep dicts": lambda data, rng: b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "deep inside": lambda data, rng: data.replace(
        b'"card": {', b'"card": {"a": ' + b"[" * 500 + b"]" * 500 + b",", 1
    ),
    "many": lambda data, rng: b"[" + b"[]," * 3_000_000 + b"[]]",
    "long number": lambda data, rng: data.replace(b'"format": 1', b'"format": ' + b"9" * 5_000, 1),
    "another format": lambda data, rng: data.replace(b'"format": 1', b'"format": [2]', 1),
    "twice": lambda data, rng: data.replace(b'"card": {', b'"card": 1, "card": {', 1),
    "rest": lambda data, rng: data + b"{}",
    "a byte": lambda data, rng: _flip(data, rng),
    "nan": lambda data, rng: data.replace(b'"seed": 0', b'"seed": NaN', 1),
}


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


# --- files
def _to(folder: Folder, rng: random.Random, act: Callable[[Path], None]) -> None:
    path = folder / rng.choice([*FILES, "manifest.json"])
    path.unlink()
    act(path)


def _loop(path: Path) -> None:
    path.symlink_to(path.with_name("loop"))
    path.with_name("loop").symlink_to(path)


def _socket(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)
    os.chdir(here)


def _sparse(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(1 << 37)


def _linked(folder: Folder, rng: random.Random) -> None:
    path = folder / rng.choice(FILES)
    moved = folder.parent / "outside"
    shutil.copy(path, moved)
    path.unlink()
    path.symlink_to(moved)


_PLACES: dict[str, Mutation] = {
    "gone": lambda folder, rng: _to(folder, rng, lambda path: None),
    "empty": lambda folder, rng: _to(folder, rng, lambda path: path.write_bytes(b"")),
    "folder": lambda folder, rng: _to(folder, rng, lambda path: path.mkdir()),
    "pipe": lambda folder, rng: _to(folder, rng, lambda path: os.mkfifo(path)),
    "socket": lambda folder, rng: _to(folder, rng, _socket),
    "link out": lambda folder, rng: _to(folder, rng, lambda path: path.symlink_to("/etc/passwd")),
    "device": lambda folder, rng: _to(folder, rng, lambda path: path.symlink_to("/dev/zero")),
    "loop": lambda folder, rng: _to(folder, rng, _loop),
    "sparse": lambda folder, rng: _to(folder, rng, _sparse),
    "noise": lambda folder, rng: _to(folder, rng, lambda path: path.write_bytes(rng.randbytes(100_000))),
    "linked": _linked,
    "unsigned": lambda folder, rng: (folder / FILES[rng.randrange(3)]).open("ab").write(b"x") and None,
    "fresh pipe": lambda folder, rng: ((folder / FILES[0]).unlink(), os.mkfifo(folder / ".model.json.new"))[
        1
    ],
    "crossed": lambda folder, rng: (
        shutil.copy(folder / FILES[1], folder / FILES[2]),
        _sign(folder),
    )[1],
    "manifest of lists": lambda folder, rng: (folder / "manifest.json").write_text("[" * 30_000) and None,
    "manifest of numbers": lambda folder, rng: (
        (folder / "manifest.json").write_text(json.dumps(dict.fromkeys(FILES, 1))) and None
    ),
    "manifest with ways": lambda folder, rng: (
        (folder / "manifest.json").write_text(
            json.dumps(dict.fromkeys((*FILES, "../../etc/passwd"), "0" * 64))
        )
        and None
    ),
}


# --- tensors
def _header(data: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]), data[8 + size :]


def _of_header(
    change: Callable[[dict[str, Any], bytes, random.Random], tuple[dict[str, Any], bytes]],
) -> Mutation:
    def mutate(folder: Folder, rng: random.Random) -> None:
        path = folder / rng.choice(FILES[1:])
        header, body = change(*_header(path.read_bytes()), rng)
        text = json.dumps(header).encode()
        path.write_bytes(len(text).to_bytes(8, "little") + text + body)
        _sign(folder)

    return mutate


def _one(header: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    return header[rng.choice([name for name in header if name != "__metadata__"])]


def _set(key: str, values: list[Any]) -> Mutation:
    def change(header: dict[str, Any], body: bytes, rng: random.Random) -> tuple[dict[str, Any], bytes]:
        _one(header, rng)[key] = rng.choice(values)
        return header, body

    return _of_header(change)


def _forged(header: dict[str, Any], body: bytes, rng: random.Random) -> tuple[dict[str, Any], bytes]:
    """A header that is true to itself, whose shapes are others."""
    one = _one(header, rng)
    count = 1
    for size in one["shape"]:
        count *= size
    one["shape"] = rng.choice(
        [[count], [1, count], [count, 1], [count // 2, 2] if count % 2 == 0 else [count]]
    )
    return header, body


def _dropped(header: dict[str, Any], body: bytes, rng: random.Random) -> tuple[dict[str, Any], bytes]:
    name = rng.choice([name for name in header if name != "__metadata__"])
    return _packed({key: part for key, part in _parts(header, body).items() if key != name})


def _moved(header: dict[str, Any], body: bytes, rng: random.Random) -> tuple[dict[str, Any], bytes]:
    parts = _parts(header, body)
    a, b = rng.choice(list(parts)), rng.choice(list(parts))
    parts[a], parts[b] = parts[b], parts[a]
    return _packed(parts)


def _called(header: dict[str, Any], body: bytes, rng: random.Random) -> tuple[dict[str, Any], bytes]:
    parts = _parts(header, body)
    name = rng.choice(list(parts))
    parts[rng.choice(["x", "0.x", "99.values", "../../x", name + "x", ""])] = parts.pop(name)
    return _packed(parts)


Part = tuple[str, list[int], bytes]


def _parts(header: dict[str, Any], body: bytes) -> dict[str, Part]:
    return {
        name: (one["dtype"], one["shape"], body[slice(*one["data_offsets"])])
        for name, one in header.items()
        if name != "__metadata__"
    }


def _packed(parts: dict[str, Part]) -> tuple[dict[str, Any], bytes]:
    header, body = {}, b""
    for name, (kind, shape, data) in parts.items():
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    return header, body


def _of_numbers(change: Callable[[Any, random.Random], Any]) -> Mutation:
    """A change of the numbers of one array, as NumPy holds them."""

    def mutate(folder: Folder, rng: random.Random) -> None:
        from safetensors.numpy import load, save

        path = folder / rng.choice([FILES[1], FILES[1], FILES[2]])
        arrays = load(path.read_bytes())
        name = rng.choice(list(arrays))
        arrays[name] = change(arrays[name].copy(), rng)
        path.write_bytes(save(arrays))
        _sign(folder)

    return mutate


def _fill(value: float) -> Callable[[Any, random.Random], Any]:
    def change(array: Any, rng: random.Random) -> Any:
        import numpy as np

        with np.errstate(all="ignore"):
            if array.size:
                array.reshape(-1)[rng.randrange(array.size) if rng.random() < 0.5 else slice(None)] = (
                    np.array(value).astype(array.dtype)
                )
        return array

    return change


def _numbers() -> dict[str, Mutation]:
    import numpy as np

    def kind(word: str) -> Callable[[Any, random.Random], Any]:
        def change(array: Any, rng: random.Random) -> Any:
            with np.errstate(all="ignore"):
                return array.astype(word)

        return change

    changes: dict[str, Callable[[Any, random.Random], Any]] = {
        "nan": _fill(float("nan")),
        "inf": _fill(float("inf")),
        "large": _fill(1e38),
        "2**60": _fill(float(2**60)),
        "-2**60": _fill(-float(2**60)),
        "minus": _fill(-1.0),
        "zeros": _fill(0.0),
        "ones": _fill(1.0),
        "255": _fill(255.0),
        "backwards": lambda array, rng: array.reshape(-1)[::-1].reshape(array.shape).copy(),
        "none": lambda array, rng: array.reshape(-1)[:0].copy(),
        "first": lambda array, rng: array.reshape(-1)[:1].copy(),
        "more": lambda array, rng: np.concatenate([array.reshape(-1)] * 2),
        "many": lambda array, rng: np.resize(array, 2_000_000),
        "square": lambda array, rng: array.reshape(1, -1).copy(),
        "scalar": lambda array, rng: array.reshape(-1)[:1].reshape(()).copy() if array.size else array,
        "float16": kind("float16"),
        "float64": kind("float64"),
        "int8": kind("int8"),
        "uint64": kind("uint64"),
        "int64": kind("int64"),
        "bool": kind("bool"),
        "times 1000": lambda array, rng: (array * 1000).astype(array.dtype),
    }
    return {f"numbers: {name}": _of_numbers(change) for name, change in changes.items()}


MUTATIONS: dict[str, Mutation] = {
    **{f"value: {name}": _of_value(name) for name in _VALUES},
    "value: without": _without,
    "value: twice": _twice,
    "value: renamed": _renamed,
    "value: swapped": _swapped,
    **{f"text: {name}": _text(change) for name, change in _TEXTS.items()},
    **{f"place: {name}": act for name, act in _PLACES.items()},
    "header: shape": _set(
        "shape", [[2**60], [2**31, 2**31], [-1], [], [0], "x", [1.5], [True], None, [[1]], [2**70]]
    ),
    "header: type": _set("dtype", ["F64", "F16", "I64", "U8", "BOOL", "F8_E4M3", "C64", "X", 1, None, []]),
    "header: offsets": _set(
        "data_offsets", [[0, 2**60], [5, 1], [-8, 8], [0], "x", [0, 0], [2**63, 2**64], None]
    ),
    "header: part": _set("more", [1]),
    "header: forged": _of_header(_forged),
    "header: dropped": _of_header(_dropped),
    "header: moved": _of_header(_moved),
    "header: called": _of_header(_called),
    "header: metadata": _of_header(
        lambda header, body, rng: ({**header, "__metadata__": rng.choice([1, {"a": 1}])}, body)
    ),
    "header: none": _of_header(lambda header, body, rng: ({}, b"")),
    "header: list": _of_header(lambda header, body, rng: ([], body)),  # type: ignore[arg-type]
    "header: short": _of_header(lambda header, body, rng: (header, body[:-1])),
    "header: long": _of_header(lambda header, body, rng: (header, body + b"x" * 8)),
}


def mutations() -> dict[str, Mutation]:
    """Every kind of mutation, by name."""
    return MUTATIONS | _numbers()


def cases(count: int, seed: int, place: Path) -> Iterator[Case]:
    """So many mutated folders, every kind of mutation as often."""
    models = learned(place / "learned")
    kinds = list(mutations().items())
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        name, act = kinds[index % len(kinds)]
        before = models[(index // len(kinds) + index) % len(models)]
        folder = place / str(index) / "model"
        shutil.copytree(before, folder)
        act(folder, rng)
        commands = [
            ["show", str(folder), "--quiet"],
            ["sample", str(folder), "-n", "3", "-o", str(folder.parent / "new.csv"), "--quiet"],
            ["sample", str(folder), "-n", "300", "-o", str(folder.parent / "new.jsonl"), "--quiet"],
        ]
        if before.name.endswith("pictures"):
            commands[1:] = [["sample", str(folder), "-n", "2", "-o", str(folder.parent / "new/"), "--quiet"]]
        argv = rng.choice(commands)
        yield Case(
            f"{index} {before.name} {name}: {argv[0]}",
            argv,
            frozenset({0, 5}),
            lambda folder=folder: shutil.rmtree(folder.parent, ignore_errors=True),
        )
