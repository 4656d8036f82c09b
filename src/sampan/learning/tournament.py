"""The tournament behind family="auto": every family learns a little, and the likest records win.

Likelihoods do not compare between families (a GAN has none), so what each makes is held against records that
none has seen: `sampan.discrepancy.distance`, in parts, so that a lead within its own noise does not count.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from sampan.data.disk import write_text
from sampan.device import Asked
from sampan.discrepancy import distance
from sampan.errors import FamilyCannot, StoreError
from sampan.family import Family, Model
from sampan.learning.loop import Lesson
from sampan.learning.progress import Progress
from sampan.learning.state import History
from sampan.randomness import Purpose, generator_of
from sampan.space import Batch, rows_of, widened

SHARE = 0.08
"""Share of the budget that each family gets in the tournament; the winner has the rest."""

MADE, MADE_BIG = 8192, 256
"""Records that each makes; the latter, and as many held-out ones in all, where records are big."""

PARTS = 8
"""Parts of the held-out records that are compared apart, for the noise of a lead."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """Who won, and why.

    - distances: how far what each made lay from held-out records, in parts.
    - seconds, cpu_seconds: what it took.
    - stopped: where it was stopped, the model of `family` as far as it had learned, and its history.
    """

    family: Family
    distances: Mapping[str, list[float]]
    why: str
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    stopped: tuple[Model, History] | None = None


def hold(candidates: tuple[Family, ...], lesson: Lesson) -> tuple[Outcome, Lesson]:
    """The winner, and the lesson with what is left of its budget. The same for the same seed and steps.

    In the lesson's checkpoint folder the outcome is kept, so that a run that goes on does not ask again.
    Where it is stopped, the best family that has learned so far wins. Raises FamilyCannot where none serves.
    """
    budget, left = lesson.budget, lesson
    if budget.steps is None and budget.seconds is not None:
        left = replace(lesson, budget=replace(budget, seconds=budget.seconds * (1 - SHARE * len(candidates))))
    kept = None if lesson.checkpoint is None else _kept(lesson.checkpoint, candidates)
    if kept is not None:
        return kept, left
    distances: dict[str, list[float]] = {}
    learned: dict[str, tuple[Model, History]] = {}
    refused: list[FamilyCannot] = []
    spent = cpu_seconds = 0.0
    stopped = False

    def shown(progress: Progress) -> object:
        return lesson.on_step(
            replace(progress, seconds=spent + progress.seconds, total=None, left=None, held_out=None)
        )

    little = replace(lesson, budget=budget.part(SHARE), on_step=shown, checkpoint=None)
    for family in candidates:
        try:
            model = little.begun_by(family)
        except FamilyCannot as refusal:
            refused.append(refusal)
            continue
        history = little.teach(model)
        spent, cpu_seconds = spent + history.seconds, cpu_seconds + history.cpu_seconds
        stopped = history.ended == "interrupted"
        if not stopped or not learned:
            learned[family.kind] = model, history
        if stopped:
            break
        distances[family.kind] = _distances(model, lesson)
    if not learned:
        raise refused[0]
    if stopped:
        return _stopped(candidates, distances, learned, spent, cpu_seconds), left
    outcome = replace(_decided(candidates, distances), seconds=spent, cpu_seconds=cpu_seconds)
    if lesson.checkpoint is not None:
        _keep(lesson.checkpoint, outcome)
    return outcome, left


def _stopped(
    candidates: tuple[Family, ...],
    distances: Mapping[str, list[float]],
    learned: Mapping[str, tuple[Model, History]],
    seconds: float,
    cpu_seconds: float,
) -> Outcome:
    """The best of those that have learned, or the only one that had begun."""
    family = next(family for family in candidates if family.kind in learned)
    if distances:
        family = _decided(candidates, distances).family
    model, history = learned[family.kind]
    return Outcome(
        family,
        distances,
        f"stopped while families were compared; {family.kind} is kept as far as it had learned",
        seconds,
        cpu_seconds,
        (model, replace(history, ended="interrupted")),
    )


def _distances(model: Model, lesson: Lesson) -> list[float]:
    """How far made records lie from each part of the held-out ones."""
    spaces, held = lesson.spaces, lesson.held
    big = model.rows_of_a_step is not None
    made, most = (MADE_BIG, MADE_BIG) if big else (MADE, rows_of(held))
    some = {name: widened(tensor[:most], spaces[name]) for name, tensor in held.items()}
    records = Asked(model).sample(Batch.empty(spaces, made), generator_of(lesson.seed, Purpose.TOURNAMENT))
    rows = rows_of(some)
    parts = max(1, min(PARTS, rows // 2))
    return [
        distance(records, {name: tensor[part::parts] for name, tensor in some.items()}, spaces)
        for part in range(parts)
    ]


def _decided(candidates: tuple[Family, ...], distances: Mapping[str, list[float]]) -> Outcome:
    """The first family that is not clearly behind the best."""
    best = min(distances, key=lambda kind: sum(distances[kind]))
    winner = best
    for kind, own in distances.items():
        behind = torch.tensor(own) - torch.tensor(distances[best])
        noise = float(behind.std()) / len(own) ** 0.5 if len(own) > 1 else 0.0
        if float(behind.mean()) <= noise:
            winner = kind
            break
    told = ", ".join(f"{kind} {1000 * sum(own) / len(own):.2f}" for kind, own in distances.items())
    why = f"chosen by a tournament on held-out records: {winner} (distance in thousandths: {told})"
    if winner != best:
        why += f"; the lead of {best} is within its noise"
    family = next(family for family in candidates if family.kind == winner)
    return Outcome(family, distances, why)


# --- on disk
def _keep(checkpoint: Path, outcome: Outcome) -> None:
    checkpoint.mkdir(parents=True, exist_ok=True)
    plain = {
        "winner": outcome.family.kind,
        "distances": dict(outcome.distances),
        "why": outcome.why,
        "seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds,
    }
    write_text(checkpoint / "tournament.json", json.dumps(plain))


def _kept(checkpoint: Path, candidates: tuple[Family, ...]) -> Outcome | None:
    path = checkpoint / "tournament.json"
    if not path.exists():
        return None
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        family = next(family for family in candidates if family.kind == plain["winner"])
        took = float(plain["seconds"]), float(plain["cpu_seconds"])
        return Outcome(family, plain["distances"], str(plain["why"]), *took)
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        raise StoreError(
            f"{path} cannot be read ({type(error).__name__}).",
            "The outcome of this run's tournament is expected.",
            "Start the run again without --resume.",
        ) from error
