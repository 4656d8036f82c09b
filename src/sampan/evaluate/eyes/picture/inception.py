"""Inception: the network in whose features published Fréchet distances are measured, from a user's file.

Sampan ships no weights and fetches none. Who has those of the usual network (the one of Heusel et al. 2017,
as pytorch-fid gives it away: pt_inception-2015-12-05-6726825d.pth, Apache-2.0) converts them once, since no
pickle is opened here:

    import torch, safetensors.torch
    weights = torch.load("pt_inception-2015-12-05-6726825d.pth", weights_only=True)
    safetensors.torch.save_file(weights, "inception.safetensors")

The network is written out below, so that no package is needed for it: Inception v3 (Szegedy et al. 2016,
arXiv:1512.00567) with the three departures of the TensorFlow graph that everybody measures with: the mean of
a neighbourhood leaves out what lies beyond the edge, the last block takes the greatest in its place, and
pictures of -1..1 come at 299 x 299. Under the same weights its features are those of pytorch-fid 0.3.0 to
the last bit (benchmarks/pictures_inception.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional

from sampan.errors import DataError
from sampan.evaluate.eyes.picture.stack import floats

WIDTH = 2048
"""Features of a picture."""

SIDE = 299
"""Height and width that the network sees."""

TOGETHER = 16
"""Pictures that pass through it at a time: 100 MB."""

_CONVERT = (
    'Convert it once: import torch, safetensors.torch; safetensors.torch.save_file(torch.load("FILE.pth", '
    'weights_only=True), "inception.safetensors")'
)

Layer = tuple[str, int, int | tuple[int, int], int]
"""What the weights are called, channels out, the side(s) of the kernel, the stride."""

Branches = Sequence[Sequence[Layer]]

_WIDE, _HIGH = (1, 7), (7, 1)


def _a(pool: int) -> Branches:
    return [
        [("branch1x1", 64, 1, 1)],
        [("branch5x5_1", 48, 1, 1), ("branch5x5_2", 64, 5, 1)],
        [("branch3x3dbl_1", 64, 1, 1), ("branch3x3dbl_2", 96, 3, 1), ("branch3x3dbl_3", 96, 3, 1)],
        [("branch_pool", pool, 1, 1)],
    ]


def _c(inner: int) -> Branches:
    own = [("branch7x7_1", inner, 1, 1), ("branch7x7_2", inner, _WIDE, 1), ("branch7x7_3", 192, _HIGH, 1)]
    double = [("branch7x7dbl_1", inner, 1, 1)]
    double += [(f"branch7x7dbl_{place}", inner, _WIDE if place % 2 else _HIGH, 1) for place in (2, 3, 4)]
    double += [("branch7x7dbl_5", 192, _WIDE, 1)]
    return [[("branch1x1", 192, 1, 1)], own, double, [("branch_pool", 192, 1, 1)]]


_STEM: list[tuple[str, int, int, int, int]] = [
    ("Conv2d_1a_3x3", 32, 3, 2, 0),
    ("Conv2d_2a_3x3", 32, 3, 1, 0),
    ("Conv2d_2b_3x3", 64, 3, 1, 1),
    ("Conv2d_3b_1x1", 80, 1, 1, 0),
    ("Conv2d_4a_3x3", 192, 3, 1, 0),
]
"""Name, channels out, side of the kernel, stride, edge."""

_POOLED = ("Conv2d_2b_3x3", "Conv2d_4a_3x3")
"""After these the picture shrinks to the greatest of each neighbourhood."""

_FORKED: Branches = [
    [("branch1x1", 320, 1, 1)],
    [("branch3x3_1", 384, 1, 1), ("branch3x3_2a", 384, (1, 3), 1), ("branch3x3_2b", 384, (3, 1), 1)],
    [
        ("branch3x3dbl_1", 448, 1, 1),
        ("branch3x3dbl_2", 384, 3, 1),
        ("branch3x3dbl_3a", 384, (1, 3), 1),
        ("branch3x3dbl_3b", 384, (3, 1), 1),
    ],
    [("branch_pool", 192, 1, 1)],
]
"""Branches of the last blocks: where two layers end in a and b, both see what came before them."""


@dataclass(frozen=True, slots=True)
class Block:
    """Branches that see the same picture, their ends one over another.

    before: channels that it sees. last: what the last branch sees instead, the "mean" or the "greatest" of
    each neighbourhood; "smaller": each branch halves the picture, and what it was shrinks beside them.
    """

    before: int
    last: Literal["mean", "greatest", "smaller"]
    branches: Branches


_BLOCKS = {
    "Mixed_5b": Block(192, "mean", _a(32)),
    "Mixed_5c": Block(256, "mean", _a(64)),
    "Mixed_5d": Block(288, "mean", _a(64)),
    "Mixed_6a": Block(
        288,
        "smaller",
        [
            [("branch3x3", 384, 3, 2)],
            [("branch3x3dbl_1", 64, 1, 1), ("branch3x3dbl_2", 96, 3, 1), ("branch3x3dbl_3", 96, 3, 2)],
        ],
    ),
    "Mixed_6b": Block(768, "mean", _c(128)),
    "Mixed_6c": Block(768, "mean", _c(160)),
    "Mixed_6d": Block(768, "mean", _c(160)),
    "Mixed_6e": Block(768, "mean", _c(192)),
    "Mixed_7a": Block(
        768,
        "smaller",
        [
            [("branch3x3_1", 192, 1, 1), ("branch3x3_2", 320, 3, 2)],
            [
                ("branch7x7x3_1", 192, 1, 1),
                ("branch7x7x3_2", 192, _WIDE, 1),
                ("branch7x7x3_3", 192, _HIGH, 1),
                ("branch7x7x3_4", 192, 3, 2),
            ],
        ],
    ),
    "Mixed_7b": Block(1280, "mean", _FORKED),
    "Mixed_7c": Block(2048, "greatest", _FORKED),
}


class Convolution(nn.Module):
    """A convolution, normalised, of which only what is above 0 is kept."""

    def __init__(
        self, before: int, after: int, side: int | tuple[int, int], stride: int, edge: int | None = None
    ) -> None:
        super().__init__()
        sides = (side, side) if isinstance(side, int) else side
        padding = (
            (edge, edge) if edge is not None else (sides[0] // 2, sides[1] // 2) if stride == 1 else (0, 0)
        )
        self.conv = nn.Conv2d(before, after, sides, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(after, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, before, ...) -> (batch, after, ...)."""
        return functional.relu(self.bn(self.conv(x)), inplace=True)


