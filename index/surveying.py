"""What the corpus folder holds now, beside what the library knows of it. Reads files, writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus import reading
from corpus.article import Article, Unread
from corpus.reading import CorpusFile
from index.errors import CorpusMissing
from index.snapshot import Entry, Snapshot

MEGABYTE = 1 << 20
SEEN = "seen"
"""Key of the table `meta`: what the last refresh saw of the folder. The same again: nothing to compare."""


@dataclass(slots=True)
class Survey:
    """What the folder holds now. Unchanged files are not parsed: their entries come from the library."""

    files: dict[str, tuple[str, tuple[Unread, ...]]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    parsed: dict[str, Article] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    paths: dict[str, CorpusFile] = field(default_factory=dict)
    only: frozenset[str] | None = None
    """The files that were looked at, where not all were; `elsewhere` holds the entries of the others."""
    elsewhere: list[Entry] = field(default_factory=list)
    seen: str = ""
    """Digest of the files' digests and of what could not be read; empty where not all were looked at."""
    same: bool = False
    """Whether the last refresh saw just this; `entries` is then left empty."""


def survey(
    folder: Path,
    known: Snapshot,
    max_file_mb: int,
    tick: Callable[[int, int], None],
    only: frozenset[str] | None = None,
) -> Survey:
    """Read and hash every file, or those of `only`; parse those whose bytes are new. Raises CorpusMissing.

    `tick(done, total)` is called for each file and may raise to stop.
    """
    if not folder.is_dir():
        raise missing(folder)
    before = known.files()
    found, refused = reading.walk(folder)
    result = Survey(only=only)
    if only is not None:
        found = tuple(file for file in found if file.origin in only)
    result.unread += [unread for unread in refused if only is None or unread.origin in only]
    as_before: list[str] = []
    unreadable: list[str] = []
    for number, file in enumerate(found):
        tick(number, len(found))
        result.paths[file.origin] = file
        content = reading.load(file, max_file_mb * MEGABYTE)
        if isinstance(content, Unread):
            _unreadable(result, file.origin, (content,))
            unreadable.append(file.origin)
            continue
        digest = f"{reading.READER_VERSION}:{reading.digest(content)}"
        old_digest, old_unread = before.get(file.origin, ("", ()))
        if digest == old_digest:
            result.files[file.origin] = (digest, old_unread)
            result.unread += old_unread
            as_before.append(file.origin)
            continue
        read = reading.parse(file.origin, content)
        if read.unread and not read.articles:
            _unreadable(result, file.origin, read.unread)
            unreadable.append(file.origin)
            continue
        result.files[file.origin] = (digest, read.unread)
        result.unread += read.unread
        for article in read.articles:
            entry = Entry(article.origin, article.id, article.digest, article.content_key)
            result.entries.append(entry)
            result.parsed.setdefault(article.id, article)
    tick(len(found), len(found))
    if only is None:
        result.seen = _seen(result.files, refused)
        result.same = result.seen == known.meta(SEEN)
    if not result.same:
        _add_stored(result, known, as_before, unreadable, refused)
    return result


def _seen(files: Mapping[str, tuple[str, Sequence[Unread]]], refused: Iterable[Unread]) -> str:
    """SHA-256 (hex) of what was met, file by file: nothing here holds Python's lock for long."""
    state = hashlib.sha256()
    for origin, (digest, unread) in files.items():
        state.update(f"{origin}\0{digest}\n".encode())
        state.update("".join(f"{each.origin}\0{each.reason}\n" for each in unread).encode())
    state.update("".join(f"{each.origin}\0{each.reason}\n" for each in refused).encode())
    return state.hexdigest()


def missing(folder: Path) -> CorpusMissing:
    """The error for a corpus folder that is not there."""
    return CorpusMissing(
        f"The corpus folder {folder} is not there. Name another with --corpus or FOOTNOTE_CORPUS."
    )


def _add_stored(
    result: Survey,
    known: Snapshot,
    as_before: Sequence[str],
    unreadable: Sequence[str],
    refused: Sequence[Unread],
) -> None:
    """The entries of files that were not parsed: unchanged, unreadable, or in a place that was refused."""
    stored: dict[str, list[Entry]] = {}
    for entry in known.entries():
        stored.setdefault(entry.origin, []).append(entry)
    good = _last_good(known)
    for origin in as_before:
        result.entries += stored.get(origin, [])
    for origin in unreadable:
        result.entries += good.get(origin, [])
    for origin in stored.keys() - result.paths.keys():
        if result.only is not None and origin not in result.only:
            # What differs there stays so: a change that was undone is not done again.
            result.elsewhere += good.get(origin, [])
        elif any(_within(origin, unread.origin) for unread in refused):
            result.entries += good.get(origin, [])
    result.entries.sort(key=lambda entry: entry.origin)


def _last_good(known: Snapshot) -> dict[str, list[Entry]]:
    """Origin -> the entries whose article the library holds: only those can outlive their file."""
    digests = known.digests()
    good: dict[str, list[Entry]] = {}
    for entry in known.entries():
        if digests.get(entry.id) == entry.digest:
            good.setdefault(entry.origin, []).append(entry)
    return good


def _within(origin: str, refused: str) -> bool:
    """Whether a file is what was refused, or lies in a folder that was."""
    return refused in (".", origin) or origin.startswith(f"{refused}/")


def _unreadable(result: Survey, origin: str, why: Sequence[Unread]) -> None:
    """A file that is there but cannot be read keeps the articles that it gave before.

    Its digest is left empty, so that the next refresh tries it again.
    """
    result.unread += why
    result.files[origin] = ("", tuple(why))
