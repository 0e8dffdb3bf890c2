"""The corpus folder against the library: what a refresh has to do. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from corpus import reading
from corpus.article import Article, Unread
from index.errors import RefreshCancelled, RemovalsRefused
from index.reports import Duplicate
from index.snapshot import Entry, Snapshot
from index.surveying import Survey


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
    only: frozenset[str] | None = None
    """The files that were looked at, where not all were; `files` and `entries` hold those alone."""
    said: tuple[tuple[Unread, ...], tuple[Duplicate, ...]] = ((), ())
    """What was reported of the other files, and stands."""
    same: bool = False
    """Whether the folder is as the last refresh saw it; `entries` is then left empty."""
    anew: bool = False
    """Whether everything is put, the unchanged articles too."""

    @property
    def idle(self) -> bool:
        """Whether no article is to be written or removed."""
        return not (self.put or self.removed or self.anew)

    @property
    def unchanged_put(self) -> frozenset[str]:
        """Ids of articles that are put and are as they were."""
        return frozenset(article.id for article in self.put).difference(self.added, self.changed)


def plan(found: Survey, known: Snapshot, *, anew: bool, allow_removals: bool) -> Plan:
    """Compare. `anew`: put the unchanged articles too. Raises RemovalsRefused."""
    if found.same:
        if not anew:
            return _nothing(found, known)
        found.entries = known.entries()
    kept, duplicates, clashes = _distinct(found.entries, found.elsewhere)
    before = known.digests() if found.only is None else known.digests_in(found.only)
    added = tuple(id_ for id_ in kept if id_ not in before)
    changed = tuple(id_ for id_, entry in kept.items() if before.get(id_, entry.digest) != entry.digest)
    removed = tuple(id_ for id_ in before if id_ not in kept)
    total = known.count("articles")
    if 2 * len(removed) > total and not allow_removals:
        raise RemovalsRefused(len(removed), total - len(removed))
    wanted = kept if anew else [*added, *changed]
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
        only=found.only,
        said=_said(found.only, known),
        anew=anew,
    )


def _nothing(found: Survey, known: Snapshot) -> Plan:
    """The plan for a folder that is as it was: what the last refresh reported stands."""
    failed, duplicates = known.left_out()
    return Plan(
        put=(),
        added=(),
        changed=(),
        removed=(),
        unchanged=known.count("articles"),
        failed=failed,
        duplicates=duplicates,
        files=found.files,
        entries=(),
        seen=found.seen,
        same=True,
    )


def _said(only: frozenset[str] | None, known: Snapshot) -> tuple[tuple[Unread, ...], tuple[Duplicate, ...]]:
    """What the refreshes before reported of files other than `only`."""
    if only is None:
        return (), ()
    failed, duplicates = known.left_out()
    files = known.files()
    unread = {each for origin in only for each in files.get(origin, ("", ()))[1]}
    names = {_name(entry) for entry in known.entries() if entry.origin in only}
    return (
        tuple(each for each in failed if each.origin not in only and each not in unread),
        tuple(each for each in duplicates if each.origin not in names),
    )


def _distinct(
    entries: Iterable[Entry], elsewhere: Iterable[Entry]
) -> tuple[dict[str, Entry], tuple[Duplicate, ...], tuple[Unread, ...]]:
    """Entries by id without exact duplicates and without repeated ids; the first one stays.

    Those `elsewhere` are not compared anew: they are there first.
    """
    kept: dict[str, Entry] = {}
    others = {entry.id: entry for entry in elsewhere}
    by_content = {entry.content_key: entry.id for entry in others.values()}
    duplicates, clashes = [], []
    for entry in entries:
        first = kept.get(entry.id) or others.get(entry.id)
        if entry.content_key in by_content:
            duplicates.append(Duplicate(_name(entry), by_content[entry.content_key]))
        elif first is not None:
            clashes.append(Unread(entry.origin, f"The id {entry.id!r} is already used in {first.origin}."))
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
    with suppress(OSError):  # gone since it was listed: the next refresh sees it so
        content = found.paths[entry.origin].path.read_bytes()
        found.parsed |= {article.id: article for article in reading.parse(entry.origin, content).articles}
    if id_ not in found.parsed:
        raise RefreshCancelled(f"The file {entry.origin} changed while it was read. Run the refresh again.")
    return found.parsed[id_]
