"""What it costs to add rows to a large vector index in small lumps.

    python benchmarks/scale/lumps.py [--size N]

After each call with more rows than `sync_threshold`, Chroma writes the graph's changed rows and the whole map
of ids to the disk. Rows are added to copies of one index in calls of 1,000 and of 5,000, and with a threshold
that is never reached meanwhile, by turns.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from asking import settings
from common import begin, say, write
from data import SCALE

ROWS = 10_000
WAYS = {"calls of 1,000": (1_000, None), "calls of 5,000": (5_000, None), "never synced": (5_000, 1_000_000)}


def rows(size: int) -> list[Any]:
    """New rows near those that are there."""
    from index.library import Library

    library = Library(settings(size).data_folder / "library.db")
    with library.snapshot() as known:
        every = next(known.vectors(ROWS))
    library.close()
    chance = np.random.default_rng(11)
    made = []
    for number, (_, vector, source, day) in enumerate(every):
        noisy = vector + chance.normal(0, 0.02, vector.size).astype(np.float32)
        made.append((f"lump-{number}", noisy / np.linalg.norm(noisy), source, day))
    return made


def written() -> int:
    """Bytes that this process gave to the disk so far."""
    lines = Path("/proc/self/io").read_text("ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def measure(size: int, lump: int, threshold: int | None, new: list[Any]) -> dict[str, float]:
    """Add the rows to a copy."""
    from index.library import Library
    from index.store import FOLDER
    from index.vectors import BATCH, VectorIndex

    library = Library(settings(size).data_folder / "library.db")
    with library.snapshot() as known:
        name = known.meta(FOLDER) or ""
    library.close()
    target = SCALE / "lumps"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(settings(size).data_folder / name, target)
    index = VectorIndex(target, BATCH)
    if threshold:
        index._rows.modify(configuration={"hnsw": {"sync_threshold": threshold}})
        index.close()
        index = VectorIndex(target, BATCH)
    index.nearest(new[0][1], 1)  # the graph is loaded
    began, busy, bytes_before = time.perf_counter(), time.process_time(), written()
    for start in range(0, len(new), lump):
        index.put(new[start : start + lump])
    seconds, cpu = time.perf_counter() - began, time.process_time() - busy
    row = {
        "rows_a_second": round(len(new) / seconds, 1),
        "cpu_ms_a_row": round(1000 * cpu / len(new), 3),
        "written_mb": round((written() - bytes_before) / 1e6, 1),
    }
    index.close()
    shutil.rmtree(target, ignore_errors=True)
    return row


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Adding to a large vector index in lumps.")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    args = parser.parse_args()
    where = begin("scale: lumps")
    new = rows(args.size)
    found: dict[str, list[dict[str, float]]] = {name: [] for name in WAYS}
    for _ in range(args.rounds):
        for name, (lump, threshold) in WAYS.items():
            found[name].append(measure(args.size, lump, threshold, new))
            say(f"{name}: {found[name][-1]}")
    write(__file__, where, {"size": args.size, "added": len(new), "ways": found})


if __name__ == "__main__":
    main()
