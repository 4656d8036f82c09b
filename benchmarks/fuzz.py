"""Does anything that a person may be handed make Sampan fall, hang or fill the memory?

    fuzz.py                                # all of it: some minutes of two cores
    fuzz.py --what models --count 100      # a part of it

1,000 mutated model folders, 300 files of tables, 3,000 conditions, 60 folders of pictures, 110 killed runs
with a damaged recipe or checkpoint. Each is handed to the command line in a process of its own, of 2 GB and
20 seconds. Counted are exits that nobody foresaw (a code that does not fit, a traceback, a signal, more lines
than an error has), and what ran over either limit.
Seconds are those of the processor, so that other work on the machine makes nothing slow; what waits and does
nothing for 30 seconds on the clock is slow as well. All of it is made from a seed.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SECONDS, MEMORY = 20.0, 2 << 30
STILL = 30.0
"""Seconds on the clock in which a case that does next to nothing is taken to wait for ever."""

COUNTS = {"models": 1_000, "tables": 300, "where": 3_000, "pictures": 60, "runs": 110}


@dataclass(frozen=True)
class Case:
    """One thing that is handed over: what to call it, the command line, and the exit codes that fit."""

    name: str
    argv: list[str]
    codes: frozenset[int]
    clean: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Outcome:
    """What came of a case. kind: "" where all is well, else "unforeseen", "slow" or "large".

    seconds: of the processor; clock: of the clock.
    """

    case: Case
    kind: str
    code: int
    seconds: float
    clock: float
    megabytes: float
    told: str


def outcome_of(case: Case, act: Callable[[list[str]], int], seconds: float = SECONDS) -> Outcome:
    """Run one case in a child of this process, which has imported all that it needs already."""
    with tempfile.TemporaryFile() as said:
        begun = time.monotonic()
        child = os.fork()
        if child == 0:
            _run(case, act, said.fileno())
        status, usage, over = _wait(child, seconds)
        clock = time.monotonic() - begun
        said.seek(0)
        told = said.read(100_000).decode("utf-8", "replace")
    code = os.waitstatus_to_exitcode(status)
    megabytes = usage.ru_maxrss / 1024
    took = usage.ru_utime + usage.ru_stime
    kind = ""
    if over or took >= seconds:
        kind = "slow"
    elif megabytes * 1e6 > MEMORY or "memory of this machine is used up" in told:
        kind = "large"
    elif code not in case.codes or "Traceback" in told:
        kind = "unforeseen"
    elif code and not 2 <= len(told.strip().splitlines()) <= 5:
        kind = "unforeseen"
    return Outcome(case, kind, code, took, clock, megabytes, told)


def _run(case: Case, act: Callable[[list[str]], int], said: int) -> None:
    code = 99
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(said, 2)
        held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        code = act(case.argv)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _wait(child: int, seconds: float) -> tuple[int, resource.struct_rusage, bool]:
    """(how it ended, what it used, whether it was ended because it ran over its time)."""
    pause, moved, used = 0.002, time.monotonic(), 0.0
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid:
            return status, usage, False
        now = _processor(child)
        if now > used + 0.2:
            moved, used = time.monotonic(), now
        if now > seconds or time.monotonic() - moved > STILL:
            os.kill(child, signal.SIGKILL)
            _, status, usage = os.wait4(child, 0)
            return status, usage, True
        time.sleep(pause)
        pause = min(pause * 1.1, 0.05)


def _processor(child: int) -> float:
    """Seconds of the processor that a child has used so far."""
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cases_of(what: str, count: int, seed: int, place: Path) -> Iterator[Case]:
    """The cases of one part, made in a folder as they are needed."""
    if what == "models":
        from fuzz_models import cases
    elif what == "tables":
        from fuzz_tables import cases
    elif what == "where":
        from fuzz_where import cases
    elif what == "runs":
        from fuzz_runs import cases
    else:
        from fuzz_pictures import cases
    place.mkdir(parents=True, exist_ok=True)
    yield from cases(count, seed, place)


def command_line() -> Callable[[list[str]], int]:
    """`sampan` as a function, with all that it may need imported already."""
    import sampan.data
    import sampan.evaluate.judge
    import sampan.generator
    import sampan.learning.fit
    import sampan.run
    import sampan.where  # noqa: F401
    from sampan.cli import main

    return main


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--what", nargs="+", choices=COUNTS, default=list(COUNTS))
    parser.add_argument("--count", type=int, help="cases of each part, instead of the usual number")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="seconds of the processor for a case")
    parser.add_argument("--verbose", action="store_true", help="say what every case came to")
    args = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    act, faults = command_line(), 0
    for what in args.what:
        place = Path(tempfile.mkdtemp(prefix="fuzz-"))
        seen: Counter[str] = Counter()
        slowest = waited = largest = 0.0
        try:
            for case in cases_of(what, args.count or COUNTS[what], args.seed, place):
                found = outcome_of(case, act, args.seconds)
                case.clean()
                seen[found.kind or f"exit {found.code}"] += 1
                slowest, waited = max(slowest, found.seconds), max(waited, found.clock)
                largest = max(largest, found.megabytes)
                if found.kind or args.verbose:
                    print(
                        f"{found.kind or 'well':10} {found.code:4} {found.seconds:6.2f} s of the processor, "
                        f"{found.clock:6.2f} s, {found.megabytes:5,.0f} MB {case.name}",
                        flush=True,
                    )
                if found.kind:
                    print("   ", found.told.strip()[-1_500:].replace("\n", "\n    "), flush=True)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        bad = {kind: seen.pop(kind, 0) for kind in ("unforeseen", "slow", "large")}
        faults += sum(bad.values())
        rest = ", ".join(f"{count:,} x {kind}" for kind, count in sorted(seen.items()))
        print(
            f"{what}: {bad['unforeseen']} unforeseen exits, {bad['slow']} over {args.seconds:.0f} s, "
            f"{bad['large']} over 2 GB; {rest}; the slowest {slowest:.1f} s of the processor "
            f"({waited:.1f} s on the clock), the largest {largest:,.0f} MB",
            flush=True,
        )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
