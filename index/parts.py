"""The desk's parts: opened at their first use, and lent for one piece of work at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from index import retrieval, swapping
from index.built import as_built, elsewhere, hindrance
from index.chunking import Chunker
from index.embedders import Embedders
from index.embedding import Embedder
from index.errors import IndexBusy, IndexMismatch
from index.library import Library
from index.locking import OneProcess
from index.neighbours import Neighbours
from index.reader import Reader
from index.refreshing import Refresh
from index.reports import Cancel, RefreshOptions, RefreshReport
from index.served import open_store
from index.settings import Settings
from index.snapshot import Snapshot
from index.store import VectorStore
from index.surveying import missing
from index.yielding import short_turns

if TYPE_CHECKING:
    from index.editing import Editing
    from index.requesting import Beside
    from index.writing import Writer

RETRY = 10.0
"""Seconds until an index that another process owns, or whose vectors could not be opened, is tried again."""


class Parts:
    """What answers and changes are made with. Safe to use from several threads."""

    def __init__(
        self, settings: Settings, purpose: str, beside: Callable[[Callable[[], object]], None]
    ) -> None:
        """`purpose` names this process to others. `beside` begins work for which nobody waits."""
        self.settings = settings
        self.data = settings.data_folder
        self.owner = OneProcess(self.data, purpose, shared=settings.server is not None)
        self.models = Embedders(settings)
        self.stays = False
        """Whether this process answers more than once, so that opening Chroma is worth its time."""
        self._reader = Reader()
        self._beside = beside
        self._opened: tuple[Library, VectorStore, Neighbours] | None = None
        self._opening = threading.Lock()
        self._changing = threading.Lock()
        self._next_try = 0.0
        self._under_way: tuple[RefreshOptions, Cancel] | None = None

    def opened(self) -> tuple[Library, VectorStore, Neighbours]:
        """Library, vector index and the search in both; the first call makes them, which is cheap."""
        with self._opening:
            if self._opened is None:
                swapping.settle(self.data, self.owner)
                library = Library(self.data / "library.db")
                store = open_store(library, self.data, self.settings.server, self.owner)
                self._opened = library, store, Neighbours(library, store, self.data)
            return self._opened

    def built(self) -> bool:
        """Whether there is an index already. Raises CorpusMissing where there can be none."""
        if not self.data.exists() and not self.settings.corpus.is_dir():
            raise missing(self.settings.corpus)  # before a folder is made for its index
        with self.opened()[0].snapshot() as known:
            return known.meta("refreshed") is not None

    def load_models(self) -> None:
        """Load the models, one after the other: the second one fits into what the first needed meanwhile."""
        self.models.now.load()
        self._reader.load()

    def load_vectors(self) -> None:
        """Open the vector index, where no other process has it."""
        _, store, _ = self.opened()
        if self.settings.server is not None or self.owner.tried():
            store.warm()

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """A snapshot for what needs no vector index, so that it works beside another process."""
        library, _, _ = self.opened()
        with library.snapshot() as known:
            wrong = elsewhere(known, self.settings)
            if wrong:
                raise IndexMismatch(wrong)
            yield known

    @contextmanager
    def answering(self) -> Iterator[tuple[Snapshot, retrieval.Retriever]]:
        """The same for what searches by meaning. Without Chroma, where another process has it."""
        with self.reading() as known:
            embedder = self.models.asking(known)
            wrong = hindrance(known, embedder, self.settings)
            if wrong:
                raise IndexMismatch(wrong)
            _, store, near = self.opened()
            if self.stays and not store.ready and time.monotonic() >= self._next_try:
                self._next_try = time.monotonic() + RETRY
                self._beside(self.load_vectors)
            yield known, retrieval.Retriever(known, near, embedder, self._reader)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """The one who may change the index. Raises IndexBusy where somebody else does."""
        if not self._changing.acquire(blocking=False):
            raise IndexBusy("A change of the index is under way already. Wait for its end.")
        try:
            with ExitStack() as stack:
                if self.settings.server is None:
                    self.owner.acquire()
                else:
                    stack.enter_context(self.owner.alone())
                stack.enter_context(short_turns())
                yield
        finally:
            self._changing.release()

    def refresh(self, options: RefreshOptions, cancel: Cancel) -> RefreshReport:
        """Refresh as the only one. Raises IndexBusy, and what `Refresh` raises."""
        with self.alone():
            self._under_way = (options, cancel)
            return self.refreshed(options, cancel)

    def refreshed(self, options: RefreshOptions, cancel: Cancel) -> RefreshReport:
        """The same for a caller that is alone already."""
        library, store, near = self.opened()
        settings, embedder = self.settings, self.models.now
        if options.only is not None:  # a part goes with the rest: other settings wait for all of it
            with library.snapshot() as known:
                settings, embedder = as_built(known, settings), self.models.asking(known)
        chunker = _chunker(embedder, settings)
        report = Refresh(library, store, embedder, chunker, settings, options, cancel)()
        near.matrix.follow()
        return report

    def repaired(self) -> dict[str, str]:
        """Mend what can be; what was done, by the name of its check. Raises IndexBusy."""
        from index.mending import Mending

        with self.alone():
            return Mending(
                self.settings,
                self.models.now,
                _chunker(self.models.now, self.settings),
                lambda: self.opened()[:2],
                self.let_go,
                lambda: self.opened()[2].matrix,
                self.refreshed,
            )()

    def editing(self) -> Editing:
        """What adds and removes articles."""
        from index.editing import Editing

        chunker = _chunker(self.models.now, self.settings)
        return Editing(self.settings, chunker, self.reading, self.alone, self.refreshed)

    def writer(self, beside: Beside) -> Writer | None:
        """What writes answers with the language model that is set. Raises ModelMissing, SettingsError."""
        from index.languages import language
        from index.llms import open_model
        from index.spending import FILE, Spending
        from index.supporting import Checker
        from index.writing import Writer

        language("")  # what tells the language of a question loads now, not with the first one
        model = open_model(self.settings)
        if model is None:
            return None
        spending = Spending(self.data / FILE, self.settings)
        return Writer(model, spending, Checker(self.models.now.bundled), self.settings, beside)

    def let_go(self) -> None:
        """Close the library and the vector index; the next use opens them."""
        with self._opening:
            if self._opened is not None:
                library, store, _ = self._opened
                store.close()
                library.close()
                self._opened = None

    def stop_held(self) -> None:
        """Cancel a refresh that is held, since nobody will let it go on."""
        if self._under_way is not None:
            options, cancel = self._under_way
            if options.pause.asked:
                cancel.set()

    def close(self) -> None:
        """Let go of everything, once nothing is under way any more."""
        self.let_go()
        self.models.close()
        self.owner.release()


def _chunker(embedder: Embedder, settings: Settings) -> Chunker:
    return Chunker(embedder.bundled.pieces, settings.passage_tokens)
