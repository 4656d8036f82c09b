"""The run folder: what it is called, and how to go on with what is in it.

sampan-runs/customers-20260131-101500/
  new.csv        the made rows, in the format of the source; new/ with the pictures where there are any
  model/         what was learned
  recipe.toml    what the run depends on; repeats it
  schema.toml    what each column was taken for; to correct and use again
  report.html    how faithful, useful, private and fair the made rows are
  report.json    the same as numbers
  log.txt        what was said
  contact-sheet.png   made pictures side by side, better and better while learning
  checkpoint/    while learning only
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import shutil
from pathlib import Path, PurePosixPath

from sampan.data.pictures import CONTACT_SHEET
from sampan.errors import SampanError, Stopped, StoreError
from sampan.recipe import written
from sampan.store import is_model

ENDINGS = frozenset(".csv .tsv .tab .parquet .pq .arrow .feather .ipc .jsonl .ndjson .json".split())
"""Of files that made rows can be written to in a run folder."""


def new_folder(name: str, folder: str | Path | None = None) -> Path:
    """A new run folder: the one asked for, or sampan-runs/NAME-TIME."""
    if folder is not None:
        place = Path(folder)
        if place.is_file() or (place.is_dir() and any(place.iterdir())):
            raise StoreError(
                f"{place} is {'a file' if place.is_file() else 'not empty'}.",
                "A new or empty folder for the run is expected.",
                f"Choose another name with -o, or go on with the run in it: sampan make --resume {place}",
            )
        with written(place):
            place.mkdir(parents=True, exist_ok=True)
        return place
    clean = re.sub(r"[^\w.-]+", "_", name).strip("._") or "data"
    stem = f"{clean[:60]}-{dt.datetime.now():%Y%m%d-%H%M%S}"
    for place in (
        Path("sampan-runs") / f"{stem}{'' if again < 2 else f'-{again}'}" for again in range(1, 1000)
    ):
        with written(place):
            try:
                place.mkdir(parents=True)
                return place
            except FileExistsError:
                continue
    raise StoreError(f"{stem} has no free name.", "Fewer runs in one second.", "Choose a folder with -o.")


def writable(place: Path) -> None:
    """Raises StoreError, before any work, where a folder cannot be made."""
    above = next(parent for parent in (place.absolute(), *place.absolute().parents) if parent.exists())
    if above.is_dir() and not os.access(above, os.W_OK | os.X_OK):
        raise StoreError(
            f"{place} cannot be written: you may not write in {above}.",
            "A folder that you may write in is expected.",
            "Choose another with -o, for example: -o ~/sampan-run",
        )


def model_folder(path: str | Path) -> Path:
    """The model folder that a path means: itself, or the model in a run folder."""
    folder = Path(path)
    inside = folder / "model"
    return inside if not is_model(folder) and inside.is_dir() else folder


def ending(source: str) -> str:
    """The ending of the new file: the source's where rows can be written so, else .csv."""
    suffixes = PurePosixPath(source.split("?")[0]).suffixes if source != "-" else []
    last = next((suffix.lower() for suffix in reversed(suffixes) if suffix.lower() != ".gz"), "")
    return last if last in ENDINGS else ".csv"


def has_checkpoint(place: Path) -> bool:
    """Whether learning was under way here and can go on."""
    return (place / "checkpoint" / "training.safetensors").exists()


def remove_checkpoint(place: Path) -> None:
    """Take away what only learning needed."""
    shutil.rmtree(place / "checkpoint", ignore_errors=True)


def forget(place: Path) -> None:
    """Take away a run folder in which nothing came to be."""
    for name in ("log.txt", "recipe.toml", "schema.toml"):
        (place / name).unlink(missing_ok=True)
    for folder in (place, place.parent if place.parent.name == "sampan-runs" else place):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def with_way_on(error: SampanError, place: Path) -> SampanError:
    """The error, which also says how to go on where the run folder holds something worth it."""
    if isinstance(error, Stopped) or not (place / "recipe.toml").exists():
        return error
    told = type(error).__new__(type(error))  # an error of the same kind, whatever its constructor asks for
    fix = f"{error.fix} Then go on: sampan make --resume {shlex.quote(str(place))}"
    SampanError.__init__(told, error.what, error.expected, fix)
    return told


def stopped(place: Path) -> Stopped:
    """What Ctrl-C says: what is kept, and how to go on."""
    kept = is_model(place / "model")
    quoted = shlex.quote(str(place))
    wanted = "-n 64 -o new/" if (place / CONTACT_SHEET).exists() else "-n 1000 -o new.csv"
    return Stopped(
        f"Stopped. What was {'learned so far' if kept else 'done so far'} is kept in {place}{os.sep}",
        f"To make rows with it as it is: sampan sample {quoted} {wanted}"
        if kept
        else "Nothing had been learned yet that could make rows.",
        f"To go on: sampan make --resume {quoted}",
    )
