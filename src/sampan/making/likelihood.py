"""The odds of whole records: how likely the model finds each."""

from __future__ import annotations

import warnings

import numpy as np

from sampan.ability import Likelihood
from sampan.data import Table
from sampan.errors import Notice
from sampan.families import able
from sampan.making.given import Given
from sampan.making.holes import sentences, sound, strangers
from sampan.making.learned import BLOCK, Learned
from sampan.making.records import every_column, known_columns
from sampan.randomness import Purpose, generator_of


def likelihood(learned: Learned, table: Table, orders: int, seed: int) -> np.ndarray:
    """log p of each record in nats: float64 (rows,), -inf where it holds a value that was never learned.

    orders: random orders of the columns, of which it is the mean. Raises FamilyCannot.
    """
    able(learned.asked.model, Likelihood)  # before anything is read
    own = known_columns(learned, table.columns)
    every_column(learned, own, learned.codecs, "Add the column.")
    strange = {name: codec.unknown(own[name]) for name, codec in learned.codecs.items()}
    strange = {name: cells for name, cells in strange.items() if cells.any()}
    never = np.logical_or.reduce([*strange.values(), np.zeros(len(table), dtype=bool)])
    if strange:
        strangers(learned.layout, own)  # refuses a column of which nothing is known
        notes = sentences(own, strange, "the model gives its record no probability (-inf).")
        warnings.warn(Notice.of(notes, "What was never learned"), stacklevel=3)
        own |= {name: sound(own[name], cells) for name, cells in strange.items()}
    out = learned.layout.log_share(own)
    told = learned.layout.grouped(own)
    for part in Given.of(learned.layout, told, len(table)).parts(BLOCK):
        rng = generator_of(seed, Purpose.LOG_PROB, part.start)
        odds = learned.asked.log_prob(part.batch().unknown(), rng, orders)
        out[part.start : part.start + part.rows] += odds.numpy()
    return np.where(never, -np.inf, out)
