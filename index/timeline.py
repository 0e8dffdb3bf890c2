"""A topic -> the dated facts that the articles tell of it, in the order of their days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from index import answering, judging
from index.asked import Asked, Term
from index.evidence import Evidence
from index.links import link_to
from index.retrieval import Retriever
from index.snapshot import Snapshot
from index.spoken_dates import Spoken, spoken
from index.types import Citation, Event, Filters, Question
from index.words import stems

MOST = 25
"""Events of a timeline."""
PASSAGES = 60
"""Passages whose sentences are read."""
UNDATED = 1
"""Sentences that name no day, of one article: they are told under the article's own day."""
AROUND = 0.75
"""Share of the topic's words, weighed by rarity, that a sentence and what stands around it must hold."""
HELD = 0.5
"""The same for the sentence alone."""
NEAR = 0.4
"""Cosine with the topic that a sentence must have besides, unless it holds the topic's every word."""
SAME = 0.85
"""Cosine from which two sentences of one day tell the same."""
COPY = 0.9
"""Share of common words from which they do."""


@dataclass(frozen=True, slots=True)
class _Fact:
    first: date
    last: date
    stated: bool
    found: Evidence


def timeline(topic: str, filters: Filters, known: Snapshot, retriever: Retriever) -> tuple[Event, ...]:
    """Dated facts on a topic, by their days; none where the articles are about something else.

    A day that the topic names ("Ukraine in March 2022") limits the facts to those of these days.
    Raises QuestionError.
    """
    asked = answering.checked(Question(topic)).text
    limits = spoken(asked)
    plain = _without(asked, limits)
    vector, ranked = retriever.search(plain, filters)
    judged = judging.judge(plain, vector, retriever.found(ranked[:PASSAGES]), known, retriever.word_vectors)
    if _unheard(judged.asked):
        return ()
    facts = [
        fact
        for found in judged.sentences
        if _on_topic(found, judged.asked) and (fact := _dated(found)) and _within(fact, limits)
    ]
    chosen = _chosen(facts)
    chosen.sort(key=lambda fact: (fact.first, fact.last, fact.found.card.id, fact.found.span.start))
    return tuple(_event(number, fact) for number, fact in enumerate(chosen, 1))


def _without(topic: str, days: Sequence[Spoken]) -> str:
    """The topic without the days that it names; itself where nothing else is left."""
    rest = topic
    for day in reversed(days):
        rest = f"{rest[: day.start]} {rest[day.end :]}"
    return " ".join(rest.split()) if stems(rest) else topic


def _unheard(asked: Asked) -> bool:
    """Whether the articles cannot be about the topic: a name, or half of its words, stand in none."""
    total = sum(term.weight for term in asked.terms)
    lost = [term for term in asked.terms if not term.known]
    return any(term.name for term in lost) or 2 * sum(term.weight for term in lost) > total or not total


def _on_topic(found: Evidence, asked: Asked) -> bool:
    """Whether a sentence tells of the topic itself, not only near to it."""
    if found.feature("around") < AROUND or found.feature("names") < 1:
        return False
    cover = found.feature("cover")
    if cover < HELD and not _holds_head(found, asked.terms):
        return False
    return cover >= 1 or found.feature("sentence") >= NEAR


def _holds_head(found: Evidence, terms: Sequence[Term]) -> bool:
    """Whether it holds the topic's rarest word."""
    rarest = max(terms, key=lambda term: term.weight)
    return bool(rarest.forms & stems(found.text))


def _dated(found: Evidence) -> _Fact | None:
    """The sentence under the day that it names, or else under that of its article."""
    days = [day for day in spoken(found.text, found.card.published) if not day.limit]
    if days:
        day = min(days, key=lambda day: (day.days, day.start))
        return _Fact(day.first, day.last, True, found)
    published = found.card.published
    return _Fact(published, published, False, found) if published else None


def _within(fact: _Fact, limits: Sequence[Spoken]) -> bool:
    return not limits or any(fact.first <= day.last and fact.last >= day.first for day in limits)


def _chosen(facts: Sequence[_Fact]) -> list[_Fact]:
    """The best, each told once; sentences that name their day come first."""
    chosen: list[_Fact] = []
    undated: dict[str, int] = {}
    for fact in sorted(facts, key=lambda fact: not fact.stated):
        article = fact.found.card.id
        if not fact.stated:
            undated[article] = undated.get(article, 0) + 1
            if undated[article] > UNDATED:
                continue
        if not any(_tells_same(fact, other) for other in chosen):
            chosen.append(fact)
    return chosen[:MOST]


def _tells_same(fact: _Fact, other: _Fact) -> bool:
    mine, theirs = stems(fact.found.text), stems(other.found.text)
    if mine == theirs:
        return True
    if fact.first > other.last or fact.last < other.first:
        return False
    copied = len(mine & theirs) >= COPY * min(len(mine), len(theirs))
    return copied or float(fact.found.vector @ other.found.vector) >= SAME


def _event(number: int, fact: _Fact) -> Event:
    found = fact.found
    link = link_to(found.card.url, found.text)
    citation = Citation(number, found.card, found.text, found.span.start, found.span.end, link)
    return Event(fact.first, fact.last, fact.stated, found.text, citation)
