"""A change of the library and of its vector index, in an order that makes it safe to kill at any moment.

A small change is made in place:

1. The library is told that the vector index is about to change.
2. New passages go into the vector index; readers, still on the old generation, drop them.
3. One transaction switches the library to the new generation.
4. Old passages leave the vector index; then the library is told that the two agree.

Between 1 and 4 a kill leaves the mark of step 1, and the next opening fills the vector index
anew from the library (`store.py`).

A large one is made on a copy by a process of its own (`building.py`); the transaction that switches
the library then names the copy as the vector index. A kill before it leaves a copy that nobody knows.
A rebuild begins with an empty one instead of a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from index import building
from index.errors import RefreshCancelled
from index.library import Library
from index.snapshot import Row
from index.store import FOLDER, IN_STEP, VectorStore
from index.vectors import STEP, VectorIndex, VectorsBroken


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
            if self.anew or len(self.doomed) + len(self.coming) > building.FEW:
                self._on_a_copy()
            else:
                self._in_place()
        except VectorsBroken as error:  # the truth goes on, and the copy is made from it
            self.switch({IN_STEP: "0"})
            self.store.fill(str(error))

    def _in_place(self) -> None:
        with self.store.changing() as vectors:
            try:
                self._put(vectors)
            except RefreshCancelled:
                vectors.drop(self.coming)
                with self.library.snapshot() as known:
                    vectors.put(known.rows(self.doomed.intersection(self.coming)))
                raise
            self.switch({})
            try:
                vectors.drop(self.doomed.difference(self.coming))
            except VectorsBroken as error:
                self.store.fill(str(error))

    def _put(self, vectors: VectorIndex) -> None:
        for rows in self._steps(STEP):
            vectors.put([row for row in rows if row[0] not in self.doomed])
            vectors.replace([row for row in rows if row[0] in self.doomed])

    def _on_a_copy(self) -> None:
        with self.store.copied(anew=self.anew) as (builder, name):
            if not self.anew:
                builder.drop(self.doomed)
            for rows in self._steps(building.ROWS):
                builder.put(rows)
            builder.finish()
            self.switch({FOLDER: name, IN_STEP: "1"})

    def _steps(self, size: int) -> Iterator[list[Row]]:
        for start in range(0, len(self.coming), size):
            self.tick(start, len(self.coming))
            yield self.rows(self.coming[start : start + size])
