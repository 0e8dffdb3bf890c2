"""Reads what can still be read of a damaged library, without SQLite where SQLite refuses.

SQLite gives up at the first page that is damaged, and with the first page of the file at all of it. But
what is dear in a library can be told apart from garbage wherever it stands: vectors have unit length, and
an article has its digest. So every page is read by itself (https://www.sqlite.org/fileformat2.html), those
of the write-ahead log too, and what proves right is kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from corpus.article import Article, Unread
from index.embedding import SIZE
from index.pages import records
from index.snapshot import Entry

ROUNDED = 0.01
"""By how much the length of a vector may differ from one; those of sentences have 16 bits a number."""

VectorRow = tuple[str, bytes, bytes]
"""A row of the table `vectors`."""

ARTICLE = "id, digest, title, source, url, published, author, opening, origin, text"


@dataclass(frozen=True, slots=True)
class Salvaged:
    """What a damaged library still gives, but its vectors."""

    articles: tuple[Article, ...]
    """Those whose text proves right."""
    entries: tuple[Entry, ...]
    files: dict[str, tuple[str, tuple[Unread, ...]]]
    """Empty where an entry may be missing: then every file has to be read again."""
    meta: dict[str, str]


def salvage(file: Path) -> Salvaged:
    """Read all but the vectors. What cannot be had is left out; nothing is raised, nothing written."""
    entries, all_entries = _both_ends(file, "origin, id, digest, content_key", "entries", "place")
    files, _ = _both_ends(file, "origin, digest, unread", "files", "origin")
    meta, _ = _both_ends(file, "key, value", "meta", "key")
    rows, all_articles = _both_ends(file, ARTICLE, "articles", "rowid")
    articles = {article.id: article for row in rows if (article := proven(row))}
    if not all_articles or len(articles) < len(rows):
        wanted = {entry[2] for entry in entries}
        for row in records(file, _like_an_article):
            article = proven(row)
            if article and (article.id not in articles or article.digest in wanted):
                articles[article.id] = article
    known = {entry[1] for entry in entries}
    others = (a for a in articles.values() if a.id not in known)  # else a refresh would take them for removed
    return Salvaged(
        articles=tuple(articles.values()),
        entries=(
            *(Entry(*row) for row in entries),
            *(Entry(a.origin, a.id, a.digest, a.content_key) for a in others),
        ),
        files=_files(files) if all_entries and entries else {},
        meta=dict(meta),
    )


def vectors(file: Path) -> Iterator[VectorRow]:
    """All rows of the table `vectors` that prove right; some may come twice."""
    for key, passage, sentences in records(file, _like_vectors):
        if sound(passage, sentences):
            yield key, passage, sentences


def sound(passage: bytes, sentences: bytes) -> bool:
    """Whether these are vectors of unit length, of a passage and of its sentences."""
    if not passage or len(passage) % 4 or len(sentences) % (2 * SIZE):
        return False
    whole = np.frombuffer(passage, dtype=np.float32)
    rows = np.frombuffer(sentences, dtype=np.float16).reshape(-1, SIZE).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):  # garbage can be any number
        lengths = np.array([np.linalg.norm(whole), *np.linalg.norm(rows, axis=1)])
    return bool((np.abs(lengths - 1) < ROUNDED).all())


def proven(row: Sequence[Any]) -> Article | None:
    """The article of a row of the columns `ARTICLE`, if it has the digest that stands in the row."""
    id_, digest, title, source, url, published, author, _, origin, text = row
    try:
        day = date.fromisoformat(published) if published else None
        article = Article(id_, title, text, source, url, day, author, origin)
        return article if article.digest == digest else None
    except (TypeError, ValueError):
        return None


@contextmanager
def lenient(db: sqlite3.Connection) -> Iterator[None]:
    """A block in which text that is no UTF-8 can be read: it proves wrong instead of ending the reading."""
    usual, db.text_factory = db.text_factory, lambda raw: raw.decode(errors="replace")
    try:
        yield
    finally:
        db.text_factory = usual


def _both_ends(file: Path, columns: str, table: str, order: str) -> tuple[list[tuple[Any, ...]], bool]:
    """Rows from the first on, and where that breaks off from the last back; whether these are all."""
    found: dict[tuple[Any, ...], None] = {}
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as db:
            for direction in ("", " DESC"):
                with suppress(sqlite3.Error), lenient(db):  # where it breaks off is where the damage is
                    for row in db.execute(f"SELECT {columns} FROM {table} ORDER BY {order}{direction}"):
                        found[row] = None
                    return list(found), True
    except sqlite3.Error:
        pass  # a file that does not even open: there is nothing to add
    return list(found), False


def _files(rows: Iterable[tuple[str, str, str]]) -> dict[str, tuple[str, tuple[Unread, ...]]]:
    read: dict[str, tuple[str, tuple[Unread, ...]]] = {}
    for origin, digest, unread in rows:
        with suppress(ValueError, TypeError):  # a garbled row: its file is read again
            read[origin] = (digest, tuple(Unread(*pair) for pair in json.loads(unread)))
    return read


def _like_vectors(types: Sequence[int]) -> bool:
    """Whether a record has a key of 32 characters and two blobs, by its serial types."""
    return len(types) == 3 and types[0] == 13 + 2 * 32 and all(t >= 12 and not t % 2 for t in types[1:])


def _like_an_article(types: Sequence[int]) -> bool:
    """Whether a record has the ten columns of an article, the second a digest, by its serial types."""
    return len(types) == 10 and types[1] == 13 + 2 * 64 and all(not t or (t >= 13 and t % 2) for t in types)
