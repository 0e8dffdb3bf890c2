"""An undo: the articles as they were before the last change, without reading the folder or the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.changing import Change
from index.errors import NothingToUndo
from index.library import Library
from index.snapshot import NO_UNDO, Row
from index.store import VectorStore
from index.surveying import SEEN
from index.types import Undone


def undo(library: Library, store: VectorStore) -> Undone:
    """Go back once. Raises NothingToUndo."""
    with library.snapshot() as known:
        why_not = known.meta(NO_UNDO)
        back, out, passages = known.undoable()
        doomed = known.passage_ids([*back, *out])
    if why_not or not (back or out):
        raise NothingToUndo(why_not or "No refresh has changed anything yet, so there is nothing to undo.")

    def rows(ids: Sequence[str]) -> list[Row]:
        with library.snapshot() as known:
            return known.undo_rows(ids)

    def switch(meta: Mapping[str, str]) -> None:
        # The folder still holds the change: the next refresh has to compare it anew.
        library.restore({SEEN: "", **meta})

    Change(library, store, frozenset(doomed), passages, rows, switch)()
    # No vector is collected: those of the change are wanted again when it is made again.
    with library.snapshot() as known:
        return Undone(tuple(back), tuple(out), int(known.meta("generation") or 0))
