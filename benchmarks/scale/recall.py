"""How many of the exact neighbours the product finds, with and without filters.

    python benchmarks/scale/recall.py [--size N]

For each news question the ten nearest passages by exact search in numpy over the library's vectors, held
against the first ten that the product's own search by meaning gives when it is asked for as many as it asks
for in earnest. Also given: recall over all that it asks for.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from asking import VARIANTS, filters, questions, settings, there
from common import begin, say, spread, timed, verdict, write

if TYPE_CHECKING:
    from index.types import Filters

LEAST = 0.98
NEAREST = 10


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description="Recall of nearest neighbours.")
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--limit", type=int)
    args = parser.parse_args()
    if not there([args.size]):
        sys.exit("The index is not built yet. Run: python benchmarks/scale/data.py")
    where = begin("scale: recall")
    from index.embedding import BundledEmbedder
    from index.library import Library
    from index.retrieval import DEPTH
    from index.store import VectorStore

    chosen = settings(args.size)
    library = Library(chosen.data_folder / "library.db")
    store = VectorStore(library, chosen.data_folder)
    embedder = BundledEmbedder()
    with library.snapshot() as known:
        rows = [row for lump in known.vectors() for row in lump]
    ids = np.array([row[0] for row in rows])
    vectors = np.stack([row[1] for row in rows])
    outlets = np.array([(row[2] or "").casefold() for row in rows])
    days = np.array([row[3].toordinal() if row[3] else 0 for row in rows])

    def passing(wanted: Filters) -> Any:
        kept = np.ones(len(ids), dtype=bool)
        if wanted.source is not None:
            kept &= outlets == wanted.source.casefold()
        if wanted.after is not None:
            kept &= days >= wanted.after.toordinal()
        if wanted.before is not None:
            kept &= (days <= wanted.before.toordinal()) & (days > 0)
        return np.flatnonzero(kept)

    found: dict[str, dict[str, list[float]]] = {
        v: {"ten": [], "all": [], "ms": [], "passing": []} for v in VARIANTS
    }
    for number, question in enumerate(questions(args.limit)):
        vector = embedder.question(question.text)
        for variant, wanted in filters(number).items():
            places = passing(wanted)
            scores = vectors[places] @ vector
            best = ids[places[np.argsort(-scores, kind="stable")[:DEPTH]]].tolist()
            ms: list[float] = []
            with timed(ms):
                given = [id_ for id_, _ in store.nearest(vector, DEPTH, wanted)]
            row = found[variant]
            if best:
                row["ten"].append(len(set(given[:NEAREST]) & set(best[:NEAREST])) / len(best[:NEAREST]))
                row["all"].append(len(set(given) & set(best)) / len(best))
            row["ms"].append(1000 * ms[0])
            row["passing"].append(len(places))
    store.close()
    library.close()
    result = {
        variant: {
            "recall_at_10": round(float(np.mean(row["ten"])), 4),
            "lowest_at_10": min(row["ten"]),
            f"recall_at_{DEPTH}": round(float(np.mean(row["all"])), 4),
            "passing": round(float(np.mean(row["passing"]))),
            "nearest_ms": spread(row["ms"]),
        }
        for variant, row in found.items()
    }
    for variant, one in result.items():
        say(f"{variant:6} {one}")
        verdict(f"recall@10, filter {variant}", one["recall_at_10"], LEAST, at_least=True)
    write(__file__, where, {"passages": len(ids), "depth": DEPTH, "recall": result})


if __name__ == "__main__":
    main()
