"""A backup: one file with a copy of the library, of what was removed, and of what faces remember.

It is made beside a running bot, and beside a refresh: SQLite copies each file as it is at one moment.
The vector index is not in it, since it is filled again from the library. Nor is the corpus folder; the
articles' cleaned texts are in the library, see `exporting.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from index import archive, copying
from index.archive import LIBRARY, REMOVED, Manifest, Part, Tick
from index.errors import BackupBroken, BackupRefused, RefreshCancelled
from index.moves import BackedUp, BackupOptions
from index.reports import Cancel, Move, Progress
from index.served import OWN
from index.snapshot import MATRIX
from index.store import FOLDER, IN_STEP
from index.whole import written

MEGABYTE = 1 << 20
WORTH_TELLING = 64 * MEGABYTE
"""Smaller files are copied before anybody has read how far that is."""
TRIES = 5
"""How often a file is copied that changes meanwhile."""
OF_THIS_MACHINE = (FOLDER, IN_STEP, OWN, MATRIX, "corpus")
"""Keys of the table `meta` that mean nothing elsewhere: vector index, columns, and where the articles lie."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. Call it once."""

    data: Path
    """The folder of the index."""
    target: Path
    options: BackupOptions
    cancel: Cancel

    def __call__(self) -> BackedUp:
        """Make it. Raises BackupRefused, BackupBroken or RefreshCancelled; then nothing is left behind."""
        began = time.perf_counter()
        with (
            written(self.target, force=self.options.force) as (stream, place),
            _staged(place.parent) as staged,
        ):
            place.chmod(0o600)  # it may hold what people asked
            files, corpus = self._gather(staged)
            parts = tuple(archive.part_of(name, file) for name, file in files.items())
            manifest = _manifest(files[LIBRARY], corpus, parts)
            archive.write(stream, manifest, list(files.values()), self._tick("packing"))
        removed = [name for name in files if name.startswith(f"{REMOVED}/")]
        return BackedUp(
            file=self.target,
            made=manifest.made,
            articles=manifest.articles,
            passages=manifest.passages,
            vectors=manifest.vectors,
            records=tuple(name for name in files if name not in {LIBRARY, *removed}),
            removed=len(removed),
            bytes=self.target.stat().st_size,
            seconds=time.perf_counter() - began,
        )

    def _gather(self, staged: Path) -> tuple[dict[str, Path], str]:
        """Copies of all that goes in, by its name in the backup; and the name of the corpus folder."""
        if not (self.data / LIBRARY).is_file():
            raise _nothing(self.data)
        files = {LIBRARY: self._database(LIBRARY, staged)}
        meta = _without_this_machine(files[LIBRARY])
        if "refreshed" not in meta:
            raise _nothing(self.data)
        for each in self.options.records:
            if (self.data / each.name).is_file():
                files[each.name] = self._database(each.name, staged)
        for file in _regular(self.data / REMOVED):
            name = f"{REMOVED}/{file.relative_to(self.data / REMOVED).as_posix()}"
            files[name] = _steady_copy(file, staged / name)
        return files, Path(meta.get("corpus", "")).name

    def _database(self, name: str, staged: Path) -> Path:
        source, copy = self.data / name, staged / name
        try:
            copying.copy(source, copy, self._tick("copying"))
        except sqlite3.OperationalError as error:
            raise BackupBroken(
                f"{source} cannot be copied to {self.target.parent} ({error}). Nothing is left of it. "
                "Check that the disk is not full, then try again."
            ) from error
        except sqlite3.DatabaseError as error:
            raise _unsound(source, str(error)) from error
        self._tick("checking")(0, copy.stat().st_size)
        wrong = copying.damage(copy, thorough=False)
        if wrong:
            raise _unsound(source, wrong)
        return copy

    def _tick(self, phase: Move) -> Tick:
        return ticking(phase, self.options.on_progress, self.cancel)


def ticking(phase: Move, tell: Callable[[Progress], None], cancel: Cancel) -> Tick:
    """Tells bytes as megabytes; the place where a move can be stopped."""

    def tick(done: int, total: int) -> None:
        if cancel.is_set():
            raise RefreshCancelled("Nothing was written.")
        if total >= WORTH_TELLING:
            tell(Progress(phase, done // MEGABYTE, -(-total // MEGABYTE)))

    return tick


def _without_this_machine(library: Path) -> dict[str, str]:
    """Take out of a copy what means nothing elsewhere; the table `meta` as it was before."""
    with closing(copying.opened(library)) as copy:
        if not copying.version(library):  # made, and never filled
            return {}
        meta = dict(copy.execute("SELECT key, value FROM meta").fetchall())
        copy.execute("PRAGMA secure_delete = ON")
        copy.executemany("DELETE FROM meta WHERE key = ?", [(key,) for key in OF_THIS_MACHINE])
    return meta


def _manifest(library: Path, corpus: str, parts: tuple[Part, ...]) -> Manifest:
    with closing(copying.opened(library)) as copy:
        articles, passages, vectors = (
            int(copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("articles", "passages", "vectors")
        )
        built = copy.execute("SELECT value FROM meta WHERE key = 'fingerprint'").fetchone()
    return Manifest(
        footnote=version("footnote-bot"),
        schema=copying.version(library),
        made=datetime.now(UTC).replace(microsecond=0),
        corpus=corpus,
        fingerprint=json.loads(built[0]) if built else {},
        articles=articles,
        passages=passages,
        vectors=vectors,
        parts=parts,
    )


@contextmanager
def _staged(parent: Path) -> Iterator[Path]:
    """A folder for copies, beside the backup: there has to be room for it there anyway."""
    folder = Path(tempfile.mkdtemp(prefix=".footnote-backup-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _regular(folder: Path) -> list[Path]:
    """The files below a folder, in one order; links and what else is no file are passed over."""
    found = [Path(place) / name for place, _, names in os.walk(folder) for name in names]
    return sorted(file for file in found if file.is_file() and not file.is_symlink())


def _steady_copy(source: Path, target: Path) -> Path:
    """Copy a file to which somebody may add a line at this very moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(TRIES):
        before = source.stat()
        shutil.copyfile(source, target)
        after = source.stat()
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
            return target
    raise BackupBroken(f"The file {source} changes again and again. Try again later.")


def _nothing(data: Path) -> BackupRefused:
    return BackupRefused(
        f"There is no index in {data} yet, so there is nothing to back up. Build it with: footnote refresh"
    )


def _unsound(source: Path, wrong: str) -> BackupBroken:
    return BackupBroken(
        f"{source} is damaged ({wrong}), so it was not backed up. Keep the backups that you have, and see: "
        "footnote doctor"
    )
