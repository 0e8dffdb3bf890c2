"""The values of a backup, of what brings it back, and of an export. Frozen, as those in `types.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from index.reports import Progress


@dataclass(frozen=True, slots=True)
class Records:
    """A SQLite file of a face, in the folder of the index: a backup takes it along without knowing it."""

    name: str
    """Its name in the folder of the index."""
    newest: int
    """The newest version (`PRAGMA user_version`) that the face reads."""


@dataclass(frozen=True, slots=True)
class BackupOptions:
    """How to make a backup."""

    force: bool = False
    """Write over a file that is there."""
    records: tuple[Records, ...] = ()
    on_progress: Callable[[Progress], None] = field(default=lambda _: None)
    """Called from the backup's own thread."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What a backup holds."""

    file: Path
    made: datetime
    """In UTC."""
    articles: int
    passages: int
    vectors: int
    records: tuple[str, ...]
    """Names of the faces' files that are in it."""
    removed: int
    """Files of articles that were removed."""
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """How to bring a backup back."""

    replace: bool = False
    """Take the place of an index that is there."""
    records: tuple[Records, ...] = ()
    on_progress: Callable[[Progress], None] = field(default=lambda _: None)
    """Called from the restore's own thread."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back."""

    made: datetime
    """When the backup was made, in UTC."""
    articles: int
    passages: int
    records: tuple[str, ...]
    aside: tuple[str, ...]
    """Names, in the folder of the index, under which what was there before is kept."""
    files: int
    """How many files of the corpus folder the index was built from."""
    found: int
    """How many of those are in the corpus folder here."""
    mismatch: str
    """Why the index cannot answer with the settings here, and how to mend it; empty where it can."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote."""

    articles: int
    bytes: int
    """Before compression."""
    too_long: tuple[str, ...]
    """Ids of articles whose line is longer than a reader of such files takes."""
