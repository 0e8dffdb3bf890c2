"""Answers as text: nothing is lost, and an older or newer Footnote can read them."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from bot.stored import dump, load, load_filters
from index.types import Answer, AnswerSentence, Card, Citation, Claim, Filters, Writing
from tests.bot.fakes import ANSWER, NOT_FOUND

FULL = Answer(
    question="Wer? \ud800 \x00 🙂 \u202e",
    outcome="answered",
    sentences=(AnswerSentence("Erste.", (1, 2), "First."), AnswerSentence("Ohne.", ())),
    citations=(
        Citation(
            1,
            Card("a", "T", "BBC", "https://x.example/1", date(2022, 3, 24), "J. D."),
            "q",
            3,
            4,
            "https://x",
            "a quote",
        ),
        Citation(2, Card("b", "", None, None, None, None, "Die ersten Worte"), "Zitat", 0, 5, None),
    ),
    agreement=(Claim("how many", "30", (1,)), Claim("how many", "40", (2,))),
    nearest=(Card("c", "T", "s", None, date(1, 1, 1)),),
    as_of=date(2022, 3, 24),
    confidence=0.1 + 0.2,
    writer="a model",
    seconds=1e-9,
    understood="Wer war das?",
    missing=("Brot", ""),
    writing=Writing(5, 4, 1200, 80, 0.1 + 0.2, "late", True),
    language="en",
)


@pytest.mark.parametrize(
    "answer",
    [FULL, ANSWER, NOT_FOUND, Answer("q", "not_found"), replace(ANSWER, writing=Writing(3, 3))],
)
def test_an_answer_is_read_back_equal(answer: Answer) -> None:
    read = load(dump(answer))
    assert read == answer
    assert repr(read) == repr(answer)  # 1 and 1.0 are equal too


def test_every_field_of_an_answer_is_tried() -> None:
    assert FULL.writing is not None
    for full, plain in ((FULL, Answer("q", "not_found")), (FULL.writing, Writing())):
        for each in fields(plain):
            assert getattr(full, each.name) != getattr(plain, each.name), each.name


@pytest.mark.parametrize(
    "filters", [Filters(), Filters("BBC", date(2022, 3, 1), date(2022, 3, 31)), Filters(before=date.max)]
)
def test_filters_are_read_back_equal(filters: Filters) -> None:
    assert load_filters(dump(filters)) == filters


def test_text_is_ascii_so_that_any_file_can_hold_it() -> None:
    assert dump(FULL).isascii()


def test_an_answer_of_an_older_footnote_takes_defaults_for_new_fields() -> None:
    assert load('{"question": "q", "outcome": "not_found"}') == Answer("q", "not_found")
    old = json.loads(dump(FULL))
    del old["missing"], old["citations"][1]["article"]["opening"]
    del (
        old["writing"],
        old["language"],
        old["sentences"][0]["translation"],
        old["citations"][0]["translation"],
    )
    read = load(json.dumps(old))
    assert read.citations[1].article.opening == ""
    assert (read.writing, read.language, read.sentences[0].translation) == (None, "", "")


def test_an_answer_of_a_newer_footnote_leaves_out_what_is_unknown() -> None:
    new = json.loads(dump(FULL))
    new["mood"] = {"x": 1}
    new["citations"][0]["article"]["colour"] = "red"
    assert load(json.dumps(new)) == FULL


def changed(**values: Any) -> str:
    return json.dumps(json.loads(dump(FULL)) | values)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"q"',
        "{}",
        '{"question": "q"}',
        changed(outcome="perhaps"),
        changed(question=None),
        changed(sentences="abc"),
        changed(sentences=[["text", [1]]]),
        changed(as_of="yesterday"),
        changed(as_of=20220324),
        changed(confidence="high"),
        changed(citations=[{"number": 1}]),
        changed(missing=[1]),
        changed(writing={"silence": "moody"}),
        changed(writing={"held": "all"}),
        "[" * 100_000,
    ],
)
def test_what_is_no_answer_is_refused_with_one_kind_of_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the JSON reader's own errors are ValueErrors too
        load(text)
