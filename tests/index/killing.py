"""A process that refreshes in children of its own, which die by SIGKILL at a chosen moment.

Forks after the slow imports, so that twenty deaths cost no more than one start. One order a line on
standard input, one result a line on standard output. It opens nothing itself that a child inherits,
but the model.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  # so that the children need not
import llama_index.core.node_parser  # noqa: F401  # likewise

from index import building, refreshing
from index.embedding import PassageVectors
from index.reports import Progress
from index.served import ServedStore
from index.types import Passage
from index.undoing import undo
from tests.index.workshop import CountingEmbedder, Workshop

STEPS = ("switch", "collect", "set_meta", "add_vectors", "restore")
"""Methods of the library before and after which a child can die."""


def main() -> None:
    """Read orders, obey them."""
    refreshing.COMMIT = ServedStore.step = 8
    model = Noting()
    model.question("load")
    for line in sys.stdin:
        order = json.loads(line)
        began = time.monotonic()
        child = os.fork()
        if not child:
            model.notes = Path(order["notes"])
            settings = order.get("settings", {})
            refresh(Workshop(Path(order["corpus"]), Path(order["data"]), model, **settings), order)
        if "seconds" in order:
            time.sleep(order["seconds"])
            os.kill(child, signal.SIGKILL)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(json.dumps({"code": code, "seconds": time.monotonic() - began}) + "\n")
        sys.stdout.flush()


def refresh(workshop: Workshop, order: dict[str, Any]) -> None:
    """One refresh, or undo, to its end, or to the point of the order; never returns."""

    def on_progress(progress: Progress) -> None:
        if [progress.phase, progress.done] == order.get("at"):
            die()

    if order.get("copy"):  # as for a large change
        building.FEW, building.ROWS = 0, 8
    for step in STEPS:
        if order.get("before") == step:
            setattr(workshop.library, step, dying(getattr(workshop.library, step), after=False))
        if order.get("after") == step:
            setattr(workshop.library, step, dying(getattr(workshop.library, step), after=True))
    if order.get("undo"):
        undo(workshop.library, workshop.store)
    else:
        workshop.refresh(on_progress=on_progress, rebuild=order.get("rebuild", False))
    workshop.close()
    os._exit(0)


def die() -> None:
    """As kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(work: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """The same work, at whose begin or end the process dies."""

    def work_and_die(*args: Any, **named: Any) -> None:
        if after:
            work(*args, **named)
        die()

    return work_and_die


class Noting(CountingEmbedder):
    """The model, which writes down what it reads where a killed process leaves it."""

    notes = Path(os.devnull)

    def passages(
        self, passages: Sequence[Passage], tick: Callable[[], None] = lambda: None
    ) -> Generator[tuple[Passage, PassageVectors], None, None]:
        with self.notes.open("a") as notes:
            notes.writelines(f"{passage.id}\n" for passage in passages)
        return super().passages(passages, tick)


if __name__ == "__main__":
    main()
