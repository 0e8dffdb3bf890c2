"""Nearest neighbours in Chroma. The only file that imports chromadb.

Chroma holds a copy: the library can fill it again without embedding anything.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding import Vector
from index.loading import heavy
from index.snapshot import Row
from index.types import Filters

if TYPE_CHECKING:
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection

NAME = "passages"
BATCH = 5000
"""Rows in one call. Chroma refuses more than 5,461."""
STEP = 8
"""Rows in one call beside other threads, which stand still meanwhile: 4 to 6 ms a row."""
HNSW: CreateHNSWConfiguration = {
    "space": "cosine",
    "max_neighbors": 32,
    "ef_construction": 200,
    "ef_search": 300,
    # What is not in the graph's file yet is put into the graph again by every process that opens it.
    "sync_threshold": 200,
    "batch_size": 100,
}
"""Of the fifty nearest of 55,636 passages these find 99.8%, Chroma's defaults 96.1% in 1.7 ms less
(benchmarks/hnsw.py, against exact search)."""


class VectorsBroken(Exception):
    """Chroma failed. The library can fill the index again."""


@contextmanager
def _mapped() -> Iterator[None]:
    """Chroma's failures have no common class: its own errors, SQLite's, OSError, RuntimeError from Rust."""
    try:
        yield
    except Exception as error:  # see above: there is no narrower class
        raise VectorsBroken(f"{type(error).__name__}: {error}") from error


class VectorIndex:
    """The passages' vectors in one Chroma folder, owned by one process."""

    def __init__(self, folder: Path, step: int = STEP) -> None:
        """Open, or make, the index in `folder`. Imports chromadb (one to three seconds).

        `step`: rows in one call. This and the methods raise VectorsBroken where Chroma fails.
        """
        with heavy():
            import chromadb
            from chromadb.api.collection_configuration import CreateCollectionConfiguration
            from chromadb.config import Settings

        self._step = step
        with _mapped():
            folder.mkdir(parents=True, exist_ok=True)
            # ClientAPI, the declared type, lacks the close() that the client has.
            self._client: Any = chromadb.PersistentClient(
                str(folder), Settings(anonymized_telemetry=False, allow_reset=False)
            )
            # Without None, the first add would download a model.
            self._rows: Collection = self._client.get_or_create_collection(
                NAME, embedding_function=None, configuration=CreateCollectionConfiguration(hnsw=HNSW)
            )

    def count(self) -> int:
        """Rows that the index says it has."""
        with _mapped():
            return self._rows.count()

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows; for those whose id is there, `replace`."""
        for start in range(0, len(rows), self._step):
            batch = rows[start : start + self._step]
            with _mapped():
                self._rows.upsert(
                    ids=[row[0] for row in batch],
                    embeddings=np.stack([row[1] for row in batch]),
                    metadatas=[_metadata(source, day) for _, _, source, day in batch],
                )

    def replace(self, rows: Sequence[Row]) -> None:
        """Put rows whose ids may be there. Written over in place, they would cut others off the graph."""
        self.drop(row[0] for row in rows)
        self.put(rows)

    def drop(self, ids: Iterable[str]) -> None:
        """Remove rows; unknown ids are passed over."""
        wanted = list(ids)
        size = min(BATCH, 4 * self._step)  # taking out is quicker than putting in
        for start in range(0, len(wanted), size):
            with _mapped():
                self._rows.delete(ids=wanted[start : start + size])

    def nearest(self, vector: Vector, limit: int, filters: Filters = Filters()) -> list[tuple[str, float]]:
        """Passage ids and cosine similarities, nearest first."""
        with _mapped():
            found = self._rows.query(
                query_embeddings=vector[np.newaxis],
                n_results=limit,
                where=_where(filters),
                include=["distances"],
            )
        distances = found["distances"] or [[]]
        return [
            (id_, 1.0 - float(distance)) for id_, distance in zip(found["ids"][0], distances[0], strict=True)
        ]

    def close(self) -> None:
        """Let go of the folder."""
        self._client.close()


def discard(folder: Path) -> None:
    """Remove a Chroma folder that nobody has open."""
    shutil.rmtree(folder, ignore_errors=True)


def _metadata(source: str | None, day: date | None) -> dict[str, str | int]:
    # Chroma keeps no None, compares numbers only, and refuses an empty mapping.
    return {"source": (source or "").casefold(), "day": day.toordinal() if day else 0}


def _where(filters: Filters) -> Any:
    parts: list[dict[str, Any]] = []
    if filters.source is not None:
        # "" stands for an unknown outlet, which passes no filter.
        parts.append({"source": filters.source.casefold() or "\0"})
    if filters.after is not None:
        parts.append({"day": {"$gte": filters.after.toordinal()}})
    if filters.before is not None:
        parts += [{"day": {"$lte": filters.before.toordinal()}}, {"day": {"$gt": 0}}]
    return {"$and": parts} if len(parts) > 1 else parts[0] if parts else None
