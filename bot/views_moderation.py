"""The buttons and forms of moderators. Whoever uses one is checked, wherever the request comes from.

Their state is in their ids, so that they work after a restart. discord.py remembers a form only while it
runs, so forms are sent without its memory and taken from Discord's event.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

import discord

from bot.checks import Interaction, require_moderator
from bot.texts import Texts
from bot.trouble import Refusal, answer_for, answered

Handler = Callable[[Interaction, str], Awaitable[None]]
Button = discord.ui.Button[discord.ui.View]


@dataclass(frozen=True, slots=True)
class Field:
    """The one field of a form; each text is cut to Discord's limits."""

    title: str
    label: str
    longest: int
    hint: str = ""


FormHandler = Callable[[Interaction, str, str], Awaitable[None]]
"""Takes the interaction, what the form is about, and what was typed."""

_HANDLERS: dict[str, Handler] = {}
_FORMS: dict[str, FormHandler] = {}
_FORM_ID = re.compile(r"fnm:(?P<act>[a-z]+)(?::(?P<about>[\w-]{1,60}))?")


def handles(act: str) -> Callable[[Handler], Handler]:
    """Register what a button does."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[act] = handler
        return handler

    return register


def takes(act: str) -> Callable[[FormHandler], FormHandler]:
    """Register what a form does."""

    def register(handler: FormHandler) -> FormHandler:
        _FORMS[act] = handler
        return handler

    return register


async def ask(interaction: Interaction, act: str, about: str, field: Field) -> None:
    """Open a form with one field."""
    form = discord.ui.Modal(title=field.title[:45], custom_id=f"fnm:{act}:{about}" if about else f"fnm:{act}")
    form.add_item(
        discord.ui.Label(
            text=field.label[:45],
            component=discord.ui.TextInput(
                custom_id="text", placeholder=field.hint[:100] or None, max_length=field.longest
            ),
        )
    )
    form.stop()  # so that discord.py does not keep it for ever: nobody tells when a form is closed
    await interaction.response.send_modal(form)


async def submitted(interaction: Interaction) -> None:
    """A form came in: check the person, then do what it is for. Other interactions are left alone."""
    if interaction.type is not discord.InteractionType.modal_submit or interaction.data is None:
        return
    found = _FORM_ID.fullmatch(str(interaction.data.get("custom_id", "")))
    if found is None:
        return
    try:
        require_moderator(interaction)
        handler = _FORMS.get(found["act"])
        if handler is None:
            raise Refusal(Texts.of(interaction.locale)("button_unknown"))
        await handler(interaction, found["about"] or "", _typed(interaction.data.get("components")))
    except asyncio.CancelledError as error:  # as for buttons
        await answer_for(interaction, error)
        raise
    except Exception as error:  # the last stop, as for buttons: nobody else would tell the person
        await answer_for(interaction, error)


def _typed(components: object) -> str:
    """What stands in the one field of a form, wherever the field is nested."""
    if isinstance(components, dict):
        if components.get("custom_id") == "text":
            return str(components.get("value") or "").strip()
        return _typed(components.get("component") or components.get("components"))
    if isinstance(components, list):
        return next((typed for typed in map(_typed, components) if typed), "")
    return ""


class ModeratorButton(
    discord.ui.DynamicItem[Button], template=r"fnm:(?P<act>[a-z]+)(?::(?P<about>[\w-]{1,60}))?"
):
    """A button that only moderators may press; its act and what it is about are in its id."""

    def __init__(self, button: Button, act: str, about: str) -> None:
        """`about` is an id or a page."""
        super().__init__(button)
        self.act, self.about = act, about

    @classmethod
    def made(
        cls,
        act: str,
        label: str,
        about: str = "",
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> Self:
        """A new button."""
        custom_id = f"fnm:{act}:{about}" if about else f"fnm:{act}"
        return cls(discord.ui.Button(label=label, custom_id=custom_id, style=style), act, about)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed, from its id alone."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["act"], match["about"] or "")

    @answered
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Check the person, then do what the button says."""
        require_moderator(interaction)
        handler = _HANDLERS.get(self.act)
        if handler is None:
            raise Refusal(Texts.of(interaction.locale)("button_unknown"))
        await handler(interaction, self.about)
