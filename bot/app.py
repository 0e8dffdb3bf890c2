"""The bot in Discord: what it listens to, what it is made of, and how it starts and stops."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import aiohttp
import discord
from discord.ext import commands

from bot.asking import Asking
from bot.cogs import COGS
from bot.health import Figures
from bot.ledger import Ledger
from bot.moderating import Moderation
from bot.readiness import Readiness
from bot.settings import BotSettings
from bot.translating import Translator
from bot.tree import Tree
from bot.trouble import is_gone, may_pass
from bot.views import AnswerButton
from index.desk import Desk
from index.errors import FootnoteError

log = logging.getLogger(__name__)

FINISH = 20.0
"""Seconds that answers, commands and buttons under way get when the bot is stopped."""
GOODBYE = 2.0
"""Seconds that are left in any case to tell people that it is."""
UNDER_WAY = ("CommandTree-", "discord-ui-view-dispatch-", "discord-ui-dynamic-item-", "discord-ui-modal-")
EVENTS = frozenset({"discord.py: on_message", "discord.py: on_interaction"})
"""How discord.py names its tasks for commands and buttons, and those for messages and our forms."""
TRY_SYNC_AGAIN = 300.0


class FootnoteBot(commands.AutoShardedBot):
    """Answers questions. Owns nothing that it is given: desk and ledger are closed by who opened them."""

    def __init__(self, desk: Desk, ledger: Ledger, settings: BotSettings) -> None:
        """Nothing is connected or loaded before `start`."""
        # None of these is privileged: no list of members, no message that is not meant for the bot.
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(
            command_prefix=commands.when_mentioned,
            help_command=None,
            tree_cls=Tree,
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=discord.app_commands.AppCommandContext(
                guild=True, dm_channel=True, private_channel=True
            ),
            allowed_installs=discord.app_commands.AppInstallationType(guild=True, user=True),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        self.desk = desk
        self.ledger = ledger
        self.settings = settings
        self.figures = Figures()
        self.readiness = Readiness(desk)
        self.asking = Asking(desk, ledger, self.readiness, self.figures, settings)
        self.moderation = Moderation(self)
        self.figures.gauges.update(self._gauges())
        self._chores: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._closing = asyncio.Lock()

    async def setup_hook(self) -> None:
        """Put the bot together; Discord is connected after this."""
        await self.tree.set_translator(Translator())
        self.add_dynamic_items(AnswerButton)
        for cog in COGS:
            await self.add_cog(cog(self))
        await self._sync()
        self.chore(self._load())
        self.chore(self._prune())

    def _gauges(self) -> dict[str, tuple[str, Callable[[], float]]]:
        """What the metrics show as it is now: its meaning, and how to read it."""
        return {
            "gateway_latency_seconds": ("Seconds to Discord's gateway and back.", lambda: self.latency),
            "servers": ("Servers that the bot is in.", lambda: len(self.guilds)),
            "questions_waiting": ("Questions in the queues.", lambda: self.asking.waiting),
            "ready": ("1 when questions are answered at once.", lambda: self.readiness.ready),
            "refreshing": ("1 while a refresh runs.", lambda: self.moderation.running is not None),
        }

    def healthy(self) -> bool:
        """Whether it is connected to Discord and can answer."""
        return self.is_ready() and not self.is_closed() and self.readiness.ready

    def chore(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside; it is stopped with the bot, and its errors are logged."""
        task = asyncio.create_task(work)
        self._chores.add(task)
        task.add_done_callback(self._chore_done)

    async def on_ready(self) -> None:
        """Say in the log that people can ask."""
        log.warning("Online as %s in %d servers", self.user, len(self.guilds))
        await self._show_state()

    async def on_message(self, message: discord.Message, /) -> None:
        """Nothing: messages are no commands; `cogs/conversation.py` listens to them."""

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """An event that nobody answers for: to the log, without its content."""
        log.exception("The event %s failed", event_method)

    async def close(self) -> None:
        """Stop: no new questions; what is under way is finished, or who asked is told."""
        # discord.py closes too, where Discord ends the connection: it waits for one who has begun.
        async with self._closing:
            if not self._stopping:
                self._stopping = True
                end = time.monotonic() + FINISH
                await self.asking.finish(FINISH)
                await _finish(max(end - time.monotonic(), GOODBYE))
                for task in self._chores:
                    task.cancel()
                await asyncio.gather(*self._chores, return_exceptions=True)
            await super().close()

    async def _load(self) -> None:
        await self.readiness.load()
        if self.readiness.ready:
            log.warning("The index has loaded in %.1f s", self.readiness.seconds)
            await self._say_what_is_due()
            await self._show_state()

    async def _say_what_is_due(self) -> None:
        """Say in the log where the index was built with other settings: it answers, and a refresh is due."""
        with suppress(FootnoteError):  # who asks is told
            due = (await self.desk.status()).due
            if due:
                log.warning(
                    "The index was built with other settings (%s). It answers as it was built; "
                    "/index refresh builds it anew",
                    due,
                )

    async def _show_state(self) -> None:
        """The line under the bot's name: whether it can answer yet."""
        ready = self.readiness.ready
        name = "/ask · answers with footnotes" if ready else "loading its articles …"
        if not self.is_closed() and self.is_ready():
            await self.change_presence(
                activity=discord.CustomActivity(name),
                status=discord.Status.online if ready else discord.Status.idle,
            )

    async def _sync(self) -> None:
        """Give Discord the commands if they changed; later, where it cannot take them now."""
        try:
            await cast(Tree, self.tree).sync_if_changed()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            if not may_pass(error):
                raise
            log.warning("The commands could not be given to Discord yet (%s)", type(error).__name__)
            self.chore(self._sync_later())

    async def _sync_later(self) -> None:
        await asyncio.sleep(TRY_SYNC_AGAIN)
        await self._sync()

    async def _prune(self) -> None:
        """Let go of old answers once a day."""
        while True:
            await self.ledger.prune(datetime.now(UTC))
            await asyncio.sleep(86_400)

    def _chore_done(self, task: asyncio.Task[None]) -> None:
        self._chores.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, FootnoteError) and not is_gone(error):
            log.error("Work beside failed: %s", type(error).__name__, exc_info=error)
        elif error is not None:
            log.warning("Work beside ended early: %s", error)


async def _finish(seconds: float) -> None:
    """Wait for commands, buttons and replies under way, then stop the rest."""
    under_way = {
        task
        for task in asyncio.all_tasks() - {asyncio.current_task()}
        if task.get_name().startswith(UNDER_WAY) or task.get_name() in EVENTS
    }
    if under_way:
        _, late = await asyncio.wait(under_way, timeout=seconds)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=GOODBYE)
