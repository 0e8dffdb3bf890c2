"""Refreshes that nobody has to start: every so many hours, also after a restart."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from index.errors import FootnoteError
from index.reports import RefreshOptions

if TYPE_CHECKING:
    from bot.moderating import Moderation

log = logging.getLogger(__name__)

HOURS, LAST, PAUSED = "schedule_hours", "schedule_last", "schedule_paused"
"""Keys of the ledger: refresh every so many hours; when the last one ran; "1" while it is paused."""
LOOK = 60.0
"""Seconds between looks at the schedule."""


class Schedule:
    """Kept in the ledger; an undo pauses it."""

    def __init__(self, moderation: Moderation) -> None:
        """Nothing runs before `keep`."""
        self._moderation = moderation
        self._ledger = moderation.bot.ledger
        self._looked = False

    async def hours(self) -> int:
        """How often the index is refreshed by itself, in hours; 0 for never."""
        return int(await self._ledger.value(HOURS) or 0)

    async def paused(self) -> bool:
        """Whether an undo has paused it."""
        return await self._ledger.value(PAUSED) == "1"

    async def set(self, hours: int) -> None:
        """Refresh every so many hours from now on; 0 for never."""
        await self._ledger.set_value(HOURS, str(hours))
        await self.refreshed()

    async def refreshed(self) -> None:
        """Count from now, and end a pause."""
        await self._ledger.set_value(LAST, self._moderation.now().isoformat())
        await self._ledger.set_value(PAUSED, "")

    async def pause(self) -> None:
        """Rest until a moderator refreshes or sets it anew."""
        await self._ledger.set_value(PAUSED, "1")

    async def next(self) -> datetime | None:
        """When the next refresh is due; None where it is off or paused."""
        hours, last = await self.hours(), await self._ledger.value(LAST)
        if not hours or not last or await self.paused():
            return None
        now, counted = self._moderation.now(), datetime.fromisoformat(last)
        if counted > now:  # noted by a clock that was wrong, perhaps by years
            return now
        return counted + timedelta(hours=hours)

    async def due(self) -> bool:
        """Whether it is time for a refresh by itself, or the bot was started with other settings."""
        due = await self.next()
        if due is None or self._moderation.running is not None:
            return False
        return self._moderation.now() >= due or await self._settings_differ()

    async def _settings_differ(self) -> bool:
        """Whether other settings built the index; looked at once, so that a failure is not repeated."""
        if self._looked:
            return False
        self._looked = True
        return bool((await self._moderation.bot.desk.status()).due)

    async def keep(self) -> None:
        """Refresh whenever it is due; runs as long as the bot."""
        while True:
            await asyncio.sleep(LOOK)
            try:
                if self._moderation.bot.readiness.ready and await self.due():
                    await self._refresh()
            except FootnoteError as error:  # the history and the log channel have it
                log.warning("The scheduled refresh failed: %s", error)
            except Exception:  # one failure must not end the schedule for good
                log.exception("The scheduled refresh failed")

    async def _refresh(self) -> None:
        moderation = self._moderation
        # Counted from its start, so that a failure is not tried again every minute.
        await self._ledger.set_value(LAST, moderation.now().isoformat())
        running = moderation.claim(moderation.itself(), "refresh")
        try:
            await moderation.refresh(running, RefreshOptions())
        finally:
            moderation.release(running)
