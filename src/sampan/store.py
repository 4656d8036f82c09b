"""A model on disk: JSON and safetensors with a checksum each; never a pickle, never code.

model/
  model.json           format, family and settings, codecs' plain values, card
  columns.safetensors  codecs' tables
  weights.safetensors  the network
  manifest.json        sha256 of the other three
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from sampan.card import Card
from sampan.errors import StoreError
from sampan.families import FAMILIES
from sampan.family import Family, Model
from sampan.field import Codec
from sampan.fields import CODECS
from sampan.schema import Layout

FORMAT = 1
"""Raised when an older Sampan could not read a newer model."""

_FILES = ("model.json", "columns.safetensors", "weights.safetensors")


def save(path: str | Path, layout: Layout, family: Family, model: Model, card: Card) -> None:
    """Write a model folder; an older model there is replaced. A kill at any point leaves the old or the new.

    The new files are written beside the old ones first. Then the manifest is replaced, which is the one
    moment of change: from there on `load` takes each file under whichever name has the manifest's checksum.
    Last, the new files take their names. All of it happens inside the folder, so a link to it, a shell that
    stands in it and a folder that is a mount point stay what they are.
    """
    folder = Path(path)
    refuse(folder)
    columns, arrays = [], {}
    for index, (name, codec) in enumerate(layout.codecs.items()):
        values, tables = codec.state()
        columns.append({"name": name, "kind": codec.kind, "values": values})
        arrays |= {f"{index}.{key}": np.ascontiguousarray(table) for key, table in tables.items()}
    described = {
        "format": FORMAT,
        "family": {"kind": family.kind, "settings": family.settings()},
        "columns": columns,
        "card": card.to_json(),
    }
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    contents = {
        "model.json": json.dumps(described, ensure_ascii=False, indent=1).encode(),
        "columns.safetensors": save_arrays(arrays),
        "weights.safetensors": save_tensors(weights),
    }
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _settle(folder)
        try:
            for name, content in {**contents, "manifest.json": json.dumps(sums).encode()}.items():
                _write(folder / _fresh(name), content)
        except BaseException:
            for name in (*_FILES, "manifest.json"):
                (folder / _fresh(name)).unlink(missing_ok=True)
            raise
        os.replace(folder / _fresh("manifest.json"), folder / "manifest.json")
        _settle(folder)
    except OSError as error:
        raise StoreError(
            f"the model could not be written to {folder} ({error.strerror or error}).",
            f"About {sum(map(len, contents.values())) / 1e6:.0f} MB of room in a folder you may write is "
            "expected.",
            "Free some space, or choose another folder with -o.",
        ) from error


def is_model(folder: Path) -> bool:
    """Whether a folder holds a model: its manifest names a model's files and nothing else."""
    try:
        sums = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(sums, dict) and set(sums) == set(_FILES)


def refuse(folder: Path) -> None:
    """Raises StoreError where no model may be saved: a file, or a folder that holds anything but a model."""
    if folder.exists() and not folder.is_dir():
        raise StoreError(
            f"{folder} is a file.",
            "A folder to write the model into is expected.",
            "Choose another name with -o.",
        )
    cut_short = {_fresh(name) for name in (*_FILES, "manifest.json")}  # of a first save that was killed
    if folder.is_dir() and not is_model(folder) and {one.name for one in folder.iterdir()} - cut_short:
        raise StoreError(
            f"{folder} holds files that are no Sampan model.",
            "A new or empty folder, or an older model to replace, is expected.",
            "Choose another folder with -o; nothing was overwritten.",
        )


def _fresh(name: str) -> str:
    """What a file is called until it takes the place of the older one."""
    return f".{name}.new"


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # a power cut must not leave a manifest whose files never reached the disk


