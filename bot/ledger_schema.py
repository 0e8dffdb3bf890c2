"""The tables of the ledger, and how its file is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.ledger_values import LedgerBroken, LedgerNewer

FILE = "bot.db"
"""Its name, in the folder of the index."""
WAIT = 30.0
"""Seconds to wait for another connection's write."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    # 0 -> 1. Never change a step that was released: append the next one.
    (
        # An answer that was deleted, or is old, keeps what statistics need. `words` is the question, folded:
        # what is private has none, so that it cannot come to the gap board.
        """CREATE TABLE answers (
            number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, asked INTEGER NOT NULL,
            outcome TEXT NOT NULL, seconds REAL NOT NULL, private INTEGER NOT NULL, follows TEXT,
            server INTEGER, channel INTEGER, person INTEGER, message INTEGER,
            words TEXT, question TEXT, filters TEXT, answer TEXT,
            CHECK (NOT private OR (words IS NULL AND question IS NULL))
        )""",
        "CREATE INDEX answers_by_moment ON answers (asked)",
        "CREATE INDEX answers_by_channel ON answers (channel, asked) WHERE channel IS NOT NULL",
        "CREATE INDEX answers_by_message ON answers (message) WHERE message IS NOT NULL",
        "CREATE INDEX answers_by_words ON answers (words) WHERE words IS NOT NULL",
        """CREATE TABLE votes (
            answer INTEGER NOT NULL REFERENCES answers (number), person INTEGER NOT NULL,
            up INTEGER NOT NULL, PRIMARY KEY (answer, person)
        ) WITHOUT ROWID""",
        # Open where an answer after number `closed_after` found nothing or was thumbed down.
        """CREATE TABLE gaps (
            id INTEGER PRIMARY KEY AUTOINCREMENT, words TEXT UNIQUE,
            closed_after INTEGER NOT NULL DEFAULT 0, closed INTEGER, why TEXT
        )""",
        """CREATE TABLE acts (
            number INTEGER PRIMARY KEY, moment INTEGER NOT NULL, person INTEGER NOT NULL, name TEXT NOT NULL,
            server INTEGER, kind TEXT NOT NULL, detail TEXT NOT NULL
        )""",
        """CREATE TRIGGER acts_stay BEFORE UPDATE ON acts
        BEGIN SELECT RAISE(ABORT, 'the history cannot be changed'); END""",
        """CREATE TRIGGER acts_are_kept BEFORE DELETE ON acts
        BEGIN SELECT RAISE(ABORT, 'the history cannot be changed'); END""",
        # INSERT OR REPLACE would take a row away without a DELETE.
        """CREATE TRIGGER acts_are_new BEFORE INSERT ON acts
        WHEN EXISTS (SELECT 1 FROM acts WHERE number = NEW.number)
        BEGIN SELECT RAISE(ABORT, 'the history cannot be changed'); END""",
        "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
        """CREATE TABLE drafts (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, url TEXT, person INTEGER NOT NULL,
            made INTEGER NOT NULL, content BLOB NOT NULL
        )""",
    ),
)


def opened(file: Path) -> sqlite3.Connection:
    """A connection to the ledger, made or brought up to date. Raises LedgerBroken or LedgerNewer.

    It is in autocommit mode: transactions are begun and ended by name.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)  # it holds what people asked
    except OSError as error:
        raise LedgerBroken(
            f"The bot's records {file} cannot be made ({error.strerror}). Make the folder writable, or name "
            "another with --data or FOOTNOTE_DATA."
        ) from error
    with explained(file):
        connection = sqlite3.connect(file, isolation_level=None, timeout=WAIT)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            # What is deleted is overwritten, not only left out.
            connection.execute("PRAGMA secure_delete = ON")
            with transaction(connection):
                _migrate(connection, file)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is written in the block, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has ended it already
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(file: Path) -> Iterator[None]:
    """SQLite's failures as LedgerBroken, with what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise LedgerBroken(
            f"The bot's records {file} cannot be used ({error}). Check that the disk is not full, "
            "the folder is writable and no other program has the file open. If that is so, move the file "
            "away: the next start makes a new one."
        ) from error
    except sqlite3.DatabaseError as error:
        if type(error) is not sqlite3.DatabaseError:  # a mistake of ours, not of the file
            raise
        raise LedgerBroken(
            f"The bot's records {file} cannot be read ({error}). Put back a copy, or move the file away: the "
            "next start makes a new one."
        ) from error


def stamp(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. A moment without a zone is taken as UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def moment(microseconds: int) -> datetime:
    """The moment that `stamp` was given, in UTC."""
    return EPOCH + timedelta(microseconds=microseconds)


def sound(text: str) -> str:
    """Text as SQLite can hold it: half of a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _migrate(connection: sqlite3.Connection, file: Path) -> None:
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    newest = len(MIGRATIONS)
    if found > newest:
        raise LedgerNewer(
            f"The bot's records {file} have version {found}, this Footnote writes {newest}. "
            "Update Footnote, or move the file away: the next start makes a new one."
        )
    if found == 0 and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise LedgerBroken(
            f"The file {file} is a database of another program. Move it away: the next start makes a new one."
        )
    for step in MIGRATIONS[found:]:
        for statement in step:
            connection.execute(statement)
    if found < newest:
        connection.execute(f"PRAGMA user_version = {newest}")
