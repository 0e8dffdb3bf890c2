"""Question -> answer: retrieval, evidence, agreement, checking, in that order. Read this file first."""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from index import agreement, checking, evidence, judging, versions
from index.agreement import Group
from index.answer_slots import point
from index.asked import Asked
from index.conversation import understood
from index.errors import QuestionError
from index.evidence import Evidence
from index.judging import Judged
from index.links import link_to
from index.retrieval import Retriever
from index.settings import Settings
from index.snapshot import Snapshot
from index.types import Answer, AnswerSentence, Card, Citation, Claim, Question
from index.wanted import Wanted

LONGEST = 1000
"""Characters of a question."""
NEAREST = 3
"""Articles named where nothing answers."""
WITNESSES = 4
"""Citations under one sentence, at most."""
_STRIKES = re.compile("[\u0334-\u0338\u20d2\u20d3\u20e5\u20e6\u20eb]")
"""Marks that cross a letter out: a text of such letters says the opposite to its reader."""
POOL = 6
"""Sentences that a language model may write from, where an answer shows fewer."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """What the articles' own words answer, and what a language model may write from."""

    answer: Answer
    pool: Answer
    """The same with more sentences; equal to `answer` where there are no more, or none at all."""


def checked(question: Question) -> Question:
    """The question without markup and control characters. Raises QuestionError."""
    text = plain(question.text)
    if not text:
        raise QuestionError("The question is empty. Ask about something in the articles.")
    if len(text) > LONGEST:
        raise QuestionError(
            f"The question has {len(text)} characters; at most {LONGEST} are read. Ask a shorter one."
        )
    if not re.search(r"\w", text):
        raise QuestionError("The question holds no words. Ask about something in the articles.")
    return replace(question, text=text)


def plain(text: str) -> str:
    """One line, without control or invisible characters and without Markdown's marks."""
    shown = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in text
        if unicodedata.category(char) not in {"Cf", "Cs", "Co", "Cn"} and not _STRIKES.match(char)
    )
    shown = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", shown)
    shown = re.sub(r"[*_~`|]{1,3}(?=\S)|(?<=\S)[*_~`|]{1,3}|^\s*(?:[#>]+\s+)+", "", shown)
    return " ".join(shown.split())


def answer(question: Question, known: Snapshot, retriever: Retriever, settings: Settings) -> Answer:
    """Answer a checked question in the articles' own words."""
    return drafted(question, known, retriever, settings, pool=0).answer


def drafted(
    question: Question,
    known: Snapshot,
    retriever: Retriever,
    settings: Settings,
    *,
    full: str = "",
    pool: int = POOL,
) -> Drafted:
    """The same, with a pool of so many sentences, if more than an answer has.

    `full`: the question as a language model understood it; empty: as the rules of follow-ups do.
    """
    began = time.perf_counter()
    full = full or understood(question.text, question.earlier)
    day = question.asked or date.today()
    vector, ranked = retriever.search(full, question.filters, day)
    found = retriever.found(ranked[: versions.LOOKED_AT])
    judged = judging.judge(
        full,
        vector,
        found[: evidence.PASSAGES],
        known,
        retriever.word_vectors,
        retriever.read_together,
        day,
    )
    careful = settings.careful if question.careful is None else question.careful
    nothing = Answer(
        question=question.text,
        outcome="not_found",
        confidence=judged.confidence,
        understood=full,
        missing=tuple(term.word for term in judged.asked.terms if not term.known),
    )
    made = larger = nothing
    if judged.confidence is not None and judged.confidence >= careful:
        further = versions.further(judged, found)
        made = larger = _written(
            nothing, agreement.groups(judged, settings.sentences, further), judged.asked, known
        )
        if pool > settings.sentences:
            larger = _written(nothing, agreement.groups(judged, pool, further), judged.asked, known)
    if made.outcome == "not_found":
        made = larger = replace(made, nearest=_nearest(judged))
    return Drafted(replace(made, seconds=time.perf_counter() - began), larger)


def _written(made: Answer, chosen: Sequence[Group], asked: Asked, known: Snapshot) -> Answer:
    """The answer in the articles' own words; still not_found if nothing holds."""
    citations: list[Citation] = []
    sentences = []
    claims = []
    for group in chosen:
        numbers = tuple(_cite(member, citations) for member in group.members[:WITNESSES])
        sentences.append(AnswerSentence(group.members[0].text, numbers))
        claims.append((group, numbers))
    texts = {c.article.id: found.text for c in citations if (found := known.article(c.article.id))}
    sound = checking.checked(tuple(sentences), tuple(citations), texts)
    if len(sound) < len(sentences):
        return made
    days = [c.article.published for c in citations if c.article.published]
    return replace(
        made,
        outcome="answered",
        sentences=sound,
        citations=tuple(citations),
        agreement=_claims(claims, point(asked) or asked.kind),
        as_of=max(days, default=None),
    )


def _cite(found: Evidence, citations: list[Citation]) -> int:
    number = len(citations) + 1
    link = link_to(found.card.url, found.text)
    citations.append(Citation(number, found.card, found.text, found.span.start, found.span.end, link))
    return number


def _claims(chosen: Sequence[tuple[Group, tuple[int, ...]]], kind: Wanted) -> tuple[Claim, ...]:
    """What several articles say on the point of the question, and where they differ on it."""
    told = [pair for pair in chosen if pair[0].compared]
    told = told or [pair for pair in chosen[:1] if len(pair[1]) > 1]
    made = []
    for group, numbers in told:
        day = group.members[0].card.published if group.changed else None
        # Of each day its own point, so that nobody reads a change as a quarrel.
        about = f"{_ABOUT[kind]} on {day.isoformat()}" if day else _ABOUT[kind]
        made.append(Claim(about, _claim(group), numbers, day))
    return tuple(made)


def _claim(group: Group) -> str:
    return group.told or group.members[0].shown or group.members[0].text


def _nearest(judged: Judged) -> tuple[Card, ...]:
    cards: dict[str, Card] = {}
    for found in judged.sentences:
        cards.setdefault(found.card.id, found.card)
    return tuple(cards.values())[:NEAREST]


_ABOUT = {
    Wanted.COUNTRIES: "the countries",
    Wanted.NUMBER: "the number",
    Wanted.DATE: "the date",
    Wanted.PERSON: "the person",
    Wanted.PLACE: "the place",
    Wanted.WORDS: "what was said",
    Wanted.ANYTHING: "the point asked about",
}
