"""The rows of the library as they are written. The caller has the transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np

from corpus.article import Article
from index import schema
from index.chunking import shown_headline
from index.types import Passage, Span

OPENING = 80
"""Characters of an article's first words that stand in for a missing headline."""


def set_meta(db: sqlite3.Connection, values: Mapping[str, str]) -> None:
    """Write values of the table `meta`."""
    db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())


def generation(db: sqlite3.Connection) -> int:
    """The number of the generation that is there; 0 before the first."""
    row = db.execute("SELECT value FROM meta WHERE key = 'generation'").fetchone()
    return int(row[0]) if row else 0


def drop_article(db: sqlite3.Connection, article_id: str) -> None:
    """Remove an article with its passages; an unknown one is passed over."""
    db.execute(
        "DELETE FROM words WHERE rowid IN (SELECT number FROM passages WHERE article_id = ?)", (article_id,)
    )
    db.execute("DELETE FROM passages WHERE article_id = ?", (article_id,))
    db.execute("DELETE FROM headlines WHERE id = ?", (article_id,))
    db.execute("DELETE FROM articles WHERE id = ?", (article_id,))


def put_article(db: sqlite3.Connection, article: Article, passages: Sequence[tuple[Passage, str]]) -> None:
    """Add an article with its passages, each with its vector key."""
    db.execute(
        "INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article.id,
            article.digest,
            article.title,
            article.source,
            article.url,
            article.published.isoformat() if article.published else None,
            article.author,
            _opening(article.text),
            article.origin,
            article.text,
        ),
    )
    put_headline(db, article.id)
    headline = shown_headline(article.title)
    for passage, key in passages:
        spans = _pack_spans(passage.sentences)
        put_passage(
            db, passage.id, article.id, passage.start, passage.end, spans, key, headline, passage.text
        )


def put_headline(db: sqlite3.Connection, article_id: str) -> None:
    """Add what completions look through, of an article that is there."""
    db.execute(f"{schema.FOLD} WHERE id = ?", (article_id,))


def put_passage(
    db: sqlite3.Connection,
    passage_id: str,
    article_id: str,
    start: int,
    end: int,
    spans: bytes,
    key: str,
    headline: str,
    body: str,
) -> None:
    """Add a passage and the words to find it by."""
    number = db.execute(
        'INSERT INTO passages (id, article_id, start, "end", spans, vector_key) VALUES (?, ?, ?, ?, ?, ?)',
        (passage_id, article_id, start, end, spans, key),
    ).lastrowid
    db.execute("INSERT INTO words (rowid, headline, body) VALUES (?, ?, ?)", (number, headline, body))


def drop_files(db: sqlite3.Connection, only: frozenset[str] | None) -> None:
    """Remove what is known of the files `only`, or of all."""
    if only is None:
        db.execute("DELETE FROM files")
        db.execute("DELETE FROM entries")
        return
    for table in ("files", "entries"):
        db.executemany(f"DELETE FROM {table} WHERE origin = ?", [(origin,) for origin in only])


def follow_files(db: sqlite3.Connection) -> None:
    """Note of articles that are the same in another file where they are now: by that they are removed."""
    db.execute(
        "UPDATE articles SET origin = found.origin FROM "
        "(SELECT id, digest, origin, min(place) FROM entries GROUP BY id, digest) found "
        "WHERE found.id = articles.id AND found.digest = articles.digest AND found.origin <> articles.origin"
    )


def _opening(text: str) -> str:
    words = " ".join(text[: 2 * OPENING].split())
    if len(words) <= OPENING:
        return words
    return words[:OPENING].rsplit(" ", 1)[0].rstrip(",;:—–-") + " …"


def _pack_spans(spans: Sequence[Span]) -> bytes:
    """Spans as little-endian 32-bit pairs."""
    return np.array([(span.start, span.end) for span in spans], dtype="<u4").tobytes()
