"""Keeps the vector index in step with the library: opens it, repairs it, and knows what built them."""

from __future__ import annotations

import logging
import shutil
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from index import building
from index.building import Builder
from index.collection import Vectors, VectorsBroken, Writer
from index.embedding import Vector
from index.errors import IndexBroken, RefreshCancelled, VectorsAway
from index.library import Library
from index.snapshot import MATRIX, Row, Snapshot
from index.vectors import STEP, VectorIndex, discard

log = logging.getLogger(__name__)

FOLDER = "vectors"
"""Key of the table `meta`: the name of the Chroma folder in use."""
IN_STEP = "vectors_in_step"
"""Key of the table `meta`: "1" while library and vector index hold the same passages."""
WORD = "vectors_word"
"""Key of the table `meta`: the word that the Chroma folder in use is marked with."""
SAMPLE = 20
"""Passages that are looked up at each opening."""
FOUND = 0.99
"""Cosine of a vector with itself, or with that of the same words, after Chroma's rounding."""


class VectorStore:
    """The vector index of a library. It opens at first use; one process may hold it."""

    step = STEP
    """Rows that a change in place gives it at a time."""

    def __init__(self, library: Library, data: Path) -> None:
        """`data` is the folder beside which nothing else writes."""
        self._library = library
        self._data = data
        self._index: Vectors | None = None
        self._guard = threading.RLock()
        self._warming = threading.Lock()

    @property
    def ready(self) -> bool:
        """Whether the vector index is open, so that a question need not wait for it."""
        return self._index is not None

    def nearest(self, vector: Vector, limit: int) -> list[tuple[str, float]]:
        """Passage ids and cosine similarities, nearest first. Repairs the index if it has to."""
        return self._searched(vector, limit)[0]

    def nearest_of(
        self, generation: str | None, name: str | None, vector: Vector, limit: int
    ) -> list[tuple[str, float]] | None:
        """The same among a generation's passages, whose index is called `name`.

        None where what was searched is another's, or became so meanwhile.
        """
        found, asked = self._searched(vector, limit)
        if asked != name:
            return None
        with self._library.snapshot() as now:
            same = (now.meta("generation"), now.meta(FOLDER), now.meta(IN_STEP)) == (generation, name, "1")
        return found if same else None

    def _searched(self, vector: Vector, limit: int) -> tuple[list[tuple[str, float]], str]:
        """What was found, and the name of the index that was asked."""
        index = self.opened()
        try:
            return index.nearest(vector, limit), index.known_as
        except VectorsBroken as error:
            with self._guard:
                if self._index is index:  # else another thread has filled it meanwhile
                    self.fill(str(error))
        index = self.opened()
        return index.nearest(vector, limit), index.known_as

    def opened(self) -> Vectors:
        """The vector index, in step with the library."""
        if self._index is not None:
            return self._index
        with self._guard:
            if self._index is None:
                wrong = self._open()
                if wrong:
                    self.fill(wrong)
            assert self._index is not None
            return self._index

    def warm(self) -> None:
        """Open it ahead of a question, and repair it if it has to be; at once where that is under way."""
        if self._warming.acquire(blocking=False):
            try:
                self.opened()
            except VectorsAway as error:  # questions do without
                log.warning("Answering without Chroma: %s", error)
            finally:
                self._warming.release()

    def fit_in_place(self, changed: int) -> bool:
        """Whether a change of so many passages is made in place, and not on a copy."""
        return changed <= building.FEW

    @contextmanager
    def changing(self) -> Iterator[Vectors]:
        """A change of library and vector index that leaves them in step."""
        index = self.opened()
        with self.doubted():
            index.mark("")  # so that a library which lost its last words does not take it for its own
            yield index

    @contextmanager
    def doubted(self) -> Iterator[None]:
        """A block that ends, or is cancelled, with library and vector index in step.

        Where it is killed, or fails, the next opening fills the vector index anew.
        """
        self._library.set_meta({IN_STEP: "0"})
        try:
            yield
        except RefreshCancelled:
            self._agree_again()
            raise
        except BaseException:
            self.close()
            raise
        self._agree_again()

    @contextmanager
    def copied(
        self,
        without: Collection[str] = (),
        tick: Callable[[], None] = lambda: None,
        *,
        anew: bool = False,
    ) -> Iterator[tuple[Writer, str]]:
        """A copy of the vector index to change beside it, and its name.

        `without`: ids of passages that it lacks. `tick` is called now and then, and may raise. `anew`: it
        is empty, whatever became of the index in use. Where the block ends without an error, the library
        has to name the copy (`FOLDER`): then it is the one in use. Else it is removed, and nothing has
        changed.
        """
        with self._guard:
            if not anew:
                self.opened()
            with self._library.snapshot() as known:
                name, word = known.meta(FOLDER) or "", known.meta(WORD) or ""
            fresh = self._data / self._unused(name)
            try:
                if not anew:
                    shutil.copytree(self._data / name, fresh)
            except OSError as error:
                discard(fresh)
                raise VectorsBroken(f"it cannot be copied: {error}") from error
        try:
            with Builder(fresh, word) as builder:
                if not anew:
                    builder.drop(without)
                yield builder, fresh.name
        except BaseException as error:
            if not isinstance(error, RefreshCancelled):
                self.close()  # whether the library names the copy is not known: opening finds out
            discard(fresh)
            raise
        self._follow(fresh.name)

    def fill(self, why: str, tick: Callable[[int, int], None] = lambda done, total: None) -> None:
        """Build the vector index anew from the library's vectors; nothing is embedded.

        `tick(done, total)` is told the passages that are in.
        """
        with self._guard, self._library.snapshot() as known:
            fresh = self._unused(known.meta(FOLDER) or "")
            log.info("Filling the vector index from the library: %s", why)
            try:
                index = self._filled(known, fresh, tick)
                self._agree(index, {FOLDER: fresh})
            except VectorsBroken as error:
                self._discard(fresh)
                raise IndexBroken(self._unwritable(error)) from error
            old, self._index = self._index, index
            if old is not None:
                old.close()
            self._discard_others(fresh)

    def place(self) -> str:
        """Where the vectors are, for people."""
        return "Chroma"

    @property
    def folder(self) -> str | None:
        """The name of the folder, or of the collection, that the library names."""
        with self._library.snapshot() as known:
            return known.meta(FOLDER)

    def deadly(self) -> str:
        """What is wrong with it that could end a process which asks it: so another one does first."""
        name = self.folder
        with self._guard, self._library.snapshot() as known:
            if self._index is not None or name is None or not (self._data / name).is_dir():
                return ""
            try:
                with Builder(self._data / name) as other:
                    for rows in known.vectors(building.ROWS):
                        other.find(rows)
            except VectorsBroken as error:
                return str(error)
        return ""

    def differences(self) -> str:
        """Look at every row: how the vector index differs from the library, or nothing."""
        index = self.opened()
        with self._library.snapshot() as known:
            total, sample = known.count("passages"), known.sample(SAMPLE)
            wrong = lacking(index, total, sample)
            if wrong:
                return wrong
            bad = sum(len(index.differing(rows)) for rows in known.vectors(building.ROWS))
        return f"{bad} of {total} passages are missing, or have other vectors" if bad else ""

    def close(self) -> None:
        """Let go of the vector index."""
        with self._guard:
            if self._index is not None:
                self._index.close()
                self._index = None

    def _agree_again(self) -> None:
        try:
            if self._index is not None:  # else the next opening finds out
                self._agree(self._index)
        except VectorsBroken as error:
            self.fill(str(error))

    def _agree(self, index: Vectors, meta: Mapping[str, str] = MappingProxyType({})) -> None:
        """Let library and vector index remember that they agree. What Chroma wrote is on the disk first."""
        word = uuid.uuid4().hex
        index.mark(word)
        self._library.set_meta({**meta, IN_STEP: "1", WORD: word})

    def _another_state(self) -> str:
        """The library has lost what it said last: what was written for that is not to be met again."""
        self._library.set_meta({MATRIX: uuid.uuid4().hex[:8]})
        return "it is of another state of the library"

    def _unused(self, name: str) -> str:
        """The next folder's name. One that a killed process left may still be written by its helper."""
        return f"vectors-{1 + highest([name, *(folder.name for folder in self._data.glob('vectors-*'))])}"

    def _follow(self, name: str) -> None:
        """Use the folder that the library names now; who is asking goes on with the old one meanwhile."""
        with self._guard:
            old, wrong = self._index, self._open()
            if wrong:
                self.fill(wrong)
                return
            if old is not None:
                old.close()
            self._discard_others(name)

    def _filled(self, known: Snapshot, name: str, tick: Callable[[int, int], None]) -> Vectors:
        return _filled(known, self._data / name, tick)

    def _unwritable(self, error: VectorsBroken) -> str:
        return (
            f"The vector index in {self._data} cannot be written ({error}). "
            "Check that the disk is not full and the folder is writable, then run: footnote doctor --repair"
        )

    def _discard(self, name: str) -> None:
        discard(self._data / name)

    def _discard_others(self, name: str) -> None:
        for folder in self._data.glob("vectors-*"):
            if folder.name != name:
                discard(folder)

    def _open(self) -> str:
        """Open the folder in use; what is wrong with it, or nothing."""
        with self._library.snapshot() as known:
            name, in_step, word = known.meta(FOLDER), known.meta(IN_STEP), known.meta(WORD)
            expected = known.count("passages")
            sample = known.sample(SAMPLE)
        if name is None or not (self._data / name).is_dir():
            return "there is none"
        if in_step != "1":
            return "a refresh was interrupted, or its last opening failed"
        # Some damage makes Chroma end the whole process: then the mark stays for the next one.
        self._library.set_meta({IN_STEP: "0"})
        try:
            index = VectorIndex(self._data / name)
            wrong = "" if index.marked == (word or "") else self._another_state()
            wrong = wrong or lacking(index, expected, sample)
        except VectorsBroken as error:
            return str(error)
        if wrong:
            index.close()
            return wrong
        self._library.set_meta({IN_STEP: "1"})
        self._index = index
        return ""


