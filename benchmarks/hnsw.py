"""Which settings of Chroma's HNSW find what exact search finds, and what each costs.

`python benchmarks/hnsw.py --data FOLDER` takes the passages' vectors out of the library of an index
(as `benchmarks/question.py` builds it), asks the news questions' vectors of Chroma under several
settings and sizes, and compares with exact search in numpy. A neighbour counts as right where it is
as near as the exact one at the last place, so that copies of a text do not count as misses.
`max_neighbors` and `ef_construction` shape the graph: each pair is built once, growing from size to
size; `ef_search` is changed on the graph that is there.

Finished rows are kept: a run that was stopped goes on, `--again` starts over.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import HERE, NEWS, WORK, begin, cores, percentile, records, say, shown, write

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Matrix = npt.NDArray[np.float32]

GRAPHS = ((16, 100), (16, 200), (32, 100), (32, 200))
"""max_neighbors, ef_construction; the first is Chroma's default."""
SEARCHES = (100, 200, 300)
"""ef_search; 100 is Chroma's default."""
SIZES = (5_000, 20_000)
"""Besides all that there are."""
DEPTHS = (10, 50)
"""Neighbours asked for: 10 as usual, 50 as retrieval asks."""
BATCH = 1000


def library_vectors(data: Path) -> Matrix:
    """All vectors of a library, read only, in the order of their keys, which is no order."""
    import numpy as np

    file = data / "library.db"
    if not file.is_file():
        sys.exit(f"{shown(file)} is not there. Build it with: python benchmarks/question.py")
    db = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    rows = [row[0] for row in db.execute("SELECT passage FROM vectors ORDER BY key")]
    db.close()
    if not rows:
        sys.exit(f"{shown(file)} holds no vectors yet.")
    return np.frombuffer(b"".join(rows), dtype=np.float32).reshape(len(rows), -1)


def question_vectors(file: Path) -> Matrix:
    """The questions as the bundled model reads them."""
    import numpy as np

    from index.embedding import BundledEmbedder

    embedder = BundledEmbedder()
    return np.stack([embedder.question(row["question"]) for row in records(file)])


def nearest(vectors: Matrix, asked: Matrix) -> tuple[Matrix, float]:
    """For each question the similarities at the depths, and milliseconds of one exact search."""
    import numpy as np

    began = time.perf_counter()
    bounds = []
    for question in asked:
        scores = vectors @ question
        top = np.argpartition(-scores, max(DEPTHS))[: max(DEPTHS)]
        bounds.append(np.sort(scores[top])[::-1][[depth - 1 for depth in DEPTHS]])
    return np.stack(bounds), 1000 * (time.perf_counter() - began) / len(asked)


class Graph:
    """One collection, which grows."""

    def __init__(self, folder: Path, neighbors: int, construction: int) -> None:
        """An empty collection in an empty folder."""
        from chromadb.api.collection_configuration import CreateCollectionConfiguration

        self._folder = folder
        self._client = _client(folder)
        self._rows = self._client.create_collection(
            "passages",
            embedding_function=None,
            configuration=CreateCollectionConfiguration(
                hnsw={
                    "space": "cosine",
                    "max_neighbors": neighbors,
                    "ef_construction": construction,
                    "ef_search": SEARCHES[0],
                }
            ),
        )
        self.size = 0
        self.seconds = 0.0

    def grow(self, vectors: Matrix) -> None:
        """Add what is missing."""
        began = time.perf_counter()
        for start in range(self.size, len(vectors), BATCH):
            batch = vectors[start : start + BATCH]
            self._rows.add(ids=[str(start + i) for i in range(len(batch))], embeddings=batch)
        self.size = len(vectors)
        self.seconds += time.perf_counter() - began

    def search_with(self, ef_search: int) -> None:
        """Look at so many candidates from now on: Chroma takes the change in when it opens the graph."""
        self._rows.modify(configuration={"hnsw": {"ef_search": ef_search}})
        self._client.close()
        self._client = _client(self._folder)
        self._rows = self._client.get_collection("passages", embedding_function=None)

    def ask(self, question: Matrix, depth: int) -> list[int]:
        """Row numbers, nearest first."""
        found = self._rows.query(query_embeddings=question[None], n_results=depth, include=["distances"])
        return [int(id_) for id_ in found["ids"][0]]

    def close(self) -> None:
        """Let go of the folder."""
        self._client.close()


def _client(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))


