"""The real bot and the real index in a simulated Discord."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot import edits
from bot.app import FootnoteBot
from bot.ledger import Ledger
from bot.settings import BotSettings
from index import open_desk
from index.desk import Desk
from index.reports import RefreshOptions
from index.settings import Settings
from tests.discord.limits import check_all
from tests.discord.seconds import Seconds

SAMPLE = Settings().corpus


@dataclass
class Footnote:
    """A running bot, and the world around it."""

    env: simcord.Env
    desk: Desk
    settings: Settings
    bot_settings: BotSettings
    guild: Any
    channel: Any
    member: Any
    moderator: Any
    ledgers: list[Ledger] = field(default_factory=list)

    @property
    def bot(self) -> FootnoteBot:
        assert isinstance(self.env.bot, FootnoteBot)
        return self.env.bot

    @property
    def corpus(self) -> Path:
        return self.settings.corpus

    async def restart(self, **changed: Any) -> None:
        """Another process: a new bot with a new ledger object on the same files. The desk stays open."""
        await self.ledgers[-1].close()
        self.ledgers.append(Ledger(self.settings.data_folder / "bot.db"))
        settings = replace(self.bot_settings, **changed)
        await self.env.restart_bot(FootnoteBot(self.desk, self.ledgers[-1], settings))
        await self.env.settle()


@pytest.fixture(scope="session")
def indexed_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the sample corpus and its index."""
    folder = tmp_path_factory.mktemp("discord")
    shutil.copytree(SAMPLE, folder / "corpus")
    settings = Settings(corpus=folder / "corpus", data=folder / "data")
    asyncio.run(indexed(settings))
    return folder


@pytest.fixture
def start(indexed_sample: Path, tmp_path: Path) -> Callable[..., Any]:
    """Start a bot with settings: `async with start(questions_a_minute=2) as footnote`.

    It has a server "Town" with the channel "general", a member "alice" and a moderator "mod".
    """

    @asynccontextmanager
    async def started(folder: Path = indexed_sample, **changed: Any) -> AsyncIterator[Footnote]:
        settings = Settings(corpus=tmp_path / "corpus", data=tmp_path / "data")
        if not settings.data_folder.exists():
            shutil.copytree(folder / "corpus", settings.corpus, dirs_exist_ok=True)
            shutil.copytree(folder / "data", settings.data_folder)
            await indexed(settings)
        bot_settings = replace(BotSettings(), **{"questions_a_minute": 600, **changed})
        async with AsyncExitStack() as stack:
            desk = open_desk(settings, purpose="tests")
            stack.push_async_callback(desk.close)
            ledgers = [Ledger(settings.data_folder / "bot.db")]
            stack.push_async_callback(_close_last, ledgers)
            bot = FootnoteBot(desk, ledgers[0], bot_settings)
            env = simcord.Env(bot, settle_timeout=30.0, shard_count=1)
            await env.start()
            stack.push_async_callback(env.shutdown)
            guild = env.create_guild(name="Town")
            channel = guild.create_text_channel("general")
            moderators = guild.create_role("Moderators", permissions=_manage())
            moderator = guild.add_member(env.create_user("mod"), roles=[moderators])
            member = guild.add_member(env.create_user("alice"))
            await env.settle()
            yield Footnote(env, desk, settings, bot_settings, guild, channel, member, moderator, ledgers)
        # What the bot sent in this test, whatever the test is about: Discord has to take it.
        assert check_all(env.http_requests) == []

    return started


@pytest.fixture
async def footnote(start: Callable[..., Any]) -> AsyncIterator[Footnote]:
    """A bot with the default settings, and no limit to questions."""
    async with start() as running:
        yield running


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    """The seconds between edits of an answer that grows."""
    made = Seconds()
    monkeypatch.setattr(edits, "rest", made.rest)
    return made


async def indexed(settings: Settings) -> None:
    """Bring an index to its corpus; one that was built elsewhere belongs here then."""
    desk = open_desk(settings, purpose="tests")
    try:
        await desk.refresh(RefreshOptions())
    finally:
        await desk.close()


def _manage() -> Any:
    import discord

    return discord.Permissions(manage_guild=True)


async def _close_last(ledgers: list[Ledger]) -> None:
    """A restart has added another one."""
    await ledgers[-1].close()
