"""Indexes larger than this machine embeds in an hour: 300,000 and 1,000,000 passages with synthetic vectors.

    python benchmarks/scale/synthetic.py --vectors FOLDER [--sizes 300000 1000000]

Each passage is made from a real one of the news index that `--vectors` names: one or two of its sentences,
and its vector plus noise, of unit length again (cosine to the real one about 0.93), so that neighbours exist
and words and vectors fit together. The texts are shorter than real ones, about 150 characters instead of
600, so disk and search by words are cheaper than they would be; the vector index is what it would be.

Library and vector index are written with the project's own means: `Library.add_vectors`, `Library.switch`,
and the `Builder` that fills the vector index in a process of its own. The smaller size is the beginning of
the larger. How fast each grows is written to `fill.json`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from articles import DAYS, FIRST_DAY, OUTLETS
from common import WORK, begin, say, write
from data import folder

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from corpus.article import Article
    from index.embedding import PassageVectors
    from index.types import Passage

SIZES = (300_000, 1_000_000)
CHARACTERS = 240
"""The most of a passage; one sentence stays whole."""
NOISE = 0.02
"""Standard deviation in each of 384 dimensions: a length of 0.39 beside the vector's 1."""
LUMP = 5_000
"""Rows given to the builder at a time, and articles written in one transaction."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Source:
    """A real passage: its sentences with their vectors, and its own vector."""

    title: str
    sentences: tuple[str, ...]
    rows: npt.NDArray[np.float16]
    vector: npt.NDArray[np.float32]


def sources(library: Path) -> list[list[Source]]:
    """The passages of each article of an index, which is only read."""
    import numpy as np

    from index.snapshot import Snapshot

    made: list[list[Source]] = []
    with closing(sqlite3.connect(f"file:{library}?mode=ro&immutable=1", uri=True)) as db:
        known = Snapshot(db)
        for article in sorted(known.digests()):
            kept = []
            for found in known.found(known.passage_ids([article])):
                passage = found.passage
                texts = tuple(
                    passage.text[s.start - passage.start : s.end - passage.start] for s in passage.sentences
                )
                if texts:
                    kept.append(
                        Source(passage.headline, texts, found.sentences.astype(np.float16), found.vector)
                    )
            if kept:
                made.append(kept)
    return made


def made_articles(real: Sequence[Sequence[Source]], passages: int) -> Iterator[tuple[Article, list[Any]]]:
    """Synthetic articles with their passages and vectors, until there are that many passages."""
    import numpy as np

    chance = np.random.default_rng(SEED)
    names, ends = list(OUTLETS), list(accumulate(OUTLETS.values()))
    done = 0
    for number in range(10**9):
        copy = number // len(real)
        if number % len(real) == 0:
            order = chance.permutation(len(real))
        rows = real[order[number % len(real)]][: passages - done]
        source = names[int(np.searchsorted(ends[:-1], chance.random(), side="right"))]
        day = FIRST_DAY + timedelta(int(DAYS * max(chance.random(), chance.random())))
        yield _article(f"made-{number:07}", rows, copy, source, day, chance)
        done += len(rows)
        if done >= passages:
            return


def _article(
    id_: str, rows: Sequence[Source], copy: int, source: str, day: date, chance: np.random.Generator
) -> tuple[Article, list[tuple[Passage, str, PassageVectors]]]:
    """One article. Each copy of a real one says other sentences of it, where there are as many."""
    import numpy as np

    from corpus.article import Article
    from index.embedding import PassageVectors
    from index.types import Passage, Span

    parts: list[str] = []
    passages: list[tuple[Passage, str, PassageVectors]] = []
    start = 0
    for number, row in enumerate(rows):
        first = copy % len(row.sentences)
        said = [row.sentences[first]]
        if first + 1 < len(row.sentences) and len(said[0]) + len(row.sentences[first + 1]) < CHARACTERS:
            said.append(row.sentences[first + 1])
        text = " ".join(said)
        spans, at = [], start
        for sentence in said:
            spans.append(Span(at, at + len(sentence)))
            at += len(sentence) + 1
        noisy = row.vector + chance.normal(0, NOISE, row.vector.size).astype(np.float32)
        vectors = PassageVectors(noisy / np.linalg.norm(noisy), row.rows[first : first + len(said)])
        passage = Passage(f"{id_}-{number:03}", id_, start, start + len(text), text, row.title, tuple(spans))
        passages.append((passage, f"{id_}-{number:03}", vectors))
        parts.append(text)
        start += len(text) + 2
    article = Article(id_, rows[0].title, "\n\n".join(parts), source, None, day, None, "synthetic.jsonl")
    return article, passages


def write_library(size: int, real: Sequence[Sequence[Source]]) -> list[dict[str, Any]]:
    """The library of a size: the rates of each lump of articles."""
    from index.built import fingerprint
    from index.earlier import Keeping
    from index.embedding import BundledEmbedder
    from index.library import Library
    from index.settings import Settings

    corpus = folder(size) / "corpus"
    corpus.mkdir(parents=True)
    settings = Settings(corpus=corpus, data=folder(size) / "data")
    meta = {
        "fingerprint": json.dumps(fingerprint(BundledEmbedder(), settings)),
        "corpus": str(corpus.resolve()),
        "refreshed": "2026-01-01T00:00:00+00:00",
    }
    library = Library(folder(size) / "data" / "library.db")
    rates: list[dict[str, Any]] = []
    lump: list[tuple[Article, list[tuple[Passage, str, PassageVectors]]]] = []
    total, held, began = 0, 0, time.perf_counter()

    def flush() -> None:
        nonlocal total, held, began
        library.add_vectors((key, vectors) for _, passages in lump for _, key, vectors in passages)
        library.switch(
            put=[(article, [(passage, key) for passage, key, _ in passages]) for article, passages in lump],
            drop=[],
            files={},
            entries=[],
            meta=meta,
            only=frozenset(),
            keeping=Keeping(final="It is synthetic."),
        )
        total += held
        seconds = time.perf_counter() - began
        rates.append({"passages": total, "seconds": round(seconds, 2), "rate": round(held / seconds, 1)})
        say(f"  library: {total:,} passages, {held / seconds:,.0f}/s")
        lump.clear()
        held, began = 0, time.perf_counter()

    for article, passages in made_articles(real, size):
        lump.append((article, passages))
        held += len(passages)
        if held >= 10 * LUMP:
            flush()
    if lump:
        flush()
    library.close()
    return rates


def fill(size: int, start: Path | None, done: int) -> list[dict[str, Any]]:
    """The vector index of a library, on from a copy of a smaller one: the rates as it grows."""
    from index import store
    from index.building import Builder
    from index.library import Library

    data = folder(size) / "data"
    target = data / "vectors-1"
    if start is not None:
        shutil.copytree(start, target)
    library = Library(data / "library.db")
    rates: list[dict[str, Any]] = []
    with library.snapshot() as known, Builder(target) as builder:
        began, last, at, written = time.perf_counter(), time.perf_counter(), done, _written(builder)
        busy = _busy(builder)
        for rows in known.vectors(LUMP):
            at_row = int(at)
            if done:  # those are in already
                done -= len(rows)
                continue
            builder.put(rows)
            at = at_row + len(rows)
            if at % (5 * LUMP) < LUMP:
                now, bytes_now, busy_now = time.perf_counter(), _written(builder), _busy(builder)
                rates.append(
                    {
                        "passages": at,
                        "rate": round(5 * LUMP / (now - last), 1),
                        "cpu_ms_a_row": round((busy_now - busy) / (5 * LUMP) * 1000, 3),
                        "written_mb": round((bytes_now - written) / 1e6, 1),
                        "load": round(os.getloadavg()[0], 2),
                    }
                )
                say(f"  vectors: {at:,}, {rates[-1]}, {now - began:.0f} s")
                last, written, busy = now, bytes_now, busy_now
        builder.finish()
    library.set_meta({store.FOLDER: target.name, store.IN_STEP: "1"})
    library.close()
    return rates


def _written(builder: Any) -> int:
    """Bytes that the builder's process gave to the disk so far."""
    lines = Path(f"/proc/{builder._process.pid}/io").read_text("ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


def _busy(builder: Any) -> float:
    """Seconds of processor that the builder's process took so far."""
    fields = Path(f"/proc/{builder._process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Build what is missing, smallest first."""
    parser = argparse.ArgumentParser(description="Large indexes with synthetic vectors.")
    parser.add_argument("--vectors", type=Path, default=WORK / "news", help="data folder of a news index")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    args = parser.parse_args()
    where = begin("scale: synthetic indexes")
    missing = [size for size in sorted(args.sizes) if not (folder(size) / "built.json").is_file()]
    real = sources(args.vectors / "library.db") if missing else []
    say(f"{len(real):,} real articles, {sum(map(len, real)):,} passages")
    start, done = None, 0
    for size in sorted(args.sizes):
        built = folder(size) / "built.json"
        if size in missing:
            shutil.rmtree(folder(size), ignore_errors=True)
            library = write_library(size, real)
            result = {
                "machine": where,
                "passages": size,
                "library": library,
                "vectors": fill(size, start, done),
            }
            built.write_text(json.dumps(result, indent=2), encoding="utf-8")
        start, done = folder(size) / "data" / "vectors-1", size
        say(f"{size:,} is there")
    built = [json.loads((folder(size) / "built.json").read_text("utf-8")) for size in sorted(args.sizes)]
    rates = {key: [row for each in built for row in each[key]] for key in ("library", "vectors")}
    write(str(Path(__file__).with_name("fill.py")), built[-1]["machine"], rates)


if __name__ == "__main__":
    main()
