"""A model on disk: JSON and safetensors with a checksum each; never a pickle, never code.

model/
  model.json           format, family and settings, codecs' plain values, card
  columns.safetensors  codecs' tables
  weights.safetensors  the network
  manifest.json        sha256 of the other three, and of what is attached
  attached.NAME        a signature, an adapter, a parent's card: see `sampan.shelf`

A folder may come from anybody. So each part is checked against what it must be before anything is made of it:
plain values against a schema, the shapes of the weights against those of a model that takes no memory yet,
and the weights are read last. Long because what is written and what is expected when read are one format.
"""

from __future__ import annotations

import dataclasses
import json
import math
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import torch
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays
from safetensors.torch import load as load_tensors
from safetensors.torch import save as save_tensors

from sampan import scratch, shelf
from sampan.card import CARD, FRAME, Card
from sampan.checked import (
    Kind,
    ListOf,
    Plain,
    Record,
    Table,
    Tensors,
    Text,
    Whole,
    Wrong,
    fields_of,
    json_of,
    short,
)
from sampan.errors import SampanError, StoreError
from sampan.families import FAMILIES
from sampan.family import Family, Model
from sampan.field import Codec, Rows
from sampan.fields import CODECS
from sampan.groups.groups import GROUPS, Groups
from sampan.model_folder import model_in, path_of
from sampan.rules.kept import RULES, Kept
from sampan.schema import Layout
from sampan.shelf import Shelf, Torn, is_model, put, refuse, sums_of, together
from sampan.shelf import digest_of as digest_of_sums
from sampan.space import Choice, Space

__all__ = [
    "FORMAT",
    "attach",
    "attached",
    "attachments",
    "digest_of",
    "is_model",
    "load",
    "packed",
    "refuse",
    "save",
    "settings_of",
    "unpacked",
]

FORMAT = 2
"""Raised when an older Sampan could not read a newer model."""

READ = (1, FORMAT)
"""The formats that this Sampan reads; 1 kept nothing of the frame that was learned from."""

ROOM = 1 << 28
"""Bytes beyond eight times its weights that a model may take for tables of its own."""

TRIED = 8
"""Cells that each column of a model that was read makes at once."""

LARGEST = 1e12
"""Of weights: those that were learned lie between -100 and 100 or so, and products of a few stay finite."""

_MODEL = Record(
    {
        "format": Plain(),
        "family": Record({"kind": Text(100), "settings": Table(Plain())}),
        "columns": ListOf(
            Record({"name": Text(), "kind": Text(100), "values": Table(Plain())}), most=100_000
        ),
        "card": CARD,
    },
    {"frame": FRAME, "rules": RULES, "groups": GROUPS},
)


class Stored(NamedTuple):
    """What a model folder holds, and its digest. frame: the kind that was learned from, as plain values."""

    layout: Layout
    family: Family
    model: Model
    card: Card
    digest: str
    frame: dict[str, Any] | None = None


def save(path: str | Path, contents: Mapping[str, bytes]) -> None:
    """Write what `packed` made as a model folder; an older model there is replaced.

    A kill at any point leaves the old or the new. So do a full disk and other savers, the last of whom wins
    (see `sampan.shelf`).
    """
    put(path_of(path), contents)


def packed(
    layout: Layout, family: Family, model: Model, card: Card, frame: Mapping[str, Any] | None = None
) -> dict[str, bytes]:
    """The files of a model, but for their manifest: name -> bytes.

    frame: the kind of frame that was learned from, as plain values (`sampan.data.frames.kept`).
    """
    columns, arrays = [], {}
    for index, (name, codec) in enumerate(layout.codecs.items()):
        values, tables = codec.state()
        columns.append({"name": name, "kind": codec.kind, "values": values})
        arrays |= {f"{index}.{key}": np.ascontiguousarray(table) for key, table in tables.items()}
    rules, tables = layout.kept.state()
    arrays |= {f"rules.{key}": np.ascontiguousarray(table) for key, table in tables.items()}
    described = {
        "format": FORMAT,
        "family": {"kind": family.kind, "settings": family.settings()},
        "columns": columns,
        "card": card.to_json(),
    } | ({} if frame is None else {"frame": dict(frame)})
    if layout.kept.rules:
        described["rules"] = rules
    if layout.groups is not None:
        described["groups"], tables = layout.groups.state()
        arrays |= {f"groups.{key}": np.ascontiguousarray(table) for key, table in tables.items()}
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    return {
        "model.json": json.dumps(described, ensure_ascii=False, indent=1).encode(),
        "columns.safetensors": save_arrays(arrays),
        "weights.safetensors": save_tensors(weights),
    }


