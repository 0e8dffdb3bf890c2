"""Questions that ask the same, by the real model."""

from __future__ import annotations

import pytest

from index.alike import alike
from tests.index.workshop import CountingEmbedder

HARD = pytest.mark.xfail(reason="a name that one of them leaves out", strict=True)
REWORDED = pytest.mark.xfail(reason="each has a word of its own", strict=True)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "How many troops will each new battlegroup have?",
            "how many soldiers are in each of the new battle groups",
        ),
        ("Who is the president of Lithuania?", "who is the lithuanian president"),
        ("Who is the president of Lithuania?", "What is the name of Lithuania's president?"),
        ("When did Russia invade Ukraine?", "On what date did the Russian invasion of Ukraine begin?"),
        ("When is the Madrid summit?", "In which month will the summit in Madrid be?"),
        ("What did Stoltenberg say about China?", "What did Jens Stoltenberg say about China"),
        ("What is NATO's budget?", "How big is the NATO budget?"),
        ("aid to Ukraine in 2022", "How much aid went to Ukraine in 2022?"),
        ("When will Sweden join NATO?", "  when will  SWEDEN join nato?"),
        pytest.param("How many warships does NATO have at sea?", "how many warships are at sea", marks=HARD),
        pytest.param(
            "Which countries will host the four new battlegroups?",
            "In which countries are the four new battle groups being set up?",
            marks=REWORDED,
        ),
    ],
)
def test_the_same_question_in_other_words(model: CountingEmbedder, first: str, second: str) -> None:
    assert alike([first, second], model) == ((0, 1),)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("aid to Ukraine in 2022", "aid to Ukraine in 2023"),
        ("Who is the president of Lithuania?", "Who is the president of Latvia?"),
        ("Did Russia attack Ukraine?", "Did Ukraine attack Russia?"),
        ("When did the summit begin?", "Where did the summit begin?"),
        ("When did the war begin?", "When did the war end?"),
        ("Which countries are members of NATO?", "Which countries are not members of NATO?"),
        ("How many warships are at sea?", "How many aircraft are at sea?"),
        ("Who won the election?", "Who lost the election?"),
        ("What did Joe Biden say?", "What did Hunter Biden say?"),
        ("What did the minister say on Monday?", "What did the minister say on Tuesday?"),
        ("Does Germany export gas?", "Does Germany import gas?"),
        ("How many troops does Germany have in Lithuania?", "How many tanks does Germany have in Lithuania?"),
        ("Who is the prime minister of Spain?", "Who is the king of Spain?"),
    ],
)
def test_near_misses_stay_apart(model: CountingEmbedder, first: str, second: str) -> None:
    assert alike([first, second], model) == ((0,), (1,))


def test_each_question_is_in_one_group_and_the_largest_comes_first(model: CountingEmbedder) -> None:
    questions = [
        "Who baked the bread?",
        "When is the Madrid summit?",
        "when is the madrid summit",
        "",
        "Who baked the bread?",
        "When will the Madrid summit be?",
        "???",
    ]
    groups = alike(questions, model)
    assert groups[0] == (1, 2, 5)
    assert groups[1] == (0, 4)
    assert sorted(place for group in groups for place in group) == list(range(len(questions)))
    assert groups == alike(questions, model)


def test_no_questions_give_no_groups(model: CountingEmbedder) -> None:
    assert alike([], model) == ()
