"""An answer in the terminal while it is looked up and written: a sign of life, then the checked sentences."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from bot.terminal import sentence_lines
from index.desk import Desk, Watch
from index.types import Answer, Question

PATIENCE = 0.2
"""Seconds without a sign of life; most answers take less."""
LOOKING, WRITING = "Looking it up …", "Writing …"


class Growing:
    """What stands on the terminal until the answer does, and is wiped away then; nothing in a pipe."""

    def __init__(self, out: Console) -> None:
        """Enter it in the event loop."""
        self._out = out
        self._live: Live | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def watch(self) -> Watch | None:
        """What shows the answer as it grows; None where nobody would see it."""
        return self.show if self._is_seen else None

    def show(self, answer: Answer) -> None:
        """Show these sentences in place of those before."""
        lines = list(sentence_lines(self._out, answer))
        if lines and self._is_seen:
            # What is higher than the terminal could not be wiped away: its beginning gives way.
            lines = lines[-max(self._out.height - 3, 1) :]
            self._put(Group(*lines, Text(), Spinner("dots", Text(WRITING, "dim"))))

    def __enter__(self) -> Self:
        """Begin; a sign of life follows if it takes long."""
        if self._is_seen:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._wait)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe it away."""
        if self._timer is not None:
            self._timer.cancel()
        if self._live is not None:
            self._live.stop()

    @property
    def _is_seen(self) -> bool:
        return self._out.is_terminal and not self._out.is_dumb_terminal

    def _wait(self) -> None:
        if self._live is None:
            self._put(Spinner("dots", Text(LOOKING, "dim")))

    def _put(self, shown: RenderableType) -> None:
        if self._live is None:
            self._live = Live(console=self._out, transient=True, vertical_overflow="crop")
            self._live.start()
        self._live.update(shown, refresh=True)


async def ask(out: Console, desk: Desk, question: Question) -> Answer:
    """Ask, and show what there is of the answer until it is here."""
    with Growing(out) as growing:
        return await desk.ask(question, growing.watch)
