"""A message that is edited while its answer grows: at most once a second, never after the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import discord

from bot.trouble import is_gone

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds from the beginning of an edit to that of the next."""


@dataclass(frozen=True, slots=True)
class Interim:
    """What a message shows for now."""

    embeds: tuple[discord.Embed, ...]


async def rest() -> None:
    """The time that an edit keeps the next one waiting."""
    await asyncio.sleep(EVERY)


class Edits:
    """Shows what it is offered last. As long as it is entered; whoever leaves it may edit the message.

    What goes wrong with an edit is let go: the next one, or the answer, stands in its place.
    """

    def __init__(self, edit: Callable[[Interim], Awaitable[object]]) -> None:
        """`edit` changes the message; None from it, or an error that it is gone, ends the edits."""
        self._edit = edit
        self._next: Callable[[], Interim] | None = None
        self._shown: Interim | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def offer(self, made: Callable[[], Interim]) -> None:
        """Show what `made` makes, at once or when a second has passed; what was offered before is dropped."""
        if self._closed:
            return
        self._next = made
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def __aenter__(self) -> Self:
        """Begin."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for an edit under way, which Discord might take after the last one, and its second to pass."""
        self._closed, self._next = True, None
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while self._next is not None:
            made, self._next = self._next, None
            try:
                await self._show(made())
            except Exception as error:  # an edit is a courtesy: whatever is wrong with it, the answer comes
                log.info("An answer that grows was not shown: %s", type(error).__name__)
                self._closed = self._closed or is_gone(error)

    async def _show(self, interim: Interim) -> None:
        if interim == self._shown:
            return
        edited, _ = await asyncio.gather(self._edit(interim), rest(), return_exceptions=True)
        if isinstance(edited, BaseException):
            raise edited
        self._shown = interim
        self._closed = self._closed or edited is None
