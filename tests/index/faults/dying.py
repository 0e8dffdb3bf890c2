"""A process whose children change an index and die by SIGKILL at a chosen moment.

It forks after the slow imports, so that two hundred deaths cost no more than one start. One order a line on
standard input, one result a line on standard output. It opens nothing itself that a child inherits, but the
model.
"""

from __future__ import annotations

import asyncio
import functools
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  # so that the children need not
import llama_index.core.node_parser  # noqa: F401  # likewise

from index import building, drafting, mending, refreshing
from index.building import Builder
from index.library import Library
from index.mending import Mending
from index.reports import Progress, RefreshOptions
from index.service import IndexDesk
from index.settings import Settings
from index.store import VectorStore
from tests.index.faults import steps
from tests.index.workshop import CountingEmbedder, town

NOTED: dict[Any, tuple[str, ...]] = {
    Library: ("add_vectors", "switch", "restore", "collect", "set_meta", "within"),
    VectorStore: ("fill", "opened"),
    Builder: ("put", "drop", "finish"),
    Mending: ("_set_aside", "_fill", "_take_its_place"),
    drafting: ("write", "take_out"),
}
"""What is written down when it begins and when it has ended, so that it can be told where death came."""


def main() -> None:
    """Read orders, obey them."""
    refreshing.COMMIT, mending.BATCH = 4, 8
    model = CountingEmbedder()
    model.question("load")
    for line in sys.stdin:
        order = json.loads(line)
        began = time.monotonic()
        child = order.get("wait") or os.fork()
        if not child:
            steps.follow(order, model) if "steps" in order else obey(order, model)
        if order.get("start"):  # it is waited for by a later order
            reply(child=child)
            continue
        gone = (0, 0)
        while "seconds" in order and not gone[0] and time.monotonic() - began < order["seconds"]:
            time.sleep(0.002)
            gone = os.waitpid(child, os.WNOHANG)
        if "seconds" in order and not gone[0]:
            os.kill(child, signal.SIGKILL)
        status = gone[1] if gone[0] else os.waitpid(child, 0)[1]
        reply(code=os.waitstatus_to_exitcode(status), seconds=time.monotonic() - began)


def reply(**what: float) -> None:
    """One line."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def obey(order: dict[str, Any], model: CountingEmbedder) -> None:
    """One operation to its end; never returns."""
    notes = os.open(order["notes"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    note = functools.partial(_note, notes)
    for owner, names in NOTED.items():
        for name in names:
            setattr(owner, name, _noted(getattr(owner, name), name.strip("_"), note))
    if order["what"] == "large":
        building.FEW, building.ROWS = 0, 8
    desk = IndexDesk(Settings(corpus=Path(order["corpus"]), data=Path(order["data"])), "dying")
    desk._parts.models.now = model
    note("opening")
    asyncio.run(_operate(desk, order["what"], note))
    note("ended")
    os._exit(0)


async def _operate(desk: IndexDesk, what: str, note: Callable[[str], None]) -> None:
    def on_progress(progress: Progress) -> None:
        note(f"{progress.phase} {progress.done}")

    if what in {"first", "small", "large", "rebuild"}:
        await desk.refresh(RefreshOptions(rebuild=what == "rebuild", on_progress=on_progress))
    elif what == "undo":
        await desk.undo()
    elif what == "add":
        text = f"---\ntitle: Town777 mends its bridge\n---\n{town(777)}\n"
        await desk.add(await desk.draft_file("town-777.md", text.encode()))
    elif what == "remove":
        await desk.remove("town-003.md")
    elif what == "fill":
        await desk.warm()
    else:
        await desk.doctor(repair=True)
    await desk.close()


def _note(notes: int, what: str) -> None:
    os.write(notes, f"{what}\n".encode())


def _noted(work: Callable[..., Any], name: str, note: Callable[[str], None]) -> Callable[..., Any]:
    @functools.wraps(work)
    def noted(*args: Any, **named: Any) -> Any:
        note(f"in {name}")
        try:
            return work(*args, **named)
        finally:
            note(f"after {name}")

    return noted


if __name__ == "__main__":
    main()
