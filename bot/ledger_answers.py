"""Answers in the ledger: keeping, finding, forgetting, counting. Each function runs in one transaction."""

from __future__ import annotations

import secrets
import sqlite3
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any

from bot import stored
from bot.ledger_schema import moment, sound, stamp
from bot.ledger_values import Day, Kept, Place, Today
from index.types import Answer, Filters, Turn

DAY = timedelta(days=1)
LONGEST_CHAIN = 50
"""Answers of a conversation that are looked at, those that were deleted included."""

COLUMNS = "id, answer, filters, server, channel, person, private, asked, message, follows"


def folded(question: str) -> str:
    """A question as it is compared: without case, unseen marks, extra spaces, punctuation at its ends."""
    seen = "".join(letter for letter in sound(question) if unicodedata.category(letter) != "Cf")
    words = " ".join(unicodedata.normalize("NFKC", seen).casefold().split())
    start, end = 0, len(words)
    while start < end and unicodedata.category(words[end - 1])[0] in "PZ":
        end -= 1
    while start < end and words[start] in "¿¡":
        start += 1
    return words[start:end].strip() or words


def keep(
    db: sqlite3.Connection,
    answer: Answer,
    filters: Filters,
    place: Place,
    *,
    follows: str | None,
    asked: datetime,
) -> str:
    """Store an answer; its new id. A public one of a server that found nothing is a gap from now on."""
    answer_id = secrets.token_urlsafe(9)
    question = sound(answer.understood or answer.question)
    words = None if place.private else folded(question)
    db.execute(
        "INSERT INTO answers (id, asked, outcome, seconds, private, follows, server, channel, person, "
        "words, question, filters, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            answer_id,
            stamp(asked),
            answer.outcome,
            answer.seconds,
            place.private,
            follows,
            place.server,
            place.channel,
            place.person,
            words,
            None if place.private else question,
            stored.dump(filters),
            stored.dump(answer),
        ),
    )
    if words is not None and place.server is not None and answer.outcome == "not_found":
        db.execute("INSERT OR IGNORE INTO gaps (words) VALUES (?)", (words,))
    return answer_id


def posted(db: sqlite3.Connection, answer_id: str, message: int) -> None:
    """Note which message shows an answer; nothing where the answer was deleted meanwhile."""
    db.execute(
        "UPDATE answers SET message = ? WHERE id = ? AND answer IS NOT NULL",
        (message, answer_id),
    )


def kept(db: sqlite3.Connection, answer_id: str) -> Kept | None:
    """An answer by its id."""
    return _first(db.execute(f"SELECT {COLUMNS} FROM answers WHERE id = ?", (answer_id,)))


def shown_in(db: sqlite3.Connection, message: int) -> Kept | None:
    """The answer that a message shows."""
    return _first(
        db.execute(f"SELECT {COLUMNS} FROM answers WHERE message = ? ORDER BY number DESC", (message,))
    )


def last_in(db: sqlite3.Connection, place: Place, since: datetime) -> Kept | None:
    """The newest answer in a channel that a question from there may follow on."""
    return _first(
        db.execute(
            f"SELECT {COLUMNS} FROM answers WHERE channel = ? AND asked >= ? "
            "AND (NOT private OR (? AND person = ?)) AND answer IS NOT NULL ORDER BY number DESC",
            (place.channel, stamp(since), place.private, place.person),
        )
    )


def same_in(
    db: sqlite3.Connection, channel: int, question: str, filters: Filters, since: datetime
) -> Kept | None:
    """The newest public answer in a channel to the same words with the same filters, posted already."""
    return _first(
        db.execute(
            f"SELECT {COLUMNS} FROM answers WHERE words = ? AND filters = ? AND channel = ? AND asked >= ? "
            "AND message IS NOT NULL ORDER BY number DESC",
            (folded(question), stored.dump(filters), channel, stamp(since)),
        )
    )


def conversation(db: sqlite3.Connection, answer_id: str, limit: int) -> tuple[Turn, ...]:
    """The exchanges that led to an answer, and this one, oldest first.

    A private exchange is part of its own person's private conversation only; the chain ends before it
    in any other. A deleted exchange is left out, the chain goes on behind it.
    """
    turns: list[Turn] = []
    begun: Place | None = None
    following: str | None = answer_id
    for _ in range(LONGEST_CHAIN):
        if following is None or len(turns) == limit:
            break
        found = kept(db, following)
        if found is None:
            row = db.execute("SELECT follows FROM answers WHERE id = ?", (following,)).fetchone()
            following = row[0] if row else None
            continue
        begun = begun or found.place
        if found.place.private and not (begun.private and begun.person == found.place.person):
            break
        said = found.answer
        first = said.sentences[0].text if said.sentences else ""
        turns.append(Turn(said.understood or said.question, first))
        following = found.follows
    return tuple(reversed(turns))


def days(db: sqlite3.Connection, count: int, today: date) -> tuple[Day, ...]:
    """The last `count` days up to `today`, oldest first; days without a question too."""
    first = today - (count - 1) * DAY
    rows = db.execute(
        "SELECT asked / 86400000000, count(*), sum(outcome = 'not_found') FROM answers "
        "WHERE asked >= ? AND asked < ? GROUP BY 1",
        (stamp(_midnight(first)), stamp(_midnight(today + DAY))),
    )
    found = {moment(number * 86_400_000_000).date(): (asked, missed) for number, asked, missed in rows}
    each = [first + number * DAY for number in range(count)]
    return tuple(Day(day, *found.get(day, (0, 0))) for day in each)


def one_day(db: sqlite3.Connection, day: date) -> Today:
    """How many questions a day had, and how long their answers took."""
    rows = db.execute(
        "SELECT seconds, outcome = 'not_found' FROM answers WHERE asked >= ? AND asked < ?",
        (stamp(_midnight(day)), stamp(_midnight(day + DAY))),
    ).fetchall()
    seconds = [row[0] for row in rows]
    return Today(
        len(rows),
        sum(row[1] for row in rows),
        median(seconds) if seconds else None,
        max(seconds) if seconds else None,
    )


def count_since(db: sqlite3.Connection, since: datetime) -> int:
    """How many questions were asked since a moment."""
    return int(db.execute("SELECT count(*) FROM answers WHERE asked >= ?", (stamp(since),)).fetchone()[0])


def forget(db: sqlite3.Connection, which: str, value: Any) -> None:
    """Take text, people, places and votes out of the answers where the SQL condition `which` holds."""
    db.execute(f"DELETE FROM votes WHERE answer IN (SELECT number FROM answers WHERE {which})", (value,))
    db.execute(
        "UPDATE answers SET words = NULL, question = NULL, filters = NULL, answer = NULL, server = NULL, "
        f"channel = NULL, person = NULL, message = NULL WHERE {which}",
        (value,),
    )
    # The board holds words too. What was closed stays, without them.
    left = "words IS NOT NULL AND words NOT IN (SELECT words FROM answers WHERE words IS NOT NULL)"
    db.execute(f"DELETE FROM gaps WHERE closed IS NULL AND {left}")
    db.execute(f"UPDATE gaps SET words = NULL WHERE {left}")


def _first(rows: sqlite3.Cursor) -> Kept | None:
    """The first row; None where there is none, its text is gone, or cannot be read."""
    row = rows.fetchone()
    rows.close()
    if row is None or row[1] is None:
        return None
    try:
        answer, filters = stored.load(row[1]), stored.load_filters(row[2])
    except ValueError:
        return None
    place = Place(row[3], row[4], row[5], bool(row[6]))
    return Kept(row[0], answer, filters, place, moment(row[7]), row[8], row[9])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
