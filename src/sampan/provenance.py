"""Provenance: what made records say of where they come from, wherever a frame or a file has room to say it.

It rides in `DataFrame.attrs` of pandas, and in the metadata of the schema of an Arrow table, a Parquet and an
Arrow file, under `KEY`. It is a statement and no proof: whoever holds the rows can take it out or change it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sampan.checked import Record, Text, Whole, Wrong, json_of

KEY = "sampan"
"""Where it stands among what a frame or a file says of itself."""

_MOST = 4096
"""Bytes of one."""

_RECORD = Record(
    {
        "made_by": Text(100),
        "model": Text(100),
        "family": Text(100),
        "request": Text(100),
        "seed": Whole(-(1 << 64), 1 << 64),
    }
)


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which model made some records, and how they were asked for.

    - `made_by`: the software, "sampan 0.1.0".
    - `model`: the digest of the model, "sha256:...", as `sampan show` prints it.
    - `family`: how the model learned.
    - `request`: what was asked of it: "sample", "fill", "restyle", "more", "walk", ...
    - `seed`: the seed of the request.
    """

    made_by: str
    model: str
    family: str
    request: str
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    def to_text(self) -> str:
        """One line of JSON."""
        return json.dumps(self.to_dict())


def read_provenance(said: Any) -> Provenance | None:
    """What stands under `KEY`, as text, bytes or a dict; None where nothing does, or nothing that can be one.

    >>> made = Provenance("sampan 0.1.0", "sha256:00", "vae", "sample", 7)
    >>> read_provenance(made.to_text().encode()) == made
    True
    >>> read_provenance("something else") is None
    True
    """
    try:
        if isinstance(said, str | bytes):
            raw = said.encode() if isinstance(said, str) else said
            if len(raw) > _MOST:
                return None
            said = json_of(raw, KEY)
        if not isinstance(said, Mapping):
            return None
        return Provenance(**_RECORD.check(dict(said), KEY))
    except (Wrong, UnicodeError):
        return None
