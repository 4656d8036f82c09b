"""One other generator, fitted in its own interpreter: snapshots of made rows at given seconds of processor
time.

Run by peers.py and speed.py with the interpreter of the peer's environment; it imports nothing of Sampan's
and nothing of the measures. Seconds are those of the process and its children, since a shared machine makes
wall clock meaningless; everything from the raw frame on counts, so the peer's own preparation is inside its
budget. The time spent on making snapshots is not.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

PEERS = ("ctgan", "tvae", "mostlyai")


def spent() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", choices=PEERS, required=True)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--categories", required=True, help="JSON list of the columns that are categories")
    parser.add_argument("--budgets", type=float, nargs="+", required=True, help="seconds, ascending")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=1, help="the median without the first round is told")
    parser.add_argument("--out", type=Path, required=True, help="folder for made-SECONDS.csv and report.json")
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import pandas as pd
    import torch

    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    frame = pd.read_csv(args.train, keep_default_na=False, na_values=[""])
    categories = json.loads(args.categories)
    snapshots: list[dict[str, float]] = []

    def keep(budget: float, used: float, epochs: float, make: Callable[[int], pd.DataFrame]) -> None:
        rounds: list[tuple[float, float]] = []
        for _ in range(args.rounds):
            begun, begun_wall = spent(), time.perf_counter()
            made = make(args.rows)
            rounds.append((spent() - begun, time.perf_counter() - begun_wall))
        seconds, wall = (statistics.median(told[k] for told in rounds[1:] or rounds) for k in (0, 1))
        made.to_csv(args.out / f"made-{budget:g}.csv", index=False)
        snapshots.append(
            {
                "budget": budget,
                "cpu_seconds": round(used, 2),
                "epochs": epochs,
                "sample_cpu_seconds": round(seconds, 3),
                "sample_wall_seconds": round(wall, 3),
                "rows_per_cpu_second": round(args.rows / seconds, 1),
            }
        )
        report = {"peer": args.peer, "rows": args.rows, "seed": args.seed, "snapshots": snapshots}
        report["peak_megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        (args.out / "report.json").write_text(json.dumps(report, indent=1))
        print(json.dumps(snapshots[-1]), flush=True)

    if args.peer == "mostlyai":
        for budget in args.budgets:  # the engine's schedule depends on its time limit: one run for each
            fit_mostlyai(frame, categories, budget, args.seed, keep)
    else:
        fit_ctgan(args.peer, frame, categories, args.budgets, args.seed, keep)


def fit_ctgan(peer: str, frame, categories: list[str], budgets: list[float], seed: int, keep) -> None:
    """CTGAN or TVAE with their defaults, but for the number of epochs, which the seconds decide.

    Neither has a callback, so the progress bar that their loop runs over is replaced by an iterator that
    looks at the clock between epochs. A snapshot is taken after the first epoch that ends past its budget,
    which gives the peer a little more than its due; the seconds that it really had are stored.
    """
    import numpy as np
    import torch
    from ctgan.synthesizers import ctgan, tvae

    np.random.seed(seed)
    torch.manual_seed(seed)
    module, kind = (ctgan, ctgan.CTGAN) if peer == "ctgan" else (tvae, tvae.TVAE)
    model = kind(epochs=10**9, enable_gpu=False)
    begun = spent()

    def epochs(_: Iterable[int], **__: object) -> Iterator[int]:
        left, making, done = list(budgets), 0.0, 0
        while left:
            yield done
            done += 1
            used = spent() - begun - making
            while left and used >= left[0]:
                before = spent()
                keep(left.pop(0), used, done, model.sample)
                making += spent() - before
            if peer == "tvae":
                model.decoder.train()

    module.tqdm = epochs
    model.fit(frame, categories)


def fit_mostlyai(frame, categories: list[str], budget: float, seed: int, keep) -> None:
    """TabularARGN of mostlyai-engine with its defaults, but without the protection of rare values.

    That protection replaces rare categories and extremes on purpose, which every measure here would count
    against it. The engine reads its time limit off the wall clock; it is given the processor's clock
    instead.
    """
    import tempfile

    from mostlyai import engine
    from mostlyai.engine._tabular import training
    from mostlyai.engine.domain import ModelType

    training.time = SimpleNamespace(time=spent)
    engine.set_random_state(seed)
    begun = spent()
    with tempfile.TemporaryDirectory() as folder:
        encodings = {
            column: "TABULAR_CATEGORICAL" if column in categories else "TABULAR_NUMERIC_AUTO"
            for column in frame
        }
        engine.split(
            tgt_data=frame, tgt_encoding_types=encodings, model_type=ModelType.tabular, workspace_dir=folder
        )
        engine.analyze(value_protection=False, workspace_dir=folder)
        engine.encode(workspace_dir=folder)
        prepared = spent() - begun
        engine.train(
            max_training_time=max(1.0, budget - prepared) / 60,
            max_epochs=10_000,
            device="cpu",
            workspace_dir=folder,
        )
        used = spent() - begun
        progress = Path(folder) / "ModelStore" / "model-data" / "progress-messages.csv"
        epochs = 0.0
        if progress.exists():
            header, *lines = progress.read_text().strip().splitlines()
            epochs = float(lines[-1].split(",")[header.split(",").index("epoch")])

        def make(rows: int):
            engine.generate(sample_size=rows, device="cpu", workspace_dir=folder)
            from mostlyai.engine._common import load_generated_data

            return load_generated_data(Path(folder))

        keep(budget, used, epochs, make)


if __name__ == "__main__":
    main()
