"""/index: what moderators do. Every command checks the person first, whatever Discord let through."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot import gaps, refreshes, sources
from bot import render_boards as boards
from bot import render_moderation as render
from bot.chart import chart
from bot.checks import Interaction, for_moderators, require_moderator
from bot.live import Look
from bot.moderating import CHANGES
from bot.texts import Texts
from bot.trouble import Refusal, deliver
from bot.views import stateless
from bot.views_moderation import ModeratorButton, handles, submitted
from index.reports import RefreshOptions

if TYPE_CHECKING:
    from bot.app import FootnoteBot

DAYS = 14
"""Days on the chart."""


@for_moderators
class Index(commands.GroupCog, name=locale_str("index"), description=locale_str("Look after the articles")):
    """The commands of moderators."""

    add = app_commands.Group(name=locale_str("add"), description=locale_str("Add an article"))
    remove = app_commands.Group(name=locale_str("remove"), description=locale_str("Remove an article"))

    def __init__(self, bot: FootnoteBot) -> None:
        """The schedule runs as long as the bot."""
        self.bot = bot

    async def cog_load(self) -> None:
        """Register the buttons, and keep the schedule."""
        self.bot.add_dynamic_items(ModeratorButton)
        self.bot.chore(self.bot.moderation.schedule.keep())

    async def cog_unload(self) -> None:
        """Take the buttons out again."""
        self.bot.remove_dynamic_items(ModeratorButton)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: Interaction) -> None:
        """Take in forms; what else comes is none of this."""
        await submitted(interaction)

    async def interaction_check(self, interaction: discord.Interaction[FootnoteBot], /) -> bool:  # type: ignore[override]  # this bot's interactions
        """Refuse everybody else, before any command of the group. Completions answer by themselves."""
        if interaction.type is not discord.InteractionType.autocomplete:
            require_moderator(interaction)
        return True

    @app_commands.command(
        name=locale_str("refresh"),
        description=locale_str("Bring the index to the state of the corpus folder"),
    )
    @app_commands.rename(dry_run=locale_str("dry_run"))
    @app_commands.describe(dry_run=locale_str("Say what would change, and change nothing"))
    async def refresh(self, interaction: Interaction, dry_run: bool = False) -> None:
        """Run a refresh."""
        await refreshes.refresh(interaction, RefreshOptions(dry_run=dry_run))

    @add.command(name=locale_str("url"), description=locale_str("Add the article of a web page"))
    @app_commands.rename(url=locale_str("url"))
    @app_commands.describe(url=locale_str("The address of the page"))
    async def add_url(
        self, interaction: Interaction, url: app_commands.Range[str, 1, sources.ADDRESS]
    ) -> None:
        """Fetch a page and show what would be added."""
        await sources.preview_page(interaction, url)

    @add.command(name=locale_str("file"), description=locale_str("Add articles from a file"))
    @app_commands.rename(file=locale_str("file"))
    @app_commands.describe(file=locale_str("A .txt, .md, .html or .jsonl file"))
    async def add_file(self, interaction: Interaction, file: discord.Attachment) -> None:
        """Read a file and show what would be added."""
        await sources.preview_file(interaction, file)

    @remove.command(name=locale_str("article"), description=locale_str("Remove an article"))
    @app_commands.rename(title=locale_str("title"))
    @app_commands.describe(title=locale_str("Its headline, or a part of it"))
    async def remove_article(self, interaction: Interaction, title: app_commands.Range[str, 1, 100]) -> None:
        """Ask whether an article is to go."""
        await sources.confirm_removal(interaction, title)

    @remove_article.autocomplete("title")
    async def titles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Headlines, for moderators only."""
        try:
            require_moderator(interaction)
        except Refusal:
            return []
        return await sources.removable(self.bot, typed)

    @app_commands.command(
        name=locale_str("status"), description=locale_str("The state of the index, and how it is used")
    )
    async def status(self, interaction: Interaction) -> None:
        """Show numbers and a chart."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        texts, ledger = Texts.of(interaction.locale), self.bot.ledger
        embed = render.status(await self.bot.desk.status(), await _use(self.bot), texts)
        picture = await asyncio.to_thread(chart, await ledger.days(DAYS, datetime.now(UTC).date()))
        embed.add_field(name=texts("chart_title", days=DAYS), value=texts("chart_legend"), inline=False)
        embed.set_image(url="attachment://questions.png")
        look = Look(embed, file=("questions.png", picture))
        await deliver(lambda: interaction.edit_original_response(embed=embed, attachments=look.files))

    @app_commands.command(
        name=locale_str("gaps"), description=locale_str("Questions that the articles did not answer")
    )
    async def gaps(self, interaction: Interaction) -> None:
        """Show the gap board."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await gaps.show_board(interaction, 0)

    @app_commands.command(
        name=locale_str("undo"), description=locale_str("Go back to the articles before the last change")
    )
    async def undo(self, interaction: Interaction) -> None:
        """Ask whether to go back."""
        texts = Texts.of(interaction.locale)
        await interaction.response.defer(ephemeral=True, thinking=True)
        kept = await self.bot.desk.generations()
        generation = str((await self.bot.desk.status()).generation)
        view = discord.ui.View(timeout=None)
        danger = discord.ButtonStyle.danger
        view.add_item(ModeratorButton.made("undo", texts("undo"), generation, style=danger))
        view.add_item(ModeratorButton.made("nothing", texts("keep_everything")))
        embed = render.undoable(kept, texts)
        await deliver(lambda: interaction.edit_original_response(embed=embed, view=stateless(view)))

    @app_commands.command(name=locale_str("history"), description=locale_str("Who did what, and when"))
    async def history(self, interaction: Interaction) -> None:
        """Show what moderators did."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await _history(interaction, "0")

    @app_commands.command(
        name=locale_str("schedule"), description=locale_str("Refresh by itself every so many hours")
    )
    @app_commands.rename(hours=locale_str("hours"))
    @app_commands.describe(hours=locale_str("0 turns it off"))
    async def schedule(self, interaction: Interaction, hours: app_commands.Range[int, 0, 168]) -> None:
        """Set the schedule."""
        texts = Texts.of(interaction.locale)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await self.bot.moderation.schedule.set(hours)
        await self.bot.moderation.note(refreshes.who(interaction), "schedule", str(hours))
        said = texts("schedule_on", hours=hours) if hours else texts("schedule_off")
        await deliver(lambda: interaction.edit_original_response(content=said))


async def _use(bot: FootnoteBot) -> render.Use:
    """How people use the index, and who brought it to its state."""
    moderation, ledger = bot.moderation, bot.ledger
    acts = await ledger.history(50)
    last = next((act for act in acts if act.kind in CHANGES), None)
    today = await ledger.today(datetime.now(UTC).date())
    hours, due = await moderation.schedule.hours(), await moderation.schedule.next()
    return render.Use(today, bot.asking.waiting, last, hours, due)


@handles("nothing")
async def _nothing(interaction: Interaction, _: str) -> None:
    texts = Texts.of(interaction.locale)
    await interaction.response.edit_message(content=texts("nothing_changed"), embeds=[], view=None)


@handles("undo")
async def _undo(interaction: Interaction, generation: str) -> None:
    bot, texts = interaction.client, Texts.of(interaction.locale)
    with refreshes.alone(interaction, "undo"):
        await interaction.response.defer()
        if str((await bot.desk.status()).generation) != generation:
            raise Refusal(texts("undo_stale"))
        undone = await bot.desk.undo()
        # Before anybody else may change the index: the schedule would make the same change again.
        await bot.moderation.schedule.pause()
    bot.asking.changed()
    detail = f"+{len(undone.restored)} −{len(undone.taken_out)}"
    await bot.moderation.note(refreshes.who(interaction), "undo", detail)
    embed = render.undone(undone, texts)
    await deliver(lambda: interaction.edit_original_response(embed=embed, view=None))


@handles("history")
async def _turn_history(interaction: Interaction, page: str) -> None:
    await interaction.response.defer()
    await _history(interaction, page)


async def _history(interaction: Interaction, page: str) -> None:
    texts, number = Texts.of(interaction.locale), int(page)
    acts = await interaction.client.ledger.history(boards.ACTS + 1, number * boards.ACTS)
    view = discord.ui.View(timeout=None)
    if number:
        view.add_item(ModeratorButton.made("history", texts("earlier_page"), str(number - 1)))
    if len(acts) > boards.ACTS:
        view.add_item(ModeratorButton.made("history", texts("next_page"), str(number + 1)))
    embed = boards.history(acts[: boards.ACTS], texts)
    await deliver(lambda: interaction.edit_original_response(embed=embed, view=stateless(view)))
