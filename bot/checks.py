"""Who may touch the index: one decorator hides a command from others and refuses them in code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import discord
from discord import app_commands

from bot.texts import Texts
from bot.trouble import Refusal

if TYPE_CHECKING:
    from bot.app import FootnoteBot

C = TypeVar("C", bound=Callable[..., Any] | app_commands.Group | type[app_commands.Group])
Interaction = discord.Interaction["FootnoteBot"]


def for_moderators(command: C) -> C:
    """Hide a command from all but moderators by default, in servers only.

    That is a hint which server owners can override, so the command's code is checked again, by
    `require_moderator`.
    """
    command = app_commands.default_permissions(manage_guild=True)(command)
    # Said with what is off too: what is left open is taken from the bot's own default, which is everywhere.
    command = app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)(command)
    return app_commands.allowed_installs(guilds=True, users=False)(command)


def require_moderator(interaction: Interaction) -> None:
    """Raise Refusal unless this person may change the index from here.

    That takes the permission Manage Server, or the configured role, in the home server. The corpus is
    shared by all servers, so a moderator of another one is refused. What the request says of itself
    counts only where Discord vouches for it: the server it comes from, the member's permissions and
    roles. A server that the bot has not joined (a user install) is nobody's home.
    """
    bot, texts = interaction.client, Texts.of(interaction.locale)
    home = home_server(bot)
    if home is None:
        raise Refusal(texts("no_home"))
    if interaction.guild_id != home or bot.get_guild(home) is None:
        raise Refusal(texts("not_home"))
    if not is_moderator(interaction):
        raise Refusal(texts("not_moderator"))


def home_server(bot: FootnoteBot) -> int | None:
    """The server whose moderators may change the index: the configured one, or the only one."""
    if bot.settings.home_server is not None:
        return bot.settings.home_server
    return bot.guilds[0].id if len(bot.guilds) == 1 else None


def is_moderator(interaction: Interaction) -> bool:
    """Whether this person moderates the home server, from which the interaction comes."""
    person = interaction.user
    if interaction.guild_id is None or interaction.guild_id != home_server(interaction.client):
        return False
    if not isinstance(person, discord.Member):
        return False
    if interaction.permissions.manage_guild or interaction.permissions.administrator:
        return True
    role = interaction.client.settings.moderator_role
    return role is not None and person.get_role(role) is not None
