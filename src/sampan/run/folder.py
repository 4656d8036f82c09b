"""The run folder: what it is called, and how to go on with what is in it.

sampan-runs/customers-20260131-101500/
  new.csv        the made rows, in the format of the source; new/ where there are pictures
  model/         what was learned
  recipe.toml    what the run depends on; repeats it
  schema.toml    what each column was taken for; to correct and use again
  report.html    how faithful, useful, private and fair the made rows are
  report.json    the same as numbers
  log.txt        what was said
  contact-sheet.png   made files at a glance, better and better while learning
  checkpoint/    while learning only
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from sampan import scratch
from sampan.data.disk import told, write_text, written
from sampan.errors import SampanError, Stopped, StoreError
from sampan.media import sheet_in
from sampan.store import is_model

ENDINGS = frozenset(".csv .tsv .tab .parquet .pq .arrow .feather .ipc .jsonl .ndjson .json".split())
"""Of files that made rows can be written to in a run folder."""


def new_folder(name: str, folder: str | Path | None, texts: Mapping[str, str]) -> Path:
    """A new run folder with these files in it: the one asked for, or sampan-runs/NAME-TIME.

    It is made in scratch and takes its name when all of it is there, so that a kill leaves no folder or one
    that can be gone on with. Only its user may open it.
    """
    fresh = scratch.new_file()
    with told(str(fresh.parent), "Free some space, or choose a folder on another disk with -o."):
        fresh.mkdir(mode=0o700)
        for file, text in texts.items():
            write_text(fresh / file, text)
    if folder is not None:
        place = Path(folder)
        if is_taken(place):
            raise _taken(place)
        with written(place):
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                os.rename(fresh, place)
                return place
            for file in ("recipe.toml", *texts):  # the recipe first: with it the run can be gone on with
                if (fresh / file).exists():
                    os.replace(fresh / file, place / file)
            return place
    clean = re.sub(r"[^\w.-]+", "_", name).strip("._") or "data"
    stem = f"{clean[:60]}-{dt.datetime.now():%Y%m%d-%H%M%S}"
    for place in (
        Path("sampan-runs") / f"{stem}{'' if again < 2 else f'-{again}'}" for again in range(1, 1000)
    ):
        with written(place):
            try:
                if not place.exists():
                    os.rename(fresh, place)
                    return place
            except OSError:
                if not place.exists():  # else another run took the name between the two calls
                    raise
    raise StoreError(f"{stem} has no free name.", "Fewer runs in one second.", "Choose a folder with -o.")


def is_taken(place: Path) -> bool:
    """Whether a folder for a run is a file, or holds anything but scratch."""
    if place.is_dir():
        return any(not scratch.FOLDER.fullmatch(one.name) for one in place.iterdir())
    return place.exists()


def _taken(place: Path) -> StoreError:
    return StoreError(
        f"{place} is {'not empty' if place.is_dir() else 'a file'}.",
        "A new or empty folder for the run is expected.",
        f"Choose another name with -o, or go on with the run in it: sampan make --resume {place}",
    )


def scratch_of(folder: str | Path | None) -> Path:
    """Where a run's scratch lies: on the same disk as its folder, which may not be there yet."""
    place = Path("sampan-runs") if folder is None else Path(folder)
    if folder is None or place.is_dir():
        return place
    return next(parent for parent in place.absolute().parents if parent.is_dir())


def tidy(place: Path) -> None:
    """Take away what a killed run left half-written in its folder; nobody else may work in it now."""
    for one in (*place.glob(".*"), *place.glob("checkpoint/**/*.new")):
        if scratch.OURS.fullmatch(one.name) or one.suffix == ".new":
            shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink(missing_ok=True)


def writable(place: Path, *, new: bool = False) -> None:
    """Raises StoreError, before any work, where a folder cannot be made. new: or one is in its place."""
    if new and is_taken(place):
        raise _taken(place)
    above = next(parent for parent in (place.absolute(), *place.absolute().parents) if parent.exists())
    if above.is_dir() and not os.access(above, os.W_OK | os.X_OK):
        raise StoreError(
            f"{place} cannot be written: you may not write in {above}.",
            "A folder that you may write in is expected.",
            "Choose another with -o, for example: -o ~/sampan-run",
        )


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
    return error.told(fix=f"{error.fix} Then go on: sampan make --resume {shlex.quote(str(place))}")


def stopped(place: Path) -> Stopped:
    """What Ctrl-C says: what is kept, and how to go on."""
    kept = is_model(place / "model")
    quoted = shlex.quote(str(place))
    wanted = "-n 64 -o new/" if sheet_in(place) else "-n 1000 -o new.csv"
    return Stopped(
        f"Stopped. What was {'learned so far' if kept else 'done so far'} is kept in {place}{os.sep}",
        f"To make rows with it as it is: sampan sample {quoted} {wanted}"
        if kept
        else "Nothing had been learned yet that could make rows.",
        f"To go on: sampan make --resume {quoted}",
    )
