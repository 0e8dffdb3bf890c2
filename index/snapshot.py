"""What can be read from the library: one snapshot sees one generation, whatever is written meanwhile."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.article import Article, Unread
from index import fulltext
from index.chunking import shown_headline
from index.embedding import SIZE, Vector
from index.errors import UnknownArticle
from index.fulltext import Counted, conditions
from index.reports import Duplicate, Generation
from index.schema import folded
from index.types import Card, Filters, Passage, Span

_CARD = "a.id, a.title, a.source, a.url, a.published, a.author, a.opening"
_ROWS = (
    "SELECT p.id, v.passage, a.source, a.published FROM passages p "
    "JOIN articles a ON a.id = p.article_id JOIN vectors v ON v.key = p.vector_key"
)

NO_UNDO = "no_undo"
"""Key of the table `meta`: why nothing can be undone beyond the changes that are kept."""

MATRIX = "matrix"
"""Key of the table `meta`: a part of the name of the folder of columns (`matrix.py`), which is no other's."""

Row = tuple[str, Vector, str | None, date | None]
"""Passage id, vector, and the article's outlet and day, by which questions filter."""
Numbered = tuple[int, Vector, str | None, date | None]
"""The same with the passage's number in the library instead of its id."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as a file holds it: enough to compare, without its text."""

    origin: str
    id: str
    digest: str
    content_key: str


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with all that ranking and evidence need of it."""

    passage: Passage
    card: Card
    vector: Vector
    """The bundled model's, shape (SIZE,); what the passage is searched by stands in `Row`."""
    sentences: Vector
    """The bundled model's, shape (sentences, SIZE)."""


