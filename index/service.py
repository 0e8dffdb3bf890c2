"""The desk: the async face of the index. Its parts are in `parts.py`, its threads in `threads.py`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from corpus.article import Article
from index import answering, doctor, languages, quotes, related, retrieval, status, swapping
from index.built import mismatch
from index.desk import Watch
from index.moves import BackedUp, BackupOptions, Exported, Restored, RestoreOptions
from index.parts import Parts
from index.reports import Cancel, Check, Draft, Generation, RefreshOptions, RefreshReport, Status, Undone
from index.settings import Settings
from index.snapshot import Snapshot
from index.threads import Threads
from index.types import Answer, Card, CheckedClaim, Citation, Context, Event, Filters, Hit, Question
from index.undoing import undo, undoable

if TYPE_CHECKING:
    from index.writing import Writer

T = TypeVar("T")


def _told_in(answer: Answer) -> str:
    """The language of an answer's quotes; English where that is not sure."""
    return languages.language(" ".join(each.quote for each in answer.citations)) or "en"


class IndexDesk:
    """Implements `index.desk.Desk`. Nothing is opened, and no model loaded, before it is needed."""

    def __init__(self, settings: Settings, purpose: str) -> None:
        """`purpose` names this process to others that want the same index."""
        self._settings = settings
        self._threads = Threads()
        self._parts = Parts(settings, purpose, self._threads.beside)
        self._writer: Writer | None = None
        self._opening = asyncio.Lock()

    async def prepare(self, options: RefreshOptions) -> RefreshReport | None:
        """Build the index if there is none yet; the report if it did."""
        if await self._threads.answer(self._parts.built):
            return None
        return await self.refresh(options)

    async def warm(self) -> None:
        """Load all that answers need: for a process that stays. One that asks once does without Chroma."""
        self._parts.stays = True
        await asyncio.gather(
            self._threads.answer(self._parts.load_models),
            self._threads.answer(self._parts.load_vectors),
            self._opened_writer(),
        )

    async def ask(self, question: Question, watch: Watch | None = None) -> Answer:
        """Answer a question. Raises QuestionError where it cannot be read as one.

        Where a language model writes, `watch` is shown the answer as it grows.
        """
        began = time.perf_counter()
        asked = answering.checked(question)
        self._threads.beside(self._parts.load_models)  # a search does without the second one
        writer = None if question.plain else await self._opened_writer()
        if writer is None:
            return await self._look(lambda known, find: answering.answer(asked, known, find, self._settings))
        answer = await self._written(asked, writer, watch)
        return replace(answer, seconds=time.perf_counter() - began)

    async def _written(self, asked: Question, writer: Writer, watch: Watch | None) -> Answer:
        """Look the question up, put it otherwise where that is needed, write, and translate."""

        async def look(full: str) -> answering.Drafted:
            return await self._look(
                lambda known, find: answering.drafted(asked, known, find, self._settings, full=full)
            )

        spoken = await self._threads.answer(lambda: languages.language(asked.text))
        drafted = await look(await writer.understood(asked) if asked.earlier else "")
        if spoken not in {"", "en"} and spoken != _told_in(drafted.pool):
            # The question is in another language than what was found, if anything was.
            full = await writer.understood(asked, "English")
            drafted = await look(full) if full else drafted
        answer = await writer.write(asked, drafted, watch)
        if spoken and answer.sentences and spoken != _told_in(answer):
            return await writer.translated(answer, spoken, asked.person)
        return answer

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
        return await self._threads.stoppable(lambda cancel: self._parts.refresh(options, cancel))

    async def status(self) -> Status:
        """Counts, dates and sizes, without loading a model."""
        return await self._read(lambda known: status.status(known, self._settings, self._parts.models.now))

    async def doctor(self, *, repair: bool = False) -> Sequence[Check]:
        """Check settings, model, library and vectors, and `repair` what can be. Raises IndexBusy for that."""

        def work() -> Sequence[Check]:
            parts = self._parts
            mended = parts.repaired() if repair else {}
            return doctor.examine(
                self._settings,
                parts.models,
                parts.owner,
                lambda: parts.opened()[:2],
                lambda: parts.opened()[2].matrix,
                mended,
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
        parts = self._parts
        return await self._look(lambda known, _: related.related(article_id, limit, known, parts.opened()[2]))

    async def alike(self, questions: Sequence[str]) -> Sequence[Sequence[int]]:
        """Groups of questions that ask the same, as places in `questions`; each is in one group."""
        from index import alike

        return await self._threads.answer(lambda: alike.alike(questions, self._parts.models.now.bundled))

    async def draft_page(self, url: str) -> Draft:
        """Fetch a page and read its article. Raises PageRefused or UnreadableDraft."""
        return await self._threads.answer(lambda: self._parts.editing().page(url))

    async def draft_file(self, name: str, content: bytes) -> Draft:
        """Read the articles of a file. Raises UnreadableDraft."""
        return await self._threads.answer(lambda: self._parts.editing().file(name, content))

    async def add(self, draft: Draft) -> RefreshReport:
        """Put a draft into the corpus folder and index it. Raises IndexBusy."""
        return await self._threads.change(lambda: self._parts.editing().add(draft))

    async def remove(self, article_id: str) -> RefreshReport:
        """Take an article out of the corpus folder and the index. Raises UnknownArticle, IndexBusy."""
        return await self._threads.change(lambda: self._parts.editing().remove(article_id))

    async def generations(self) -> Sequence[Generation]:
        """The changes that can be undone, the last first. Raises NothingToUndo where there are none."""
        return await self._read(undoable)

    async def undo(self) -> Undone:
        """Back by the last change that is kept. Raises NothingToUndo, IndexBusy."""

        def back() -> Undone:
            with self._parts.alone():
                library, store, near = self._parts.opened()
                undone = undo(library, store)
                near.matrix.follow()
                return undone

        return await self._threads.change(back)

    async def back_up(self, file: Path, options: BackupOptions) -> BackedUp:
        """Write a backup, beside whatever is under way. Raises BackupRefused, BackupBroken."""
        from index.backup import Backup

        def work(cancel: Cancel) -> BackedUp:
            swapping.settle(self._parts.data, self._parts.owner)
            return Backup(self._parts.data, file, options, cancel)()

        return await self._threads.stoppable(work)

    async def restore(self, file: Path, options: RestoreOptions) -> Restored:
        """Bring a backup back, whole or not at all. Raises IndexPresent, BackupBroken, IndexBusy."""
        from index.restoring import Restore

        def work(cancel: Cancel) -> Restored:
            parts = self._parts
            with parts.alone():
                parts.let_go()
                report = Restore(file, self._settings, options, cancel)()
                with parts.reading() as known:
                    wrong = mismatch(known, parts.models.asking(known), parts.models.now, self._settings)
                    return replace(report, mismatch=wrong)

        return await self._threads.stoppable(work)

    async def export(self, out: BinaryIO, filters: Filters = Filters()) -> Exported:
        """Write the articles as the lines of a .jsonl file that the corpus reader takes back."""
        from index.exporting import export

        return await self._read(lambda known: export(known, out, filters))

    async def close(self) -> None:
        """Let go of the index. Waits for what is under way; a refresh that is held is stopped."""
        self._parts.stop_held()
        if self._writer is not None:
            await self._writer.close()
        await self._threads.close()
        self._parts.close()

    async def _opened_writer(self) -> Writer | None:
        """What writes answers; None where no language model is set. Raises ModelMissing, SettingsError."""
        if not self._settings.llm:
            return None
        async with self._opening:
            if self._writer is None:
                self._writer = await self._threads.answer(lambda: self._parts.writer(self._threads.answer))
            return self._writer

    async def _read(self, work: Callable[[Snapshot], T]) -> T:
        """Read the library alone, beside whatever else is under way."""

        def read() -> T:
            with self._parts.reading() as known:
                return work(known)

        return await self._threads.read(read)

    async def _look(self, work: Callable[[Snapshot, retrieval.Retriever], T]) -> T:
        """Search with the model and the vector index."""

        def look() -> T:
            with self._parts.answering() as (known, retriever):
                return work(known, retriever)

        return await self._threads.answer(look)
