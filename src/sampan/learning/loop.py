"""The one training loop: a budget, an average of the weights, a held-out curve, checkpoints and resume.

Every step's randomness is a function of (seed, step), so a run that was killed and resumed takes the very
steps it would have taken. Learning stops when the held-out loss says so ("enough") and the weights kept are
those that it liked best.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor, nn

from sampan.card import HISTORY
from sampan.checked import (
    Amount,
    ListOf,
    Maybe,
    Record,
    Table,
    Tensors,
    Text,
    Truth,
    Whole,
    Wrong,
    json_of,
    open_file,
)
from sampan.device import device_of, placed
from sampan.errors import RequestError, StoreError
from sampan.family import Model, Player, Stage
from sampan.learning.countdown import Countdown
from sampan.learning.muon import Muon
from sampan.randomness import Purpose, generator_of
from sampan.space import widened

DRAWS = 4
"""Times that the held-out rows are scored in a look, with other cells hidden each time."""

BIG_LOOK = 8
"""Steps' worth of held-out records that a look scores, once each, where records are big."""

MOST_SEEN = 2**28
"""Cells that a model looks at before its first step and after its last one: 1 GiB of wide pictures."""

SAVE_EVERY = 5.0
"""Seconds between two checkpoints: what a kill may cost."""

SAVE_SHARE = 0.05
"""Most of the time that saving may take: with a slow disk or a big model, checkpoints come more seldom."""


@dataclass(frozen=True)
class Budget:
    """How long to learn.

    seconds: wall-clock, start to end; the number of steps is planned from the first ones measured.
    steps: exactly so many steps instead (a run that must be repeated to the last bit says this), in float32
    unless `precision` says otherwise.
    plan, precision: what an earlier run decided by the clock (`History.plan`, `History.precision`), so that
    it can be repeated to the last bit: then no clock is asked.
    """

    seconds: float | None = 60.0
    steps: int | None = None
    plan: tuple[tuple[int, int], ...] = ()
    precision: Literal["float32", "bfloat16"] | None = None

    def __post_init__(self) -> None:
        for name, value in (("seconds", self.seconds), ("steps", self.steps)):
            if value is not None and not 0 < value < math.inf:
                raise RequestError(
                    f"a training budget of {value} {name} was asked for.",
                    "A positive, finite number is expected.",
                    "For example: --minutes 1, or minutes=1.",
                )
        if self.seconds is None and self.steps is None:
            raise RequestError(
                "a training budget with neither seconds nor steps was asked for.",
                "One of them is expected.",
                "For example: --minutes 1, or minutes=1.",
            )


@dataclass(frozen=True)
class Pace:
    """The settings of the loop, each with its reason.

    rate: peak learning rate of AdamW, for tables and biases. inner_rate: of Muon, for the matrices of linear
    layers; decay: weight decay there, for tables of up to `few` rows, less in proportion for longer ones, as
    a prior weighs less beside more data (with .01 half of Magic was learned no better, and more by heart).
    floor: share of the rate left at the end of the cosine. warm: steps of linear warm-up. batch: rows a step;
    small tables take smaller batches, or an epoch would be two steps.
    ema: longest memory of the average of the weights, as a share of the steps planned. looks: how often the
    held-out rows are scored. patience: looks without a better score before it is enough. last: length of
    the last stretch, taken from the best weights with the rate going down, as a share of the steps that
    led to them. slack: a score this much higher than the best, relatively, still counts as equal to it; so
    does one whose excess is within one standard error over `parts` parts of the held-out rows: with 555 of
    them, Shoppers stopped after 35 seconds at a C2ST of .81 without this, after 65 at .94 with it. most: no
    luck excuses a larger relative excess.
    """

    rate: float = 4e-3
    inner_rate: float = 0.02
    decay: float = 0.3
    few: int = 15_000
    floor: float = 0.02
    warm: int = 50
    batch: int = 2048
    ema: float = 0.998
    looks: int = 30
    parts: int = 8
    patience: int = 5
    scarce: int = 500
    surely: int = 250
    last: float = 0.5
    slack: float = 5e-4
    most: float = 5e-3


