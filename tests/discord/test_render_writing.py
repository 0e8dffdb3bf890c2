"""What a language model wrote, as Discord shows it: by whom, how much was checked, what is translated."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from bot import render, render_evidence, render_lookups, render_moderation
from bot.ledger import Today
from bot.markup import length
from bot.render_moderation import Use
from bot.texts import LANGUAGES, Texts
from index.reports import Spent
from index.types import Answer, AnswerSentence, Context, Silence, Writing
from tests.discord.test_render import ANSWER, EN, NATO, NOT_FOUND, QUOTE, STATUS, cite, only, words

SILENCES = [silence for silence in get_args(Silence) if silence]
TOLD = "Four countries are to get battlegroups, and \u202e*Romania* is one [of them](https://evil.example)."
WRITTEN = replace(
    ANSWER,
    sentences=(
        AnswerSentence("Four countries get battlegroups.", (1,)),
        AnswerSentence("So it was said.", (2,)),
    ),
    writer="openai:gpt-x",
    writing=Writing(2, 2, 900, 60, 0.01),
)
TRANSLATED = replace(
    WRITTEN,
    sentences=(
        AnswerSentence("Four countries get battlegroups.", (1,), "Vier Länder bekommen *Kampfgruppen*."),
    ),
    citations=(replace(cite(1, NATO, QUOTE), translation="Vier neue Kampfgruppen gehen an @everyone."),),
    language="de",
)


BY_THE_MODEL = (
    "-# The translation is by the language model: only its figures and names were checked. "
    "The original stands beside it."
)


def footer(shown: render.Shown) -> str:
    return only(shown).footer.text or ""


def test_the_footer_says_who_wrote_it_and_how_many_sentences_were_checked() -> None:
    shown = render.answer(WRITTEN, EN)
    assert footer(shown) == "As of 24 Mar 2022 · Written by openai:gpt-x · 2 of 2 sentences checked"
    assert "left out" not in words(shown)
    assert "Written" not in footer(render.answer(ANSWER, EN))
    assert "Written" not in footer(
        render.answer(replace(ANSWER, writing=Writing(3, 0, silence="unusable")), EN)
    )


def test_the_count_is_in_the_plural_that_each_language_wants() -> None:
    def counted(language: str, number: int) -> str:
        answer = replace(WRITTEN, writing=Writing(number, number), as_of=None)
        return footer(render.answer(answer, Texts(language))).partition(" · ")[2]

    assert [counted(language, 1) for language in LANGUAGES] == [
        "1 of 1 sentence checked",
        "1 von 1 Satz geprüft",
        "1 de 1 frase comprobada",
        "перевірено 1 з 1 речення",
        "patikrinta 1 iš 1 sakinio",
    ]
    assert [counted(language, 4) for language in LANGUAGES] == [
        "4 of 4 sentences checked",
        "4 von 4 Sätzen geprüft",
        "4 de 4 frases comprobadas",
        "перевірено 4 з 4 речень",
        "patikrinta 4 iš 4 sakinių",
    ]


def test_where_not_all_held_it_says_what_became_of_the_rest() -> None:
    shown = render.answer(replace(WRITTEN, writing=Writing(5, 4)), EN)
    assert "4 of 5 sentences checked" in footer(shown)
    assert words(shown).endswith(
        "\n-# What did not hold against its quote is left out, or the article's own words stand there."
    )


@pytest.mark.parametrize("silence", SILENCES)
def test_why_the_model_is_silent_is_told_in_every_language(silence: Silence) -> None:
    told = {
        language: words(render.answer(replace(ANSWER, writing=Writing(silence=silence)), Texts(language)))
        for language in LANGUAGES
    }
    last = {language: shown.rpartition("\n-# ")[2] for language, shown in told.items()}
    assert len(set(last.values())) == len(LANGUAGES)
    assert last["en"].endswith("these are the articles' own sentences.")
    assert "Sätze aus den Artikeln selbst" in last["de"]


def test_every_reason_to_be_silent_has_a_sentence_of_its_own() -> None:
    for language in LANGUAGES:
        assert len({Texts(language)(f"silence_{silence}") for silence in SILENCES}) == len(SILENCES)


def test_a_model_that_found_no_answer_is_named_where_nothing_was_found() -> None:
    denied = words(render.answer(replace(NOT_FOUND, writing=Writing(denied=True)), EN))
    assert "\nThe language model read what comes nearest, and found no answer in it.\n" in denied
    assert "language model" not in words(render.answer(replace(NOT_FOUND, writing=Writing()), EN))


def test_a_translation_stands_over_the_checked_words_and_is_marked() -> None:
    shown = words(render.answer(TRANSLATED, EN))
    said, footnotes, note = shown.split("\n\n")
    first, second = said.split("\n")
    assert first.startswith("🌐 Vier Länder bekommen \\*Kampfgruppen\\*. [[1]](https://www.nato.int/")
    assert second == "-# Four countries get battlegroups."
    assert footnotes.startswith("-# 1 · [NATO")
    assert note == BY_THE_MODEL


def test_evidence_shows_the_quote_as_it_is_and_its_translation_beneath() -> None:
    contexts = [Context("Before it.", QUOTE, "After it.")]
    shown = words(render_evidence.evidence(TRANSLATED, contexts, EN))
    assert shown.endswith(
        f"\n> Before it. **{QUOTE}** After it.\n-# 🌐 Vier neue Kampfgruppen gehen an @\u2060everyone."
        f"\n\n{BY_THE_MODEL}"
    )
    gone = words(render_evidence.evidence(TRANSLATED, [None], EN))
    assert f"> **{QUOTE}**\n-# 🌐 Vier neue" in gone


def test_nothing_of_a_long_translation_or_of_its_original_is_lost() -> None:
    long = " ".join(f"wort{n}" for n in range(600))
    original = " ".join(f"word{n}" for n in range(600))
    answer = replace(
        TRANSLATED, sentences=(AnswerSentence(original, (1,), long), AnswerSentence("Short.", (1,), "Kurz."))
    )
    first = render.answer(answer, EN)
    pages = [words(render.answer(answer, EN, page=page)) for page in range(first.pages)]
    everything = "\n".join(pages)
    assert re.findall(r"wort\d+", everything) == [f"wort{n}" for n in range(600)]
    assert re.findall(r"word\d+", everything) == [f"word{n}" for n in range(600)]
    for paragraph in re.split(r"\n+", everything):
        assert not re.search(r"word\d", paragraph) or paragraph.startswith("-# "), paragraph
        assert not re.search(r"wort\d", paragraph) or paragraph.startswith("🌐 "), paragraph
    assert all(page.endswith(BY_THE_MODEL) for page in pages)
    assert all(length(page) <= render.ROOM for page in pages)


def test_an_answer_that_is_being_written_says_so_and_tells_no_end() -> None:
    shown = render.answer(replace(WRITTEN, writing=None), EN, growing=True)
    assert words(shown).endswith("\n\n-# ✍️ Being written: a sentence appears when it is checked.")
    assert only(shown).footer.text is None
    assert only(shown).title == "Which countries?"
    assert only(render.answer(WRITTEN, EN, growing=True, title=False)).title is None


@pytest.mark.parametrize("growing", [True, False])
def test_what_a_model_writes_is_shown_and_never_obeyed(growing: bool) -> None:
    hostile = replace(WRITTEN, sentences=(AnswerSentence(QUOTE, (1,), TOLD), AnswerSentence(TOLD, (1,))))
    shown = words(render.answer(hostile, EN, growing=growing))
    assert shown.count(r"\*Romania\* is one \[of them\]\(https") == 2
    assert "\u202e" not in shown
    assert "https://evil" not in shown


def status(**changed: object) -> dict[str, str]:
    use = Use(Today(3, 1, 0.5, 1.0), 0, None, 0, None)
    embed = render_moderation.status(replace(STATUS, **changed), use, EN)  # type: ignore[arg-type]  # its fields
    return {field.name or "": field.value or "" for field in embed.fields}


def test_moderators_see_the_model_and_what_it_took_today() -> None:
    spent = Spent(12_345, 0.125, 100_000, 5.0)
    shown = status(writer="openai:gpt_x", spent=spent)
    assert shown["Language model"] == r"openai:gpt\_x".replace(":g", r"\:g")
    assert shown["It took today (UTC)"] == "12,345 / 100,000 tokens · cost 0.125 / 5"
    assert status(spent=replace(spent, most_tokens=None, most_cost=None))["It took today (UTC)"] == (
        "12,345 tokens · cost 0.125"
    )
    assert status(spent=replace(spent, cost=None))["It took today (UTC)"] == "12,345 / 100,000 tokens"


@pytest.mark.parametrize("language", LANGUAGES)
def test_about_tells_what_goes_to_the_model_where_there_is_one(language: str) -> None:
    texts = Texts(language)
    embed = only(render_lookups.about(replace(STATUS, writer="openai:gpt*x"), texts))
    fields = {field.name: field.value or "" for field in embed.fields}
    assert fields[texts("status_writer")].startswith("openai\\:gpt\\*x")
    plain = only(render_lookups.about(STATUS, texts))
    assert texts("status_writer") not in [field.name for field in plain.fields]
    assert embed.description != plain.description


def test_without_a_model_moderators_see_no_line_of_one() -> None:
    assert not {"Language model", "It took today (UTC)"} & set(status())


def test_a_page_of_a_written_answer_is_counted_too() -> None:
    many = tuple(AnswerSentence(f"{QUOTE} {n}. " * 8, (1,)) for n in range(8))
    answer = Answer(
        "q",
        "answered",
        many,
        ANSWER.citations[:1],
        writer="m:x",
        writing=Writing(8, 8),
        as_of=date(2022, 3, 24),
    )
    assert footer(render.answer(answer, EN, page=1)).endswith("8 of 8 sentences checked · Page 2 of 4")