def unpacked(
    contents: Mapping[str, bytes],
    *,
    codecs: Iterable[type[Codec]] = (),
    families: Iterable[type[Family]] = (),
) -> Stored:
    """What `packed` made files of, checked as `load` checks them. Raises StoreError as it does."""
    folder = scratch.new_file()
    try:
        put(folder, contents)
        return load(folder, codecs=codecs, families=families)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def digest_of_files(contents: Mapping[str, bytes]) -> str:
    """The digest that a folder of these files would have."""
    return digest_of_sums(sums_of(contents))


def digest_of(path: str | Path) -> str:
    """The digest of a model, "sha256:..." of its files' checksums. Raises StoreError where there is none."""
    folder = model_in(path)
    try:
        return together(folder, lambda: Shelf(folder).digest)
    except Torn as torn:
        raise _unread(folder, torn) from torn


def attach(path: str | Path, name: str, content: bytes, *, replace: bool = False) -> None:
    """Put a file beside a model, as part of what its manifest covers; the model and its digest stay.

    - `path`: a model folder, or a run folder.
    - `name`: small letters, digits, dots, hyphens and underscores, 64 at most: "signature.json".
    - `content`: its bytes.
    - `replace`: whether an older attachment of that name may be replaced.

    Raises RequestError for a name or a content that cannot be, StoreError for a folder without a model, a
    name that is taken, and a disk that is full.
    """
    shelf.attach(model_in(path), name, content, replace=replace)


def attachments(path: str | Path) -> dict[str, str]:
    """The attachments of a model: name -> SHA-256 of the content. Raises StoreError for no model."""
    folder = model_in(path)
    try:
        return together(folder, lambda: shelf.attachments(folder))
    except (OSError, Torn, Wrong) as error:
        raise _unread(folder, error) from error


def attached(path: str | Path, name: str) -> bytes:
    """The content of an attachment of a model folder. Raises StoreError for none, or a damaged one."""
    folder = model_in(path)
    try:
        return together(folder, lambda: Shelf(folder).attachment(name))
    except Torn as torn:
        raise _unread(folder, torn) from torn


def load(
    path: str | Path,
    *,
    codecs: Iterable[type[Codec]] = (),
    families: Iterable[type[Family]] = (),
    digest: str | None = None,
) -> Stored:
    """Read a model, or that of a run folder, on any machine. It is data; nothing in it is run or imported.

    codecs, families: classes of your own that the model was made with. digest: "sha256:..." as `sampan show`
    prints it; any other model is refused. Raises StoreError for a folder that is missing, foreign, damaged,
    newer than this Sampan, or another than the digest says. While somebody saves there, it is the old model
    or the new.
    """
    folder = model_in(path)
    known = CODECS | {codec.kind: codec for codec in codecs}
    kinds = FAMILIES | {family.kind: family for family in families}
    try:
        return together(folder, lambda: _load(folder, known, kinds, digest))
    except (SampanError, KeyboardInterrupt):
        raise
    except Exception as error:
        raise _unread(folder, error) from error


def _unread(folder: Path, error: Exception) -> StoreError:
    """What is said of a folder that is damaged in whatever way."""
    if isinstance(error, Torn | Wrong):
        told = f"{folder} is damaged or no model: {error}."
    else:
        told = f"{folder} is damaged or no model ({type(error).__name__}: {short(str(error))[1:-1]})."
    return StoreError(
        told,
        "A folder as `sampan fit` or `model.save` wrote it is expected, each file with its checksum.",
        "Restore the folder from a copy, or learn the model again.",
    )


