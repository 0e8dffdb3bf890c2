"""How the cost of building grows with size, held against the bare model in the same run.

    python benchmarks/scale/building.py [--sizes N ...]

Embedding 100,000 passages takes most of an hour, and its rate does not depend on how many there are. So each
size is built by a real refresh into an empty folder whose library has the vectors already: that gives the
seconds of everything but the model. The model's rate comes from passages taken evenly from the largest
index: the project's own embedder, vectors of sentences included and kept in a library, and onnxruntime
alone, by turns. The share is what onnxruntime alone would take for all passages, divided by the sum of the
two.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from asking import settings, there
from build import LEAST, RAW_BATCH, RawModel, kept, refresh
from common import begin, cores, say, verdict, write
from data import SCALE, SIZES, lend

SLICES, SLICE = 4, 400


def rates(size: int) -> dict[str, float]:
    """Passages a second of the model alone and of our embedder, by turns; word pieces of a passage."""
    from index.embedding import BundledEmbedder
    from index.library import Library

    library = Library(settings(size).data_folder / "library.db")
    with library.snapshot() as known:
        ids = sorted(known.passage_ids(known.digests()))
        chosen = [ids[i * len(ids) // (SLICES * SLICE)] for i in range(SLICES * SLICE)]
        given = [found.passage for found in known.found(chosen)]
    library.close()
    raw, embedder = RawModel(cores()), BundledEmbedder(cores())
    raw.embed(["One warm sentence to begin with."] * 16, RAW_BATCH)
    list(embedder.passages(given[:8]))
    seconds = {"raw": 0.0, "ours": 0.0}
    with tempfile.TemporaryDirectory(prefix="footnote-scale-") as temporary:
        for number in range(SLICES):
            part = given[number::SLICES]
            for name in sorted(seconds, reverse=bool(number % 2)):
                began = time.perf_counter()
                if name == "raw":
                    raw.embed([passage.embedded for passage in part], RAW_BATCH)
                else:
                    kept(embedder, part, Path(temporary) / f"{number}.db")
                seconds[name] += time.perf_counter() - began
            say(f"  slice {number + 1}: {seconds}")
    pieces = sum(embedder.count(passage.embedded) for passage in given) / len(given)
    per_second = {name: round(len(given) / each, 2) for name, each in seconds.items()}
    return {**per_second, "pieces_a_passage": round(pieces, 1)}


def rest(size: int) -> dict[str, Any]:
    """Seconds of each phase of a refresh that has the vectors already."""
    data = SCALE / "building"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    lend(settings(size).data_folder / "library.db", data / "library.db")
    report, seconds, phases = refresh(settings(size).corpus, data, cores())
    shutil.rmtree(data, ignore_errors=True)
    if report.embedded:
        sys.exit(f"{report.embedded:,} passages were embedded anew: build the index again with data.py.")
    return {"seconds": round(seconds, 1), "phases": {name: round(each, 1) for name, each in phases.items()}}


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Cost of building as the index grows.")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    args = parser.parse_args()
    sizes = there(args.sizes)
    if not sizes:
        sys.exit("No index is built yet. Run: python benchmarks/scale/data.py")
    where = begin("scale: building")
    rate = rates(max(sizes))
    say(f"passages a second: onnxruntime alone {rate['raw']}, the project's embedder {rate['ours']}")
    rows: dict[str, Any] = {}
    for size in sizes:
        row = rest(size)
        whole = row["seconds"] + size / rate["ours"]
        row["passages_per_second"] = round(size / whole, 2)
        row["share_of_raw"] = round(size / rate["raw"] / whole, 3)
        rows[str(size)] = row
        say(f"{size:>9,} {row}")
    verdict(
        "build to onnxruntime alone at the largest size",
        rows[str(max(sizes))]["share_of_raw"],
        LEAST,
        at_least=True,
    )
    write(__file__, where, {"model_rate": rate, "sizes": rows})


if __name__ == "__main__":
    main()
