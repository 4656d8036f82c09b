"""The kind of frame that comes out, as type checkers are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # whose variables may have a default

    F = TypeVar("F", default=Any)
else:
    F = TypeVar("F")

Own = TypeVar("Own", covariant=True)


class Frame(Protocol[Own]):
    """A frame of pandas or Polars, told by a method that both have: made rows are of its kind."""

    def sample(self, n: int, /) -> Own:
        """Some of its rows, as a frame of its kind."""
        ...
