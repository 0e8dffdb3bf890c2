"""What the tests of moderation share: a refresh that stands still, and requests past Discord's client."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from simcord import actors, interactions
from simcord.actors import _component_interaction, _dispatch_actor_interaction

from bot import refreshes
from index.reports import Progress, RefreshOptions, RefreshReport
from tests.discord.conftest import Footnote

ARTICLE = """---
title: Vilnius opens a bridge for cyclists
source: Town Crier
published: 2022-05-02
---
Vilnius opened a bridge for cyclists over the Neris on Monday, 2 May 2022. The bridge is 120 metres long and
cost four million euros, Mayor Remigijus Šimašius said at the opening.

The bridge links the old town with the sports park in Žirmūnai. The city plans two more bridges by 2025.
"""
BRIDGE = "How long is the new bridge for cyclists in Vilnius?"
FAR = 100.0
"""Seconds between looks at a held refresh: beyond those for which simcord waits for a timer."""


class Held:
    """The desk's refresh, standing still at 60% until it is let go; then the real one runs."""

    def __init__(self, footnote: Footnote, monkeypatch: pytest.MonkeyPatch, *, after: bool = False) -> None:
        """`after`: it stands still when all is done, instead of before."""
        self._footnote, self._after = footnote, after
        self._go = asyncio.Event()
        self._real = footnote.desk.refresh
        monkeypatch.setattr(footnote.desk, "refresh", self._refresh)
        monkeypatch.setattr(refreshes, "EVERY", FAR)

    async def moved(self) -> None:
        """Let the progress be shown."""
        await self._footnote.env.advance_time(FAR)

    async def let_go(self) -> None:
        self._go.set()
        await self._footnote.env.settle()

    async def _refresh(self, options: RefreshOptions) -> RefreshReport:
        report = await self._real(options) if self._after else None
        options.on_progress(Progress("embedding", 30, 50))
        await self._footnote.env.external_wait(self._go.wait(), reason="a held refresh")
        return report or await self._real(options)


async def edited(footnote: Footnote) -> None:
    """A change of one article, made elsewhere, that can be undone; none comes or goes."""
    file = min(footnote.corpus.glob("*.md"))
    file.write_text(file.read_text("utf-8") + "\nA word was added.\n", "utf-8")
    await footnote.desk.refresh(RefreshOptions())


async def forced(who: Any, channel: Any, name: str, **options: Any) -> Any:
    """A slash command as Discord would send it for somebody whom an owner lets see it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actors, "_check_command_access", lambda *_: None)
        return await who.slash(channel, name, **options)


async def typed(who: Any, channel: Any, name: str, option: str, value: str) -> list[dict[str, Any]]:
    """A completion asked for in the same way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(actors, "_check_command_access", lambda *_: None)
        found: list[dict[str, Any]] = await who.autocomplete(channel, name, option, value)
        return found


async def pressed(footnote: Footnote, who: Any, message: discord.Message, custom_id: str) -> Any:
    """A press of a button that the message may not even have: a request past the client."""
    stored = footnote.env.backend.get_message(message.channel.id, message.id)
    return await _component_interaction(who, stored, {"component_type": 2, "custom_id": custom_id})


async def submitted(who: Any, channel: Any, custom_id: str, value: str) -> Any:
    """A form that nobody opened: a request past the client."""
    field = {"type": 4, "custom_id": "text", "value": value, "id": 2}
    form = {"custom_id": custom_id, "components": [{"type": 18, "id": 1, "component": field}]}
    return await _dispatch_actor_interaction(who, 5, channel, form)


def from_elsewhere(monkeypatch: pytest.MonkeyPatch, server: int) -> None:
    """From now on requests come from a server that the bot has not joined, as with a user install."""
    real = interactions.base_payload

    def payload(*args: Any, **kwargs: Any) -> Any:
        record, sent = real(*args, **kwargs)
        sent["guild_id"] = str(server)
        sent["member"]["permissions"] = str(discord.Permissions.all().value)
        sent["authorizing_integration_owners"] = {"1": sent["member"]["user"]["id"]}
        return record, sent

    monkeypatch.setattr(interactions, "base_payload", payload)


def bot_messages(footnote: Footnote) -> list[discord.Message]:
    return [message for message in footnote.channel.history() if message.author.id == footnote.bot.user.id]  # type: ignore[union-attr]  # it is logged in
