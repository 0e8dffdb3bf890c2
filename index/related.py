"""Articles that cover the same, by the vectors of their passages. No model is needed."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.article import Article
from index.errors import UnknownArticle
from index.neighbours import Neighbours
from index.snapshot import Found, Snapshot
from index.types import Card
from index.words import stems

FIRST = 6
"""Passages of the article that are compared: news says at its beginning what it is about."""
DEPTH = 60
"""Nearest passages that are read for each of them."""
FIRMLY = 2
"""Of those passages, the best matched ones that count."""
LEAST = 0.6
"""Mean cosine of these from which two articles cover the same (tests/index/test_related.py)."""
COPY = 0.9
"""Share of common words from which one article is a copy of another."""


@dataclass(frozen=True, slots=True)
class _Near:
    card: Card
    score: float


def related(article_id: str, limit: int, known: Snapshot, neighbours: Neighbours) -> tuple[Card, ...]:
    """Articles that cover the same as one, nearest first. Raises UnknownArticle.

    Copies of the article tell nothing new and are left out; of several copies of another, the nearest
    stays.
    """
    article = known.article(article_id)
    if article is None:
        raise UnknownArticle(
            f"No article has the id {article_id!r}. The ids are listed by: footnote articles"
        )
    own = sorted(known.found(known.passage_ids([article_id])), key=lambda found: found.passage.start)[:FIRST]
    told = [_said(article)]
    cards: list[Card] = []
    for near in _nearest(article_id, own, known, neighbours):
        if len(cards) >= limit:
            break
        other = known.article(near.card.id)
        if other is None or near.score < LEAST:
            continue
        said = _said(other)
        if not any(_copies(said, before) for before in told):
            told.append(said)
            cards.append(near.card)
    return tuple(cards)


def _nearest(article_id: str, own: list[Found], known: Snapshot, neighbours: Neighbours) -> list[_Near]:
    """Other articles by how near their passages come to this one's, nearest first."""
    cards: dict[str, Card] = {}
    best: dict[str, list[float]] = {}
    searched = {id_: vector for id_, vector, _, _ in known.rows(mine.passage.id for mine in own)}
    for place, mine in enumerate(own):
        ids = [id_ for id_, _ in neighbours.nearest(known, searched[mine.passage.id], DEPTH)]
        for found in known.found(ids):
            other = found.card.id
            if other == article_id:
                continue
            cards[other] = found.card
            row = best.setdefault(other, [0.0] * len(own))
            row[place] = max(row[place], float(found.vector @ mine.vector))
    near = [_Near(cards[id_], _score(row)) for id_, row in best.items()]
    return sorted(near, key=lambda each: (-each.score, each.card.id))


def _score(row: list[float]) -> float:
    firm = sorted(row, reverse=True)[:FIRMLY]
    return sum(firm) / len(firm)


def _said(article: Article) -> frozenset[str]:
    return stems(article.text)


def _copies(first: frozenset[str], second: frozenset[str]) -> bool:
    return len(first & second) >= COPY * max(len(first), len(second))
