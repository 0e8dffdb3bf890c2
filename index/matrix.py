"""The passages' vectors, outlets and days as plain columns in files, for exact search and for filters.

A copy of what the library holds, which any process may extend and read, beside a bot that owns the vector
index too. The library never gives a passage's number twice, so a row is right for ever once it is
written: the files only grow. What a passage leaves behind when it goes is a dead row, which no
snapshot knows any more.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, TypeVar
from zlib import crc32

import numpy as np
import numpy.typing as npt
from filelock import FileLock

from index.embedding import Vector
from index.library import Library
from index.snapshot import MATRIX, Numbered, Snapshot
from index.types import Filters

log = logging.getLogger(__name__)

Kind = TypeVar("Kind", bound=np.generic)

WAIT = 10.0
"""Seconds to wait for another process that extends the files."""
BATCH = 4096
"""Rows that are written, or picked out, at a time."""
FIRST = 128
"""Rows that are sorted at first; seldom are more asked for."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Passages in the order of their numbers; all columns are of one length."""

    numbers: npt.NDArray[np.int64]
    days: npt.NDArray[np.int32]
    """Ordinals; 0 for an article without a date."""
    sources: npt.NDArray[np.uint32]
    """CRC-32 of the outlet's name as filters compare it; 0 for none."""
    vectors: Vector
    """Shape (rows, dimensions)."""

    def __len__(self) -> int:
        return len(self.numbers)

    def passing(self, filters: Filters) -> npt.NDArray[np.bool_]:
        """Which rows filters let through, and very rarely one more, since names are compared by their CRC."""
        passing = np.ones(len(self), dtype=bool)
        if filters.source is not None:
            passing &= (self.sources == _source(filters.source)) & (self.sources > 0)
        if filters.after is not None:
            passing &= self.days >= filters.after.toordinal()
        if filters.before is not None:
            passing &= (self.days <= filters.before.toordinal()) & (self.days > 0)
        return passing


class Matrix:
    """The column files of one library. Safe to use from several threads and processes."""

    def __init__(self, library: Library, data: Path) -> None:
        """`data`: the folder of the index. Nothing is opened yet."""
        self._library = library
        self._data = data
        self._guard = threading.Lock()
        self._name = ""
        self._rows: Rows | None = None

    def rows(self, known: Snapshot) -> Rows:
        """At least all passages that a snapshot knows."""
        name, top = known.matrix(), known.top()
        with self._guard:
            if self._rows is None or self._name != name or _last(self._rows) < top:
                self._rows = self._read(known, name, top)
                self._name = name
            return self._rows

    def follow(self) -> None:
        """Take in what a change added, and begin anew where most rows are dead. For the index's owner."""
        with self._library.snapshot() as known:
            rows, passages = self.rows(known), known.count("passages")
        if len(rows) > 2 * passages + BATCH:
            self._library.set_meta({MATRIX: secrets.token_hex(4)})
            with self._library.snapshot() as known:
                self.rows(known)
        with self._library.snapshot() as known:
            name = f"matrix-{known.matrix()}-{known.dimensions()}"
        for folder in self._data.glob("matrix-*-*"):
            if folder.name != name:
                shutil.rmtree(folder, ignore_errors=True)

    def begin_anew(self) -> None:
        """Write all rows again, into files that no other state of the library has written."""
        self._library.set_meta({MATRIX: secrets.token_hex(4)})
        self.follow()

    def differing(self) -> int:
        """How many passages stand in the files with other values than in the library."""
        wrong = 0
        with self._library.snapshot() as known:
            rows, dimensions = self.rows(known), known.dimensions()
            for batch in known.numbered(0, BATCH):
                right = _columns(batch, dimensions)
                places = np.minimum(np.searchsorted(rows.numbers, right.numbers), len(rows) - 1)
                same = (rows.numbers[places] == right.numbers) & (rows.days[places] == right.days)
                same &= rows.sources[places] == right.sources
                same &= (rows.vectors[places] == right.vectors).all(axis=1)
                wrong += int((~same).sum())
        return wrong

    def _read(self, known: Snapshot, name: str, top: int) -> Rows:
        folder = self._data / f"matrix-{name}-{known.dimensions()}"
        with suppress(OSError):  # files that do not fit together are written again below
            there = _mapped(folder, known.dimensions())
            if _last(there) >= top:
                return there
        try:
            with FileLock(self._data / "matrix.lock", timeout=WAIT):
                _extend(folder, known)
            return _mapped(folder, known.dimensions())
        except (OSError, TimeoutError) as error:
            # A folder that cannot be written: the rows are kept in memory instead.
            log.info("The columns in %s cannot be extended: %s", folder, error)
            return _columns([row for rows in known.numbered(0, BATCH) for row in rows], known.dimensions())


