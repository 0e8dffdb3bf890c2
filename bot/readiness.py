"""Whether the index can answer yet: the bot is online before the model and Chroma have loaded."""

from __future__ import annotations

import asyncio
import logging
import time

from index.desk import Desk
from index.errors import FootnoteError, IndexBusy
from index.reports import Progress, RefreshOptions

log = logging.getLogger(__name__)

RETRY = 5.0
"""Seconds until an index that another process holds is tried again."""
RETRY_BROKEN = 60.0
"""The same for what somebody has to mend: a folder that is not there, a disk that is full."""


class Readiness:
    """Loads the index in the background; questions wait for it."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is loaded before `load` runs."""
        self._desk = desk
        self._ready = asyncio.Event()
        self.progress: Progress | None = None
        """How far the building of a first index is; None while there is none to build."""
        self.failure: FootnoteError | None = None
        """Why it cannot be loaded, as long as that is so."""
        self.seconds = 0.0
        """How long the loading took."""

    @property
    def ready(self) -> bool:
        """Whether questions are answered at once."""
        return self._ready.is_set()

    async def load(self) -> None:
        """Build the index if there is none, and load what answers need; try until that is done."""
        while not await self.try_again():
            await asyncio.sleep(RETRY if isinstance(self.failure, IndexBusy) else RETRY_BROKEN)

    async def try_again(self) -> bool:
        """Do so once, as when somebody has mended the index; whether it is done."""
        if self.ready:
            return True
        began = time.perf_counter()
        try:
            await self._desk.prepare(RefreshOptions(on_progress=self._tell))
            await self._desk.warm()
            await self._desk.search("news", limit=1)  # what loads at the first use
        except FootnoteError as error:
            self._failed(error)
            return False
        self.failure, self.progress = None, None
        self.seconds = time.perf_counter() - began
        self._ready.set()
        return True

    async def wait(self, seconds: float) -> None:
        """Wait until questions are answered. Raises why they are not, or TimeoutError."""
        if self.failure is not None and not isinstance(self.failure, IndexBusy):
            raise self.failure
        await asyncio.wait_for(self._ready.wait(), seconds)

    def _tell(self, progress: Progress) -> None:
        self.progress = progress  # from the refresh's thread; an assignment is atomic

    def _failed(self, error: FootnoteError) -> None:
        if str(error) != str(self.failure):
            log.error("The index cannot be loaded: %s", error)
        self.failure = error
