"""/ask, and the message command "Ask the articles"."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot import render
from bot.asking import Asked
from bot.checks import Interaction
from bot.dates import day_range
from bot.ledger import Kept, Place
from bot.texts import Texts
from bot.tree import Tree
from bot.trouble import Refusal, deliver
from bot.views import answer_view
from index.types import Filters

if TYPE_CHECKING:
    from bot.app import FootnoteBot

THREADS = frozenset(
    {discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread}
)


class Ask(commands.Cog):
    """Questions as commands."""

    def __init__(self, bot: FootnoteBot) -> None:
        """The message command has to be added by hand: a cog cannot hold one."""
        self.bot = bot
        self._menu = app_commands.ContextMenu(name=locale_str("Ask the articles"), callback=self.ask_message)

    async def cog_load(self) -> None:
        """Add the message command."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it out again."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @app_commands.command(name=locale_str("ask"), description=locale_str("Ask a question about the articles"))
    @app_commands.rename(
        question=locale_str("question"),
        source=locale_str("source"),
        after=locale_str("after"),
        before=locale_str("before"),
        private=locale_str("private"),
    )
    @app_commands.describe(
        question=locale_str("What you want to know"),
        source=locale_str("Only articles of this outlet"),
        after=locale_str("Only articles from this day on: 2022-03-24, March 2022, last week"),
        before=locale_str("Only articles up to this day"),
        private=locale_str("Show the answer to you alone"),
    )
    async def ask(
        self,
        interaction: Interaction,
        *,
        question: app_commands.Range[str, 1, 1000],
        source: app_commands.Range[str, 1, 100] | None = None,
        after: app_commands.Range[str, 1, 40] | None = None,
        before: app_commands.Range[str, 1, 40] | None = None,
        private: bool = False,
    ) -> None:
        """Answer a question."""
        texts = Texts.of(interaction.locale)
        if after or before:
            # A day in words loads a parser: not before Discord has its first response.
            await self._defer(interaction, texts, private=private)
        filters = Filters(source, *await days(after, before, texts))
        await self.reply(interaction, question, texts, filters, private=private)

    @ask.autocomplete("source")
    async def outlets(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The outlets in the index."""
        return await outlet_choices(self.bot, typed)

    async def ask_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Answer what a message asks."""
        texts = Texts.of(interaction.locale)
        question = " ".join(text_of(message).split())
        if not question:
            raise Refusal(texts("message_empty"))
        await self.reply(interaction, question[:1000], texts, Filters())

    async def reply(
        self,
        interaction: Interaction,
        question: str,
        texts: Texts,
        filters: Filters,
        *,
        private: bool = False,
    ) -> None:
        """Answer as the response of an interaction."""
        asking, response = self.bot.asking, interaction.response
        place = place_of(interaction, private=private)
        if not response.is_done():
            asking_again = None if place.private else await asking.same(place, question, filters)
            if asking_again:
                await response.send_message(texts("asked_already", link=asking_again), ephemeral=True)
                return
            await self._defer(interaction, texts, private=private)
        asked = Asked(question, place, texts, filters, await self._follows(interaction, place))

        async def tell(line: str) -> None:
            await deliver(lambda: interaction.edit_original_response(content=line))

        given = await asking.answer(asked, tell)
        shown = render.answer(given.answer, texts)
        view = answer_view(given.id, texts, pages=shown.pages, evidence=given.answer.outcome == "answered")
        sent = await deliver(
            lambda: interaction.edit_original_response(content=None, embeds=shown.embeds, view=view)
        )
        if sent is not None:
            await self.bot.ledger.posted(given.id, sent.id)

    async def _defer(self, interaction: Interaction, texts: Texts, *, private: bool) -> None:
        self.bot.asking.admit(interaction.user.id, texts)
        await interaction.response.defer(ephemeral=private, thinking=True)
        cast(Tree, self.bot.tree).deferred(interaction)

    async def _follows(self, interaction: Interaction, place: Place) -> Kept | None:
        channel = interaction.channel
        thread = channel is not None and channel.type in THREADS
        if not thread and not interaction.context.dm_channel:
            return None
        start = channel.id if thread and channel is not None else None
        return await self.bot.asking.conversation(place, thread=thread, start=start)


def place_of(interaction: Interaction, *, private: bool = False) -> Place:
    """Where an interaction comes from; a direct message with the bot is private."""
    direct = bool(interaction.context.dm_channel)
    channel = interaction.channel_id or interaction.user.id
    return Place(interaction.guild_id, channel, interaction.user.id, private or direct)


def text_of(message: discord.Message) -> str:
    """What a message says: its words, or those of its embeds."""
    said = [message.content] if message.content else [embed.description or "" for embed in message.embeds]
    return "\n".join(part for part in said if part)


async def outlet_choices(bot: FootnoteBot, typed: str) -> list[app_commands.Choice[str]]:
    """Completions for an outlet; nothing while the index loads."""
    return [
        app_commands.Choice(name=name[:100], value=name)
        for name in await bot.desk.outlets(typed, 25)
        if name and len(name) <= 100
    ]


async def days(after: str | None, before: str | None, texts: Texts) -> tuple[date | None, date | None]:
    """The first and the last day that is meant. Raises Refusal."""

    def parse() -> tuple[date | None, date | None]:
        today = date.today()
        return (
            day_range(after, today)[0] if after else None,
            day_range(before, today)[1] if before else None,
        )

    try:
        first, last = await asyncio.to_thread(parse)
    except ValueError:
        raise Refusal(texts("not_a_date")) from None
    if first and last and first > last:
        raise Refusal(texts("days_reversed"))
    return first, last
