"""Folders of pictures, and what else may lie in one."""

from __future__ import annotations

import os
import random
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from fuzz import Case


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(high: int, wide: int, colour: int = 0, body: bytes | None = None, deep: int = 8) -> bytes:
    """A picture of noise; `body` instead of its own pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 1)
    raw = (
        b"".join(b"\0" + random.Random(row).randbytes(wide * channels) for row in range(high))
        if body is None
        else body
    )
    header = struct.pack(">IIBBBBB", wide, high, deep, colour, 0, 0, 0)
    data = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(raw, 9)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + data


def _files() -> dict[str, Callable[[random.Random], bytes]]:
    right = png(12, 12)
    return {
        "right": lambda rng: right,
        "colour": lambda rng: png(10, 14, 2),
        "small": lambda rng: png(1, 1),
        "long": lambda rng: png(1, 20_000),
        "cut": lambda rng: right[: rng.randrange(len(right))],
        "flipped": lambda rng: _flipped(right, rng),
        "huge": lambda rng: png(60_000, 60_000, 0, b""),
        "endless": lambda rng: png(2**31 - 1, 2**31 - 1, 2, b""),
        "bomb": lambda rng: png(16_000, 16_000, 0, b"\0" * 256_016_000),
        "nothing": lambda rng: b"",
        "text": lambda rng: b"this is no picture",
        "noise": lambda rng: rng.randbytes(3_000),
        "deep": lambda rng: png(8, 8, 2, deep=16),
        "no colours": lambda rng: png(8, 8, 3),
        "zero": lambda rng: png(0, 0, 0, b""),
        "jpeg head": lambda rng: b"\xff\xd8\xff\xe0" + rng.randbytes(200),
        "gif": lambda rng: b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + rng.randbytes(50),
        "tiff": lambda rng: b"II*\0" + struct.pack("<I", 8) + rng.randbytes(200),
        "bmp": lambda rng: (
            b"BM" + struct.pack("<IHHIIiiHH", 10**9, 0, 0, 54, 40, 30_000, 30_000, 1, 24) + bytes(24)
        ),
        "webp": lambda rng: b"RIFF\xff\xff\xff\xffWEBPVP8 " + rng.randbytes(60),
        "dicom": lambda rng: bytes(128) + b"DICM" + rng.randbytes(200),
    }


def _flipped(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(3):
        out[rng.randrange(len(out))] = rng.randrange(256)
    return bytes(out)


def _odd(path: Path, rng: random.Random) -> None:
    match rng.randrange(6):
        case 0:
            os.mkfifo(path)
        case 1:
            path.symlink_to("/dev/zero")
        case 2:
            path.symlink_to("/etc/passwd")
        case 3:
            path.symlink_to(path)
        case 4:
            path.mkdir()
        case _:
            path.symlink_to("..")


def cases(count: int, seed: int, place: Path) -> Iterator[Case]:
    """So many folders (some of them zipped), each with right pictures and some of a few other kinds."""
    files = _files()
    names = list(files)
    for index in range(count):
        rng = random.Random(f"{seed} {index}")
        folder = place / str(index) / "pictures"
        kinds = [names[index % len(names)], rng.choice(names)]
        for part in ("a", "b"):
            (folder / part).mkdir(parents=True)
            for one in range(6):
                (folder / part / f"{one}.png").write_bytes(png(12, 12 + one % 2))
        for one, kind in enumerate(kinds):
            ending = rng.choice(["png", "png", "jpg", "tif", "bmp", "dcm", "gif", "webp"])
            (folder / rng.choice("ab") / f"odd{one}.{ending}").write_bytes(files[kind](rng))
        odd = index % 3 == 0
        if odd:
            _odd(folder / rng.choice("ab") / f"z.{rng.choice(['png', 'txt'])}", rng)
        where = folder
        if index % 4 == 1 and not odd:
            where = folder.with_suffix(".zip")
            with zipfile.ZipFile(where, "w") as file:
                for one in sorted(folder.rglob("*")):
                    if one.is_file():
                        file.write(one, one.relative_to(folder))
                file.writestr(
                    rng.choice(["../out.png", "/out.png", "a/again.png", "a/deep.png/x.png"]), png(12, 12)
                )
        out = folder.parent / "model"
        learn = ["fit", str(where), "-o", str(out), "--steps", "1", "--quiet", "--type", "picture=image:8"]
        argv = ["schema", str(where), "--quiet"] if index % 2 else learn
        yield Case(
            f"{index} {', '.join(kinds)}{', odd' if odd else ''}: {argv[0]}",
            argv,
            frozenset({0, 3, 4, 5, 6}),
            lambda folder=folder: shutil.rmtree(folder.parent, ignore_errors=True),
        )
