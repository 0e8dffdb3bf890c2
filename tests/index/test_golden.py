"""The golden questions over the sample corpus, one test a line."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest

from tests.index.workshop import ROOT, Desk

LINES = [json.loads(line) for line in (ROOT / "tests" / "golden.jsonl").read_text("utf-8").splitlines()]


@dataclass(frozen=True)
class Golden:
    """A question and what its answer has to be."""

    question: str
    outcome: str
    contains: tuple[str, ...]
    articles: tuple[str, ...]
    min_outlets: int
    differs: bool


def golden(line: dict[str, object]) -> Golden:
    values = {"min_outlets": 0, "differs": False} | line
    chosen = {name: values[name] for name in Golden.__dataclass_fields__}
    return Golden(**{k: tuple(v) if isinstance(v, list) else v for k, v in chosen.items()})


def case(line: dict[str, str]) -> object:
    """One line as a test. `hard` says why it fails today: when it passes, the line has to say so."""
    marks = [pytest.mark.xfail(reason=line["hard"], strict=True)] if "hard" in line else []
    return pytest.param(line, id=line["id"], marks=marks)


@pytest.mark.parametrize("line", [case(line) for line in LINES])
def test_golden(sample: Desk, line: dict[str, object]) -> None:
    expected = golden(line)
    answer = sample.ask(expected.question)
    shown = [sentence.text for sentence in answer.sentences]
    assert answer.outcome == expected.outcome, shown or answer.confidence
    said = "\n".join([*shown, *(citation.quote for citation in answer.citations)]).casefold()
    assert [words for words in expected.contains if words.casefold() not in said] == [], shown
    if answer.citations:
        assert answer.citations[0].article.id in expected.articles, shown
    outlets = {citation.article.source for citation in answer.citations}
    assert len(outlets) >= expected.min_outlets, outlets
    if expected.differs:
        assert any(len(claims) >= 2 for claims in answer.differences), shown


def test_there_are_enough() -> None:
    outcomes = [line["outcome"] for line in LINES if "hard" not in line]
    assert len(outcomes) >= 40
    assert 3 * outcomes.count("not_found") >= len(outcomes)
    assert len({line["id"] for line in LINES}) == len({line["question"] for line in LINES}) == len(LINES)
