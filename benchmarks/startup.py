"""What `footnote` costs as a whole process, held against importing Chroma alone.

`python benchmarks/startup.py` builds the index of the sample articles in a temporary folder, then runs
each command by turns, each in a new process: wall time, processor time and peak memory as the
system counts them. The first round is thrown away, so files are in memory and compiled.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from common import begin, median, say, verdict, write

QUESTION = "How many troops are in each of the new battlegroups?"
MOST = 2.0
MEGABYTES = 400
BASE = "import chromadb"


def run(command: list[str], folder: Path, expected: int = 0) -> dict[str, float]:
    """One process to its end: seconds, seconds of processor, megabytes at its peak."""
    values = {k: v for k, v in os.environ.items() if not k.startswith("FOOTNOTE_")}
    began = time.perf_counter()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=values,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said, error = process.stdout.read(), process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != expected:
        sys.exit(f"{command[0]} ended with {process.returncode}:\n{said.decode()}{error.decode()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss * unit / 1e6,
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Whole-process cost of the commands.")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--question", default=QUESTION)
    args = parser.parse_args()
    where = begin("startup")
    footnote = str(Path(sys.executable).parent / "footnote")
    with tempfile.TemporaryDirectory(prefix="footnote-startup-") as temporary:
        folder = Path(temporary)
        say("building the index of the sample articles")
        run([footnote, "refresh"], folder)
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            BASE: [sys.executable, "-c", "import chromadb"],
            "footnote ask": [footnote, "ask", args.question],
            "footnote search": [footnote, "search", args.question],
            "footnote articles": [footnote, "articles"],
            "footnote refresh (nothing changed)": [footnote, "refresh"],
            "footnote --help": [footnote, "--help"],
        }
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in commands}
        for number in range(args.times + 1):
            for name, command in commands.items():
                done = run(command, folder)
                if number:
                    runs[name].append(done)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    table: dict[str, dict[str, Any]] = {}
    for name, each in runs.items():
        table[name] = {
            "seconds": round(median([one["seconds"] for one in each]), 3),
            "cpu_seconds": round(median([one["cpu_seconds"] for one in each]), 3),
            "megabytes": round(max(one["megabytes"] for one in each), 1),
            "each_seconds": [round(one["seconds"], 3) for one in each],
        }
        row = table[name]
        say(f"{name:36}{row['seconds']:8.3f} s{row['cpu_seconds']:8.3f} s cpu{row['megabytes']:8.1f} MB")
    ratio = round(table["footnote ask"]["seconds"] / table[BASE]["seconds"], 3)
    say(f"(this script itself: {own:.0f} MB; no child can be seen to use less)")
    verdict(f'"footnote ask" to "{BASE}"', ratio, MOST)
    verdict("peak memory of footnote ask in MB", table["footnote ask"]["megabytes"], MEGABYTES)
    write(
        __file__,
        where,
        {"question": args.question, "ratio": ratio, "script_megabytes": round(own, 1), "commands": table},
    )


if __name__ == "__main__":
    main()
