"""An answer as Discord shows it. Pure: values in, embeds within every limit out.

Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import discord

from bot import text, told
from bot.markup import clean, cut, escape, escaped_within, length, link, parted, short, usable
from bot.texts import Texts
from index.types import Answer, AnswerSentence, Card, Citation, Claim

T = TypeVar("T")

ROOM = 3200
"""Units of a description; with title, fields and footer it stays under Discord's 6,000."""
READ = 1600
"""Units of the sentences and footnotes of a page, without links: more is not read on a phone."""
SENTENCE = 700
"""The longest sentence that is shown whole: the rest of a longer one follows on the next page."""
ENDLESS = 40_000
"""A sentence beyond this is no sentence; showing it all would keep everybody else waiting."""
FIELDS = 1900
"""Units of all fields; a second difference is left out where there is no room for it."""
OUTLET = 60
HEADLINE = 90
ANSWERED = discord.Colour(0x3B82C4)
DIFFERENT = discord.Colour(0xD9902F)
NOTHING = discord.Colour(0x8A8F98)
LINKS = ((800, 300), (500, 0), (200, 0), (0, 0))
"""Longest addresses in footnotes and in the numbers behind a sentence: the first pair that fits is taken."""
DOT = " · "
GLOBE, SMALL = "🌐 ", "-# "
"""Before a translation, and before what stands small."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of something."""

    embeds: tuple[discord.Embed, ...]
    pages: int
    """How many pages there are in all, at least 1."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands in one paragraph of an answer."""

    text: str
    citations: tuple[int, ...]
    mark: str = ""
    original: str = ""
    """What was translated, where there is room for it beside the translation."""


def answer(
    answer: Answer, texts: Texts, *, page: int = 0, title: bool = True, growing: bool = False
) -> Shown:
    """The answer's sentences, each with its numbers, and the footnotes under them.

    `title`: whether the question stands above; `page` counts from 0; `growing`: more is being written.
    """
    if answer.outcome == "not_found":
        return Shown((_titled(_not_found(answer, texts), answer, title=title),), 1)
    by_number = {citation.number: citation for citation in answer.citations}
    pieces = [piece for sentence in answer.sentences for piece in _pieces(sentence)]
    pages = _on_pages(pieces, by_number, texts)
    notes = (f"✍️ {texts('being_written')}",) if growing else told.notes(answer, texts)
    under = "\n".join(("\n", *(f"{SMALL}{note}" for note in notes))) if notes else ""
    said = partial(_said, pages[min(page, len(pages) - 1)], by_number, texts)
    shown = fitting(said, ROOM - length(under)) + under
    compared = answer.differences or answer.changes
    embed = discord.Embed(description=shown, colour=DIFFERENT if compared else ANSWERED)
    if page == 0:
        _add_differences(embed, answer, texts)
        if answer.understood != answer.question:
            embed.description = f"{understood(answer, texts)}{shown}"
    if growing:  # the end is not told before it is there
        return Shown((_titled(embed, answer, title=title),), 1)
    footer = [texts("as_of", day=texts.day(answer.as_of))] if answer.as_of else []
    footer += told.counted(answer, texts)
    if len(pages) > 1:
        footer.append(texts("page", page=page + 1, pages=len(pages)))
    if footer:  # Discord refuses a footer without words
        embed.set_footer(text=DOT.join(footer))
    return Shown((_titled(embed, answer, title=title and page == 0),), len(pages))


def understood(answer: Answer, texts: Texts) -> str:
    """A line with the full question that the answer was given to; empty where it is not known."""
    if not answer.understood:
        return ""
    return f"-# {short(texts('understood_as', question=answer.understood), 300)}\n"


def packed(items: Sequence[T], show: Callable[[Sequence[T]], str], room: int) -> list[str]:
    """The items on as few pages as `room` units allow, in order; at least one page."""
    pages: list[str] = []
    on_page: list[T] = []
    for item in items:
        if on_page and length(show([*on_page, item])) > room:
            pages.append(show(on_page))
            on_page = []
        on_page.append(item)
    return [*pages, show(on_page)]


def byline(card: Card, texts: Texts) -> str:
    """Outlet · day · headline, escaped, each cut to what a phone shows. Never empty."""
    parts = (outlet(card), texts.day(card.published), headline(card, HEADLINE))
    return DOT.join(part for part in parts if part)


def outlet(card: Card) -> str:
    """The outlet, escaped; empty where it is not known."""
    return _within(card.source or "", OUTLET)


def headline(card: Card, limit: int) -> str:
    """The headline or what stands in for it, escaped, of `limit` units before that. Never empty."""
    seen = replace(card, title=clean(card.title[:2000]), opening=clean(card.opening[:2000]))
    return _within(text.label(seen), limit) or "–"


def fitting(show: Callable[[int, int], str], room: int) -> str:
    """What `show` gives with the longest addresses that leave it within `room`; cut off at the worst."""
    for limits in LINKS:
        shown = show(*limits)
        if length(shown) <= room:
            return shown
    return cut(shown, room)


