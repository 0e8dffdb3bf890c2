"""The tables of the library, and how a file of them is opened."""

from __future__ import annotations

import sqlite3
import time
import unicodedata
from pathlib import Path

SCHEMA_VERSION = 6
WAIT = 30.0
"""Seconds to wait for another connection's write."""

UNDO = """
-- What the last refresh that changed articles replaced or removed, and what it added.
CREATE TABLE undo_articles (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, title TEXT NOT NULL, source TEXT, url TEXT, published TEXT,
    author TEXT, opening TEXT NOT NULL, origin TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE undo_passages (
    id TEXT PRIMARY KEY, article_id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    spans BLOB NOT NULL, vector_key TEXT NOT NULL, headline TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE undo_added (id TEXT PRIMARY KEY) WITHOUT ROWID;
"""

WORDS = (
    "CREATE VIRTUAL TABLE words USING fts5 "
    '(headline, body, tokenize = "porter unicode61 remove_diacritics 2")'
)
TABLES = f"""
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- Files as the last refresh saw them: an unchanged digest means that a file need not be parsed.
CREATE TABLE files (origin TEXT PRIMARY KEY, digest TEXT NOT NULL, unread TEXT NOT NULL) WITHOUT ROWID;

-- Every article that a file holds, those left out as duplicates too.
CREATE TABLE entries (
    place INTEGER PRIMARY KEY, origin TEXT NOT NULL, id TEXT NOT NULL,
    digest TEXT NOT NULL, content_key TEXT NOT NULL
);

CREATE TABLE articles (
    id TEXT PRIMARY KEY, digest TEXT NOT NULL, title TEXT NOT NULL, source TEXT, url TEXT, published TEXT,
    author TEXT, opening TEXT NOT NULL, origin TEXT NOT NULL,
    text TEXT NOT NULL  -- last, so that the others are read without its overflow pages
);
CREATE INDEX articles_by_day ON articles (published);

CREATE TABLE passages (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, article_id TEXT NOT NULL REFERENCES articles (id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, spans BLOB NOT NULL, vector_key TEXT NOT NULL
);
CREATE INDEX passages_by_article ON passages (article_id, start);
CREATE INDEX passages_by_vector ON passages (vector_key);

-- By content, not by passage: a moved file, a resumed or a repeated refresh finds its vectors here.
CREATE TABLE vectors (key TEXT PRIMARY KEY, passage BLOB NOT NULL, sentences BLOB NOT NULL) WITHOUT ROWID;

{WORDS};
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
"""
FOLDED = """
SELECT id, folded(CASE title WHEN '' THEN opening ELSE title END), source, published
FROM articles"""
FOLD = f"INSERT INTO headlines {FOLDED}"
HEADLINES = f"""
-- What completions look through: reading it takes a tenth of the time that reading the articles takes.
CREATE TABLE headlines (
    id TEXT PRIMARY KEY, folded TEXT NOT NULL, source TEXT, published TEXT
) WITHOUT ROWID;
{FOLD};
CREATE INDEX headlines_by_source ON headlines (source);
"""
NUMBER = """
INSERT INTO numbered (id) SELECT id FROM articles;
INSERT INTO article_words (rowid, opening, body)
SELECT n.number, a.title || ' ' || substr(a.text, 1, 200), a.text
FROM numbered n JOIN articles a ON a.id = n.id"""
WHOLE = f"""
-- Whole articles by their words: a question's words are often spread over the passages of one article.
-- The numbers are ours, since those that SQLite gives rows of its own accord do not outlast a VACUUM.
CREATE TABLE numbered (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
CREATE VIRTUAL TABLE article_words USING fts5 (
    opening, body, content = "", tokenize = "porter unicode61 remove_diacritics 2"
);
INSERT INTO article_words (article_words, rank) VALUES ('rank', 'bm25(0.5, 1.0)');
CREATE TRIGGER article_added AFTER INSERT ON articles BEGIN
    INSERT INTO numbered (id) VALUES (new.id);
    INSERT INTO article_words (rowid, opening, body)
    SELECT number, new.title || ' ' || substr(new.text, 1, 200), new.text FROM numbered WHERE id = new.id;
END;
CREATE TRIGGER article_removed AFTER DELETE ON articles BEGIN
    INSERT INTO article_words (article_words, rowid, opening, body)
    SELECT 'delete', number, old.title || ' ' || substr(old.text, 1, 200), old.text
    FROM numbered WHERE id = old.id;
    DELETE FROM numbered WHERE id = old.id;
END;
{NUMBER}
"""
COUNTED = """
-- A number that is never given twice: what other files say of it stays right.
CREATE TABLE counted (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL REFERENCES articles (id),
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, spans BLOB NOT NULL, vector_key TEXT NOT NULL
);
INSERT INTO counted SELECT number, id, article_id, start, "end", spans, vector_key FROM passages;
DROP TABLE passages;
ALTER TABLE counted RENAME TO passages;
CREATE INDEX passages_by_article ON passages (article_id, start);
CREATE INDEX passages_by_vector ON passages (vector_key);
INSERT OR REPLACE INTO meta VALUES ('matrix', lower(hex(randomblob(4))))
"""
CHANGES = """
-- The last changes of articles, each under the generation that it made, to be undone from the last one on.
CREATE TABLE changes (
    number INTEGER PRIMARY KEY, made TEXT, added INTEGER NOT NULL, changed INTEGER NOT NULL,
    removed INTEGER NOT NULL, duplicates TEXT NOT NULL
);
-- What each replaced or removed, and what it added. Vectors are shared with the passages that are there.
CREATE TABLE earlier_articles (
    change INTEGER NOT NULL REFERENCES changes (number) ON DELETE CASCADE,
    id TEXT NOT NULL, digest TEXT NOT NULL, title TEXT NOT NULL, source TEXT, url TEXT, published TEXT,
    author TEXT, opening TEXT NOT NULL, origin TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (change, id)
);
CREATE TABLE earlier_passages (
    change INTEGER NOT NULL REFERENCES changes (number) ON DELETE CASCADE,
    id TEXT NOT NULL, article_id TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    spans BLOB NOT NULL, vector_key TEXT NOT NULL, headline TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (change, id)
);
CREATE TABLE earlier_added (
    change INTEGER NOT NULL REFERENCES changes (number) ON DELETE CASCADE,
    id TEXT NOT NULL, PRIMARY KEY (change, id)
) WITHOUT ROWID;
-- The one change that was kept until now. When it was made had not been noted.
INSERT INTO changes
SELECT value, NULL, (SELECT count(*) FROM undo_added),
    (SELECT count(*) FROM undo_articles WHERE id IN (SELECT id FROM articles)),
    (SELECT count(*) FROM undo_articles WHERE id NOT IN (SELECT id FROM articles)),
    coalesce((SELECT value FROM meta WHERE key = 'undo_duplicates'), '[]')
FROM meta WHERE key = 'generation'
AND EXISTS (SELECT 1 FROM undo_added UNION ALL SELECT 1 FROM undo_articles);
INSERT INTO earlier_articles SELECT number, old.* FROM undo_articles old, changes;
INSERT INTO earlier_passages SELECT number, old.* FROM undo_passages old, changes;
INSERT INTO earlier_added SELECT number, old.id FROM undo_added old, changes;
DROP TABLE undo_articles;
DROP TABLE undo_passages;
DROP TABLE undo_added;
DELETE FROM meta WHERE key = 'undo_duplicates';
UPDATE meta SET value = 'The changes that were kept are undone.'
WHERE key = 'no_undo' AND value LIKE '%Only one can be.'
"""
STEPS = {2: UNDO, 3: HEADLINES, 4: WHOLE, 5: COUNTED, 6: CHANGES}
"""Version -> what makes it of the one before."""


