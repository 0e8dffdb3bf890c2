"""The articles before the last change, kept in tables of their own, to go back to once.

The caller has the transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from index import written
from index.snapshot import NO_UNDO

FIRST = "The last change built the index for the first time: before it there was none."
UNDONE = "The last change was undone already. Only one can be."
COPIES = "undo_duplicates"
"""Key of the table `meta`: what was left out as a copy before the last change."""


def keep(db: sqlite3.Connection, put: Sequence[str], drop: Sequence[str], why_not: str | None) -> None:
    """Keep what a change is about to replace, remove and add; nothing where it cannot be undone."""
    if db.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is None:
        why_not = FIRST
    _clear(db, why_not or "")
    if why_not:
        return
    db.execute("INSERT INTO meta SELECT ?, value FROM meta WHERE key = 'duplicates'", (COPIES,))
    for article_id in [*put, *drop]:
        kept = db.execute("INSERT INTO undo_articles SELECT * FROM articles WHERE id = ?", (article_id,))
        if not kept.rowcount:
            db.execute("INSERT INTO undo_added VALUES (?)", (article_id,))
            continue
        db.execute(
            'INSERT INTO undo_passages SELECT p.id, p.article_id, p.start, p."end", p.spans, p.vector_key, '
            "w.headline, w.body FROM passages p JOIN words w ON w.rowid = p.number WHERE p.article_id = ?",
            (article_id,),
        )


def put_back(db: sqlite3.Connection) -> None:
    """Put back what the last change replaced or removed, and take out what it added."""
    changed = db.execute("SELECT id FROM undo_added UNION ALL SELECT id FROM undo_articles").fetchall()
    for (article_id,) in changed:
        written.drop_article(db, article_id)
    db.execute("INSERT INTO articles SELECT * FROM undo_articles")
    for (article_id,) in db.execute("SELECT id FROM undo_articles").fetchall():
        written.put_headline(db, article_id)
    rows = db.execute(
        'SELECT id, article_id, start, "end", spans, vector_key, headline, body FROM undo_passages '
        "ORDER BY article_id, start"
    )
    for row in rows.fetchall():
        written.put_passage(db, *row)
    db.execute(
        "INSERT OR REPLACE INTO meta SELECT 'duplicates', value FROM meta WHERE key = ?",
        (COPIES,),
    )
    _clear(db, UNDONE)


def _clear(db: sqlite3.Connection, why_not: str) -> None:
    for table in ("undo_articles", "undo_passages", "undo_added"):
        db.execute(f"DELETE FROM {table}")
    db.execute("DELETE FROM meta WHERE key = ?", (COPIES,))
    written.set_meta(db, {NO_UNDO: why_not})
