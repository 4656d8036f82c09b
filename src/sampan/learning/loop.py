"""The one training loop: batches become steps, looks at held-out records say which weights to keep.

Every step's randomness is a function of (seed, step), so a run that was killed and resumed takes the very
steps it would have taken. What it is made of lies beside it: how long (`budget`), at which rate (`pace`),
which records (`batches`), how they become a step (`update`), when it is enough (`stopping`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

import torch
from torch import Tensor

from sampan.device import device_of, placed
from sampan.errors import RequestError
from sampan.family import Family, Model
from sampan.learning import clock
from sampan.learning.batches import Batches
from sampan.learning.budget import Budget
from sampan.learning.checkpoint import Checkpoint, origin_of
from sampan.learning.clock import Countdown, Stopwatch
from sampan.learning.optimisers import at_rate, optimisers_of
from sampan.learning.pace import Pace, plan_steps, seconds_left, share_of_rate
from sampan.learning.precision import precision_of
from sampan.learning.progress import STOP, OnStep, Progress, of_stage
from sampan.learning.state import History, State
from sampan.learning.stopping import Stopping
from sampan.learning.update import Plain, Turn, Update, Weights
from sampan.randomness import Purpose, generator_of, seeded
from sampan.space import Space


def train(
    model: Model,
    values: Mapping[str, Tensor],
    held: Mapping[str, Tensor],
    *,
    budget: Budget,
    seed: int,
    pace: Pace | None = None,
    update: Update | None = None,
    on_step: OnStep = lambda progress: None,
    checkpoint: Path | None = None,
    on_look: Callable[[Model], None] | None = None,
) -> History:
    """Train the model in place on `values` (leaf -> (rows, ...)); `held` rows only say when to stop.

    - update: how a batch becomes a step; by its plain gradient unless said.
    - on_step: called after every step. Where it answers "stop" (`progress.STOP`), or on Ctrl-C, learning ends
      early and keeps the best weights so far; the history says so.
    - on_look: called after looks 1, 2, 4, 8, ... of each stage that makes records, with `model`, which then
      has averaged weights.
    - checkpoint: a folder; training goes on from what it holds, and writes there every few seconds.

    Raises StoreError for a checkpoint that is damaged, or was begun with other values, another model, budget,
    seed or update.
    """
    stages, whole = model.stages(), History()
    pace, update = pace or Pace(), update or Plain()
    for index, stage in enumerate(stages):
        later = sum(other.share for other in stages[index + 1 :]) / stage.share
        own = budget.left(whole, later)
        told, kept = ({name: leaves[name] for name in stage.model.spaces} for leaves in (values, held))
        folder = checkpoint if checkpoint is None or index == 0 else checkpoint / f"stage-{index + 1}"
        loop = _Loop(stage.model, told, kept, own, seed, pace, update, of_stage(on_step, whole, own, later))
        loop.more, loop.folder = later > 0, folder
        if folder is not None:
            loop.origin = origin_of(stage.model, told, kept, budget, seed, pace, update)
        if on_look is not None and stage.makes:
            loop.on_look = lambda: on_look(model)
        history = loop.go()
        whole = history if index == 0 else whole.then(history)
        if whole.ended in ("interrupted", "nothing to learn") or whole.steps == budget.steps:
            break
    return whole


@final
@dataclass(eq=False)
class _Loop:
    """One stage under way.

    - origin: all that this training's end depends on, where it is kept in a folder.
    - more: whether another stage follows, which begins from where this one ended.
    """

    model: Model
    values: Mapping[str, Tensor]
    held: Mapping[str, Tensor]
    budget: Budget
    seed: int
    pace: Pace
    update: Update
    on_step: OnStep
    on_look: Callable[[], None] = lambda: None
    folder: Path | None = None
    origin: Mapping[str, str] = field(default_factory=dict)
    more: bool = False

    def __post_init__(self) -> None:
        self.device, self.countdown = device_of(self.model), Countdown()
        self.batches = Batches(self.model, self.values, self.seed, self.budget, self.pace)

    def go(self) -> History:
        """The loop."""
        if not self.batches.values or not any(True for _ in self.model.parameters()):
            return History(batch=self.batches.size, ended="nothing to learn")
        self._begin()
        self.model.train()
        try:
            stopped = self._steps()
        except KeyboardInterrupt:  # Ctrl-C, in the middle of whatever
            stopped = True
        history = self.state.history
        if stopped:
            history.ended = "interrupted"
            if not history.looks:
                self._look()
        self.weights.end()
        self.model.eval()
        with placed(self.device):
            self.model.finish(self.batches.sample())
        self._clock()
        return history

    def _begin(self) -> None:
        """From nothing, or from the checkpoint if there is one."""
        self.watch = Stopwatch()
        with placed(self.device):
            self.model.start(self.batches.sample())
        self.players = self.model.players()
        rows = self.batches.rows
        self.rated = [optimisers_of(player, self.pace, rows) for player in self.players]
        self.weights = Weights(self.model)
        self.stopping = Stopping(self.model, self.players, self.held, self.pace, self.seed)
        self.state = State(History(batch=self.batches.size), planned=self.budget.steps)
        self.checkpoint = None
        if self.folder is not None:
            every = [optimiser for rated in self.rated for optimiser, _ in rated]
            self.checkpoint = Checkpoint(self.folder, self.origin, self.weights, every)
            self.state = self.checkpoint.resume(self.budget.steps) or self.state
            history = self.state.history
            self.watch.add(history.seconds, history.cpu_seconds)
            self.batches.size = history.batch

    def _steps(self) -> bool:
        """All steps; whether they were stopped before their time."""
        state = self.state
        while not state.over and (state.planned is None or state.step < state.planned):
            loss = self._step()
            answer = self._told(loss)
            if answer == STOP:
                return True
            if isinstance(answer, str):  # a bar that is moved answers, too, but not in words
                raise RequestError(
                    f"on_step answered {answer!r}.",
                    f'"{STOP}" ends the learning; any answer that is no text goes on.',
                    f'For example: return "{STOP}"',
                )
            if self.stopping.is_due(state) and self._enough():
                state.history.ended = "enough"
                break
            # only now: where there was a look, a checkpoint holds what it decided
            if self.checkpoint is not None and self.checkpoint.is_due():
                self._save(self.checkpoint)
        if state.anneal is not None:
            state.history.ended = "enough"
        if self.more and not state.over and self.checkpoint is not None:
            state.over = True
            self._save(self.checkpoint)
        return False

    def _step(self) -> float:
        """One step of every player; the sum of their losses."""
        state, begun = self.state, clock.now()
        if state.step == 0:
            state.history.precision = precision_of(self.budget, self.players, self.device, self.batches.size)
            begun = clock.now()
        batch, rng = self.batches.of(state.step), generator_of(self.seed, Purpose.STEP, state.step)
        share, total = share_of_rate(state, self.pace), 0.0
        for player, rated in zip(self.players, self.rated, strict=True):
            optimisers = at_rate(rated, share, player, state.planned)
            turn = Turn(player, optimisers, batch, rng, state.history.precision, self.device)
            total += self.update.step(turn)
        if not math.isfinite(total):
            raise RequestError(
                f"the loss became {total} at step {state.step}.",
                "A finite loss is expected.",
                "Learn again with another --seed; if it comes again, please report the data's types.",
            )
        state.step += 1
        self.weights.follow(min(self.pace.ema, state.step / (state.step + 9)))
        state.since, state.since_steps = state.since + total, state.since_steps + 1
        state.history.steps = state.step
        state.timings.append(clock.now() - begun)
        plan_steps(state, self.budget, self.watch.seconds)
        return total

    def _told(self, loss: float) -> object:
        """What whoever watches answers to where the learning stands."""
        state, used = self.state, self.watch.seconds
        left = seconds_left(state, self.budget, used)
        if left is not None:
            left = self.countdown.told(used, left)
        held = state.history.looks[-1].held_out if state.history.looks else None
        return self.on_step(Progress(state.step, state.planned, used, left, loss, held))

    def _look(self) -> None:
        """Score the averaged weights on the held-out rows; keep them if they are the best so far."""
        with torch.no_grad(), self.weights.averaged():
            self.model.eval()
            scores = self.stopping.scores(self.state.history.precision)
            looks = len(self.state.history.looks) + 1
            if looks & (looks - 1) == 0:
                self.on_look()
            self.model.train()
        if self.stopping.add(self.state, scores, self.watch.seconds):
            self.weights.keep()

    def _enough(self) -> bool:
        """Look, and end there or go back for the last stretch where the looks say so."""
        self._look()
        if not self.stopping.is_enough(self.state):
            return False
        if self.state.anneal is not None:
            return True
        self.stopping.turn(self.state)
        self.weights.go_back()
        return False

    def _save(self, checkpoint: Checkpoint) -> None:
        self._clock()
        checkpoint.save(self.state)

    def _clock(self) -> None:
        history, watch = self.state.history, self.watch
        history.seconds, history.cpu_seconds = watch.seconds, watch.cpu_seconds


@final
@dataclass(frozen=True, eq=False)
class Lesson:
    """The same for every family that is to learn it.

    - spaces, values, held: of each leaf; `held` rows only say when to stop.
    - on_step, checkpoint: as `train` has them.
    """

    spaces: Mapping[str, Space]
    values: Mapping[str, Tensor]
    held: Mapping[str, Tensor]
    budget: Budget
    seed: int
    on_step: OnStep = lambda progress: None
    checkpoint: Path | None = None
    device: torch.device | None = None

    def begun_by(self, family: Family) -> Model:
        """A model whose first weights come of the seed alone. Raises FamilyCannot."""
        with seeded(self.seed):
            return family.build(self.spaces).to(self.device)

    def teach(self, model: Model, on_look: Callable[[Model], None] | None = None) -> History:
        """Train the model in place."""
        return train(
            model,
            self.values,
            self.held,
            budget=self.budget,
            seed=self.seed,
            on_step=self.on_step,
            checkpoint=self.checkpoint,
            on_look=on_look,
        )
