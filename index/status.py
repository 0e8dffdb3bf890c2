"""The state of the index in one value, read without a model."""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from index.built import due
from index.embedding import Embedder
from index.reports import Spent, Status
from index.server import capital
from index.settings import Settings
from index.snapshot import Snapshot
from index.spending import FILE, Spending
from index.store import FOLDER


def status(known: Snapshot, settings: Settings, embedder: Embedder) -> Status:
    """Counts, dates and sizes of one generation."""
    oldest, newest = known.days()
    refreshed = known.meta("refreshed")
    failed, duplicates = known.left_out()
    return Status(
        corpus=str(settings.corpus),
        data=str(settings.data_folder),
        articles=known.count("articles"),
        passages=known.count("passages"),
        sources=tuple(known.sources()),
        newest=newest,
        oldest=oldest,
        last_refresh=datetime.fromisoformat(refreshed) if refreshed else None,
        failed=failed,
        duplicates=duplicates,
        embedding=embedder.name,
        generation=int(known.meta("generation") or 0),
        bytes=_bytes(settings.data_folder),
        due=due(known, embedder, settings),
        vectors=_vectors(known, settings),
        writer=settings.llm,
        spent=_spent(settings) if settings.llm else None,
    )


def _spent(settings: Settings) -> Spent | None:
    """What the language model took today; None where that cannot be read, which the doctor tells."""
    with suppress(sqlite3.Error, OSError):
        return Spending(settings.data_folder / FILE, settings).today()
    return None


def _vectors(known: Snapshot, settings: Settings) -> str:
    server, name = settings.server, known.meta(FOLDER)
    if server is None:
        return ""
    return f"{capital(server.place)}, {name or 'no collection yet'}"


def _bytes(folder: Path) -> int:
    """The size of the files in a folder; a refresh may remove some at this very moment."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(place) / name).stat().st_size
    return total
