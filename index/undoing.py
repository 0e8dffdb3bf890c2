"""An undo: the articles as they were before the last change, without reading the folder or the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.changing import Change
from index.errors import NothingToUndo
from index.library import Library
from index.reports import Generation, Undone
from index.snapshot import NO_UNDO, Row, Snapshot
from index.store import VectorStore
from index.surveying import SEEN

NOTHING = "No refresh has changed anything yet, so there is nothing to undo."


def undoable(known: Snapshot) -> list[Generation]:
    """The changes that are kept, the last first. Raises NothingToUndo, with why, where there are none."""
    kept = known.generations()
    if not kept:
        raise NothingToUndo(known.meta(NO_UNDO) or NOTHING)
    return kept


def undo(library: Library, store: VectorStore) -> Undone:
    """Go back by the last of the changes that are kept. Raises NothingToUndo."""
    with library.snapshot() as known:
        change = undoable(known)[0].number
        back, out, passages = known.undoable(change)
        doomed = known.passage_ids([*back, *out])

    def rows(ids: Sequence[str]) -> list[Row]:
        with library.snapshot() as known:
            return known.earlier_rows(change, ids)

    def switch(meta: Mapping[str, str]) -> None:
        # The folder still holds the change: the next refresh has to compare it anew.
        library.restore({SEEN: "", **meta})

    Change(library, store, frozenset(doomed), passages, rows, switch)()
    # No vector is collected: those of the change are wanted again when it is made again.
    with library.snapshot() as known:
        return Undone(tuple(back), tuple(out), int(known.meta("generation") or 0))
