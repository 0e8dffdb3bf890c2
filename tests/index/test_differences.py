"""Pairs of short articles that we labelled: where they differ, agree, have changed, or tell of other things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from index import answering
from index.retrieval import Retriever
from index.types import Answer, Question
from tests.index.workshop import ROOT, CountingEmbedder, Workshop

LINES = [
    json.loads(line) for line in (ROOT / "tests/index/differences.jsonl").read_text("utf-8").splitlines()
]
DAY = "2023-02-01"


@pytest.fixture(scope="module")
def answers(
    tmp_path_factory: pytest.TempPathFactory, model: CountingEmbedder
) -> Iterator[dict[str, Answer]]:
    """The answer to every pair's question, all pairs in one corpus."""
    folder = tmp_path_factory.mktemp("pairs")
    workshop = Workshop(folder / "corpus", folder / "data", model)
    for line in LINES:
        for side, day in zip(("first", "second"), line.get("days", [DAY, DAY]), strict=True):
            name = f"{line['id']}-{side}.md"
            workshop.write(name, line[side], published=day, source=f"{side} {line['id']}")
    workshop.refresh()
    with workshop.library.snapshot() as known:
        retriever = Retriever(known, workshop.store, workshop.embedder)

        def ask(text: str) -> Answer:
            question = answering.checked(Question(text, asked=date(2023, 10, 1), careful=0.0))
            return answering.answer(question, known, retriever, workshop.settings)

        yield {line["id"]: ask(line["question"]) for line in LINES}
    workshop.close()


def case(line: dict[str, str]) -> object:
    """One line as a test. `hard` says why it fails today: when it passes, the line has to say so."""
    marks = [pytest.mark.xfail(reason=line["hard"], strict=True)] if "hard" in line else []
    return pytest.param(line, id=line["id"], marks=marks)


@pytest.mark.parametrize("line", [case(line) for line in LINES])
def test_a_difference_is_shown_where_there_is_one_and_nowhere_else(
    answers: dict[str, Answer], line: dict[str, str]
) -> None:
    answer = answers[line["id"]]
    shown = [[claim.claim for claim in group] for group in answer.differences]
    assert bool(shown) == (line["label"] == "differ"), shown
    if shown:
        cited = {c.number: c.article.id for c in answer.citations}
        sides = [{cited[n] for n in claim.citations} for claim in answer.differences[0]]
        names = [{f"{line['id']}-{side}.md"} for side in ("first", "second")]
        assert sorted(map(sorted, sides)) == sorted(map(sorted, names))
