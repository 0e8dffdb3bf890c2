"""What is wrong inside a library that SQLite itself can read: tables out of step, words that were altered."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from index import schema
from index.chunking import shown_headline
from index.embedding import SIZE
from index.salvage import ARTICLE, lenient, proven, sound

LISTS = {
    "full-text search": """
        SELECT number FROM passages WHERE number NOT IN (SELECT id FROM words_docsize) UNION ALL
        SELECT id FROM words_docsize WHERE id NOT IN (SELECT number FROM passages)""",
    "full-text search of whole articles": """
        SELECT id FROM articles WHERE id NOT IN (SELECT id FROM numbered) UNION ALL
        SELECT id FROM numbered WHERE id NOT IN (SELECT id FROM articles) UNION ALL
        SELECT number FROM numbered WHERE number NOT IN (SELECT id FROM article_words_docsize) UNION ALL
        SELECT id FROM article_words_docsize WHERE id NOT IN (SELECT number FROM numbered)""",
    "headlines": f"""
        SELECT * FROM ({schema.FOLDED} EXCEPT SELECT * FROM headlines) UNION ALL
        SELECT * FROM (SELECT * FROM headlines EXCEPT {schema.FOLDED})""",
}
"""What is made from the articles, and a query for what does not fit them."""
_INDEXES = {"full-text search": "words", "full-text search of whole articles": "article_words"}
_PASSAGES = (
    'SELECT p.start, p."end", length(p.spans) / 8, w.body, v.passage, v.sentences FROM passages p '
    "LEFT JOIN words w ON w.rowid = p.number LEFT JOIN vectors v ON v.key = p.vector_key "
    "WHERE p.article_id = ? ORDER BY p.start"
)


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was found; all empty for a sound library."""

    altered: tuple[str, ...] = ()
    """Articles whose words are not those that were indexed."""
    incomplete: tuple[str, ...] = ()
    """Articles that lack a passage, or one of whose passages lacks its words or its vectors."""
    stray: int = 0
    """Passages of articles that are not there."""
    lists: tuple[str, ...] = ()
    """Those of `LISTS` that do not fit the articles."""

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.altered or self.incomplete or self.stray or self.lists)

    def __str__(self) -> str:
        """What is wrong, in words."""
        found = [
            *([f"articles with altered words: {len(self.altered)}"] if self.altered else ()),
            *([f"articles that are not whole: {len(self.incomplete)}"] if self.incomplete else ()),
            *([f"passages of no article: {self.stray}"] if self.stray else ()),
            *(f"{name} does not fit the articles" for name in self.lists),
        ]
        return "; ".join(found)


def look(db: sqlite3.Connection) -> Soundness:
    """Read all of a library, inside a transaction; nothing is changed."""
    altered, incomplete = [], []
    with lenient(db):
        for row in db.execute(f"SELECT {ARTICLE} FROM articles"):
            article = proven(row)
            if article is None:
                altered.append(str(row[0]))
            elif not _whole(article.text, db.execute(_PASSAGES, (article.id,)).fetchall()):
                incomplete.append(article.id)
    (stray,) = db.execute(
        "SELECT count(*) FROM passages WHERE article_id NOT IN (SELECT id FROM articles)"
    ).fetchone()
    return Soundness(tuple(altered), tuple(incomplete), stray, tuple(n for n in LISTS if _unfit(db, n)))


def _whole(text: str, passages: Sequence[tuple[Any, ...]]) -> bool:
    """Whether the passages hold all words of the text, each once, and have their vectors."""
    place = 0
    for start, end, spans, body, vector, sentences in passages:
        if text[place:start].strip() or not place <= start <= end or body != text[start:end]:
            return False
        if vector is None or not sound(vector, sentences):
            return False
        if len(sentences) // (2 * SIZE) not in (spans, spans + 1):  # the passage's own may be among them
            return False
        place = end
    return not text[place:].strip()


def _unfit(db: sqlite3.Connection, name: str) -> bool:
    if db.execute(f"{LISTS[name]} LIMIT 1").fetchone() is not None:
        return True
    if name in _INDEXES:
        try:
            db.execute(f"INSERT INTO {_INDEXES[name]} ({_INDEXES[name]}) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            return True
    return False


def clear(db: sqlite3.Connection, article_ids: Sequence[str]) -> None:
    """Take out passages of no article, and those vectors of some articles that are garbage."""
    db.execute("DELETE FROM passages WHERE article_id NOT IN (SELECT id FROM articles)")
    find = (
        "SELECT v.key, v.passage, v.sentences FROM passages p JOIN vectors v ON v.key = p.vector_key "
        "WHERE p.article_id = ?"
    )
    for article_id in article_ids:
        bad = [(key,) for key, *rows in db.execute(find, (article_id,)) if not sound(*rows)]
        db.executemany("DELETE FROM vectors WHERE key = ?", bad)


def remake(db: sqlite3.Connection, names: Sequence[str]) -> None:
    """Make some of `LISTS` anew from articles and passages, inside a transaction."""
    for name in names:
        _REMAKES[name](db)


def _words(db: sqlite3.Connection) -> None:
    db.execute("DROP TABLE words")
    db.execute(schema.WORDS)
    rows = db.execute(
        'SELECT p.number, a.title, substr(a.text, p.start + 1, p."end" - p.start) FROM passages p '
        "JOIN articles a ON a.id = p.article_id ORDER BY p.number"
    )
    db.executemany(
        "INSERT INTO words (rowid, headline, body) VALUES (?, ?, ?)",
        ((number, shown_headline(title), body) for number, title, body in rows),
    )


def _whole_articles(db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO article_words (article_words) VALUES ('delete-all')")
    db.execute("DELETE FROM numbered")
    schema.run(db, schema.NUMBER)


def _headlines(db: sqlite3.Connection) -> None:
    db.execute("DELETE FROM headlines")
    db.execute(schema.FOLD)


_REMAKES: dict[str, Callable[[sqlite3.Connection], None]] = dict(
    zip(LISTS, (_words, _whole_articles, _headlines), strict=True)
)
