"""A backup comes back: checked whole before anything is touched, then put in place at once.

The library is brought up to date while it is still a copy. It forgets which vector index and which columns
it had, so that the next opening makes them anew from it, and is from now on of the corpus folder set here.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from corpus import reading
from index import archive, copying, schema, swapping
from index.archive import LIBRARY, REMOVED, Manifest
from index.backup import OF_THIS_MACHINE, ticking
from index.errors import BackupBroken, IndexBroken, IndexBusy, IndexMismatch, IndexPresent
from index.moves import Restored, RestoreOptions
from index.reports import Cancel
from index.served import OWN
from index.settings import Settings
from index.snapshot import MATRIX
from index.whole import settle_file

REFUSED = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}
"""SQLite's primary result codes for what the disk refuses, rather than the file."""


@dataclass(frozen=True, slots=True)
class Restore:
    """One backup, brought back. Call it once, and own the index."""

    file: Path
    settings: Settings
    options: RestoreOptions
    cancel: Cancel

    def __call__(self) -> Restored:
        """Do it. After an error everything is as it was.

        Raises BackupRefused, BackupBroken, IndexMismatch, IndexPresent, IndexBusy or RefreshCancelled.
        """
        began = time.perf_counter()
        data = self.settings.data_folder
        with archive.opened(self.file) as packed:
            manifest = archive.manifest_of(packed, self.file)
            self._refuse(manifest)
            with _explained(data):
                staged = swapping.begin(data, datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f"))
                self._unpack(packed, manifest, staged)
                files = self._prepare(manifest, staged)
                _close(data, _databases(manifest))
                swapping.decide(staged)
        aside = swapping.finish(data)
        return Restored(
            made=manifest.made,
            articles=manifest.articles,
            passages=manifest.passages,
            records=tuple(name for name in _databases(manifest) if name != LIBRARY),
            aside=tuple(aside),
            files=len(files),
            found=_found(files, self.settings.corpus),
            mismatch="",
            seconds=time.perf_counter() - began,
        )

    def _refuse(self, manifest: Manifest) -> None:
        """What the manifest alone tells."""
        if manifest.schema > schema.SCHEMA_VERSION:
            raise _newer(self.file, manifest, "library", manifest.schema, schema.SCHEMA_VERSION)
        known = {LIBRARY, *(each.name for each in self.options.records)}
        names = _databases(manifest)
        unknown = [name for name in names if name not in known]
        if unknown or LIBRARY not in names:
            what = f"holds {unknown[0]!r}, which is unknown here" if unknown else "holds no library"
            raise BackupBroken(f"The backup {self.file} {what}. It was made by Footnote {manifest.footnote}.")
        if not self.options.replace:
            self._refuse_over(manifest, [name for name in names if name != LIBRARY])

    def _refuse_over(self, manifest: Manifest, records: Sequence[str]) -> None:
        data = self.settings.data_folder
        there = _present(data / LIBRARY)
        there += [f"the records {name}" for name in records if (data / name).is_file()]
        if there:
            raise IndexPresent(
                f"In {data} there is {' and '.join(there)}. It would be replaced by the backup of "
                f"{manifest.made.astimezone():%Y-%m-%d %H:%M} with {manifest.articles} articles, and kept "
                "beside it."
            )

    def _unpack(self, packed: zipfile.ZipFile, manifest: Manifest, staged: Path) -> None:
        tick = ticking("unpacking", self.options.on_progress, self.cancel)
        archive.unpack(packed, manifest, self.file, staged, tick)

    def _prepare(self, manifest: Manifest, staged: Path) -> list[str]:
        """Check the unpacked files and make them fit for this place; the origins of the library's files."""
        tick = ticking("checking", self.options.on_progress, self.cancel)
        newest = {each.name: each.newest for each in self.options.records}
        for name in _databases(manifest):
            tick(0, (staged / name).stat().st_size)
            wrong = copying.damage(staged / name, thorough=True)
            if wrong:
                raise BackupBroken(
                    f"The backup {self.file} is damaged ({name}: {wrong}). Nothing was changed. Take another."
                )
            if name in newest and (found := copying.version(staged / name)) > newest[name]:
                raise _newer(self.file, manifest, name, found, newest[name])
        if copying.version(staged / LIBRARY) != manifest.schema:
            raise archive.damaged(self.file, LIBRARY)
        try:
            files = _adopt(staged / LIBRARY, self.settings)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in REFUSED:
                raise
            raise archive.damaged(self.file, LIBRARY) from error
        for name in newest.keys() & set(manifest.names()):
            (staged / name).chmod(0o600)  # they may hold what people asked
        for name in manifest.names():
            settle_file(staged / name)
        return files


def _databases(manifest: Manifest) -> list[str]:
    return [name for name in manifest.names() if not name.startswith(f"{REMOVED}/")]


def _newer(file: Path, manifest: Manifest, what: str, found: int, newest: int) -> IndexMismatch:
    return IndexMismatch(
        f"The backup {file} was made by Footnote {manifest.footnote}, whose {what} has version {found}; this "
        f"Footnote reads {newest}. Update Footnote, then try again."
    )


def _present(library: Path) -> list[str]:
    """The index that is there, in words; nothing where there is none, or an empty one."""
    if not library.is_file():
        return []
    try:
        with closing(copying.opened(library)) as connection:
            if schema.version(connection) == 0:
                return []
            articles = int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
    except sqlite3.Error:
        return ["an index that cannot be read"]
    return [f"an index of {articles} articles"] if articles else []


def _adopt(library: Path, settings: Settings) -> list[str]:
    """Bring the copy up to date, and make it one of this place; the origins of its files."""
    with closing(schema.connect(library)) as connection:
        schema.create(connection)
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in OF_THIS_MACHINE])
        here = {"corpus": str(settings.corpus.resolve()), MATRIX: secrets.token_hex(4)}
        if served := _served(settings.data_folder / LIBRARY):
            here[OWN] = served  # then what the one before had on the server is discarded
        connection.executemany("INSERT INTO meta VALUES (?, ?)", here.items())
        connection.execute("COMMIT")
        files = [str(row[0]) for row in connection.execute("SELECT origin FROM files")]
    if not copying.settled(library):
        raise sqlite3.OperationalError("it is in use")
    return files


def _served(library: Path) -> str:
    """By what the library that is there is known on a Chroma server; empty for nothing."""
    if not library.is_file():
        return ""
    try:
        with closing(copying.opened(library)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (OWN,)).fetchone()
    except sqlite3.Error:
        return ""
    return str(row[0]) if row else ""


def _close(data: Path, names: Sequence[str]) -> None:
    """Bring the files that are there to the disk, without a log, and see that nobody uses them."""
    for name in names:
        try:
            free = not (data / name).is_file() or copying.settled(data / name)
        except sqlite3.Error:  # a damaged one is kept aside as it is, with its log
            continue
        if not free:
            raise IndexBusy(
                f"The file {data / name} is being read by another footnote. Wait for its end, or stop it."
            )


def _found(origins: Sequence[str], corpus: Path) -> int:
    if not corpus.is_dir():
        return 0
    here = {file.origin for file in reading.walk(corpus)[0]}
    return sum(origin in here for origin in origins)


@contextmanager
def _explained(data: Path) -> Iterator[None]:
    """What the system refuses, as a sentence; what was unpacked goes."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        why = getattr(error, "strerror", None) or error
        raise IndexBroken(
            f"The backup could not be unpacked in {data} ({why}). Nothing was changed. Check that the disk "
            "is not full and the folder may be written, then try again."
        ) from error
    finally:
        swapping.sweep(data)
