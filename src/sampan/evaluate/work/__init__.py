"""Would work done on it hold? Models trained on made rows, tested on real rows that nobody saw."""

from __future__ import annotations

from sampan.evaluate.score import Score
from sampan.evaluate.sides import Sides
from sampan.evaluate.work.augmentation import augmentation
from sampan.evaluate.work.bench import bench
from sampan.evaluate.work.importance import importance
from sampan.evaluate.work.target import chosen
from sampan.evaluate.work.trial import ranking, trial, utility


def work(sides: Sides, *, target: str | None = None) -> list[Score]:
    """The scores `utility`, `ranking`, `importance` and `augmentation`, less those that make no sense.

    target: the column to predict, guessed where it is not named. RequestError: there is no such column.
    """
    predicted = chosen(sides, target)
    if predicted is None:
        return []
    ground = bench(sides, predicted, sides.rng("work"))
    if ground is None:
        return []
    kind = "number" if not predicted.classes else "binary" if len(predicted.classes) == 2 else "classes"
    facts: dict[str, str | float] = {
        "target": predicted.name,
        "guessed": "yes" if predicted.guessed else "no",
        "kind": kind,
        "classes": ", ".join(predicted.named(sides)) if predicted.classes else "",
        "rows": float(ground.seen.rows),
        "rows_tested": float(ground.test.rows),
        "tested_on": "unseen" if ground.unseen else "seen",
    }
    done = trial(ground, sides.rng("work trial"), keep="boosted trees")
    models = done.models["boosted trees"]
    scores = [
        utility(ground, done, facts),
        ranking(ground, done, facts),
        importance(ground, done, models, sides.rng("work importance"), facts),
    ]
    rare = augmentation(ground, sides.rng("work augmentation"), facts)
    return scores if rare is None else [*scores, rare]
