"""Look-ups that go over several pages: what was looked up is kept, so that pages turn after a restart."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Self

import discord

from bot import render_lookups as render
from bot.checks import Interaction
from bot.render import Shown
from bot.texts import Texts
from bot.trouble import Refusal, answered, deliver
from bot.views import stateless
from index.desk import Desk
from index.types import Filters

SEARCHED = 25
"""Articles that a search pages through."""

Kind = Literal["search", "articles", "timeline", "check"]
Button = discord.ui.Button[discord.ui.View]


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was looked up: enough to do it again."""

    kind: Kind
    text: str = ""
    filters: Filters = Filters()

    def dump(self) -> bytes:
        """As it is kept."""
        day = {"after": self.filters.after, "before": self.filters.before}
        days = {name: value.isoformat() if value else None for name, value in day.items()}
        kept = {"kind": self.kind, "text": self.text, "source": self.filters.source, **days}
        return json.dumps(kept).encode()

    @classmethod
    def load(cls, content: bytes) -> Self:
        """The look-up that was kept."""
        kept = json.loads(content)
        days = [date.fromisoformat(kept[name]) if kept[name] else None for name in ("after", "before")]
        return cls(kept["kind"], kept["text"], Filters(kept["source"], *days))

    async def shown(self, desk: Desk, texts: Texts, page: int) -> Shown:
        """A page of it, from 0."""
        return await _SHOWN[self.kind](self, desk, texts, page)


class PageButton(discord.ui.DynamicItem[Button], template=r"fn:pg:(?P<id>[\w-]{12}):(?P<page>\d{1,6})"):
    """Leads to a page of a look-up."""

    def __init__(self, button: Button, kept: str, page: int) -> None:
        """`page` is the one that the button leads to."""
        super().__init__(button)
        self.kept, self.page = kept, page

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """The button that was pressed, from its id alone."""
        assert isinstance(item, discord.ui.Button)
        return cls(item, match["id"], int(match["page"]))

    @answered
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Turn the page for the person who looked up; others get a page of their own."""
        texts = Texts.of(interaction.locale)
        stored = await interaction.client.ledger.draft(self.kept)
        if stored is None:
            raise Refusal(texts("lookup_forgotten"))
        own = stored.person == interaction.user.id
        await interaction.response.defer(ephemeral=not own, thinking=not own)
        shown = await Lookup.load(stored.content).shown(interaction.client.desk, texts, self.page)
        await show(interaction, shown, self.kept, self.page, texts)


async def look_up(interaction: Interaction, lookup: Lookup) -> None:
    """Do it, and show its first page. The interaction is deferred already."""
    texts, bot = Texts.of(interaction.locale), interaction.client
    shown = await lookup.shown(bot.desk, texts, 0)
    kept = ""
    if shown.pages > 1:
        kept = await bot.ledger.keep_draft(lookup.kind, lookup.dump(), None, interaction.user.id)
    await show(interaction, shown, kept, 0, texts)


async def show(interaction: Interaction, shown: Shown, kept: str, page: int, texts: Texts) -> None:
    """A page with the buttons to its neighbours."""
    view = discord.ui.View(timeout=None)
    page = min(page, shown.pages - 1)  # there are fewer by now
    for label, to in ((texts("earlier_page"), page - 1), (texts("next_page"), page + 1)):
        if kept and 0 <= to < shown.pages:
            button: Button = discord.ui.Button(label=label, custom_id=f"fn:pg:{kept}:{to}")
            view.add_item(PageButton(button, kept, to))
    await deliver(
        lambda: interaction.edit_original_response(content=None, embeds=shown.embeds, view=stateless(view))
    )


async def _search(lookup: Lookup, desk: Desk, texts: Texts, page: int) -> Shown:
    hits = await desk.search(lookup.text, SEARCHED, lookup.filters)
    return render.hits(hits, lookup.text, texts, page=page)


async def _articles(lookup: Lookup, desk: Desk, texts: Texts, page: int) -> Shown:
    return render.article_list(await desk.articles(lookup.filters), texts, page=page)


async def _timeline(lookup: Lookup, desk: Desk, texts: Texts, page: int) -> Shown:
    return render.timeline(await desk.timeline(lookup.text, lookup.filters), lookup.text, texts, page=page)


async def _check(lookup: Lookup, desk: Desk, texts: Texts, page: int) -> Shown:
    return render.check(await desk.check(lookup.text), texts, page=page)


_SHOWN: Mapping[Kind, Callable[[Lookup, Desk, Texts, int], Awaitable[Shown]]] = {
    "search": _search,
    "articles": _articles,
    "timeline": _timeline,
    "check": _check,
}
