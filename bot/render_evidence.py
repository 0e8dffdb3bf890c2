"""The evidence of an answer as Discord shows it: each quote between its neighbours. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot import text
from bot.markup import escaped_within, length, link, short
from bot.render import ANSWERED, DOT, GLOBE, ROOM, SMALL, Shown, byline, packed, understood
from bot.texts import Texts
from index.types import Answer, Citation, Context

QUOTE = 1000
AROUND = 400
TRANSLATED = 600
"""The longest quote, sentence beside it, and translation; what is left out there is one click away."""


def evidence(
    answer: Answer, contexts: Sequence[Context | None], texts: Texts, *, page: int = 0, likely: bool = False
) -> Shown:
    """Each quote in bold, with the sentences around it; `contexts` are those of the citations, in order.

    Above them stands the full question that they answer.

    `likely`: with how likely the sentences answer the question, which moderators are shown.
    """
    quoted = [_quoted(*pair, texts) for pair in zip(answer.citations, contexts, strict=True)]
    pages = packed(quoted, "\n\n".join, ROOM)
    shown = pages[min(page, len(pages) - 1)] or texts("not_found")
    if page == 0 and answer.understood:
        shown = f"{understood(answer, texts)}\n{shown}"
    if any(citation.translation for citation in answer.citations):
        shown += f"\n\n{SMALL}{texts('translated')}"
    embed = discord.Embed(title=texts("evidence"), description=shown, colour=ANSWERED)
    footer = [texts("page", page=page + 1, pages=len(pages))] if len(pages) > 1 else []
    if likely and answer.confidence is not None:
        footer.append(texts("likely", share=texts.share(answer.confidence)))
    if footer:
        embed.set_footer(text=DOT.join(footer))
    return Shown((embed,), len(pages))


def _quoted(citation: Citation, context: Context | None, texts: Texts) -> str:
    head = f"**{citation.number}** · {link(byline(citation.article, texts), citation.link, 700)}"
    meant = short(citation.translation, TRANSLATED)
    under = f"\n{SMALL}{GLOBE}{meant}" if meant else ""
    if context is None:
        return f"{head}\n> {_strong(citation.quote)}{under}\n{SMALL}{texts('article_changed')}"
    parts = (_end_of(context.before), _strong(context.quote), short(context.after, AROUND))
    return f"{head}\n> {' '.join(part for part in parts if part)}{under}"


def _end_of(before: str) -> str:
    """The end of the sentence before the quote: where it is cut, it is cut at its beginning."""
    shown = text.one_line(before[-4 * AROUND :])
    if length(shown) > AROUND:
        shown = f"… {shown[-AROUND // 2 :].partition(' ')[2] or shown[-AROUND // 2 :]}"
    return escaped_within(shown, AROUND)


def _strong(quote: str) -> str:
    shown = short(quote, QUOTE)
    return f"**{shown}**" if shown else "…"
