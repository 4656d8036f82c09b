"""Card: where a model comes from, in plain values that anybody can check."""

from __future__ import annotations

import platform
import sys
from dataclasses import asdict, dataclass, field
from importlib import metadata
from typing import Any

from sampan.checked import Amount, Either, ListOf, Maybe, Plain, Record, Table, Text, Whole

WATTS_PER_CORE = 10.0
"""Assumed draw of one busy core with its share of memory and losses, where the machine does not say.

Server and desktop processors of 2020-2025 are rated at 4 to 15 W a core; a figure made with it is an
estimate, and the card says so.
"""


@dataclass(frozen=True)
class Card:
    """The record of one fit.

    digest: sha256 of the data that was read. rows: what was read, learned from, and kept aside.
    family, settings: the model. seed, seconds, cpu_seconds, energy_wh (estimate: cpu_seconds times an
    assumed power of one core). history: the learning curve. versions: software. parents: digests of models
    it was made from. rules: what holds between its columns, and for which share.
    """

    created: str
    source: str
    digest: str
    rows: dict[str, int]
    columns: dict[str, str]
    family: str
    settings: dict[str, Any]
    seed: int
    weights: int
    seconds: float
    cpu_seconds: float
    energy_wh: float
    history: dict[str, Any]
    versions: dict[str, str]
    notes: list[str] = field(default_factory=list)
    parents: list[str] = field(default_factory=list)
    rules: list[str] = field(default_factory=list)

    @property
    def learned_from(self) -> int:
        """The rows that the model saw: most taught it, the others only said when to end."""
        return self.rows["learned"] + self.rows["held_out"]

    def rows_told(self) -> str:
        """The rows that it was learned from, in words."""
        rows, held = self.learned_from, self.rows["held_out"]
        told = f"learned from {rows:,} row{'s' * (rows != 1)}"
        return f"{told}, {held:,} of which only said when to end" if held else told

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


_COUNT = Whole(0)
HISTORY = Record(
    {
        "looks": ListOf(
            Record(
                {
                    "step": _COUNT,
                    "seconds": Amount(),
                    **dict.fromkeys(("training", "held_out"), Maybe(Amount())),
                }
            )
        ),
        **dict.fromkeys(("steps", "planned", "batch", "best_step"), _COUNT),
        "plan": ListOf(ListOf(_COUNT, 2, 2)),
        **dict.fromkeys(("seconds", "cpu_seconds"), Amount()),
        **dict.fromkeys(("precision", "ended"), Text(100)),
    }
)
"""What happened while learning, as it stands in a file."""

CARD = Record(
    {
        **dict.fromkeys(("created", "source", "digest", "family"), Text()),
        "rows": Record(dict.fromkeys(("read", "learned", "held_out"), _COUNT)),
        "columns": Table(Text()),
        "settings": Table(Plain()),
        "seed": Whole(-(1 << 64), 1 << 64),
        "weights": _COUNT,
        **dict.fromkeys(("seconds", "cpu_seconds", "energy_wh"), Amount()),
        "history": HISTORY,
        "versions": Table(Text()),
    },
    {"notes": ListOf(Text()), "parents": ListOf(Text()), "rules": ListOf(Text(100_000))},
)
"""What a card may be, as it stands in a file."""


_LABEL = Either((Text(), Whole(-(1 << 63), 1 << 63), ListOf(Text())))
FRAME = Record(
    {"native": Text(100), "columns": Table(Record({}, {"label": _LABEL, "type": Text(100)}))},
)
"""What a model keeps of the kind of frame that it learned from, as it stands in a file."""


def energy_wh(cpu_seconds: float) -> float:
    """Watt-hours, estimated from processor time.

    >>> energy_wh(360.0)
    1.0
    """
    return round(cpu_seconds * WATTS_PER_CORE / 3600, 4)


def versions() -> dict[str, str]:
    """The software that a result depends on."""
    out = {"python": platform.python_version(), "platform": f"{sys.platform} {platform.machine()}"}
    for package in ("sampan", "torch", "numpy", "arro3-core"):
        try:
            out[package] = metadata.version(package)
        except metadata.PackageNotFoundError:  # run from a source tree that is not installed
            out[package] = "not installed"
    return out
