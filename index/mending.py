"""Repairs: what `footnote doctor --repair` does before it looks. Nothing that holds articles is deleted.

Each repair can be killed and begun again. A damaged library is replaced in one step, by one that is whole;
a copy of it stays beside the index, in `damaged-1` and so on.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from corpus import reading
from corpus.article import Article
from index import cost, salvage, soundness
from index.built import FINGERPRINT, fingerprint
from index.chunking import Chunker
from index.earlier import Keeping
from index.embedding import Embedder
from index.errors import FootnoteError, IndexDamaged
from index.leftovers import leftovers, remove
from index.library import Library, vector_key
from index.matrix import Matrix
from index.reports import Cancel, RefreshOptions, RefreshReport
from index.salvage import Salvaged
from index.settings import Settings
from index.store import VectorStore
from index.surveying import SEEN
from index.types import Passage

FRESH = "library.mending"
"""The library that takes the place of a damaged one, while it is made."""
BATCH = 500
"""Vectors that are copied, or made, in one transaction."""
REPAIRED = "The index was repaired, so the changes before that cannot be undone."
KEPT = ("corpus", "refreshed", "duplicates", "failed", "generation")
"""Keys of the table `meta` that a repaired library takes over."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mending:
    """What repairs need. Call it while nobody else uses the index."""

    settings: Settings
    embedder: Embedder
    chunker: Chunker
    open_index: Callable[[], tuple[Library, VectorStore]]
    let_go: Callable[[], None]
    """Closes what `open_index` gave."""
    columns: Callable[[], Matrix]
    refreshed: Callable[[RefreshOptions, Cancel], RefreshReport]

    def __call__(self) -> dict[str, str]:
        """Mend what can be mended: name of the check -> what was found and done."""
        steps: tuple[tuple[str, Callable[[], str]], ...] = (
            ("library", self._library),
            ("articles", self._articles),
            ("vectors", self._vectors),
            ("columns", self._columns),
            ("leftovers", self._leftovers),
        )
        return {name: done for name, step in steps if (done := _said(step))}

    def _library(self) -> str:
        wrong = self._damage()
        if not wrong:
            return ""
        self.let_go()
        aside = self._set_aside()
        saved = salvage.salvage(aside / "library.db")
        fresh = self.settings.data_folder / FRESH
        _unlink(fresh)
        library = Library(fresh)
        with closing(library):
            kept = sum(
                _keep(library, rows) for rows in _batches(salvage.vectors(aside / "library.db"), BATCH)
            )
            made = self._fill(library, saved) if saved.articles else 0
        self._take_its_place(fresh)
        return (
            f"Damaged ({wrong}); what was damaged is kept in {aside}. {len(saved.articles)} articles and the "
            f"vectors of {kept} passages were saved, {made} passages embedded. {self._refresh()}"
        )

    def _damage(self) -> str:
        """What SQLite finds wrong with the file; raises IndexBroken where that is not its content."""
        try:
            with self.open_index()[0].snapshot() as known:
                return known.damage()
        except IndexDamaged as error:
            return str(error.__cause__)

    def _set_aside(self) -> Path:
        """A copy of the damaged library, with its write-ahead log, in a folder of its own."""
        data = self.settings.data_folder
        numbers = [int(f.name[8:]) for f in data.glob("damaged-*") if f.name[8:].isdecimal()]
        aside = data / f"damaged-{max(numbers, default=0) + 1}"
        aside.mkdir()
        for name in ("library.db", "library.db-wal"):
            if (data / name).exists():
                shutil.copy2(data / name, aside / name)
        return aside

    def _fill(self, library: Library, saved: Salvaged) -> int:
        """Put the articles that were saved into the new library; how many passages had to be embedded."""
        chunked = self._chunked(saved.articles)
        made = self._embed(library, chunked)
        meta = {key: value for key, value in saved.meta.items() if key in KEPT}
        library.switch(
            put=chunked,
            drop=(),
            files=saved.files,
            entries=saved.entries,
            meta={
                "corpus": str(self.settings.corpus.resolve()),
                "refreshed": "1970-01-01T00:00:00+00:00",
                **meta,
                FINGERPRINT: json.dumps(fingerprint(self.embedder, self.settings)),
                SEEN: "",
            },
            keeping=Keeping(final=REPAIRED),
        )
        return made

    def _take_its_place(self, fresh: Path) -> None:
        """From one moment to the next: before it the library is damaged, after it whole."""
        library = fresh.with_name("library.db")
        for suffix in ("-wal", "-shm"):
            library.with_name(library.name + suffix).unlink(
                missing_ok=True
            )  # not to be read into another file
        fresh.replace(library)
        self.open_index()[1].opened()  # names no folder yet, so it is filled

    def _refresh(self) -> str:
        """Bring back from the corpus folder what could not be saved."""
        try:
            report = self.refreshed(RefreshOptions(), Cancel())
        except FootnoteError as error:
            return f"What is missing could not be read again from the corpus folder: {error}"
        return (
            f"From the corpus folder came {len(report.added)} articles and {len(report.changed)} changes; "
            f"{report.embedded} passages embedded."
        )

    def _articles(self) -> str:
        library, store = self.open_index()
        found = library.within(soundness.look)
        if not found:
            return ""
        again, lost = self._whole(library, found.altered, found.incomplete)
        chunked = self._chunked(again)
        with store.doubted():
            library.within(lambda db: soundness.clear(db, found.incomplete))
            library.within(lambda db: soundness.remake(db, found.lists))
            made = self._embed(library, chunked)
            self._put_again(
                library, chunked, {article.origin for article in again if article.id in found.altered}
            )
            library.within(lambda db: soundness.remake(db, found.lists))
            store.fill("articles were mended")
        said = f"Found {found}. {len(again)} articles were put in again, {made} passages embedded."
        return f"{said} Not to be had: {', '.join(lost)}." if lost else said

    def _whole(
        self, library: Library, altered: Sequence[str], incomplete: Sequence[str]
    ) -> tuple[list[Article], list[str]]:
        """The articles to put in again, and the ids of those that nothing can give back."""
        with library.snapshot() as known:
            again = [known.known_article(article_id) for article_id in incomplete]
            origins = {entry.origin for entry in known.entries() if entry.id in altered}
        read = self._from_files(origins)
        return [*again, *(read[id_] for id_ in altered if id_ in read)], [i for i in altered if i not in read]

    def _from_files(self, origins: set[str]) -> dict[str, Article]:
        if not origins or not self.settings.corpus.is_dir():
            return {}
        limit = self.settings.max_file_mb << 20
        files = [file for file in reading.walk(self.settings.corpus)[0] if file.origin in origins]
        loaded = ((file.origin, reading.load(file, limit)) for file in files)
        parsed = (reading.parse(origin, content) for origin, content in loaded if isinstance(content, bytes))
        return {article.id: article for read in parsed for article in read.articles}

    def _put_again(
        self,
        library: Library,
        chunked: Sequence[tuple[Article, list[tuple[Passage, str]]]],
        changed: set[str],
    ) -> None:
        """`changed`: files to be compared anew by the next refresh: what they hold now came in again."""
        with library.snapshot() as known:
            files = {o: ("" if o in changed else digest, un) for o, (digest, un) in known.files().items()}
            entries = known.entries()
        library.switch(
            put=chunked,
            drop=(),
            files=files,
            entries=entries,
            meta={SEEN: ""},
            keeping=Keeping(final=REPAIRED),
        )

    def _chunked(self, articles: Iterable[Article]) -> list[tuple[Article, list[tuple[Passage, str]]]]:
        name = self.embedder.name
        return [(a, [(p, vector_key(name, p)) for p in self.chunker.passages(a)]) for a in articles]

    def _embed(self, library: Library, chunked: Iterable[tuple[Article, list[tuple[Passage, str]]]]) -> int:
        """Make the vectors that the library lacks; how many those were."""
        wanted = {key: passage for _, passages in chunked for passage, key in passages}
        with library.snapshot() as known:
            there = known.known_vectors(wanted)
        missing = {passage.id: key for key, passage in wanted.items() if key not in there}
        cost.agreed([wanted[key] for key in missing.values()], self.embedder, self.settings, None)
        with closing(self.embedder.passages([wanted[key] for key in missing.values()])) as made:
            for rows in _batches(made, BATCH):
                library.add_vectors((missing[passage.id], vectors) for passage, vectors in rows)
        return len(missing)

    def _vectors(self) -> str:
        _, store = self.open_index()
        before = store.folder
        if wrong := store.deadly():
            store.fill(wrong)
        store.opened()
        if store.folder != before:
            return "It was filled anew from the library; nothing was embedded."
        wrong = store.differences()
        if wrong:
            store.fill(wrong)
            return f"Found that {wrong}. It was filled anew from the library; nothing was embedded."
        return ""

    def _columns(self) -> str:
        columns = self.columns()
        wrong = columns.differing()
        if wrong:
            columns.begin_anew()
            return f"Found {wrong} passages with other values. All were written anew from the library."
        return ""

    def _leftovers(self) -> str:
        with self.open_index()[0].snapshot() as known:
            found = leftovers(self.settings, known)
        return f"Removed {remove(found)}." if found else ""


def _said(step: Callable[[], str]) -> str:
    try:
        return step()
    except FootnoteError as error:
        return f"This could not be mended: {error}"


def _keep(library: Library, rows: Sequence[salvage.VectorRow]) -> int:
    """Add rows of vectors as they are; how many were new."""

    def add(db: sqlite3.Connection) -> int:
        return db.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", rows).rowcount

    return library.within(add)


def _unlink(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