@dataclass(frozen=True)
class Look:
    """One point of the learning curve: nats per record, training since the last look and held out."""

    step: int
    seconds: float
    training: float
    held_out: float


@dataclass
class History:
    """What happened while learning. Steps count through all stages; looks are those of the first."""

    looks: list[Look] = field(default_factory=list)
    steps: int = 0
    planned: int = 0
    plan: list[tuple[int, int]] = field(default_factory=list)  # (step, steps planned then) by the clock
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    precision: Literal["float32", "bfloat16"] = "float32"
    batch: int = 0
    best_step: int = 0
    ended: Literal["budget", "enough", "interrupted", "nothing to learn"] = "budget"


@dataclass(frozen=True)
class Progress:
    """Where the learning stands, for a progress bar: passed to `on_step` after every step.

    total: steps planned, None while the first steps are being timed. left: seconds, an estimate that within
    a stage never grows.
    """

    step: int
    total: int | None
    seconds: float
    left: float | None
    loss: float
    held_out: float | None


def train(
    model: Model,
    values: Mapping[str, Tensor],
    held: Mapping[str, Tensor],
    *,
    budget: Budget,
    seed: int,
    pace: Pace | None = None,
    on_step: Callable[[Progress], None] = lambda progress: None,
    checkpoint: Path | None = None,
    on_look: Callable[[Model], None] | None = None,
) -> History:
    """Train the model in place on `values` (leaf -> (rows, ...)); `held` rows only say when to stop.

    on_look: called after looks 1, 2, 4, 8, ... of each stage that makes records, with `model`, which then has
    averaged weights.
    checkpoint: a folder; training goes on from what it holds, and writes there every few seconds.
    Ctrl-C ends the training early and keeps the best weights so far. Raises StoreError for a checkpoint that
    is damaged, or was begun with other values, another model, budget or seed.
    """
    stages, whole = model.stages(), History()
    for index, stage in enumerate(stages):
        later = sum(other.share for other in stages[index + 1 :]) / stage.share
        own = _of_stage(budget, whole, stage, later)
        place = checkpoint if checkpoint is None or index == 0 else checkpoint / f"stage-{index + 1}"
        shown = _shown(on_step, whole, own, later)
        run = _Run(
            stage.model,
            values,
            held,
            own,
            seed,
            pace or Pace(),
            shown,
            place,
            whole=budget,
            more=later > 0,
            on_look=None if on_look is None or not stage.makes else lambda: on_look(model),
        )
        whole = run.go() if index == 0 else _after(whole, run.go())
        if whole.ended in ("interrupted", "nothing to learn") or whole.steps == budget.steps:
            break
    return whole


def _of_stage(budget: Budget, before: History, stage: Stage, later: float) -> Budget:
    """What is left for a stage whose followers take `later` times its own share."""
    steps, seconds = budget.steps, budget.seconds
    if steps is not None:
        steps = max(1, round((steps - before.steps) / (1 + later)))
    if seconds is not None:
        seconds = max(1e-3, (seconds - before.seconds) / (1 + later))
    plan = tuple(
        (step - before.steps, end - before.steps) for step, end in budget.plan if step > before.steps
    )
    precision = before.precision if before.steps else budget.precision
    return Budget(seconds=seconds, steps=steps, plan=plan, precision=precision)


def _shown(
    on_step: Callable[[Progress], None], before: History, budget: Budget, later: float
) -> Callable[[Progress], None]:
    """`on_step` for a stage: its steps and seconds as parts of the whole learning."""

    def told(progress: Progress) -> None:
        left, total = progress.left, progress.total
        on_step(
            replace(
                progress,
                step=before.steps + progress.step,
                total=None if total is None else before.steps + round(total * (1 + later)),
                seconds=before.seconds + progress.seconds,
                left=None if left is None else left + later * (budget.seconds or progress.seconds + left),
                held_out=None if before.steps else progress.held_out,
            )
        )

    return told


