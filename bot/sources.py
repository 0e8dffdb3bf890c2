"""Adding and removing articles: a draft is shown first, then somebody decides."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

import aiohttp
import discord
from discord import app_commands

from bot import render_moderation as render
from bot.checks import Interaction
from bot.gaps import GAPS_TRIED
from bot.ledger import Gap, StoredDraft
from bot.live import Look
from bot.markup import escaped_within, link
from bot.moderating import told
from bot.refreshes import alone, headlines, reported, who
from bot.render import DIFFERENT, byline
from bot.render_moderation import first_rows
from bot.text import label, one_line, shorten
from bot.texts import Texts
from bot.trouble import Refusal, deliver
from bot.views import stateless
from bot.views_moderation import Field, ModeratorButton, ask, handles, takes
from index.errors import FootnoteError
from index.reports import Draft, RefreshReport
from index.types import Question

if TYPE_CHECKING:
    from bot.app import FootnoteBot

log = logging.getLogger(__name__)

CHOICE = 100
"""Characters of a completion's value."""
ENDINGS = (".txt", ".md", ".markdown", ".html", ".htm", ".jsonl")
MEGABYTE = 1 << 20
ADDRESS = 500
"""The longest web address that can be added."""


async def preview_page(interaction: Interaction, url: str) -> None:
    """Fetch a page, and show what would be added."""
    await interaction.response.defer(ephemeral=True, thinking=True)
    await _preview(interaction, await interaction.client.desk.draft_page(url.strip()))


async def preview_file(interaction: Interaction, file: discord.Attachment) -> None:
    """Read a file, and show what would be added."""
    texts, limit = Texts.of(interaction.locale), interaction.client.settings.max_upload_mb
    if not file.filename.lower().endswith(ENDINGS):
        raise Refusal(texts("file_kind"))
    if file.size > limit * MEGABYTE:
        raise Refusal(texts("file_size", limit=limit))
    await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        content = await file.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        log.info("An attached file could not be read: %s", type(error).__name__)
        raise Refusal(texts("file_gone")) from None
    await _preview(interaction, await interaction.client.desk.draft_file(file.filename, content))


async def _preview(interaction: Interaction, draft: Draft) -> None:
    texts = Texts.of(interaction.locale)
    kept = await interaction.client.ledger.keep_draft(
        draft.name, draft.content, draft.url, interaction.user.id
    )
    view = discord.ui.View(timeout=None)
    view.add_item(ModeratorButton.made("add", texts("add"), kept, style=discord.ButtonStyle.success))
    view.add_item(ModeratorButton.made("discard", texts("discard"), kept))
    embed = render.draft(draft, texts)
    await deliver(lambda: interaction.edit_original_response(embed=embed, view=stateless(view)))


@handles("add")
async def _add(interaction: Interaction, draft_id: str) -> None:
    bot, texts = interaction.client, Texts.of(interaction.locale)
    stored = await _stored(interaction, draft_id)
    with alone(interaction, "add"):
        await interaction.response.defer()
        draft = await bot.desk.draft_file(stored.name, stored.content)
        before = await headlines(bot.desk)
        report = await bot.desk.add(draft)
    bot.asking.changed()
    await bot.moderation.note(who(interaction), "add", f"{stored.url or stored.name}: {told(report)}")
    await bot.ledger.drop_draft(draft_id)
    look = await reported(bot.desk, report, before, texts)
    await _show(interaction, look)
    filled = await _filled(bot, report)
    if filled:
        rows = [f"• {escaped_within(one_line(gap.question), 120)}" for gap in filled]
        look.embed.add_field(name=texts("gaps_filled"), value=first_rows(rows, texts), inline=False)
        await bot.ledger.close_gaps([gap.id for gap in filled], "answered by a new article")
        await _show(interaction, look)


async def _stored(interaction: Interaction, draft_id: str) -> StoredDraft:
    stored = await interaction.client.ledger.draft(draft_id)
    if stored is None:
        raise Refusal(Texts.of(interaction.locale)("draft_gone"))
    return stored


async def _show(interaction: Interaction, look: Look) -> None:
    await deliver(
        lambda: interaction.edit_original_response(embed=look.embed, view=None, attachments=look.files)
    )


async def _filled(bot: FootnoteBot, report: RefreshReport) -> list[Gap]:
    """Open gap questions that a new article answers now."""
    fresh = {*report.added, *report.changed}
    filled = []
    for gap in (await bot.ledger.gaps())[:GAPS_TRIED] if fresh else ():
        try:
            answer = await bot.desk.ask(Question(gap.question, plain=True))
        except FootnoteError as error:  # the article is in all the same
            log.info("A gap could not be asked again: %s", type(error).__name__)
            continue
        if any(citation.article.id in fresh for citation in answer.citations):
            filled.append(gap)
    return filled


@handles("discard")
async def _discard(interaction: Interaction, draft_id: str) -> None:
    texts = Texts.of(interaction.locale)
    await _stored(interaction, draft_id)  # what was added already is not discarded
    await interaction.client.ledger.drop_draft(draft_id)
    await interaction.response.edit_message(content=texts("discarded"), embeds=[], view=None)


async def removable(bot: FootnoteBot, typed: str) -> list[app_commands.Choice[str]]:
    """Articles whose headline holds what is typed, as completions."""
    cards = await bot.desk.titles(typed, 25)
    return [app_commands.Choice(name=shorten(label(card), 100), value=_short(card.id)) for card in cards]


async def confirm_removal(interaction: Interaction, chosen: str) -> None:
    """Show the article that would go, and ask. `chosen` is what a completion gave, or an id."""
    texts, bot = Texts.of(interaction.locale), interaction.client
    await interaction.response.defer(ephemeral=True, thinking=True)
    card = next((card for card in await bot.desk.articles() if chosen in {card.id, _short(card.id)}), None)
    if card is None:
        raise Refusal(texts("no_such_article"))
    kept = await bot.ledger.keep_draft("remove", card.id.encode(), None, interaction.user.id)
    view = discord.ui.View(timeout=None)
    view.add_item(ModeratorButton.made("remove", texts("remove"), kept, style=discord.ButtonStyle.danger))
    view.add_item(ModeratorButton.made("nothing", texts("keep_it")))
    shown = link(byline(card, texts), card.url, 600)
    embed = discord.Embed(title=texts("remove_title"), description=shown, colour=DIFFERENT)
    await deliver(lambda: interaction.edit_original_response(embed=embed, view=stateless(view)))


@handles("remove")
async def _remove(interaction: Interaction, kept: str) -> None:
    bot, texts = interaction.client, Texts.of(interaction.locale)
    article_id = (await _stored(interaction, kept)).content.decode()
    with alone(interaction, "remove"):
        await interaction.response.defer()
        before = await headlines(bot.desk)
        report = await bot.desk.remove(article_id)
    bot.asking.changed()
    await bot.moderation.note(who(interaction), "remove", before.get(article_id, article_id))
    await bot.ledger.drop_draft(kept)
    await _show(interaction, await reported(bot.desk, report, before, texts))


def _short(article_id: str) -> str:
    """The id, or what stands for it where it is longer than a completion may be."""
    if len(article_id) <= CHOICE:
        return article_id
    return f"#{hashlib.sha256(article_id.encode()).hexdigest()[:32]}"


@handles("source")
async def _source(interaction: Interaction, _: str) -> None:
    texts = Texts.of(interaction.locale)
    await ask(
        interaction, "source", "", Field(texts("source_title"), texts("source_address"), ADDRESS, "https://…")
    )


@takes("source")
async def _page(interaction: Interaction, _: str, address: str) -> None:
    await preview_page(interaction, address)
