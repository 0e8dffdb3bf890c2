"""A message that is edited for longer than Discord lets an interaction live."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import timedelta

import discord

from bot.checks import Interaction
from bot.trouble import deliver

TOKEN = timedelta(minutes=14)
"""How long the message of an interaction is edited through it; Discord's limit is 15 minutes."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a message is to show."""

    embed: discord.Embed
    view: discord.ui.View | None = None
    file: tuple[str, bytes] | None = None
    """Name and content of an attachment."""

    @property
    def files(self) -> list[discord.File]:
        """The attachment anew: a file that was sent once is read to its end."""
        return [discord.File(io.BytesIO(self.file[1]), self.file[0])] if self.file else []


class LiveMessage:
    """The response of an interaction. It outlives it where the bot sees the channel."""

    def __init__(self, interaction: Interaction) -> None:
        """The interaction has no response yet."""
        self._interaction = interaction
        self._message: discord.PartialMessage | None = None

    @property
    def fleeting(self) -> bool:
        """Whether it can be edited for some minutes only: the bot does not see the channel."""
        return not self._interaction.app_permissions.view_channel

    async def open(self, look: Look) -> None:
        """Show this as the response: a new message, or the one whose button was pressed."""
        interaction = self._interaction
        if interaction.message is None:
            sent = await interaction.response.send_message(embed=look.embed, view=look.view or _none())
            message_id = sent.message_id
        else:
            await interaction.response.edit_message(embed=look.embed, view=look.view)
            message_id = interaction.message.id
        if message_id and interaction.channel_id and interaction.app_permissions.view_channel:
            place = interaction.client.get_partial_messageable(
                interaction.channel_id, guild_id=interaction.guild_id
            )
            self._message = place.get_partial_message(message_id)

    async def show(self, look: Look) -> bool:
        """Show this instead; False where the message can no longer be reached."""
        message, interaction = self._message, self._interaction

        async def edit() -> object:
            if discord.utils.utcnow() - interaction.created_at < TOKEN:
                return await interaction.edit_original_response(
                    embed=look.embed, view=look.view, attachments=look.files
                )
            if message is not None:
                return await message.edit(
                    embed=look.embed,
                    view=look.view,
                    attachments=look.files,
                    allowed_mentions=discord.AllowedMentions.none(),  # discord.py leaves it out of such edits
                )
            return None

        return await deliver(edit) is not None


def _none() -> discord.ui.View:
    return discord.utils.MISSING  # type: ignore[no-any-return]  # discord.py's mark for "no view"
