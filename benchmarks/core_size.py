"""How much disk the core takes beside PyTorch: a new environment, torch first, then the wheel of this tree.

    python benchmarks/core_size.py [--torch 2.13.0]

Prints megabytes (10^6 bytes on disk, compiled bytecode included) per package; exits 1 above the limit.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

LIMIT = 200.0
"""Megabytes beside torch and what torch itself needs."""

ROOT = Path(__file__).resolve().parent.parent

SIZES = """
import importlib.metadata as metadata, json
sizes = {}
for package in metadata.distributions():
    files = [package.locate_file(file) for file in package.files or ()]
    sizes[f"{package.name} {package.version}"] = sum(f.stat().st_size for f in files if f.is_file())
print(json.dumps(sizes))
"""


def folder_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> int:
    """Measure, print, and say whether the limit holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", default="2.13.0", help="the version of torch to measure beside")
    torch = f"torch=={parser.parse_args().torch}"
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        venv.create(place / "venv", with_pip=True)
        python = str(place / "venv" / "bin" / "python")
        site = next((place / "venv" / "lib").glob("python3*")) / "site-packages"

        def pip(*arguments: str) -> None:
            subprocess.run([python, "-m", "pip", *arguments], check=True, stdout=subprocess.DEVNULL)

        def packages() -> dict[str, int]:
            return json.loads(subprocess.check_output([python, "-c", SIZES]))

        pip("wheel", "-qq", "--no-deps", "--wheel-dir", str(place), str(ROOT))
        wheel = next(place.glob("sampan-*.whl"))
        pip("install", "-qq", torch)
        before, bytes_before = packages(), folder_bytes(site)
        # torch is named again so that the resolver cannot exchange it
        pip("install", "-qq", torch, str(wheel))
        after, bytes_after = packages(), folder_bytes(site)

    print(f"{torch} and what it needs: {bytes_before / 1e6:8.1f} MB")
    for package in sorted(after.keys() - before.keys(), key=lambda package: -after[package]):
        print(f"  {package:28} {after[package] / 1e6:8.1f} MB")
    beside = (bytes_after - bytes_before) / 1e6
    verdict = "within" if beside <= LIMIT else "ABOVE"
    print(f"Sampan's core beside it: {beside:.1f} MB, {verdict} the limit of {LIMIT:.0f} MB")
    return 0 if beside <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
