"""The history of moderators' acts, values by key, and drafts. Each function runs in one transaction."""

from __future__ import annotations

import secrets
import sqlite3
from datetime import datetime

from bot.ledger_schema import moment, sound, stamp
from bot.ledger_values import Act, StoredDraft


def note(db: sqlite3.Connection, act: Act) -> None:
    """Add to the history. Its table refuses every change, see `ledger_schema`."""
    db.execute(
        "INSERT INTO acts (moment, person, name, server, kind, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (stamp(act.when), act.person, sound(act.name), act.server, act.kind, sound(act.detail)),
    )


def history(db: sqlite3.Connection, limit: int, offset: int) -> tuple[Act, ...]:
    """Acts, newest first."""
    rows = db.execute(
        "SELECT moment, person, name, server, kind, detail FROM acts ORDER BY number DESC LIMIT ? OFFSET ?",
        (limit, offset),
    )
    return tuple(Act(moment(when), *rest) for when, *rest in rows)


def value(db: sqlite3.Connection, key: str) -> str | None:
    """A value by its key."""
    row = db.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    return row[0] if row else None


def set_value(db: sqlite3.Connection, key: str, text: str) -> None:
    """Set a value; an earlier one is gone."""
    db.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, sound(text)))


def keep_draft(
    db: sqlite3.Connection, name: str, content: bytes, url: str | None, *, person: int, made: datetime
) -> str:
    """Store a draft; its new id."""
    draft_id = secrets.token_urlsafe(9)
    db.execute(
        "INSERT INTO drafts (id, name, url, person, made, content) VALUES (?, ?, ?, ?, ?, ?)",
        (draft_id, sound(name), None if url is None else sound(url), person, stamp(made), content),
    )
    return draft_id


def draft(db: sqlite3.Connection, draft_id: str) -> StoredDraft | None:
    """A draft by its id."""
    row = db.execute(
        "SELECT id, name, content, url, person, made FROM drafts WHERE id = ?", (draft_id,)
    ).fetchone()
    if row is None:
        return None
    found, name, content, url, person, made = row
    return StoredDraft(found, name, content, url, person, moment(made))


def drop_draft(db: sqlite3.Connection, draft_id: str) -> None:
    """Let a draft go."""
    db.execute("DELETE FROM drafts WHERE id = ?", (draft_id,))


def drop_drafts_before(db: sqlite3.Connection, made: datetime) -> None:
    """Let drafts go that nobody decided on."""
    db.execute("DELETE FROM drafts WHERE made < ?", (stamp(made),))
