"""The desk: the async face of the index. Its threads are in `threads.py`."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from corpus.article import Article
from index import answering, doctor, quotes, related, retrieval, status, swapping
from index.built import as_built, elsewhere, hindrance, mismatch
from index.chunking import Chunker
from index.embedders import Embedders
from index.errors import IndexBusy, IndexMismatch
from index.library import Library
from index.locking import OneProcess
from index.matrix import Matrix
from index.moves import BackedUp, BackupOptions, Exported, Restored, RestoreOptions
from index.neighbours import Neighbours
from index.reader import Reader
from index.refreshing import Refresh
from index.served import open_store
from index.settings import Settings
from index.snapshot import Snapshot
from index.store import VectorStore
from index.surveying import missing
from index.threads import Threads
from index.types import (
    Answer,
    Cancel,
    Card,
    Check,
    CheckedClaim,
    Citation,
    Context,
    Draft,
    Event,
    Filters,
    Generation,
    Hit,
    Question,
    RefreshOptions,
    RefreshReport,
    Status,
    Undone,
)
from index.undoing import undo, undoable
from index.yielding import short_turns

if TYPE_CHECKING:
    from index.editing import Editing

T = TypeVar("T")

RETRY = 10.0
"""Seconds until an index that another process owns, or whose vectors could not be opened, is tried again."""


class IndexDesk:
    """Implements `index.desk.Desk`. Nothing is opened, and no model loaded, before it is needed."""

    def __init__(self, settings: Settings, purpose: str) -> None:
        """`purpose` names this process to others that want the same index."""
        self._settings = settings
        self._data = settings.data_folder
        self._server = settings.server
        self._owner = OneProcess(self._data, purpose, shared=self._server is not None)
        self._models = Embedders(settings)
        self._reader = Reader()
        self._opened: tuple[Library, VectorStore] | None = None
        self._near: Neighbours | None = None
        self._stays = False
        self._next_try = 0.0
        self._opening = threading.Lock()
        self._refreshing = threading.Lock()
        self._under_way: tuple[RefreshOptions, Cancel] | None = None
        self._threads = Threads()

    async def prepare(self, options: RefreshOptions) -> RefreshReport | None:
        """Build the index if there is none yet; the report if it did."""
        if await self._threads.answer(self._built):
            return None
        return await self.refresh(options)

    async def warm(self) -> None:
        """Load all that answers need: for a process that stays. One that asks once does without Chroma."""
        self._stays = True
        await asyncio.gather(
            self._threads.answer(self._load_models), self._threads.answer(self._load_vectors)
        )

    def _load_vectors(self) -> None:
        _, store = self._open()
        if self._server is not None or self._owner.tried():
            store.warm()

    async def ask(self, question: Question) -> Answer:
        """Answer a question. Raises QuestionError where it cannot be read as one."""
        asked = answering.checked(question)
        self._threads.beside(self._load_models)
        return await self._look(lambda known, find: answering.answer(asked, known, find, self._settings))

    def _load_models(self) -> None:
        # In one thread, so that the second one fits into what the first one needed while it loaded. A
        # search does without the reader.
        self._models.now.load()
        self._reader.load()

    async def search(
        self, query: str, limit: int = 10, filters: Filters = Filters(), asked: date | None = None
    ) -> Sequence[Hit]:
        """The best passage of each of the best `limit` articles, best first.

        `asked` is the day to which "last week" refers, today if not given.
        """
        text, day = answering.checked(Question(query)).text, asked or date.today()
        return await self._look(lambda _, find: find.articles(text, limit, filters, day))

    async def articles(self, filters: Filters = Filters()) -> Sequence[Card]:
        """All articles, newest first, those without a date last."""
        return await self._read(lambda known: known.cards(filters))

    async def article(self, article_id: str) -> Article:
        """One article with its cleaned text. Raises UnknownArticle."""
        return await self._read(lambda known: known.known_article(article_id))

    async def refresh(self, options: RefreshOptions) -> RefreshReport:
        """Bring the index to the state of the corpus folder; stops cleanly when cancelled.

        Where the settings are others than those that built the index, it is built anew. Questions are
        answered from the old one until the new one is complete.
        """
        return await self._threads.stoppable(lambda cancel: self._refresh(options, cancel))

    async def status(self) -> Status:
        """Counts, dates and sizes, without loading a model."""
        return await self._read(lambda known: status.status(known, self._settings, self._models.now))

    async def doctor(self, *, repair: bool = False) -> Sequence[Check]:
        """Check settings, model, library and vectors, and `repair` what can be. Raises IndexBusy for that."""

        def work() -> Sequence[Check]:
            mended = self._repaired() if repair else {}
            return doctor.examine(
                self._settings, self._models, self._owner, self._open, self._columns, mended
            )

        return await self._threads.answer(work)

    async def titles(self, typed: str, limit: int = 25) -> Sequence[Card]:
        """Articles whose headline holds what is typed, newest first; quick, for completions."""
        return await self._read(lambda known: known.titles(typed, limit))

    async def outlets(self, typed: str, limit: int = 25) -> Sequence[str]:
        """Outlets whose name holds what is typed, those with most articles first; quick."""
        return await self._read(lambda known: known.outlets(typed, limit))

    async def context(self, citation: Citation) -> Context | None:
        """The quote with the sentences around it; None where the article no longer holds it."""
        return await self._read(lambda known: quotes.context(citation, known))

    async def check(self, text: str) -> Sequence[CheckedClaim]:
        """Hold each claim of a text against the articles. Raises QuestionError."""
        from index import claims

        return await self._look(lambda known, find: claims.check(text, known, find, self._settings))

    async def timeline(self, topic: str, filters: Filters = Filters()) -> Sequence[Event]:
        """Dated facts on a topic, in the order of their days. Raises QuestionError."""
        from index import timeline

        asked = answering.checked(Question(topic)).text
        return await self._look(lambda known, find: timeline.timeline(asked, filters, known, find))

    async def related(self, article_id: str, limit: int = 5) -> Sequence[Card]:
        """Articles that cover the same, nearest first. Raises UnknownArticle."""
        near = self._neighbours
        return await self._look(lambda known, _: related.related(article_id, limit, known, near()))

    async def alike(self, questions: Sequence[str]) -> Sequence[Sequence[int]]:
        """Groups of questions that ask the same, as places in `questions`; each is in one group."""
        from index import alike

        return await self._threads.answer(lambda: alike.alike(questions, self._models.now.bundled))

    async def draft_page(self, url: str) -> Draft:
        """Fetch a page and read its article. Raises PageRefused or UnreadableDraft."""
        return await self._threads.answer(lambda: self._editing().page(url))

    async def draft_file(self, name: str, content: bytes) -> Draft:
        """Read the articles of a file. Raises UnreadableDraft."""
        return await self._threads.answer(lambda: self._editing().file(name, content))

    async def add(self, draft: Draft) -> RefreshReport:
        """Put a draft into the corpus folder and index it. Raises IndexBusy."""
        return await self._threads.change(lambda: self._editing().add(draft))

    async def remove(self, article_id: str) -> RefreshReport:
        """Take an article out of the corpus folder and the index. Raises UnknownArticle, IndexBusy."""
        return await self._threads.change(lambda: self._editing().remove(article_id))

    async def generations(self) -> Sequence[Generation]:
        """The changes that can be undone, the last first. Raises NothingToUndo where there are none."""
        return await self._read(undoable)

    async def undo(self) -> Undone:
        """Back by the last change that is kept. Raises NothingToUndo, IndexBusy."""

        def back() -> Undone:
            with self._alone():
                undone = undo(*self._open())
                self._neighbours().matrix.follow()
                return undone

        return await self._threads.change(back)

    async def back_up(self, file: Path, options: BackupOptions) -> BackedUp:
        """Write a backup, beside whatever is under way. Raises BackupRefused, BackupBroken."""
        from index.backup import Backup

        def work(cancel: Cancel) -> BackedUp:
            swapping.settle(self._data, self._owner)
            return Backup(self._data, file, options, cancel)()

        return await self._threads.stoppable(work)

    async def restore(self, file: Path, options: RestoreOptions) -> Restored:
        """Bring a backup back, whole or not at all. Raises IndexPresent, BackupBroken, IndexBusy."""
        from index.restoring import Restore

        def work(cancel: Cancel) -> Restored:
            with self._alone():
                self._let_go()
                report = Restore(file, self._settings, options, cancel)()
                with self._reading() as known:
                    wrong = mismatch(known, self._models.asking(known), self._models.now, self._settings)
                    return replace(report, mismatch=wrong)

        return await self._threads.stoppable(work)

    async def export(self, out: BinaryIO, filters: Filters = Filters()) -> Exported:
        """Write the articles as the lines of a .jsonl file that the corpus reader takes back."""
        from index.exporting import export

        return await self._read(lambda known: export(known, out, filters))

    async def close(self) -> None:
        """Let go of the index. Waits for what is under way; a refresh that is held is stopped."""
        if self._under_way is not None:
            options, cancel = self._under_way
            if options.pause.asked:
                cancel.set()
        await self._threads.close()
        self._let_go()
        self._models.close()
        self._owner.release()

    def _let_go(self) -> None:
        with self._opening:
            if self._opened is not None:
                library, store = self._opened
                store.close()
                library.close()
                self._opened = self._near = None

    async def _read(self, work: Callable[[Snapshot], T]) -> T:
        """Read the library alone, beside whatever else is under way."""

        def read() -> T:
            with self._reading() as known:
                return work(known)

        return await self._threads.read(read)

    async def _look(self, work: Callable[[Snapshot, retrieval.Retriever], T]) -> T:
        """Search with the model and the vector index."""

        def look() -> T:
            with self._answering() as (known, retriever):
                return work(known, retriever)

        return await self._threads.answer(look)

    def _open(self) -> tuple[Library, VectorStore]:
        """The library and the vector index; the first call makes them, which is cheap."""
        with self._opening:
            if self._opened is None:
                swapping.settle(self._data, self._owner)
                library = Library(self._data / "library.db")
                store = open_store(library, self._data, self._server, self._owner)
                self._near = Neighbours(library, store, self._data)
                self._opened = library, store
            return self._opened

    def _neighbours(self) -> Neighbours:
        self._open()
        assert self._near is not None
        return self._near

    def _repaired(self) -> dict[str, str]:
        from index.mending import Mending

        with self._alone():
            return Mending(
                self._settings,
                self._models.now,
                self._chunker(),
                self._open,
                self._let_go,
                self._columns,
                self._refreshed,
            )()

    def _columns(self) -> Matrix:
        return self._neighbours().matrix

    def _built(self) -> bool:
        if not self._data.exists() and not self._settings.corpus.is_dir():
            raise missing(self._settings.corpus)  # before a folder is made for its index
        with self._open()[0].snapshot() as known:
            return known.meta("refreshed") is not None

    @contextmanager
    def _reading(self) -> Iterator[Snapshot]:
        """A snapshot for what needs no vector index, so that it works beside another process."""
        library, _ = self._open()
        with library.snapshot() as known:
            wrong = elsewhere(known, self._settings)
            if wrong:
                raise IndexMismatch(wrong)
            yield known

    @contextmanager
    def _answering(self) -> Iterator[tuple[Snapshot, retrieval.Retriever]]:
        """The same for what searches by meaning. Without Chroma, where another process has it."""
        with self._reading() as known:
            embedder = self._models.asking(known)
            wrong = hindrance(known, embedder, self._settings)
            if wrong:
                raise IndexMismatch(wrong)
            self._open_vectors()
            yield known, retrieval.Retriever(known, self._neighbours(), embedder, self._reader)

    def _open_vectors(self) -> None:
        """Let Chroma load meanwhile, where this process stays and no other one has the index."""
        _, store = self._open()
        if self._stays and not store.ready and time.monotonic() >= self._next_try:
            self._next_try = time.monotonic() + RETRY
            if self._server is not None or self._owner.tried():
                self._threads.beside(store.warm)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The one who may change the index. Raises IndexBusy where somebody else does."""
        if not self._refreshing.acquire(blocking=False):
            raise IndexBusy("A change of the index is under way already. Wait for its end.")
        try:
            with ExitStack() as stack:
                if self._server is None:
                    self._owner.acquire()
                else:
                    stack.enter_context(self._owner.alone())
                stack.enter_context(short_turns())
                yield
        finally:
            self._refreshing.release()

    def _refresh(self, options: RefreshOptions, cancel: Cancel) -> RefreshReport:
        with self._alone():
            self._under_way = (options, cancel)
            return self._refreshed(options, cancel)

    def _refreshed(self, options: RefreshOptions, cancel: Cancel) -> RefreshReport:
        library, store = self._open()
        settings, embedder = self._settings, self._models.now
        if options.only is not None:  # a part goes with the rest: other settings wait for all of it
            with library.snapshot() as known:
                settings, embedder = as_built(known, settings), self._models.asking(known)
        chunker = Chunker(embedder.bundled.pieces, settings.passage_tokens)
        report = Refresh(library, store, embedder, chunker, settings, options, cancel)()
        self._neighbours().matrix.follow()
        return report

    def _chunker(self) -> Chunker:
        return Chunker(self._models.now.bundled.pieces, self._settings.passage_tokens)

    def _editing(self) -> Editing:
        from index.editing import Editing

        return Editing(self._settings, self._chunker(), self._reading, self._alone, self._refreshed)
