"""/ask, and the message command "Ask the articles"."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, cast

import aiohttp
import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot import render
from bot.asking import Asked
from bot.checks import Interaction
from bot.dates import day_range
from bot.edits import Edits, Interim
from bot.ledger import Kept, Place
from bot.texts import Texts
from bot.tree import Tree
from bot.trouble import Refusal, deliver
from bot.views import answer_view
from index.types import Answer, Filters

if TYPE_CHECKING:
    from bot.app import FootnoteBot

MENTION = re.compile(r"<@[!&]?\d+>")
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
        asking = self.bot.asking
        place = place_of(interaction, private=private)
        asked = Asked(question, place, texts, filters, await self._follows(interaction, place))
        link = await asking.same(asked)
        if link:
            await self._refer(interaction, texts("asked_already", link=link))
            return
        if not interaction.response.is_done():
            await self._defer(interaction, texts, private=private)
        if asked.follows is None:
            asked = replace(asked, start=await start_of(interaction.channel))

        async def tell(line: str) -> None:
            await deliver(lambda: interaction.edit_original_response(content=line))

        async def edit(interim: Interim) -> object:
            return await interaction.edit_original_response(content=None, embeds=interim.embeds)

        async with Edits(edit) as edits:
            given = await asking.answer(
                asked, tell, lambda draft: edits.offer(partial(growing, draft, texts))
            )
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

    @staticmethod
    async def _refer(interaction: Interaction, sentence: str) -> None:
        """Say it to the person alone, where Discord has no first response yet."""
        if interaction.response.is_done():
            await deliver(lambda: interaction.edit_original_response(content=sentence))
        else:
            await interaction.response.send_message(sentence, ephemeral=True)

    async def _follows(self, interaction: Interaction, place: Place) -> Kept | None:
        channel, context = interaction.channel, interaction.context
        thread = channel is not None and channel.type in THREADS
        if not (thread or context.dm_channel or context.private_channel):
            return None
        start = channel.id if thread and channel is not None else None
        return await self.bot.asking.conversation(place, thread=thread, start=start)


def growing(draft: Answer, texts: Texts, *, title: bool = True) -> Interim:
    """What a message shows of an answer that is being written."""
    return Interim(render.answer(draft, texts, title=title, growing=True).embeds)


def place_of(interaction: Interaction, *, private: bool = False) -> Place:
    """Where an interaction comes from; a direct message with the bot is private.

    So is what the person's own installation answers in a server that lets no such app speak: Discord shows
    it to the person alone.
    """
    own = interaction.is_user_integration() and not interaction.is_guild_integration()
    unheard = own and interaction.guild_id is not None and not interaction.permissions.use_external_apps
    direct = bool(interaction.context.dm_channel)
    channel = interaction.channel_id or interaction.user.id
    return Place(interaction.guild_id, channel, interaction.user.id, private or direct or unheard)


def text_of(message: discord.Message) -> str:
    """What a message says: its words, or those of its embeds."""
    said = [message.content] if message.content else [embed.description or "" for embed in message.embeds]
    return "\n".join(part for part in said if part)


async def start_of(channel: object) -> str:
    """What a thread began with: the words of its first message, else its name; nothing for other channels.

    A post in a forum has its title. Discord shows the words of few messages: the bot's own, and those to it.
    """
    if not isinstance(channel, discord.Thread):
        return ""
    if isinstance(channel.parent, discord.ForumChannel):
        return channel.name
    try:
        starter = channel.starter_message
        if starter is None and isinstance(channel.parent, discord.TextChannel):
            starter = await channel.parent.fetch_message(channel.id)
    except (discord.HTTPException, aiohttp.ClientError, OSError):
        starter = None
    return (question_in(starter) if starter else "") or channel.name


def question_in(message: discord.Message) -> str:
    """A message's own words, without those whom it mentions."""
    return " ".join(MENTION.sub(" ", message.content).split())


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
