"""Builds the indexes of the scale benchmark: 1,000 to 100,000 passages through the real refresh.

    python benchmarks/scale/data.py [--vectors FOLDER ...]

Each size is a corpus folder and an index of its own under `.footnote/scale`: the first articles of one
shuffled order (`articles.py`). The largest is embedded; the others find their vectors by key in its library,
as a refresh does that was killed, so that their chunking, library, full-text index and vector index are built
for real and only the model is spared. `--vectors` names other indexes whose vectors may be used again.
What is there already is kept. A run that is stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import articles as made
from common import ROOT, begin, say, slowly

SCALE = ROOT / ".footnote" / "scale"
SIZES = (1_000, 10_000, 30_000, 100_000)
GENERATED = 2_760
"""Generated articles: with the news and the `load` stories more than the largest size."""


def folder(size: int) -> Path:
    """Where the index of a size and its corpus are: `data` and `corpus`."""
    return SCALE / f"{size}"


def cuts(rows: list[dict[str, Any]]) -> dict[int, int]:
    """Size -> how many of the first articles hold that many passages, or a few more."""
    kept = SCALE / "cuts.json"
    if kept.is_file():
        return {int(size): count for size, count in json.loads(kept.read_text("utf-8")).items()}
    from corpus.article import Article
    from corpus.records import read_records
    from index.chunking import Chunker
    from index.embedding import BundledEmbedder
    from index.settings import Settings

    chunker = Chunker(BundledEmbedder().pieces, Settings().passage_tokens)
    found: dict[int, int] = {}
    total = 0
    for count, row in enumerate(rows, 1):
        for article in read_records("one.jsonl", json.dumps(row).encode()):
            if isinstance(article, Article):
                total += len(chunker.passages(article))
        for size in SIZES:
            if total >= size:
                found.setdefault(size, count)
        if len(found) == len(SIZES):
            break
    else:
        sys.exit(f"All articles have {total:,} passages: raise GENERATED.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def lend(vectors: Path, library: Path) -> None:
    """Give a library the vectors of another one, by key; that one is only read."""
    from index.library import Library

    Library(library).close()
    written_to = vectors.with_name(f"{vectors.name}-wal").is_file()
    how = "mode=ro" if written_to else "mode=ro&immutable=1"  # no file is made beside one that is at rest
    with closing(sqlite3.connect(f"file:{library}", uri=True)) as db, db:
        db.execute("ATTACH ? AS other", (f"file:{vectors}?{how}",))
        db.execute("INSERT OR IGNORE INTO vectors SELECT * FROM other.vectors")


def build(size: int, lenders: list[Path]) -> dict[str, Any]:
    """One index by a refresh; what is lent and not used is collected at its end."""
    from index import open_desk
    from index.reports import RefreshOptions
    from index.settings import Settings

    settings = Settings(corpus=folder(size) / "corpus", data=folder(size) / "data")
    for lender in lenders:
        lend(lender, folder(size) / "data" / "library.db")

    async def work() -> dict[str, Any]:
        desk = open_desk(settings, purpose="benchmark")
        try:
            began = time.perf_counter()
            report = await desk.refresh(RefreshOptions(on_progress=slowly()))
            seconds = time.perf_counter() - began
            status = await desk.status()
        finally:
            await desk.close()
        return {
            "articles": status.articles,
            "passages": status.passages,
            "embedded": report.embedded,
            "seconds": round(seconds, 1),
            "failed": len(report.failed),
        }

    result = asyncio.run(work())
    with closing(sqlite3.connect(settings.data_folder / "library.db")) as db:
        db.execute("VACUUM")  # what was lent and not used left room in the file
    return result


def main() -> None:
    """Build what is missing."""
    parser = argparse.ArgumentParser(description="Indexes of the scale benchmark.")
    parser.add_argument(
        "--vectors", type=Path, nargs="*", default=[], help="data folders with vectors to use"
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    args = parser.parse_args()
    begin("scale: building the indexes")
    rows = made.articles(GENERATED)
    cut = cuts(rows)
    say("articles by size: " + ", ".join(f"{size:,}: {count:,}" for size, count in cut.items()))
    for size in sorted(args.sizes, reverse=True):
        done = folder(size) / "built.json"
        if done.is_file():
            continue
        shutil.rmtree(folder(size) / "corpus", ignore_errors=True)
        made.write(folder(size) / "corpus", rows[: cut[size]])
        largest = folder(max(SIZES)) / "data" / "library.db"
        lenders = [vectors / "library.db" for vectors in args.vectors] if size == max(SIZES) else [largest]
        result = build(size, lenders)
        done.write_text(json.dumps(result, indent=2), encoding="utf-8")
        say(f"{size:,}: {result}")


if __name__ == "__main__":
    main()
