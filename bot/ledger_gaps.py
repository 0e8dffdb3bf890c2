"""Votes, and the questions that were not answered well. Each function runs in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from bot.ledger_schema import moment, sound, stamp
from bot.ledger_values import Gap


def vote(db: sqlite3.Connection, answer_id: str, person: int, up: bool) -> bool | None:
    """The person's vote after this one: the same again takes it back. None too for what is not there."""
    found = db.execute(
        "SELECT number, words, server FROM answers WHERE id = ? AND answer IS NOT NULL", (answer_id,)
    ).fetchone()
    if found is None:
        return None
    number, words, server = found
    before = db.execute("SELECT up FROM votes WHERE answer = ? AND person = ?", (number, person)).fetchone()
    if before is not None and bool(before[0]) == up:
        db.execute("DELETE FROM votes WHERE answer = ? AND person = ?", (number, person))
        return None
    db.execute("INSERT OR REPLACE INTO votes (answer, person, up) VALUES (?, ?, ?)", (number, person, up))
    if not up and words is not None and server is not None:
        db.execute("INSERT OR IGNORE INTO gaps (words) VALUES (?)", (words,))
    return up


def votes(db: sqlite3.Connection, answer_id: str) -> tuple[int, int]:
    """Thumbs up and thumbs down of an answer."""
    up, down = db.execute(
        "SELECT coalesce(sum(up), 0), coalesce(sum(NOT up), 0) FROM votes "
        "WHERE answer = (SELECT number FROM answers WHERE id = ?)",
        (answer_id,),
    ).fetchone()
    return up, down


def gaps(db: sqlite3.Connection) -> tuple[Gap, ...]:
    """The open ones, most asked first, then the newest."""
    rows = db.execute(
        """SELECT gaps.id, max(answers.number), count(*), coalesce(sum(downs.votes), 0),
            min(asked), max(asked)
        FROM gaps
        JOIN answers ON answers.words = gaps.words AND answers.number > gaps.closed_after
            AND answers.server IS NOT NULL
        LEFT JOIN (SELECT answer, count(*) AS votes FROM votes WHERE NOT up GROUP BY answer) AS downs
            ON downs.answer = answers.number
        WHERE outcome = 'not_found' OR downs.votes > 0
        GROUP BY gaps.id ORDER BY 3 DESC, 6 DESC, 1 DESC"""
    ).fetchall()
    newest = "SELECT question, json_extract(answer, '$.confidence') FROM answers WHERE number = ?"
    made = []
    for gap, number, asked, down, first, last in rows:
        question, likely = db.execute(newest, (number,)).fetchone()
        made.append(Gap(gap, question, asked, down, moment(first), moment(last), likely))
    return tuple(made)


def close(db: sqlite3.Connection, gap_ids: Iterable[int], why: str, when: datetime) -> None:
    """Close those that are open; the rows stay, with why. Answers from now on open them again."""
    still_open = {gap.id for gap in gaps(db)}
    newest = db.execute("SELECT coalesce(max(number), 0) FROM answers").fetchone()[0]
    db.executemany(
        "UPDATE gaps SET closed_after = ?, closed = ?, why = ? WHERE id = ?",
        [(newest, stamp(when), sound(why), gap) for gap in gap_ids if gap in still_open],
    )
