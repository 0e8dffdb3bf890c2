"""A refresh as a message: progress that moves, the question about removals, the report."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from bot import render_moderation as render
from bot.checks import Interaction
from bot.live import LiveMessage, Look
from bot.moderating import Running, Who
from bot.render import DIFFERENT
from bot.render_boards import shown_name
from bot.text import label
from bot.texts import Texts
from bot.trouble import Refusal, explained
from bot.views import stateless
from bot.views_moderation import ModeratorButton, handles
from index.desk import Desk
from index.errors import CostRefused, IndexMismatch, RefreshCancelled, RemovalsRefused
from index.reports import RefreshOptions, RefreshReport

if TYPE_CHECKING:
    from bot.app import FootnoteBot

MILLION = 1_000_000
"""Parts of an amount of money in a button, which holds whole numbers."""
EVERY = 2.0
"""Seconds between edits of the progress; Discord limits edits to about one a second."""


def who(interaction: Interaction) -> Who:
    """The person behind an interaction, by the name that nobody else has."""
    return Who(interaction.user.id, interaction.user.name, interaction.guild_id)


def claim(interaction: Interaction, kind: str) -> Running:
    """The right to change the index. Raises Refusal, with who has it, while somebody else does."""
    moderation = interaction.client.moderation
    if moderation.running is not None:
        raise Refusal(_busy(moderation.running, Texts.of(interaction.locale)))
    return moderation.claim(who(interaction), kind)


@contextmanager
def alone(interaction: Interaction, kind: str) -> Iterator[None]:
    """The same for a while."""
    running = claim(interaction, kind)
    try:
        yield
    finally:
        interaction.client.moderation.release(running)


async def refresh(interaction: Interaction, options: RefreshOptions, at_most: int | None = None) -> None:
    """Begin a refresh; its message shows it to its end. Raises Refusal while the index is being changed.

    `at_most`: the removals that a moderator has agreed to; should there be more by now, it asks again.
    """
    bot, texts = interaction.client, Texts.of(interaction.locale)
    failure = bot.readiness.failure
    # An index of another model answers nobody, and is mended by just this.
    if not bot.readiness.ready and not isinstance(failure, IndexMismatch):
        raise failure or Refusal(bot.asking.loading(texts))
    running = claim(interaction, "refresh")
    message = LiveMessage(interaction)
    try:
        await message.open(_progress(running, message.fleeting, texts))
    except BaseException:
        bot.moderation.release(running)
        raise
    bot.chore(_show(bot, running, message, _run(bot, running, options, at_most, texts), texts))


async def _show(
    bot: FootnoteBot, running: Running, message: LiveMessage, run: Coroutine[Any, Any, Look], texts: Texts
) -> None:
    """Do the work and move its progress; where the bot is stopped, so is the refresh."""
    work = asyncio.create_task(run)
    try:
        await _watch(work, running, message, texts)
    except asyncio.CancelledError:
        running.cancel(bot.moderation.itself())
        await asyncio.wait({work})
        raise
    finally:
        bot.moderation.release(running)
        if work.done() and not work.cancelled():
            await message.show(work.result())


async def _run(
    bot: FootnoteBot, running: Running, options: RefreshOptions, at_most: int | None, texts: Texts
) -> Look:
    """Refresh; what the message shows at the end, however it ends."""
    try:
        before = await headlines(bot.desk)
        if at_most is not None:
            trial = await bot.desk.refresh(replace(options, dry_run=True))
            if len(trial.removed) > at_most:
                return _removals(len(trial.removed), len(before), texts)
        report = await bot.moderation.refresh(running, options)
        await bot.readiness.try_again()
        return await reported(bot.desk, report, before, texts)
    except RemovalsRefused as error:
        return _removals(error.removed, error.removed + error.kept, texts)
    except CostRefused as error:
        return _costs(error, at_most, texts)
    except RefreshCancelled:
        return _plain(texts("refresh_cancelled"))
    except Exception as error:  # told in the message, which would stand at its last progress for ever
        return _plain(explained(error, texts))


async def _watch(work: asyncio.Task[Look], running: Running, message: LiveMessage, texts: Texts) -> None:
    """Move the progress until the work ends."""
    shown = None
    while not work.done():
        await asyncio.wait({work}, timeout=EVERY)
        now = running.progress
        if now is None or now == shown or work.done():
            continue
        shown = now
        # A sign of life only: where Discord does not take it, the refresh goes on, and the next one may pass.
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await message.show(_progress(running, message.fleeting, texts))


async def headlines(desk: Desk) -> dict[str, str]:
    """What stands for each article, by id."""
    return {card.id: label(card) for card in await desk.articles()}


async def reported(desk: Desk, report: RefreshReport, before: Mapping[str, str], texts: Texts) -> Look:
    """A report, with the headlines of what came and went, and all of it as a file where it is long.

    `before`: the headlines before the refresh, which those that went are no longer among.
    """
    names = {**before, **await headlines(desk)}
    embed = render.report(report, names, texts)
    if not render.is_long(report):
        return Look(embed)
    return Look(embed, file=("report.txt", render.full_report(report, names, texts).encode()))


@handles("cancel")
async def _cancel(interaction: Interaction, token: str) -> None:
    running = await _running(interaction, token)
    if running is not None:
        await interaction.response.defer()
        running.cancel(who(interaction))


@handles("pause")
async def _pause(interaction: Interaction, token: str) -> None:
    running = await _running(interaction, token)
    if running is not None:
        first = running.held is None
        running.hold(running.held or who(interaction))
        await _steered(interaction, running, "refresh_paused" if first else "")


@handles("resume")
async def _resume(interaction: Interaction, token: str) -> None:
    running = await _running(interaction, token)
    if running is not None:
        first = running.held is not None
        running.go_on()
        await _steered(interaction, running, "refresh_resumed" if first else "")


async def _running(interaction: Interaction, token: str) -> Running | None:
    """The refresh whose button was pressed; where it is over, the message says so."""
    texts, running = Texts.of(interaction.locale), interaction.client.moderation.running
    if running is not None and running.token == token:
        return running
    await interaction.response.edit_message(embed=_plain(texts("refresh_over")).embed, view=None)
    return None


async def _steered(interaction: Interaction, running: Running, act: str) -> None:
    """Show the refresh as it is now, and keep the act; two presses at once are one."""
    fleeting = not interaction.app_permissions.view_channel
    look = _progress(running, fleeting, Texts.of(interaction.locale))
    await interaction.response.edit_message(embed=look.embed, view=look.view)
    if act:
        await interaction.client.moderation.note(who(interaction), act, "")


@handles("removals")
async def _agreed(interaction: Interaction, removed: str) -> None:
    await refresh(interaction, RefreshOptions(allow_removals=True), at_most=int(removed))


@handles("cost")
async def _paid(interaction: Interaction, agreed: str) -> None:
    cost, _, removed = agreed.partition("-")
    options = RefreshOptions(allow_removals=bool(removed), budget=int(cost) / MILLION)
    await refresh(interaction, options, at_most=int(removed) if removed else None)


def _busy(running: Running, texts: Texts) -> str:
    name, now = shown_name(running.who.name), running.progress
    if running.kind != "refresh":
        return texts("change_busy", name=name)
    share = f"{now.done / now.total:.0%}" if now is not None and now.total else "0%"
    phase = texts(f"phase_{now.phase.replace(' ', '_')}") if now is not None else texts("refresh_starting")
    return texts("refresh_busy", name=name, phase=phase, share=share)


def _progress(running: Running, fleeting: bool, texts: Texts) -> Look:
    held = running.held
    embed = render.progress(
        running.progress, running.seconds, texts, by=running.who.name, held=held.name if held else None
    )
    if fleeting:
        embed.description = f"{embed.description}\n-# {texts('refresh_fleeting')}"
    view = discord.ui.View(timeout=None)
    steer, style = (
        ("resume", discord.ButtonStyle.primary) if held else ("pause", discord.ButtonStyle.secondary)
    )
    view.add_item(ModeratorButton.made(steer, texts(steer), running.token, style=style))
    style = discord.ButtonStyle.danger
    view.add_item(ModeratorButton.made("cancel", texts("cancel"), running.token, style=style))
    return Look(embed, stateless(view))


def _removals(removed: int, total: int, texts: Texts) -> Look:
    asked = texts("removals_asked", removed=texts.number(removed), total=texts.number(total))
    view = discord.ui.View(timeout=None)
    style = discord.ButtonStyle.danger
    view.add_item(ModeratorButton.made("removals", texts("remove_them"), str(removed), style=style))
    view.add_item(ModeratorButton.made("nothing", texts("keep_everything")))
    return replace(_plain(asked, title=texts("removals_title")), view=stateless(view))


def _costs(refused: CostRefused, at_most: int | None, texts: Texts) -> Look:
    """`at_most`: the removals that were agreed to before."""
    passages, tokens = texts.count("passage", refused.passages), texts.number(refused.tokens)
    cost, budget = (f"{amount:.4g}" for amount in (refused.cost, refused.budget))
    asked = texts("cost_asked", passages=passages, tokens=tokens, cost=cost, budget=budget)
    view = discord.ui.View(timeout=None)
    value = f"{math.ceil(refused.cost * MILLION)}-{'' if at_most is None else at_most}"
    view.add_item(ModeratorButton.made("cost", texts("pay"), value, style=discord.ButtonStyle.danger))
    view.add_item(ModeratorButton.made("nothing", texts("pay_nothing")))
    return replace(_plain(asked, title=texts("cost_title")), view=stateless(view))


def _plain(sentence: str, title: str | None = None) -> Look:
    return Look(discord.Embed(title=title, description=sentence, colour=DIFFERENT))
