"""How a refresh shows how far it is: a bar on a terminal, a few plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from index.reports import Progress

_PHASES = {
    "reading": "Reading the articles",
    "embedding": "Embedding the passages",
    "indexing": "Writing the index",
    "cleaning up": "Cleaning up",
    "copying": "Copying (MB)",
    "checking": "Checking (MB)",
    "packing": "Packing (MB)",
    "unpacking": "Unpacking (MB)",
}


@contextmanager
def shown_progress(console: Console) -> Iterator[Callable[[Progress], None]]:
    """A function to hand to RefreshOptions; it may be called from any thread."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield _plain_lines(console)
        return
    columns = (
        TextColumn("{task.description}", style="default"),
        BarColumn(bar_width=32, complete_style="cyan", finished_style="cyan", pulse_style="cyan"),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    bar = Bar(*columns, console=console, transient=True)
    try:
        yield _bar(bar)
    finally:
        bar.stop()


def _plain_lines(console: Console) -> Callable[[Progress], None]:
    said: set[str] = set()

    def show(progress: Progress) -> None:
        if progress.phase in said or (progress.phase != "cleaning up" and not progress.total):
            return
        said.add(progress.phase)
        amount = f": {progress.total:,}" if progress.total else ""
        console.print(f"{_PHASES[progress.phase]}{amount} …", soft_wrap=True)

    return show


def _bar(bar: Bar) -> Callable[[Progress], None]:
    width = max(len(name) for name in _PHASES.values())
    tasks: dict[str, TaskID] = {}

    def show(progress: Progress) -> None:
        # Started only now: where nothing is built, nothing may flicker.
        bar.start()
        total = progress.total or None
        if progress.phase not in tasks:
            for task in tasks.values():
                bar.update(task, visible=False)
            tasks[progress.phase] = bar.add_task(_PHASES[progress.phase].ljust(width), total=total)
        bar.update(tasks[progress.phase], completed=progress.done, total=total)

    return show
