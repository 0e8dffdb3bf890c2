"""New files in the place of old ones: all of them, whatever is killed meanwhile.

The new ones are gathered in a folder `….part`. Renaming it to `restoring-…` decides: from then on they are
the ones that count, and whoever opens the index first moves them into their places. Until then they are
nothing. What stood in their places is kept under another name.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from index.archive import REMOVED
from index.errors import IndexBroken
from index.locking import OneProcess
from index.whole import sync_folder

DECIDED = "restoring-"
PART = ".part"
LOGS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file: they belong to that file alone, and go where it goes."""


def begin(data: Path, stamp: str) -> Path:
    """A folder for the new files."""
    sweep(data)
    folder = data / f"{DECIDED}{stamp}{PART}"
    folder.mkdir(mode=0o700, parents=True)
    return folder


def sweep(data: Path) -> None:
    """Remove what was gathered and never decided on."""
    for left in data.glob(f"{DECIDED}*{PART}"):
        shutil.rmtree(left, ignore_errors=True)


def decide(folder: Path) -> None:
    """From here on the new files count. They have to be on the disk already, and the old ones closed."""
    for place, _, _ in os.walk(folder):
        sync_folder(Path(place))
    folder.rename(folder.with_suffix(""))
    sync_folder(folder.parent)


def pending(data: Path) -> list[Path]:
    """Folders that were decided on and not yet emptied, oldest first."""
    return sorted(folder for folder in data.glob(f"{DECIDED}*") if folder.suffix != PART)


def settle(data: Path, owner: OneProcess) -> None:
    """Finish what was decided and then interrupted. Raises IndexBusy, IndexBroken."""
    if not pending(data):
        return
    held = owner.held
    owner.acquire()
    try:
        finish(data)
    finally:
        if not held:
            owner.release()


def finish(data: Path) -> list[str]:
    """Move the new files into their places; the names under which the old ones are kept.

    Can be killed at any moment and called again. Only who owns the index may call it.
    """
    kept: list[str] = []
    try:
        for folder in pending(data):
            stamp = folder.name.removeprefix(DECIDED)
            for file in sorted(folder.glob("*.db")):
                kept += _exchange(file, data / file.name, f"{file.stem}-before-restore-{stamp}{file.suffix}")
            _merge(folder / REMOVED, data / REMOVED)
            sync_folder(data)
            shutil.rmtree(folder)
            sync_folder(data)
    except OSError as error:
        raise IndexBroken(
            f"A backup is being restored in {data}: a file could not be moved ({error.strerror or error}). "
            "Make the folder writable: the next command goes on with it."
        ) from error
    return kept


def _exchange(new: Path, place: Path, name: str) -> list[str]:
    """Put a new file into its place. At every moment one of the two stands there."""
    aside = place.with_name(name)
    for log in LOGS:
        with suppress(FileNotFoundError):  # a library that was closed has no logs
            place.with_name(place.name + log).replace(aside.with_name(aside.name + log))
    there = place.exists()
    if there and not aside.exists():
        try:
            os.link(place, aside)
        except OSError:  # a file system without hard links
            unfinished = aside.with_name(aside.name + PART)
            shutil.copyfile(place, unfinished)
            unfinished.replace(aside)
    new.replace(place)
    return [name] if there else []


def _merge(new: Path, place: Path) -> None:
    """Add files to those of a folder: none that is there is written over, and none is lost."""
    for file in [Path(folder) / name for folder, _, names in os.walk(new) for name in sorted(names)]:
        target = place / file.relative_to(new)
        target.parent.mkdir(parents=True, exist_ok=True)
        number = 1
        while target.exists() and target.read_bytes() != file.read_bytes():
            number += 1
            target = target.with_name(f"{file.stem}-{number}{file.suffix}")
        file.replace(target)
        sync_folder(target.parent)
