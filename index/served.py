"""The vector index of a library on a Chroma server, which several processes may ask at a time.

The library names the collection in use, and every question follows it there. One process at a time
changes it, as `locking.py` sees to it: in place where the change is small beside the whole, else in a
new collection. What is in a collection and not in the library no reader knows, so new passages come
before the switch and old ones go after it; after a crash the difference of ids is what is mended.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index import building
from index.collection import Vectors, VectorsBroken, VectorsGone, Writer, mark
from index.embedding import Vector
from index.errors import IndexBusy, VectorsAway
from index.library import Library
from index.locking import OneProcess
from index.server import Server, capital
from index.snapshot import Snapshot
from index.store import FOLDER, IN_STEP, SAMPLE, VectorStore, highest, lacking
from index.vectors import SERVED, Connection, ServedIndex

log = logging.getLogger(__name__)

OWN = "vectors_id"
"""Key of the table `meta`: what the names of this library's collections begin with."""
SHARE = 4
"""A change of up to one in so many of all passages is made in place."""
WRITING = 120.0
"""Seconds for one call that writes: a thousand rows are a second or two of a server's work."""
PATIENCE = 30.0
"""Seconds in which a call that writes and fails is tried again: a server starts in less."""


class ServedStore(VectorStore):
    """As VectorStore, on a server."""

    step = SERVED

    def __init__(self, library: Library, server: Server, owner: OneProcess) -> None:
        """`owner` is the lock of the one process that changes the index."""
        self._library = library
        self._server = server
        self._owner = owner
        self._index: Vectors | None = None
        self._wrong = ""
        """What is to be mended in the index in use."""
        self._asking: Connection | None = None
        self._writing: Connection | None = None
        self._guard = threading.RLock()
        self._warming = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether a question can be put to the server at once."""
        return self._index is not None and not self._wrong

    def _searched(self, vector: Vector, limit: int) -> tuple[list[tuple[str, float]], str]:
        """What was found, and the name of the collection that was asked. Mends nothing.

        Raises VectorsAway, within a few times the server's timeout: `opened` is the way back.
        """
        try:
            index = self._followed()
            try:
                return index.nearest(vector, limit), index.known_as
            except VectorsGone:  # since the library was asked for its name, perhaps
                self._index = None
                index = self._followed()
                return index.nearest(vector, limit), index.known_as
        except VectorsBroken as error:
            self._index = None
            raise VectorsAway(self._unusable(str(error))) from error
        except VectorsAway:
            self._index = None
            raise

    def opened(self) -> Vectors:
        """The vector index that the library names, mended if it has to be and nobody else changes it."""
        with self._guard:
            index = self._index
            if index is not None and index.name == self._named() and not self._wrong:
                return index
            try:
                self._wrong = self._open()
                if self._wrong:
                    with self._owner.alone(wait=0.0):
                        self._mend()
            except VectorsBroken as error:
                raise VectorsAway(self._unusable(str(error))) from error
            except IndexBusy as busy:  # who changes it brings it in step
                if self._index is None:
                    raise VectorsAway(self._unusable(str(busy))) from busy
            assert self._index is not None
            return self._index

    def fit_in_place(self, changed: int) -> bool:
        """Whether a change of so many passages is made in place, and not in a new collection."""
        with self._library.snapshot() as known:
            return changed <= max(building.FEW, known.count("passages") // SHARE)

    @contextmanager
    def changing(self) -> Iterator[Vectors]:
        """A change of library and vector index that leaves them in step. The caller is alone."""
        with self._guard:
            self._mend()
            assert self._index is not None
            index = self._writer().open(self._index.name)
        with self.doubted():
            yield index

    @contextmanager
    def copied(
        self,
        without: Collection[str] = (),
        tick: Callable[[], None] = lambda: None,
        *,
        anew: bool = False,
    ) -> Iterator[tuple[Writer, str]]:
        """A new collection with the library's passages, to change beside the one in use, and its name.

        As VectorStore.copied. The caller is alone.
        """
        with self._library.snapshot() as known:
            fresh = self._unused(known.meta(FOLDER) or "")
        try:
            made = self._writer().make(fresh)
            if not anew:
                self._copy(made, frozenset(without), tick)
            yield made, fresh
        except BaseException:  # raised again: a cancel too must leave no collection behind
            self._discard(fresh)
            raise
        self._library.set_meta({IN_STEP: "1"})
        self._discard_others(fresh)

    def deadly(self) -> str:
        """Nothing that a server has ends the process that asks it."""
        return ""

    def close(self) -> None:
        """Let go of the server."""
        with self._guard:
            self._index = None
            for connection in (self._asking, self._writing):
                if connection is not None:
                    connection.close()
            self._asking = self._writing = None

    def place(self) -> str:
        """The server and its version. Raises VectorsAway."""
        with self._guard:
            return f"{capital(self._server.place)} (version {self._connection().version()})"

    def _followed(self) -> Vectors:
        """The collection that the library names, as it is."""
        index = self._index
        if index is not None and index.name == self._named():
            return index
        if not self._guard.acquire(timeout=self._server.timeout):
            raise VectorsAway(self._unusable("they are being put there"))
        try:
            if self._index is None or self._index.name != self._named():
                self._wrong = self._open()
            if self._index is None:
                raise VectorsAway(self._unusable(self._wrong))
            return self._index
        finally:
            self._guard.release()

    def _mend(self) -> None:
        """Bring the collection in step with the library. The caller is alone."""
        self._wrong = self._open()
        if not self._wrong:
            return
        if self._index is None:
            self.fill(self._wrong)
            return
        log.info("Mending the vector index: %s", self._wrong)
        try:
            self._reconcile(self._writer().open(self._index.name))
            self._library.set_meta({IN_STEP: "1"})
            self._wrong = self._open()
        except VectorsBroken as error:
            self._wrong = str(error)
        if self._wrong:
            self.fill(self._wrong)

    def _reconcile(self, index: Vectors) -> None:
        """Take out what the library does not hold, or holds with another outlet or day; put in what lacks."""
        there: set[str] = set()
        wrong: list[str] = []
        with self._library.snapshot() as known:
            for page in index.pages():
                ours = {id_: mark(source, day) for id_, source, day in known.marks(page)}
                wrong += [id_ for id_ in page if page[id_] != ours.get(id_)]
                there.update(page)
            index.drop(wrong)
            missing = sorted(known.all_passage_ids() - there.difference(wrong))
            for start in range(0, len(missing), building.ROWS):
                index.put(known.rows(missing[start : start + building.ROWS]))

    def _open(self) -> str:
        """Open the collection that the library names; what is wrong with it, or nothing."""
        self._index = None
        with self._library.snapshot() as known:
            name, in_step = known.meta(FOLDER) or "", known.meta(IN_STEP)
            own = known.meta(OWN)
            expected, sample = known.count("passages"), known.sample(SAMPLE)
        if not own or not name.startswith(_start(own)):
            return "there is none"
        try:
            self._index = self._connection().open(name)
            if in_step != "1":
                return "a change was interrupted"
            return lacking(self._index, expected, sample)
        except VectorsGone:
            return "there is none"
        except VectorsBroken as error:
            self._index = None
            return str(error)

    def _filled(self, known: Snapshot, name: str, tick: Callable[[int, int], None]) -> Vectors:
        total, done = known.count("passages"), 0
        made = self._writer().make(name)
        for rows in known.vectors(building.ROWS):
            tick(done, total)
            made.put(rows)
            done += len(rows)
        made.finish()
        self._wrong = ""
        return self._connection().open(name)

    def _copy(self, made: ServedIndex, without: frozenset[str], tick: Callable[[], None]) -> None:
        with self._library.snapshot() as known:
            for rows in known.vectors(building.ROWS):
                tick()
                made.put([row for row in rows if row[0] not in without])

    def _unused(self, name: str) -> str:
        start = _start(self._own())
        return f"{start}{1 + highest([name, *self._writer().names(start)])}"

    def _own(self) -> str:
        with self._library.snapshot() as known:
            own = known.meta(OWN)
        if own is None:
            own = secrets.token_hex(8)
            self._library.set_meta({OWN: own})
        return own

    def _named(self) -> str:
        with self._library.snapshot() as known:
            return known.meta(FOLDER) or ""

    def _discard(self, name: str) -> None:
        with suppress(VectorsAway, VectorsBroken):  # the next change removes it
            self._writer().remove(name)

    def _discard_others(self, name: str) -> None:
        """Remove the collections before this one; who still asks one of them follows the library."""
        with suppress(VectorsAway, VectorsBroken):  # the next change removes them
            for other in self._writer().names(_start(self._own())):
                if other != name:
                    self._writer().remove(other)

    def _connection(self) -> Connection:
        if self._asking is None:
            limit = float(self._server.timeout)
            self._asking = Connection(self._server, limit, limit)
        return self._asking

    def _writer(self) -> Connection:
        with self._guard:
            if self._writing is None:
                self._writing = Connection(self._server, WRITING, PATIENCE)
            return self._writing

    def _unwritable(self, error: VectorsBroken) -> str:
        return (
            f"The vectors cannot be put into {self._server.place} ({error}). "
            "Look at its log and its disk, then run: footnote doctor --repair"
        )

    def _unusable(self, why: str) -> str:
        return (
            f"The vectors of this index in {self._server.place} cannot be used now ({why}). "
            "Nothing is lost: they are put there again. Ask again in a while, or run: footnote doctor"
        )


def open_store(library: Library, data: Path, server: Server | None, owner: OneProcess) -> VectorStore:
    """The vector index of a library: on the server, or where there is none in the folder `data`."""
    return VectorStore(library, data) if server is None else ServedStore(library, server, owner)


def _start(own: str) -> str:
    return f"footnote-{own}-"
