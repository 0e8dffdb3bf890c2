from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console

from bot.terminal import put_answer
from index.types import Answer, AnswerSentence, Card, Citation, Claim, Silence, Writing
from tests.bot.fakes import ANSWER, BBC, NOT_FOUND, QUOTE


def shown(answer: Answer, *, width: int = 80, terminal: bool = False) -> str:
    stream = io.StringIO()
    put_answer(
        Console(
            file=stream,
            width=width,
            force_terminal=terminal,
            color_system="truecolor" if terminal else None,
            markup=False,
            emoji=False,
            highlight=False,
        ),
        answer,
    )
    return stream.getvalue()


def one(quote: str, card: Card = BBC, sentence: str | None = None, link: str | None = None) -> Answer:
    return Answer(
        "?",
        "answered",
        (AnswerSentence(sentence or quote, (1,)),),
        (Citation(1, card, quote, 0, len(quote), link),),
        understood="?",
    )


def test_an_answer_with_footnotes_and_a_difference() -> None:
    assert shown(replace(ANSWER, question="Which countries?")) == (
        "  Four new battlegroups go to Bulgaria, Hungary, Romania and Slovakia.[1][2]\n"
        "\n"
        "  Sources differ on the countries:\n"
        "  • Bulgaria, Hungary, Romania and Slovakia — BBC News, 24 Mar 2022 [1]\n"
        "  • Bulgaria, Hungary, Poland and Slovakia — Stoltenberg pledged to strengthen\n"
        "    the Baltic states [2]\n"
        "\n"
        "  [1] BBC News · 24 Mar 2022 · Nato to double its battlegroups\n"
        "      https://bbc.example/1#:~:text=Four%20new\n"
        "  [2] Stoltenberg pledged to strengthen the Baltic states\n"
        "      “They will stand in Bulgaria, Hungary, Poland and Slovakia.”\n"
        "\n"
        "  As of 24 Mar 2022. How likely this answers the question: 90%.\n"
    )


def test_what_changed_over_time_is_shown_by_day_and_not_as_a_difference() -> None:
    later, earlier = (
        Claim(f"the number on {day}", words, (number,), day)
        for day, words, number in ((date(2022, 4, 2), "900", 1), (date(2022, 3, 1), "400", 2))
    )
    told = shown(replace(ANSWER, agreement=(later, earlier)))
    assert "Sources differ" not in told
    assert (
        "  This changed over time:\n"
        "  • 400 — Stoltenberg pledged to strengthen the Baltic states [2]\n"
        "  • 900 — BBC News, 24 Mar 2022 [1]\n"
    ) in told


def test_the_quote_stands_where_the_sentence_differs() -> None:
    assert f"“{QUOTE}”" not in shown(one(QUOTE))
    assert f"“{QUOTE}”" in shown(one(QUOTE, sentence="Four countries get battlegroups."))


def test_not_found_is_kind_and_claims_nothing() -> None:
    assert shown(replace(NOT_FOUND, understood="Bread?")) == (
        "  No article here answers that.\n"
        "  No article contains “bread”.\n"
        "  How likely the best sentences answer it: 10%.\n"
        "\n"
        "  The closest articles, which may or may not help:\n"
        "  • BBC News · 24 Mar 2022 · Nato to double its battlegroups\n"
        "  • Stoltenberg pledged to strengthen the Baltic states\n"
    )


def test_a_follow_up_shows_how_it_was_read() -> None:
    text = shown(replace(ANSWER, question="and Romania?", understood="Which countries, and Romania?"))
    assert text.startswith("  Read as: Which countries, and Romania?\n\n")


def test_text_of_an_article_cannot_drive_the_terminal() -> None:
    evil = "\x1b]0;owned\x07Red\x1b[31m \u202ealert\x9b2J [bold]not markup[/bold] :smile:"
    card = Card("x\x1b", f"Head{evil}", f"Outlet{evil}", "https://a.example/\x1b]", date(2022, 3, 24))
    for terminal in (False, True):
        text = shown(
            one(evil, card, sentence=f"Said {evil}", link="https://a.example/\x1b\\#x"), terminal=terminal
        )
        assert "[bold]not markup[/bold] :smile:" in text.replace("\n      ", " ")
        assert not set(text) & set("\x07\x9b\u202e")
        rest = text.replace("\x1b[", "").replace("\x1b]8;", "").replace("\x1b\\", "")
        assert ("\x1b" in text) == terminal
        assert "\x1b" not in rest
        assert "]0;owned" in text  # the words stay, as words


def test_on_a_terminal_the_short_address_leads_to_the_quote() -> None:
    link = "https://bbc.example/1#:~:text=Four"
    text = shown(one(QUOTE, link=link), terminal=True)
    assert text.count(f";{link}\x1b\\") == 3  # both markers and the address
    assert "https://bbc.example/1\x1b" in text


