"""The seconds between two edits of a message, which pass when a test lets them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field


@dataclass
class Seconds:
    """Stands for `bot.edits.rest`."""

    waiting: list[asyncio.Event] = field(default_factory=list)

    async def rest(self) -> None:
        self.waiting.append(asyncio.Event())
        await self.waiting[-1].wait()

    async def passes(self) -> None:
        for each in self.waiting:
            each.set()
        await turns()


async def turns() -> None:
    """Let everything go on that waits for nothing."""
    for _ in range(20):
        await asyncio.sleep(0)
