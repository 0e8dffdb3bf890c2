"""A refresh: corpus against library -> plan -> new before old -> report.

Vectors are kept by content as soon as they are made, so nothing is embedded twice: what is stopped, or
killed, goes on from there. How library and vector index then change, safe to kill at any moment, stands in
`changing.py`. Where the settings are others than those that built the index, everything is built anew beside
it, and questions are answered from the old one until the switch.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from types import MappingProxyType
from typing import TypeVar

from corpus.article import Article
from index import cost
from index.built import FINGERPRINT, due, elsewhere, fingerprint
from index.changing import Change
from index.chunking import Chunker
from index.earlier import Keeping
from index.embedding import Embedder
from index.errors import FootnoteError, IndexMismatch, RefreshCancelled
from index.library import Library, vector_key
from index.loading import many
from index.planning import Plan, plan
from index.reports import Cancel, Estimate, Phase, Progress, RefreshOptions, RefreshReport
from index.settings import Settings
from index.snapshot import Row, Snapshot
from index.store import VectorStore
from index.surveying import SEEN, survey
from index.types import Passage

COMMIT = 32
"""Passages whose vectors are kept at a time."""
MANY = 500
"""Articles whose passages are so many values that a search for garbage among them stops every thread."""
WINDOW = 1024
"""Passages that are sorted by length together."""
REBUILT = (
    "The index was built anew with other settings ({}). The changes before that cannot be undone: "
    "their passages were made with the settings before."
)
HELD = 0.2
"""Seconds between looks whether a refresh that is held has been stopped."""

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
        """Do it.

        Raises CorpusMissing, RemovalsRefused, CostRefused, IndexMismatch, RefreshCancelled, or what
        `Embedder.passages` raises.
        """
        began = time.perf_counter()
        with self.library.snapshot() as known:
            other = due(known, self.embedder, self.settings)
            todo = self._plan(known, other)
            doomed = known.passage_ids([*todo.removed, *(a.id for a in todo.put)])
        embedded, estimate = 0, None
        if self.options.dry_run:
            estimate = self._estimate(todo)
        else:
            embedded = self._carry_out(todo, doomed, REBUILT.format(other) if other else "")
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
            estimate=estimate,
            anew=todo.anew,
        )

    def _plan(self, known: Snapshot, other: str) -> Plan:
        """`other`: what the settings would have otherwise than those that built the index."""
        only, anew = self.options.only, bool(self.options.rebuild or other)
        if only is not None:
            self._joins(known, other)
        if anew or known.meta("refreshed") is None:
            only = None  # a part alone would pass for the whole
        found = survey(
            self.settings.corpus,
            known,
            self.settings.max_file_mb,
            lambda done, total: self._tick("reading", done, total),
            only,
        )
        return plan(found, known, anew=anew, allow_removals=self.options.allow_removals)

    def _joins(self, known: Snapshot, other: str) -> None:
        """Raise IndexMismatch where a part alone would be of another kind than the rest."""
        if wrong := elsewhere(known, self.settings):
            raise IndexMismatch(wrong)
        if other and not self.options.rebuild:
            raise IndexMismatch(
                f"The index was built with other settings ({other}), so nothing can be added to it or taken "
                "out alone. Build it anew with: footnote refresh"
            )

    def _carry_out(self, todo: Plan, doomed: Sequence[str], final: str) -> int:
        """`final`: why the change cannot be undone."""
        if todo.same and not todo.anew:
            self.library.set_meta(self._meta(todo))
            return 0
        if todo.idle:
            self._switch(todo, [], final)
            return 0
        chunked = self._chunk(todo.put)
        embedded = self._embed(chunked)
        self._tick("indexing", 0, sum(len(passages) for _, passages in chunked))
        self._change(todo, chunked, doomed, final)
        if todo.only is None:  # what a larger refresh has embedded, and not put in yet, waits for it
            self.library.collect()
        return embedded

    def _change(self, todo: Plan, chunked: Chunked, doomed: Sequence[str], final: str) -> None:
        place = {passage.id: (article, key) for article, passages in chunked for passage, key in passages}

        def rows(ids: Sequence[str]) -> list[Row]:
            wanted = [(id_, *place[id_]) for id_ in ids]
            with self.library.snapshot() as known:
                made = known.vectors_by_key(key for _, _, key in wanted)
            return [(id_, made[key], article.source, article.published) for id_, article, key in wanted]

        Change(
            self.library,
            self.store,
            frozenset(doomed),
            list(place),
            rows,
            lambda meta: self._switch(todo, chunked, final, meta),
            lambda done, total: self._tick("indexing", done, total),
            todo.anew,
        )()

    def _chunk(self, articles: Sequence[Article]) -> Chunked:
        chunked = []
        with many() if len(articles) >= MANY else nullcontext():
            for number, article in enumerate(articles):
                self._tick("reading", number, len(articles))
                passages = self.chunker.passages(article)
                chunked.append((article, [(p, vector_key(self.embedder.name, p)) for p in passages]))
        return chunked

    def _estimate(self, todo: Plan) -> Estimate | None:
        if self.embedder is self.embedder.bundled:  # passages need not be made
            return None
        return cost.estimate(self._missing(self._chunk(todo.put)).values(), self.embedder, self.settings)

    def _missing(self, chunked: Chunked) -> dict[str, Passage]:
        """The passages that the library has no vectors for, by their keys."""
        wanted = {key: passage for _, passages in chunked for passage, key in passages}
        with self.library.snapshot() as known:
            there = known.known_vectors(wanted)
            if there and not self.embedder.dimensions:  # a refresh that was killed left them
                self.embedder.expect(known.vectors_by_key([next(iter(there))]).popitem()[1].size)
        return {key: passage for key, passage in wanted.items() if key not in there}

    def _embed(self, chunked: Chunked) -> int:
        """Embed what the library has no vectors for; how many passages that were."""
        missing = self._missing(chunked)
        cost.agreed(missing.values(), self.embedder, self.settings, self.options.budget)
        left = {passage.id: key for key, passage in missing.items()}
        total = len(left)
        self._tick("embedding", 0, total)
        while left:
            window = [missing[key] for key in islice(left.values(), WINDOW)]
            # Closed where a cancel or a pause leaves it early, so that no batch is computed for nobody.
            with closing(self.embedder.passages(window, self._heed)) as made:
                for rows in _batches(made, COMMIT):
                    self.library.add_vectors((left[passage.id], vectors) for passage, vectors in rows)
                    for passage, _ in rows:
                        del left[passage.id]
                    if self.options.pause.asked:
                        break
                    self._heed()
                    self._tell("embedding", total - len(left), total)
            self._tick("embedding", total - len(left), total)
        return total

    def _meta(self, todo: Plan) -> dict[str, str]:
        failed, duplicates = todo.said
        return {
            FINGERPRINT: json.dumps(fingerprint(self.embedder, self.settings)),
            "corpus": str(self.settings.corpus.resolve()),
            "refreshed": datetime.now(UTC).isoformat(timespec="seconds"),
            "duplicates": json.dumps([(d.origin, d.kept) for d in (*todo.duplicates, *duplicates)]),
            "failed": json.dumps([(u.origin, u.reason) for u in (*todo.failed, *failed)]),
            SEEN: todo.seen,
        }

    def _switch(
        self, todo: Plan, chunked: Chunked, final: str, meta: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.library.switch(
            put=chunked,
            drop=todo.removed,
            files=todo.files,
            entries=todo.entries,
            meta={**self._meta(todo), **meta},
            only=todo.only,
            keeping=Keeping(self.settings.keep_generations, todo.unchanged_put, final),
        )

    def _tick(self, phase: Phase, done: int, total: int) -> None:
        """Tell how far it is; the place where a refresh can be held, and stopped.

        Nothing is locked here that a question needs, and nothing half written.
        """
        if self.options.pause.asked:
            self.options.on_progress(Progress(phase, done, total, paused=True))
            while not (self.cancel.is_set() or self.options.pause.over(HELD)):
                pass  # `over` is what waits
        self._heed()
        self._tell(phase, done, total)

    def _heed(self) -> None:
        if self.cancel.is_set():
            raise RefreshCancelled("The refresh was stopped. Nothing changed; what was embedded is kept.")

    def _tell(self, phase: Phase, done: int, total: int) -> None:
        self.options.on_progress(Progress(phase, done, total))


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items. An error in between comes after what came before it."""
    batch: list[T] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == size:
                yield batch
                batch = []
    except FootnoteError:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
