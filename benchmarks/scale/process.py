"""Memory, disk and start-up as the index grows.

    python benchmarks/scale/process.py [--sizes N ...] [--times N]

Memory: a new process answers fifty questions, a third of them with filters, and then looks at itself. Of
what is resident, the part that backs files (the library is mapped) can be taken back by the system at any
time. Start-up: `footnote ask` as a whole process at each size, and `import chromadb`, by turns; files are in
memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from asking import VARIANTS, desks, filters, questions, settings, there
from common import ROOT, begin, median, say, verdict, write
from data import SIZES
from synthetic import SIZES as SYNTHETIC

BASE = "import chromadb"
QUESTION = "Which continent will soon require a single common charging standard for all mobile devices?"
MEGABYTES, SLOWER = 1000, 2.5
ASKED = 50
FOOTNOTE = [sys.executable, "-m", "bot"]
"""The command, of this work tree whatever is installed."""


def resident() -> dict[str, float]:
    """Megabytes of this process: resident now and at its peak, and what of it is its own or backs files."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    values = dict(line.split(":", 1) for line in lines)
    names = {"rss": "VmRSS", "own": "RssAnon", "files": "RssFile", "peak": "VmHWM"}
    return {name: round(int(values[key].split()[0]) * 1024 / 1e6, 1) for name, key in names.items()}


async def answer(size: int, *, warm: bool) -> dict[str, Any]:
    """Answer questions in this process, then look."""
    from dataclasses import replace

    async with desks([size], warm=warm) as opened:
        for number, question in enumerate(questions(ASKED)):
            variant = VARIANTS[number // 3 % len(VARIANTS)] if number % 3 == 0 else "none"
            await opened[size].ask(replace(question, filters=filters(number)[variant]))
        return resident()


def disk(size: int) -> dict[str, float]:
    """Megabytes of an index."""
    data = settings(size).data_folder
    parts = {
        "library": [data / "library.db"],
        "vectors": [path for path in data.glob("vectors-*/**/*") if path.is_file()],
        "columns": [path for path in data.glob("matrix-*/*") if path.is_file()],
    }
    return {name: round(sum(p.stat().st_size for p in paths) / 1e6, 1) for name, paths in parts.items()}


def run(command: list[str], values: dict[str, str]) -> tuple[float, str]:
    """Seconds of a process, and what it said. A question that nothing answers ends with 1."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("FOOTNOTE_")}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=clean | values, capture_output=True, text=True, check=False)
    if done.returncode and not (done.returncode == 1 and "ask" in command and "Traceback" not in done.stderr):
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return time.perf_counter() - began, done.stdout


def starts(sizes: list[int], times: int) -> dict[str, list[float]]:
    """Seconds of each start, by turns; the first round is thrown away."""
    seconds: dict[str, list[float]] = {name: [] for name in (BASE, *map(str, sizes))}
    for number in range(times + 1):
        for name, each in seconds.items():
            values = {}
            command = [sys.executable, "-c", BASE]
            if name != BASE:
                chosen = settings(int(name))
                command = [*FOOTNOTE, "ask", QUESTION]
                values = {"FOOTNOTE_CORPUS": str(chosen.corpus), "FOOTNOTE_DATA": str(chosen.data_folder)}
            took, _ = run(command, values)
            if number:
                each.append(took)
    return seconds


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Memory, disk and start-up as the index grows.")
    parser.add_argument("--sizes", type=int, nargs="*", default=[*SIZES, *SYNTHETIC])
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--answer", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--warm", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.answer:
        print(json.dumps(asyncio.run(answer(args.answer, warm=args.warm))))
        return
    where = begin("scale: memory, disk, start-up")
    sizes = there(args.sizes)
    rows: dict[str, dict[str, Any]] = {}
    for size in sizes:
        rows[str(size)] = {"disk_mb": disk(size), "memory_mb": {}}
        for name, extra in (("bot", ["--warm"]), ("command", [])):
            _, said = run([sys.executable, __file__, "--answer", str(size), *extra], {})
            rows[str(size)]["memory_mb"][name] = json.loads(said.splitlines()[-1])
        say(f"{size:>9,} {rows[str(size)]}")
    seconds = starts(sizes, args.times)
    base = median(seconds[BASE])
    for size in sizes:
        took = median(seconds[str(size)])
        rows[str(size)]["start_seconds"] = round(took, 3)
        rows[str(size)]["start_ratio"] = round(took / base, 3)
        say(f"{size:>9,} footnote ask {took:.2f} s, {took / base:.2f} times `{BASE}`")
    if 100_000 in sizes:
        row = rows["100000"]
        verdict("resident memory at 100,000 passages, MB", row["memory_mb"]["bot"]["rss"], MEGABYTES)
        verdict("`footnote ask` at 100,000 passages to `import chromadb`", row["start_ratio"], SLOWER)
    each = {name: [round(one, 3) for one in every] for name, every in seconds.items()}
    result = {"sizes": rows, "import_chromadb_seconds": round(base, 3), "each_seconds": each, "asked": ASKED}
    write(__file__, where, result)


if __name__ == "__main__":
    main()
