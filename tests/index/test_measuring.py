"""The measures on examples that were computed by hand."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from index.canary import Heard, chance, falls, listen, right
from index.errors import QuestionError
from index.evaluation import evaluate, unknown
from index.measures import MEASURES, Case, Outcome, holds, plain
from index.measuring import area, figures, intervals, marks, ranked, silenced
from index.types import Answer, Hit
from index.versus import changes
from tests.bot.fakes import ANSWER, BBC, LRT, NOT_FOUND, OTHER, QUOTE, ScriptedDesk, passage, raises

TEXTS = {"bbc-1": QUOTE, "lrt-1": f"0123456789{OTHER}"}


def outcome(id_: str, found: tuple[str, ...] = (), **more: object) -> Outcome:
    made = Outcome(id_, f"{id_}?", True, 0.5, "Said.", found)
    return replace(made, **more)  # type: ignore[arg-type]  # any of its fields


def test_strings_are_compared_by_whole_words_without_case_and_punctuation() -> None:
    assert plain("Four,  new – “Battlegroups”!") == "four new battlegroups"
    assert holds(["It costs 1,500 euros."], ["1.500"])
    assert not holds(["It costs 15,000 euros."], ["5,000"])
    assert holds(["nothing", "In Rukla."], ["Kaunas", "rukla"])
    assert not holds(["anything"], ["", "–"])
    assert not holds([], ["x"])


def test_retrieval_is_measured_by_place() -> None:
    cases = [
        Case("first", "?", articles=("a", "b")),
        Case("fifth", "?", articles=("a",)),
        Case("never", "?", articles=("a",)),
        Case("nothing", "?", articles=("a",)),
        Case("no gold", "?"),
        Case("unanswerable", "?", articles=("a",), answerable=False),
    ]
    asked = [
        outcome("first", ("a", "x", "b")),
        outcome("fifth", ("v", "w", "x", "y", "a")),
        outcome("never", ("v", "w")),
        outcome("nothing"),
        outcome("no gold", ("a",)),
        outcome("unanswerable", ("a",), answerable=False),
    ]
    got = {each.id: each.marks for each in ranked(asked, cases)}
    # Two gold articles at places 1 and 3 of the best 1 and 2: (1 + 1/log2 4) / (1 + 1/log2 3).
    best = (1 + 1 / math.log2(4)) / (1 + 1 / math.log2(3))
    assert got["first"] == pytest.approx({"hit@1": 1, "hit@4": 1, "hit@10": 1, "mrr@10": 1, "ndcg@10": best})
    fifth = {"hit@1": 0, "hit@4": 0, "hit@10": 1, "mrr@10": 1 / 5, "ndcg@10": 1 / math.log2(6)}
    assert got["fifth"] == pytest.approx(fifth)
    assert set(got["never"].values()) == set(got["nothing"].values()) == {0.0}
    assert got["no gold"] == got["unanswerable"] == {}


def test_retrieval_is_left_out_where_its_package_cannot_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ir_measures", None)
    asked = [outcome("a", ("x",), marks={"first": 1.0})]
    assert ranked(asked, [Case("a", "a?", articles=("x",))]) == asked


def test_an_answer_is_marked_for_what_it_says_and_cites() -> None:
    case = Case("1", "?", answers=("Romania",), articles=("bbc-1",))
    assert marks(case, ANSWER, OTHER, TEXTS) == {
        "first": 1,
        "answer": 1,
        "first all": 1,
        "answer all": 1,
        "passage": 0,
        "cited first": 1,
        "cited any": 1,
        "verbatim": 1,
    }
    other = replace(case, answers=("Poland",), articles=("lrt-1",))
    got = marks(other, ANSWER, OTHER, TEXTS)
    assert (got["first"], got["passage"], got["cited first"], got["cited any"]) == (0, 1, 0, 1)
    assert marks(replace(other, also=("bbc-1",)), ANSWER, "", TEXTS)["cited first"] == 1


def test_a_gold_article_without_the_string_does_not_count_where_it_cannot() -> None:
    got = marks(Case("1", "?", answers=("Malta",), articles=("bbc-1",)), ANSWER, "", TEXTS)
    assert (got["first all"], got["answer all"]) == (0, 0)
    assert not {"first", "answer", "passage"} & got.keys()


def test_a_quote_that_is_not_in_its_place_is_not_verbatim() -> None:
    got = marks(Case("1", "?"), ANSWER, "", {**TEXTS, "lrt-1": OTHER})
    assert got == {"verbatim": 0}


def test_no_answer_is_a_wrong_one_and_cites_nothing() -> None:
    case = Case("1", "?", answers=("Romania",), articles=("bbc-1",))
    got = marks(case, NOT_FOUND, "", TEXTS)
    assert got == {"first": 0, "answer": 0, "first all": 0, "answer all": 0, "passage": 0}
    assert marks(replace(case, answerable=False), NOT_FOUND, "", TEXTS) == {}


@pytest.mark.parametrize(
    ("right_ones", "wrong_ones", "shown"),
    [
        (("Romania",), ("Hungary, Poland",), True),
        (("Romania",), ("Malta",), False),
        (("Slovakia",), ("Bulgaria",), True),  # both claims hold both: they are still shown side by side
        (("Romania",), ("Hungary, Romania",), False),  # one claim holds both
    ],
)
def test_a_difference_is_shown_where_two_claims_have_the_two_answers(
    right_ones: tuple[str, ...], wrong_ones: tuple[str, ...], shown: bool
) -> None:
    case = Case(
        "1", "?", answers=right_ones, articles=("bbc-1",), false_articles=("x",), wrong_answers=wrong_ones
    )
    assert marks(case, ANSWER, "", TEXTS)["differs"] == shown


def test_silence_is_told_from_the_confidence() -> None:
    sure = outcome("a", confidence=0.7, marks={"answer all": 1.0})
    assert silenced(sure, 0.7).marks == {"answer all": 1, "silent": 0, "kept": 1, "right": 1}
    assert silenced(sure, 0.71).marks == {"answer all": 1, "silent": 1, "kept": 0, "right": 0}
    assert silenced(replace(sure, answerable=False), 0.8).marks["recall"] == 1
    assert silenced(replace(sure, marks={}), 0.5).marks["right"] == 1
    assert silenced(replace(sure, marks={"cited any": 0.0}), 0.5).marks["right"] == 0
    for nothing in (replace(sure, confidence=None), replace(sure, said="")):
        assert silenced(nothing, 0.0).marks["silent"] == 1


def test_area_under_the_curve_counts_pairs() -> None:
    scores = np.array([0.9, 0.4, 0.4, 0.1])
    # Pairs in order: 0.9 before both, 0.4 level with 0.4 and before 0.1: 3.5 of 4.
    assert area(scores, np.array([True, True, False, False])) == 3.5 / 4
    assert math.isnan(area(scores, np.ones(4, dtype=bool)))


def test_figures_over_a_set() -> None:
    asked = [
        outcome("a", confidence=0.9, seconds=0.010),
        outcome("b", confidence=0.2, seconds=0.020),
        outcome("c", confidence=0.8, seconds=0.030, answerable=False),
        outcome("d", confidence=0.1, seconds=0.040, answerable=False),
        outcome("e", confidence=0.1, seconds=0.050, answerable=False),
    ]
    found = figures([silenced(each, 0.5) for each in asked])
    told = {key: (round(figure.value, 3), figure.questions) for key, figure in found.items()}
    assert told == {
        "precision": (0.667, 3),  # silent on b, d and e
        "recall": (0.667, 3),
        "kept": (0.5, 2),
        "balanced": (0.583, 5),
        "auc": (0.833, 5),  # of six pairs, only b against c is out of order
        "right": (0.6, 5),
        "p50 ms": (30.0, 5),
        "p95 ms": (48.0, 5),
    }
    assert list(found) == [measure.key for measure in MEASURES if measure.key in found]
    assert all(figure.low <= figure.value <= figure.high for figure in found.values())


def test_without_unanswerable_questions_silence_has_no_precision() -> None:
    found = figures([silenced(outcome("a"), 0.9), silenced(outcome("b"), 0.1)])
    assert not {"precision", "recall", "balanced", "auc"} & found.keys()
    assert found["kept"].value == 0.5
    assert figures([]) == {}


def test_the_interval_is_that_of_the_bootstrap_and_the_same_every_time() -> None:
    values = np.array([1.0] * 50 + [0.0] * 50)
    (made,) = intervals(100, lambda at: [float(values[at].mean())])
    # 1.96 standard errors of a share of one half: 0.098.
    assert made == pytest.approx((0.402, 0.598), abs=0.02)
    assert intervals(100, lambda at: [0.5, float(values[at].mean())]) == [(0.5, 0.5), made]
    assert all(math.isnan(end) for end in intervals(3, lambda _: [math.nan])[0])


def test_two_runs_are_compared_over_the_questions_that_both_have() -> None:
    def made(*good: bool) -> list[Outcome]:
        return [outcome(f"q{n}", marks={"right": float(one), "mrr@10": 0.5}) for n, one in enumerate(good)]

    before = [*made(True, True, False, *[False] * 20), outcome("gone", marks={"right": 1.0})]
    after = made(True, False, True, *[True] * 20)
    found = {change.key: change for change in changes(before, [*after, outcome("new")])}
    change = found["right"]
    assert (round(change.before, 3), round(change.after, 3)) == (round(2 / 23, 3), round(22 / 23, 3))
    assert change.lost == ("q1",)
    assert change.gained == ("q2", *(f"q{n}" for n in range(3, 23)))
    assert change.sure
    assert change.low > 0
    assert (found["mrr@10"].gained, found["mrr@10"].sure) == ((), False)
    reworded = [replace(each, question="another?") for each in before]
    assert changes(reworded, after) == []


async def test_every_question_is_asked_once_with_careful_at_zero() -> None:
    desk = ScriptedDesk(
        answers={"Which countries?": ANSWER, "": raises(QuestionError("It is empty."))},
        hits=[Hit(passage(QUOTE), BBC, 0.9, 0.8), Hit(passage(OTHER, "lrt-1"), LRT, 0.5, 0.4)],
    )
    asked = date(2022, 3, 24)
    cases = [
        Case("1", "Which countries?", asked, ("Romania",), articles=("lrt-1",)),
        Case("2", "Bread?", answerable=False),
        Case("3", "", answers=("x",)),
    ]
    done: list[int] = []
    one, two, three = await evaluate(desk, cases, lambda: done.append(1))
    assert [(each.text, each.careful, each.asked) for each in desk.asked] == [
        ("Which countries?", 0.0, asked),
        ("Bread?", 0.0, None),
        ("", 0.0, None),
    ]
    assert (one.found, one.cited, one.confidence, one.said) == (
        ("bbc-1", "lrt-1"),
        ("bbc-1", "lrt-1"),
        0.9,
        QUOTE,
    )
    assert (one.marks["hit@1"], one.marks["hit@4"], one.marks["mrr@10"]) == (0, 1, 0.5)
    assert (two.confidence, three.confidence, three.marks) == (0.1, None, {"first all": 0, "answer all": 0})
    assert len(done) == 3
    assert await unknown(desk, cases) == ["lrt-1"]


@pytest.mark.parametrize(
    ("lost", "gained", "p"), [(4, 0, 1 / 16), (5, 0, 1 / 32), (7, 1, 9 / 256), (6, 1, 8 / 128), (0, 0, 1)]
)
def test_chance_is_that_of_a_coin(lost: int, gained: int, p: float) -> None:
    assert chance(lost, gained) == p


def test_a_fall_is_told_and_a_small_or_foreign_one_is_not() -> None:
    before = [Heard(str(n), f"{n}?", True, n < 10 or None) for n in range(12)]
    four = [replace(each, answer=False) if int(each.id) < 4 else each for each in before]
    five = [replace(each, answer=False) if int(each.id) < 5 else each for each in before]
    assert falls(before, four) == falls([], five) == falls(five, before) == []
    (fall,) = falls(before, five)
    assert (fall.what, fall.lost, str(fall)) == (
        "answer",
        ("0", "1", "2", "3", "4"),
        "10 → 5 / 10 (0, 1, 2, 3, 4)",
    )
    assert falls([replace(each, question="another?") for each in before], five) == []
    assert (right(five, "answer"), right(five, "outcome")) == ((5, 10), (12, 12))


async def test_the_canary_hears_what_people_would_without_a_language_model() -> None:
    desk = ScriptedDesk(answers={"Which countries?": ANSWER, "": raises(QuestionError("It is empty."))})
    cases = [
        Case("string", "Which countries?", answers=("Romania",)),
        Case("other", "Which countries?", answers=("Malta",)),
        Case("article", "Which countries?", articles=("x",), also=("lrt-1",)),
        Case("anything", "Which countries?"),
        Case("silent", "Bread?", answers=("flour",)),
        Case("rightly", "Bread?", answerable=False),
        Case("wrongly", "Which countries?", answerable=False),
        Case("empty", ""),
    ]
    heard = await listen(desk, cases)
    assert {each.id: (each.outcome, each.answer) for each in heard} == {
        "string": (True, True),
        "other": (True, False),
        "article": (True, True),
        "anything": (True, True),
        "silent": (False, False),
        "rightly": (True, None),
        "wrongly": (False, None),
        "empty": (False, False),
    }
    assert {(each.careful, each.plain) for each in desk.asked} == {(None, True)}
    assert isinstance(await desk.ask(desk.asked[0]), Answer)
