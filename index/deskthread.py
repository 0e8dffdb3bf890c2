"""A desk for code that cannot await: it has an event loop of its own, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Self, TypeVar

from index.desk import Desk

T = TypeVar("T")


class DeskThread:
    """Lends a desk to any thread, to any event loop, and from a loop that is running, as in a notebook.

    It owns the desk: `close` it, or use it in a `with` block. What `work` does runs on the loop of the desk,
    so it must not block. Its errors reach who called.
    """

    def __init__(self, desk: Desk) -> None:
        """Starts the thread. Nothing of the index is opened before it is needed."""
        self._desk = desk
        self._guard = threading.Lock()
        self._closed = False
        self._loop = asyncio.new_event_loop()
        # A program that forgets to close it must be able to end.
        self._thread = threading.Thread(target=self._live, name="desk-loop", daemon=True)
        self._thread.start()

    def run(self, work: Callable[[Desk], Awaitable[T]]) -> T:
        """Do `work` with the desk and wait for it. Raises RuntimeError once it is closed."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("This is the thread of the desk, which would wait for itself. Await instead.")
        future = self._begun(work)
        try:
            return future.result()
        except BaseException:  # Ctrl-C too: what nobody waits for any more is stopped
            future.cancel()
            raise

    async def arun(self, work: Callable[[Desk], Awaitable[T]]) -> T:
        """The same without blocking the loop of who calls; to cancel it stops the work."""
        return await asyncio.wrap_future(self._begun(work))

    def close(self) -> None:
        """Close the desk and end the thread. Waits for what is under way; further calls do nothing."""
        with self._guard:
            if self._closed:
                return
            ended = self._submitted(lambda desk: desk.close())
            self._closed = True
        try:
            ended.result()
        finally:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begun(self, work: Callable[[Desk], Awaitable[T]]) -> Future[T]:
        with self._guard:
            if self._closed:
                raise RuntimeError("The desk is closed. Open another one.")
            return self._submitted(work)

    def _submitted(self, work: Callable[[Desk], Awaitable[T]]) -> Future[T]:
        async def whole() -> T:
            return await work(self._desk)

        return asyncio.run_coroutine_threadsafe(whole(), self._loop)

    def _live(self) -> None:
        loop = self._loop
        try:
            loop.run_forever()
            loop.run_until_complete(_let_down())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


async def _let_down() -> None:
    """Whoever still waits for the loop must hear that there will be no answer."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
