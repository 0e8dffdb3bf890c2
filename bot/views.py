"""The controls under an answer. Their state is in their ids and in the ledger: they outlive a restart."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from bot import render, render_evidence
from bot.checks import Interaction, is_moderator
from bot.ledger import Kept
from bot.texts import Texts
from bot.trouble import Refusal, answered, deliver

ID = r"(?P<id>[\w-]{12})"
Buttons = discord.ui.Button[discord.ui.View]


class AnswerButton(
    discord.ui.DynamicItem[Buttons],
    template=rf"fn:(?P<act>ev|more|up|down|del):{ID}(?::(?P<page>\d{{1,3}}))?",
):
    """A button that belongs to a kept answer."""

    def __init__(self, button: Buttons, act: str, kept: str, page: int) -> None:
        """`page` is the one that the button leads to."""
        super().__init__(button)
        self.act, self.kept, self.page = act, kept, page

    @classmethod
    def made(cls, act: str, kept: str, label: str, *, emoji: str | None = None, page: int = 0) -> Self:
        """A new button."""
        custom_id = f"fn:{act}:{kept}" + (f":{page}" if page else "")
        button: Buttons = discord.ui.Button(label=label or None, emoji=emoji, custom_id=custom_id)
        return cls(button, act, kept, page)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed, from its id alone."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["act"], match["id"], int(match["page"] or 0))

    @answered
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Do what the button says."""
        kept = await _kept(interaction, self.kept)
        await _ACTS[self.act](interaction, kept, self.page)


def answer_view(
    kept: str, texts: Texts, *, pages: int, evidence: bool, votes: tuple[int, int] = (0, 0)
) -> discord.ui.View:
    """The controls of an answer: evidence, more, thumbs, delete."""
    view = discord.ui.View(timeout=None)
    if evidence:
        view.add_item(AnswerButton.made("ev", kept, texts("show_evidence"), emoji="🔎"))
    if pages > 1:
        view.add_item(AnswerButton.made("more", kept, texts("more"), emoji="📄", page=1))
    up, down = votes
    view.add_item(AnswerButton.made("up", kept, str(up or ""), emoji="👍"))
    view.add_item(AnswerButton.made("down", kept, str(down or ""), emoji="👎"))
    view.add_item(AnswerButton.made("del", kept, "", emoji="🗑️"))
    return stateless(view)


def stateless(view: discord.ui.View) -> discord.ui.View:
    """The view as what is sent, and no more: discord.py keeps every other one for as long as the bot runs."""
    view.stop()
    return view


async def _kept(interaction: Interaction, answer_id: str) -> Kept:
    """The answer behind a button. Raises Refusal where it is gone or another person's private one."""
    texts = Texts.of(interaction.locale)
    kept = await interaction.client.ledger.kept(answer_id)
    if kept is None:
        raise Refusal(texts("answer_forgotten"))
    if kept.place.private and kept.place.person != interaction.user.id:
        raise Refusal(texts("answer_private"))
    return kept


async def _evidence(interaction: Interaction, kept: Kept, page: int) -> None:
    texts = Texts.of(interaction.locale)
    await interaction.response.defer(ephemeral=True, thinking=True)
    desk = interaction.client.desk
    contexts = [await desk.context(citation) for citation in kept.answer.citations]
    shown = render_evidence.evidence(
        kept.answer, contexts, texts, page=page, likely=is_moderator(interaction)
    )
    await _send(interaction, shown, _next("ev", kept, page, shown.pages, texts))


async def _more(interaction: Interaction, kept: Kept, page: int) -> None:
    texts = Texts.of(interaction.locale)
    await interaction.response.defer(ephemeral=True, thinking=True)
    shown = render.answer(kept.answer, texts, page=page, title=False)
    await _send(interaction, shown, _next("more", kept, page, shown.pages, texts))


async def _vote(interaction: Interaction, kept: Kept, *, up: bool) -> None:
    texts, ledger = Texts.of(interaction.locale), interaction.client.ledger
    await interaction.response.defer()
    now = await ledger.vote(kept.id, interaction.user.id, up)
    view = _recounted(interaction.message, await ledger.votes(kept.id))
    if view is not None:
        await deliver(lambda: interaction.edit_original_response(view=view))
    seen = kept.place.server is not None and not kept.place.private
    down = "vote_down" if seen else "vote_down_unseen"
    said = texts("vote_taken_back") if now is None else texts("vote_up" if now else down)
    await deliver(lambda: interaction.followup.send(said, ephemeral=True))


def _recounted(message: discord.Message | None, votes: tuple[int, int]) -> discord.ui.View | None:
    """The controls as the message has them, in its language, with the thumbs counted."""
    if message is None:
        return None
    view = discord.ui.View.from_message(message, timeout=None)
    for item in view.children:
        found = re.match(r"fn:(up|down):", getattr(item, "custom_id", None) or "")
        if found and isinstance(item, discord.ui.Button):
            item.label = str(votes[found[1] == "down"] or "") or None
    return stateless(view)


async def _delete(interaction: Interaction, kept: Kept, _: int) -> None:
    texts = Texts.of(interaction.locale)
    may = interaction.user.id == kept.place.person or is_moderator(interaction)
    if not may and not (interaction.guild_id and interaction.permissions.manage_messages):
        raise Refusal(texts("not_yours_to_delete"))
    await interaction.response.defer()
    await deliver(interaction.delete_original_response)
    await interaction.client.ledger.forget(kept.id)


def _next(act: str, kept: Kept, page: int, pages: int, texts: Texts) -> discord.ui.View | None:
    if page + 1 >= pages:
        return None
    view = discord.ui.View(timeout=None)
    view.add_item(AnswerButton.made(act, kept.id, texts("more"), emoji="📄", page=page + 1))
    return stateless(view)


async def _send(interaction: Interaction, shown: render.Shown, view: discord.ui.View | None) -> None:
    await deliver(lambda: interaction.edit_original_response(embeds=shown.embeds, view=view))


_ACTS = {
    "ev": _evidence,
    "more": _more,
    "up": lambda interaction, kept, _: _vote(interaction, kept, up=True),
    "down": lambda interaction, kept, _: _vote(interaction, kept, up=False),
    "del": _delete,
}
