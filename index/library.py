"""The library: SQLite holds the truth, vectors included. Everything else can be rebuilt from it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from corpus.article import Article, Unread
from index import earlier, schema, written
from index.earlier import Keeping
from index.embedding import PassageVectors
from index.errors import IndexBroken, IndexDamaged, IndexMismatch
from index.fulltext import Counted
from index.snapshot import Entry, Snapshot
from index.types import Passage

T = TypeVar("T")


class Library:
    """One file. Any number of readers, each on one generation, beside one writer."""

    def __init__(self, file: Path) -> None:
        """Open, or make, the library. Raises IndexBroken or IndexMismatch."""
        self.file = file
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._counted = Counted()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise IndexBroken(
                f"The data folder {file.parent} cannot be made ({error.strerror}). "
                "Name another with --data or FOOTNOTE_DATA."
            ) from error
        with self._mapped():
            self._writer = schema.connect(file)
            found = schema.version(self._writer)
            if found < schema.SCHEMA_VERSION:
                schema.create(self._writer)
        if found > schema.SCHEMA_VERSION:
            self.close()
            raise IndexMismatch(
                f"The library {file} has schema {found}, this Footnote writes {schema.SCHEMA_VERSION}. "
                "Use the Footnote that built it, or move the file away and run: footnote refresh"
            )

    def close(self) -> None:
        """Close every connection."""
        with self._guard:
            for connection in [self._writer, *self._idle]:
                connection.close()
            self._idle.clear()

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Read one generation, to the end of the block."""
        with self._guard:
            connection = self._idle.pop() if self._idle else schema.connect(self.file)
        try:
            with self._mapped():
                connection.execute("BEGIN")
                yield Snapshot(connection, self._counted)
        finally:
            with suppress(sqlite3.Error):  # none began, or the file is broken, which the next use tells
                connection.execute("ROLLBACK")
            with self._guard:
                self._idle.append(connection)

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Write values of the table `meta`, all or none."""
        with self._transaction() as db:
            written.set_meta(db, values)

    def add_vectors(self, rows: Iterable[tuple[str, PassageVectors]]) -> None:
        """Keep vectors by key, at once: a refresh that is killed finds them the next time."""
        with self._transaction() as db:
            db.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                ((key, made.passage.tobytes(), _own(made)) for key, made in rows),
            )

    def switch(
        self,
        *,
        put: Sequence[tuple[Article, Sequence[tuple[Passage, str]]]],
        drop: Sequence[str],
        files: Mapping[str, tuple[str, Sequence[Unread]]],
        entries: Sequence[Entry],
        meta: Mapping[str, str],
        only: frozenset[str] | None = None,
        keeping: Keeping | None = None,
    ) -> None:
        """Make the next generation, in one transaction: readers see all of it or nothing.

        `put`: articles to add or replace, each with its passages and their vector keys.
        `drop`: ids of articles to remove. `files` and `entries` replace what is there, or only
        what is there of the files `only`. `keeping`: how what was there before is kept for an undo.
        """
        with self._transaction() as db:
            keeping = keeping or Keeping()
            if put or drop or keeping.final:
                earlier.keep(db, [article.id for article, _ in put], drop, keeping)
            for article_id in [*drop, *(article.id for article, _ in put)]:
                written.drop_article(db, article_id)
            for article, passages in put:
                written.put_article(db, article, passages)
            written.drop_files(db, only)
            db.executemany(
                "INSERT INTO files VALUES (?, ?, ?)",
                (
                    (origin, digest, json.dumps([(u.origin, u.reason) for u in unread]))
                    for origin, (digest, unread) in files.items()
                ),
            )
            db.executemany(
                "INSERT INTO entries (origin, id, digest, content_key) VALUES (?, ?, ?, ?)",
                ((entry.origin, entry.id, entry.digest, entry.content_key) for entry in entries),
            )
            if only is None:
                written.follow_files(db)
            written.set_meta(db, {**meta, "generation": str(written.generation(db) + 1)})

    def restore(self, meta: Mapping[str, str]) -> None:
        """Go back by the last change that is kept, in one transaction, with other values of `meta`."""
        with self._transaction() as db:
            earlier.put_back(db)
            written.set_meta(db, {**meta, "generation": str(written.generation(db) + 1)})

    def collect(self) -> int:
        """Remove vectors that no passage uses, and none that an undo brings back; how many those were."""
        with self._transaction() as db:
            return db.execute(
                "DELETE FROM vectors WHERE key NOT IN (SELECT vector_key FROM passages) "
                "AND key NOT IN (SELECT vector_key FROM earlier_passages)"
            ).rowcount

    def within(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in a transaction: it knows the tables."""
        with self._transaction() as db:
            return work(db)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One writer at a time, whatever the thread: they share the connection."""
        with self._writing, self._mapped():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:  # a full disk has ended it already
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def _mapped(self) -> Iterator[None]:
        """SQLite's failures as IndexBroken, with what to do."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise IndexBroken(
                f"The library {self.file} cannot be used ({error}). Check that the disk is not full and "
                "the folder is writable, then try again."
            ) from error
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # a mistake of ours, not of the file
                raise
            raise IndexDamaged(
                f"The library {self.file} cannot be read ({error}). Mend it with: footnote doctor --repair"
            ) from error


def _own(made: PassageVectors) -> bytes:
    """The bundled model's vectors in half precision: of sentences, and of a passage with another's."""
    rows = made.sentences if made.own is None else np.vstack([made.sentences, made.own])
    return rows.astype(np.float16).tobytes()


def vector_key(model: str, passage: Passage) -> str:
    """What decides a passage's vectors: the model, the words, and where its sentences lie."""
    spans = [(span.start - passage.start, span.end - passage.start) for span in passage.sentences]
    return hashlib.sha256(json.dumps([model, passage.embedded, spans]).encode()).hexdigest()[:32]
