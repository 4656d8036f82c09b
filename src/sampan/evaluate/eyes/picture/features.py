"""Features: a small convolutional network of the user's own pictures, and the numbers it sees in a picture.

Distances between pictures mean little pixel by pixel. The usual remedy is a network trained on ImageNet,
which has to be fetched and knows nothing of wafers or X-rays. So the judge trains one of its own, on seen
pictures alone and never with a part of the model that it judges:

    labels          cross-entropy over the user's classes
    no labels       VICReg (Bardes, Ponce and LeCun 2022): two disturbed views of a picture have the same
                    features (invariance), each feature varies (variance), and none repeats another
                    (covariance). It needs no negatives, so small sets and small batches serve; predicting
                    rotations would tell nothing about pictures that look alike when turned.

The covariance term is kept beside the labels as well: without it the features of two classes lie on one
line, and pictures of a class could all be alike unnoticed. The disturbances are shifts, brightness, contrast
and noise; never mirrors, for then a model that makes mirrored letters would go unnoticed.

The features are the layer before the last, standardised (batch normalisation without a scale): on seen
pictures each has mean 0 and variance 1, so that a squared distance is in units of their variance.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from sampan.evaluate.eyes.picture.stack import fitted, floats, in_blocks, moved, resized

FEWEST_LABELLED = 40
"""Labelled pictures, and 2 classes among them, below which nothing is learned from labels."""


@dataclass(frozen=True)
class Pace:
    """How the network learns, each setting with its reason.

    width: channels of the first stage, doubled at each next one up to four times as many; 32 is 0.1 to 0.3
    million weights. features: of a picture; 64 keep a covariance of a few hundred pictures well-posed.
    longest: side to which larger pictures shrink first, for one core's sake. batch, rate: of Adam, with a
    one-cycle schedule. epochs: most passes over the pictures; fewest_steps: at least so many steps, for
    small sets. looks: how often the held-out pictures are scored; patience: looks without a better score
    before it is enough. held: share of the pictures held out, and most of them. covariance: weight of its
    term beside the labels. shift: of a view, as a share of the side. light: of brightness and contrast.
    noise: standard deviation, in 0..1.
    """

    width: int = 32
    features: int = 64
    longest: int = 64
    batch: int = 128
    rate: float = 3e-3
    decay: float = 1e-4
    epochs: float = 20.0
    fewest_steps: int = 300
    looks: int = 20
    patience: int = 6
    held: float = 0.1
    most_held: int = 2_000
    covariance: float = 0.01
    shift: float = 0.08
    light: float = 0.2
    noise: float = 0.02


class FeatureNet(nn.Module):
    """Pictures to features: (rows, channels, height, width) in 0..1 -> (rows, features).

    classes: of the head that learns from labels; 0: without labels, a head that VICReg widens.
    """

    def __init__(self, channels: int, height: int, width: int, classes: int, pace: Pace = Pace()) -> None:  # noqa: B008
        super().__init__()
        self.size = fitted(height, width, pace.longest)
        self.classes, self.width = classes, pace.features
        stages = min(4, max(1, int(math.log2(max(2, min(self.size)))) - 1))
        layers: list[nn.Module] = [nn.BatchNorm2d(channels, affine=False)]
        before = channels
        for stage in range(stages):
            after = pace.width * min(2**stage, 4)
            layers += [nn.Conv2d(before, after, 3, padding=1, bias=False)]
            # pooled before it is normalised: the same maximum, and a quarter of the work
            layers += [nn.MaxPool2d(2, ceil_mode=True), nn.BatchNorm2d(after), nn.ReLU()]
            before = after
        self.body = nn.Sequential(
            *layers, nn.AdaptiveAvgPool2d(3 if min(self.size) >= 8 else 1), nn.Flatten()
        )
        cells = before * (9 if min(self.size) >= 8 else 1)
        self.last = nn.Sequential(
            nn.Linear(cells, pace.features, bias=False), nn.BatchNorm1d(pace.features, affine=False)
        )
        self.head = nn.Sequential(nn.ReLU(), nn.Linear(pace.features, classes or 4 * pace.features))

    def forward(self, pictures: Tensor) -> Tensor:
        """The features."""
        small = resized(pictures, *self.size).contiguous(memory_format=torch.channels_last)
        return self.last(self.body(small))


def learn_features(
    pictures: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    seconds: float = 60.0,
    steps: int | None = None,
    seed: int = 0,
    pace: Pace = Pace(),  # noqa: B008
    on_step: Callable[[int, int], None] = lambda done, planned: None,
) -> FeatureNet:
    """A network that has learned from seen pictures.

    pictures: uint8 (rows, channels, height, width). labels: int64 (rows,), -1 unknown. seconds: at most; the
    number of steps is planned from the first ones measured. steps: exactly so many instead, which repeats to
    the last bit on one machine. on_step: called with steps done and planned. Ctrl-C leaves nothing behind.
    """
    return _Learner(pictures, labels, seed, pace).run(seconds, steps, on_step)


def features(net: FeatureNet, pictures: np.ndarray) -> np.ndarray:
    """The features of pictures: float32 (rows, features)."""
    net.eval()
    with torch.inference_mode():
        out = [net(block).numpy() for block in in_blocks(pictures)]
    return np.concatenate(out) if out else np.zeros((0, net.width), np.float32)


def classified(net: FeatureNet, pictures: np.ndarray) -> np.ndarray:
    """The logarithm of the probability of each class: float32 (rows, classes)."""
    net.eval()
    with torch.inference_mode():
        out = [net.head(net(block)).log_softmax(dim=1).numpy() for block in in_blocks(pictures)]
    return np.concatenate(out) if out else np.zeros((0, net.classes), np.float32)


def disturbed(pictures: Tensor, rng: torch.Generator, pace: Pace = Pace()) -> Tensor:  # noqa: B008
    """A view of pictures: shifted, brighter or darker, of more or less contrast, noisier.

    Shifts are shared by groups of rows, which is as good for learning and copies no picture by itself.
    """
    rows, height, width = pictures.shape[0], *pictures.shape[-2:]
    far = max(1, round(pace.shift * min(height, width))) if min(height, width) > 4 else 0
    out = torch.empty_like(pictures)
    for group in torch.arange(rows).chunk(min(rows, 16)):
        down, right = (int(torch.randint(-far, far + 1, (), generator=rng)) for _ in range(2))
        out[group] = moved(pictures[group], down, right)
    shape = (rows, *[1] * (pictures.ndim - 1))
    bright = (torch.rand(shape, generator=rng) - 0.5) * 2 * pace.light
    contrast = 1.0 + (torch.rand(shape, generator=rng) - 0.5) * 2 * pace.light
    middle = out.mean(dim=(1, 2, 3), keepdim=True)
    out = (out - middle) * contrast + middle * (1.0 + bright)
    return out.add_(torch.randn(out.shape, generator=rng), alpha=pace.noise)


def vicreg(first: Tensor, second: Tensor) -> Tensor:
    """The loss of two views: 25 x invariance + 25 x variance + covariance, the weights of its authors."""
    spread = sum(
        functional.relu(1.0 - (view.var(dim=0, correction=min(1, len(view) - 1)) + 1e-4).sqrt()).mean()
        for view in (first, second)
    )
    alike = functional.mse_loss(first, second)
    return 25.0 * alike + 12.5 * spread + covariance(first) + covariance(second)


def covariance(view: Tensor) -> Tensor:
    """The squared covariances of different features, summed and divided by their number."""
    centred = view - view.mean(dim=0)
    product = centred.T @ centred / max(len(view) - 1, 1)
    return (product.square().sum() - product.diagonal().square().sum()) / view.shape[1]


class _Learner:
    """One network while it learns."""

    def __init__(self, pictures: np.ndarray, labels: np.ndarray | None, seed: int, pace: Pace) -> None:
        labels = np.full(len(pictures), -1) if labels is None else labels
        known = labels >= 0
        values, code = np.unique(labels, return_inverse=True)
        code = code - int((values < 0).sum())  # classes from 0, unknown below
        self.classes = int((values >= 0).sum())
        if known.sum() < FEWEST_LABELLED or self.classes < 2:
            self.classes, known = 0, np.ones(len(pictures), bool)
        rng = np.random.default_rng(seed)
        order = rng.permutation(np.flatnonzero(known))
        held = min(pace.most_held, max(1, round(pace.held * len(order))))
        self.held, self.kept = order[:held], order[held:]
        if self.classes:  # a class with one picture is learned from, not held out
            missing = np.setdiff1d(code[self.held], code[self.kept])
            back = np.isin(code[self.held], missing)
            self.kept = np.concatenate([self.kept, self.held[back]])
            self.held = self.held[~back] if (~back).any() else self.held
        self.pictures, self.code = pictures, torch.from_numpy(code)
        self.pace = replace(pace, batch=max(2, min(pace.batch, len(self.kept) // 2)))
        self.order, self.rng = rng, torch.Generator().manual_seed(seed)
        self.seed = seed
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            channels, height, width = pictures.shape[1:]
            self.net = FeatureNet(channels, height, width, self.classes, pace)
            self.net = self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def run(self, seconds: float, steps: int | None, on_step: Callable[[int, int], None]) -> FeatureNet:
        """Learn within the time, and keep what the held-out pictures liked best."""
        begun = time.monotonic()
        # exactly so many steps are to repeat: then no clock decides anything
        half = steps is None and _faster_in_half(self.net)
        pace, net = self.pace, self.net
        most = max(pace.fewest_steps, round(pace.epochs * len(self.kept) / pace.batch))
        planned = steps or most
        best, kept, worse = math.inf, {k: v.clone() for k, v in net.state_dict().items()}, 0
        optimiser = torch.optim.AdamW(net.parameters(), lr=pace.rate, weight_decay=pace.decay)
        waiting = np.zeros(0, np.int64)
        step, warm = 0, 0.0
        while step < planned:
            if len(waiting) < pace.batch:
                waiting = np.concatenate([waiting, self.order.permutation(self.kept)])
            rows, waiting = waiting[: pace.batch], waiting[pace.batch :]
            share = step / planned
            rise = min(1.0, (share + 1e-3) / 0.2)
            fall = 1.0 if share < 0.2 else 0.5 * (1 + math.cos(math.pi * (share - 0.2) / 0.8)) + 1e-3
            optimiser.param_groups[0]["lr"] = pace.rate * rise * fall
            net.train()
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
                loss = self._loss(rows, self.rng)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            step += 1
            spent = time.monotonic() - begun
            if step == 3:
                warm = spent  # the first steps are slower
            if steps is None and step in (8, 24, 72):  # a tenth of the time goes into the looks
                each = max((spent - warm) / (step - 3), 1e-6)
                planned = max(step + 1, min(most, step + int((0.9 * seconds - spent) / each)))
            over = steps is None and spent > seconds
            if over or step == planned or step % max(1, planned // pace.looks) == 0:
                score = self._held_out()
                if score < best:
                    best, worse = score, 0
                    kept = {k: v.clone() for k, v in net.state_dict().items()}
                else:
                    worse += 1
            on_step(step, planned)
            if over or worse >= pace.patience:
                break
        net.load_state_dict(kept)
        return net.eval()

    def _loss(self, rows: np.ndarray, rng: torch.Generator) -> Tensor:
        pictures = resized(floats(self.pictures[rows]), *self.net.size)
        first = self.net(disturbed(pictures, rng, self.pace))
        if self.classes:
            right = functional.cross_entropy(self.net.head(first), self.code[rows])
            return right + self.pace.covariance * covariance(first) if self.net.training else right
        second = self.net(disturbed(pictures, rng, self.pace))
        return vicreg(self.net.head(first), self.net.head(second)) + 0.1 * (
            covariance(first) + covariance(second)
        )

    def _held_out(self) -> float:
        """The loss on pictures held out, under the same disturbances at every look."""
        self.net.eval()
        rng = torch.Generator().manual_seed(self.seed + 1)
        total = 0.0
        with torch.inference_mode():
            for start in range(0, len(self.held), 500):
                rows = self.held[start : start + 500]
                total += len(rows) * float(self._loss(rows, rng))
        return total / len(self.held)


def _faster_in_half(net: FeatureNet) -> bool:
    """Whether bfloat16 learns faster here than float32, by timing one convolution both ways."""
    layer = max((m for m in net.modules() if isinstance(m, nn.Conv2d)), key=lambda m: m.weight.numel())
    picture = torch.ones(32, layer.in_channels, 16, 16).contiguous(memory_format=torch.channels_last)
    spent = []
    with torch.inference_mode():
        for kind in (torch.float32, torch.bfloat16):
            x, w = picture.to(kind), layer.weight.to(kind)
            times = []
            for _ in range(4):
                start = time.perf_counter()
                functional.conv2d(x, w, padding=1)
                times.append(time.perf_counter() - start)
            spent.append(min(times))
    return spent[0] > 1.4 * spent[1]
