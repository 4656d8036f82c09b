"""The user's own frames, in and out."""

from sampan.data.frames.kept import kept_of, recalled
from sampan.data.frames.reading import open_frame
from sampan.data.frames.writing import read_numbers, to_frame, with_columns, with_index, with_provenance

__all__ = [
    "kept_of",
    "open_frame",
    "read_numbers",
    "recalled",
    "to_frame",
    "with_columns",
    "with_index",
    "with_provenance",
]
