"""Looks over settings, model, library and vectors, and says how to mend what it finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

from corpus import reading
from index.built import due, elsewhere, hindrance, model
from index.embedders import builder_of
from index.embedding import Embedder, Vector
from index.errors import FootnoteError, IndexBusy
from index.library import Library
from index.locking import OneProcess
from index.settings import Settings
from index.store import VectorStore
from index.types import Check, Filters

SAMPLE = 20
"""Passages whose vectors are looked up."""


def examine(
    settings: Settings,
    embedder: Embedder,
    owner: OneProcess,
    open_index: Callable[[], tuple[Library, VectorStore]],
) -> list[Check]:
    """Every check in turn; a check that cannot run is one that failed."""
    steps: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("corpus", lambda: _corpus(settings)),
        ("model", lambda: _model(embedder)),
        ("one process", lambda: _owner(owner, settings)),
        ("library", lambda: _library(open_index()[0])),
        ("settings", lambda: _settings(open_index()[0], embedder, settings)),
        ("vectors", lambda: _vectors(owner, settings, *open_index())),
    )
    return list(_each(steps))


def _each(steps: tuple[tuple[str, Callable[[], Check]], ...]) -> Iterator[Check]:
    for name, step in steps:
        try:
            yield step()
        except FootnoteError as error:
            yield Check(name, False, str(error))
        except (sqlite3.Error, OSError) as error:
            yield Check(name, False, f"{type(error).__name__}: {error}", "Run: footnote refresh --rebuild")


def _corpus(settings: Settings) -> Check:
    if not settings.corpus.is_dir():
        return Check(
            "corpus",
            False,
            f"{settings.corpus} is not a folder.",
            "Name another with --corpus or FOOTNOTE_CORPUS.",
        )
    files, refused = reading.walk(settings.corpus)
    return Check("corpus", True, f"{settings.corpus}: {len(files)} files to read, {len(refused)} refused.")


def _model(embedder: Embedder) -> Check:
    near = embedder.question("The troops arrived in Romania.") @ embedder.question(
        "Soldiers came to Romania."
    )
    far = embedder.question("The troops arrived in Romania.") @ embedder.question(
        "Bake the bread for an hour."
    )
    # How far apart two vectors lie that have nothing in common differs much from model to model.
    sound = near > far + (0.2 if embedder is embedder.bundled else 0.0)
    return Check(
        "model",
        bool(sound),
        f"{embedder.name}, {embedder.dimensions} dimensions.",
        "" if sound else "Run: make setup",
    )


def _owner(owner: OneProcess, settings: Settings) -> Check:
    if settings.server is None:
        owner.acquire()
        return Check("one process", True, "No other process uses the index.")
    try:
        with owner.alone(wait=0.0):
            return Check("one process", True, "No other process changes the index.")
    except IndexBusy as busy:
        return Check("one process", True, str(busy))


def _library(library: Library) -> Check:
    with library.snapshot() as known:
        wrong = known.damage()
        counts = f"{known.count('articles')} articles, {known.count('passages')} passages."
    if wrong:
        mend = f"Move {library.file} away and run: footnote refresh"
        return Check("library", False, f"SQLite finds damage: {wrong}", mend)
    return Check("library", True, counts)


def _settings(library: Library, embedder: Embedder, settings: Settings) -> Check:
    with library.snapshot() as known:
        asking = builder_of(model(known), embedder, settings) or embedder
        wrong = elsewhere(known, settings) or hindrance(known, asking, settings)
        other = due(known, embedder, settings)
    if wrong:
        return Check("settings", False, wrong)
    if other:
        detail = f"The index was built with other settings ({other}). It answers as it was built."
        return Check("settings", False, detail, "Build it anew with: footnote refresh")
    return Check("settings", True, "The index was built with these settings.")


def _vectors(owner: OneProcess, settings: Settings, library: Library, store: VectorStore) -> Check:
    if settings.server is None:
        owner.acquire()  # a second client on the folder would damage what it looks at
    index, place = store.opened(), store.place()
    with library.snapshot() as known:
        total = known.count("passages")
        sample = [row for rows in known.vectors(max(1, total // SAMPLE)) for row in rows[:1]]
    lost = [id_ for id_, vector, _, _ in sample if not _finds(store, id_, vector)]
    if index.count() != total or lost:
        return Check(
            "vectors",
            False,
            f"{place} has {index.count()} of {total} passages; {len(lost)} of {len(sample)} are not found.",
            "Run: footnote refresh --rebuild",
        )
    return Check("vectors", True, f"{place} has all {total} passages; {len(sample)} looked up and found.")


def _finds(store: VectorStore, passage_id: str, vector: Vector) -> bool:
    """Whether the passage, or one with the same words, is nearest to its own vector."""
    near = store.nearest(vector, 5, Filters())
    return passage_id in {id_ for id_, _ in near} or bool(near and near[0][1] > 0.999)
