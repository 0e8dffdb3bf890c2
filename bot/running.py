"""`footnote run`: the bot from its start to its end, and what is said where it cannot start."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import aiohttp
import discord

from bot.app import FootnoteBot
from bot.health import serve
from bot.ledger import Ledger
from bot.ledger_schema import FILE
from bot.settings import BotSettings
from bot.stopping import stop_signal
from bot.trouble import may_pass
from index.desk import Desk
from index.errors import SettingsError
from index.locking import OneProcess
from index.settings import Settings
from index.swapping import settle

log = logging.getLogger(__name__)

WAITS = (5, 10, 20, 40, 60)
"""Seconds between tries to reach Discord at the start; the last one is repeated."""
SWITCH = 0.0005
"""Seconds after which Python lets another thread go on; ten times as often as by default. A refresh and
answers compute in threads, and the event loop waits for each of them in turn (benchmarks/responsive.py)."""
PORTAL = "https://discord.com/developers/applications"


def run(desk: Desk, settings: Settings, bot_settings: BotSettings) -> None:
    """Run the bot until it is stopped by a signal. Raises SettingsError where Discord refuses it."""
    _set_up_logging()
    sys.setswitchinterval(SWITCH)
    asyncio.run(_run(desk, settings, bot_settings))


async def _run(desk: Desk, settings: Settings, bot_settings: BotSettings) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(desk.close)
        # Before the records are opened: they may be among what an interrupted restore has yet to move.
        await asyncio.to_thread(
            settle, settings.data_folder, OneProcess(settings.data_folder, "footnote run")
        )
        ledger = Ledger(settings.data_folder / FILE)
        stack.push_async_callback(ledger.close)
        # Entered, it can be closed even where it never came to a login.
        bot = await stack.enter_async_context(FootnoteBot(desk, ledger, bot_settings))
        if bot_settings.health_port is not None:
            await stack.enter_async_context(serve(bot_settings.health_port, bot.figures, bot.healthy))
        await _until_stopped(bot, bot_settings)


async def _until_stopped(bot: FootnoteBot, settings: BotSettings) -> None:
    stop = stop_signal()
    online = asyncio.create_task(connect(bot, settings))
    stopped = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({online, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if online in done:
        online.result()
        return
    log.warning("Stopping: answers under way are finished first")
    await bot.close()
    online.cancel()
    with suppress(asyncio.CancelledError):
        await online


async def connect(bot: FootnoteBot, settings: BotSettings) -> None:
    """Log in and stay connected. Raises SettingsError, with where to click, where Discord refuses."""
    if not settings.token:
        raise SettingsError(
            f"DISCORD_TOKEN is not set. Open {PORTAL}, choose your application, Bot, Reset Token, "
            "and put the token into the file .env as DISCORD_TOKEN=…"
        )
    token = settings.token.reveal().strip()
    await _patiently(bot, lambda: _log_in(bot, token))
    try:
        # discord.py reconnects by itself, once it has been connected.
        await _patiently(bot, lambda: bot.connect(reconnect=True))
    except discord.PrivilegedIntentsRequired:
        raise SettingsError(
            "Discord refuses the intents that the bot asks for, though none of them is privileged. "
            f"Open {PORTAL}, choose your application, Bot, and save the page once; then start again."
        ) from None
    except discord.ConnectionClosed as error:
        raise SettingsError(
            f"Discord has closed the connection for good (code {error.code}). If another bot runs with the "
            f"same token, stop it; else reset the token on {PORTAL} (Bot, Reset Token) and start again."
        ) from None


async def _patiently(bot: FootnoteBot, step: Callable[[], Awaitable[None]]) -> None:
    """Try a step of the start until Discord takes it, or refuses it for good."""
    tried = 0
    while True:
        try:
            return await step()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            if bot.is_closed() or not may_pass(error):
                raise
            wait = WAITS[min(tried, len(WAITS) - 1)]
            log.warning("Discord cannot be reached (%s). Trying again in %d s", type(error).__name__, wait)
            await asyncio.sleep(wait)
            tried += 1


async def _log_in(bot: FootnoteBot, token: str) -> None:
    try:
        # No token has other characters, and no header can carry them.
        if not (token.isascii() and token.isprintable()):
            raise discord.LoginFailure
        await bot.login(token)
    except discord.LoginFailure:
        raise SettingsError(
            f"Discord does not know the token in DISCORD_TOKEN. Open {PORTAL}, choose your application, "
            "Bot, Reset Token, and put the new one into the file .env."
        ) from None
    except (discord.DiscordException, aiohttp.ClientError, OSError):
        # The next login opens a session of its own, with a connector of its own.
        await bot.http.close()
        bot.http.connector = discord.utils.MISSING
        raise


def _set_up_logging() -> None:
    """Times in the log, and what the bot itself does; of discord.py only what went wrong."""
    root = logging.getLogger()
    for handler in root.handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger("bot").setLevel(logging.INFO)
    logging.getLogger("discord").setLevel(logging.WARNING)
    # What voice would need is missing on purpose.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    if sys.stderr.isatty():
        log.info("Ctrl-C stops the bot")
