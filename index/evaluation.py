"""Questions of which the answers are known, put to the desk: what it found, said and cited."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from corpus.article import Article
from index.citing import Judge, became, cited
from index.errors import QuestionError, UnknownArticle
from index.measures import Case, Outcome
from index.measuring import FOUND, marks, ranked
from index.types import Answer, Hit, Question


class Examined(Protocol):
    """What can be evaluated: the desk, or something to compare it with."""

    async def search(self, query: str, limit: int = 10, *, asked: date | None = None) -> Sequence[Hit]:
        """The best passage of each of the best articles, best first. `asked`: the day of the search."""
        ...

    async def ask(self, question: Question) -> Answer:
        """Answer a question. Raises QuestionError."""
        ...

    async def article(self, article_id: str) -> Article:
        """One article with its text. Raises UnknownArticle."""
        ...


@dataclass(frozen=True, slots=True)
class Asking:
    """How questions are asked. As it is: in the articles' own words, with careful at 0.

    The confidence does not depend on careful, so what another setting would keep to itself can be
    told from it afterwards (`index.measuring.silenced`).
    """

    judge: Judge | None = None
    """Judges the citations of answers that a language model writes; None: none is to write."""
    careful: float = 0.0
    """For a language model the real one: else it would be asked for answers that nobody gets to see."""


PLAIN = Asking()


async def evaluate(
    desk: Examined, cases: Sequence[Case], done: Callable[[], None] = lambda: None, how: Asking = PLAIN
) -> list[Outcome]:
    """Ask one question after the other; `done` is called after each."""
    outcomes = []
    for case in cases:
        outcomes.append(await _one(desk, case, how))
        done()
    return ranked(outcomes, cases)


async def unknown(desk: Examined, cases: Sequence[Case]) -> list[str]:
    """Gold articles that the index does not have, so that nothing can find them."""
    gold = dict.fromkeys(article for case in cases for article in case.articles)
    return [article for article in gold if article not in await _texts(desk, [article])]


async def _one(desk: Examined, case: Case, how: Asking) -> Outcome:
    question = Question(case.question, asked=case.asked, careful=how.careful, plain=how.judge is None)
    try:
        # The search goes first: where it is the first of all, it pays for loading the model.
        hits = await desk.search(case.question, FOUND, asked=case.asked)
        began = time.perf_counter()
        answer = await desk.ask(question)
        seconds = time.perf_counter() - began
    except QuestionError:
        return Outcome(
            case.id, case.question, case.answerable, None, marks=marks(case, Answer("", "not_found"), "", {})
        )
    sources = [citation.article.id for citation in answer.citations]
    texts = await _texts(desk, {*sources, *case.articles})
    made = marks(case, answer, hits[0].passage.text if hits else "", texts) | became(answer.writing)
    if how.judge is not None:
        made |= await asyncio.to_thread(cited, answer, how.judge)
    return Outcome(
        case.id,
        case.question,
        case.answerable,
        answer.confidence,
        answer.sentences[0].text if answer.sentences else "",
        tuple(hit.card.id for hit in hits),
        tuple(sources),
        seconds,
        made,
        answer.writing,
    )


async def _texts(desk: Examined, ids: Iterable[str]) -> dict[str, str]:
    texts = {}
    for article in ids:
        try:
            texts[article] = (await desk.article(article)).text
        except UnknownArticle:
            continue
    return texts