def _load(
    folder: Path,
    known: Mapping[str, type[Codec]],
    kinds: Mapping[str, type[Family]],
    digest: str | None,
) -> Stored:
    shelf = Shelf(folder, digest)
    described = json_of(shelf.read("model.json"), "model.json")
    if isinstance(described, dict) and described.get("format") not in READ:
        raise StoreError(
            f"{folder} is written in format {short(described.get('format'))}.",
            f"This Sampan reads the formats {' and '.join(map(str, READ))}.",
            "Update Sampan: pip install --upgrade sampan",
        )
    _MODEL.check(described, "model.json")
    card = Card(**described["card"])
    layout = _layout(shelf, described["columns"], known, described.get("rules"), described.get("groups"))
    told = described["family"]
    kind = _known(kinds, told["kind"], "family", folder)
    model: Model | None = None
    family: Family | None = None

    def look(file: BinaryIO) -> None:
        nonlocal model, family
        weights = Tensors.read(file, "weights.safetensors")
        family = _family(kind, told["settings"], len(weights.shapes))
        model = _built(family, layout.spaces, weights)

    data = shelf.read("weights.safetensors", look)
    assert model is not None and family is not None
    tensors = load_tensors(data)
    del data
    model.load_state_dict({model.name_now(name): tensor for name, tensor in tensors.items()})
    del tensors
    for name, tensor in model.state_dict().items():  # as they are now: a number may be too large for its type
        if tensor.is_floating_point() and tensor.numel() and not float(tensor.abs().max()) < LARGEST:
            raise Wrong(f"weights.safetensors holds a weight in {short(name)} that no learning leaves")
    if not model.sound():
        raise Wrong("weights.safetensors holds tables that contradict the columns")
    model.eval()
    return Stored(layout, family, model, card, shelf.digest, described.get("frame"))


# --- columns
def _layout(
    shelf: Shelf,
    columns: list[dict[str, Any]],
    known: Mapping[str, type[Codec]],
    rules: dict[str, Any] | None,
    groups: dict[str, Any] | None,
) -> Layout:
    """The codecs, each from its own plain values and tables; the rules between them, and groups of rows."""
    names = {f"{index}." for index in range(len(columns))} | ({"rules."} if rules else set())
    names |= {"groups."} if groups else set()

    def look(file: BinaryIO) -> None:
        header = Tensors.read(file, "columns.safetensors")
        for name in header.shapes:
            if name[: name.find(".") + 1] not in names:
                raise Wrong(f"columns.safetensors has a table {short(name)} of no column")

    arrays: dict[str, dict[str, np.ndarray]] = {}
    for name, array in load_arrays(shelf.read("columns.safetensors", look)).items():
        index, _, key = name.partition(".")
        arrays.setdefault(index, {})[key] = array
    codecs: dict[str, Codec] = {}
    for index, column in enumerate(columns):
        name = column["name"]
        if name in codecs:
            raise Wrong(f"model.json has two columns {short(name)}")
        codec = _known(known, column["kind"], "field", shelf.folder)
        try:
            own = arrays.get(str(index), {})
            if any(array.dtype.kind not in "biuf" for array in own.values()):
                raise Wrong("a table holds no numbers")
            codecs[name] = codec.from_state(column["values"], own)
            _try(name, codecs[name])
        except Wrong as wrong:
            raise Wrong(f"the column {short(name)}: {wrong}") from wrong
        except SampanError as error:
            raise Wrong(f"the column {short(name)}: {error.what.rstrip('.')}") from error
        except Exception as error:
            raise Wrong(f"the column {short(name)} cannot be ({type(error).__name__}: {error})") from error
    kept = Kept() if rules is None else _kept(rules, arrays.get("rules", {}), codecs)
    return Layout(
        codecs, kept, None if groups is None else _groups(groups, arrays.get("groups", {}), codecs), True
    )


def _kept(rules: dict[str, Any], own: dict[str, np.ndarray], codecs: dict[str, Codec]) -> Kept:
    """The rules between columns."""
    if any(array.dtype.kind not in "biuf" for array in own.values()):
        raise Wrong("a table of a rule holds no numbers")
    try:
        kept = Kept.from_state(rules, own, codecs)
        assert Layout(codecs, kept, read=True).held is not None
        for name, codec in kept.codecs.items():
            _try(name, codec)
    except SampanError as error:
        raise Wrong(f"the rules: {error.what.rstrip('.')}") from error
    except Exception as error:
        raise Wrong(f"the rules cannot be ({type(error).__name__}: {error})") from error
    return kept