def test_a_long_address_stays_whole_and_text_is_wrapped() -> None:
    link = "https://bbc.example/" + "x" * 200
    lines = shown(one("Many words. " * 30, link=link), width=40).splitlines()
    assert any(line.strip() == link for line in lines)
    assert all(len(line) <= 40 for line in lines if "https" not in line)


def test_a_very_narrow_terminal_does_not_break_it() -> None:
    assert "battlegroups" in shown(ANSWER, width=5).replace("\n", "").replace(" ", "")


def test_an_article_that_is_cited_twice_is_described_once() -> None:
    twice = replace(
        one(QUOTE, link="https://bbc.example/1#:~:text=Four"),
        sentences=(AnswerSentence(QUOTE, (1,)), AnswerSentence("More.", (2,))),
        citations=(
            Citation(1, BBC, QUOTE, 0, 5, "https://bbc.example/1#:~:text=Four"),
            Citation(2, BBC, "More.", 6, 11, "https://bbc.example/1#:~:text=More"),
        ),
    )
    assert shown(twice).endswith(
        "  [1] BBC News · 24 Mar 2022 · Nato to double its battlegroups\n"
        "      https://bbc.example/1#:~:text=Four\n"
        "  [2] BBC News · 24 Mar 2022 · same article as [1]\n"
        "      https://bbc.example/1#:~:text=More\n"
    )
    assert ";https://bbc.example/1#:~:text=More\x1b" in shown(twice, terminal=True)


WRITTEN = replace(
    one(QUOTE, sentence="Four countries get battlegroups."),
    writer="openai:gpt-x",
    writing=Writing(4, 4, 900, 60, 0.01),
    as_of=date(2022, 3, 24),
)


def test_a_written_answer_says_by_whom_and_how_many_sentences_were_checked() -> None:
    assert shown(WRITTEN).endswith(
        "  As of 24 Mar 2022.\n  Written by openai:gpt-x; 4 of 4 sentences checked.\n"
    )
    assert "1 of 1 sentence checked." in shown(replace(WRITTEN, writing=Writing(1, 1)))


def test_where_fewer_sentences_held_it_says_what_became_of_the_others() -> None:
    told = " ".join(shown(replace(WRITTEN, writing=Writing(5, 4))).split())
    assert told.endswith(
        "4 of 5 sentences checked. What did not hold against its quote is left out, or the article's own "
        "words stand there."
    )
    assert "left out" not in shown(WRITTEN)


@pytest.mark.parametrize(
    ("silence", "why"),
    [
        ("away", "The language model does not answer at the moment"),
        ("late", "The language model took too long"),
        ("busy", "Too many ask the language model at once"),
        ("spent", "What the language model may cost today is spent"),
        ("spent_each", "Your share of the language model is used up for today"),
        ("unusable", "Nothing that the language model wrote holds"),
    ],
)
def test_a_silent_model_is_told_with_the_reason(silence: Silence, why: str) -> None:
    told = " ".join(shown(replace(ANSWER, writing=Writing(silence=silence))).split())
    assert told.endswith(f"{why}: these are the articles' own sentences.")
    assert "Written by" not in told


def test_without_a_language_model_nothing_is_said_of_one() -> None:
    assert "language model" not in shown(ANSWER)
    assert "Written" not in shown(ANSWER)


def test_a_model_that_found_no_answer_is_named_where_nothing_was_found() -> None:
    told = "The language model read what comes nearest, and found no answer in it."
    denied = shown(replace(NOT_FOUND, understood="Bread?", writing=Writing(denied=True)))
    assert denied.startswith(f"  No article here answers that.\n  {told}\n")
    assert "How likely" not in denied
    assert told not in shown(replace(NOT_FOUND, writing=Writing()))


def test_a_translation_stands_over_what_was_checked_and_is_marked_as_one() -> None:
    german = replace(
        WRITTEN,
        sentences=(
            AnswerSentence("Four countries get battlegroups.", (1,), "Vier Länder bekommen Kampfgruppen."),
        ),
        citations=(replace(WRITTEN.citations[0], translation="Vier neue Kampfgruppen gehen …"),),
        language="de",
    )
    text = shown(german)
    assert text.startswith(
        "  Vier Länder bekommen Kampfgruppen.[1]\n  = Four countries get battlegroups.\n\n  [1] BBC News"
    )
    assert f"      “{QUOTE}”\n      = “Vier neue Kampfgruppen gehen …”\n" in text
    assert " ".join(text.split()).endswith(
        "The translation is by the language model: only its figures and names were checked. The original "
        "stands beside it."
    )