def _last(rows: Rows) -> int:
    return int(rows.numbers[-1]) if len(rows) else 0


def _mapped(folder: Path, dimensions: int) -> Rows:
    """The rows in files; the file of numbers, written last, says how many there are."""
    numbers = _map(folder / "numbers", np.int64, None)
    count = len(numbers)
    vectors = _map(folder / "vectors", np.float32, count * dimensions)
    return Rows(
        numbers,
        _map(folder / "days", np.int32, count),
        _map(folder / "sources", np.uint32, count),
        vectors.reshape(count, dimensions),
    )


def _map(file: Path, kind: type[Kind], count: int | None) -> npt.NDArray[Kind]:
    if count is None:
        count = file.stat().st_size // np.dtype(kind).itemsize if file.exists() else 0
    if not count:
        return np.empty(0, dtype=kind)
    try:
        return np.asarray(np.memmap(file, dtype=kind, mode="r", shape=(count,)))
    except ValueError as error:  # shorter than it must be
        raise OSError(f"{file.name} is too short") from error


def _extend(folder: Path, known: Snapshot) -> None:
    """Write the rows that the files lack. The numbers go last, when the other columns are on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    dimensions = known.dimensions()
    widths = {"vectors": 4 * dimensions, "days": 4, "sources": 4, "numbers": 8}
    with ExitStack() as stack:
        files = {name: stack.enter_context((folder / name).open("ab")) for name in widths}
        count = min(file.tell() // widths[name] for name, file in files.items())
        for name, file in files.items():  # a killed writer may have left a part of a row
            file.truncate(count * widths[name])
        last = _last(_mapped(folder, dimensions))
        for rows in known.numbered(last, BATCH):
            columns = _columns(rows, dimensions)
            for name, file in files.items():
                _write(file, getattr(columns, name))


def _write(file: BinaryIO, column: npt.NDArray[np.generic]) -> None:
    file.write(np.ascontiguousarray(column).tobytes())
    file.flush()
    os.fsync(file.fileno())


def _columns(rows: Sequence[Numbered], dimensions: int) -> Rows:
    return Rows(
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([_day(row[3]) for row in rows], dtype=np.int32),
        np.array([_source(row[2]) for row in rows], dtype=np.uint32),
        np.stack([row[1] for row in rows]) if rows else np.empty((0, dimensions), dtype=np.float32),
    )


def _day(day: date | None) -> int:
    return day.toordinal() if day else 0


def _source(name: str | None) -> int:
    return crc32(name.casefold().encode("utf-8", "surrogatepass")) if name else 0


def best(rows: Rows, vector: Vector, filters: Filters) -> Iterator[tuple[int, float]]:
    """Passage numbers and cosine similarities, nearest first: every row that passes is looked at, now.

    `vector`: shape (dimensions,), of unit length.
    """
    if not len(rows):
        return iter(())
    if filters == Filters():
        places, scores = np.arange(len(rows)), _scores(rows.vectors, vector)
    else:
        places = np.flatnonzero(rows.passing(filters))
        if 5 * len(places) > len(rows):  # reading on is quicker than picking out
            scores = _scores(rows.vectors, vector)[places]
        else:
            scores = np.concatenate(
                [rows.vectors[places[at : at + BATCH]] @ vector for at in range(0, len(places), BATCH)]
                or [np.empty(0, dtype=np.float32)]
            )
    return _sorted(rows.numbers[places], scores)


def _sorted(numbers: npt.NDArray[np.int64], scores: Vector) -> Iterator[tuple[int, float]]:
    """The highest scores first; most are never asked for, so they are not sorted before they are."""
    taken = 0
    while taken < len(scores):
        size = min(len(scores), max(FIRST, 4 * taken))
        top = np.argpartition(-scores, size - 1)[:size]
        top = top[np.lexsort((numbers[top], -scores[top]))]
        for place in top[taken:]:
            yield int(numbers[place]), float(scores[place])
        taken = size


def _scores(vectors: Vector, vector: Vector) -> Vector:
    scores: Vector = vectors @ vector
    return scores