def _groups(told: dict[str, Any], own: dict[str, np.ndarray], codecs: dict[str, Codec]) -> Groups:
    """What is known of rows that belong together."""
    if any(array.dtype.kind not in "biuf" for array in own.values()):
        raise Wrong("a table of groups holds no numbers")
    try:
        groups = Groups.from_state(told, own, codecs)
        for name, codec in groups.codecs(codecs).items():
            _try(name, codec)
    except SampanError as error:
        raise Wrong(f"the groups: {error.what.rstrip('.')}") from error
    except Exception as error:
        raise Wrong(f"the groups cannot be ({type(error).__name__}: {error})") from error
    return groups


def _try(name: str, codec: Codec) -> None:
    """Make some cells, of the first symbols and of the last: what stands in the tables must be usable.

    Cells that lie on a grid are left out, as they may be large.
    """
    leaves: dict[str, np.ndarray] = {}
    for leaf, space in codec.spaces.items():
        if not isinstance(space, Choice) or space.grid:
            return
        leaves[leaf] = np.linspace(0, space.size - 1, TRIED).astype(np.int64)
    leaves |= {leaf: np.linspace(0.0, math.nextafter(1.0, 0.0), TRIED) for leaf in codec.noise}
    codec.decode(leaves, Rows(0, TRIED, 0, name))
    codec.describe()


def _known(known: Mapping[str, Any], kind: str, what: str, folder: Path) -> Any:
    if kind not in known:
        raise StoreError(
            f"{folder} uses a {what} {short(kind)} that this Sampan does not know.",
            f"It knows: {', '.join(sorted(known))}.",
            "Load it in Python with your own class: "
            f"sp.load(path, {'codecs' if what == 'field' else 'families'}=[...]).",
        )
    return known[kind]


# --- the family and its weights
def _family(kind: type[Family], settings: dict[str, Any], tensors: int) -> Family:
    """The family that settings describe."""
    if FAMILIES.get(kind.kind) is kind:  # of others nobody knows what their settings mean
        settings_of(kind, tensors).check(settings, f"model.json: the settings of {kind.kind}")
    return kind(**{**kind.formerly, **settings})


def settings_of(kind: type[Family], tensors: int) -> Record:
    """What the settings of a family may be: each layer has a tensor at least."""
    record = fields_of(kind, Whole(0, 1 << 20), _Inside(tensors))
    return Record({}, {**record.optional, "depth": Whole(0, tensors)})


@dataclasses.dataclass(frozen=True)
class _Inside(Kind):
    """A family inside of another one, as {"kind": ..., "settings": ...}."""

    tensors: int

    def check(self, value: Any, at: str) -> Any:
        """The value."""
        Record({"kind": Text(100, tuple(FAMILIES)), "settings": Table(Plain())}).check(value, at)
        settings_of(FAMILIES[value["kind"]], self.tensors).check(value["settings"], at)
        return value


def _built(family: Family, spaces: Mapping[str, Space], weights: Tensors) -> Model:
    """A model that the weights fit: one without memory of its own is asked first."""
    family = family.only_used(spaces)  # earlier versions let settings be that do nothing
    try:
        with torch.device("meta"):
            empty = family.build(spaces)
    except NotImplementedError:  # a family of one's own that reads its weights while it is built
        return family.build(spaces)
    shapes = {name: tuple(tensor.shape) for name, tensor in empty.state_dict().items()}
    found = {empty.name_now(name): shape for name, shape in weights.shapes.items()}
    for name in sorted(shapes.keys() | found.keys()):
        if shapes.get(name) != found.get(name):
            raise Wrong(
                f"weights.safetensors has {_shape(found.get(name))} for {short(name)}, "
                f"and the family and the columns ask for {_shape(shapes.get(name))}"
            )
    held = sum(tensor.numel() * tensor.element_size() for tensor in [*empty.parameters(), *empty.buffers()])
    if held > 8 * weights.size + ROOM:
        raise Wrong(f"model.json asks for a model of {held / 1e9:,.1f} GB, and the weights are far fewer")
    del empty
    return family.build(spaces)


def _shape(shape: tuple[int, ...] | None) -> str:
    return "nothing" if shape is None else f"a tensor {short(str(shape))[1:-1]}"
