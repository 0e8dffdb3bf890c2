"""Pairs of short articles, labelled by us: they differ, agree, have changed, or tell of other things."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from index import answering
from index.retrieval import Retriever
from index.types import Answer, Question
from tests.index.workshop import READER, ROOT, CountingEmbedder, Workshop

LINES = [
    json.loads(line) for line in (ROOT / "tests/index/differences.jsonl").read_text("utf-8").splitlines()
]
DAY = "2023-02-01"


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, model: CountingEmbedder) -> Iterator[dict[str, Answer]]:
    """The answer to every pair's question, all pairs in one corpus."""
    folder = tmp_path_factory.mktemp("pairs")
    workshop = Workshop(folder / "corpus", folder / "data", model)
    for line in LINES:
        for side, day in zip(("first", "second"), line.get("days", [DAY, DAY]), strict=True):
            name = f"{line['id']}-{side}.md"
            workshop.write(name, line[side], published=day, source=f"{side} {line['id']}")
    workshop.refresh()
    with workshop.library.snapshot() as known:
        retriever = Retriever(known, workshop.near, workshop.embedder, READER)

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


def test_precision_and_recall_over_the_pairs(answers: dict[str, Answer]) -> None:
    shown = {line["id"] for line in LINES if answers[line["id"]].differences}
    differ = {line["id"] for line in LINES if line["label"] == "differ"}
    assert len(LINES) >= 100
    assert shown <= differ, "a false difference is worse than a missed one"
    assert len(shown) >= 0.95 * len(differ)


def test_another_answer_at_another_time_is_a_change_and_no_quarrel(answers: dict[str, Answer]) -> None:
    asked = [line["id"] for line in LINES if line["label"] == "change"]
    changes = [claims for id_ in asked if len(claims := answers[id_].agreement) == 2]
    assert len(changes) >= 0.7 * len(asked)
    for claims in changes:
        days = [claim.about.rpartition(" on ")[2] for claim in claims]
        assert all(date.fromisoformat(day) for day in days)
        assert len(set(days)) == 2
    shown = [claims for id_ in asked if (claims := answers[id_].changes)]
    assert len(shown) == len(changes)
    assert all(first.day < last.day for first, last in shown)


def test_one_story_printed_twice_counts_once(workshop: Workshop) -> None:
    story = (
        "The council of Lindau will mend 40 bridges before winter, the mayor said on Monday in the town hall."
    )
    workshop.write("a.md", story, source="One")
    workshop.write("b.md", f"{story} More follows.", source="Two")
    workshop.write("c.md", "Before winter Lindau will mend 40 bridges, its mayor announced.", source="Three")
    workshop.refresh()
    answer = workshop.ask("How many bridges will Lindau mend?")
    sources = [c.article.source for c in answer.citations if c.number in answer.sentences[0].citations]
    assert len(sources) == 2
    assert "Three" in sources


def test_a_story_changed_in_one_place_is_a_difference(workshop: Workshop) -> None:
    story = (
        "The Lindau regatta took place in wind and rain. Forty boats started at ten. "
        "It was won by {}, who had sailed there for the first time. The mayor handed over a silver cup."
    )
    workshop.write("a.md", story.format("Ada Brink"), source="One")
    workshop.write("b.md", story.format("Olga Stein"), source="Two")
    workshop.write("c.md", story.format("Ada Brink"), source="Three")
    workshop.refresh()
    answer = workshop.ask("Who won the Lindau regatta?")
    (sides,) = answer.differences
    assert {claim.claim for claim in sides} == {"Ada Brink", "Olga Stein"}
    cited = {c.number: c.article.source for c in answer.citations}
    first = next(claim for claim in sides if claim.claim == "Ada Brink")
    assert {cited[number] for number in first.citations} < {"One", "Three"}
