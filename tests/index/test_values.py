"""The small pure parts behind differences: answers that can both be true, sentences side by side."""

from __future__ import annotations

import pytest

from index.aligning import align
from index.events import years
from index.values import compatible, whole
from index.wanted import Wanted, names_a_thing


@pytest.mark.parametrize(
    ("first", "second", "kind", "agree"),
    [
        ("about 1,000", "1,012", Wanted.NUMBER, True),
        ("more than 100", "120", Wanted.NUMBER, True),
        ("1.2 billion", "1,200 million", Wanted.NUMBER, True),
        ("between 1,000 and 1,500", "1,200", Wanted.NUMBER, True),
        ("4,400", "4,411", Wanted.NUMBER, True),
        ("twelve", "12", Wanted.NUMBER, True),
        ("140", "130", Wanted.NUMBER, False),
        ("4,411", "10,000", Wanted.NUMBER, False),
        ("more than 100", "80", Wanted.NUMBER, False),
        ("March", "24 March", Wanted.DATE, True),
        ("March 24, 2022", "24 March", Wanted.DATE, True),
        ("the 1960s", "1961", Wanted.DATE, True),
        ("yesterday", "24 March", Wanted.DATE, True),
        ("Monday", "24 March", Wanted.DATE, True),
        ("1867", "1855", Wanted.DATE, False),
        ("14 August 1850", "14 August 1900", Wanted.DATE, False),
        ("3 March", "5 March", Wanted.DATE, False),
        ("James Smith", "Smith", Wanted.PERSON, True),
        ("J. Smith", "John Smith", Wanted.PERSON, True),
        ("Dr. Ivan Petrov", "Ivan Petrov", Wanted.PERSON, True),
        ("Volodymyr Zelensky", "Volodymyr Zelenskyy", Wanted.PERSON, True),
        ("James Smith", "James Brown", Wanted.PERSON, False),
        ("US", "United States", Wanted.PLACE, True),
        ("UN", "United Nations", Wanted.ANYTHING, True),
        ("Gotland", "Gotland, Sweden", Wanted.PLACE, True),
        ("Geneva", "Vienna", Wanted.PLACE, False),
        ("soccer", "football", Wanted.ANYTHING, True),
        ("drama", "comedy", Wanted.ANYTHING, False),
    ],
)
def test_what_can_both_be_true(first: str, second: str, kind: Wanted, agree: bool) -> None:
    assert compatible(first, second, kind) is agree
    assert compatible(second, first, kind) is agree


@pytest.mark.parametrize(
    ("text", "inside", "kind", "told"),
    [
        ("She was born on 3 June 1931 in Lund.", "1931", Wanted.DATE, "3 June 1931"),
        ("It cost more than 1.2 billion crowns.", "1.2", Wanted.NUMBER, "more than 1.2 billion"),
        ("It was painted by J. Nilsen.", "J", Wanted.PERSON, "J. Nilsen"),
        ("It is a comedy film.", "comedy", Wanted.ANYTHING, "comedy"),
    ],
)
def test_an_answer_is_shown_whole(text: str, inside: str, kind: Wanted, told: str) -> None:
    start = text.index(inside)
    assert whole(text, start, start + len(inside), kind) == told


def test_sentences_side_by_side_differ_in_a_slot() -> None:
    made = align(
        "It was founded in 1950 by monks of Alby.", "It was founded in 1960 by monks of Alby, says a guide."
    )
    assert made is not None
    slots = [([w.text for w in slot.first], [w.text for w in slot.second]) for slot in made.slots]
    assert slots == [(["1950"], ["1960"])]
    assert len(made.common) == 3


def test_a_table_is_not_laid_side_by_side() -> None:
    assert align("one two three " * 40, "one two four " * 40) is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("NATO is ready for talks prior to the Warsaw Summit.", {"2016"}),
        ("The Warsaw summit of the bakers was long.", set()),
        ("NATO met in Warsaw.", set()),
    ],
)
def test_events_tell_a_year(text: str, told: set[str]) -> None:
    assert years(text) == told


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What is the population of Lindau?", True),
        ("Which sport does she play?", True),
        ("What does NATO stand for?", True),
        ("Who won?", True),
        ("What will Ukraine get?", False),
        ("What caused the fire?", False),
        ("Why was it closed?", False),
    ],
)
def test_questions_that_a_few_words_answer(question: str, thing: bool) -> None:
    assert names_a_thing(question) is thing
