"""The one path of a question in Discord: limit, queue, index, record. Knows no message and no button."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from bot.health import Figures
from bot.ledger import Kept, Ledger, Place
from bot.queueing import Cooldown, Queues
from bot.readiness import Readiness
from bot.settings import BotSettings
from bot.texts import Texts
from bot.trouble import Refusal
from index.conversation import understood
from index.desk import Desk, Watch
from index.types import Answer, Filters, Question, Turn

log = logging.getLogger(__name__)

LOADING = 600.0
"""Seconds that a question waits for the index to load; Discord takes a reply for 900."""
AGAIN = 600.0
"""Seconds within which the same question in a channel gets a link to its answer."""
THREAD_MEMORY = timedelta(days=1)
DIRECT_MEMORY = timedelta(hours=1)
"""How long the last answer in a thread, or in direct messages, is what a follow-up follows on."""

Tell = Callable[[str], Awaitable[None]]
"""Shows a line to the person who waits."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with where it comes from."""

    text: str
    place: Place
    texts: Texts
    filters: Filters = Filters()
    follows: Kept | None = None
    start: str = ""
    """What the thread is about, where no answer stands before."""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer, and the id under which it is kept."""

    id: str
    answer: Answer


class Asking:
    """Takes questions of everybody; remembers what was asked where."""

    def __init__(
        self, desk: Desk, ledger: Ledger, readiness: Readiness, figures: Figures, settings: BotSettings
    ) -> None:
        """All parts are opened and closed elsewhere."""
        self._desk = desk
        self._ledger = ledger
        self._readiness = readiness
        self._figures = figures
        self._log_questions = settings.log_questions
        self._cooldown = Cooldown(settings.questions_a_minute)
        self._queues = Queues(settings.answers_at_a_time)
        self._changed = -AGAIN
        self._under_way: set[asyncio.Task[object]] = set()
        self._closing = False

    @property
    def waiting(self) -> int:
        """Questions in the queues."""
        return self._queues.waiting

    def admit(self, person: int, texts: Texts) -> None:
        """Raise Refusal where this person asks too much, or the bot is stopping."""
        if self._closing:
            raise Refusal(texts("restarting"))
        wait = self._cooldown.wait(person)
        if wait:
            self._figures.limited()
            raise Refusal(texts("slow_down", seconds=texts.duration(wait)))

    async def answer(self, asked: Asked, tell: Tell, watch: Watch | None = None) -> Given:
        """Answer in turn; `watch` sees the answer grow, where a language model writes it.

        Raises FootnoteError, and TimeoutError where the index does not load.
        """
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            return await self._answer(asked, tell, watch)
        except asyncio.CancelledError:
            if not self._closing:
                raise
            raise Refusal(asked.texts("restarting")) from None
        finally:
            self._under_way.discard(task)

    async def _answer(self, asked: Asked, tell: Tell, watch: Watch | None) -> Given:
        began = time.perf_counter()
        texts, place = asked.texts, asked.place

        async def queued(number: int) -> None:
            await tell(texts("queued", place=number))

        async with self._queues.turn(place.server or place.channel, queued):
            if not self._readiness.ready:
                await tell(self.loading(texts))
                await self.loaded()
            question = Question(
                asked.text, asked.filters, earlier=await self._earlier(asked), person=str(place.person)
            )
            answer = await self._desk.ask(question, watch)
        follows = asked.follows.id if asked.follows else None
        kept = await self._ledger.keep(answer, asked.filters, place, follows)
        self._figures.question(answer.outcome, time.perf_counter() - began)
        self._figures.written(answer.writing)
        words = f": {asked.text!r}" if self._log_questions else ""
        log.info("Question %s in %.2f s%s", answer.outcome, time.perf_counter() - began, words)
        return Given(kept, answer)

    def loading(self, texts: Texts) -> str:
        """The line for somebody who waits for the index."""
        progress = self._readiness.progress
        if progress is None or not progress.total:
            return texts("loading")
        return texts("building", share=round(100 * progress.done / progress.total))

    async def loaded(self) -> None:
        """Wait for the index. Raises FootnoteError or TimeoutError where it does not load."""
        await self._readiness.wait(LOADING)

    async def conversation(self, place: Place, *, thread: bool, start: int | None = None) -> Kept | None:
        """The answer that a question in a thread or in direct messages follows on.

        `start`: the message with which the thread began.
        """
        memory = THREAD_MEMORY if thread else DIRECT_MEMORY
        last = await self._ledger.last_in(place, within=memory)
        if last is None and start is not None:
            last = await self.shown_in(start, place)
        return last

    async def shown_in(self, message: int, place: Place) -> Kept | None:
        """The answer that a message shows, if a question from this place may follow on it.

        Others read what a public answer says of the question, so only a private one follows on a private one.
        """
        kept = await self._ledger.shown_in(message)
        own = kept is not None and place.private and kept.place.person == place.person
        return None if kept is None or (kept.place.private and not own) else kept

    async def same(self, asked: Asked) -> str | None:
        """The address of the message that answered this here in the last minutes, if it still would."""
        place, within = asked.place, min(AGAIN, time.monotonic() - self._changed)
        if place.private:
            return None
        # "And when?" is another question after another answer.
        text = understood(asked.text, await self._earlier(asked))
        kept = await self._ledger.same_in(
            place.channel, text, asked.filters, within=timedelta(seconds=within)
        )
        if kept is None or kept.message is None:
            return None
        return f"https://discord.com/channels/{kept.place.server or '@me'}/{place.channel}/{kept.message}"

    async def gone(self, message: int) -> None:
        """A message was deleted: if it showed an answer, that goes out of the records too."""
        kept = await self._ledger.shown_in(message)
        if kept is not None:
            await self._ledger.forget(kept.id)

    def changed(self) -> None:
        """The index has changed: the same question may have another answer now."""
        self._changed = time.monotonic()

    async def finish(self, seconds: float) -> None:
        """Take no more questions; wait for those under way, then stop the rest."""
        self._closing = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=seconds)
            for task in late:
                task.cancel()
            if late:
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.gather(*late, return_exceptions=True), 5)

    async def _earlier(self, asked: Asked) -> tuple[Turn, ...]:
        if asked.follows is not None:
            return await self._ledger.conversation(asked.follows.id)
        return (Turn(asked.start, ""),) if asked.start else ()
