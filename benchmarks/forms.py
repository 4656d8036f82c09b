"""Symbols or real leaves for numbers: the same family, the same table, both forms at the waist.

Symbols are what Sampan's number columns give: stretches of values with as many rows each, on a scale. The
real form gives a family the normal score of the same value instead (its rank through the inverse normal
distribution, which TabSyn and TabDiff feed their networks too), and cuts what it makes back into stretches,
so that nothing but the form differs. Run with an interpreter that has sampan and the measures:

    forms.py --data D [--set magic] [--minutes 1.5] [--families diffusion vae gan]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from measures import all_measures
from tables import NAMES, load
from torch import Tensor

from sampan.data import read
from sampan.families import FAMILIES
from sampan.field import Rows
from sampan.learning import clock
from sampan.learning.budget import Budget
from sampan.learning.learn import held_out
from sampan.learning.loop import train
from sampan.learning.schema import read_schema
from sampan.randomness import Purpose, generator_of
from sampan.space import Batch, Choice, Real, Space

HERE = Path(__file__).parent
SHOWN = ("shape_error", "trend_error_shared", "c2st_xgb", "beta_recall", "auc", "rmse")
WIDEST = 3.5
"""Normal scores beyond this many standard deviations are as rare as one row in 4,000."""


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument("--set", choices=NAMES, default="magic")
    parser.add_argument("--families", nargs="+", default=["diffusion", "vae", "gan"])
    parser.add_argument("--forms", nargs="+", choices=("symbols", "real"), default=["symbols", "real"])
    parser.add_argument("--minutes", type=float, default=1.5, help="of processor time for each fit")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "forms.json")
    args = parser.parse_args()
    torch.set_num_threads(1)
    clock.now = time.process_time
    table = load(args.set, args.data)
    read_in = read(table.train)
    layout = read_schema(read_in, types={}).fit(read_in.columns)
    leaves = {name: tensor.long() for name, tensor in layout.encode(read_in.columns).items()}
    dense = [
        name
        for name, space in layout.spaces.items()
        if isinstance(space, Choice) and space.ordered and space.size >= 32 and not space.off
    ]
    print(f"{args.set}: {len(dense)} of {len(leaves)} leaves can be either: {', '.join(dense)}")
    found = json.loads(args.out.read_text()) if args.out.exists() else {}
    for kind in args.families:
        for form in args.forms:
            chosen = dense if form == "real" else []
            made = fitted(kind, chosen, layout.spaces, leaves, args)
            arrays: dict[str, np.ndarray] = {name: tensor.numpy() for name, tensor in made.items()}
            rng = np.random.default_rng(args.seed)
            arrays |= {leaf: rng.random(len(table.train)) for leaf in layout.noise()}
            columns = layout.decode(arrays, Rows(0, len(table.train), args.seed))
            frame = pd.DataFrame({name: column.to_pylist() for name, column in columns.items()})
            told = all_measures(table.train, frame, table.test, table.roles, quick=True)
            found.setdefault(args.set, {}).setdefault(kind, {})[form] = told
            args.out.write_text(json.dumps(found, indent=1))
            print(kind, form, {name: round(told[name], 3) for name in SHOWN if name in told}, flush=True)


def fitted(
    kind: str,
    chosen: list[str],
    spaces: Mapping[str, Space],
    leaves: Mapping[str, Tensor],
    args: argparse.Namespace,
) -> dict[str, Tensor]:
    """As many made rows as learned ones, all leaves as symbols again."""
    rows = len(next(iter(leaves.values())))
    other = {name: Real() if name in chosen else space for name, space in spaces.items()}
    rng = torch.Generator().manual_seed(args.seed)
    values = {
        name: score(tensor, spaces[name], rng) if name in chosen else tensor
        for name, tensor in leaves.items()
    }
    told, apart = held_out(rows, args.seed)
    torch.manual_seed(args.seed)
    model = FAMILIES[kind]().build(other)
    history = train(
        model,
        {name: tensor[told] for name, tensor in values.items()},
        {name: tensor[apart] for name, tensor in values.items()},
        budget=Budget(seconds=60 * args.minutes),
        seed=args.seed,
    )
    print(f"  {kind}: {history.steps} steps, {history.cpu_seconds:.0f} s", flush=True)
    nothing = {name: torch.zeros_like(tensor) for name, tensor in values.items()}
    unknown = {name: torch.zeros(rows, dtype=torch.bool) for name in values}
    made = model.sample(Batch(nothing, unknown), generator_of(args.seed, Purpose.SAMPLE, 0))
    return {name: cut(made[name], spaces[name]) if name in chosen else made[name] for name in values}


def score(symbols: Tensor, space: Space, rng: torch.Generator) -> Tensor:
    """Symbols as normal scores of a rank somewhere in their stretch: float32 (rows, 1)."""
    assert isinstance(space, Choice)
    rank = (symbols + torch.rand(len(symbols), generator=rng)) / space.size
    return torch.special.ndtri(rank.double()).clamp(-WIDEST, WIDEST).float()[:, None]


def cut(scores: Tensor, space: Space) -> Tensor:
    """Normal scores as the symbols of the stretches they lie in: int64 (rows,)."""
    assert isinstance(space, Choice)
    return (torch.special.ndtr(scores[:, 0]) * space.size).long().clamp(0, space.size - 1)


if __name__ == "__main__":
    main()