class Inception(nn.Module):
    """Pictures to features: (rows, 3, height, width) in 0..1 -> (rows, 2048). Made by `read_inception`.

    told: the file's name and the SHA-256 of its bytes, for reports.
    """

    def __init__(self, told: str = "") -> None:
        super().__init__()
        self.told = told
        before = 3
        for name, after, side, stride, edge in _STEM:
            self.add_module(name, Convolution(before, after, side, stride, edge))
            before = after
        for name, block in _BLOCKS.items():
            own = nn.Module()
            for branch in block.branches:
                inside = block.before
                for layer, after, side, stride in branch:
                    own.add_module(layer, Convolution(inside, after, side, stride))
                    inside = inside if layer.endswith("a") else after
            self.add_module(name, own)

    def forward(self, pictures: Tensor) -> Tensor:
        """The features, those before the last layer."""
        x = functional.interpolate(pictures, (SIDE, SIDE), mode="bilinear", align_corners=False) * 2 - 1
        for name, *_ in _STEM:
            x = self.get_submodule(name)(x)
            x = functional.max_pool2d(x, 3, 2) if name in _POOLED else x
        for name, block in _BLOCKS.items():
            x = _seen(dict(self.get_submodule(name).named_children()), block, x)
        return x.mean(dim=(2, 3))


def _seen(own: Mapping[str, nn.Module], block: Block, x: Tensor) -> Tensor:
    """What a block makes of a picture."""
    match block.last:
        case "mean":
            around = functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        case "greatest":
            around = functional.max_pool2d(x, 3, 1, 1)
        case "smaller":
            around = x
    out = []
    for branch in block.branches:
        at = around if branch is block.branches[-1] else x
        for layer, *_ in branch:
            seen = own[layer](at)
            if layer.endswith("a"):
                out.append(seen)
            else:
                at = seen
        out.append(at)
    if block.last == "smaller":
        out.append(functional.max_pool2d(x, 3, 2))
    return torch.cat(out, dim=1)


def read_inception(path: str | Path) -> Inception:
    """The network with the weights of a safetensors file. Raises DataError for any other file."""
    place = Path(path)
    expected = "The weights of pytorch-fid's Inception v3 are expected, as safetensors."
    try:
        with safe_open(place, framework="pt") as held:
            there = {name: held.get_tensor(name) for name in held.keys()}  # noqa: SIM118  # no mapping
    except FileNotFoundError as error:
        raise DataError(f"{place} does not exist.", expected, "Check the path.") from error
    except (SafetensorError, OSError) as error:
        raise DataError(
            f"{place} is no safetensors file, and nothing else is opened.", expected, _CONVERT
        ) from error
    if "fc.weight" in there and len(there["fc.weight"]) == 1000:
        raise DataError(
            f"{place} holds torchvision's weights, in whose features no published distance is measured.",
            expected,
            _CONVERT.replace("FILE.pth", "pt_inception-2015-12-05-6726825d.pth"),
        )
    digest = hashlib.sha256(place.read_bytes()).hexdigest()
    with torch.device("meta"):
        net = Inception(f"{place.name}, sha256 {digest}")
    wanted = {name: weight for name, weight in net.state_dict().items() if "num_batches" not in name}
    for name, weight in wanted.items():
        if name not in there or there[name].shape != weight.shape:
            found = tuple(there[name].shape) if name in there else "nothing"
            raise DataError(
                f"{place} holds {found} as {name}, where {tuple(weight.shape)} is expected.",
                expected,
                _CONVERT,
            )
    own = {name: there[name].float() for name in wanted}
    counts = {name: torch.zeros((), dtype=torch.long) for name in net.state_dict() if name not in wanted}
    net.load_state_dict(own | counts, assign=True)
    return net.eval()


def inception_features(
    net: Inception, pictures: np.ndarray, on_step: Callable[[int, int], None] = lambda done, planned: None
) -> np.ndarray:
    """The features of pictures, float32 (rows, 2048). Raises DataError for other than 1 or 3 channels."""
    if pictures.shape[1] not in (1, 3):
        raise DataError(
            f"the pictures have {pictures.shape[1]} channels.",
            "Grey pictures or colours are expected by this network of features.",
            "Leave the file of features out.",
        )
    out = [np.zeros((0, WIDTH), np.float32)]
    with torch.inference_mode():
        for start in range(0, len(pictures), TOGETHER):
            part = floats(pictures[start : start + TOGETHER])
            out.append(net(part.expand(-1, 3, -1, -1)).numpy())
            on_step(min(start + TOGETHER, len(pictures)), len(pictures))
    return np.concatenate(out)
