"""One family of models per file, found by its `kind`."""

from __future__ import annotations

from sampan.families.autoregressive import Autoregressive
from sampan.family import Family

FAMILIES: dict[str, type[Family]] = {family.kind: family for family in (Autoregressive,)}
