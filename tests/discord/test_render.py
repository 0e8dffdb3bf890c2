"""What an answer and a look-up look like: values in, embeds out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import discord
import pytest

from bot import render, render_evidence, render_lookups
from bot.markup import length
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
)

EN = Texts("en")
NATO = Card("n", "Leaders approve reinforcements", "NATO", "https://www.nato.int/x", date(2022, 3, 24))
LRT = Card("l", "Nausėda: stronger defences", "LRT", "https://www.lrt.lt/en", date(2022, 3, 23))
BARE = Card("bare.txt", "", None, None, None)
QUOTE = "Four new battlegroups go to Bulgaria, Hungary, Romania and Slovakia."
OTHER = "They will stand in Bulgaria, Hungary, Poland and Slovakia."


def cite(number: int, card: Card, quote: str) -> Citation:
    return Citation(number, card, quote, 0, len(quote), link_to(card.url, quote))


ANSWER = Answer(
    "Which countries?",
    "answered",
    (AnswerSentence(QUOTE, (1,)), AnswerSentence(OTHER, (2, 3))),
    (cite(1, NATO, QUOTE), cite(2, LRT, OTHER), cite(3, BARE, OTHER)),
    as_of=date(2022, 3, 24),
    understood="Which countries?",
)
CLAIMS = (
    Claim("the countries", "Bulgaria, Hungary, Romania and Slovakia", (1,)),
    Claim("the countries", "Bulgaria, Hungary, Poland and Slovakia", (2, 3)),
)
DIFFERENT = replace(ANSWER, agreement=CLAIMS)
NOT_FOUND = Answer("Bread?", "not_found", nearest=(NATO, BARE), missing=("bread",))


def only(shown: render.Shown) -> discord.Embed:
    assert len(shown.embeds) == 1
    return shown.embeds[0]


def words(shown: render.Shown) -> str:
    return only(shown).description or ""


def test_each_sentence_has_its_numbers_and_each_number_its_footnote() -> None:
    embed = only(render.answer(ANSWER, EN))
    one, two, notes = (embed.description or "").split("\n\n")
    assert one == f"{QUOTE} [[1]]({link_to(NATO.url, QUOTE)})".replace("Slovakia.)", "Slovakia%2E)")
    assert two.startswith(f"{OTHER} [[2]](https://www.lrt.lt/en#:~:text=")
    assert two.endswith(r"\[3\]")
    first, second, third = notes.split("\n")
    assert first.startswith(
        "-# 1 · [NATO · 24 Mar 2022 · Leaders approve reinforcements](https://www.nato.int/x#:~:"
    )
    assert second.startswith("-# 2 · [LRT · 23 Mar 2022 · Nausėda: stronger defences](")
    assert third == "-# 3 · bare.txt"
    assert embed.footer.text == "As of 24 Mar 2022"
    assert embed.title == "Which countries?"


def test_the_question_stands_above_only_where_it_is_wanted() -> None:
    assert only(render.answer(ANSWER, EN, title=False)).title is None
    assert only(render.answer(NOT_FOUND, EN, title=False)).title is None
    assert only(render.answer(NOT_FOUND, EN)).title == "Bread?"


def test_a_follow_up_shows_how_it_was_understood() -> None:
    asked = replace(ANSWER, question="and there?", understood="Which countries in *2022*?")
    assert words(render.answer(asked, EN)).startswith("-# Understood as: Which countries in \\*2022\\*?\n")
    assert "Understood" not in words(render.answer(ANSWER, EN))


def test_not_found_shows_how_a_follow_up_was_understood_too() -> None:
    asked = replace(NOT_FOUND, question="and butter?", understood="Bread and butter?")
    assert words(render.answer(asked, EN)).startswith("-# Understood as: Bread and butter?\n**The articles")
    assert words(render.answer(NOT_FOUND, EN)).startswith("**The articles")


def test_evidence_says_on_its_first_page_what_was_asked_in_full() -> None:
    many = replace(ANSWER, citations=tuple(cite(n, NATO, f"{QUOTE} {n}") for n in range(1, 40)))
    first, second = (words(render_evidence.evidence(many, [None] * 39, EN, page=page)) for page in (0, 1))
    assert first.startswith("-# Understood as: Which countries?\n")
    assert "Understood" not in second


def test_a_difference_stands_side_by_side_with_who_says_what() -> None:
    embed = only(render.answer(DIFFERENT, EN))
    head, nato, others = embed.fields
    assert (head.name, head.value, head.inline) == ("⚖️ The sources differ", "on the countries", False)
    assert (nato.name, nato.inline) == ("NATO", True)
    assert nato.value == r"Bulgaria, Hungary, Romania and Slovakia \[1\]"
    assert (others.name, others.inline) == ("LRT, bare.txt", True)
    assert others.value == r"Bulgaria, Hungary, Poland and Slovakia \[2\]\[3\]"
    assert embed.colour != only(render.answer(ANSWER, EN)).colour


def test_what_changed_over_time_is_shown_by_day_and_not_as_a_difference() -> None:
    days = (date(2022, 4, 2), date(2022, 3, 1))
    claims = tuple(
        replace(claim, about=f"the number on {day}", day=day) for claim, day in zip(CLAIMS, days, strict=True)
    )
    embed = only(render.answer(replace(ANSWER, agreement=claims), EN))
    head, first, last = embed.fields
    assert (head.name, head.value) == ("🕰️ This changed over time", "by the days of the articles")
    assert (first.name, last.name) == ("1 Mar 2022 · LRT, bare.txt", "2 Apr 2022 · NATO")
    assert first.value == r"Bulgaria, Hungary, Poland and Slovakia \[2\]\[3\]"


def test_a_difference_on_something_else_is_shown_too() -> None:
    other = replace(ANSWER, agreement=tuple(replace(claim, about="the *colour*") for claim in CLAIMS))
    assert only(render.answer(other, EN)).fields[0].value == r"the \*colour\*"


def test_not_found_names_the_missing_words_and_the_nearest_articles() -> None:
    shown = words(render.answer(NOT_FOUND, EN))
    assert "**The articles hold no answer to this.**" in shown
    assert "No article mentions: “bread”." in shown
    assert "[NATO · 24 Mar 2022 · Leaders approve reinforcements](https://www.nato.int/x)" in shown
    assert "• bare.txt" in shown


def test_nothing_of_a_long_answer_is_lost() -> None:
    quotes = [f"Sentence {n} says something. " + f"It goes on, {n}, and on. " * 30 for n in range(1, 9)]
    long = Answer(
        "q",
        "answered",
        tuple(AnswerSentence(quote.strip(), (n,)) for n, quote in enumerate(quotes, 1)),
        tuple(cite(n, NATO, quote) for n, quote in enumerate(quotes, 1)),
        (Claim("the number", "1", (1,)), Claim("the number", "2", (2,))),
        as_of=date(2022, 3, 24),
    )
    first = render.answer(long, EN)
    assert first.pages > 1
    pages = [only(render.answer(long, EN, page=page)) for page in range(first.pages)]
    everything = " ".join(page.description or "" for page in pages)
    for n, quote in enumerate(quotes, 1):
        assert everything.count(f"on, {n}, and") == 30, n
        assert f"-# {n} · " in everything
        assert quote.split(".")[0] in everything
    assert pages[0].title
    assert not any(page.title or page.fields for page in pages[1:])
    assert pages[1].footer.text == f"As of 24 Mar 2022 · Page 2 of {first.pages}"
    for page in pages:
        said = (page.description or "").partition("\n\n-# ")[0]
        assert all(part.rstrip().endswith((")", "]")) for part in said.split("\n\n"))
    assert render.answer(long, EN, page=99).embeds[0].description == pages[-1].description


def test_a_sentence_of_many_pages_is_parted_at_its_words() -> None:
    text = " ".join(f"word{n}" for n in range(2000))
    long = replace(ANSWER, sentences=(AnswerSentence(text, (1,)),), citations=ANSWER.citations[:1])
    pages = [words(render.answer(long, EN, page=page)) for page in range(render.answer(long, EN).pages)]
    assert [f"word{n}" for n in range(2000)] == [
        word for page in pages for word in page.replace("\n", " ").split(" ") if word.startswith("word")
    ]


def test_an_ordinary_answer_fits_on_one_page() -> None:
    four = tuple(AnswerSentence(f"{QUOTE} It was said on {n} March by all of them.", (n,)) for n in (1, 2, 3))
    assert render.answer(replace(ANSWER, sentences=four), EN).pages == 1


def test_evidence_shows_each_quote_in_bold_between_its_neighbours() -> None:
    contexts = [Context("Before it.", QUOTE, "After it."), Context("", OTHER, "After that."), None]
    asked, one, two, three = words(render_evidence.evidence(ANSWER, contexts, EN)).split("\n\n")
    assert asked == "-# Understood as: Which countries?"
    assert one.startswith("**1** · [NATO · 24 Mar 2022 · Leaders")
    assert one.endswith(f"\n> Before it. **{QUOTE}** After it.")
    assert two.endswith(f"\n> **{OTHER}** After that.")
    assert three == (
        f"**3** · bare.txt\n> **{OTHER}**\n"
        "-# This article has changed or gone since; the quote is as it was cited."
    )


def test_a_long_neighbour_keeps_the_words_next_to_the_quote() -> None:
    context = Context("far away " * 200 + "right before.", QUOTE, "Right after " + "far away " * 200)
    shown = words(render_evidence.evidence(replace(ANSWER, citations=ANSWER.citations[:1]), [context], EN))
    assert f"right before. **{QUOTE}** Right after far" in shown
    assert shown.endswith("…")
    assert length(shown) < 1500


def test_evidence_of_many_quotes_has_pages() -> None:
    many = tuple(cite(n, NATO, f"{QUOTE} {n}") for n in range(1, 40))
    answer = replace(ANSWER, citations=many)
    shown = [words(render_evidence.evidence(answer, [None] * 39, EN, page=page)) for page in range(20)]
    assert all(any(f"**{n}** · " in page for page in shown) for n in range(1, 40))


def hit(card: Card, text: str, *spans: Span, more: int = 0) -> Hit:
    return Hit(Passage("p", card.id, 0, len(text), text, card.title, ()), card, 0.9, 0.5, more, spans)


def test_a_passage_has_its_matched_words_in_bold() -> None:
    found = [hit(NATO, QUOTE, Span(0, 4), Span(5, 8), more=2), hit(BARE, OTHER)]
    one, two = words(render_lookups.hits(found, "four new", EN)).split("\n\n")
    assert one.startswith("**1\\.** [NATO · 24 Mar 2022 · Leaders")
    assert "+2 more there\n> **Four** **new** battlegroups" in one
    assert two == f"**2\\.** bare.txt\n> {OTHER}"
    assert only(render_lookups.hits(found, "four *new*", EN)).title == r"Search: four \*new\*"


def test_a_long_passage_is_shown_where_its_words_stand() -> None:
    text = (
        "Elsewhere it was quiet. " * 40
        + "Here the bear danced.\u2028\r\nThen it left. "
        + "Quiet again. " * 40
    )
    at = text.index("bear")
    shown = words(render_lookups.hits([hit(NATO, text, Span(at, at + 4))], "bear", EN))
    quoted = shown.partition("\n> ")[2]
    assert "the **bear** danced." in quoted
    assert "\n" not in quoted
    assert quoted.startswith("… ")
    assert quoted.endswith(" …")
    assert length(quoted) < 320


def test_lists_have_pages() -> None:
    cards = [replace(NATO, id=str(n), title=f"Headline {n}") for n in range(1, 24)]
    third = render_lookups.article_list(cards, EN, page=2)
    assert third.pages == 3
    assert [line.split("·")[-1].split("]")[0].strip() for line in words(third).split("\n")] == [
        "Headline 21",
        "Headline 22",
        "Headline 23",
    ]
    assert only(third).footer.text == "Page 3 of 3"
    found = render_lookups.hits([hit(NATO, QUOTE)] * 12, "q", EN)
    assert found.pages == 3
    assert words(found).count("\n> ") == 5


def test_an_article_is_shown_with_its_first_lines_and_what_else_covers_it() -> None:
    article = Article(
        "n", NATO.title, f"{QUOTE}\n\n" * 20, NATO.source, NATO.url, NATO.published, "J. Doe", "o"
    )
    shown = words(render_lookups.article(article, [LRT], EN))
    assert shown.startswith(f"### [{NATO.title}]({NATO.url})\nNATO · 24 Mar 2022 · by J. Doe\n")
    assert f"> {QUOTE} {QUOTE}" in shown
    assert (
        "**Also covering this**\n• [LRT · 23 Mar 2022 · Nausėda: stronger defences](https://www.lrt.lt/en)"
        in shown
    )


def event(first: date, last: date, sentence: str, card: Card = NATO, *, stated: bool = True) -> Event:
    return Event(first, last, stated, sentence, cite(1, card, sentence))


def test_a_timeline_goes_by_year_and_says_how_exact_a_day_is() -> None:
    events = [
        event(date(2016, 1, 1), date(2016, 12, 31), "In a year."),
        event(date(2022, 3, 1), date(2022, 3, 31), "In a month."),
        event(date(2022, 3, 24), date(2022, 3, 24), "On a day."),
        event(date(2022, 3, 25), date(2022, 3, 25), "Told later.", BARE, stated=False),
    ]
    rows = words(render_lookups.timeline(events, "battlegroups", EN)).split("\n")
    assert [row.partition(" (")[0] for row in rows] == [
        "### 2016",
        "**2016** — In a year.",
        "### 2022",
        "**March 2022** — In a month.",
        "**24 Mar 2022** — On a day.",
        "**reported 25 Mar 2022** — Told later.",
    ]
    assert rows[1].endswith("([NATO](https://www.nato.int/x#:~:text=In%20a%20year%2E))")
    assert rows[5].endswith(" (bare.txt)")


def test_a_long_timeline_repeats_the_year_on_each_page() -> None:
    events = [event(date(2022, 3, 1), date(2022, 3, 1), f"{QUOTE} {n}.") for n in range(60)]
    first = render_lookups.timeline(events, "t", EN)
    pages = [words(render_lookups.timeline(events, "t", EN, page=page)) for page in range(first.pages)]
    assert first.pages > 1
    assert all(page.startswith("### 2022\n") for page in pages)
    assert sum(page.count("**1 Mar 2022**") for page in pages) == 60


def test_a_check_says_for_each_claim_whether_the_articles_hold_it() -> None:
    claims = [
        CheckedClaim("Four are sent.", "supported", (cite(1, NATO, QUOTE),)),
        CheckedClaim("40 are sent.", "differs", (cite(2, LRT, OTHER),), "40, the articles say *4*"),
        CheckedClaim("The moon is cheese.", "not_found"),
    ]
    one, two, three, note = words(render_lookups.check(claims, EN)).split("\n\n")
    assert one.startswith(f"✅ **Supported**\nFour are sent.\n> {QUOTE} — [NATO · 24 Mar 2022 · ")
    assert two.startswith("⚠️ **The articles differ**: 40, the articles say \\*4\\*\n40 are sent.\n> ")
    assert three == "❔ **Not in the articles**\nThe moon is cheese."
    assert note.startswith("-# Only what the articles say counts")


STATUS = Status(
    corpus="news",
    data="data",
    articles=11,
    passages=24,
    sources=(("NATO", 4), ("LRT", 2)),
    newest=date(2022, 6, 30),
    oldest=date(2016, 6, 14),
    last_refresh=datetime(2026, 1, 1, tzinfo=UTC),
    failed=(),
    duplicates=(),
    embedding="a model",
    generation=1,
    bytes=1,
)


def test_about_says_what_is_known_and_what_is_kept() -> None:
    embed = only(render_lookups.about(STATUS, EN))
    shown = {field.name: field.value or "" for field in embed.fields}
    assert shown["Articles"] == "11 articles · 2 outlets"
    assert shown["Newest"] == "30 Jun 2022"
    assert "quote" in (embed.description or "")
    assert "incomplete" in (embed.description or "")
    for word in ("90 days", "without names", "privately", "log"):
        assert word in shown["Privacy"]
    assert "never" in [
        field.value for field in only(render_lookups.about(replace(STATUS, last_refresh=None), EN)).fields
    ]


def test_help_names_every_command_of_members() -> None:
    shown = words(render_lookups.usage(EN))
    for name in ("/ask", "/search", "/article", "/articles", "/timeline", "/about"):
        assert f"`{name}`" in shown
    assert "Ask the articles" in shown
    assert "Check against articles" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_found_is_told_in_every_language(language: str) -> None:
    texts = Texts(language)
    for shown in (
        render.answer(Answer("q", "not_found"), texts),
        render_evidence.evidence(Answer("q", "not_found"), [], texts),
        render_lookups.hits([], "q", texts),
        render_lookups.article_list([], texts),
        render_lookups.timeline([], "q", texts),
        render_lookups.check([], texts),
        render_lookups.about(replace(STATUS, articles=0, sources=(), newest=None), texts),
        render_lookups.usage(texts),
    ):
        assert shown.pages == 1
        assert words(shown).strip()
