"""Run: the main job in one folder - read, preview, learn, make, judge, save - killed and resumed at will."""

from sampan.run.folder import writable
from sampan.run.outcome import Run, next_command
from sampan.run.plan import several_names, split
from sampan.run.rules import tell_rules
from sampan.run.source import judged, resolve
from sampan.run.start import make, resume
from sampan.run.steps import progress_on, sheet_of, sheet_on

__all__ = [
    "Run",
    "judged",
    "make",
    "next_command",
    "progress_on",
    "resolve",
    "resume",
    "several_names",
    "sheet_of",
    "sheet_on",
    "split",
    "tell_rules",
    "writable",
]
