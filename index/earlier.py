"""The articles before each of the last changes, kept in tables of their own, to go back to step by step.

A change is kept as what it replaced, removed and added; all that it left alone is shared. The caller has
the transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from index import written
from index.snapshot import NO_UNDO

FIRST = "The index is as it was built for the first time: before that there was none."
UNDONE = "The changes that were kept are undone."


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a change is kept."""

    last: int = 1
    """How many changes are kept, this one included."""
    same: frozenset[str] = frozenset()
    """Ids of articles that are written again and have not changed."""
    final: str = ""
    """Why neither this change nor those before it can be undone; empty where they can."""


def keep(db: sqlite3.Connection, put: Sequence[str], drop: Sequence[str], keeping: Keeping) -> None:
    """Keep what a change is about to replace, remove and add, under the next generation's number."""
    final = keeping.final
    if db.execute("SELECT 1 FROM articles UNION ALL SELECT 1 FROM changes LIMIT 1").fetchone() is None:
        final = FIRST
    if final:
        db.execute("DELETE FROM changes")
        written.set_meta(db, {NO_UNDO: final})
        return
    touched = [article_id for article_id in [*put, *drop] if article_id not in keeping.same]
    if not touched:
        return
    number = written.generation(db) + 1
    now = datetime.now(UTC).isoformat(timespec="seconds")
    db.execute(
        "INSERT INTO changes SELECT ?, ?, 0, 0, ?, "
        "coalesce((SELECT value FROM meta WHERE key = 'duplicates'), '[]')",
        (number, now, len(drop)),
    )
    added = sum(not _kept(db, number, article_id) for article_id in touched)
    changed = len(touched) - len(drop) - added
    db.execute("UPDATE changes SET added = ?, changed = ? WHERE number = ?", (added, changed, number))
    _forget(db, keeping.last)


def put_back(db: sqlite3.Connection) -> None:
    """Put back what the last change that is kept replaced or removed, and take out what it added."""
    number, duplicates = db.execute(
        "SELECT number, duplicates FROM changes ORDER BY number DESC LIMIT 1"
    ).fetchone()
    changed = db.execute(
        "SELECT id FROM earlier_added WHERE change = ?1 UNION ALL "
        "SELECT id FROM earlier_articles WHERE change = ?1",
        (number,),
    )
    for (article_id,) in changed.fetchall():
        written.drop_article(db, article_id)
    db.execute(
        "INSERT INTO articles SELECT id, digest, title, source, url, published, author, opening, origin, "
        "text FROM earlier_articles WHERE change = ?",
        (number,),
    )
    back = db.execute("SELECT id FROM earlier_articles WHERE change = ?", (number,))
    for (article_id,) in back.fetchall():
        written.put_headline(db, article_id)
    rows = db.execute(
        'SELECT id, article_id, start, "end", spans, vector_key, headline, body FROM earlier_passages '
        "WHERE change = ? ORDER BY article_id, start",
        (number,),
    )
    for row in rows.fetchall():
        written.put_passage(db, *row)
    written.set_meta(db, {"duplicates": duplicates})
    db.execute("DELETE FROM changes WHERE number = ?", (number,))
    db.execute(
        "INSERT INTO meta VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE value = ''",
        (NO_UNDO, UNDONE),
    )


def _kept(db: sqlite3.Connection, number: int, article_id: str) -> bool:
    """Keep one article as it is; False where there is none yet."""
    copy = "INSERT INTO earlier_articles SELECT ?, * FROM articles WHERE id = ?"
    if not db.execute(copy, (number, article_id)).rowcount:
        db.execute("INSERT INTO earlier_added VALUES (?, ?)", (number, article_id))
        return False
    db.execute(
        'INSERT INTO earlier_passages SELECT ?, p.id, p.article_id, p.start, p."end", p.spans, p.vector_key, '
        "w.headline, w.body FROM passages p JOIN words w ON w.rowid = p.number WHERE p.article_id = ?",
        (number, article_id),
    )
    return True


def _forget(db: sqlite3.Connection, last: int) -> None:
    """Let go of changes before the last so many; what they alone held goes with them."""
    gone = db.execute(
        "DELETE FROM changes WHERE number NOT IN (SELECT number FROM changes ORDER BY number DESC LIMIT ?)",
        (last,),
    )
    if gone.rowcount:
        kept = f"last {last} changes are" if last > 1 else "last change is"
        why = f"Only the {kept} kept (FOOTNOTE_KEEP_GENERATIONS): there is nothing before that to go back to."
        written.set_meta(db, {NO_UNDO: why})
