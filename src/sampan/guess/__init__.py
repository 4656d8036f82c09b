"""Guess: what each column of a table is, with the reason in plain words."""

from sampan.guess.columns import Guess, exact_types, guess, key_types, personal_types
from sampan.guess.still import refuse_still

__all__ = ["Guess", "exact_types", "guess", "key_types", "personal_types", "refuse_still"]
