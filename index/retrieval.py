"""Question -> passages: by words (SQLite FTS5) of passages and whole articles, and by meaning (Chroma)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from index.embedding import Embedder, Vector
from index.errors import EmbeddingAway, EmbeddingRefused
from index.neighbours import Neighbours, named
from index.reader import Reader, Reading
from index.snapshot import Found, Snapshot
from index.types import Filters, Hit, Span
from index.when import days_meant, timely
from index.words import WORD, content, fold, namesakes, porter, splits, stem, words

log = logging.getLogger(__name__)

Near = Iterator[tuple[int | str, float]]
"""Passages by number or id with their cosine, nearest first."""

DEPTH = 50
"""Passages that each of the two searches gives."""
DENSE = 0.3
"""Share of meaning in a passage's score; the rest is for its words."""
WHOLE = 0.55
"""Share of the whole article's words in the order of passages, taken from those of the passage's own. Chosen
on those news questions whose article no editor named; benchmarks/quality shows it on the others."""
ARTICLES = 60
"""Whole articles that the search by words gives."""
COMMON = 0.03
"""Words in a greater share of the passages are left out of the search by words. On the news questions
this takes a quarter of the time, and finds as much (benchmarks/README.md)."""
COMMON_PASSAGES = 1500
"""Words in fewer passages are never left out."""
KEPT = 3
"""The rarest words of a question are never left out."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A passage id with its scores."""

    id: str
    score: float
    """How well the passage itself fits, 0 to 1."""
    similarity: float
    """Cosine with the question, by the model that passages are searched with, or the bundled one."""
    order: float = 0.0
    """How well it fits together with its article: what passages are sorted by."""


@dataclass(frozen=True, slots=True)
class _ByWords:
    """What the search by words gives, with BM25 scores."""

    passages: dict[str, float]
    articles: dict[str, float]


class Retriever:
    """Searches one generation of the library."""

    def __init__(self, known: Snapshot, near: Neighbours, embedder: Embedder, reader: Reader) -> None:
        """`near` may be of another generation than `known`: what `known` lacks drops out."""
        self.known = known
        self._near = near
        self._embedder = embedder
        self._reader = reader

    def word_vectors(self, said: Sequence[str]) -> Vector:
        """The vectors of words alone, shape (words, SIZE)."""
        return self._embedder.bundled.words(said)

    def read_together(self, question: str, sentences: Sequence[str], scores: Sequence[float]) -> Reading:
        """What a second look says of a few sentences, beside the question and beside each other."""
        return self._reader.read(question, sentences, scores)

    def search(
        self, question: str, filters: Filters, asked: date | None = None
    ) -> tuple[Vector, list[Scored]]:
        """The question's vector as sentences are held against it, shape (SIZE,), and passages, best first.

        Both searches go on at once; where the model's server is away, the one by words alone.
        `asked`: the day of the question; None where no day shall be preferred. A question's words are often
        spread over an article: the whole article says best what it is about, and its passages among
        themselves where in it the answer stands.
        """
        search = self._near.search(self.known, DEPTH, filters)
        with ThreadPoolExecutor(1, "meaning") as pool:
            meaning = pool.submit(self._meaning, question, search)
            by_words = self._words(question, filters)
            bundled = self._embedder.bundled
            if bundled is self._embedder:
                own, found = meaning.result()
                vector: Vector | None = own
            else:
                own = bundled.question(question)
                vector, found = _unless_away(meaning)
        near = [id_ for id_, _ in named(self.known, found, DEPTH)]
        rows = self.known.passage_vectors(dict.fromkeys([*by_words.passages, *near]), filters)
        if vector is None:
            similarity = {each.passage.id: float(each.vector @ own) for each in self.known.found(rows)}
        else:
            similarity = {id_: float(row @ vector) for id_, (row, _, _) in rows.items()}
        about = {id_: (day, article) for id_, (_, day, article) in rows.items()}
        return own, self._fused(question, about, similarity, by_words, asked)

    def _meaning(self, question: str, search: Callable[[Vector], Near]) -> tuple[Vector, Near]:
        vector = self._embedder.question(question)
        return vector, search(vector)

    def _words(self, question: str, filters: Filters) -> _ByWords:
        passing = self._near.passing(self.known, filters)
        by_passage = dict(self.known.lexical(match(question, self.known), DEPTH, passing))
        by_article = self.known.lexical_articles(_whole(question), ARTICLES, filters)
        return _ByWords(by_passage, by_article)

    @staticmethod
    def _fused(
        question: str,
        about: Mapping[str, tuple[date | None, str]],
        similarity: dict[str, float],
        found: _ByWords,
        asked: date | None,
    ) -> list[Scored]:
        """`about`: day and article of each passage; `similarity`: its cosine with the question."""
        by_article = _scaled(found.articles)
        lexical, dense = _scaled(found.passages), _scaled(similarity)
        meant = days_meant(question, asked) if asked else None
        ranked = []
        for id_, (day, article) in about.items():
            own, whole = lexical.get(id_, 0.0), by_article.get(article, 0.0)
            score = (1 - DENSE) * own + DENSE * dense[id_] + (timely(day, meant, asked) if asked else 0.0)
            ranked.append(Scored(id_, score, similarity[id_], score + WHOLE * (whole - own)))
        return sorted(ranked, key=lambda scored: (-scored.order, scored.id))

    def found(self, ranked: Sequence[Scored]) -> list[tuple[Scored, Found]]:
        """The passages themselves."""
        rows = {found.passage.id: found for found in self.known.found([scored.id for scored in ranked])}
        return [(scored, rows[scored.id]) for scored in ranked if scored.id in rows]

    def articles(self, query: str, limit: int, filters: Filters, asked: date) -> list[Hit]:
        """The best passage of each of the best articles, best first. `asked`: the day of the search."""
        hits: dict[str, Hit] = {}
        _, ranked = self.search(query, filters, asked)
        for scored, found in self.found(ranked):
            first = hits.get(found.card.id)
            if first is None:
                hits[found.card.id] = Hit(found.passage, found.card, scored.order, scored.similarity)
            else:
                hits[found.card.id] = replace(first, more=first.more + 1)
        best = list(hits.values())[:limit]
        return [replace(hit, matched=matched(query, hit.passage.text)) for hit in best]


def _unless_away(meaning: Future[tuple[Vector, Near]]) -> tuple[Vector | None, Near]:
    """What the search by meaning gives; nothing where the model's server fails: words find a lot too."""
    try:
        return meaning.result()
    except (EmbeddingAway, EmbeddingRefused) as error:
        log.warning("Searching by words alone: %s", error)
        return None, iter(())


def any_of(terms: Sequence[str]) -> str:
    """An FTS5 expression for any of the terms, each quoted."""
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))


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
    return any_of([*_telling(said, known), *phrases, *as_one])


def _whole(question: str) -> str:
    """The question as an FTS5 expression for whole articles, of which there are few: any of its words."""
    said = content(question) or words(question)
    return any_of([*said, *(name for word in said for name in namesakes(word))])


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
