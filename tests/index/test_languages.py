"""Which language a question is in, and whether a translation may be shown."""

from __future__ import annotations

import pytest

from index.languages import DENIALS, KNOWN, called, denies, language
from index.translating import holds

QUESTIONS = {
    "de": "Welche Länder werden die vier neuen Gefechtsverbände aufnehmen?",
    "es": "¿Cuándo empieza la cumbre de Madrid?",
    "fr": "Combien de soldats seront envoyés en Pologne ?",
    "lt": "Kada prasideda viršūnių susitikimas Madride?",
    "pl": "Ile wojska NATO wyśle do Polski?",
    "uk": "Коли починається саміт у Мадриді?",
    "en": "Which countries will host the four new battlegroups?",
}


@pytest.mark.parametrize("code", QUESTIONS)
def test_a_whole_question_tells_its_language(code: str) -> None:
    assert language(QUESTIONS[code]) == code


@pytest.mark.parametrize("text", ["", "NATO?", "Zelensky Stoltenberg", "Who?", "42", "👍"])
def test_what_is_not_sure_is_no_language(text: str) -> None:
    assert language(text) in {"", "en"}


def test_each_language_has_a_name() -> None:
    assert called("de") == "German"
    assert all(called(code) for code in KNOWN)
    assert set(DENIALS) <= set(KNOWN)
    assert denies("Das ist nicht so.", "de")
    assert denies("Tai netiesa.", "lt")
    assert denies("x", "ja") is None


ORIGINAL = "President Gitanas Nausėda said on 24 March 2022 that 1,000 to 1,500 troops will come to Vilnius."
GERMAN = (
    "Präsident Gitanas Nausėda sagte am 24. März 2022, dass 1.000 bis 1.500 Soldaten nach Vilnius kommen."
)


def test_a_faithful_translation_may_be_shown() -> None:
    assert holds(ORIGINAL, GERMAN, "de")
    assert holds("The four battlegroups are ready.", "Die 4 Gefechtsverbände sind bereit.", "de")
    assert holds(
        "NATO will not send troops to Ukraine.", "Die NATO schickt keine Truppen in die Ukraine.", "de"
    )
    assert holds("NATO will not send troops to Ukraine.", "НАТО не надішле війська до України.", "uk")
    assert holds("NATO has 30 members.", "НАТО має 30 членів.", "uk")


@pytest.mark.parametrize(
    ("why", "translation"),
    [
        ("another number", GERMAN.replace("1.500", "2.500")),
        ("a number less", GERMAN.replace("1.000 bis ", "")),
        ("another day", GERMAN.replace("24.", "25.")),
        ("a denial", GERMAN.replace("kommen", "nicht kommen")),
        ("another name", GERMAN.replace("Nausėda", "Landsbergis")),
        ("an address", GERMAN + " Mehr auf https://boese.example"),
        ("a mention", GERMAN + " @everyone"),
        ("much more", GERMAN * 3),
        ("hardly anything", "Ja."),
        ("another language", ORIGINAL),
    ],
)
def test_what_is_no_translation_is_not_shown(why: str, translation: str) -> None:
    assert not holds(ORIGINAL, translation, "de"), why
