"""Sentences that are nearly their quotes: what may be changed in them, and what may not."""

from __future__ import annotations

import pytest

from index.edits import edited

QUOTE = (
    "On Monday, Anna Holm told the council of Velm that she may send 12 of her 40 ferries from Velm to Oslo "
    "before winter, because many people had not sailed since 2019."
)


def changed(old: str, new: str, *more: str) -> str:
    made = QUOTE
    for before, after in ((old, new), *zip(more[::2], more[1::2], strict=True)):
        assert before in made
        made = made.replace(before, after)
    return made


@pytest.mark.parametrize(
    "sentence",
    [
        changed("she", "he", "her", "his"),
        changed("may send", "will send"),
        changed("may send", "sent"),
        changed("from Velm to Oslo", "from Oslo to Velm"),
        changed("12 of her 40", "40 of her 12"),
        changed("Anna Holm", "Velm", "council of Velm", "council of Anna Holm"),
        changed("before winter", "after winter"),
        changed("had not sailed", "had sailed"),
        changed("had not sailed", "had sailed out of it"),
        changed("many people", "few people"),
        changed("ferries", "people"),
        changed("2019.", "2019, and this for the first time there.")[:-1] + " ever was so.",
    ],
)
def test_a_word_that_changes_what_is_said_is_found(sentence: str) -> None:
    assert edited(sentence, QUOTE)


@pytest.mark.parametrize(
    "sentence",
    [
        QUOTE,
        changed("On Monday, ", ""),
        changed("On Monday, ", "", "since 2019.", "since 2019, on Monday."),
        changed("told the council of Velm", "said"),
        changed("12", "twelve", "because", "as"),
        changed("had not sailed", "hadn’t sailed"),
        changed(", because many people had not sailed since 2019", ""),
        changed("40 ferries", "40 ships"),
        "Holm may send ferries to Oslo.",
        "A dozen ferries could go to the Norwegian capital, it was heard.",
    ],
)
def test_what_says_the_same_is_let_through(sentence: str) -> None:
    assert edited(sentence, QUOTE) == ""


@pytest.mark.parametrize(
    ("sentence", "quote", "fault"),
    [
        ("The dragon was bitten by the knight.", "The dragon bit the knight.", False),
        ("The dragon was hit by the knight at dawn.", "The dragon hit the knight at dawn.", True),
        ("The knight was hit by the dragon at dawn.", "The dragon hit the knight at dawn.", False),
        ("The harbour said that the ferry sank.", "The ferry sank, the harbour said.", False),
        ("The US is not in it.", "The United States isn’t in it.", False),
        ("An increase to 9% from 7% was seen.", "An increase from 7% to 9% was seen.", False),
        ("The confirmed loss is 9 tons of coal.", "The estimated loss is 9 tons of coal.", True),
        ("From 1966 to 1969 and from 1947 to 1964.", "From 1966 to 1964 and from 1947 to 1969.", True),
        ("He will have said that it will rain.", "He has said that it will rain.", True),
        ("The train to Oslo and Bergen was full.", "The train to Oslo was full.", True),
        (
            "The Department of American said it on Tuesday.",
            "The Department of Health said it on Tuesday.",
            True,
        ),
        ("The French team is the best in the cup.", "The team of France is the best in the cup.", False),
        ("The late train to Oslo was full.", "The early train to Oslo was full.", True),
    ],
)
def test_who_did_it_doubts_and_names_in_short(sentence: str, quote: str, fault: bool) -> None:
    assert bool(edited(sentence, quote)) == fault


def test_nothing_breaks_on_texts_without_words() -> None:
    assert edited("", "") == edited("…", "The end.") == edited("The end.", "…") == ""
