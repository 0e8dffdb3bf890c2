"""A language model writes from the evidence, and only what holds against it is shown.

budget -> model -> reply, sentence by sentence -> checker -> answer. Whatever goes wrong on the way, the
answer in the articles' own words stands ready, and says why it is the one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from index import languages, prompting, translating
from index.answering import Drafted, plain
from index.composing import composed
from index.desk import Watch
from index.errors import FootnoteError
from index.llm import Model, Piece, Request
from index.replies import Draft, Reply, asked_in
from index.sentences import sentences
from index.settings import Settings
from index.spending import Reservation, Spending
from index.supporting import Checker, Quote
from index.types import Answer, AnswerSentence, Citation, Question, Silence, Writing
from index.words import content, stem, stems

log = logging.getLogger(__name__)

T = TypeVar("T")
BUSY = 5.0
"""Seconds that an answer waits for one of those before it to be written."""
UNDERSTANDING = 6.0
"""Seconds in which a model puts a follow-up in full."""
LONGEST = 2000
"""Characters of a reply to that."""
LONGEST_QUESTION = 300
"""Characters of a question that a model has put in full."""
A_TOKEN = 3.5
"""Characters for a token, where the provider has not counted: rather too few, so that it is not too cheap."""


class Beside(Protocol):
    """Runs what takes a processor's time beside the event loop."""

    async def __call__(self, work: Callable[[], T]) -> T:
        """The result of `work`."""
        ...


@dataclass(slots=True)
class _Told:
    """What has come of one answer so far."""

    shown: list[AnswerSentence] = field(default_factory=list)
    written: int = 0
    held: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    read: int = 0
    """Characters of the reply that have come."""
    cost: float | None = None
    denied: bool = False


class Failed(Exception):
    """No answer was written, and why."""

    def __init__(self, silence: Silence) -> None:
        """`silence` is what the answer says of it."""
        super().__init__(silence)
        self.silence: Silence = silence


