"""Eyes: what the judge needs to know of each modality whose cells no number and no word compares."""

from collections.abc import Mapping

from sampan.evaluate.eyes.eye import SECONDS, Eye, Learning, Views
from sampan.evaluate.eyes.picture import PictureEye

EYES: Mapping[str, type[Eye]] = {eye.medium: eye for eye in (PictureEye,)}
"""Name in `field.Points` -> eye. A new modality is a folder here and a word in this line."""

__all__ = ["EYES", "SECONDS", "Eye", "Learning", "Views"]
