"""Looks over settings, models, library and vectors, and says how to mend what it finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import replace
from types import MappingProxyType

from corpus import reading
from index import llm_check, soundness
from index.built import due, elsewhere, hindrance
from index.embedders import Embedders
from index.embedding import Embedder
from index.errors import FootnoteError, IndexBusy
from index.leftovers import leftovers
from index.library import Library
from index.locking import OneProcess
from index.matrix import Matrix
from index.reports import Check
from index.settings import Settings
from index.store import VectorStore

REPAIR = "Run: footnote doctor --repair"


def examine(
    settings: Settings,
    models: Embedders,
    owner: OneProcess,
    open_index: Callable[[], tuple[Library, VectorStore]],
    columns: Callable[[], Matrix],
    mended: Mapping[str, str] = MappingProxyType({}),
) -> list[Check]:
    """Every check in turn; a check that cannot run is one that failed.

    Nothing is changed, but that a broken vector index is filled anew when it is opened, as always.
    `mended`: what repairs have found and done, by the name of the check that tells it.
    """
    steps: tuple[tuple[str, Callable[[], Check]], ...] = (
        ("corpus", lambda: _corpus(settings)),
        ("model", lambda: _model(models.fresh())),
        ("one process", lambda: _owner(owner, settings)),
        ("library", lambda: _library(open_index()[0])),
        ("articles", lambda: _articles(owner, settings, open_index()[0])),
        ("settings", lambda: _settings(open_index()[0], models, settings)),
        ("vectors", lambda: _vectors(owner, settings, *open_index())),
        ("columns", lambda: _columns(owner, settings, columns())),
        ("leftovers", lambda: _leftovers(settings, open_index()[0])),
        *([(llm_check.NAME, lambda: llm_check.look(settings))] if settings.llm else ()),
    )
    return [_told(check, mended.get(check.name, "")) for check in _each(steps)]


def _told(check: Check, mended: str) -> Check:
    return replace(check, detail=f"{mended} Now: {check.detail}") if mended else check


def _each(steps: tuple[tuple[str, Callable[[], Check]], ...]) -> Iterator[Check]:
    for name, step in steps:
        try:
            yield step()
        except FootnoteError as error:
            yield Check(name, False, str(error))
        except (sqlite3.Error, OSError) as error:
            yield Check(name, False, f"{type(error).__name__}: {error}", REPAIR)


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
    with closing(embedder):
        first = embedder.question("The troops arrived in Romania.")
        near = first @ embedder.question("Soldiers came to Romania.")
        far = first @ embedder.question("Bake the bread for an hour.")
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


def _still(owner: OneProcess, settings: Settings) -> AbstractContextManager[None]:
    """A block in which nobody else changes the index. Raises IndexBusy."""
    if settings.server is not None:
        return owner.alone()
    owner.acquire()
    return nullcontext()


def _library(library: Library) -> Check:
    with library.snapshot() as known:
        wrong = known.damage()
        counts = f"{known.count('articles')} articles, {known.count('passages')} passages."
    if wrong:
        return Check("library", False, f"SQLite finds damage: {wrong}", REPAIR)
    return Check("library", True, counts)


def _articles(owner: OneProcess, settings: Settings, library: Library) -> Check:
    with _still(owner, settings):  # all of it is read in one transaction
        found = library.within(soundness.look)
    if found:
        return Check("articles", False, f"Found {found}.", REPAIR)
    return Check("articles", True, "All have their words, passages and vectors, and can be found.")


def _settings(library: Library, models: Embedders, settings: Settings) -> Check:
    with library.snapshot() as known:
        wrong = elsewhere(known, settings) or hindrance(known, models.asking(known), settings)
        other = due(known, models.now, settings)
    if wrong:
        return Check("settings", False, wrong)
    if other:
        detail = f"The index was built with other settings ({other}). It answers as it was built."
        return Check("settings", False, detail, "Build it anew with: footnote refresh")
    return Check("settings", True, "The index was built with these settings.")


def _vectors(owner: OneProcess, settings: Settings, library: Library, store: VectorStore) -> Check:
    if settings.server is None:
        owner.acquire()  # a second client on the folder would damage what it looks at
    before = store.folder
    store.opened()
    place = store.place()
    filled = " It was broken, and was filled anew from the library when it was opened."
    said = filled if store.folder != before and before is not None else ""
    wrong = store.differences()
    if wrong:
        return Check("vectors", False, f"{place}: {wrong}.{said}", REPAIR)
    with library.snapshot() as known:
        total = known.count("passages")
    return Check("vectors", True, f"{place} has all {total} passages, and finds them.{said}")


def _columns(owner: OneProcess, settings: Settings, columns: Matrix) -> Check:
    with _still(owner, settings):
        wrong = columns.differing()
    if wrong:
        said = f"The files for exact search hold {wrong} passages with other values."
        return Check("columns", False, said, REPAIR)
    return Check("columns", True, "The files for exact search hold what the library holds.")


def _leftovers(settings: Settings, library: Library) -> Check:
    with library.snapshot() as known:
        found = leftovers(settings, known)
    names = ", ".join(path.name for path in found)
    if found:
        return Check("leftovers", False, f"Left by a process that was killed: {names}.", REPAIR)
    return Check("leftovers", True, "No process that was killed has left anything.")
