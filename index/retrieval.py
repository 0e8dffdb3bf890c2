"""Question -> passages: by words (SQLite FTS5) and by meaning (Chroma), fused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.embedding import Embedder, Vector
from index.snapshot import Found, Snapshot
from index.store import VectorStore
from index.types import Filters, Hit, Span
from index.when import inside
from index.words import WORD, content, fold, porter, splits, stem, words

DEPTH = 50
"""Passages that each of the two searches gives."""
DENSE = 0.3
"""Share of meaning in the fused score; benchmarks/quality compares others."""
COMMON = 0.03
"""Words in a greater share of the passages are left out of the search by words. On the news questions
this takes a quarter of the time, and finds as much (benchmarks/README.md)."""
COMMON_PASSAGES = 1500
"""Words in fewer passages are never left out."""
KEPT = 3
"""The rarest words of a question are never left out."""
TIMELY = 0.5
"""Added where an article is of the days that the question speaks of, taken off where it is not."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage id with its scores."""

    id: str
    score: float
    """Fused, 0 to 1."""
    similarity: float
    """Cosine with the question."""


class Retriever:
    """Searches one generation of the library."""

    def __init__(self, known: Snapshot, store: VectorStore, embedder: Embedder) -> None:
        """`store` may be of another generation than `known`: what `known` lacks drops out."""
        self.known = known
        self._store = store
        self._embedder = embedder

    def embed(self, question: str) -> Vector:
        """The question's vector, shape (dimensions,)."""
        return self._embedder.question(question)

    def word_vectors(self, said: Sequence[str]) -> Vector:
        """The vectors of words alone, shape (words, dimensions)."""
        return self._embedder.words(said)

    def passages(
        self, question: str, vector: Vector, filters: Filters, meant: Filters | None = None
    ) -> list[Scored]:
        """Passages, best first. `meant`: days that the question speaks of, a preference only."""
        by_words = dict(self.known.lexical(match(question, self.known), DEPTH, filters))
        by_meaning = [id_ for id_, _ in self._store.nearest(vector, DEPTH, filters)]
        rows = self.known.passage_vectors(dict.fromkeys([*by_words, *by_meaning]), filters)
        similarity = {id_: float(row @ vector) for id_, (row, _) in rows.items()}
        scores = fused(by_words, similarity)
        for id_, (_, day) in rows.items():
            fits = inside(day, meant)
            scores[id_] += 0.0 if fits is None else TIMELY if fits else -TIMELY
        ranked = [Scored(id_, scores[id_], similarity[id_]) for id_ in similarity]
        return sorted(ranked, key=lambda scored: (-scored.score, scored.id))

    def found(self, ranked: Sequence[Scored]) -> list[tuple[Scored, Found]]:
        """The passages themselves."""
        rows = {found.passage.id: found for found in self.known.found([scored.id for scored in ranked])}
        return [(scored, rows[scored.id]) for scored in ranked if scored.id in rows]

    def articles(self, query: str, limit: int, filters: Filters) -> list[Hit]:
        """The best passage of each of the best articles, best first."""
        hits: dict[str, Hit] = {}
        for scored, found in self.found(self.passages(query, self.embed(query), filters)):
            first = hits.get(found.card.id)
            if first is None:
                hits[found.card.id] = Hit(found.passage, found.card, scored.score, scored.similarity)
            else:
                hits[found.card.id] = replace(first, more=first.more + 1)
        best = list(hits.values())[:limit]
        return [replace(hit, matched=matched(query, hit.passage.text)) for hit in best]


def fused(by_words: dict[str, float], similarity: dict[str, float]) -> dict[str, float]:
    """A weighted sum of the two scores, each scaled to 0..1 over what was found."""
    lexical, dense = _scaled(by_words), _scaled(similarity)
    return {id_: (1 - DENSE) * lexical.get(id_, 0.0) + DENSE * dense[id_] for id_ in similarity}


def match(question: str, known: Snapshot) -> str:
    """The question as an FTS5 expression: any of its words, also written as two or as one.

    Every word is quoted, so that nothing in a question is read as FTS5 syntax.
    """
    said = content(question) or words(question)
    pairs = {word: list(splits(fold(word))) for word in said}
    parts = {stem(part) for ways in pairs.values() for way in ways for part in way}
    there = known.frequencies(parts)
    phrases = [f"{a} {b}" for ways in pairs.values() for a, b in ways if {stem(a), stem(b)} <= there.keys()]
    as_one = [a + b for a, b in pairwise(said) if a.isalpha() and b.isalpha()]
    as_one = [word for word in as_one if known.frequencies([stem(word)])]
    return " OR ".join(f'"{term}"' for term in dict.fromkeys([*_telling(said, known), *phrases, *as_one]))


def matched(query: str, text: str) -> tuple[Span, ...]:
    """Where the words of a query stand in a text, in order, in another form too ("Lithuanian")."""
    said = content(query)
    wanted = {stem(word) for word in said or words(query)} | {stem(a + b) for a, b in pairwise(said)}

    def is_wanted(word: str) -> bool:
        return stem(word) in wanted and (not said or bool(content(word)))  # "US" is not "us"

    found: list[Span] = []
    before = None
    for word in WORD.finditer(text):
        if is_wanted(word.group()):
            found.append(Span(word.start(), word.end()))
        elif before is not None and is_wanted(_joined(before.group(), word.group())):
            found = [
                *(span for span in found if span.end <= before.start()),
                Span(before.start(), word.end()),
            ]
        else:
            parts = re.finditer(r"[^-]+", word.group())
            wanted_parts = (part for part in parts if is_wanted(part.group()))
            found += [Span(word.start() + part.start(), word.start() + part.end()) for part in wanted_parts]
        before = word
    return tuple(_without_stop(text, span) for span in found)


def _joined(first: str, second: str) -> str:
    """Two words written as one; empty where they are more than letters."""
    return first + second.rstrip(".") if first.isalpha() and second.rstrip(".").isalpha() else ""


def _without_stop(text: str, span: Span) -> Span:
    """The full stop of "in Lithuania." is the sentence's; that of "U.S." is the word's."""
    word = text[span.start : span.end]
    return Span(span.start, span.end - 1) if word.endswith(".") and word.count(".") == 1 else span


def _telling(said: Sequence[str], known: Snapshot) -> list[str]:
    """The words without those that very many passages hold: they cost most and tell least."""
    common = max(COMMON_PASSAGES, COMMON * known.count("passages"))
    frequency = {word: max(known.frequencies([porter(word)]).values(), default=0) for word in said}
    rarest = sorted(said, key=lambda word: frequency[word])[:KEPT]
    return [word for word in said if frequency[word] <= common or word in rarest]


def _scaled(scores: dict[str, float]) -> dict[str, float]:
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    return {id_: (score - low) / (high - low) for id_, score in scores.items()}
