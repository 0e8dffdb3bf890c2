"""The desk's threads, by how soon somebody waits for what they do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from index.reports import Cancel
from index.yielding import step_back

T = TypeVar("T")


class Threads:
    """Runs blocking work beside the event loop."""

    def __init__(self) -> None:
        """No thread is started before there is work."""
        self._answers = ThreadPoolExecutor(4, "desk")
        # Reads of the library alone, which must not wait behind questions.
        self._quick = ThreadPoolExecutor(2, "desk-quick")
        # Changes, one at a time: a second one is refused there.
        self._slow = ThreadPoolExecutor(2, "desk-slow", step_back)

    async def answer(self, work: Callable[[], T]) -> T:
        """A question, and what is like one."""
        return await asyncio.get_running_loop().run_in_executor(self._answers, work)

    async def read(self, work: Callable[[], T]) -> T:
        """What takes a moment."""
        return await asyncio.get_running_loop().run_in_executor(self._quick, work)

    async def change(self, work: Callable[[], T]) -> T:
        """What answers come before."""
        return await asyncio.get_running_loop().run_in_executor(self._slow, work)

    async def stoppable(self, work: Callable[[Cancel], T]) -> T:
        """A change that ends cleanly, and is waited for, when who asked for it is cancelled."""
        cancel = Cancel()
        working = asyncio.ensure_future(self.change(lambda: work(cancel)))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            cancel.set()
            await asyncio.wait([working])
            if not working.cancelled():
                working.exception()
            raise

    def beside(self, work: Callable[[], object]) -> None:
        """Begin what a question will need; nobody waits for it."""
        self._answers.submit(work)

    async def close(self) -> None:
        """Wait for what is under way; what has not begun is dropped."""
        for pool in (self._answers, self._quick, self._slow):
            pool.shutdown(wait=False, cancel_futures=True)
            await asyncio.to_thread(pool.shutdown)
