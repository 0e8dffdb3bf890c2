"""Look-ups: /search, /article, /articles, /timeline, and the message command "Check against articles"."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot import render_lookups as render
from bot.checks import Interaction
from bot.cogs.ask import days, outlet_choices, text_of
from bot.lookups import Lookup, PageButton, look_up
from bot.text import label, shorten
from bot.texts import Texts
from bot.tree import Tree
from bot.trouble import Refusal, deliver
from index.errors import UnknownArticle
from index.types import Filters

if TYPE_CHECKING:
    from bot.app import FootnoteBot

LONGEST = 2000
"""Characters of a message that are checked."""


class Lookups(commands.Cog):
    """What can be looked up without a question."""

    def __init__(self, bot: FootnoteBot) -> None:
        """The message command has to be added by hand: a cog cannot hold one."""
        self.bot = bot
        self._menu = app_commands.ContextMenu(name=locale_str("Check against articles"), callback=self.check)

    async def cog_load(self) -> None:
        """Add the message command, and the buttons that turn pages."""
        self.bot.add_dynamic_items(PageButton)
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take them out again."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)
        self.bot.remove_dynamic_items(PageButton)

    @app_commands.command(
        name=locale_str("search"), description=locale_str("Find passages, with the matched words marked")
    )
    @app_commands.rename(query=locale_str("query"))
    @app_commands.describe(query=locale_str("The words to look for"))
    async def search(self, interaction: Interaction, query: app_commands.Range[str, 1, 300]) -> None:
        """Page through passages."""
        await self._begin(interaction)
        await look_up(interaction, Lookup("search", query))

    @app_commands.command(name=locale_str("article"), description=locale_str("Show an article"))
    @app_commands.rename(title=locale_str("title"))
    @app_commands.describe(title=locale_str("Its headline, or a part of it"))
    async def article(self, interaction: Interaction, title: app_commands.Range[str, 1, 100]) -> None:
        """Show the card of an article."""
        await self._begin(interaction)
        texts, desk = Texts.of(interaction.locale), self.bot.desk
        try:
            found = await desk.article(title)
        except UnknownArticle:
            cards = await desk.titles(title, 1)
            if not cards:
                raise Refusal(texts("no_such_article")) from None
            found = await desk.article(cards[0].id)
        shown = render.article(found, await desk.related(found.id), texts)
        await deliver(lambda: interaction.edit_original_response(embeds=shown.embeds))

    @article.autocomplete("title")
    async def titles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Headlines that hold what is typed."""
        cards = await self.bot.desk.titles(typed, 25)
        # An id that is too long for a choice is found again by its headline.
        return [
            app_commands.Choice(name=shorten(label(card), 100), value=card.id)
            for card in cards
            if len(card.id) <= 100
        ]

    @app_commands.command(name=locale_str("articles"), description=locale_str("List the articles"))
    @app_commands.rename(source=locale_str("source"), after=locale_str("after"), before=locale_str("before"))
    @app_commands.describe(
        source=locale_str("Only articles of this outlet"),
        after=locale_str("Only articles from this day on: 2022-03-24, March 2022, last week"),
        before=locale_str("Only articles up to this day"),
    )
    async def articles(
        self,
        interaction: Interaction,
        *,
        source: app_commands.Range[str, 1, 100] | None = None,
        after: app_commands.Range[str, 1, 40] | None = None,
        before: app_commands.Range[str, 1, 40] | None = None,
    ) -> None:
        """Page through the articles, newest first."""
        await self._begin(interaction)
        first, last = await days(after, before, Texts.of(interaction.locale))
        await look_up(interaction, Lookup("articles", filters=Filters(source, first, last)))

    @articles.autocomplete("source")
    async def outlets(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """The outlets in the index."""
        return await outlet_choices(self.bot, typed)

    @app_commands.command(
        name=locale_str("timeline"), description=locale_str("Dated facts on a topic, in order")
    )
    @app_commands.rename(topic=locale_str("topic"))
    @app_commands.describe(topic=locale_str("What the facts are about"))
    async def timeline(self, interaction: Interaction, topic: app_commands.Range[str, 1, 300]) -> None:
        """Show dated facts in order."""
        await self._begin(interaction)
        await look_up(interaction, Lookup("timeline", topic))

    async def check(self, interaction: Interaction, message: discord.Message) -> None:
        """Hold each claim of a message against the articles; for the person who asks alone."""
        said = text_of(message)
        if not said.strip():
            raise Refusal(Texts.of(interaction.locale)("message_empty"))
        await self._begin(interaction, private=True)
        await look_up(interaction, Lookup("check", said[:LONGEST]))

    async def _begin(self, interaction: Interaction, *, private: bool = False) -> None:
        """The first response. Raises Refusal where this person asks too much."""
        texts = Texts.of(interaction.locale)
        self.bot.asking.admit(interaction.user.id, texts)
        await interaction.response.defer(ephemeral=private, thinking=True)
        cast(Tree, self.bot.tree).deferred(interaction)
        if not self.bot.readiness.ready:
            line = self.bot.asking.loading(texts)
            await deliver(lambda: interaction.edit_original_response(content=line))
            await self.bot.asking.loaded()
