"""A refresh: corpus against library -> plan -> new before old -> report.

The order makes it safe to kill at any moment:

1. Vectors are kept by content as soon as they are made, so nothing is embedded twice.
2. The library is told that the vector index is about to change.
3. New passages go into the vector index; readers, still on the old generation, drop them.
4. One transaction switches the library to the new generation.
5. Old passages leave the vector index; then the library is told that the two agree.

Between 2 and 5 a kill leaves the mark of step 2, and the next opening fills the vector index
anew from the library (`store.py`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from corpus.article import Article
from index.chunking import Chunker
from index.embedding import Embedder
from index.errors import IndexMismatch, RefreshCancelled
from index.library import Library, vector_key
from index.planning import SEEN, Plan, plan, survey
from index.settings import Settings
from index.snapshot import Snapshot
from index.store import VectorStore, fingerprint, mismatch
from index.types import Cancel, Passage, Phase, Progress, RefreshOptions, RefreshReport
from index.vectors import VectorIndex, VectorsBroken

COMMIT = 32
"""Passages whose vectors are kept, or articles put into the vector index, at a time."""
WINDOW = 1024
"""Passages that are sorted by length together."""

T = TypeVar("T")

Chunked = list[tuple[Article, list[tuple[Passage, str]]]]
"""Articles, each with its passages and their vector keys."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh. Call it once."""

    library: Library
    store: VectorStore
    embedder: Embedder
    chunker: Chunker
    settings: Settings
    options: RefreshOptions
    cancel: Cancel

    def __call__(self) -> RefreshReport:
        """Do it. Raises CorpusMissing, RemovalsRefused, IndexMismatch or RefreshCancelled."""
        began = time.perf_counter()
        with self.library.snapshot() as known:
            todo = self._plan(known)
            doomed = known.passage_ids([*todo.removed, *(a.id for a in todo.put)])
        embedded = 0
        if not self.options.dry_run:
            embedded = self._carry_out(todo, doomed)
        return RefreshReport(
            added=todo.added,
            changed=todo.changed,
            removed=todo.removed,
            unchanged=todo.unchanged,
            failed=todo.failed,
            duplicates=todo.duplicates,
            embedded=embedded,
            seconds=time.perf_counter() - began,
            dry_run=self.options.dry_run,
        )

    def _plan(self, known: Snapshot) -> Plan:
        wrong = mismatch(known, self.embedder, self.settings)
        if wrong and not self.options.rebuild:
            raise IndexMismatch(wrong)
        found = survey(
            self.settings.corpus,
            known,
            self.settings.max_file_mb,
            lambda done, total: self._tick("reading", done, total),
        )
        return plan(found, known, everything=self.options.rebuild, allow_removals=self.options.allow_removals)

    def _carry_out(self, todo: Plan, doomed: Sequence[str]) -> int:
        if todo.same and not self.options.rebuild:
            self.library.set_meta(self._meta(todo))
            return 0
        if todo.idle and not self.options.rebuild:
            self._switch(todo, [])
            return 0
        chunked = self._chunk(todo.put)
        embedded = self._embed(chunked)
        self._tick("indexing", 0, len(chunked))
        if self.options.rebuild:
            with self.store.doubted():
                self._switch(todo, chunked)
                self.store.fill("it is built anew")
        else:
            try:
                self._change(todo, chunked, doomed)
            except VectorsBroken as error:  # the truth goes on, and the copy is made from it
                self._switch(todo, chunked)
                self.store.fill(str(error))
        self.library.collect()
        return embedded

    def _change(self, todo: Plan, chunked: Chunked, doomed: Sequence[str]) -> None:
        """New passages in, switch, old ones out."""
        fresh = {passage.id for _, passages in chunked for passage, _ in passages}
        with self.store.changing() as vectors:
            try:
                self._put(vectors, chunked, frozenset(doomed))
            except RefreshCancelled:
                vectors.drop(fresh)
                with self.library.snapshot() as known:
                    vectors.put(known.rows(fresh.intersection(doomed)))
                raise
            self._switch(todo, chunked)
            vectors.drop(set(doomed).difference(fresh))

    def _chunk(self, articles: Sequence[Article]) -> Chunked:
        chunked = []
        for number, article in enumerate(articles):
            self._tick("reading", number, len(articles))
            passages = self.chunker.passages(article)
            chunked.append((article, [(p, vector_key(self.embedder.name, p)) for p in passages]))
        return chunked

    def _embed(self, chunked: Chunked) -> int:
        """Embed what the library has no vectors for; how many passages that were."""
        wanted = {key: passage for _, passages in chunked for passage, key in passages}
        with self.library.snapshot() as known:
            there = known.known_vectors(wanted)
        missing = [key for key in wanted if key not in there]
        key_of = {wanted[key].id: key for key in missing}
        done = 0
        self._tick("embedding", done, len(missing))
        for keys in _batches(missing, WINDOW):
            # Closed when a cancel leaves it early, so that no batch is computed for nobody.
            with closing(self.embedder.passages([wanted[key] for key in keys])) as made:
                for rows in _batches(made, COMMIT):
                    self._tick("embedding", done, len(missing))
                    self.library.add_vectors((key_of[passage.id], vectors) for passage, vectors in rows)
                    done += len(rows)
        self._tick("embedding", done, len(missing))
        return done

    def _put(self, vectors: VectorIndex, chunked: Chunked, there: Collection[str]) -> None:
        """New passages, and those with other values; `there` are the ids that may be there already."""
        for number, articles in enumerate(_batches(chunked, COMMIT)):
            self._tick("indexing", number * COMMIT, len(chunked))
            with self.library.snapshot() as known:
                made = known.vectors_by_key(key for _, passages in articles for _, key in passages)
            rows = [
                (passage.id, made[key], article.source, article.published)
                for article, passages in articles
                for passage, key in passages
            ]
            vectors.put([row for row in rows if row[0] not in there])
            vectors.replace([row for row in rows if row[0] in there])

    def _meta(self, todo: Plan) -> dict[str, str]:
        return {
            "fingerprint": json.dumps(fingerprint(self.embedder, self.settings)),
            "corpus": str(self.settings.corpus.resolve()),
            "refreshed": datetime.now(UTC).isoformat(timespec="seconds"),
            "duplicates": json.dumps([(d.origin, d.kept) for d in todo.duplicates]),
            "failed": json.dumps([(u.origin, u.reason) for u in todo.failed]),
            SEEN: todo.seen,
        }

    def _switch(self, todo: Plan, chunked: Chunked) -> None:
        self.library.switch(
            put=chunked,
            drop=todo.removed,
            files=todo.files,
            entries=todo.entries,
            meta=self._meta(todo),
        )

    def _tick(self, phase: Phase, done: int, total: int) -> None:
        """Tell how far it is; the place where a refresh can be stopped."""
        if self.cancel.is_set():
            raise RefreshCancelled("The refresh was stopped. Nothing changed; what was embedded is kept.")
        self.options.on_progress(Progress(phase, done, total))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
