"""A change of the library and of its vector index, in an order that makes it safe to kill at any moment.

A small change is made in place:

1. The library is told that the vector index is about to change.
2. New passages go into the vector index; readers, still on the old generation, drop them.
3. One transaction switches the library to the new generation.
4. Old passages leave the vector index; then the library is told that the two agree.

Between 1 and 4 a kill leaves the mark of step 1, and the next opening fills the vector index
anew from the library (`store.py`).

A large one is made on a copy by a process of its own (`building.py`), or in a new collection of the
server; the transaction that switches the library then names the copy as the vector index. A kill
before it leaves a copy that nobody knows. A rebuild begins with an empty one instead of a copy.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index import building
from index.collection import Vectors, VectorsBroken
from index.errors import RefreshCancelled, VectorsAway
from index.library import Library
from index.snapshot import Row
from index.store import FOLDER, IN_STEP, VectorStore

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What goes, what comes, and how the library is switched. Call it once."""

    library: Library
    store: VectorStore
    doomed: frozenset[str]
    """Ids of passages that are in the vector index and go, or come back with other values."""
    coming: Sequence[str]
    """Ids of passages that come."""
    rows: Callable[[Sequence[str]], list[Row]]
    """Their rows, asked for a few at a time."""
    switch: Callable[[Mapping[str, str]], None]
    """Makes the library's next generation, with these further values in its table `meta`."""
    tick: Callable[[int, int], None] = lambda done, total: None
    """Told the passages that are in; may raise RefreshCancelled."""
    anew: bool = False
    """Whether nothing of the vector index stays: what comes is all that there will be."""

    def __call__(self) -> None:
        """Do it. After RefreshCancelled nothing has changed."""
        try:
            if not self.anew and self.store.fit_in_place(len(self.doomed) + len(self.coming)):
                self._in_place()
            else:
                self._on_a_copy()
        except VectorsBroken as error:  # the truth goes on, and the copy is made from it
            self.switch({IN_STEP: "0"})
            self.store.fill(str(error))

    def _in_place(self) -> None:
        switched = False
        try:
            with self.store.changing() as vectors:
                self._come(vectors)
                self.switch({})
                switched = True
                self._go(vectors)
        except VectorsAway as error:
            if not switched:
                raise
            # What is left there no reader knows, and the mark says that it is there.
            log.warning("What the articles no longer hold is taken out later: %s", error)

    def _come(self, vectors: Vectors) -> None:
        try:
            self._put(vectors)
        except RefreshCancelled:
            vectors.drop(self.coming)
            with self.library.snapshot() as known:
                vectors.put(known.rows(self.doomed.intersection(self.coming)))
            raise

    def _go(self, vectors: Vectors) -> None:
        try:
            vectors.drop(self.doomed.difference(self.coming))
        except VectorsBroken as error:
            self.store.fill(str(error))

    def _put(self, vectors: Vectors) -> None:
        for rows in self._steps(self.store.step):
            vectors.put([row for row in rows if row[0] not in self.doomed])
            vectors.replace([row for row in rows if row[0] in self.doomed])

    def _on_a_copy(self) -> None:
        with self.store.copied(self.doomed, self._tick, anew=self.anew) as (builder, name):
            for rows in self._steps(building.ROWS):
                builder.put(rows)
            builder.finish()
            self.switch({FOLDER: name, IN_STEP: "1"})

    def _tick(self) -> None:
        self.tick(0, len(self.coming))

    def _steps(self, size: int) -> Iterator[list[Row]]:
        for start in range(0, len(self.coming), size):
            self.tick(start, len(self.coming))
            yield self.rows(self.coming[start : start + size])