class Snapshot:
    """Reads inside one transaction of one connection."""

    def __init__(self, connection: sqlite3.Connection, counted: Counted | None = None) -> None:
        """`connection` has a transaction open; `counted` is shared with others of the same library."""
        self._db = connection
        self._counted = counted or Counted()

    def meta(self, key: str) -> str | None:
        """A value of the table `meta`."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def count(self, table: str) -> int:
        """Rows of `articles`, `passages` or `vectors`."""
        assert table in {"articles", "passages", "vectors"}
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

    def damage(self) -> str:
        """What SQLite finds wrong with the file; empty for nothing."""
        first = str(self._db.execute("PRAGMA integrity_check(1)").fetchone()[0])
        return "" if first == "ok" else first

    def left_out(self) -> tuple[tuple[Unread, ...], tuple[Duplicate, ...]]:
        """What the last refresh could not read, and what it left out as a copy."""
        failed, copies = (json.loads(self.meta(key) or "[]") for key in ("failed", "duplicates"))
        return tuple(Unread(*pair) for pair in failed), tuple(Duplicate(*pair) for pair in copies)

    def files(self) -> dict[str, tuple[str, tuple[Unread, ...]]]:
        """Origin -> digest of the file's bytes, and what of it could not be read."""
        rows = self._db.execute("SELECT origin, digest, unread FROM files")
        return {
            o: (d, tuple(Unread(*pair) for pair in json.loads(unread)) if unread != "[]" else ())
            for o, d, unread in rows
        }

    def entries(self) -> list[Entry]:
        """Everything that the files hold, in reading order."""
        rows = self._db.execute("SELECT origin, id, digest, content_key FROM entries ORDER BY place")
        return [Entry(*row) for row in rows]

    def digests(self) -> dict[str, str]:
        """Article id -> digest."""
        return dict(self._db.execute("SELECT id, digest FROM articles"))

    def digests_in(self, origins: Iterable[str]) -> dict[str, str]:
        """The same for the articles of some files."""
        find = "SELECT id, digest FROM articles WHERE origin = ?"
        return {id_: digest for origin in origins for id_, digest in self._db.execute(find, (origin,))}

    def generations(self) -> list[Generation]:
        """The changes that can be undone, in the order in which an undo takes them: the last first."""
        rows = self._db.execute(
            "SELECT number, made, added, changed, removed FROM changes ORDER BY number DESC"
        )
        return [
            Generation(number, datetime.fromisoformat(made) if made else None, *counts)
            for number, made, *counts in rows
        ]

    def undoable(self, change: int) -> tuple[list[str], list[str], list[str]]:
        """What its undo would do: ids of articles to put back, to take out, and of passages to put back."""
        back, out, passages = (
            [
                str(row[0])
                for row in self._db.execute(f"SELECT id FROM {table} WHERE change = ? ORDER BY id", (change,))
            ]
            for table in ("earlier_articles", "earlier_added", "earlier_passages")
        )
        return back, out, passages

    def earlier_rows(self, change: int, passage_ids: Iterable[str]) -> list[Row]:
        """Some of the passages that its undo puts back."""
        find = (
            "SELECT p.id, v.passage, a.source, a.published FROM earlier_passages p "
            "JOIN earlier_articles a ON a.change = p.change AND a.id = p.article_id "
            "JOIN vectors v ON v.key = p.vector_key WHERE p.change = ? AND p.id = ?"
        )
        found = (self._db.execute(find, (change, id_)).fetchone() for id_ in passage_ids)
        return [_row(row) for row in found if row]

    def titles(self, typed: str, limit: int) -> list[Card]:
        """Articles whose headline (or opening, without one) holds every word typed; newest first.

        Those that begin with what is typed come before the others.
        """
        parts = folded(typed).split()
        where = " AND ".join(["instr(h.folded, ?)"] * len(parts)) or "1"
        rows = self._db.execute(
            f"SELECT {_CARD} FROM (SELECT id, instr(h.folded, ?) <> 1 AS inside, published FROM headlines h "
            f"WHERE {where} ORDER BY inside, published IS NULL, published DESC, id LIMIT ?) found "
            "JOIN articles a ON a.id = found.id "
            "ORDER BY found.inside, a.published IS NULL, a.published DESC, a.id",
            (" ".join(parts), *parts, limit),
        )
        return [_card(row) for row in rows]

    def outlets(self, typed: str, limit: int) -> list[str]:
        """Outlets whose name holds every word typed; those with most articles first.

        Those that begin with what is typed come before the others.
        """
        parts = folded(typed).split()
        start = " ".join(parts)
        names = [(folded(name), name) for name, _ in self.sources()]
        found = [(plain, name) for plain, name in names if all(part in plain for part in parts)]
        found.sort(key=lambda each: not each[0].startswith(start))
        return [name for _, name in found[:limit]]

    def article(self, article_id: str) -> Article | None:
        """One article, or None."""
        row = self._db.execute(
            "SELECT id, title, text, source, url, published, author, origin FROM articles WHERE id = ?",
            (article_id,),
        ).fetchone()
        if row is None:
            return None
        id_, title, text, source, url, published, author, origin = row
        return Article(id_, title, text, source, url, _day(published), author, origin)

    def known_article(self, article_id: str) -> Article:
        """One article. Raises UnknownArticle."""
        article = self.article(article_id)
        if article is None:
            raise UnknownArticle(
                f"No article has the id {article_id!r}. The ids are listed by: footnote articles"
            )
        return article

    def cards(self, filters: Filters = Filters()) -> list[Card]:
        """All articles, newest first, those without a date last."""
        where, values = conditions(filters)
        rows = self._db.execute(
            f"SELECT {_CARD} FROM articles a WHERE {where} ORDER BY a.published IS NULL, "
            "a.published DESC, a.id",
            values,
        )
        return [_card(row) for row in rows]

    def sources(self) -> list[tuple[str, int]]:
        """Outlets with their number of articles, most first."""
        rows = self._db.execute(
            "SELECT source, count(*) FROM headlines WHERE source IS NOT NULL "
            "GROUP BY source ORDER BY count(*) DESC, source"
        )
        return [(str(source), int(count)) for source, count in rows]

    def days(self) -> tuple[date | None, date | None]:
        """The oldest and the newest day of publication."""
        oldest, newest = self._db.execute("SELECT min(published), max(published) FROM articles").fetchone()
        return _day(oldest), _day(newest)

    def passage_ids(self, article_ids: Iterable[str]) -> list[str]:
        """Ids of the passages of some articles."""
        return [
            str(row[0])
            for article_id in article_ids
            for row in self._db.execute("SELECT id FROM passages WHERE article_id = ?", (article_id,))
        ]

    def all_passage_ids(self) -> set[str]:
        """Ids of all passages."""
        return {str(row[0]) for row in self._db.execute("SELECT id FROM passages")}

    def lexical(
        self, match: str, limit: int, passing: npt.NDArray[np.int64] | None = None
    ) -> list[tuple[str, float]]:
        """Passages by BM25 (SQLite FTS5), best first: id and score, higher is better.

        `passing`: the numbers of the passages that count, in their order; None: all of them.
        """
        best = fulltext.passages(self._db, match, limit, passing)
        named = [(self.passage_id(number), score) for number, score in best]
        found = [(id_, score) for id_, score in named if id_ is not None]
        return sorted(found, key=lambda row: (-row[1], row[0]))

    def lexical_articles(self, match: str, limit: int, filters: Filters = Filters()) -> dict[str, float]:
        """Whole articles by BM25: id -> score, higher is better."""
        return fulltext.articles(self._db, match, limit, filters)

    def frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """Stem -> number of passages that hold it; stems that no passage holds are left out."""
        asked, counted = list(stems), self._words
        for stem in asked:
            if stem not in counted:  # a question's words are asked for again and again
                row = self._db.execute("SELECT doc FROM vocabulary WHERE term = ?", (stem,)).fetchone()
                counted[stem] = int(row[0]) if row else 0
        return {stem: counted[stem] for stem in asked if counted[stem]}

    @cached_property
    def _words(self) -> dict[str, int]:
        return self._counted.words(self.meta("generation"))

    def passage_vectors(
        self, passage_ids: Iterable[str], filters: Filters = Filters()
    ) -> dict[str, tuple[Vector, date | None, str]]:
        """Passage id -> its vector, shape (dimensions,), and its article's day and id.

        The vector index may know passages, outlets and days of another generation: here they drop out.
        """
        where, values = conditions(filters)
        find = (
            "SELECT v.passage, a.published, a.id FROM passages p JOIN vectors v ON v.key = p.vector_key "
            f"JOIN articles a ON a.id = p.article_id WHERE p.id = ? AND {where}"
        )
        rows = {id_: self._db.execute(find, (id_, *values)).fetchone() for id_ in passage_ids}
        return {
            id_: (np.frombuffer(r[0], dtype=np.float32), _day(r[1]), r[2]) for id_, r in rows.items() if r
        }

    def found(self, passage_ids: Iterable[str]) -> list[Found]:
        """Passages with article and vectors, in the order asked for; unknown ids are left out."""
        find = (
            f"SELECT p.id, p.start, p.end, p.spans, w.body, v.passage, v.sentences, {_CARD} FROM passages p "
            "JOIN words w ON w.rowid = p.number JOIN articles a ON a.id = p.article_id "
            "JOIN vectors v ON v.key = p.vector_key WHERE p.id = ?"
        )
        rows = (self._db.execute(find, (passage_id,)).fetchone() for passage_id in passage_ids)
        return [_found(row) for row in rows if row]

    def vectors(self, size: int = 5000) -> Iterator[list[Row]]:
        """All passages in batches: id, vector, outlet and day of the article."""
        cursor = self._db.execute(f"{_ROWS} ORDER BY p.number")
        while rows := cursor.fetchmany(size):
            yield [_row(row) for row in rows]

    def rows(self, passage_ids: Iterable[str]) -> list[Row]:
        """The same for some passages."""
        found = (self._db.execute(f"{_ROWS} WHERE p.id = ?", (id_,)).fetchone() for id_ in passage_ids)
        return [_row(row) for row in found if row]

    def matrix(self) -> str:
        """A word for the columns of passages of this library, which no other library shares."""
        return self.meta(MATRIX) or "0"

    def top(self) -> int:
        """The greatest number of a passage; 0 without any."""
        return int(self._db.execute("SELECT max(number) FROM passages").fetchone()[0] or 0)

    def dimensions(self) -> int:
        """The length of a passage's vector; 0 without any."""
        found = self._db.execute(f"{_ROWS} LIMIT 1").fetchone()
        return _row(found)[1].size if found else 0

    def passage_id(self, number: int) -> str | None:
        """The id of the passage with a number."""
        row = self._db.execute("SELECT id FROM passages WHERE number = ?", (number,)).fetchone()
        return str(row[0]) if row else None

    def numbered(self, after: int, size: int) -> Iterator[list[Numbered]]:
        """Passages with greater numbers than `after`, in their order, in batches."""
        cursor = self._db.execute(
            f"{_ROWS.replace('p.id', 'p.number', 1)} WHERE p.number > ? ORDER BY p.number", (after,)
        )
        while rows := cursor.fetchmany(size):
            yield [(int(row[0]), *_row(row)[1:]) for row in rows]

    def marks(self, passage_ids: Iterable[str]) -> Iterator[tuple[str, str | None, date | None]]:
        """Passages with the outlet and the day of their articles; unknown ids are left out."""
        find = (
            "SELECT a.source, a.published FROM passages p JOIN articles a ON a.id = p.article_id "
            "WHERE p.id = ?"
        )
        for id_ in passage_ids:
            row = self._db.execute(find, (id_,)).fetchone()
            if row:
                yield id_, row[0], _day(row[1])

    def sample(self, count: int) -> list[Row]:
        """At most `count` rows, from the first to the last."""
        low, high = self._db.execute("SELECT min(number), max(number) FROM passages").fetchone()
        if low is None:
            return []
        find = f"{_ROWS} WHERE p.number >= ? ORDER BY p.number LIMIT 1"
        numbers = {low + (high - low) * step // max(1, count - 1) for step in range(count)}
        rows = (self._db.execute(find, (number,)).fetchone() for number in sorted(numbers))
        return [_row(row) for row in rows if row]  # of a damaged library the last may have no vectors

    def vectors_by_key(self, keys: Iterable[str]) -> dict[str, Vector]:
        """Vector key -> passage vector, for the keys that the library has."""
        find = "SELECT passage FROM vectors WHERE key = ?"
        rows = {key: self._db.execute(find, (key,)).fetchone() for key in keys}
        return {key: np.frombuffer(row[0], dtype=np.float32) for key, row in rows.items() if row}

    def known_vectors(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose vectors are in the library."""
        find = "SELECT 1 FROM vectors WHERE key = ?"
        return {key for key in keys if self._db.execute(find, (key,)).fetchone()}


def _found(row: tuple[Any, ...]) -> Found:
    passage_id, start, end, spans, body, vector, sentences, *shown = row
    card = _card(shown)
    pairs = np.frombuffer(spans, dtype="<u4").reshape(-1, 2).tolist()
    spans = tuple(Span(*pair) for pair in pairs)
    passage = Passage(passage_id, card.id, start, end, body, shown_headline(card.title), spans)
    rows = np.frombuffer(sentences, dtype=np.float16).reshape(-1, SIZE).astype(np.float32)
    if len(rows) > len(spans):  # another model made the passage's vector: the bundled one's is the last row
        return Found(passage, card, rows[-1], rows[:-1])
    return Found(passage, card, np.frombuffer(vector, dtype=np.float32), rows)


def _row(row: Sequence[Any]) -> Row:
    return row[0], np.frombuffer(row[1], dtype=np.float32), row[2], _day(row[3])


def _card(row: Sequence[Any]) -> Card:
    article_id, title, source, url, published, author, opening = row
    return Card(article_id, title, source, url, _day(published), author, opening)


def _day(text: object) -> date | None:
    return date.fromisoformat(str(text)) if text else None