def connect(file: Path) -> sqlite3.Connection:
    """A connection in autocommit mode; transactions are begun and ended by name.

    Write-ahead logging lets readers go on, on the state they began with, while a refresh writes.
    """
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=WAIT)
    try:
        _write_ahead(connection)
    except sqlite3.Error:
        connection.close()
        raise
    # What was written stays so when the power goes: the vector index is changed in reliance on it.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Mapped, each connection would hold as much of the file as was near to what it read: a gigabyte at
    # 100,000 passages, for a twentieth of the processor's time (benchmarks/scale).
    connection.execute("PRAGMA mmap_size = 0")
    # SQLite itself folds the case of ASCII letters only.
    connection.create_function("casefold", 1, _casefold, deterministic=True)
    connection.create_function("folded", 1, folded, deterministic=True)
    return connection


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, all or none, or those that an older file lacks.

    Another process may do so at the same moment: then they are there.
    """
    connection.execute("BEGIN IMMEDIATE")
    if version(connection) == 0:
        run(connection, TABLES)
        connection.execute("PRAGMA user_version = 1")
    for number, step in STEPS.items():
        if version(connection) < number:
            run(connection, step)
            connection.execute(f"PRAGMA user_version = {number}")
    connection.execute("COMMIT")


def run(connection: sqlite3.Connection, statements: str) -> None:
    """Run statements inside a transaction; a trigger holds semicolons of its own."""
    statement = ""
    for part in statements.split(";"):
        statement += f"{part};"
        if sqlite3.complete_statement(statement):
            connection.execute(statement)
            statement = ""


def version(connection: sqlite3.Connection) -> int:
    """The schema's version; 0 for an empty file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a new file to write-ahead logging: that needs it alone, and SQLite does not wait for that."""
    deadline = time.monotonic() + WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _casefold(text: str | None) -> str | None:
    return None if text is None else text.casefold()


def folded(text: str) -> str:
    """Text as completions compare it: without case and accents, as people type."""
    plain = text.casefold()
    if plain.isascii():
        return plain
    letters = unicodedata.normalize("NFKD", plain)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
