"""The classifier that measures made digits: trained on MNIST's 60,000, tested on its 10,000.

    pictures_classifier.py --data D --out classifier.safetensors [--seconds 240]

D holds mnist/mnist.npz (x_train, y_train, x_test, y_test). The network is that of the judge, on one thread.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from sampan.evaluate.eyes.picture.features import FeatureNet, classified, learn_features

CLASSES = 10


def mnist(folder: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Training pictures and labels, test pictures and labels: uint8 (rows, 1, 28, 28) and int64 (rows,)."""
    path = Path(folder) / "mnist" / "mnist.npz"
    if not path.exists():
        raise SystemExit(f"skipped: there is no {path}")
    with np.load(path) as held:
        x, y, x_test, y_test = (held[name] for name in ("x_train", "y_train", "x_test", "y_test"))
    return x[:, None], y.astype(np.int64), x_test[:, None], y_test.astype(np.int64)


def load_classifier(path: Path) -> FeatureNet:
    """A classifier that was saved by this script."""
    net = FeatureNet(1, 28, 28, CLASSES)
    net.load_state_dict(load_file(path))
    return net.eval()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="file for the weights")
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    x, y, x_test, y_test = mnist(args.data)
    begun, cpu = time.monotonic(), time.process_time()

    def told(done: int, planned: int) -> None:
        if done % 200 == 0:
            print(f"step {done} of {planned}, {time.monotonic() - begun:.0f} s", flush=True)

    net = learn_features(x, y, seconds=args.seconds, seed=args.seed, on_step=told)
    spent, busy = time.monotonic() - begun, time.process_time() - cpu
    save_file({name: tensor.contiguous() for name, tensor in net.state_dict().items()}, args.out)
    right = float((classified(net, x_test).argmax(axis=1) == y_test).mean())
    weights = sum(weight.numel() for weight in net.parameters())
    print(f"test accuracy {100 * right:.2f} %, {weights:,} weights, {spent:.0f} s, {busy:.0f} s of processor")


if __name__ == "__main__":
    main()
