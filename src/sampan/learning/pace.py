"""Pace: the settings of the loop, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """The settings of the loop.

    - rate: peak learning rate of AdamW, for tables and biases.
    - inner_rate: the same of Muon, for the matrices of linear layers.
    - decay: weight decay there, for tables of up to `few` rows, less in proportion for longer ones, as a
      prior weighs less beside more data (with .01 half of Magic was learned no better, and more by heart).
    - floor: share of the rate left at the end of the cosine. warm: steps of linear warm-up.
    - batch: rows a step; small tables take smaller batches, or an epoch would be two steps.
    - ema: longest memory of the average of the weights, as a share of the steps planned.
    - looks: how often the held-out rows are scored. parts: in how many parts, for the luck of a look.
    - patience: looks without a better score before it is enough. surely: steps that no lull ends where fewer
      than `scarce` rows are held out, which go up and down by chance.
    - last: length of the last stretch, taken from the best weights with the rate going down, as a share of
      the steps that led to them.
    - slack: a score this much higher than the best, relatively, still counts as equal to it; so does one
      whose excess is within one standard error over the parts: with 555 held-out rows, Shoppers stopped
      after 35 seconds at a C2ST of .81 without this, after 65 at .94 with it.
    - most: no luck excuses a larger relative excess.
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
