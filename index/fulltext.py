"""The search by words: BM25 by SQLite's FTS5, with filters. The caller has the transaction."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from index.types import Filters

FEW = 25_000
"""Passages that pass a filter up to which they are told to SQLite one by one (benchmarks/scale)."""
COUNTED = 50_000
"""Words whose passages are counted before all are forgotten: 6 MB."""


class Counted:
    """How many passages hold a word, for all snapshots of one generation. Safe to use from several threads.

    FTS5 goes through all of those passages to count them.
    """

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._guard = threading.Lock()
        self._generation: str | None = None
        self._words: dict[str, int] = {}

    def words(self, generation: str | None) -> dict[str, int]:
        """Stem -> number of passages, to look up and to add to."""
        with self._guard:
            if generation != self._generation or len(self._words) > COUNTED:
                self._generation, self._words = generation, {}
            return self._words


def passages(
    db: sqlite3.Connection, match: str, limit: int, passing: npt.NDArray[np.int64] | None
) -> list[tuple[int, float]]:
    """Numbers and scores of the best passages, best first; `passing`: those that count, None for all."""
    if passing is not None and len(passing) <= FEW:
        return _few(db, match, limit, passing)
    return _many(db, match, limit, passing)


def _few(
    db: sqlite3.Connection, match: str, limit: int, passing: npt.NDArray[np.int64]
) -> list[tuple[int, float]]:
    """Sorted by an expression, FTS5 calculates the scores of those that pass alone."""
    # Without the plus, it would search anew for each passage that passes.
    rows = db.execute(
        "SELECT rowid, -rank AS score FROM words WHERE words MATCH ? "
        "AND +rowid IN (SELECT value FROM json_each(?)) ORDER BY score DESC, rowid LIMIT ?",
        (match, json.dumps(passing.tolist()), limit),
    )
    return rows.fetchall()


def _many(
    db: sqlite3.Connection, match: str, limit: int, passing: npt.NDArray[np.int64] | None
) -> list[tuple[int, float]]:
    """FTS5 sorts all that match; where many pass, the first that do are soon found."""
    rows = db.execute(
        "SELECT rowid, -rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?",
        (match, limit if passing is None else -1),
    )
    best: list[tuple[int, float]] = []
    while len(best) < limit and (some := rows.fetchmany(4 * limit)):
        every = [True] * len(some)
        kept = every if passing is None else np.isin([number for number, _ in some], passing).tolist()
        best += [row for row, keep in zip(some, kept, strict=True) if keep]
    return best[:limit]


def articles(db: sqlite3.Connection, match: str, limit: int, filters: Filters) -> dict[str, float]:
    """Ids and scores of the best whole articles."""
    find, values = "WHERE article_words MATCH ? ORDER BY rank", [match]
    if filters != Filters():
        where, spelled = _spelled(db, filters)
        find = (
            "WHERE article_words MATCH ? AND +rowid IN (SELECT n.number FROM headlines a "
            f"CROSS JOIN numbered n ON n.id = a.id WHERE {where}) ORDER BY -rank DESC"
        )
        values += spelled
    rows = db.execute(
        f"SELECT n.id, best.score FROM (SELECT rowid AS number, -rank AS score FROM article_words {find} "
        "LIMIT ?) best JOIN numbered n ON n.number = best.number",
        (*values, limit),
    )
    return {str(row[0]): float(row[1]) for row in rows}


def conditions(filters: Filters) -> tuple[str, list[str]]:
    """Filters as a condition in SQL on articles or headlines, called a; "1" for none."""
    parts, values = [], []
    if filters.source is not None:
        parts.append("casefold(a.source) = ?")
        values.append(filters.source.casefold())
    if filters.after is not None:
        parts.append("a.published >= ?")
        values.append(filters.after.isoformat())
    if filters.before is not None:
        parts.append("a.published <= ?")
        values.append(filters.before.isoformat())
    return " AND ".join(parts) or "1", values


def _spelled(db: sqlite3.Connection, filters: Filters) -> tuple[str, list[str]]:
    """The same on headlines: the spellings of an outlet are found first, not compared for each."""
    where, values = conditions(replace(filters, source=None))
    if filters.source is None:
        return where, values
    rows = db.execute("SELECT DISTINCT source FROM headlines WHERE source IS NOT NULL")
    names = [str(name) for (name,) in rows if name.casefold() == filters.source.casefold()]
    return f"{where} AND a.source IN ({', '.join('?' * len(names))})", [*values, *names]
