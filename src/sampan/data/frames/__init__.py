"""The user's own frames, in and out."""

from sampan.data.frames.reading import open_frame
from sampan.data.frames.writing import read_numbers, to_frame, with_columns, with_index, with_provenance

__all__ = ["open_frame", "read_numbers", "to_frame", "with_columns", "with_index", "with_provenance"]
