"""The boards of moderators: open gaps, and the history. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot import text
from bot.ledger import Act, Gap
from bot.markup import cut, escaped_within, line
from bot.render import ANSWERED, DIFFERENT, DOT, NOTHING, Shown
from bot.texts import Texts

GAPS = 5
ACTS = 10
"""Rows of a page."""
KINDS = frozenset(
    {
        "refresh",
        "refresh_paused",
        "refresh_resumed",
        "refresh_cancelled",
        "refresh_failed",
        "refresh_refused",
        "dry_run",
        "add",
        "remove",
        "undo",
        "schedule",
        "close_gap",
        "canary_fell",
        "canary_failed",
    }
)
"""What the history knows, each with a text `act_…`."""


@dataclass(frozen=True, slots=True)
class GapGroup:
    """Questions that ask the same."""

    gaps: tuple[Gap, ...]
    """The one asked most leads."""

    @property
    def asked(self) -> int:
        """How often they were asked, together."""
        return sum(gap.asked for gap in self.gaps)


def gap_board(groups: Sequence[GapGroup], texts: Texts, *, page: int = 0) -> Shown:
    """Questions without a good answer, those asked most first."""
    if not groups:
        nothing = discord.Embed(title=texts("gaps_title"), description=texts("gaps_none"), colour=NOTHING)
        return Shown((nothing,), 1)
    pages = -(-len(groups) // GAPS)
    page = min(page, pages - 1)
    rows = [
        _gap(group, number, texts)
        for number, group in enumerate(groups[page * GAPS :][:GAPS], page * GAPS + 1)
    ]
    embed = discord.Embed(title=texts("gaps_title"), description="\n\n".join(rows), colour=DIFFERENT)
    if pages > 1:
        embed.set_footer(text=texts("page", page=page + 1, pages=pages))
    return Shown((embed,), pages)


def gap(group: GapGroup, texts: Texts) -> discord.Embed:
    """One group, with all its wordings."""
    rows = []
    for each in group.gaps[:15]:
        likely = "" if each.likely is None else f"{DOT}{texts.share(each.likely)}"
        rows.append(f"• {escaped_within(text.one_line(each.question), 200)} ×{each.asked}{likely}")
    embed = discord.Embed(title=texts("gap_title"), description="\n".join(rows), colour=DIFFERENT)
    if any(each.likely is not None for each in group.gaps):
        embed.set_footer(text=texts("gap_likely"))
    return embed


def history(acts: Sequence[Act], texts: Texts) -> discord.Embed:
    """Who did what when."""
    rows = [f"<t:{int(act.when.timestamp())}:f> · {act_line(act, texts)}" for act in acts]
    shown = "\n".join(rows) or texts("history_none")
    embed = discord.Embed(title=texts("history_title"), description=shown, colour=ANSWERED)
    return embed.set_footer(text=texts("history_legend")) if acts else embed


def act_line(act: Act, texts: Texts) -> str:
    """What somebody did, in one line."""
    kind = texts(f"act_{act.kind}") if act.kind in KINDS else line(cut(act.kind, 40))
    detail = escaped_within(act.detail, 180)
    if act.kind == "schedule":
        detail = texts("every_hours", hours=detail) if detail != "0" else texts("off")
    return DOT.join(part for part in (f"**{kind}**", shown_name(act.name), detail) if part)


def shown_name(name: str) -> str:
    """A person's name, harmless."""
    return line(cut(text.one_line(name), 60))


def _gap(group: GapGroup, number: int, texts: Texts) -> str:
    lead = group.gaps[0]
    asked = texts("gap_asked", asked=group.asked, wordings=len(group.gaps))
    first, last = min(gap.first for gap in group.gaps).date(), max(gap.last for gap in group.gaps).date()
    days = " – ".join(texts.day(day) for day in dict.fromkeys((first, last)))
    return f"**{number}\\.** {escaped_within(text.one_line(lead.question), 250)}\n-# {asked}{DOT}{days}"
