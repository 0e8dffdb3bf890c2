"""The ledger: what the bot remembers between restarts. One SQLite file, used in one thread of its own.

- An answer keeps its text, its person and its place for 90 days or until it is deleted, see
  `prune` and `forget`. What statistics need stays: the moment, the outcome, the seconds.
- What was asked in private counts in the statistics, and is never on the gap board: its words are not
  stored where the board looks. Nor does the board show what was asked outside of servers, in a group.
- The history of acts can only grow: the table refuses every change, whatever program makes it.
- A day is a day of UTC. Moderators sit in several zones and Discord does not tell theirs, so a day is
  the same for all of them; what shows a day to people says "UTC" beside it. "Today" is
  `datetime.now(UTC).date()`.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from bot import ledger_answers as answers
from bot import ledger_gaps as board
from bot import ledger_records as records
from bot.ledger_schema import explained, opened, stamp, transaction
from bot.ledger_values import (
    Act,
    Day,
    Gap,
    Kept,
    LedgerBroken,
    LedgerClosed,
    LedgerNewer,
    Place,
    StoredDraft,
    Today,
)
from index.types import Answer, Filters, Turn

__all__ = [
    "Act",
    "Day",
    "Gap",
    "Kept",
    "Ledger",
    "LedgerBroken",
    "LedgerClosed",
    "LedgerNewer",
    "Place",
    "StoredDraft",
    "Today",
]

TEXT_IS_KEPT = timedelta(days=90)
DRAFTS_ARE_KEPT = timedelta(days=1)

P = ParamSpec("P")
T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """Every method may raise LedgerBroken or LedgerNewer, and after `close` LedgerClosed.

    Any number of coroutines may call at once: calls are served one after another, each whole or not at all.
    """

    def __init__(self, file: Path, clock: Callable[[], datetime] = _now) -> None:
        """Cheap: the file is opened, and made where there is none, by the first call. `clock` is aware."""
        self.file = file
        self._clock = clock
        self._pool = ThreadPoolExecutor(1, "ledger")
        self._connection: sqlite3.Connection | None = None
        self._closing: Future[None] | None = None

    async def close(self) -> None:
        """Finish what is under way and let go of the file. Again is harmless."""
        if self._closing is None:
            self._closing = self._pool.submit(self._shut)
            self._pool.shutdown(wait=False)
        await asyncio.shield(asyncio.wrap_future(self._closing))  # it goes on, whoever waits

    async def keep(self, answer: Answer, filters: Filters, place: Place, follows: str | None = None) -> str:
        """Store an answer, asked now; its id: 12 url-safe random characters."""
        return await self._run(answers.keep, answer, filters, place, follows=follows, asked=self._clock())

    async def posted(self, answer_id: str, message: int) -> None:
        """Note which message shows an answer."""
        await self._run(answers.posted, answer_id, message)

    async def kept(self, answer_id: str) -> Kept | None:
        """An answer; None where there is none, or its text is gone or cannot be read."""
        return await self._run(answers.kept, answer_id)

    async def shown_in(self, message: int) -> Kept | None:
        """The answer that a message shows."""
        return await self._run(answers.shown_in, message)

    async def conversation(self, answer_id: str, limit: int = 5) -> tuple[Turn, ...]:
        """Up to `limit` exchanges that led to an answer, this one last.

        A private exchange comes only in its own person's private conversation; the caller makes sure
        that a private `answer_id` is the asker's own.
        """
        return await self._run(answers.conversation, answer_id, limit)

    async def last_in(self, place: Place, *, within: timedelta) -> Kept | None:
        """The newest answer in a channel that a question from there may follow on.

        That is a public one, or for a private question the person's own.
        """
        return await self._run(answers.last_in, place, self._clock() - within)

    async def same_in(
        self, channel: int, question: str, filters: Filters, *, within: timedelta
    ) -> Kept | None:
        """The newest public answer, posted in a channel, to a question of the same words and filters."""
        return await self._run(answers.same_in, channel, question, filters, self._clock() - within)

    async def forget(self, answer_id: str) -> None:
        """Take out an answer's text, person, place and votes. It still counts in the statistics."""
        await self._run(answers.forget, "id = ?", answer_id)

    async def vote(self, answer_id: str, person: int, up: bool) -> bool | None:
        """The vote now in force; the same vote again takes it back (None)."""
        return await self._run(board.vote, answer_id, person, up)

    async def votes(self, answer_id: str) -> tuple[int, int]:
        """Thumbs up, thumbs down."""
        return await self._run(board.votes, answer_id)

    async def gaps(self) -> tuple[Gap, ...]:
        """Open gaps, most asked first. The same words, but for case, spaces and final marks, are one."""
        return await self._run(board.gaps)

    async def close_gaps(self, gap_ids: Iterable[int], why: str) -> None:
        """Close gaps, and keep why. The same question unanswered again opens its gap again."""
        await self._run(board.close, tuple(gap_ids), why, self._clock())

    async def note(self, act: Act) -> None:
        """Add to the history of acts."""
        await self._run(records.note, act)

    async def history(self, limit: int, offset: int = 0) -> tuple[Act, ...]:
        """Acts, newest first."""
        return await self._run(records.history, limit, offset)

    async def days(self, count: int, today: date) -> tuple[Day, ...]:
        """The last `count` days of UTC up to `today`, oldest first; private and deleted questions count."""
        return await self._run(answers.days, count, today)

    async def today(self, today: date) -> Today:
        """The questions of a day of UTC; private and deleted ones count."""
        return await self._run(answers.one_day, today)

    async def questions_since(self, moment: datetime) -> int:
        """How many questions were asked since then; private and deleted ones count."""
        return await self._run(answers.count_since, moment)

    async def value(self, key: str) -> str | None:
        """A value by its key."""
        return await self._run(records.value, key)

    async def set_value(self, key: str, value: str) -> None:
        """Set a value; an earlier one is gone."""
        await self._run(records.set_value, key, value)

    async def keep_draft(self, name: str, content: bytes, url: str | None, person: int) -> str:
        """Store a draft, made now; its id: 12 url-safe random characters."""
        return await self._run(records.keep_draft, name, content, url, person=person, made=self._clock())

    async def draft(self, draft_id: str) -> StoredDraft | None:
        """A draft that still waits."""
        return await self._run(records.draft, draft_id)

    async def drop_draft(self, draft_id: str) -> None:
        """Let a draft go: it was added or discarded."""
        await self._run(records.drop_draft, draft_id)

    async def prune(self, now: datetime) -> None:
        """Forget answers older than 90 days and drop drafts older than a day; meant to run daily."""
        await self._run(answers.forget, "asked < ? AND answer IS NOT NULL", stamp(now - TEXT_IS_KEPT))
        await self._run(records.drop_drafts_before, now - DRAFTS_ARE_KEPT)
        await self._submit(self._checkpoint)

    async def _run(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do a piece of work in the ledger's thread, in one transaction."""

        def whole() -> T:
            with explained(self.file):
                connection = self._open()
                with transaction(connection):
                    return work(connection, *args, **kwargs)

        return await self._submit(whole)

    async def _submit(self, work: Callable[[], T]) -> T:
        if self._closing is not None:
            raise LedgerClosed
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = opened(self.file)
        return self._connection

    def _checkpoint(self) -> None:
        """Empty the write-ahead log, which still holds the pages as they were before."""
        with explained(self.file):
            self._open().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _shut(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
