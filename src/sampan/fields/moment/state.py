"""What is stored of a column of moments, checked before it is trusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from sampan.arrow_type import named
from sampan.checked import Amount, Record, Text, Truth, array_of, only
from sampan.errors import StoreError
from sampan.fields.moment.directives import CLOCK
from sampan.fields.quantiles import Cuts

_STATE = Record(
    {"dtype": Text(100), "format": Text(200), "zone": Text(100), "has_missing": Truth()},
    {"weekly": Truth(), "lone": Amount(0, 1), "lenient": Truth()},
)
PLAIN = ("dtype", "format", "zone", "has_missing", "weekly", "lone", "lenient")
_MOST_DAYS = 4_000_000  # on either side of 1970: more than the years 1 to 9999 have
ARRAYS = ("days", "day_counts", "periods", "times", "time_counts", "clocks", "edges", "offsets")


def read(values: dict[str, Any], arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """The attributes of a codec. Raises StoreError or Wrong where they contradict each other."""
    _STATE.check(values, "its state")
    only(arrays, ARRAYS)
    tables = {name: array_of(arrays, name, "i") for name in ARRAYS}
    sound = all(table.ndim == 1 and table.size > 0 for table in tables.values()) and tables["edges"].size == 2
    for name, counts, first in (("days", "day_counts", "periods"), ("times", "time_counts", "clocks")):
        sound = sound and tables[name].size == tables[counts].size and (np.diff(tables[name]) > 0).all()
        sound = sound and Cuts(tables[counts], tables[first]).sound
    sound = sound and (tables["edges"] >= 0).all() and (tables["edges"] < CLOCK).all()
    sound = sound and abs(int(tables["days"][0])) < _MOST_DAYS > abs(int(tables["days"][-1]))
    sound = sound and (np.abs(tables["offsets"]) < 24 * 60).all()
    sound = sound and tables["times"][0] >= 0 and tables["times"][-1] < CLOCK
    sound = sound and (np.diff(tables["offsets"]) > 0).all()
    if not sound:
        raise StoreError.of_model(
            "the tables of a moment column contradict each other.",
            "Sorted days and times, as many counts, and cuts that cover them.",
        )
    named(values["dtype"])
    return {name: values[name] for name in PLAIN if name in values} | tables  # older models lack some