def _within(value: str, limit: int) -> str:
    # Half as much again for backslashes: a headline made of markup is cut earlier than others.
    return escaped_within(cut(text.one_line(value[: 4 * limit]), limit), limit * 3 // 2)


def _pieces(sentence: AnswerSentence) -> list[_Piece]:
    """The sentence, or where it is too long its parts, each with all of its citations."""
    said = text.one_line(cut(sentence.text, ENDLESS))
    translated = text.one_line(cut(sentence.translation, ENDLESS))
    if translated and length(translated) + length(said) <= SENTENCE:
        return [_Piece(translated, sentence.citations, GLOBE, said)]
    kinds = ((translated, GLOBE), (said, SMALL)) if translated else ((said, ""),)
    return [_Piece(part, sentence.citations, mark) for whole, mark in kinds for part in _parts(whole)]


def _parts(whole: str) -> Iterator[str]:
    while whole:
        part, whole = parted(whole, SENTENCE)
        yield f"{part} …" if whole else part


def _on_pages(pieces: Sequence[_Piece], by_number: dict[int, Citation], texts: Texts) -> list[list[_Piece]]:
    """The sentences as they stand on pages, each with its footnotes; at least one page."""
    notes = {number: length(_footnote(citation, texts, 0)) for number, citation in by_number.items()}
    pages: list[list[_Piece]] = [[]]
    used: set[int] = set()
    size = 0
    for piece in pieces:
        own = length(_sentence(piece, by_number, 0))
        more = own + sum(notes[number] for number in set(piece.citations) - used)
        if pages[-1] and size + more > READ:
            pages.append([])
            used, size = set(), 0
            more = own + sum(notes[number] for number in set(piece.citations))
        pages[-1].append(piece)
        used |= set(piece.citations)
        size += more
    return pages


def _said(
    pieces: Sequence[_Piece],
    by_number: dict[int, Citation],
    texts: Texts,
    footnote: int,
    inline: int,
) -> str:
    """The sentences with their numbers, and under them each citation once; with the longest addresses."""
    said = [_sentence(piece, by_number, inline) for piece in pieces]
    used = sorted({number for piece in pieces for number in piece.citations})
    notes = [_footnote(by_number[number], texts, footnote) for number in used]
    return "\n\n".join([*said, "\n".join(notes)])


def _sentence(piece: _Piece, by_number: dict[int, Citation], limit: int) -> str:
    numbers = "".join(_number(by_number[number], limit) for number in piece.citations)
    original = f"\n{SMALL}{short(piece.original, 2 * SENTENCE + 4)}" if piece.original else ""
    return f"{piece.mark}{short(piece.text, 2 * SENTENCE + 4)} {numbers}{original}"


def _number(citation: Citation, limit: int) -> str:
    number = f"[{citation.number}]"
    return link(number, citation.link, limit) if usable(citation.link, limit) else escape(number)


def _footnote(citation: Citation, texts: Texts, limit: int) -> str:
    return f"-# {citation.number} · {link(byline(citation.article, texts), citation.link, limit)}"


def _not_found(answer: Answer, texts: Texts) -> discord.Embed:
    said = [f"**{texts('not_found')}**", *told.notes(answer, texts)]
    if answer.understood and answer.understood != answer.question:
        said.insert(0, understood(answer, texts).rstrip())
    if answer.missing:
        words = ", ".join(f"“{short(word, 60)}”" for word in answer.missing[:8])
        said.append(texts("missing_words", words=words))
    if answer.nearest:
        rows = [f"• {link(byline(card, texts), card.url, 600)}" for card in answer.nearest]
        said.append("\n".join([f"\n-# {texts('nearest')}", *rows]))
    return discord.Embed(description="\n".join(said), colour=NOTHING)


def _titled(embed: discord.Embed, answer: Answer, *, title: bool) -> discord.Embed:
    if title:
        embed.title = short(answer.question, 250)
    return embed


def _add_differences(embed: discord.Embed, answer: Answer, texts: Texts) -> None:
    """Claims side by side: who says it, and what they say."""
    by_number = {citation.number: citation for citation in answer.citations}
    room = FIELDS
    for group in answer.differences[:2]:
        about = f"about_{group[0].about.replace(' ', '_')}"
        where = texts(about) if texts.knows(about) else short(group[0].about, 100) or "…"
        rows = [(_who(claim, by_number), _claim(claim, by_number)) for claim in group[:4]]
        room -= sum(length(name) + length(value) for name, value in rows) + length(where) + 60
        if room < 0:
            return
        embed.add_field(name=f"⚖️ {texts('sources_differ')}", value=where, inline=False)
        for name, value in rows:
            embed.add_field(name=name, value=value, inline=True)
    _add_changes(embed, answer.changes[:4], by_number, texts, room)


def _add_changes(
    embed: discord.Embed, claims: Sequence[Claim], by_number: dict[int, Citation], texts: Texts, room: int
) -> None:
    """Claims of different days, by day: what each says, and who says it."""
    rows = [
        (f"{texts.day(claim.day)}{DOT}{_who(claim, by_number)}", _claim(claim, by_number)) for claim in claims
    ]
    heading = (f"🕰️ {texts('changed')}", texts("changed_note"))
    if not rows or room < sum(length(text) for pair in (heading, *rows) for text in pair):
        return
    embed.add_field(name=heading[0], value=heading[1], inline=False)
    for name, value in rows:
        embed.add_field(name=name, value=value, inline=True)


def _who(claim: Claim, by_number: dict[int, Citation]) -> str:
    cards = [by_number[number].article for number in claim.citations]
    names = ", ".join(dict.fromkeys(outlet(card) or headline(card, OUTLET) for card in cards))
    return names if length(names) <= 120 else f"{outlet(cards[0]) or headline(cards[0], OUTLET)} …"


def _claim(claim: Claim, by_number: dict[int, Citation]) -> str:
    numbers = "".join(_number(by_number[number], 0) for number in claim.citations)
    return f"{short(claim.claim, 280)} {numbers}"
