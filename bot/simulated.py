"""A simulated Discord around the real bot, shown in a browser. simcord does the simulating."""

from __future__ import annotations

import asyncio
import contextvars
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import discord
import simcord
from simcord.preview import Preview, _markdown

from bot.app import FootnoteBot
from bot.ledger import Ledger
from bot.settings import BotSettings
from index.desk import Desk
from index.errors import SettingsError

T = TypeVar("T")

LOADING = 600.0
"""Seconds that the model and the vectors may take to load."""
SETTLING = 120.0
"""Seconds that one click or command may take."""
LOOK = 0.25
"""Seconds between looks at whether the bot has changed a message by itself."""


class Beside:
    """Where work goes on that simcord does not wait for.

    simcord ends a click only when the bot has nothing left to do. A refresh with its progress, and the
    schedule that looks every minute, are not part of a click: what the context says belongs to it.
    """

    def __init__(self) -> None:
        """Made where no work of the bot is under way."""
        self._context = contextvars.copy_context()

    def opened(self, env: simcord.Env) -> None:
        """The bot runs: from now on with simcord's way to answer interactions."""
        with env.time_context():
            self._context = contextvars.copy_context()

    def call(self, work: Callable[[], T]) -> T:
        """Call something there; the tasks that it starts stay there."""
        return self._context.copy().run(work)


class PreviewBot(FootnoteBot):
    """The bot as it is in Discord; only what it does beside the interactions runs elsewhere."""

    def __init__(self, desk: Desk, ledger: Ledger, settings: BotSettings) -> None:
        """As FootnoteBot."""
        self.beside = Beside()
        self.begun = 0
        """How much was begun beside what people do, since the start."""
        self._for_ever: frozenset[Any] = frozenset()
        super().__init__(desk, ledger, settings)

    @property
    def busy(self) -> bool:
        """Whether something goes on beside what people do."""
        return bool(self._chores - self._for_ever)

    def opened(self, env: simcord.Env) -> None:
        """The bot has started in this world; what goes on already goes on for ever."""
        self._for_ever = frozenset(self._chores)
        self.beside.opened(env)

    def chore(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside."""
        self.begun += 1
        self.beside.call(lambda: super(PreviewBot, self).chore(work))


@dataclass(frozen=True, slots=True)
class World:
    """A small server with the bot in it."""

    env: simcord.Env
    bot: PreviewBot
    channel: Any
    member: Any
    moderator: Any

    @asynccontextmanager
    async def shown(
        self, *, moderator: bool = False, port: int = 0, **options: Any
    ) -> AsyncIterator[Preview]:
        """Open it to browsers of this machine; `moderator`: who one is at first. Raises SettingsError."""
        _show_small_text()
        viewers = [self.moderator, self.member] if moderator else [self.member, self.moderator]
        preview = self.env.preview(self.channel, viewers=viewers, layout="channel", port=port, **options)
        try:
            await preview.__aenter__()
        except simcord.SetupError as error:
            raise SettingsError(f"The preview cannot be opened: {error}.") from None
        publishing = asyncio.create_task(self._publish(preview))
        try:
            yield preview
        finally:
            publishing.cancel()
            await preview.close()

    async def _publish(self, preview: Preview) -> None:
        """Show what the bot changes by itself; what follows a click is shown by simcord."""
        # Work may begin and end between two looks: it is shown because it was begun, not because it goes on.
        seen, shown = 0, self.bot.begun
        while True:
            await asyncio.sleep(LOOK)
            busy, begun, sent = self.bot.busy, self.bot.begun, len(self.env.http_requests)
            if sent == seen or not (busy or begun != shown):
                continue
            try:
                await preview.refresh()
            except simcord.SetupError:
                continue  # somebody clicks at this very moment: at the next look
            seen = sent
            if not busy:
                shown = begun


def _show_small_text() -> None:
    """Discord shows `-# ` as small text in descriptions and fields too; simcord 3.2 in messages alone."""
    policies = getattr(_markdown, "_FIELD_POLICIES", {})
    for place in ("embed_description", "embed_field_value"):
        policies.get(place, {})["subtext"] = True


@asynccontextmanager
async def world(desk: Desk, settings: BotSettings) -> AsyncIterator[World]:
    """The server "Newsroom" with a member and a moderator; it is gone afterwards, with all that was said.

    The desk stays open.
    """
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="footnote-"))
        ledger = Ledger(Path(folder) / "preview.db")
        stack.push_async_callback(ledger.close)
        bot = PreviewBot(desk, ledger, settings)
        env = simcord.Env(bot, settle_timeout=SETTLING, shard_count=1)
        await env.start()
        stack.push_async_callback(env.shutdown)
        stack.push_async_callback(bot.close)
        # Its clock stands still, but at today: the bot counts questions by the day.
        await env.advance_time(max(0.0, (datetime.now(UTC) - env.now()).total_seconds()))
        bot.opened(env)
        if bot.user is not None:
            await bot.user.edit(username="Footnote")
        guild = env.create_guild(name="Newsroom")
        channel = guild.create_text_channel("ask-the-news", topic="Type /ask")
        manage = discord.Permissions(manage_guild=True)
        moderators = guild.create_role("Moderators", permissions=manage)
        member = guild.add_member(env.create_user("alice", global_name="Alice"))
        moderator = guild.add_member(
            env.create_user("milda", global_name="Milda (moderator)"), roles=[moderators]
        )
        await bot.readiness.wait(LOADING)
        await env.settle()
        yield World(env, bot, channel, member, moderator)