def measure(graph: Graph, vectors: Matrix, asked: Matrix, bounds: Matrix, rounds: int) -> dict[str, Any]:
    """Recall and milliseconds at both depths; the first round is not timed."""
    row: dict[str, Any] = {}
    for place, depth in enumerate(DEPTHS):
        right = 0
        spent = []
        for turn in range(rounds + 1):
            for question, least in zip(asked, bounds[:, place], strict=True):
                began = time.perf_counter()
                found = graph.ask(question, depth)
                if turn:
                    spent.append(1000 * (time.perf_counter() - began))
                else:
                    right += int((vectors[found] @ question >= least - 1e-5).sum())
        row[f"recall_at_{depth}"] = round(right / (depth * len(asked)), 4)
        row[f"ms_at_{depth}"] = round(percentile(spent, 0.5), 3)
        row[f"ms_p95_at_{depth}"] = round(percentile(spent, 0.95), 3)
    return row


def rows_of_graph(
    shape: tuple[int, int], vectors: Matrix, asked: Matrix, exact: dict[int, Matrix], rounds: int
) -> Iterator[dict[str, Any]]:
    """All sizes and searches of one graph."""
    with tempfile.TemporaryDirectory(prefix="footnote-hnsw-") as folder:
        graph = Graph(Path(folder), *shape)
        for size, bounds in exact.items():
            graph.grow(vectors[:size])
            for ef_search in SEARCHES:
                graph.search_with(ef_search)
                yield {
                    "passages": size,
                    "max_neighbors": shape[0],
                    "ef_construction": shape[1],
                    "ef_search": ef_search,
                    "build_seconds": round(graph.seconds, 1),
                    **measure(graph, vectors, asked, bounds, rounds),
                }
        graph.close()


def finished(again: bool, total: int, asked: int) -> dict[str, Any]:
    """What an earlier run over the same vectors and questions wrote."""
    file = HERE / "hnsw.json"
    if again or not file.is_file():
        return {}
    old: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return old if (old.get("vectors"), old.get("questions")) == (total, asked) else {}


def table(rows: Sequence[dict[str, Any]]) -> None:
    """Print all rows."""
    say("passages    M  ef_c  ef_s   build s  recall@10  recall@50   ms@10   ms@50")
    for row in rows:
        say(
            f"{row['passages']:8,}{row['max_neighbors']:5}{row['ef_construction']:6}{row['ef_search']:6}"
            f"{row['build_seconds']:10.1f}{row['recall_at_10']:11.4f}{row['recall_at_50']:11.4f}"
            f"{row['ms_at_10']:8.2f}{row['ms_at_50']:8.2f}"
        )


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Recall and speed of HNSW settings against exact search.")
    parser.add_argument("--data", type=Path, default=WORK / "news", help="an index folder (read only)")
    parser.add_argument("--questions", type=Path, default=NEWS / "questions.jsonl")
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES), help="besides all")
    parser.add_argument("--rounds", type=int, default=2, help="timed rounds over the questions")
    parser.add_argument("--again", action="store_true", help="measure finished rows anew")
    args = parser.parse_args()
    where = begin("hnsw")
    vectors = library_vectors(args.data)
    asked = question_vectors(args.questions)
    sizes = [*(size for size in sorted(args.sizes) if size < len(vectors)), len(vectors)]
    say(f"{len(vectors):,} vectors, {len(asked)} questions, {cores()} cores; sizes {sizes}")
    exact, exact_ms = {}, {}
    for size in sizes:
        exact[size], exact_ms[size] = nearest(vectors[:size], asked)
        say(f"exact search over {size:,}: {exact_ms[size]:.2f} ms")
    old = finished(args.again, len(vectors), len(asked))
    rows: list[dict[str, Any]] = old.get("rows", [])
    if rows:
        where = old["machine"]
        say(f"{len(rows)} rows are there from {where['date']}")
    for neighbors, construction in GRAPHS:
        there = [r for r in rows if (r["max_neighbors"], r["ef_construction"]) == (neighbors, construction)]
        if {(r["passages"], r["ef_search"]) for r in there} >= {(s, e) for s in sizes for e in SEARCHES}:
            continue
        say(f"M {neighbors}, ef_construction {construction}")
        made = []
        for row in rows_of_graph((neighbors, construction), vectors, asked, exact, args.rounds):
            made.append(row)
            say(
                f"  {row['passages']:,}, ef_search {row['ef_search']}: recall@10 {row['recall_at_10']}, "
                f"recall@50 {row['recall_at_50']}, {row['ms_at_10']} and {row['ms_at_50']} ms"
            )
        rows = [*(r for r in rows if r not in there), *made]
        result = {
            "vectors": len(vectors),
            "questions": len(asked),
            "exact_ms": {str(size): round(ms, 3) for size, ms in exact_ms.items()},
            "rows": rows,
        }
        write(__file__, where, result)
    rows.sort(
        key=lambda row: (row["passages"], row["max_neighbors"], row["ef_construction"], row["ef_search"])
    )
    table(rows)


if __name__ == "__main__":
    main()
