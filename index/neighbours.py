"""The passages nearest to a question: by Chroma where this process has it open, else by looking at all.

Chroma holds one generation, a question is asked of the one that was there when it began: where Chroma has
gone on meanwhile, all are looked at.

Chroma is quicker from some hundred thousand passages on, and takes seconds to load. Looking at every
vector (`matrix.py`) needs nothing loaded, works beside a process that owns the vector index, finds exactly
the nearest, and filters by outlet and day a hundred times quicker than Chroma does (benchmarks/scale).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.embedding import Vector
from index.errors import IndexBroken
from index.library import Library
from index.matrix import Matrix, best
from index.snapshot import Snapshot
from index.store import FOLDER, VectorStore
from index.types import Filters

log = logging.getLogger(__name__)


class Neighbours:
    """Nearest neighbours for every generation of one library."""

    def __init__(self, library: Library, store: VectorStore, data: Path) -> None:
        """`data`: the folder of the index. Nothing is opened yet."""
        self._store = store
        self.matrix = Matrix(library, data)

    def nearest(
        self, known: Snapshot, vector: Vector, limit: int, filters: Filters = Filters()
    ) -> list[tuple[str, float]]:
        """Passage ids and cosine similarities, nearest first.

        `vector`: shape (dimensions,), of unit length.
        """
        return named(known, self.search(known, limit, filters)(vector), limit)

    def passing(self, known: Snapshot, filters: Filters) -> npt.NDArray[np.int64] | None:
        """The numbers of the passages that filters let through, in their order; None where that is all."""
        if filters == Filters():
            return None
        rows = self.matrix.rows(known)
        return rows.numbers[rows.passing(filters)]

    def search(
        self, known: Snapshot, limit: int, filters: Filters
    ) -> Callable[[Vector], Iterator[tuple[int | str, float]]]:
        """The same for a vector that comes later, in a thread beside the snapshot's: `named` ends it."""
        rows = self.matrix.rows(known)
        generation, name = known.meta("generation"), known.meta(FOLDER)

        def find(vector: Vector) -> Iterator[tuple[int | str, float]]:
            if filters == Filters() and self._store.ready:
                try:
                    found = self._store.nearest_of(generation, name, vector, limit)
                    if found is not None:
                        return iter(found)
                except IndexBroken as error:
                    log.warning("Searching without the vector index: %s", error)
            # Also where the index has changed since the question began, which ends as it began.
            return best(rows, vector, filters)

        return find


def named(known: Snapshot, found: Iterable[tuple[int | str, float]], limit: int) -> list[tuple[str, float]]:
    """Passage ids for those that are given by number; those that the snapshot does not know are left out."""
    ids = ((each if isinstance(each, str) else known.passage_id(each), score) for each, score in found)
    return list(islice(((id_, score) for id_, score in ids if id_), limit))
