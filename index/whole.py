"""Files that appear whole or not at all, and are on the disk when they do."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from index.errors import BackupBroken, BackupRefused


@contextmanager
def whole(folder: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A file with a hidden name, which no refresh reads; at the end it is gone, or has another name."""
    place = folder / f".footnote-{secrets.token_hex(8)}"
    try:
        with place.open("xb") as stream:  # not tempfile's, which nobody else could read afterwards
            yield stream, place
    finally:
        with suppress(FileNotFoundError):  # it has another name by now
            place.unlink()


def appear(temporary: Path, target: Path) -> None:
    """Give a file its name. Raises FileExistsError where another has it."""
    try:
        os.link(temporary, target)  # unlike a rename, never over another file
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: a look is the best there is
        if target.exists():
            raise FileExistsError(str(target)) from None
        temporary.replace(target)


def settle(stream: BinaryIO) -> None:
    """Bring what was written to the disk."""
    stream.flush()
    os.fsync(stream.fileno())


def settle_file(file: Path) -> None:
    """The same for a file that another program wrote."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """The name too has to be on the disk; systems that cannot do that for folders need not."""
    with suppress(OSError):  # see above
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


@contextmanager
def written(target: Path, *, force: bool) -> Iterator[tuple[BinaryIO, Path]]:
    """A file that has its name once the block has ended without an error; before that nobody sees it.

    Raises BackupRefused where another is there (unless `force`) or the folder is not, and BackupBroken
    where the system refuses, with a full disk say.
    """
    _refuse(target, force=force)
    try:
        with whole(target.parent) as (stream, place):
            yield stream, place
            settle(stream)
            if force:
                place.replace(target)
            else:
                appear(place, target)
            sync_folder(target.parent)
    except FileExistsError as error:
        raise _there(target) from error
    except OSError as error:
        raise BackupBroken(
            f"{target} could not be written ({error.strerror or error}). Nothing is left of it. "
            "Check that the folder may be written and the disk is not full, then try again."
        ) from error


def _refuse(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise BackupRefused(f"{target} is a folder. Name a file in it.")
    if target.exists() and not force:
        raise _there(target)
    if not target.parent.is_dir():
        raise BackupRefused(f"The folder {target.parent} is not there. Make it, or name another.")


def _there(target: Path) -> BackupRefused:
    return BackupRefused(f"{target} is there already. Name another file, or write over it with --force.")
