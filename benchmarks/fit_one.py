"""One fit of Sampan in its own interpreter: made rows as CSV, and a report of seconds and memory.

Run by quality.py, peers.py and speed.py with the interpreter that has sampan; it imports nothing of the
measures.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from pathlib import Path


def spent() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak_megabytes() -> float:
    """The most memory this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux counts in KiB


def write(made: object, path: Path) -> None:
    """Made rows of any kind of frame as CSV."""
    if hasattr(made, "to_csv"):
        made.to_csv(path, index=False)
    elif hasattr(made, "write_csv"):
        made.write_csv(path)
    else:
        from arro3.core import Table
        from arro3.io import write_csv

        # Records that wrap an Arrow table answer the C interface; so does every Arrow table.
        write_csv(Table.from_arrow(made), str(path))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", required=True)
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--options", default="{}", help="JSON object of more arguments to sampan.fit")
    parser.add_argument(
        "--processor-clock",
        action="store_true",
        help="the minutes are those of the processor, as the peers' are: for a machine that others share",
    )
    parser.add_argument("--rounds", type=int, default=1, help="the median without the first round is told")
    parser.add_argument("--out", type=Path, help="CSV of the made rows; not made when left out")
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="folder to save the model in")
    args = parser.parse_args()
    # Imports count as nobody's seconds, here as for the peers, and their memory is told apart.
    import torch
    from torch.optim.optimizer import register_optimizer_step_post_hook

    import sampan as sp

    if args.processor_clock:
        from sampan.learning import clock

        clock.now = time.process_time

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    report: dict[str, object] = {"minutes": args.minutes, "seed": args.seed, "rows": args.rows}
    report["threads"] = torch.get_num_threads()
    report["version"] = getattr(sp, "__version__", "?")
    report["import_megabytes"] = round(peak_megabytes())
    begun, begun_wall = spent(), time.perf_counter()
    steps: list[float] = []

    def first_step(*_: object) -> None:
        if not steps:
            steps.append(time.perf_counter() - begun_wall)
            report["first_step_megabytes"] = round(peak_megabytes())

    # The first step of any optimiser, seen without asking anything of the library that is measured.
    register_optimizer_step_post_hook(first_step)
    options = json.loads(args.options)
    if isinstance(options.get("family"), dict):  # a family with settings: {"kind": "gan", "gamma": 0.1}
        from sampan.families import FAMILIES

        told = options["family"]
        options["family"] = FAMILIES[told.pop("kind")](**told)
    model = sp.fit(args.train, minutes=args.minutes, seed=args.seed, **options)
    report["fit_cpu_seconds"] = round(spent() - begun, 2)
    report["fit_wall_seconds"] = round(time.perf_counter() - begun_wall, 2)
    report["first_step_seconds"] = round(steps[0], 2) if steps else None
    report["fit_megabytes"] = round(peak_megabytes())
    if args.out:
        made: object = None
        rounds: list[tuple[float, float]] = []
        for _ in range(args.rounds):
            made = None  # two rounds' rows are not to be held at once
            begun, begun_wall = spent(), time.perf_counter()
            made = model.sample(args.rows, seed=args.seed)
            rounds.append((spent() - begun, time.perf_counter() - begun_wall))
        seconds, wall = (statistics.median(told[k] for told in rounds[1:] or rounds) for k in (0, 1))
        report["sample_cpu_seconds"] = round(seconds, 3)
        report["sample_wall_seconds"] = round(wall, 3)
        report["rows_per_cpu_second"] = round(args.rows / max(seconds, 1e-9), 1)
        write(made, args.out)
    if args.model:
        model.save(args.model)
    report["peak_megabytes"] = round(peak_megabytes())
    args.report.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
