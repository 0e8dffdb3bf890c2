"""Whole files of SQLite: a copy of one that others write, whether one is sound, one without its log."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from index.schema import WAIT

LOOK = 3.0
"""Seconds to wait for somebody who reads a file that is to be closed: many commands end in less."""
PAGES = 1024
"""Pages that are copied between two looks at whether to go on."""


def opened(file: Path, wait: float = WAIT) -> sqlite3.Connection:
    """A connection to a file that is there: none is made, and none brought up to date."""
    connection = sqlite3.connect(
        f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=wait
    )
    # A file from elsewhere may hold functions where a table's values should be.
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def copy(source: Path, target: Path, tick: Callable[[int, int], None]) -> None:
    """Copy a file as it is at one moment, whatever is written meanwhile; `tick` is told bytes and may raise.

    The copy is one file, without a write-ahead log. Raises sqlite3.Error.
    """
    with (
        closing(opened(source)) as reading,
        closing(sqlite3.connect(target, isolation_level=None)) as writing,
    ):
        size = int(reading.execute("PRAGMA page_size").fetchone()[0])

        def told(_: int, remaining: int, total: int) -> None:
            tick((total - remaining) * size, total * size)

        # Within one transaction the pages are all of one state, and the copy is not begun anew at each write.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        reading.backup(writing, pages=PAGES, progress=told)
        writing.execute("PRAGMA journal_mode = DELETE").fetchone()


def damage(file: Path, *, thorough: bool) -> str:
    """What SQLite finds wrong with a file; empty for nothing. `thorough`: its indexes too."""
    check = "integrity_check(1)" if thorough else "quick_check(1)"
    try:
        with closing(opened(file)) as connection:
            first = str(connection.execute(f"PRAGMA {check}").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if first == "ok" else " ".join(first.split())


def version(file: Path) -> int:
    """The number that the program which owns the file has put on it (`PRAGMA user_version`)."""
    with closing(opened(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def settled(file: Path) -> bool:
    """Bring a file's write-ahead log into it and do away with the log; False where others have it open."""
    with closing(opened(file, LOOK)) as connection:
        try:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
                raise
            return False
        return str(mode) == "delete"
