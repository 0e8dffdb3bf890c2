"""Lines into paragraphs, characters into what a reader sees."""

import textwrap

import pytest

from corpus.cleaning import clean
from corpus.plain import visible, web_address

LONG = [
    "The ferry to the outer islands stopped on Monday after an inspection found cracks in its hull, "
    "the port authority said in a statement that was published late in the evening.",
    "“We had no choice,” the harbour master said. He expects the ferry to sail again in the first "
    "week of May, once the yard in Velm has welded the plates.",
    "About 1,400 people live on the islands. A fishing boat takes food and medicine to them twice "
    "a week until then, and the council pays for the fuel.",
]


@pytest.mark.parametrize("width", [60, 66, 72, 80])
def test_wrapped_lines_are_joined(width):
    raw = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in LONG)
    assert clean(raw).text == "\n\n".join(LONG)


def test_wrapped_without_blank_lines_keeps_furniture_apart():
    wrapped = [textwrap.fill(paragraph, 70) for paragraph in LONG]
    raw = wrapped[0] + "\nRead more: Second ferry\n" + wrapped[1] + "\n\n" + wrapped[2]
    assert clean(raw).text == "\n\n".join(LONG)


def test_sentences_on_lines_of_their_own_are_paragraphs():
    raw = "\n".join([*LONG, "The ferry is 40 years old.", "It has two engines."])
    assert clean(raw).text.split("\n\n") == [*LONG, "The ferry is 40 years old.", "It has two engines."]


def test_a_line_that_goes_on_in_lower_case_is_joined_anywhere():
    first, second = LONG[0][:-20], LONG[0][-20:].strip()
    raw = LONG[0][: len(first)].rstrip() + "\n" + second + "\n\n" + LONG[1]
    if second[0].islower():
        assert clean(raw).text.split("\n\n")[0].split() == LONG[0].split()


def test_a_headline_above_its_text_is_not_joined():
    cleaned = clean("Ferry to the outer islands stops after cracks are found\n" + "\n".join(LONG))
    assert cleaned.title == "Ferry to the outer islands stops after cracks are found"
    assert cleaned.text == "\n\n".join(LONG)


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_every_line_end_is_one(ending):
    assert clean(f"One sentence.{ending}{ending}Two sentences.").text == "One sentence.\n\nTwo sentences."


def test_quotes_dashes_and_accents_are_kept_as_they_are():
    text = "“It’s done” — he said, 'done' – and \"over\"… Nausėda; cafe\u0301 and caf\u00e9; 1\u00a0000 km."
    assert clean(text).text == text


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u00ad",
        "\x00",
        "\x1b",
        "\u200d",
        "\U000e0041",
        "\u2060",
        "\u3164",
        "\ufe00",
    ],
)
def test_hidden_characters_go(hidden):
    assert clean(f"The fer{hidden}ry stopped.").text == "The ferry stopped."


def test_joiners_stay_where_a_script_is_spelled_with_them():
    assert visible("می\u200cخواهم") == "می\u200cخواهم"
    assert visible("👩\u200d🚀") == "👩\u200d🚀"


def test_one_selector_of_a_form_stays_and_a_message_of_them_goes():
    assert visible("☎\ufe0f 1\ufe0f\u20e3 葛\U000e0100 辻\ufe00") == "☎\ufe0f 1\ufe0f\u20e3 葛 辻\ufe00"
    assert visible("☎\ufe0f\ufe01\ufe02\ufe0e a\ufe03\ufe04b \ufe05\ufe06") == "☎\ufe0f ab "


def test_half_surrogate_pairs_are_replaced():
    text = clean("The ferry \ud83d stopped.").text
    assert text == "The ferry \ufffd stopped."
    text.encode()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://velm.example/a?b=c#d", "https://velm.example/a?b=c#d"),
        ("  http://velm.example/a ", "http://velm.example/a"),
        ("HTTPS://velm.example/", "HTTPS://velm.example/"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://velm.example/", None),
        ("/ferry", None),
        ("velm.example/ferry", None),
        ("https://", None),
        ("http://[", None),
        ("https://velm.example/a b", None),
        ("", None),
        (None, None),
    ],
)
def test_only_absolute_web_addresses_are_kept(given, kept):
    assert web_address(given) == kept
