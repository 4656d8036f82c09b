"""The model folder that a path means: itself, or the model of a run folder."""

from __future__ import annotations

import shlex
from pathlib import Path

from sampan.errors import RequestError, StoreError
from sampan.shelf import MANIFEST


def model_in(path: str | Path) -> Path:
    """The model folder that a path means: itself, or the model of the run folder that it is.

    Raises StoreError that names what is there where that is no model, RequestError for what is no path.
    """
    folder = path_of(path)
    try:
        return _found(folder)
    except OSError as error:
        raise StoreError(
            f"{str(folder)[:200]} cannot be looked into: {error.strerror or error}.",
            "A model folder that you may read is expected.",
            "Check its name and its permissions.",
        ) from error


def path_of(path: str | Path) -> Path:
    """A path that a person gave, as one. Raises RequestError for what is none."""
    if isinstance(path, str | Path):
        return Path(path)
    raise RequestError(
        f"a {type(path).__name__} is given for a model folder.",
        "A path is expected, as text or pathlib.Path.",
        'For example: sp.load("model"), or model.save("model")',
    )


def _found(folder: Path) -> Path:
    """The folder that has a manifest. Raises OSError for what may not be looked into."""
    for place in (folder, folder / "model"):
        if (place / MANIFEST).exists():
            return place
    expected = "A model folder (`sampan fit` writes it) or a run folder (`sampan make`) is expected."
    if not folder.is_dir():
        what = "it is a file" if folder.exists() else "there is no such folder"
        raise StoreError(
            f"{folder} is no model folder: {what}.", expected, f"Type: ls {shlex.quote(str(folder.parent))}"
        )
    runs = sorted(one.parent.parent for one in folder.glob(f"*/model/{MANIFEST}"))
    if runs:
        raise StoreError(
            f"{folder} is no model folder: it holds {len(runs):,} of them, the last {runs[-1].name}.",
            expected,
            f"Name one of them, for example: {shlex.quote(str(runs[-1]))}",
        )
    if (folder / "recipe.toml").exists():
        raise StoreError(
            f"{folder} is no model folder: it is a run that has learned no model yet.",
            expected,
            f"To go on with it: sampan make --resume {shlex.quote(str(folder))}",
        )
    names = sorted(one.name for one in folder.iterdir())
    held = f"it holds {', '.join(names[:3])}{f' and {len(names) - 3:,} more' if names[3:] else ''}"
    raise StoreError(
        f"{folder} is no model folder: {held if names else 'it is empty'}.",
        expected,
        "Give the folder that `sampan fit ... -o FOLDER` or `sampan make` wrote.",
    )
