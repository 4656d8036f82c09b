"""Stopping: what looks at held-out records say: which weights are best, and when it is enough.

Learning stops when the held-out loss says so, and the weights kept are those that it liked best. A run that
stops there has never had its small steps: so it goes back to the best weights and takes a last stretch with
the rate going down, which gains as much as a plan of the right length would have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import torch
from torch import Tensor

from sampan.device import device_of, placed
from sampan.family import Model, Player
from sampan.learning.batches import wide
from sampan.learning.pace import Pace, share_of_rate
from sampan.learning.precision import computed_in
from sampan.learning.state import Look, Precision, State
from sampan.randomness import Purpose, generator_of

DRAWS = 4
"""Times that the held-out rows are scored in a look, with other cells hidden each time."""

WIDE = 40
"""Leaves for which a look waits for one step more: of hundreds, a look takes as long as several steps.

Of 600 numbers in 800 rows a look at every step took three quarters of the time.
"""

BIG_LOOK = 8
"""Steps' worth of held-out records that a look scores, once each, where records are big."""


@final
class Stopping:
    """The held-out records, and what is made of how far the model is from them."""

    def __init__(
        self, model: Model, players: Sequence[Player], held: Mapping[str, Tensor], pace: Pace, seed: int
    ) -> None:
        self.model, self.held, self.pace, self.seed = model, held, pace, seed
        self.game = any(player.adversarial for player in players)
        """Whether players play against each other. It goes up and down: its best moment is kept, but no lull
        is an end; and a look says less, so that the last, smallest steps are worth more than it can see."""
        self.rows = len(next(iter(held.values())))

    def scores(self, precision: Precision) -> Tensor:
        """How far the model is from each part of the held-out records: float64 (parts,).

        The same hidden cells at every look, so that looks compare; and in parts, so that they can be compared
        beside the luck of the held-out rows.
        """
        draws, most = DRAWS, self.rows
        if self.model.rows_of_a_step is not None:  # of big records a few say it, or looks cost too much
            draws, most = 1, BIG_LOOK * self.model.rows_of_a_step
        batch = wide(self.model, {name: tensor[:most] for name, tensor in self.held.items()})
        parts = min(self.pace.parts, len(next(iter(batch.values()))))
        scores, device = torch.zeros(parts, dtype=torch.float64), device_of(self.model)
        for part in range(parts):
            some = {name: torch.cat([tensor[part::parts]] * draws) for name, tensor in batch.items()}
            rng = generator_of(self.seed, Purpose.LOOK, part)
            with computed_in(precision, device), placed(device):
                scores[part] = float(self.model.held_out(some, rng))
        return scores

    def add(self, state: State, scores: Tensor, seconds: float) -> bool:
        """Add a look to the curve; whether these weights are the best so far.

        Later weights have seen more and smaller steps: they are kept unless they are clearly worse.
        """
        score, worse = float(scores.mean()), scores - state.best_scores
        luck = float(worse.std()) / len(scores) ** 0.5 if len(scores) > 1 else 0.0
        best_score = float(state.best_scores.mean())
        excuse = 3 * luck if self.game else min(luck, self.pace.most * best_score)
        best = not worse.mean() > max(self.pace.slack * score, excuse)
        if best:
            state.history.best_step = state.step
        if score < state.best_scores.mean():
            state.best_scores = scores
        training = state.since / max(1, state.since_steps)
        state.since, state.since_steps = 0.0, 0
        state.history.looks.append(Look(state.step, round(seconds, 3), training, score))
        return best

    def is_due(self, state: State) -> bool:
        """Whether it is time to look."""
        if state.planned is None:
            return False
        if state.every is None:
            state.every = max(1, state.planned // self.pace.looks, len(self.model.spaces) // WIDE)
        return state.step % state.every == 0 or state.step == state.planned

    def is_enough(self, state: State) -> bool:
        """Whether looks have not become better for long."""
        if self.game or state.every is None:
            return False
        since = max(state.history.best_step, state.history.looks[state.turned].step)
        few = self.rows < self.pace.scarce and self.model.rows_of_a_step is None and state.anneal is None
        surely = self.pace.surely if few else 0
        return state.step - since >= max(self.pace.patience * state.every, surely)

    def turn(self, state: State) -> None:
        """Begin the last stretch, from the best weights."""
        length = max(20, round(self.pace.last * state.history.best_step))
        state.anneal = (state.step, length, share_of_rate(state, self.pace))
        state.turned = len(state.history.looks) - 1
        if state.planned is not None:
            state.planned = min(state.planned, state.step + length)
            state.history.planned = state.planned