class Writer:
    """Writes answers with one model."""

    def __init__(
        self, model: Model, spending: Spending, checker: Checker, settings: Settings, beside: Beside
    ) -> None:
        """Nothing is opened before the first question."""
        self._model = model
        self._spending = spending
        self._checker = checker
        self._settings = settings
        self._beside = beside
        self._turns = asyncio.Semaphore(settings.llm_at_a_time)

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def close(self) -> None:
        """Let go of the model's connections."""
        await self._model.close()

    async def write(self, question: Question, drafted: Drafted, watch: Watch | None) -> Answer:
        """The answer as the model writes it, as far as it holds; else the one in the articles' own words."""
        if drafted.pool.outcome == "not_found":
            return drafted.answer
        told = _Told()
        try:
            await self._write(question, drafted.pool, told, watch)
        except Failed as failed:
            return _extractive(drafted.answer, told, failed.silence)
        if told.denied:
            return self._denied(drafted, told)
        if not told.held:
            return _extractive(drafted.answer, told, "unusable")
        made = composed(drafted.pool, told.shown)
        return replace(made, writer=self.name, seconds=drafted.answer.seconds, writing=_writing(told))

    async def understood(self, question: Question, language: str = "") -> str:
        """A follow-up as a full question, by the model; empty where the rules of follow-ups have to do.

        That is so where the model is away or late, and where it puts words into the question that nobody
        has said in the conversation. With `language`, any question, in that language, by its English name:
        then its words are new, but not its figures.
        """
        request = prompting.to_understand(question.text, question.earlier, language)
        said = ""
        try:
            async with self._asking(request, question.person, _Told(), UNDERSTANDING) as pieces:
                async for piece in pieces:
                    said += piece.text
                    if len(said) > LONGEST:
                        break
        except Failed:
            return ""
        full = plain(asked_in(said))
        if not content(full) or len(full) > LONGEST_QUESTION:
            return ""
        turns = " ".join(f"{turn.question} {turn.answer}" for turn in question.earlier)
        known = stems(question.text) | stems(turns)
        own = [word for word in content(full) if stem(word) not in known]
        if language:
            own = [word for word in own if word[0].isdigit()]
        return "" if own else full

    async def translated(self, answer: Answer, language: str, person: str) -> Answer:
        """The answer with translations of its sentences and quotes, where they are sound; else as it was."""
        texts = list(dict.fromkeys([each.text for each in (*answer.sentences,)] + _quotes(answer)))
        asked = prompting.to_translate(texts, languages.called(language))
        told, reply = _Told(), Reply()
        found: dict[str, str] = {}

        def take(draft: Draft) -> None:
            places = [asked.keys[key] for key in draft.keys if key in asked.keys]
            text = plain(draft.text[: 4 * prompting.QUOTE])
            if len(places) == 1 and translating.holds(texts[places[0]], text, language):
                found.setdefault(texts[places[0]], text)

        try:
            async with self._asking(asked.request, person, told, self._settings.llm_timeout) as pieces:
                async for piece in pieces:
                    for draft in reply.feed(piece.text):
                        await self._beside(lambda draft=draft: take(draft))  # type: ignore[misc]  # as above
                    if reply.full:
                        break
        except Failed:
            return answer
        if not all(each.text in found for each in answer.sentences):
            return answer  # half an answer in each language helps nobody
        return replace(
            answer,
            language=language,
            sentences=tuple(replace(each, translation=found[each.text]) for each in answer.sentences),
            citations=tuple(
                replace(each, translation=found.get(each.quote, "")) for each in answer.citations
            ),
            writing=_also(answer.writing, told),
        )

    async def _write(self, question: Question, pool: Answer, told: _Told, watch: Watch | None) -> None:
        most, seconds = self._settings.sentences, self._settings.llm_timeout
        asked = prompting.to_write(pool.understood or question.text, pool, most)
        by_number = {citation.number: citation for citation in pool.citations}
        reply = Reply()

        async def take(drafts: Sequence[Draft]) -> None:
            for draft in drafts:
                for sentence in await self._held(draft, asked.keys, by_number, told):
                    if len(told.shown) < most:
                        told.shown.append(sentence)
                        if watch is not None:
                            partial = composed(pool, told.shown, whole=False)
                            watch(replace(partial, writer=self.name, writing=_writing(told)))

        async with self._asking(asked.request, question.person, told, seconds) as pieces:
            async for piece in pieces:
                await take(list(reply.feed(piece.text)))
                if reply.full or len(told.shown) == most:
                    break
            await take(list(reply.end()))
        told.denied = reply.denied

    async def _held(
        self, draft: Draft, keys: Mapping[str, int], by_number: dict[int, Citation], told: _Told
    ) -> list[AnswerSentence]:
        """What of a sentence is shown: itself, or the quote in its place, or nothing."""
        numbers = tuple(dict.fromkeys(keys[key] for key in draft.keys if key in keys))
        text = plain(draft.text[: 2 * prompting.QUOTE])
        spans = [text[span.start : span.end] for span in sentences(text)]
        told.written += max(1, len(spans))
        quotes = [Quote.of(by_number[number]) for number in numbers]
        if not quotes:
            return []
        found: list[AnswerSentence] = []
        for span in spans:
            verdict = await self._beside(lambda span=span: self._checker.supports(span, quotes))  # type: ignore[misc]  # a default binds the loop's value
            if verdict.holds:
                told.held += 1
                found.append(AnswerSentence(span, tuple(numbers[place] for place in verdict.by)))
            else:
                found += _instead(by_number[numbers[0]], [*told.shown, *found])
        return [each for each in found if each not in told.shown]

    @asynccontextmanager
    async def _asking(
        self, request: Request, person: str, told: _Told, seconds: float
    ) -> AsyncIterator[AsyncIterator[Piece]]:
        """The pieces of a reply, within budget, turn and time. Raises Failed."""
        reserved = await self._beside(
            lambda: self._spending.reserve(person, _estimate(request), request.most)
        )
        if not isinstance(reserved, Reservation):
            raise Failed(reserved)
        try:
            async with (
                asyncio.timeout(seconds),
                self._turn(),
                aclosing(self._model.reply(request)) as pieces,
            ):
                yield _counted(pieces, told)
        except TimeoutError:
            raise Failed("late") from None
        except FootnoteError as error:
            log.warning("The language model did not answer (%s).", type(error).__name__)
            raise Failed("away") from None
        except Failed:
            raise
        except Exception as error:  # a client library's own errors; their text may quote the prompt
            log.warning("The language model failed (%s).", type(error).__name__)
            raise Failed("away") from None
        finally:
            # Of a reply that is let go of, or breaks off, nobody has told what it took.
            told.tokens_in = told.tokens_in or _estimate(request)
            told.tokens_out = told.tokens_out or round(told.read / A_TOKEN)
            told.cost = await asyncio.shield(
                self._beside(lambda: self._spending.settle(reserved, told.tokens_in, told.tokens_out))
            )

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            await asyncio.wait_for(self._turns.acquire(), BUSY)
        except TimeoutError:
            raise Failed("busy") from None
        try:
            yield
        finally:
            self._turns.release()

    def _denied(self, drafted: Drafted, told: _Told) -> Answer:
        cards = {each.article.id: each.article for each in drafted.answer.citations}
        return replace(
            drafted.answer,
            outcome="not_found",
            sentences=(),
            citations=(),
            agreement=(),
            as_of=None,
            nearest=tuple(cards.values())[:3],
            writer=self.name,
            writing=_writing(told),
        )


def _extractive(answer: Answer, told: _Told, silence: Silence) -> Answer:
    """The answer in the articles' own words, and why it is not the model's."""
    return replace(answer, writing=replace(_writing(told), held=0, silence=silence))


def _writing(told: _Told) -> Writing:
    return Writing(told.written, told.held, told.tokens_in, told.tokens_out, told.cost, denied=told.denied)


def _also(writing: Writing | None, told: _Told) -> Writing | None:
    """What was taken, with what a further request took."""
    if writing is None:
        return None
    costs = [cost for cost in (writing.cost, told.cost) if cost is not None]
    return replace(
        writing,
        tokens_in=writing.tokens_in + told.tokens_in,
        tokens_out=writing.tokens_out + told.tokens_out,
        cost=sum(costs) if costs else None,
    )


def _quotes(answer: Answer) -> list[str]:
    """The quotes that are short enough to be translated whole."""
    return [each.quote for each in answer.citations if len(each.quote) <= prompting.QUOTE]


def _instead(citation: Citation, shown: Sequence[AnswerSentence]) -> list[AnswerSentence]:
    """The quote in the place of a sentence that does not hold; nothing where it is cited already."""
    if any(citation.number in sentence.citations for sentence in shown):
        return []
    return [AnswerSentence(citation.quote, (citation.number,))]


def _estimate(request: Request) -> int:
    """Tokens of a request, rather too many: 4 characters make one in English."""
    return round((len(request.system) + len(request.user)) / A_TOKEN)


async def _counted(pieces: AsyncIterator[Piece], told: _Told) -> AsyncIterator[Piece]:
    async for piece in pieces:
        told.tokens_in += piece.tokens_in
        told.tokens_out += piece.tokens_out
        told.read += len(piece.text)
        yield piece