def _settle(folder: Path) -> None:
    """Give the files that the manifest means their names, also those of a save that was killed half-way."""
    if not is_model(folder):
        return
    sums = json.loads((folder / "manifest.json").read_bytes())
    for name in _FILES:
        fresh = folder / _fresh(name)
        if fresh.is_file() and hashlib.sha256(fresh.read_bytes()).hexdigest() == sums[name]:
            os.replace(fresh, folder / name)


def load(
    path: str | Path, *, codecs: Iterable[type[Codec]] = (), families: Iterable[type[Family]] = ()
) -> tuple[Layout, Family, Model, Card]:
    """Read a model folder on any machine. Everything in it is data; nothing in it is run or imported.

    codecs, families: classes of your own that the model was made with. Raises StoreError for a folder that
    is missing, foreign, damaged or newer than this Sampan.
    """
    folder = Path(path)
    contents = _read(folder)
    try:
        described = json.loads(contents["model.json"])
        found = described["format"]
        if found != FORMAT:
            raise StoreError(
                f"{folder} is written in format {found!r}.",
                f"This Sampan reads format {FORMAT}.",
                "Update Sampan: take the newer source, and in its folder type: pip install --upgrade .",
            )
        known = CODECS | {codec.kind: codec for codec in codecs}
        arrays = load_arrays(contents["columns.safetensors"])
        layout = Layout(
            {
                column["name"]: _known(known, column["kind"], "field", folder).from_state(
                    column["values"], _own(arrays, index)
                )
                for index, column in enumerate(described["columns"])
            }
        )
        kinds = FAMILIES | {family.kind: family for family in families}
        family = _known(kinds, described["family"]["kind"], "family", folder)(
            **described["family"]["settings"]
        )
        model = family.build(layout.spaces)
        model.load_state_dict(load_tensors(contents["weights.safetensors"]))
        model.eval()
        return layout, family, model, Card(**described["card"])
    except (SafetensorError, KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise StoreError(
            f"{folder} is no model that can be read ({type(error).__name__}: {str(error)[:200]}).",
            "A folder written by `sampan fit` or `model.save` is expected.",
            "Learn the model again, or restore the folder from a copy.",
        ) from error


def _own(arrays: Mapping[str, np.ndarray], index: int) -> dict[str, np.ndarray]:
    prefix = f"{index}."
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _known(known: Mapping[str, Any], kind: str, what: str, folder: Path) -> Any:
    if kind not in known:
        raise StoreError(
            f"{folder} uses a {what} {kind!r} that this Sampan does not know.",
            f"It knows: {', '.join(sorted(known))}.",
            "Load it in Python with your own class: "
            f"sp.load(path, {'codecs' if what == 'field' else 'families'}=[...]).",
        )
    return known[kind]


def _read(folder: Path) -> dict[str, bytes]:
    """The three files, checked against the manifest."""
    if not folder.is_dir() or not (folder / "manifest.json").is_file():
        raise StoreError(
            f"{folder} is no model folder.",
            "A folder written by `sampan fit` or `model.save` is expected (it holds manifest.json).",
            "Give the folder that `sampan fit ... -o FOLDER` wrote.",
        )
    contents: dict[str, bytes] = {}
    try:
        sums = json.loads((folder / "manifest.json").read_bytes())
        for name in _FILES:
            for path in (folder / name, folder / _fresh(name)):  # the latter where a save was killed
                if path.is_file() and hashlib.sha256(found := path.read_bytes()).hexdigest() == sums[name]:
                    contents[name] = found
                    break
            else:
                (folder / name).read_bytes()  # that it is gone, or may not be read, is another message
                raise StoreError(
                    f"{folder / name} is not what was saved: its checksum differs.",
                    "The very bytes that were written are expected; a copy or a disk has changed them.",
                    "Restore the file from a copy, or learn the model again.",
                )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(
            f"{folder} is incomplete or foreign ({type(error).__name__}: {error}).",
            f"The files {', '.join(_FILES)} and their checksums in manifest.json are expected.",
            "Restore the folder from a copy, or learn the model again.",
        ) from error
    return contents
