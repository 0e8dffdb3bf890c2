"""A language model writes from the evidence, and only what holds against it is shown.

budget -> model -> reply, sentence by sentence -> checker -> answer. Whatever goes wrong on the way, the
answer in the articles' own words stands ready, and says why it is the one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from index import languages, prompting, translating
from index.answering import Drafted, plain
from index.composing import composed
from index.desk import Watch
from index.llm import Model
from index.replies import Draft, Reply, asked_in
from index.requesting import Beside, Failed, Requests, Taken
from index.sentences import is_sentence, sentences
from index.settings import Settings
from index.spending import Spending
from index.supporting import Checker, Quote
from index.types import Answer, AnswerSentence, Citation, Question, Silence, Writing
from index.words import content, stem, stems

UNDERSTANDING = 6.0
"""Seconds in which a model puts a follow-up in full."""
LONGEST = 2000
"""Characters of a reply to that."""
LONGEST_QUESTION = 300
"""Characters of a question that a model has put in full."""


@dataclass(slots=True)
class _Told:
    """What has come of one answer so far."""

    taken: Taken = field(default_factory=Taken)
    shown: list[AnswerSentence] = field(default_factory=list)
    written: int = 0
    held: int = 0
    denied: bool = False

    def writing(self, silence: Silence = "") -> Writing:
        """The same as the answer has it."""
        took = self.taken
        held = 0 if silence else self.held
        return Writing(
            self.written, held, took.tokens_in, took.tokens_out, took.cost, silence, denied=self.denied
        )


class Writer:
    """Writes answers with one model."""

    def __init__(
        self, model: Model, spending: Spending, checker: Checker, settings: Settings, beside: Beside
    ) -> None:
        """Nothing is opened before the first question."""
        self._requests = Requests(model, spending, settings, beside)
        self._checker = checker
        self._settings = settings

    @property
    def name(self) -> str:
        """The model's."""
        return self._requests.model.name

    async def close(self) -> None:
        """Let go of the model's connections."""
        await self._requests.model.close()

    async def write(self, question: Question, drafted: Drafted, watch: Watch | None) -> Answer:
        """The answer as the model writes it, as far as it holds; else the one in the articles' own words."""
        if drafted.pool.outcome == "not_found":
            return drafted.answer
        told = _Told()
        try:
            await self._write(question, drafted.pool, told, watch)
        except Failed as failed:
            return replace(drafted.answer, writing=told.writing(failed.silence))
        if told.denied:
            return self._denied(drafted, told)
        if not told.held:
            return replace(drafted.answer, writing=told.writing("unusable"))
        made = composed(drafted.pool, told.shown)
        return replace(made, writer=self.name, seconds=drafted.answer.seconds, writing=told.writing())

    async def understood(self, question: Question, language: str = "") -> str:
        """A follow-up as a full question, by the model; empty where the rules of follow-ups have to do.

        That is so where the model is away or late, and where it puts words into the question that nobody
        has said in the conversation. With `language`, any question, in that language, by its English name:
        then its words are new, but not its figures.
        """
        request = prompting.to_understand(question.text, question.earlier, language)
        said = ""
        try:
            async with self._requests.sent(request, question.person, Taken(), UNDERSTANDING) as pieces:
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
        texts = list(dict.fromkeys([*(each.text for each in answer.sentences), *_quotes(answer)]))
        asked = prompting.to_translate(texts, languages.called(language))
        taken, reply = Taken(), Reply()
        found: dict[str, str] = {}

        def take(draft: Draft) -> None:
            places = [asked.keys[key] for key in draft.keys if key in asked.keys]
            text = plain(draft.text[: 4 * prompting.QUOTE])
            if len(places) == 1 and translating.holds(texts[places[0]], text, language):
                found.setdefault(texts[places[0]], text)

        try:
            async with self._requests.sent(
                asked.request, person, taken, self._settings.llm_timeout
            ) as pieces:
                async for piece in pieces:
                    for draft in reply.feed(piece.text):
                        await self._requests.beside(partial(take, draft))
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
            writing=_also(answer.writing, taken),
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
                            so_far = composed(pool, told.shown, whole=False)
                            watch(replace(so_far, writer=self.name, writing=told.writing()))

        async with self._requests.sent(asked.request, question.person, told.taken, seconds) as pieces:
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
        spans = _whole(text)
        told.written += max(1, len(spans))
        quotes = [Quote.of(by_number[number]) for number in numbers]
        if not quotes:
            return []
        found: list[AnswerSentence] = []
        for span in spans:
            verdict = await self._requests.beside(partial(self._checker.supports, span, quotes))
            if verdict.holds:
                told.held += 1
                found.append(AnswerSentence(span, tuple(numbers[place] for place in verdict.by)))
            else:
                found += _instead(by_number[numbers[0]], [*told.shown, *found])
        return [each for each in found if each not in told.shown]

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
            writing=told.writing(),
        )


def _also(writing: Writing | None, taken: Taken) -> Writing | None:
    """What was taken, with what a further request took."""
    if writing is None:
        return None
    costs = [cost for cost in (writing.cost, taken.cost) if cost is not None]
    return replace(
        writing,
        tokens_in=writing.tokens_in + taken.tokens_in,
        tokens_out=writing.tokens_out + taken.tokens_out,
        cost=sum(costs) if costs else None,
    )


def _quotes(answer: Answer) -> list[str]:
    """The quotes that are short enough to be translated whole."""
    return [each.quote for each in answer.citations if len(each.quote) <= prompting.QUOTE]


def _whole(text: str) -> list[str]:
    """The sentences of a text; where one before the last does not end as a sentence does, all is one."""
    spans = [text[span.start : span.end] for span in sentences(text)]
    return spans if all(is_sentence(span) for span in spans[:-1]) else [text]


def _instead(citation: Citation, shown: Sequence[AnswerSentence]) -> list[AnswerSentence]:
    """The quote in the place of a sentence that does not hold; nothing where it is cited already."""
    if any(citation.number in sentence.citations for sentence in shown):
        return []
    return [AnswerSentence(citation.quote, (citation.number,))]
