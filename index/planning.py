"""The corpus folder against the library: what a refresh has to do. Reads files, writes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from corpus import reading
from corpus.article import Article, Unread
from corpus.reading import CorpusFile
from index.errors import CorpusMissing, RefreshCancelled, RemovalsRefused
from index.snapshot import Entry, Snapshot
from index.types import Duplicate

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
    seen: str = ""
    """Digest of the files' digests and of what could not be read."""
    same: bool = False
    """Whether the last refresh saw just this; `entries` is then left empty."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The difference between folder and library."""

    put: tuple[Article, ...]
    """Articles to add or to replace."""
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    failed: tuple[Unread, ...]
    duplicates: tuple[Duplicate, ...]
    files: dict[str, tuple[str, tuple[Unread, ...]]]
    entries: tuple[Entry, ...]
    seen: str
    same: bool = False
    """Whether the folder is as the last refresh saw it; `entries` is then left empty."""

    @property
    def idle(self) -> bool:
        """Whether no article is to be written or removed."""
        return not (self.put or self.removed)


def survey(folder: Path, known: Snapshot, max_file_mb: int, tick: Callable[[int, int], None]) -> Survey:
    """Read and hash every file; parse those whose bytes are new. Raises CorpusMissing.

    `tick(done, total)` is called for each file and may raise to stop.
    """
    if not folder.is_dir():
        raise missing(folder)
    before = known.files()
    found, refused = reading.walk(folder)
    result = Survey(unread=list(refused))
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
    state = [sorted(result.files.items()), [(unread.origin, unread.reason) for unread in refused]]
    result.seen = hashlib.sha256(json.dumps(state, default=_plain).encode()).hexdigest()
    result.same = result.seen == known.meta(SEEN)
    if not result.same:
        _add_stored(result, known, as_before, unreadable, refused)
    return result


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
        if any(_within(origin, unread.origin) for unread in refused):
            result.entries += good.get(origin, [])
    result.entries.sort(key=lambda entry: entry.origin)


def _plain(unread: object) -> object:
    assert isinstance(unread, Unread)
    return [unread.origin, unread.reason]


def plan(found: Survey, known: Snapshot, *, everything: bool, allow_removals: bool) -> Plan:
    """Compare. `everything`: replace the unchanged articles too. Raises RemovalsRefused."""
    if found.same:
        if not everything:
            return _nothing(found, known)
        found.entries = known.entries()
    kept, duplicates, clashes = _distinct(found.entries)
    before = known.digests()
    added = tuple(id_ for id_ in kept if id_ not in before)
    changed = tuple(id_ for id_, entry in kept.items() if before.get(id_, entry.digest) != entry.digest)
    removed = tuple(id_ for id_ in before if id_ not in kept)
    if 2 * len(removed) > len(before) and not allow_removals:
        raise RemovalsRefused(len(removed), len(before) - len(removed))
    wanted = kept if everything else [*added, *changed]
    return Plan(
        put=tuple(_article(id_, kept[id_], found, known) for id_ in wanted),
        added=added,
        changed=changed,
        removed=removed,
        unchanged=len(kept) - len(added) - len(changed),
        failed=(*found.unread, *clashes),
        duplicates=duplicates,
        files=found.files,
        entries=tuple(found.entries),
        seen=found.seen,
    )


def _nothing(found: Survey, known: Snapshot) -> Plan:
    """The plan for a folder that is as it was: what the last refresh reported stands."""
    return Plan(
        put=(),
        added=(),
        changed=(),
        removed=(),
        unchanged=known.count("articles"),
        failed=tuple(Unread(*pair) for pair in json.loads(known.meta("failed") or "[]")),
        duplicates=tuple(Duplicate(*pair) for pair in json.loads(known.meta("duplicates") or "[]")),
        files=found.files,
        entries=(),
        seen=found.seen,
        same=True,
    )


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


def _distinct(
    entries: Sequence[Entry],
) -> tuple[dict[str, Entry], tuple[Duplicate, ...], tuple[Unread, ...]]:
    """Entries by id without exact duplicates and without repeated ids; the first one stays."""
    kept: dict[str, Entry] = {}
    by_content: dict[str, str] = {}
    duplicates, clashes = [], []
    for entry in entries:
        if entry.content_key in by_content:
            duplicates.append(Duplicate(_name(entry), by_content[entry.content_key]))
        elif entry.id in kept:
            clashes.append(
                Unread(entry.origin, f"The id {entry.id!r} is already used in {kept[entry.id].origin}.")
            )
        else:
            kept[entry.id] = entry
            by_content[entry.content_key] = entry.id
    return kept, tuple(duplicates), tuple(clashes)


def _name(entry: Entry) -> str:
    return entry.origin if entry.id == entry.origin else f"{entry.origin} ({entry.id})"


def _article(id_: str, entry: Entry, found: Survey, known: Snapshot) -> Article:
    """The article itself: as it was parsed, as the library holds it, or parsed now."""
    for article in (found.parsed.get(id_), known.article(id_)):
        if article is not None and article.digest == entry.digest:
            return article
    with suppress(OSError):
        content = found.paths[entry.origin].path.read_bytes()
        found.parsed |= {article.id: article for article in reading.parse(entry.origin, content).articles}
    if id_ not in found.parsed:
        raise RefreshCancelled(f"The file {entry.origin} changed while it was read. Run the refresh again.")
    return found.parsed[id_]
