"""Passages' vectors in one collection of Chroma, wherever it is: rows in and out, and nearest neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.embedding import Vector
from index.errors import VectorsAway
from index.snapshot import Row

if TYPE_CHECKING:
    from chromadb.api.models.Collection import Collection

BATCH = 5000
"""Rows in one call. Chroma refuses more than 5,461."""
SAME = 1e-4
"""By how much a coordinate may differ after Chroma's rounding; those of unit vectors are about 0.05."""
SHOWN = 300
"""Letters of Chroma's own words that are shown."""

Mark = dict[str, Any]
"""The outlet and the day of a passage, as Chroma has them."""


class VectorsBroken(Exception):
    """Chroma failed. The library can fill the index again."""


class VectorsGone(VectorsBroken):
    """There is no such index, or no longer."""


class Writer(Protocol):
    """What a new vector index is written by."""

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows whose ids are not there."""
        ...

    def drop(self, ids: Iterable[str]) -> None:
        """Remove rows; unknown ids are passed over."""
        ...

    def finish(self) -> None:
        """What was written is whole. Raises VectorsBroken where it is not."""
        ...


@contextmanager
def mapped(plain: Callable[[str], str] = str) -> Iterator[None]:
    """Chroma's failures have no common class: its own errors, SQLite's, OSError, RuntimeError from Rust.

    `plain` takes out of its words what must not be shown.
    """
    try:
        yield
    except VectorsAway:  # the session has said it already
        raise
    except Exception as error:  # see above: there is no narrower class
        kind = VectorsGone if type(error).__name__ == "NotFoundError" else VectorsBroken
        raise kind(plain(f"{type(error).__name__}: {error}"[:SHOWN])) from error


class Vectors:
    """Passages' vectors in one collection. Every method raises VectorsBroken where Chroma fails."""

    _rows: Collection
    _step: int
    """Rows in one call."""
    _page: int
    """Ids, or neighbours, in one call."""
    _plain: Callable[[str], str] = str

    @property
    def name(self) -> str:
        """The collection's name."""
        return self._rows.name

    @property
    def known_as(self) -> str:
        """The name by which the library knows it."""
        return self.name

    def count(self) -> int:
        """Rows that the index says it has."""
        with mapped(self._plain):
            return self._rows.count()

    def pages(self) -> Iterator[dict[str, Mark]]:
        """The ids of all rows, each with its outlet and day. No row may come or go meanwhile."""
        start = 0
        while True:
            with mapped(self._plain):
                found = self._rows.get(include=["metadatas"], limit=self._page, offset=start)
            marks = found["metadatas"] or []
            yield {id_: dict(mark or {}) for id_, mark in zip(found["ids"], marks, strict=True)}
            if len(found["ids"]) < self._page:
                return
            start += len(found["ids"])

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows; for those whose id is there, `replace`."""
        for start in range(0, len(rows), self._step):
            batch = rows[start : start + self._step]
            with mapped(self._plain):
                self._rows.upsert(
                    ids=[row[0] for row in batch],
                    embeddings=np.stack([row[1] for row in batch]),
                    metadatas=[mark(source, day) for _, _, source, day in batch],
                )

    def replace(self, rows: Sequence[Row]) -> None:
        """Put rows whose ids may be there. Written over in place, they would cut others off the graph."""
        self.drop(row[0] for row in rows)
        self.put(rows)

    def drop(self, ids: Iterable[str]) -> None:
        """Remove rows; unknown ids are passed over."""
        wanted = list(ids)
        size = min(BATCH, self._page, 4 * self._step)  # taking out is quicker than putting in
        for start in range(0, len(wanted), size):
            with mapped(self._plain):
                self._rows.delete(ids=wanted[start : start + size])

    def nearest(self, vector: Vector, limit: int) -> list[tuple[str, float]]:
        """Passage ids and cosine similarities, nearest first."""
        return self.nearest_each([vector], limit)[0]

    def nearest_each(self, vectors: Sequence[Vector], limit: int) -> list[list[tuple[str, float]]]:
        """The same for several vectors, in one call."""
        if not vectors:
            return []
        with mapped(self._plain):
            found = self._rows.query(
                query_embeddings=np.stack(vectors),
                n_results=min(limit, self._page),
                include=["distances"],
            )
        distances = found["distances"] or [[] for _ in vectors]
        return [
            [(id_, 1.0 - float(distance)) for id_, distance in zip(ids, far, strict=True)]
            for ids, far in zip(found["ids"], distances, strict=True)
        ]

    def differing(self, rows: Sequence[Row]) -> list[str]:
        """Ids of those rows that are not there, or with another vector."""
        there: dict[str, Vector] = {}
        for start in range(0, len(rows), self._page):
            ids = [row[0] for row in rows[start : start + self._page]]
            with mapped(self._plain):
                found = self._rows.get(ids, include=["embeddings"])
            vectors = found["embeddings"]
            made = np.asarray(vectors if vectors is not None else [], dtype=np.float32)
            there |= zip(found["ids"], made, strict=True)
        return [
            id_
            for id_, vector, *_ in rows
            if id_ not in there or not np.allclose(there[id_], vector, atol=SAME)
        ]

    def mark(self, word: str) -> None:
        """Note down a word, by which the library knows this state again. Nothing on a server."""

    def close(self) -> None:
        """Let go of it."""


def mark(source: str | None, day: date | None) -> Mark:
    """Its article's outlet, and its day as a number: for who looks into Chroma. Filters are exact search."""
    # Chroma keeps no None, compares numbers only, and refuses an empty mapping.
    return {"source": (source or "").casefold(), "day": day.toordinal() if day else 0}
