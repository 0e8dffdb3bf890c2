"""/help and /about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot import render_lookups as render
from bot.checks import Interaction
from bot.texts import Texts
from bot.trouble import deliver

if TYPE_CHECKING:
    from bot.app import FootnoteBot


class About(commands.Cog):
    """What the bot is, and how it is used."""

    def __init__(self, bot: FootnoteBot) -> None:
        """Both commands answer the person alone."""
        self.bot = bot

    @app_commands.command(name=locale_str("help"), description=locale_str("How to use this bot"))
    async def help(self, interaction: Interaction) -> None:
        """Show how the bot is used."""
        shown = render.usage(Texts.of(interaction.locale))
        await interaction.response.send_message(embeds=shown.embeds, ephemeral=True)

    @app_commands.command(
        name=locale_str("about"), description=locale_str("What this bot is, what it knows, and privacy")
    )
    async def about(self, interaction: Interaction) -> None:
        """Show what the bot is."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        shown = render.about(await self.bot.desk.status(), Texts.of(interaction.locale))
        await deliver(lambda: interaction.edit_original_response(embeds=shown.embeds))
