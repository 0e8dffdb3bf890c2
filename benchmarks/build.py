"""How fast an index is built, held against the bare model on the same passages in the same run.

`python benchmarks/build.py` takes 400 news articles in four slices. For each slice it runs, one
after the other, so that a drift of the machine meets all of them,

- ours: the real refresh into an empty data folder (read, clean, chunk, embed with sentence
  vectors, write the library, fill Chroma), as `footnote refresh` does it;
- raw: onnxruntime alone on the passages that the refresh made, as one would write it well: the same
  tokenizer, sorted by length, batches of 8, one session over all cores, mean pooling, nothing kept;
- workers: raw with one thread a batch and as many batches at once as there are cores, batches of 4;
- alone and sentences: the project's own embedder on the same passages, their vectors kept in an empty
  library, once without vectors of their sentences and once with them, in turning order.

Imports and the model's loading are paid once before and reported as `startup_seconds`. The first
ratio counts them against ours (raw is never charged for its own), so a longer run comes out better.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import NEWS, RawModel, begin, cores, records, say, shown, verdict, write

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from index.embedding import Embedder
    from index.reports import Progress, RefreshReport
    from index.types import Passage

RAW_BATCH = 8
WORKERS_BATCH = 4
LEAST = 0.75
SENTENCES_MOST = 1.25
"""Passages with the vectors of their sentences, to passages alone."""


class Phases:
    """Seconds by phase, from the refresh's own progress."""

    def __init__(self) -> None:
        """Start the clock: the first phase counts from here."""
        self.seconds: dict[str, float] = {}
        self._name = "reading"
        self._done = -1
        self._since = time.perf_counter()

    def __call__(self, progress: Progress) -> None:
        """Progress of the refresh. Chunking calls itself reading too, but counts from zero again."""
        name: str = progress.phase
        again = name == "reading" and progress.done < self._done
        if name == "reading" and (again or self._name == "chunking"):
            name = "chunking"
        self._done = progress.done
        if name != self._name:
            self._close(name)

    def end(self) -> dict[str, float]:
        """Close the last phase."""
        self._close("")
        return self.seconds

    def _close(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[self._name] = self.seconds.get(self._name, 0.0) + now - self._since
        self._name, self._since = name, now


def refresh(corpus: Path, data: Path, threads: int) -> tuple[RefreshReport, float, dict[str, float]]:
    """Build an index as the command does: the report, the seconds of it all, and those of the phases."""
    from index import open_desk
    from index.reports import RefreshOptions
    from index.settings import Settings

    phases = Phases()

    async def work() -> RefreshReport:
        desk = open_desk(Settings(corpus=corpus, data=data, threads=threads), purpose="benchmark")
        try:
            return await desk.refresh(RefreshOptions(on_progress=phases))
        finally:
            await desk.close()

    began = time.perf_counter()
    report = asyncio.run(work())
    return report, time.perf_counter() - began, phases.end()


def passages(data: Path) -> tuple[list[Passage], npt.NDArray[np.float32]]:
    """What the model read in that refresh, each text once, and the vectors in the library."""
    import numpy as np

    from index.library import Library

    library = Library(data / "library.db")
    with library.snapshot() as known:
        found = known.found(known.passage_ids(known.digests()))
    library.close()
    once = {one.passage.embedded: one for one in found}
    return [one.passage for one in once.values()], np.stack([one.vector for one in once.values()])


def kept(embedder: Embedder, given: Sequence[Passage], file: Path) -> float:
    """Seconds to embed passages and to keep their vectors, as a refresh does."""
    from index.library import Library
    from index.refreshing import COMMIT, WINDOW

    library = Library(file)
    began = time.perf_counter()
    for start in range(0, len(given), WINDOW):
        made = embedder.passages(given[start : start + WINDOW])
        while rows := [
            (passage.id, vectors) for _, (passage, vectors) in zip(range(COMMIT), made, strict=False)
        ]:
            library.add_vectors(rows)
    seconds = time.perf_counter() - began
    library.close()
    return seconds


def sentences(number: int, given: Sequence[Passage], folder: Path) -> dict[str, float]:
    """Seconds without and with the sentences' vectors."""
    from index.embedding import BundledEmbedder

    embedder = BundledEmbedder(cores())
    embedder.load()
    ways = {"alone": [replace(passage, sentences=()) for passage in given], "sentences": list(given)}
    names = sorted(ways, reverse=bool(number % 2))
    return {name: round(kept(embedder, ways[name], folder / f"{name}-{number}.db"), 3) for name in names}


def measure_slice(number: int, rows: Sequence[dict[str, Any]], folder: Path, raw: Raw) -> dict[str, Any]:
    """All three ways on one slice: ours, which makes the passages, then the raw ways in turning order."""
    corpus = folder / f"corpus-{number}"
    corpus.mkdir()
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (corpus / "articles.jsonl").write_text(lines, encoding="utf-8")
    report, seconds, phases = refresh(corpus, folder / f"data-{number}", cores())
    given, vectors = passages(folder / f"data-{number}")
    texts = [passage.embedded for passage in given]
    raw_seconds, workers_seconds, cosine = raw.both(texts, vectors, workers_first=bool(number % 2))
    row = {
        "articles": len(rows),
        "failed": len(report.failed),
        "passages": report.embedded,
        "raw_passages": len(texts),
        "seconds": {
            "ours": round(seconds, 3),
            "raw": round(raw_seconds, 3),
            "workers": round(workers_seconds, 3),
            **sentences(number, given, folder),
        },
        "phases": {name: round(value, 3) for name, value in phases.items()},
        "lowest_cosine_to_raw": round(cosine, 5),
    }
    say(
        f"slice {number + 1}: {report.embedded:,} passages; ours {report.embedded / seconds:.1f}/s, raw "
        f"{len(texts) / raw_seconds:.1f}/s, workers {len(texts) / workers_seconds:.1f}/s, without and with "
        f"sentences {row['seconds']['alone']:.1f} and {row['seconds']['sentences']:.1f} s; "
        + ", ".join(f"{name} {value:.1f} s" for name, value in phases.items())
    )
    return row


class Raw:
    """The two raw ways, their sessions loaded and warm."""

    def __init__(self) -> None:
        """Load both sessions and run each once."""
        self._shared, self._single = RawModel(cores()), RawModel(1)
        self._shared.embed(["One warm sentence to begin with."] * 16, RAW_BATCH)
        self._single.embed(["One warm sentence to begin with."] * 16, WORKERS_BATCH, cores())

    def both(
        self, texts: Sequence[str], ours: npt.NDArray[np.float32], *, workers_first: bool
    ) -> tuple[float, float, float]:
        """Seconds of raw and of workers, and the lowest cosine of raw's vectors to ours."""
        seconds = {}
        cosine = 1.0
        for name in ["workers", "raw"] if workers_first else ["raw", "workers"]:
            began = time.perf_counter()
            if name == "raw":
                made = self._shared.embed(texts, RAW_BATCH)
            else:
                made = self._single.embed(texts, WORKERS_BATCH, cores())
            seconds[name] = time.perf_counter() - began
            if name == "raw":
                cosine = float((made * ours).sum(axis=1).min())
        return seconds["raw"], seconds["workers"], cosine


def summary(rows: Sequence[dict[str, Any]], startup: float) -> dict[str, Any]:
    """The rates over all slices."""
    ways = ("ours", "raw", "workers", "alone", "sentences")
    seconds = {way: sum(row["seconds"][way] for row in rows) for way in ways}
    ours, same = sum(row["passages"] for row in rows), sum(row["raw_passages"] for row in rows)
    rates = {
        "ours": ours / seconds["ours"],
        "raw": same / seconds["raw"],
        "workers": same / seconds["workers"],
    }
    names = dict.fromkeys(name for row in rows for name in row["phases"])
    phases = {name: sum(row["phases"].get(name, 0.0) for row in rows) for name in names}
    return {
        "articles": sum(row["articles"] for row in rows),
        "passages": ours,
        "passages_per_second": {way: round(rate, 2) for way, rate in rates.items()},
        "startup_seconds": round(startup, 2),
        "ratio_with_startup": round(ours / (seconds["ours"] + startup) / rates["raw"], 3),
        "ratio": round(rates["ours"] / rates["raw"], 3),
        "ratio_to_workers": round(rates["ours"] / rates["workers"], 3),
        "sentences_to_alone": round(seconds["sentences"] / seconds["alone"], 3),
        "ratio_by_slice": [
            round(row["passages"] / row["seconds"]["ours"] / (row["raw_passages"] / row["seconds"]["raw"]), 3)
            for row in rows
        ],
        "share_of_time": {name: round(value / seconds["ours"], 3) for name, value in phases.items()},
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Throughput of building an index against the bare model.")
    parser.add_argument("--corpus", type=Path, default=NEWS / "articles.jsonl.gz", help=".jsonl or .jsonl.gz")
    parser.add_argument("--articles", type=int, default=400, help="how many, taken evenly over the file")
    parser.add_argument("--slices", type=int, default=4)
    args = parser.parse_args()
    where = begin("build")
    every = records(args.corpus)
    count = min(args.articles, len(every))
    chosen = [every[i * len(every) // count] for i in range(count)]
    say(f"{count:,} of {len(every):,} articles of {shown(args.corpus)} in {args.slices} slices")
    with tempfile.TemporaryDirectory(prefix="footnote-build-") as temporary:
        folder = Path(temporary)
        (folder / "corpus-first").mkdir()
        (folder / "corpus-first" / "one.txt").write_text("One article.\n\nIt has one sentence.\n", "utf-8")
        _, startup, _ = refresh(folder / "corpus-first", folder / "data-first", cores())
        say(f"start-up (imports and model, with a corpus of one sentence): {startup:.1f} s")
        raw = Raw()
        rows = [
            measure_slice(number, chosen[number :: args.slices], folder, raw)
            for number in range(min(args.slices, count))
        ]
    result = summary(rows, startup)
    rate = result["passages_per_second"]
    say(
        f"all: ours {rate['ours']}/s, raw {rate['raw']}/s, workers {rate['workers']}/s "
        f"(ours to workers {result['ratio_to_workers']})"
    )
    say(
        "time by phase: "
        + ", ".join(f"{name} {value:.1%}" for name, value in result["share_of_time"].items())
    )
    say(f"ratio without start-up: {result['ratio']} (by slice: {result['ratio_by_slice']})")
    verdict("ours to raw, start-up included", result["ratio_with_startup"], LEAST, at_least=True)
    verdict("with the sentences' vectors to without", result["sentences_to_alone"], SENTENCES_MOST)
    write(__file__, where, {"corpus": shown(args.corpus), "summary": result, "slices": rows})


if __name__ == "__main__":
    main()