def _after(before: History, own: History) -> History:
    """The history of two stages."""
    return replace(
        before,
        steps=before.steps + own.steps,
        planned=before.steps + own.planned,
        plan=before.plan + [(before.steps + step, before.steps + end) for step, end in own.plan],
        seconds=before.seconds + own.seconds,
        cpu_seconds=before.cpu_seconds + own.cpu_seconds,
        best_step=before.steps + own.best_step if own.looks else before.best_step,
        ended=own.ended,
    )


class _Run:
    """One training under way."""

    def __init__(
        self,
        model: Model,
        values: Mapping[str, Tensor],
        held: Mapping[str, Tensor],
        budget: Budget,
        seed: int,
        pace: Pace,
        on_step: Callable[[Progress], None],
        checkpoint: Path | None,
        whole: Budget,
        more: bool,
        on_look: Callable[[], None] | None,
    ) -> None:
        self.on_look = on_look
        self.more = more
        """Whether another stage follows, which begins from where this one ended."""
        self.over = False
        self.model, self.values, self.held = model, values, held
        self.budget, self.seed, self.pace, self.on_step = budget, seed, pace, on_step
        self.checkpoint = checkpoint
        self.history = History()
        self.countdown = Countdown()
        self.origin = _origin(model, values, held, whole, seed, pace) if checkpoint is not None else {}
        self.rows = len(next(iter(values.values()))) if values else 0
        most = float(pace.batch)
        if budget.steps is None and budget.seconds is not None:
            # little time: many small steps take it further than few large ones
            most = min(most, max(256.0, 32 * budget.seconds))
        wanted = 2 ** round(math.log2(max(min(self.rows / 8, most), 1)))
        wanted = max(64, wanted)
        self.history.batch = self.batch = min(wanted, model.rows_of_a_step or wanted)
        self.device = device_of(model)

    def go(self) -> History:
        """The loop."""
        history = self.history
        if not self.values or not any(True for _ in self.model.parameters()):
            history.ended = "nothing to learn"
            return history
        self.begun, self.cpu_begun = time.monotonic(), time.process_time()
        with placed(self.device):
            self.model.start(self._sample())
        self.players = self.model.players()
        self.optimisers = [self._optimisers(player) for player in self.players]
        self.average = [weight.detach().clone() for weight in self.model.parameters()]
        self.best = [weight.clone() for weight in self.average]
        self.best_scores = torch.full((1,), 1e30, dtype=torch.float64)  # any look is better than none
        self.planned: int | None = self.budget.steps
        self.step, self.since, self.since_steps = 0, 0.0, 0
        self.every: int | None = None
        self.anneal: tuple[int, int, float] | None = None
        self.turned = 0
        self.timings: list[float] = []
        self.saved, self.saving = time.monotonic(), 0.0
        self._resume()
        self.model.train()
        try:
            while not self.over and (self.planned is None or self.step < self.planned):
                self._one_step()
                if self._time_to_look() and self._enough():
                    self.history.ended = "enough"
                    break
                # only now: where there was a look, a checkpoint holds what it decided
                if self._time_to_save():
                    self._save()
            if self.anneal is not None:
                self.history.ended = "enough"
            if self.more and not self.over and self.checkpoint is not None:
                self.over = True
                self._save()
        except KeyboardInterrupt:
            self.history.ended = "interrupted"
            if not self.history.looks:
                self._look()
        with torch.no_grad():
            for weight, best in zip(self.model.parameters(), self.best, strict=True):
                weight.copy_(best)
        self.model.eval()
        with placed(self.device):
            self.model.finish(self._sample())
        self._clock()
        return self.history

    def _sample(self) -> dict[str, Tensor]:
        """At most 100,000 of the training rows, fewer of big records."""
        most = 100_000 if self.model.rows_of_a_step is None else 64 * self.model.rows_of_a_step
        most = min(most, MOST_SEEN // max(1, sum(tensor[:1].numel() for tensor in self.values.values())))
        return self._wide({name: tensor[:most] for name, tensor in self.values.items()})

    def _wide(self, some: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Leaves as the model wants them: they are kept in the smallest numbers that hold them."""
        return {
            name: widened(tensor, self.model.spaces[name]).to(self.device) for name, tensor in some.items()
        }

    # --- one step -----------------------------------------------------------------------------------------
    def _optimisers(self, player: Player) -> list[tuple[torch.optim.Optimizer, float]]:
        """Each with its peak rate: Muon for weights of linear layers and convolutions, AdamW for the rest."""
        if player.adversarial:
            rate = player.rate or self.pace.rate
            every = list(player.weights.parameters())
            return [(torch.optim.AdamW(every, betas=(0.0, 0.99), weight_decay=0.0, fused=True), rate)]
        inner = [m.weight for m in player.weights.modules() if isinstance(m, (nn.Linear, nn.Conv2d))]
        chosen = {id(weight) for weight in inner}
        # tables, biases and norms are not decayed: decay there pulls frequencies towards uniform
        rest = [weight for weight in player.weights.parameters() if id(weight) not in chosen]
        out: list[tuple[torch.optim.Optimizer, float]] = []
        if rest:
            adam = torch.optim.AdamW(rest, betas=(0.9, 0.99), weight_decay=0.0, fused=True)
            out.append((adam, player.rate or self.pace.rate))
        if inner:
            decay = self.pace.decay * min(1.0, self.pace.few / self.rows)
            out.append((Muon(inner, weight_decay=decay), self.pace.inner_rate))
        return out

    def _batch(self) -> dict[str, Tensor]:
        """Rows of this step: walks a fresh permutation each epoch, each a function of (seed, epoch)."""
        per_epoch = max(1, self.rows // self.batch)
        epoch, place = divmod(self.step, per_epoch)
        if getattr(self, "_epoch", None) != epoch:
            self._epoch = epoch
            self._order = torch.randperm(self.rows, generator=generator_of(self.seed, Purpose.EPOCH, epoch))
        index = self._order[place * self.batch : (place + 1) * self.batch]
        return self._wide({name: tensor[index] for name, tensor in self.values.items()})

    def _share_of_rate(self) -> float:
        """Linear warm-up, then a cosine from 1 to the floor; or the straight way down of the last stretch."""
        if self.anneal is not None:
            begin, length, share = self.anneal
            return share * max(self.pace.floor, 1 - (self.step - begin) / length)
        total = self.planned or 10**9
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, self.step / total)))
        warm = min(1.0, (self.step + 1) / min(self.pace.warm, max(1, total // 10)))
        return warm * (self.pace.floor + (1 - self.pace.floor) * cosine)

    def _for_long(self, player: Player) -> float:
        """What is left of the rate of matrices where more steps are planned than learn at the full one."""
        if player.full_rate_steps is None or not self.planned:
            return 1.0
        return min(1.0, player.full_rate_steps / self.planned) ** 0.5

    def _one_step(self) -> None:
        begun = time.perf_counter()
        if not self.timings and self.step == 0:
            # exact steps are asked for so that they can be repeated: a stopwatch must not decide about them
            timed = self.budget.steps is None
            self.history.precision = self.budget.precision or (
                _faster_precision(self) if timed else "float32"
            )
            begun = time.perf_counter()
        batch = self._batch()
        rng = generator_of(self.seed, Purpose.STEP, self.step)
        total = 0.0
        share = self._share_of_rate()
        for player, optimisers in zip(self.players, self.optimisers, strict=True):
            player.weights.zero_grad(set_to_none=True)
            with self._precision(), placed(self.device):
                loss = player.loss(batch, rng)
            loss.backward()
            for optimiser, rate in optimisers:
                slower = self._for_long(player) if isinstance(optimiser, Muon) else 1.0
                for group in optimiser.param_groups:
                    group["lr"] = share * rate * slower
                with self._precision():
                    optimiser.step()
            total += float(loss.detach())
        if not math.isfinite(total):
            raise RequestError(
                f"the loss became {total} at step {self.step}.",
                "A finite loss is expected.",
                "Learn again with another --seed; if it comes again, please report the data's types.",
            )
        self.step += 1
        decay = min(self.pace.ema, self.step / (self.step + 9))
        with torch.no_grad():
            for average, weight in zip(self.average, self.model.parameters(), strict=True):
                average.lerp_(weight, 1 - decay)
        self.since, self.since_steps = self.since + total, self.since_steps + 1
        self.history.steps = self.step
        self.timings.append(time.perf_counter() - begun)
        self._plan()
        self._report(total)

    def _precision(self) -> torch.autocast:
        wanted = self.history.precision == "bfloat16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=wanted)

    # --- plan ---------------------------------------------------------------------------------------------
    def _plan(self) -> None:
        """Plan the steps once the first ones are timed; again where the machine turns out busier or freer."""
        seconds = self.budget.seconds
        if self.budget.plan:
            decided = dict(self.budget.plan).get(self.step)
            if decided is not None and self.anneal is None:
                self.planned = decided
                self.history.plan.append((self.step, decided))
            self.history.planned = self.planned or 0
            return
        if self.budget.steps is not None or seconds is None:
            self.history.planned = self.planned or 0
            return
        used = self._seconds()
        recent = self.timings[-200:]
        pace = sum(recent) / len(recent)
        looking = 1.06  # held-out looks and checkpoints take a few hundredths of the time
        fit = self.step + max(1, int((seconds * 0.97 - used) / (pace * looking)))
        if self.planned is None:
            if len(self.timings) >= 20 or used > min(4.0, seconds / 8):
                self.planned = fit
                self.history.plan.append((self.step, fit))
        elif not 0.93 < fit / self.planned < 1.07 and self.step % 20 == 0 and self.anneal is None:
            fit = max(self.step + 1, fit)
            self.planned = fit
            self.history.plan.append((self.step, fit))
        self.history.planned = self.planned or 0

    def _seconds(self) -> float:
        return time.monotonic() - self.begun

    def _report(self, loss: float) -> None:
        used = self._seconds()
        left = None
        if self.planned is not None:
            left = (self.planned - self.step) * sum(self.timings[-50:]) / len(self.timings[-50:]) * 1.06
            if self.budget.seconds is not None and self.budget.steps is None:
                left = min(left, max(0.0, self.budget.seconds - used))
            left = self.countdown.told(used, left)
        held = self.history.looks[-1].held_out if self.history.looks else None
        self.on_step(Progress(self.step, self.planned, used, left, loss, held))

    # --- held-out curve -----------------------------------------------------------------------------------
    def _time_to_look(self) -> bool:
        if self.planned is None:
            return False
        if self.every is None:
            self.every = max(1, self.planned // self.pace.looks)
        return self.step % self.every == 0 or self.step == self.planned

    def _look(self) -> None:
        """Score the averaged weights on the held-out rows; keep them if they are the best so far."""
        weights = [weight.detach().clone() for weight in self.model.parameters()]
        with torch.no_grad():
            for weight, average in zip(self.model.parameters(), self.average, strict=True):
                weight.copy_(average)
            self.model.eval()
            draws, most = DRAWS, len(next(iter(self.held.values())))
            if self.model.rows_of_a_step is not None:  # of big records a few say it, or looks cost too much
                draws, most = 1, BIG_LOOK * self.model.rows_of_a_step
            batch = self._wide({name: tensor[:most] for name, tensor in self.held.items()})
            rows = len(next(iter(batch.values())))
            # the same hidden cells at every look, so that looks compare; and in parts, so that they can be
            # compared beside the luck of the held-out rows
            parts = min(self.pace.parts, rows)
            scores = torch.zeros(parts, dtype=torch.float64)
            for part in range(parts):
                some = {name: torch.cat([tensor[part::parts]] * draws) for name, tensor in batch.items()}
                rng = generator_of(self.seed, Purpose.LOOK, part)
                with self._precision(), placed(self.device):
                    scores[part] = float(self.model.held_out(some, rng))
            score = float(scores.mean())
            looks = len(self.history.looks) + 1
            if self.on_look is not None and looks & (looks - 1) == 0:
                self.on_look()
            self.model.train()
            for weight, kept in zip(self.model.parameters(), weights, strict=True):
                weight.copy_(kept)
        # later weights have seen more and smaller steps: they are kept unless they are clearly worse
        worse = scores - self.best_scores
        luck = float(worse.std()) / len(scores) ** 0.5 if len(scores) > 1 else 0.0
        # in a game a look says less, and the last, smallest steps are worth more than it can see
        excuse = 3 * luck if self._game else min(luck, self.pace.most * score)
        if not worse.mean() > max(self.pace.slack * score, excuse):
            self.history.best_step = self.step
            self.best = [average.clone() for average in self.average]
        if score < self.best_scores.mean():
            self.best_scores = scores
        training = self.since / max(1, self.since_steps)
        self.since, self.since_steps = 0.0, 0
        self.history.looks.append(Look(self.step, round(self._seconds(), 3), training, score))

    def _enough(self) -> bool:
        self._look()
        if self._game:
            return False  # a game goes up and down: its best moment is kept, but no lull is an end
        looks = self.history.looks
        since = max(self.history.best_step, looks[self.turned].step)
        if self.every is None or self.step - since < max(self.pace.patience * self.every, self._surely):
            return False
        if self.anneal is not None:
            return True
        self._go_back()
        return False

    @property
    def _surely(self) -> int:
        """Steps that no lull ends: few held-out rows go up and down by chance."""
        held = len(next(iter(self.held.values())))
        few = held < self.pace.scarce and self.model.rows_of_a_step is None and self.anneal is None
        return self.pace.surely if few else 0

    @property
    def _game(self) -> bool:
        """Whether players play against each other."""
        return any(player.adversarial for player in self.players)

    def _go_back(self) -> None:
        """From the best weights so far, take a last stretch with the rate going down.

        A run that stops where held-out rows stop gaining has never had its small steps; going back and
        taking them gains as much as a plan of the right length would have.
        """
        best_step = self.history.best_step
        length = max(20, round(self.pace.last * best_step))
        self.anneal = (self.step, length, self._share_of_rate())
        self.turned = len(self.history.looks) - 1
        with torch.no_grad():
            for weight, average, best in zip(self.model.parameters(), self.average, self.best, strict=True):
                weight.copy_(best)
                average.copy_(best)
        if self.planned is not None:
            self.planned = min(self.planned, self.step + length)
            self.history.planned = self.planned

    # --- checkpoints --------------------------------------------------------------------------------------
    def _clock(self) -> None:
        self.history.seconds = self._seconds()
        self.history.cpu_seconds = time.process_time() - self.cpu_begun

    def _every_optimiser(self) -> list[torch.optim.Optimizer]:
        return [optimiser for own in self.optimisers for optimiser, _ in own]

    def _plain(self) -> dict[str, Any]:
        self._clock()
        return {
            "history": asdict(self.history),
            "step": self.step,
            "planned": self.planned,
            "since": [self.since, self.since_steps],
            "every": self.every,
            "over": self.over,
            "anneal": self.anneal,
            "turned": self.turned,
            "best_scores": self.best_scores.tolist(),
            "origin": self.origin,
            "timings": self.timings[-200:],
        }

    def _tensors(self) -> dict[str, Tensor]:
        out = {}
        for index, weight in enumerate(self.model.parameters()):
            out[f"weight.{index}"] = weight.detach()
            out[f"average.{index}"] = self.average[index]
            out[f"best.{index}"] = self.best[index]
        for place, optimiser in enumerate(self._every_optimiser()):
            for index, state in optimiser.state_dict()["state"].items():
                for name, value in state.items():
                    out[f"optimiser.{place}.{index}.{name}"] = torch.as_tensor(value)
        return {name: tensor.contiguous().clone() for name, tensor in out.items()}

    def _time_to_save(self) -> bool:
        wait = max(SAVE_EVERY, self.saving / SAVE_SHARE)
        return self.checkpoint is not None and time.monotonic() - self.saved >= wait

    def _save(self) -> None:
        assert self.checkpoint is not None
        begun = time.monotonic()
        self.checkpoint.mkdir(parents=True, exist_ok=True)
        target = self.checkpoint / "training.safetensors"
        fresh = target.with_suffix(".new")
        try:
            tensors = self._tensors()
            plain = {**self._plain(), "sum": _sum_of(tensors)}
            save_file(tensors, fresh, metadata={"training": json.dumps(plain)})
            with contextlib.suppress(OSError):  # a disk that cannot say so may still have kept it
                _settled(fresh)
            os.replace(fresh, target)  # a kill between the two leaves the old checkpoint whole
        except (OSError, SafetensorError) as error:  # the latter on a full disk
            fresh.unlink(missing_ok=True)  # half a checkpoint would take room for nothing
            size = sum(tensor.nbytes for tensor in self._tensors().values())
            free = shutil.disk_usage(self.checkpoint).free
            raise StoreError(
                f"the checkpoint could not be written to {self.checkpoint} ({error}).",
                f"Room for {size / 1e6:.1f} MB is expected there; {free / 1e6:.1f} MB are free.",
                "Free some space there. What was learned up to the last checkpoint is kept.",
            ) from error
        self.saved = time.monotonic()
        self.saving = self.saved - begun

    def _fits(self, header: Tensors) -> None:
        """Raise Wrong for a checkpoint of other weights, before any of it is read."""
        shapes = [tuple(weight.shape) for weight in self.model.parameters()]
        for what in ("weight", "average", "best"):
            found = [header.shapes.get(f"{what}.{index}") for index in range(len(shapes))]
            if found != shapes:
                raise Wrong(f"its {what}s are of another model")
        held = sum(weight.numel() * weight.element_size() for weight in self.model.parameters())
        if header.size > 16 * held + (1 << 26):
            raise Wrong(f"{header.size / 1e6:,.0f} MB are too many for this model")

    def _resume(self) -> None:
        """Go on from the checkpoint, if there is one."""
        if self.checkpoint is None:
            return
        path = self.checkpoint / "training.safetensors"
        if not path.exists():
            return
        try:
            with open_file(path, 1 << 42) as file:
                header = Tensors.read(file, path.name)
                told = json_of(header.metadata["training"].encode(), "its metadata")
                plain = _TRAINING.check(told, "it")
                other = [name for name, value in self.origin.items() if plain["origin"][name] != value]
                if other:
                    raise StoreError(
                        f"the checkpoint {path} cannot be resumed: it was begun with another "
                        f"{', '.join(other)}.",
                        f"The same {', '.join(self.origin)} as it was begun with are expected.",
                        "Give it these again, or start a new run in another folder.",
                    )
                self._fits(header)
                tensors = load(file.read())
            if plain.get("sum", _sum_of(tensors)) != _sum_of(tensors):
                raise Wrong("its checksum differs")
            with torch.no_grad():
                for index, weight in enumerate(self.model.parameters()):
                    weight.copy_(tensors[f"weight.{index}"])
                    self.average[index].copy_(tensors[f"average.{index}"])
                    self.best[index].copy_(tensors[f"best.{index}"])
            for place, optimiser in enumerate(self._every_optimiser()):
                state: dict[int, dict[str, Tensor]] = {}
                for name, value in tensors.items():
                    if name.startswith(f"optimiser.{place}."):
                        _, _, index, key = name.split(".")
                        state.setdefault(int(index), {})[key] = value
                whole = optimiser.state_dict()
                optimiser.load_state_dict({"state": state, "param_groups": whole["param_groups"]})
                # laid out as its weight: a fused step walks through both as they lie in memory
                for weight, own in optimiser.state.items():
                    for key, value in own.items():
                        if value.dim() > 0 and value.shape != weight.shape:
                            raise Wrong(f"what the optimiser knows of a weight is of {tuple(value.shape)}")
                        if value.shape == weight.shape:
                            own[key] = torch.empty_like(weight).copy_(value)
            told = plain["history"]
            self.history = History(**{**told, "looks": [Look(**look) for look in told["looks"]]})
            self.step, self.planned, self.over = plain["step"], plain["planned"], plain["over"]
            self.since, self.since_steps = (math.nan if one is None else one for one in plain["since"])
            self.every, self.turned = plain["every"], plain["turned"]
            self.anneal = None if plain["anneal"] is None else tuple(plain["anneal"])
            self.best_scores = torch.tensor(
                [math.nan if one is None else one for one in plain["best_scores"]], dtype=torch.float64
            )
            self.timings = plain["timings"]
            self.begun -= self.history.seconds
            self.cpu_begun -= self.history.cpu_seconds
            self.batch = self.history.batch
        except StoreError:
            raise
        except Exception as error:  # whatever a damaged file leads to
            raise StoreError(
                f"the checkpoint {path} cannot be resumed ({' '.join(str(error).split())[:200]}).",
                "The checkpoint of this very run is expected, whole.",
                "Start the run again without --resume.",
            ) from error


_COUNT = Whole(0)
_TRAINING = Record(
    {
        "history": HISTORY,
        "step": _COUNT,
        "planned": Maybe(Whole(1)),
        "since": ListOf(Maybe(Amount()), 2, 2),
        "every": Maybe(Whole(1)),
        "over": Truth(),
        "anneal": Maybe(ListOf(Amount(), 3, 3)),
        "turned": _COUNT,
        "best_scores": ListOf(Maybe(Amount()), 1),
        "origin": Table(Text()),
        "timings": ListOf(Amount()),
    },
    {"sum": _COUNT},
)
"""What a checkpoint may say beside its tensors."""


def _sum_of(tensors: Mapping[str, Tensor]) -> int:
    """A checksum of all bytes, in the order of the names."""
    out = 0
    for name in sorted(tensors):
        data = tensors[name].detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()
        out = zlib.crc32(data.data, zlib.crc32(name.encode(), out))
    return out


def _origin(
    model: Model,
    values: Mapping[str, Tensor],
    held: Mapping[str, Tensor],
    budget: Budget,
    seed: int,
    pace: Pace,
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
        "table": table.hexdigest(),
        "schema": list(model.spaces.items()),
        "family": (type(model).__name__, settings),
        "shape of the weights": shapes,
        "budget": (budget, pace),
        "seed": int(seed),
    }
    return {
        name: part if isinstance(part, str) else hashlib.sha256(repr(part).encode()).hexdigest()
        for name, part in parts.items()
    }


def _settled(path: Path) -> None:
    """Wait until a file has reached the disk: a power cut must not leave an empty one under its name."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _faster_precision(run: _Run) -> Literal["float32", "bfloat16"]:
    """float32 or bfloat16, by timing the model's largest layer both ways.

    The layer alone, both ways in turn, and a clear margin: timing whole steps made equal runs on a busy
    machine differ.
    """
    kinds = (nn.Linear, nn.Conv2d)
    inner = [m for player in run.players for m in player.weights.modules() if isinstance(m, kinds)]
    if not inner:
        return "float32"
    layer = max(inner, key=lambda layer: layer.weight.numel())
    if isinstance(layer, nn.Conv2d):
        rows = torch.ones(8, layer.in_channels, 16, 16, device=run.device)
        rows = rows.contiguous(memory_format=torch.channels_last)
    else:  # enough rows, or a small matrix is timed by what surrounds the product
        rows = torch.ones(max(run.batch, 512), layer.in_features, device=run.device)
    best: dict[torch.dtype, float] = {}
    with torch.no_grad():
        for _ in range(9):
            for kind in (torch.float32, torch.bfloat16):
                with torch.autocast(run.device.type, dtype=torch.bfloat16, enabled=kind == torch.bfloat16):
                    begun = time.perf_counter()
                    layer(rows).sum().item()
                    best[kind] = min(best.get(kind, math.inf), time.perf_counter() - begun)
    return "bfloat16" if best[torch.float32] > 1.4 * best[torch.bfloat16] else "float32"
