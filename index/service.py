"""The desk: the async face of the index. The only place with threads and locks of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from corpus.article import Article
from index import answering, doctor, retrieval, status
from index.chunking import Chunker
from index.embedding import BundledEmbedder
from index.errors import IndexBusy, IndexMismatch, UnknownArticle
from index.library import Library
from index.locking import OneProcess
from index.planning import missing
from index.refreshing import Refresh
from index.settings import Settings
from index.snapshot import Snapshot
from index.store import VectorStore, elsewhere, mismatch
from index.types import (
    Answer,
    Cancel,
    Card,
    Check,
    Filters,
    Hit,
    Question,
    RefreshOptions,
    RefreshReport,
    Status,
)

T = TypeVar("T")


class IndexDesk:
    """Implements `index.types.Desk`. Nothing is opened, and no model loaded, before it is needed."""

    def __init__(self, settings: Settings, purpose: str) -> None:
        """`purpose` names this process to others that want the same index."""
        self._settings = settings
        self._data = settings.data_folder
        self._owner = OneProcess(self._data, purpose)
        self._embedder = BundledEmbedder(settings.threads)
        self._opened: tuple[Library, VectorStore] | None = None
        self._opening = threading.Lock()
        self._refreshing = threading.Lock()
        self._pool = ThreadPoolExecutor(4, "desk")

    async def prepare(self, options: RefreshOptions) -> RefreshReport | None:
        """Build the index if there is none yet; the report if it did."""
        if await self._run(self._built):
            return None
        return await self.refresh(options)

    async def ask(self, question: Question) -> Answer:
        """Answer a question. Raises QuestionError where it cannot be read as one."""
        return await self._run(lambda: self._ask(question))

    async def search(self, query: str, limit: int = 10, filters: Filters = Filters()) -> Sequence[Hit]:
        """The best passage of each of the best `limit` articles, best first."""
        return await self._run(lambda: self._search(query, limit, filters))

    async def articles(self, filters: Filters = Filters()) -> Sequence[Card]:
        """All articles, newest first, those without a date last."""

        def read() -> list[Card]:
            with self._reading() as known:
                return known.cards(filters)

        return await self._run(read)

    async def article(self, article_id: str) -> Article:
        """One article with its cleaned text. Raises UnknownArticle."""

        def read() -> Article:
            with self._reading() as known:
                article = known.article(article_id)
            if article is None:
                raise UnknownArticle(
                    f"No article has the id {article_id!r}. The ids are listed by: footnote articles"
                )
            return article

        return await self._run(read)

    async def refresh(self, options: RefreshOptions) -> RefreshReport:
        """Bring the index to the state of the corpus folder; stops cleanly when cancelled."""
        cancel = Cancel()
        work = asyncio.ensure_future(self._run(lambda: self._refresh(options, cancel)))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            cancel.set()
            await asyncio.wait([work])
            if not work.cancelled():
                work.exception()
            raise

    async def status(self) -> Status:
        """Counts, dates and sizes, without loading a model."""

        def read() -> Status:
            with self._reading() as known:
                return status.status(known, self._settings, self._embedder.name)

        return await self._run(read)

    async def doctor(self) -> Sequence[Check]:
        """Check settings, model, library and vectors; real vectors are read."""
        return await self._run(
            lambda: doctor.examine(self._settings, self._embedder, self._owner, self._open)
        )

    async def close(self) -> None:
        """Let go of the index. Waits for what is under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._pool.shutdown)
        if self._opened is not None:
            library, store = self._opened
            store.close()
            library.close()
        self._owner.release()

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _open(self) -> tuple[Library, VectorStore]:
        """The library and the vector index; the first call makes them, which is cheap."""
        with self._opening:
            if self._opened is None:
                library = Library(self._data / "library.db")
                self._opened = library, VectorStore(library, self._data)
            return self._opened

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
        """The same for what searches by meaning: this process has to own the index."""
        self._owner.acquire()
        with self._reading() as known:
            wrong = mismatch(known, self._embedder, self._settings)
            if wrong:
                raise IndexMismatch(wrong)
            # Chroma takes seconds to load, the model another: they do so side by side.
            _, store = self._open()
            self._pool.submit(store.opened)
            yield known, retrieval.Retriever(known, store, self._embedder)

    def _ask(self, question: Question) -> Answer:
        asked = answering.checked(question)
        with self._answering() as (known, retriever):
            return answering.answer(asked, known, retriever, self._settings)

    def _search(self, query: str, limit: int, filters: Filters) -> list[Hit]:
        text = answering.checked(Question(query)).text
        with self._answering() as (_, retriever):
            return retriever.articles(text, limit, filters)

    def _refresh(self, options: RefreshOptions, cancel: Cancel) -> RefreshReport:
        if not self._refreshing.acquire(blocking=False):
            raise IndexBusy("A refresh is under way already. Wait for its end.")
        try:
            self._owner.acquire()
            library, store = self._open()
            chunker = Chunker(self._embedder.pieces, self._settings.passage_tokens)
            return Refresh(library, store, self._embedder, chunker, self._settings, options, cancel)()
        finally:
            self._refreshing.release()
