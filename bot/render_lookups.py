"""Look-ups as Discord shows them: passages, articles, timelines, checks, and what the bot is. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

import discord

from bot import told
from bot.markup import BREAKS, length, link, mark, short
from bot.render import (
    ANSWERED,
    DIFFERENT,
    DOT,
    NOTHING,
    OUTLET,
    ROOM,
    Shown,
    byline,
    fitting,
    headline,
    outlet,
    packed,
)
from bot.text import window
from bot.texts import Texts
from corpus.article import Article
from index.reports import Status
from index.types import Card, CheckedClaim, Event, Hit, Span

T = TypeVar("T")

HITS = 5
LISTED = 10
"""Rows of a page."""
LISTS = 4000
"""Units of them."""
EXCERPT = 260
"""Characters of a passage."""
FIRST_LINES = 400
SIGNS = {"supported": "✅", "differs": "⚠️", "not_found": "❔"}


def hits(hits: Sequence[Hit], query: str, texts: Texts, *, page: int = 0) -> Shown:
    """Passages with the matched words in bold, five a page."""
    title = short(texts("search_title", query=query), 250)
    return _listed(hits, lambda hit, number, long: _hit(hit, number, long, texts), title, HITS, texts, page)


def article(article: Article, related: Sequence[Card], texts: Texts) -> Shown:
    """The card of an article: headline, outlet, day, author, first lines, what else covers it."""
    card = Card(article.id, article.title, article.source, article.url, article.published)
    title = headline(replace(card, opening=article.text[:200]), 200)
    author = texts("by_author", author=article.author) if article.author else ""
    about = [outlet(card), texts.day(article.published), short(author, 150)]
    opening = short(article.text, FIRST_LINES)
    others = [(byline(other, texts), other.url) for other in related[:5]]

    def show(long: int, _: int) -> str:
        parts = [
            f"### {link(title, article.url, long)}",
            DOT.join(filter(None, about)),
            "",
            f"> {opening or '…'}",
        ]
        if others:
            rows = [f"• {link(other, url, long)}" for other, url in others]
            parts += ["", f"**{texts('also_covering')}**", *rows]
        return "\n".join(parts)

    return Shown((discord.Embed(description=fitting(show, ROOM), colour=ANSWERED),), 1)


def article_list(cards: Sequence[Card], texts: Texts, *, page: int = 0) -> Shown:
    """Articles, ten a page."""
    title = f"{texts('articles_title')} · {texts.number(len(cards))}"
    if not cards:
        return _nothing(texts("articles_title"), texts("no_articles"))

    def row(card: Card, number: int, long: int) -> str:
        return f"{number}\\. {link(byline(card, texts), card.url, long)}"

    return _listed(cards, row, title, LISTED, texts, page, between="\n")


def timeline(events: Sequence[Event], topic: str, texts: Texts, *, page: int = 0) -> Shown:
    """Dated facts in order, by year."""
    title = short(texts("timeline_title", topic=topic), 250)
    if not events:
        return _nothing(title, texts("no_timeline"))

    def show(some: Sequence[tuple[int, str]]) -> str:
        rows: list[str] = []
        for place, (year, row) in enumerate(some):
            if place == 0 or some[place - 1][0] != year:
                rows.append(f"### {year}")
            rows.append(row)
        return "\n".join(rows)

    pages = packed([(event.first.year, _event(event, texts)) for event in events], show, 2000)
    return _page(title, pages, page, texts, ANSWERED)


def check(claims: Sequence[CheckedClaim], texts: Texts, *, page: int = 0) -> Shown:
    """Each claim with its verdict and the quotes behind it."""
    if not claims:
        return _nothing(texts("check_title"), texts("nothing_to_check"))
    pages = packed([_checked(claim, texts) for claim in claims], "\n\n".join, ROOM)
    pages = [f"{shown}\n\n-# {texts('check_note')}" for shown in pages]
    differs = any(claim.verdict == "differs" for claim in claims)
    return _page(texts("check_title"), pages, page, texts, DIFFERENT if differs else ANSWERED)


def about(status: Status, texts: Texts) -> Shown:
    """What the bot is, what it knows, and what it keeps."""
    said = texts("about_written" if status.writer else "about").strip()
    embed = discord.Embed(title=texts("about_title"), description=said, colour=ANSWERED)
    outlets = texts.count("outlet", len(status.sources))
    known = f"{texts.count('article', status.articles)}{DOT}{outlets}"
    embed.add_field(name=texts("about_articles"), value=known)
    embed.add_field(name=texts("about_newest"), value=texts.day(status.newest) or texts("unknown"))
    refreshed = status.last_refresh
    when = texts.ago(refreshed, datetime.now(UTC)) if refreshed else texts("never")
    embed.add_field(name=texts("about_refreshed"), value=when)
    if status.writer:
        sent = texts("about_model", writer=short(status.writer, told.WRITER))
        embed.add_field(name=texts("status_writer"), value=sent, inline=False)
    embed.add_field(name=texts("about_privacy"), value=texts("privacy"), inline=False)
    return Shown((embed,), 1)


def usage(texts: Texts) -> Shown:
    """How the bot is used."""
    return Shown(
        (discord.Embed(title=texts("help_title"), description=texts("help").strip(), colour=ANSWERED),), 1
    )


def _hit(hit: Hit, number: int, long: int, texts: Texts) -> str:
    passage = hit.passage.text
    shown = window(passage, hit.matched, EXCERPT)
    start, end = shown.start, shown.end
    inside = [
        Span(span.start - start, min(span.end, end) - start)
        for span in hit.matched
        if start <= span.start < end
    ]
    dots = ("… " if start else "", " …" if end < len(passage) else "")
    quoted = re.sub(" {2,}", " ", mark(passage[start:end].translate(BREAKS), inside)).strip()
    if length(quoted) > 2 * EXCERPT:  # so much markup that the marks would be lost in it
        quoted = short(passage[start:end], 2 * EXCERPT)
    more = f" · {texts('more_passages', n=texts.number(hit.more))}" if hit.more else ""
    head = f"**{number}\\.** {link(byline(hit.card, texts), hit.card.url, long)}{more}"
    return f"{head}\n> {dots[0]}{quoted or '…'}{dots[1]}"


def _event(event: Event, texts: Texts) -> str:
    citation = event.citation
    said = short(event.sentence, 300)
    source = outlet(citation.article) or headline(citation.article, OUTLET)
    day = _day(event, texts) if event.stated else texts("reported", day=_day(event, texts))
    return f"**{day}** — {said} ({link(source, citation.link, 300)})"


def _day(event: Event, texts: Texts) -> str:
    if event.first == event.last:
        return texts.day(event.first)
    if (event.first.year, event.first.month) == (event.last.year, event.last.month):
        return texts.month(event.first)
    return str(event.first.year)


def _checked(claim: CheckedClaim, texts: Texts) -> str:
    said = short(claim.claim, 320)
    verdict = texts(f"verdict_{claim.verdict}")
    difference = f": {short(claim.difference, 200)}" if claim.difference else ""
    rows = [f"{SIGNS[claim.verdict]} **{verdict}**{difference}", said]
    for citation in claim.citations[:3]:
        quote = short(citation.quote, 350)
        rows.append(f"> {quote} — {link(byline(citation.article, texts), citation.link, 300)}")
    return "\n".join(rows)


def _nothing(title: str, sentence: str) -> Shown:
    return Shown((discord.Embed(title=title, description=sentence, colour=NOTHING),), 1)


def _listed(
    items: Sequence[T],
    row: Callable[[T, int, int], str],
    title: str,
    size: int,
    texts: Texts,
    page: int,
    between: str = "\n\n",
) -> Shown:
    if not items:
        return _nothing(title, texts("found_nothing"))
    pages = -(-len(items) // size)
    page = min(page, pages - 1)
    on_page = list(enumerate(items[page * size :][:size], page * size + 1))

    def show(long: int, _: int) -> str:
        return between.join(row(item, number, long) for number, item in on_page)

    embed = discord.Embed(title=title, description=fitting(show, LISTS), colour=ANSWERED)
    if pages > 1:
        embed.set_footer(text=texts("page", page=page + 1, pages=pages))
    return Shown((embed,), pages)


def _page(title: str, pages: Sequence[str], page: int, texts: Texts, colour: discord.Colour) -> Shown:
    page = min(page, len(pages) - 1)
    embed = discord.Embed(title=title, description=pages[page], colour=colour)
    if len(pages) > 1:
        embed.set_footer(text=texts("page", page=page + 1, pages=len(pages)))
    return Shown((embed,), len(pages))
