"""How many of the exact neighbours the product finds, with and without filters.

    python benchmarks/scale/recall.py [--size N]

For each news question the ten nearest passages by exact search in numpy over the library's vectors, held
against the first ten that the product's own search by meaning gives when it is asked for as many as it asks
for in earnest. Also given: recall over all that it asks for.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from asking import VARIANTS, filters, questions, settings, there
from common import begin, say, spread, timed, verdict, write

if TYPE_CHECKING:
    from index.library import Library
    from index.types import Filters

LEAST = 0.98
NEAREST = 10


@dataclass(frozen=True, slots=True)
class Exact:
    """All passages of a library, for the exact search that the product is held against."""

    ids: Any
    vectors: Any
    outlets: Any
    days: Any

    def best(self, vector: Any, wanted: Filters, count: int) -> tuple[list[str], int]:
        """The nearest ids, best first, and how many pass the filters."""
        kept = np.ones(len(self.ids), dtype=bool)
        if wanted.source is not None:
            kept &= self.outlets == wanted.source.casefold()
        if wanted.after is not None:
            kept &= self.days >= wanted.after.toordinal()
        if wanted.before is not None:
            kept &= (self.days <= wanted.before.toordinal()) & (self.days > 0)
        places = np.flatnonzero(kept)
        scores = self.vectors[places] @ vector
        return self.ids[places[np.argsort(-scores, kind="stable")[:count]]].tolist(), len(places)


def exact(library: Library) -> Exact:
    """Read a whole library."""
    with library.snapshot() as known:
        rows = [row for lump in known.vectors() for row in lump]
    return Exact(
        np.array([row[0] for row in rows]),
        np.stack([row[1] for row in rows]),
        np.array([(row[2] or "").casefold() for row in rows]),
        np.array([row[3].toordinal() if row[3] else 0 for row in rows]),
    )


def measure(size: int, limit: int | None) -> dict[str, dict[str, list[float]]]:
    """Variant -> recall over ten and over all, milliseconds, and passages that pass."""
    from index.embedding import BundledEmbedder
    from index.library import Library
    from index.neighbours import Neighbours
    from index.retrieval import DEPTH
    from index.store import VectorStore

    chosen = settings(size)
    library = Library(chosen.data_folder / "library.db")
    store = VectorStore(library, chosen.data_folder)
    near = Neighbours(library, store, chosen.data_folder)
    embedder, oracle = BundledEmbedder(), exact(library)
    store.opened()
    found: dict[str, dict[str, list[float]]] = {
        v: {"ten": [], "all": [], "ms": [], "passing": []} for v in VARIANTS
    }
    for number, question in enumerate(questions(limit)):
        vector = embedder.question(question.text)
        for variant, wanted in filters(number).items():
            best, count = oracle.best(vector, wanted, DEPTH)
            ms: list[float] = []
            with library.snapshot() as known, timed(ms):
                given = [id_ for id_, _ in near.nearest(known, vector, DEPTH, wanted)]
            row = found[variant]
            row["ms"].append(1000 * ms[0])
            row["passing"].append(count)
            if best:
                row["ten"].append(len(set(given[:NEAREST]) & set(best[:NEAREST])) / len(best[:NEAREST]))
                row["all"].append(len(set(given) & set(best)) / len(best))
    store.close()
    library.close()
    return found


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Recall of nearest neighbours.")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--limit", type=int)
    args = parser.parse_args()
    if not there([args.size]):
        sys.exit("The index is not built yet. Run: python benchmarks/scale/data.py")
    where = begin("scale: recall")
    result = {
        variant: {
            "recall_at_10": round(float(np.mean(row["ten"])), 4),
            "lowest_at_10": round(min(row["ten"]), 2),
            "recall_at_50": round(float(np.mean(row["all"])), 4),
            "passing": round(float(np.mean(row["passing"]))),
            "nearest_ms": spread(row["ms"]),
        }
        for variant, row in measure(args.size, args.limit).items()
    }
    for variant, one in result.items():
        say(f"{variant:6} {one}")
        verdict(f"recall@10, filter {variant}", one["recall_at_10"], LEAST, at_least=True)
    write(__file__, where, {"size": args.size, "recall": result})


if __name__ == "__main__":
    main()
