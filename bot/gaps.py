"""The gap board: what was asked and not answered well."""

from __future__ import annotations

import discord

from bot import render_boards as render
from bot.checks import Interaction
from bot.refreshes import who
from bot.render_boards import GapGroup
from bot.texts import Texts
from bot.trouble import Refusal, deliver
from bot.views import stateless
from bot.views_moderation import Field, ModeratorButton, ask, handles, takes

GAPS_TRIED = 50
"""Open questions that are asked again when an article is added, those asked most first."""
REASON = 200
"""The longest reason for closing a gap."""
BOARD = 300
"""Open questions that are put together."""


async def show_board(interaction: Interaction, page: int) -> None:
    """A page of the board. The interaction is deferred already."""
    texts = Texts.of(interaction.locale)
    groups = await _groups(interaction)
    shown = render.gap_board(groups, texts, page=page)
    view = discord.ui.View(timeout=None)
    page = min(page, shown.pages - 1)  # the board has become shorter
    first = page * render.GAPS
    for number, group in enumerate(groups[first:][: render.GAPS], first + 1):
        view.add_item(ModeratorButton.made("gap", str(number), str(group.gaps[0].id)))
    for label, to in ((texts("earlier_page"), page - 1), (texts("next_page"), page + 1)):
        if 0 <= to < shown.pages:
            view.add_item(ModeratorButton.made("gaps", label, str(to)))
    await deliver(lambda: interaction.edit_original_response(embeds=shown.embeds, view=stateless(view)))


@handles("gaps")
async def _turn(interaction: Interaction, page: str) -> None:
    await interaction.response.defer()
    await show_board(interaction, int(page))


@handles("gap")
async def _gap(interaction: Interaction, gap_id: str) -> None:
    texts = Texts.of(interaction.locale)
    await interaction.response.defer(ephemeral=True, thinking=True)
    group = await _group(interaction, gap_id)
    view = discord.ui.View(timeout=None)
    view.add_item(ModeratorButton.made("source", texts("add_source"), style=discord.ButtonStyle.success))
    view.add_item(ModeratorButton.made("close", texts("not_ours"), gap_id))
    embed = render.gap(group, texts)
    await deliver(lambda: interaction.edit_original_response(embed=embed, view=stateless(view)))


@handles("close")
async def _ask_why(interaction: Interaction, gap_id: str) -> None:
    texts = Texts.of(interaction.locale)
    field = Field(texts("not_ours"), texts("close_why"), REASON, texts("close_hint"))
    await ask(interaction, "close", gap_id, field)


@takes("close")
async def _close(interaction: Interaction, gap_id: str, reason: str) -> None:
    bot, texts = interaction.client, Texts.of(interaction.locale)
    await interaction.response.defer()
    group = await _group(interaction, gap_id)
    await bot.ledger.close_gaps([gap.id for gap in group.gaps], reason[:REASON])
    # The history is for ever, and the question belongs to who asked it: only the reason is kept.
    await bot.moderation.note(who(interaction), "close_gap", reason[:REASON])
    await deliver(
        lambda: interaction.edit_original_response(content=texts("gap_closed"), embeds=[], view=None)
    )


async def _groups(interaction: Interaction) -> list[GapGroup]:
    """Open questions, similar ones together, those asked most first."""
    gaps = (await interaction.client.ledger.gaps())[:BOARD]
    if not gaps:
        return []
    alike = await interaction.client.desk.alike([gap.question for gap in gaps])
    groups = [GapGroup(tuple(gaps[place] for place in places)) for places in alike]
    return sorted(groups, key=lambda group: -group.asked)


async def _group(interaction: Interaction, gap_id: str) -> GapGroup:
    for group in await _groups(interaction):
        if any(str(gap.id) == gap_id for gap in group.gaps):
            return group
    raise Refusal(Texts.of(interaction.locale)("gap_gone"))