def highest(names: Iterable[str]) -> int:
    """The highest number at the end of a name, after a dash; 0 for none."""
    numbers = [number for name in names if (number := name.rpartition("-")[2]).isdecimal()]
    return max(map(int, numbers), default=0)


def _filled(known: Snapshot, folder: Path, tick: Callable[[int, int], None]) -> VectorIndex:
    """All passages of the library in a new folder, by another process where they are many."""
    total = known.count("passages")
    if total <= building.FEW:
        index = VectorIndex(folder)
        for rows in known.vectors():
            index.put(rows)
        return index
    done = 0
    with Builder(folder) as builder:
        for rows in known.vectors(building.ROWS):
            tick(done, total)
            builder.put(rows)
            done += len(rows)
        builder.finish()
    return VectorIndex(folder)


def lacking(index: Vectors, expected: int, sample: Sequence[Row]) -> str:
    """What an opened index lacks; a damaged one can count its rows right and still not find them."""
    count = index.count()
    if count != expected:
        return f"it holds {count} of {expected} passages"
    nearest = index.nearest_each([row[1] for row in sample], 1)
    lost = [near for near in nearest if not near or near[0][1] < FOUND]
    if len(lost) > len(sample) // 10:  # a sound graph may hide one row in hundreds
        return "it does not find its passages"
    return ""
