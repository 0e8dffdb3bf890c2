"""The file of a backup: a zip whose first entry, the manifest, says what the others are.

Nothing in it is compressed: vectors hardly shrink, and so no entry can unpack to more than the file holds.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from index.errors import BackupBroken, BackupRefused

FORMAT = 1
"""Raised when an older Footnote could not read the file."""
MANIFEST = "manifest.json"
LIBRARY = "library.db"
REMOVED = "removed"
"""The folder of what was removed, in the backup as beside the index."""
MOST_MANIFEST = 64 << 20
"""The largest manifest, in bytes: it names every file of `REMOVED`."""
STEP = 1 << 20
"""Bytes that are copied at a time."""
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, struct.error)
"""What `zipfile` raises for a file that is damaged, or is none of its own."""

Tick = Callable[[int, int], None]
"""Told the bytes that are done, and their sum; may raise RefreshCancelled."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup."""

    name: str
    """POSIX path."""
    bytes: int
    sha256: str
    """In hexadecimal digits."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    footnote: str
    """The version of Footnote that made it."""
    schema: int
    """The version of the library's tables."""
    made: datetime
    """In UTC."""
    corpus: str
    """The name of the corpus folder, without the folders above it."""
    fingerprint: Mapping[str, str]
    """What shaped the index: the embedding model, the length of passages."""
    articles: int
    passages: int
    vectors: int
    parts: tuple[Part, ...]

    @property
    def bytes(self) -> int:
        """The sum of the parts."""
        return sum(part.bytes for part in self.parts)

    def names(self) -> list[str]:
        """The names of the parts, in order."""
        return [part.name for part in self.parts]


def part_of(name: str, file: Path) -> Part:
    """A file as it is now."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while block := stream.read(STEP):
            digest.update(block)
            size += len(block)
    return Part(name, size, digest.hexdigest())


def write(stream: BinaryIO, manifest: Manifest, files: Sequence[Path], tick: Tick) -> None:
    """Write a backup; `files` are those of the manifest's parts, in their order. Raises BackupRefused."""
    said = {"format": FORMAT, **asdict(manifest), "made": manifest.made.isoformat(timespec="seconds")}
    done = 0
    try:
        with zipfile.ZipFile(stream, "w") as packed:
            packed.writestr(_entry(MANIFEST), json.dumps(said, indent=1))
            for part, file in zip(manifest.parts, files, strict=True):
                entry = _entry(part.name)
                entry.file_size = part.bytes
                with file.open("rb") as source, packed.open(entry, "w") as target:
                    while block := source.read(STEP):
                        target.write(block)
                        done += len(block)
                        tick(done, manifest.bytes)
    except UnicodeEncodeError as error:
        raise BackupRefused(
            f"The name of a file in the folder {REMOVED} is not UTF-8: rename it, then try again."
        ) from error


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o600 << 16  # it may hold what people asked
    return entry


def opened(file: Path) -> zipfile.ZipFile:
    """The file, for reading. Raises BackupRefused or BackupBroken."""
    try:
        return zipfile.ZipFile(file)
    except OSError as error:
        raise BackupRefused(f"The backup {file} cannot be read ({error.strerror or error}).") from error
    except UNREADABLE as error:
        raise BackupBroken(
            f"The file {file} is cut off, or is no backup of Footnote. Take another."
        ) from error


def manifest_of(packed: zipfile.ZipFile, file: Path) -> Manifest:
    """The manifest, after a look at the entries: they are those that it names, and nothing else."""
    entries = packed.infolist()
    if not entries or entries[0].filename != MANIFEST or not _plain(entries[0], MOST_MANIFEST):
        raise BackupBroken(f"The file {file} is no backup of Footnote: it does not begin with {MANIFEST}.")
    try:
        said = json.loads(packed.read(entries[0]))
        found = int(said["format"])
    except (KeyError, TypeError, RecursionError, OSError, *UNREADABLE) as error:
        raise damaged(file, MANIFEST) from error
    if found > FORMAT:
        raise BackupBroken(
            f"The backup {file} has format {found}, this Footnote reads {FORMAT}. "
            "Update Footnote, then try again."
        )
    try:
        manifest = _manifest(said)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(file, MANIFEST) from error
    sizes = [(entry.filename, entry.file_size) for entry in entries[1:]]
    if sizes != [(part.name, part.bytes) for part in manifest.parts]:
        raise BackupBroken(f"The backup {file} does not hold what its {MANIFEST} says. Take another.")
    whole = file.stat().st_size
    for entry in entries[1:]:
        if not _plain(entry, whole) or not _harmless(entry.filename):
            raise BackupBroken(
                f"The backup {file} holds {entry.filename!r}, which no Footnote packs so. "
                "Nothing was unpacked."
            )
    if manifest.bytes > whole:
        raise damaged(file, MANIFEST)
    return manifest


def _manifest(said: Any) -> Manifest:
    parts = tuple(Part(str(p["name"]), int(p["bytes"]), str(p["sha256"])) for p in said["parts"])
    if len({part.name for part in parts}) != len(parts):
        raise ValueError("a name is there twice")
    return Manifest(
        footnote=str(said["footnote"]),
        schema=int(said["schema"]),
        made=datetime.fromisoformat(said["made"]),
        corpus=str(said["corpus"]),
        fingerprint={str(key): str(value) for key, value in said["fingerprint"].items()},
        articles=int(said["articles"]),
        passages=int(said["passages"]),
        vectors=int(said["vectors"]),
        parts=parts,
    )


def _plain(entry: zipfile.ZipInfo, most: int) -> bool:
    """Whether an entry is neither compressed nor encrypted, nor larger than `most` bytes."""
    stored = entry.compress_type == zipfile.ZIP_STORED and entry.compress_size == entry.file_size
    return stored and not entry.flag_bits & 1 and entry.file_size <= most


def _harmless(name: str) -> bool:
    """Whether the name stays below the folder that it is unpacked into, on this system."""
    pieces = name.split("/")
    here = Path(name).parts == PurePosixPath(name).parts == tuple(pieces)
    return here and not {"", ".", ".."}.intersection(pieces)


def unpack(packed: zipfile.ZipFile, manifest: Manifest, file: Path, folder: Path, tick: Tick) -> None:
    """Write the parts into an empty folder, each held against size and SHA-256. Raises BackupBroken."""
    done = 0
    for part in manifest.parts:
        target = folder / part.name
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        try:
            with packed.open(part.name) as source, target.open("xb") as stream:
                while block := source.read(STEP):
                    digest.update(block)
                    stream.write(block)
                    done += len(block)
                    tick(done, manifest.bytes)
        except UNREADABLE as error:
            raise damaged(file, part.name) from error
        if digest.hexdigest() != part.sha256 or target.stat().st_size != part.bytes:
            raise damaged(file, part.name)


def damaged(file: Path, name: str) -> BackupBroken:
    """The error for a part that is not what was packed."""
    return BackupBroken(f"The backup {file} is damaged ({name}). Nothing was changed. Take another.")
