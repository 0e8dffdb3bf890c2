"""Values made to break an embed: every limit holds, nothing is empty, nothing is forged, and it is quick."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import discord
import pytest

from bot import render, render_evidence, render_lookups
from bot.texts import LANGUAGES, Texts
from corpus.article import Article
from index.links import link_to
from index.reports import Status
from index.types import (
    Answer,
    AnswerSentence,
    Card,
    CheckedClaim,
    Citation,
    Claim,
    Context,
    Event,
    Hit,
    Passage,
    Span,
    Writing,
)
from tests.discord.limits import check_limits
from tests.discord.measures import length
from tests.discord.test_markup import DRAWN_BY_SERVERS, read

HOSTILE = {
    "long": "x" * 200_000,
    "words": "word " * 40_000,
    "sentences": "It was said. " * 16_000,
    "stars": "*" * 5000,
    "backticks": "```ansi\n" * 800,
    "emoji": "😀" * 3000,
    "pings": "@everyone @here <@1> <@!1> <@&1> <#1> </ask:1> <id:guide> " * 20,
    "links": "[click](https://evil.example/login) https://evil.example <https://evil.example> " * 20,
    "brackets": "]](https://evil.example)[[" * 100,
    "headings": "# large\n-# small\n> quoted\n- list\n1. one\n>>> all\n" * 50,
    "signs": "<t:1:R> <:a:1> <a:a:1> :smile: ||hidden|| ~~gone~~ __under__ | a | b |\n| - | - |\n" * 20,
    "right to left": "\u202eמימין לשמאל\u202c \u2066العربية\u2069 " * 100,
    "unseen": "\u200b\u200d\u2060\ufeff\u3164\u2800\U000e0041" * 200,
    "piled": "Z\u0301\u0302\u0303\u0304\u0305\u0306\u0307" * 500,
    "breaks": "a\r\nb\x0bc\x85d\u2028e\u2029f\x00g\x1bh " * 100,
    "backslashes": "\\" * 3001,
    "half": "\ud83d broken \udc00 " * 100,
    "empty": "",
    "spaces": " \t\n " * 500,
}
URLS = [
    "https://example.org/" + "s/" * 290,
    "https://example.org/a b(c)<d>[e]|\"f'`g`\\h*i*_j_#(k)",
    "https://example.org/](https://evil.example)",
    "javascript:alert(1)",
    "https://news.example@evil.example/",
    None,
]


def cards(text: str) -> tuple[Card, ...]:
    return tuple(
        Card(text[:300] or "id", text[:500], text, url, date(2022, 3, 24), text, text[:80]) for url in URLS
    )


def citations(text: str) -> tuple[Citation, ...]:
    return tuple(
        Citation(
            n, card, text, 0, len(text), link_to(card.url, text[:2000].encode("utf-8", "replace").decode())
        )
        for n, card in enumerate(cards(text), 1)
    )


def hits(text: str) -> list[Hit]:
    spans = tuple(Span(at, at + 1) for at in range(0, min(len(text), 2000), 2))
    return [
        Hit(Passage("p", card.id, 0, len(text), text, card.title, ()), card, 1.0, 1.0, 3, spans)
        for card in (*cards(text), *cards(text))
    ]


def made(text: str, texts: Texts) -> Iterator[Callable[[int], render.Shown]]:
    """Everything that is shown of a text, each by its page."""
    quotes = citations(text)
    numbers = tuple(quote.number for quote in quotes)
    answer = Answer(
        text,
        "answered",
        (AnswerSentence(text, numbers), AnswerSentence("Short.", (1,)), AnswerSentence(text, (2,))),
        quotes,
        tuple(
            Claim(about, text, some)
            for about in ("the number", text, "x")
            for some in ((1, 2, 3), (4,), (5, 6))
        ),
        as_of=date(2022, 3, 24),
        understood=f"Read as {text}",
    )
    half = text[:300]
    translated = replace(
        answer,
        sentences=(
            AnswerSentence("Short.", numbers, text),
            AnswerSentence(text, (2,), "Short."),
            AnswerSentence(half, (1,), half),
            AnswerSentence(text, numbers, text),
        ),
        citations=tuple(replace(quote, translation=text) for quote in quotes),
        writer=text or "a model",
        writing=Writing(5, 4),
        language=text,
    )
    around = [Context(text, text, text), None, Context("", text, ""), None, None, Context(text, "", text)]
    missing = Answer(text, "not_found", nearest=cards(text)[:3], missing=(text,) * 30)
    events = [
        Event(date(2020 + n, 1, 1), date(2020 + n, 12, 31), n % 2 == 0, text, quote)
        for n, quote in enumerate(quotes)
    ]
    verdicts = ("supported", "differs", "not_found")
    claims = [CheckedClaim(text, verdict, quotes[n : n + 3], text) for n, verdict in enumerate(verdicts)]
    article = Article(text[:300], text[:500], text, text, URLS[0], date(2022, 3, 24), text, "o")
    status = Status(
        corpus=text,
        data=text,
        articles=10**9,
        passages=10**9,
        sources=((text, 1),),
        newest=None,
        oldest=None,
        last_refresh=datetime(2026, 1, 1, tzinfo=UTC),
        failed=(),
        duplicates=(),
        embedding=text,
        generation=1,
        bytes=1,
    )
    yield lambda page: render.answer(answer, texts, page=page)
    yield lambda page: render.answer(replace(answer, agreement=()), texts, page=page, title=False)
    yield lambda page: render.answer(missing, texts, page=page)
    yield lambda page: render_evidence.evidence(answer, around, texts, page=page)
    yield lambda page: render.answer(translated, texts, page=page)
    yield lambda page: render.answer(translated, texts, page=page, growing=True)
    yield lambda page: render_evidence.evidence(translated, around, texts, page=page, likely=True)
    yield lambda page: render.answer(replace(missing, writing=Writing(denied=True)), texts, page=page)
    yield lambda page: render_lookups.hits(hits(text), text, texts, page=page)
    yield lambda page: render_lookups.article_list([*cards(text), *cards(text)], texts, page=page)
    yield lambda page: render_lookups.timeline(events, text, texts, page=page)
    yield lambda page: render_lookups.check(claims, texts, page=page)
    yield lambda page: render_lookups.article(article, cards(text), texts)
    yield lambda page: render_lookups.about(status, texts)
    yield lambda page: render_lookups.about(replace(status, writer=text), texts)
    yield lambda page: render_lookups.hits([], text, texts)
    yield lambda page: render_lookups.timeline([], text, texts)


def parts(embed: discord.Embed) -> Iterator[tuple[str, str]]:
    """Every text of an embed that Discord reads as markup, and where it stands."""
    yield "embed_title", embed.title or ""
    yield "embed_description", embed.description or ""
    for field in embed.fields:
        yield "embed_field_name", field.name or ""
        yield "embed_field_value", field.value or ""


# Ukrainian has the longest words of our own around a text, English the shortest.
@pytest.mark.parametrize(
    ("name", "language"),
    [*((name, "uk") for name in HOSTILE), ("long", "en"), ("stars", "en"), ("empty", "en")],
)
def test_whatever_is_shown_stays_within_the_limits_and_forges_nothing(name: str, language: str) -> None:
    for show in made(HOSTILE[name], Texts(language)):
        pages = show(0).pages
        for page in {0, 1, pages // 2, pages - 1}:
            for embed in show(page).embeds:
                assert_sound(embed)


def assert_sound(embed: discord.Embed) -> None:
    made_of: Any = embed.to_dict()
    assert check_limits("POST", "/channels/1/messages", {"embeds": [made_of]}) == []
    assert embed.url is None
    for where, shown in parts(embed):
        # An address stands in a link of ours alone, which Discord finds as a whole.
        bare = re.sub(r"\]\(https://[^\s()<>]*\)", "]", shown)
        assert not DRAWN_BY_SERVERS.search(bare), bare
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\ufeff\u3164\x00-\x09\x0b-\x1f]", shown)
        assert set(re.findall(r"\]\(https?://([^/)]*)", shown)) <= {"example.org"}
        _, signs = read(shown, where)
        assert not signs & {"spoiler_open", "code", "code_block", "timestamp", "emoji", "mention", "command"}
    for field in embed.fields:
        assert (field.name or "").strip()
        assert (field.value or "").strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_never_longer_than_a_phone_can_bear(language: str) -> None:
    for show in made("It was said. " * 16_000, Texts(language)):
        for embed in show(0).embeds:
            seen = re.sub(r"\]\(https://[^\s()<>]*\)", "]", embed.description or "")
            assert length(seen) <= 4000


def test_an_endless_text_costs_no_more_than_a_long_one() -> None:
    """Counted, not timed: how many functions are called for one page."""
    called = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal called
        called += event == "call"

    for show in made("é. " * 70_000, Texts("en")):
        called = 0
        sys.setprofile(count)
        try:
            show(0)
        finally:
            sys.setprofile(None)
        assert called < 40_000
