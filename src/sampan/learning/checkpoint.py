"""Checkpoint: a training on disk, so that one that was killed goes on and ends where it would have ended."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor

from sampan.checked import Tensors, Wrong, json_of, open_file
from sampan.errors import StoreError
from sampan.family import Model
from sampan.learning import clock
from sampan.learning.budget import Budget
from sampan.learning.pace import Pace
from sampan.learning.state import STATE, State
from sampan.learning.update import Plain, Update, Weights

SAVE_EVERY = 5.0
"""Seconds between two checkpoints: what a kill may cost."""

SAVE_SHARE = 0.05
"""Most of the time that saving may take: with a slow disk or a big model, checkpoints come more seldom."""


@final
class Checkpoint:
    """A file in a folder, written anew every few seconds and never half.

    - origin: all that the training's end depends on (`origin_of`); another is refused.
    - weights, optimisers: those that are saved, and that learn on when the training goes on.
    """

    def __init__(
        self,
        folder: Path,
        origin: Mapping[str, str],
        weights: Weights,
        optimisers: Sequence[torch.optim.Optimizer],
    ) -> None:
        self.folder, self.origin, self.weights, self.optimisers = folder, origin, weights, optimisers
        self.path = folder / "training.safetensors"
        self._saved, self._saving = clock.now(), 0.0

    # --- writing
    def is_due(self) -> bool:
        """Whether it is time to save."""
        return clock.now() - self._saved >= max(SAVE_EVERY, self._saving / SAVE_SHARE)

    def save(self, state: State) -> None:
        """Write it. Raises StoreError where there is no room; what was written before stays."""
        begun = clock.now()
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        tensors = self._tensors()
        plain = {**state.plain(), "origin": dict(self.origin), "sum": _sum_of(tensors)}
        try:
            told = json.dumps(plain)
            save_file(tensors, fresh, metadata={"training": told, "training's sum": _sum_of_text(told)})
            with contextlib.suppress(OSError):  # a disk that cannot say so may still have kept it
                _settled(fresh)
            os.replace(fresh, self.path)  # a kill between the two leaves the old checkpoint whole
        except (OSError, SafetensorError) as error:  # the latter on a full disk
            fresh.unlink(missing_ok=True)  # half a checkpoint would take room for nothing
            size = sum(tensor.nbytes for tensor in tensors.values())
            free = shutil.disk_usage(self.folder).free
            raise StoreError(
                f"the checkpoint could not be written to {self.folder} ({error}).",
                f"Room for {size / 1e6:.1f} MB is expected there; {free / 1e6:.1f} MB are free.",
                "Free some space there. What was learned up to the last checkpoint is kept.",
            ) from error
        self._saved = clock.now()
        self._saving = self._saved - begun

    def _tensors(self) -> dict[str, Tensor]:
        out = {}
        for what, tensors in self._kinds().items():
            for index, tensor in enumerate(tensors):
                out[f"{what}.{index}"] = tensor.detach()
        for place, optimiser in enumerate(self.optimisers):
            for index, own in optimiser.state_dict()["state"].items():
                for name, value in own.items():
                    out[f"optimiser.{place}.{index}.{name}"] = torch.as_tensor(value)
        return {name: tensor.contiguous().clone() for name, tensor in out.items()}

    def _kinds(self) -> dict[str, Sequence[Tensor]]:
        return {"weight": self.weights.live, "average": self.weights.average, "best": self.weights.best}

    # --- reading
    def resume(self, steps: int | None = None) -> State | None:
        """Set weights and optimisers to what was saved; the state then, or None where nothing was.

        steps: how many at most may be planned; None where the clock plans them. Raises StoreError for one
        that is damaged or of another training.
        """
        if not self.path.exists():
            return None
        try:
            with open_file(self.path, 1 << 42) as file:
                header = Tensors.read(file, self.path.name)
                told = header.metadata["training"]
                if header.metadata.get("training's sum", _sum_of_text(told)) != _sum_of_text(told):
                    raise Wrong("the checksum of its metadata differs")
                plain = STATE.check(json_of(told.encode(), "its metadata"), "it")
                self._refuse_another(plain["origin"])
                if steps is not None and not 0 < (plain["planned"] or 0) <= steps:
                    raise Wrong(f"it plans {plain['planned'] or 'no end of'} steps, of {steps:,} at most")
                self._fits(header)
                tensors = load(file.read())
            if plain.get("sum", _sum_of(tensors)) != _sum_of(tensors):
                raise Wrong("its checksum differs")
            self._set(tensors)
            return State.of(plain)
        except StoreError:
            raise
        except Exception as error:  # whatever a damaged file leads to
            raise StoreError(
                f"the checkpoint {self.path} cannot be resumed ({' '.join(str(error).split())[:200]}).",
                "The checkpoint of this very run is expected, whole.",
                "Start the run again without --resume.",
            ) from error

    def _refuse_another(self, origin: Mapping[str, str]) -> None:
        names = {**self.origin, **origin}
        other = [name for name in names if origin.get(name) != self.origin.get(name)]
        if other:
            raise StoreError(
                f"the checkpoint {self.path} cannot be resumed: it was begun with another "
                f"{', '.join(other)}.",
                f"The same {', '.join(names)} as it was begun with are expected.",
                "Give it these again, and the Sampan that began it; or start a new run in another folder.",
            )

    def _fits(self, header: Tensors) -> None:
        """Raise Wrong for a checkpoint of other weights, before any of it is read."""
        shapes = [tuple(weight.shape) for weight in self.weights.live]
        for what in self._kinds():
            found = [header.shapes.get(f"{what}.{index}") for index in range(len(shapes))]
            if found != shapes:
                raise Wrong(f"its {what}s are of another model")
        held = sum(weight.numel() * weight.element_size() for weight in self.weights.live)
        if header.size > 16 * held + (1 << 26):
            raise Wrong(f"{header.size / 1e6:,.0f} MB are too many for this model")

    @torch.no_grad()
    def _set(self, tensors: Mapping[str, Tensor]) -> None:
        for what, own in self._kinds().items():
            for index, tensor in enumerate(own):
                tensor.copy_(tensors[f"{what}.{index}"])
        for place, optimiser in enumerate(self.optimisers):
            state: dict[int, dict[str, Tensor]] = {}
            for name, value in tensors.items():
                if name.startswith(f"optimiser.{place}."):
                    _, _, index, key = name.split(".")
                    state.setdefault(int(index), {})[key] = value
            groups = optimiser.state_dict()["param_groups"]
            optimiser.load_state_dict({"state": state, "param_groups": groups})
            # laid out as its weight: a fused step walks through both as they lie in memory
            for weight, own in optimiser.state.items():
                for key, value in own.items():
                    if value.dim() > 0 and value.shape != weight.shape:
                        raise Wrong(f"what the optimiser knows of a weight is of {tuple(value.shape)}")
                    if value.shape == weight.shape:
                        own[key] = torch.empty_like(weight).copy_(value)


def origin_of(
    model: Model,
    values: Mapping[str, Tensor],
    held: Mapping[str, Tensor],
    budget: Budget,
    seed: int,
    pace: Pace,
    update: Update,
) -> dict[str, str]:
    """All that a training's end depends on, each part as a digest under the name that people know it by."""
    # what a family sets beside its shapes (blur, dropout): plain values that its model keeps
    settings = {name: value for name, value in vars(model).items() if type(value) in (int, float, str)}
    shapes = [tuple(weight.shape) for weight in model.parameters()]
    table = hashlib.sha256()
    for leaves in (values, held):
        for name, tensor in leaves.items():
            table.update(f"{name!r} {tensor.dtype} {tuple(tensor.shape)}".encode())
            table.update(tensor.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    parts = {
        "schema": list(model.spaces.items()),
        "family": (type(model).__name__, settings),
        "shape of the weights": shapes,
        "budget": (budget, pace),
        "seed": int(seed),
    }
    if update != Plain():
        parts["update"] = update
    digests = {name: hashlib.sha256(repr(part).encode()).hexdigest() for name, part in parts.items()}
    return {"table": table.hexdigest(), **digests}


def _sum_of(tensors: Mapping[str, Tensor]) -> int:
    """A checksum of all bytes, in the order of the names."""
    out = 0
    for name in sorted(tensors):
        data = tensors[name].detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
        out = zlib.crc32(data.data, zlib.crc32(name.encode(), out))
    return out


def _sum_of_text(text: str) -> str:
    """A checksum of what a checkpoint says beside its tensors."""
    return str(zlib.crc32(text.encode()))


def _settled(path: Path) -> None:
    """Wait until a file has reached the disk: a power cut must not leave an empty one under its name."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())
