"""The command tree: every command's errors end in one sentence, and commands are synced when they change."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.trouble import answer_for

if TYPE_CHECKING:
    from bot.app import FootnoteBot

log = logging.getLogger(__name__)

BEGAN = "began"
"""Key of an interaction's extras: when it came, by `time.perf_counter`."""
SYNCED = "commands"
"""Key of the ledger: the digest of the commands that Discord was given."""


class Tree(app_commands.CommandTree["FootnoteBot"]):
    """Counts commands, and answers for their errors."""

    async def interaction_check(self, interaction: discord.Interaction[FootnoteBot], /) -> bool:
        """Note that a command came; all may pass."""
        if interaction.type is discord.InteractionType.application_command and interaction.command:
            self.client.figures.command(interaction.command.qualified_name)
            interaction.extras[BEGAN] = time.perf_counter()
        return True

    def deferred(self, interaction: discord.Interaction[FootnoteBot]) -> None:
        """Count how long the first response to a command took."""
        began = interaction.extras.get(BEGAN)
        if began is not None:
            self.client.figures.responded(time.perf_counter() - began)

    async def on_error(
        self, interaction: discord.Interaction[FootnoteBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Tell the person what went wrong, whatever it was."""
        await answer_for(interaction, error)

    async def sync_if_changed(self) -> bool:
        """Give Discord the commands if they differ from those it was given last; whether they did."""
        payload = [
            command.to_dict(self)
            if self.translator is None
            else await command.get_translated_payload(self, self.translator)
            for command in self.get_commands()
        ]
        named = [self.client.application_id, payload]
        digest = hashlib.sha256(json.dumps(named, sort_keys=True).encode()).hexdigest()
        if await self.client.ledger.value(SYNCED) == digest:
            return False
        await self.sync()
        await self.client.ledger.set_value(SYNCED, digest)
        log.info("Discord was given %d commands", len(payload))
        return True
