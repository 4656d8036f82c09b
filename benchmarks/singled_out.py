"""Do numbers of single people come back? The judge's singling out, with and without `number:exact`.

    singled_out.py --data D                     # run with an interpreter that has sampan[judge,pandas]

8,000 rows of Magic are learned, as many made; 7,216 others say what a stranger risks. Printed for each kind
of description: the risk in per cent, 0 for a stranger.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import torch
from tables import load

import sampan as sp
from sampan.evaluate.score import Score

HERE = Path(__file__).resolve().parent


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with the real tables")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--out", type=Path, default=HERE / "results" / "singled-out.json")
    args = parser.parse_args()
    torch.set_num_threads(1)
    table = load("magic", args.data)
    seen, unseen = table.train[:8_000].reset_index(drop=True), table.train[8_000:].reset_index(drop=True)
    kept = {}
    for name, word in (("as it is", "number"), ("number:exact", "number:exact")):
        model = sp.fit(seen, steps=args.steps, types=dict.fromkeys(table.roles.numbers, word))
        report = sp.judge(model.sample(len(seen)), seen=seen, unseen=unseen, questions=["found"])
        score: Score = next(score for score in report.scores if score.name == "singling_out")
        kept[name] = {part.name: round(part.value, 2) for part in score.parts} | {"passed": score.passed}
        print(name, json.dumps(kept[name]), flush=True)
    args.out.write_text(json.dumps(kept, indent=1))


if __name__ == "__main__":
    main()
