"""What the language model may take in a day (UTC), of all and of each person, and what it has taken.

It is kept in a small file beside the index, so that a restart gives nobody a new budget, and so that several
processes share one. What a request may take is reserved before it is sent, and settled after it: many at once
cannot overrun. A process that is killed meanwhile leaves what it reserved as taken, since that may be true.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from index.reports import Spent
from index.settings import Settings
from index.types import Silence

FILE = "spending.db"
"""Its name, in the folder of the index."""
WAIT = 2.0
"""Seconds to wait for another process's write."""
_NANO = 1_000_000_000
_MILLION = 1_000_000
_TABLES = (
    """CREATE TABLE IF NOT EXISTS days (
        day TEXT PRIMARY KEY, salt BLOB NOT NULL, tokens INTEGER NOT NULL, nano INTEGER NOT NULL
    ) WITHOUT ROWID""",
    # `who` is a hash with the day's salt, which goes with the day: nobody can be followed from day to day.
    """CREATE TABLE IF NOT EXISTS people (
        day TEXT NOT NULL, who TEXT NOT NULL, tokens INTEGER NOT NULL, nano INTEGER NOT NULL,
        PRIMARY KEY (day, who)
    ) WITHOUT ROWID""",
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a request may take; counted as taken until it is settled."""

    day: str
    who: str
    """The person's hash; empty for nobody in particular."""
    tokens: int
    nano: int
    """Money, in billionths."""


class Spending:
    """The budget. Safe to use from several threads and processes; each call opens the file anew.

    A call waits for the disk, and up to `WAIT` seconds for another process: it belongs into a thread.
    """

    def __init__(self, file: Path, settings: Settings, today: Callable[[], date] | None = None) -> None:
        """`file` is made at the first reservation. `today` is the day in UTC."""
        self._file = file
        self._settings = settings
        self._today = today or (lambda: datetime.now(UTC).date())

    def reserve(self, person: str, tokens_in: int, tokens_out: int) -> Reservation | Silence:
        """Take a place in the budget for a request of about so many tokens, or say why there is none.

        Where the file cannot be used there is no budget that could be kept, so nothing is left of it.
        """
        tokens, nano = tokens_in + tokens_out, self._nano(tokens_in, tokens_out)
        day = self._day()
        try:
            with self._writing() as db:
                salt = _begun(db, day)
                who = hashlib.blake2b(person.encode(), key=salt, digest_size=16).hexdigest() if person else ""
                reservation = Reservation(day, who, tokens, nano)
                silence = self._silence(db, reservation)
                if not silence:
                    _add(db, reservation, tokens, nano)
                return silence or reservation
        except (sqlite3.Error, OSError) as error:
            log.warning("The language model's budget cannot be kept (%s): it is not asked.", _kind(error))
            return "spent"

    def settle(self, reservation: Reservation, tokens_in: int, tokens_out: int) -> float | None:
        """Count what a request has really taken; what it cost, or None where no prices are set."""
        tokens, nano = tokens_in + tokens_out, self._nano(tokens_in, tokens_out)
        try:
            with self._writing() as db:
                _add(db, reservation, tokens - reservation.tokens, nano - reservation.nano)
        except (sqlite3.Error, OSError) as error:
            log.warning("What the language model took cannot be noted (%s).", _kind(error))
        return nano / _NANO if self._priced else None

    def today(self) -> Spent:
        """What was taken today, with what is under way, and what may be. Raises sqlite3.Error, OSError."""
        tokens, nano = 0, 0
        if self._file.exists() and self._file.stat().st_size:  # else it is being made
            with closing(sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=ro", uri=True)) as db:
                tokens, nano = _taken(db, self._day())
        return Spent(
            tokens=tokens,
            cost=nano / _NANO if self._priced else None,
            most_tokens=self._settings.llm_tokens_a_day,
            most_cost=self._settings.llm_money_a_day,
        )

    @property
    def _priced(self) -> bool:
        return None not in (self._settings.llm_price_in, self._settings.llm_price_out)

    def _day(self) -> str:
        return self._today().isoformat()

    def _nano(self, tokens_in: int, tokens_out: int) -> int:
        price_in, price_out = self._settings.llm_price_in, self._settings.llm_price_out
        cost = tokens_in * (price_in or 0.0) + tokens_out * (price_out or 0.0)
        return round(cost / _MILLION * _NANO) if self._priced else 0

    def _silence(self, db: sqlite3.Connection, wanted: Reservation) -> Silence:
        settings = self._settings
        if _over(_taken(db, wanted.day), wanted, settings.llm_tokens_a_day, settings.llm_money_a_day):
            return "spent"
        if not wanted.who:
            return ""
        query = "SELECT tokens, nano FROM people WHERE day = ? AND who = ?"
        taken = db.execute(query, (wanted.day, wanted.who)).fetchone() or (0, 0)
        each = settings.llm_tokens_a_day_each, settings.llm_money_a_day_each
        return "spent_each" if _over(taken, wanted, *each) else ""

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The file, held alone, in one transaction."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self._file, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(self._file, isolation_level=None, timeout=WAIT)) as db:
            db.execute("PRAGMA secure_delete = ON")
            db.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                db.execute(table)
            yield db
            db.execute("COMMIT")  # after an error, closing takes everything back


def _begun(db: sqlite3.Connection, day: str) -> bytes:
    """The day's salt; with the first request of a day, the days before go."""
    found = db.execute("SELECT salt FROM days WHERE day = ?", (day,)).fetchone()
    if found:
        return bytes(found[0])
    salt = secrets.token_bytes(16)
    for table in ("days", "people"):
        db.execute(f"DELETE FROM {table} WHERE day < ?", (day,))
    db.execute("INSERT INTO days VALUES (?, ?, 0, 0)", (day, salt))
    return salt


def _taken(db: sqlite3.Connection, day: str) -> tuple[int, int]:
    found = db.execute("SELECT tokens, nano FROM days WHERE day = ?", (day,)).fetchone()
    return found or (0, 0)


def _add(db: sqlite3.Connection, to: Reservation, tokens: int, nano: int) -> None:
    """Count for the day and the person; nothing where that day is gone."""
    add = "SET tokens = tokens + ?, nano = nano + ? WHERE day = ?"
    if not db.execute(f"UPDATE days {add}", (tokens, nano, to.day)).rowcount or not to.who:
        return
    db.execute("INSERT OR IGNORE INTO people VALUES (?, ?, 0, 0)", (to.day, to.who))
    db.execute(f"UPDATE people {add} AND who = ?", (tokens, nano, to.day, to.who))


def _over(taken: tuple[int, int], more: Reservation, tokens: int | None, money: float | None) -> bool:
    return (tokens is not None and taken[0] + more.tokens > tokens) or (
        money is not None and taken[1] + more.nano > round(money * _NANO)
    )


def _kind(error: Exception) -> str:
    """No more than its class: where the file lies is nobody's business in a log."""
    return type(error).__name__
