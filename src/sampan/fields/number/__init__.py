"""Number: whole or decimal numbers as ordered symbols that keep the column's own steps, spikes and range.

A column is cut at its quantiles into at most `symbols` symbols. A value that fills a symbol's share of the
rows alone (0, 99999, a rating) is a symbol of its own: a spike. Where a symbol spans several values, a
noise leaf says which of them, in proportion to how often each was seen. A made number is one that several
records held, or lies about those that a single record held (`unshared`): integers stay integers, decimals
keep their step, the range is not left, and nobody is given away by a number of their own.

Values are float64, and whole numbers too large for that to be exact (2**53 and beyond) are int64 or uint64.
"""

from sampan.fields.number.codec import NumberCodec
from sampan.fields.number.field import Number

__all__ = ["Number", "NumberCodec"]
