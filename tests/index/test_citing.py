"""Citations in ALCE's sense and what became of written answers, on examples that were computed by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest

from index.citing import SILENCES, Judge, Taken, became, built_in, cited, taken
from index.evaluation import Asking, evaluate
from index.measures import MEASURES, Case, Outcome
from index.measuring import as_shown, figures, silenced
from index.types import Answer, AnswerSentence, Citation, Hit, Silence, Writing
from index.versus import changes
from tests.bot.fakes import ANSWER, BBC, NOT_FOUND, OTHER, QUOTE, ScriptedDesk, passage

WRITER = "openai-like:scripted"
WHOLE = Writing(3, 2, 900, 60, 0.004)


def answer(*sentences: tuple[int, ...]) -> Answer:
    """Sentences "s0", "s1" ... with these citations, whose quotes are "q1", "q2" ..."""
    numbers = sorted({number for each in sentences for number in each if number < 10})
    return Answer(
        "?",
        "answered",
        tuple(AnswerSentence(f"s{place}", each) for place, each in enumerate(sentences)),
        tuple(Citation(number, BBC, f"q{number}", 0, 2, None) for number in numbers),
    )


def judge(*supported: str) -> Judge:
    """Supports what is listed, as "s0:12" for sentence 0 by quotes 1 and 2 together."""

    def says(sentence: str, quotes: Sequence[Citation]) -> bool:
        assert quotes
        return f"{sentence}:{''.join(str(each.number) for each in quotes)}" in supported

    return says


@pytest.mark.parametrize(
    ("sentences", "supported", "recall", "precision"),
    [
        (((1,),), ("s0:1",), 1, 1),
        (((1,),), (), 0, 0),
        (((1, 2),), ("s0:12", "s0:1", "s0:2"), 1, 1),  # each alone
        (((1, 2),), ("s0:12", "s0:1"), 1, 1 / 2),  # the second is idle
        (((1, 2),), ("s0:12",), 1, 1),  # neither alone: both are needed
        (((1, 2, 3),), ("s0:123", "s0:12", "s0:13"), 1, 1 / 3),  # 2 and 3 can each do without the other
        (((1, 2, 3),), ("s0:123", "s0:12", "s0:13", "s0:1", "s0:23"), 1, 1 / 3),
        (((1, 2),), ("s0:1", "s0:2"), 0, 0),  # together they do not support it, so none is precise
        (((1,), (2, 3)), ("s0:1",), 1 / 2, 1 / 3),
        (((1,), ()), ("s0:1",), 1 / 2, 1),  # a sentence without a citation is not recalled
        (((1, 99),), ("s0:1",), 0, 0),  # nor one with a citation that there is not
        (((),), (), 0, 0),
    ],
)
def test_citations_are_recalled_and_precise_as_in_alce(
    sentences: tuple[tuple[int, ...], ...], supported: tuple[str, ...], recall: float, precision: float
) -> None:
    got = cited(answer(*sentences), judge(*supported))
    assert got == pytest.approx({"cite recall": recall, "cite prec.": precision})


def test_an_answer_without_sentences_cites_nothing() -> None:
    assert cited(NOT_FOUND, judge()) == {}


def test_the_checker_judges_on_the_real_model() -> None:
    says = built_in(1)
    quotes = [
        Citation(1, BBC, QUOTE, 0, len(QUOTE), None),
        Citation(2, BBC, "Hungary has 800 soldiers in its battlegroup.", 0, 44, None),
    ]
    assert says("Four new battlegroups go to Bulgaria, Hungary, Romania and Slovakia.", quotes)
    assert says("Hungary has 800 soldiers in its battlegroup", quotes[1:])
    assert not says("Hungary has 900 soldiers in its battlegroup.", quotes)
    assert not says("Hungary does not have 800 soldiers in its battlegroup.", quotes)
    assert not says("Hungary has 800 soldiers in its battlegroup.", quotes[:1])
    odd = f"See https://example.org/news: {'a long list of names, ' * 30}and so on."
    assert says(odd, [Citation(1, BBC, odd, 0, len(odd), None)])  # the article's own words, of any form


def test_what_became_of_an_answer() -> None:
    nothing = dict.fromkeys(("written", "denied", *(each.replace("_", " ") for each in SILENCES)), 0.0)
    assert became(None) == {}
    assert became(WHOLE) == nothing | {"written": 1}
    assert became(replace(WHOLE, denied=True)) == nothing | {"denied": 1}
    assert became(Writing(silence="spent_each")) == nothing | {"spent each": 1}
    assert {"", *SILENCES} == set(get_args(Silence))
    assert became(WHOLE).keys() <= {measure.key for measure in MEASURES}


def outcomes() -> list[Outcome]:
    found = {
        "whole": WHOLE,
        "rubbish": Writing(5, 0, 1100, 240, 0.01, "unusable"),
        "broken": Writing(2, 0, 500, 20, 0.001, "away"),  # held is not known: it broke off
        "denied": Writing(0, 0, 700, 8, 0.002, denied=True),
        "spent": Writing(silence="spent"),
        "not asked": None,
    }
    return [Outcome(id_, "?", True, 0.5, "S.", writing=one, marks=became(one)) for id_, one in found.items()]


def test_shares_are_of_the_questions_put_to_the_model_and_of_its_sentences() -> None:
    told = {key: (round(each.value, 5), each.questions) for key, each in figures(outcomes()).items()}
    assert {key: told[key] for key in ("written", "denied", "away", "late", "spent", "unusable")} == {
        "written": (0.2, 5),
        "denied": (0.2, 5),
        "away": (0.2, 5),
        "late": (0.0, 5),
        "spent": (0.2, 5),
        "unusable": (0.2, 5),
    }
    assert told["held"] == (0.25, 3)  # 2 of the 8 sentences of answers that came to their end
    assert told["tokens in"] == (640, 5)
    assert told["tokens out"] == (65.6, 5)
    assert told["cost"] == (0.00425, 4)  # where it is known
    assert taken(outcomes()) == Taken(5, 3200, 328, pytest.approx(0.017))
    free = [replace(each, writing=replace(WHOLE, cost=None)) for each in outcomes()]
    assert taken(free).cost is None
    assert "cost" not in figures(free)


def test_without_a_model_there_are_no_such_rows() -> None:
    plain = [replace(each, writing=None, marks={}) for each in outcomes()]
    assert not {"held", "written", "tokens in", "cost"} & figures(plain).keys()
    assert taken(plain) == Taken(0, 0, 0, None)


def test_a_model_that_wrote_nothing_at_all_has_no_share_that_holds() -> None:
    found = figures([replace(each, writing=Writing(silence="late")) for each in outcomes()])
    assert "held" not in found
    assert not any(math.isnan(each.value) for each in found.values())


def test_an_answer_that_was_kept_silent_says_and_cites_nothing_when_it_is_compared() -> None:
    good = {"first": 1.0, "answer all": 1.0, "cited any": 1.0, "hit@1": 1.0}
    made = Outcome("a", "?", True, 0.3, "S.", marks=good)
    assert as_shown(silenced(made, 0.3)).marks["answer all"] == 1
    assert as_shown(silenced(made, 0.5)).marks == {
        "first": 0,
        "answer all": 0,
        "hit@1": 1,
        "silent": 1,
        "kept": 0,
        "right": 0,
    }
    # As a written answer of the same question has it: so there is no change where nothing changed.
    written = replace(made, said="", marks={"first": 0.0, "answer all": 0.0, "hit@1": 1.0})
    both = changes([as_shown(silenced(made, 0.5))], [as_shown(silenced(written, 0.5))])
    assert [(each.key, each.before, each.after) for each in both if each.before != each.after] == []


async def test_a_model_is_asked_at_the_real_setting_and_its_citations_are_judged() -> None:
    """At 0 it would be asked, and paid, for answers that nobody gets to see."""
    said = replace(ANSWER, writer=WRITER, writing=WHOLE)
    desk = ScriptedDesk(
        answers={"Which countries?": said, "Denied?": replace(NOT_FOUND, writing=Writing(denied=True))},
        hits=[Hit(passage(QUOTE), BBC, 0.9, 0.8)],
    )
    cases = [
        Case("1", "Which countries?", answers=("Romania",)),
        Case("2", "Bread?", answerable=False),
        Case("3", "Denied?", answerable=False),
    ]
    heard: list[str] = []

    def says(sentence: str, quotes: Sequence[Citation]) -> bool:
        heard.append(f"{sentence} {[each.quote for each in quotes]}")
        return any(each.quote == QUOTE for each in quotes)

    one, two, three = await evaluate(desk, cases, how=Asking(says, 0.45))
    assert [(each.careful, each.plain) for each in desk.asked] == [(0.45, False)] * 3
    assert heard[0] == f"{QUOTE} {[QUOTE, OTHER]}"
    assert (one.marks["cite recall"], one.marks["cite prec."], one.writing) == (1, 0.5, WHOLE)
    assert (two.writing, two.marks) == (None, {})
    assert three.marks["denied"] == 1
    assert [silenced(each, 0.45).marks["right"] for each in (one, two, three)] == [1, 1, 1]


async def test_without_one_answers_are_the_articles_own_words_whatever_is_set() -> None:
    desk = ScriptedDesk(answers={"Which countries?": ANSWER})
    (one,) = await evaluate(desk, [Case("1", "Which countries?")])
    assert [(each.careful, each.plain) for each in desk.asked] == [(0.0, True)]
    assert not {"cite recall", "written"} & one.marks.keys()
