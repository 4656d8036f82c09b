"""The model that a command names."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sampan.screen import Screen

if TYPE_CHECKING:
    from sampan.generator import Generator


def load_model(args: argparse.Namespace, screen: Screen) -> Generator:
    with screen.stage("loading the model"):
        from sampan.generator import load

        return load(args.model, digest=args.digest)
