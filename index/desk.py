"""The protocol that every face depends on, and on nothing else of the index that is heavy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol

from corpus.article import Article
from index.moves import BackedUp, BackupOptions, Exported, Restored, RestoreOptions
from index.reports import Check, Draft, Generation, RefreshOptions, RefreshReport, Status, Undone
from index.types import Answer, Card, CheckedClaim, Citation, Context, Event, Filters, Hit, Question

Watch = Callable[[Answer], None]


class Desk(Protocol):
    """What every face (terminal, Discord) may ask of the index. Open it with `index.open_desk`."""

    async def prepare(self, options: RefreshOptions) -> RefreshReport | None:
        """Build the index if there is none yet; the report if it did."""
        ...

    async def warm(self) -> None:
        """Load all that answers need: for a process that stays. One that asks once does without Chroma."""
        ...

    async def ask(self, question: Question, watch: Watch | None = None) -> Answer:
        """Answer a question. Raises QuestionError where it cannot be read as one.

        Where a language model writes, `watch` is shown the answer as it grows, on the event loop's thread:
        each has the sentences so far, all of them checked, with their citations.
        """
        ...

    async def search(
        self, query: str, limit: int = 10, filters: Filters = Filters(), asked: date | None = None
    ) -> Sequence[Hit]:
        """The best passage of each of the best `limit` articles, best first.

        `asked` is the day to which "last week" refers, today if not given.
        """
        ...

    async def articles(self, filters: Filters = Filters()) -> Sequence[Card]:
        """All articles, newest first, those without a date last."""
        ...

    async def article(self, article_id: str) -> Article:
        """One article with its cleaned text. Raises UnknownArticle."""
        ...

    async def refresh(self, options: RefreshOptions) -> RefreshReport:
        """Bring the index to the state of the corpus folder; stops cleanly when cancelled.

        Where the settings are others than those that built the index, it is built anew. Questions are
        answered from the old one until the new one is complete.
        """
        ...

    async def status(self) -> Status:
        """Counts, dates and sizes, without loading a model."""
        ...

    async def doctor(self, *, repair: bool = False) -> Sequence[Check]:
        """Check settings, model, library and vectors, and `repair` what can be. Raises IndexBusy for that."""
        ...

    async def titles(self, typed: str, limit: int = 25) -> Sequence[Card]:
        """Articles whose headline holds what is typed, newest first; quick, for completions."""
        ...

    async def outlets(self, typed: str, limit: int = 25) -> Sequence[str]:
        """Outlets whose name holds what is typed, those with most articles first; quick."""
        ...

    async def context(self, citation: Citation) -> Context | None:
        """The quote with the sentences around it; None where the article no longer holds it."""
        ...

    async def check(self, text: str) -> Sequence[CheckedClaim]:
        """Hold each claim of a text against the articles. Raises QuestionError."""
        ...

    async def timeline(self, topic: str, filters: Filters = Filters()) -> Sequence[Event]:
        """Dated facts on a topic, in the order of their days. Raises QuestionError."""
        ...

    async def related(self, article_id: str, limit: int = 5) -> Sequence[Card]:
        """Articles that cover the same, nearest first. Raises UnknownArticle."""
        ...

    async def alike(self, questions: Sequence[str]) -> Sequence[Sequence[int]]:
        """Groups of questions that ask the same, as places in `questions`; each is in one group."""
        ...

    async def draft_page(self, url: str) -> Draft:
        """Fetch a page and read its article. Raises PageRefused or UnreadableDraft."""
        ...

    async def draft_file(self, name: str, content: bytes) -> Draft:
        """Read the articles of a file. Raises UnreadableDraft."""
        ...

    async def add(self, draft: Draft) -> RefreshReport:
        """Put a draft into the corpus folder and index it. Raises IndexBusy."""
        ...

    async def remove(self, article_id: str) -> RefreshReport:
        """Take an article out of the corpus folder and the index. Raises UnknownArticle, IndexBusy."""
        ...

    async def generations(self) -> Sequence[Generation]:
        """The changes that can be undone, the last first. Raises NothingToUndo where there are none."""
        ...

    async def undo(self) -> Undone:
        """Back by the last change that is kept. Raises NothingToUndo, IndexBusy."""
        ...

    async def back_up(self, file: Path, options: BackupOptions) -> BackedUp:
        """Write a backup, beside whatever is under way. Raises BackupRefused, BackupBroken."""
        ...

    async def restore(self, file: Path, options: RestoreOptions) -> Restored:
        """Bring a backup back, whole or not at all. Raises IndexPresent, BackupBroken, IndexBusy."""
        ...

    async def export(self, out: BinaryIO, filters: Filters = Filters()) -> Exported:
        """Write the articles as the lines of a .jsonl file that the corpus reader takes back."""
        ...

    async def close(self) -> None:
        """Let go of the index. Waits for what is under way."""
        ...
