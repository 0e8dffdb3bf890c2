"""What goes wrong, as people are told it: one sentence, and a reference where only the log knows more."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

import aiohttp
import discord
from discord import app_commands

from bot.texts import Texts
from index.errors import FootnoteError

log = logging.getLogger(__name__)

T = TypeVar("T")
Item = TypeVar("Item")

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without the letters and digits that are mistaken for one another."""
WAITS = (1.0, 4.0, 10.0)
"""Seconds between tries to send what Discord could not take; discord.py has tried five times before."""
GONE = frozenset({10003, 10008, 10015, 10062, 40060, 50027})
"""Discord's codes: unknown channel, message, webhook, interaction; already acknowledged; token expired."""


class Refusal(app_commands.AppCommandError):
    """A person may not, or cannot now, do what they asked for; `str` is the sentence for them."""


def explained(error: BaseException, texts: Texts) -> str:
    """The sentence for a person. What nobody foresaw goes to the log, under a reference."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if isinstance(error, Refusal):
        return str(error)
    if isinstance(error, FootnoteError):
        if not error.wrong_use:  # whoever runs the bot reads what exactly is wrong, and how to mend it
            log.warning("%s: %s", type(error).__name__, error)
        return texts.error(error)
    if isinstance(error, asyncio.CancelledError):
        return texts("restarting")
    if isinstance(error, TimeoutError):
        return texts("too_slow")
    reference = "".join(secrets.choice(ALPHABET) for _ in range(6))
    log.error("Reference %s: %s", reference, type(error).__name__, exc_info=error)
    return texts("broken", reference=reference)


def is_gone(error: BaseException) -> bool:
    """Whether Discord refuses because what was meant is no longer there, or no longer ours to touch."""
    return isinstance(error, discord.Forbidden | discord.NotFound) or (
        isinstance(error, discord.HTTPException) and error.code in GONE
    )


def may_pass(error: BaseException) -> bool:
    """Whether it is Discord's fault, or that of the way there, and another try may get through."""
    if isinstance(error, discord.HTTPException):
        return error.status >= 500 or error.status == 429
    return isinstance(
        error, discord.RateLimited | discord.GatewayNotFound | aiohttp.ClientError | TimeoutError | OSError
    )


async def deliver(send: Callable[[], Awaitable[T]]) -> T | None:
    """Send something, again where Discord stumbles; None where the place for it is gone."""
    for wait in (*WAITS, None):
        try:
            return await send()
        except discord.HTTPException as error:
            if is_gone(error):
                log.info("Not delivered: Discord says %s (%s)", error.status, error.code)
                return None
            if wait is None or not may_pass(error):
                raise
        except (aiohttp.ClientError, TimeoutError, OSError):
            if wait is None:
                raise
        await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


async def answer_for(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """The one sentence about an error, to the person alone."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    if is_gone(error):
        # Nothing can be told any more: the interaction has expired, or its place is gone.
        log.info("An interaction ended early: %s", error)
        return
    if not isinstance(error, Refusal):
        interaction.client.figures.error(type(error).__name__)
    sentence = explained(error, Texts.of(interaction.locale))
    try:
        await deliver(lambda: _tell(interaction, sentence))
    except (discord.HTTPException, OSError) as late:
        log.warning("A sentence about an error could not be delivered: %s", type(late).__name__)


async def _tell(interaction: discord.Interaction[Any], sentence: str) -> None:
    if not interaction.response.is_done():
        await interaction.response.send_message(sentence, ephemeral=True)
    elif interaction.response.type is discord.InteractionResponseType.deferred_channel_message:
        await interaction.edit_original_response(content=sentence, embeds=[], view=None)
    else:
        await interaction.followup.send(sentence, ephemeral=True)


def answered(callback: Callable[[Item, discord.Interaction[Any]], Awaitable[None]]) -> Any:
    """The callback of a button or a modal, with its errors told to the person who pressed it."""

    @wraps(callback)
    async def guarded(self: Item, interaction: discord.Interaction[Any]) -> None:
        try:
            await callback(self, interaction)
        except asyncio.CancelledError as error:  # the bot is stopped, and this took too long
            await answer_for(interaction, error)
            raise
        except Exception as error:  # the last stop: discord.py would log it, and nobody would be told
            await answer_for(interaction, error)

    return guarded
