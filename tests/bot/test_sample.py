"""The command line with the real desk, on the sample corpus."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.bot.conftest import Run

Contract = Callable[[str], Mapping[str, Any]]
BATTLEGROUPS = "Which countries will host the four new battlegroups?"


def test_every_quote_stands_in_its_article(ask_sample: Run, contract: Contract) -> None:
    result = ask_sample("ask", BATTLEGROUPS, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    answer = contract(result.stdout)
    assert answer["citations"]
    for citation in answer["citations"]:
        article = json.loads(ask_sample("article", citation["article"]["id"], "--json").stdout)
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert citation["article"] == {key: article[key] for key in citation["article"]}


def test_an_answer_for_people(ask_sample: Run) -> None:
    result = ask_sample("ask", BATTLEGROUPS)
    assert result.exit_code == 0
    assert "Slovakia" in result.stdout
    assert "\n  [1] " in result.stdout
    assert "As of " in result.stdout
    assert "\x1b" not in result.stdout


def test_nothing_answers(ask_sample: Run, contract: Contract) -> None:
    result = ask_sample("ask", "How long does sourdough bread have to rise?", "--json")
    assert result.exit_code == 1
    assert contract(result.stdout)["outcome"] == "not_found"


def test_a_question_that_is_none(ask_sample: Run) -> None:
    for question in ("", "???", "x" * 10_001):
        result = ask_sample("ask", question)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.count("\n") == 1


def test_questions_from_a_file(ask_sample: Run, contract: Contract) -> None:
    questions = ["", BATTLEGROUPS, "Who won the World Cup?"]
    stdin = "".join(json.dumps({"id": f"q{n}", "question": text}) + "\n" for n, text in enumerate(questions))
    result = ask_sample("ask", "--questions", "-", "--json", stdin=stdin)
    assert result.exit_code == 0
    answers = [contract(line) for line in result.stdout.splitlines()]
    assert [each["id"] for each in answers] == ["q0", "q1", "q2"]
    assert [each["outcome"] for each in answers] == ["not_found", "answered", "not_found"]
    assert [each["question"] for each in answers] == questions


def test_search_and_filters(ask_sample: Run) -> None:
    hits = json.loads(ask_sample("search", "battlegroups", "--before", "2017", "--json").stdout)
    assert hits
    assert all(hit["article"]["published"] < "2018" for hit in hits)
    assert len(json.loads(ask_sample("search", "battlegroups", "--limit", "2", "--json").stdout)) == 2
    everything = json.loads(ask_sample("articles", "--json").stdout)
    some = json.loads(
        ask_sample("articles", "--json", "--after", "March 2022", "--before", "March 2022").stdout
    )
    assert 0 < len(some) < len(everything)
    assert {each["published"][:7] for each in some} == {"2022-03"}
    source = everything[0]["source"]
    assert {
        each["source"] for each in json.loads(ask_sample("articles", "--json", "--source", source).stdout)
    } == {source}


def test_an_outlet_that_is_not_there(ask_sample: Run) -> None:
    result = ask_sample("ask", BATTLEGROUPS, "--source", "The Daily Nobody")
    assert result.exit_code == 1
    assert "No article is from “The Daily Nobody”. The outlets are: " in result.stderr


def test_status_doctor_and_a_refresh_of_nothing(ask_sample: Run) -> None:
    status = json.loads(ask_sample("status", "--json").stdout)
    assert status["articles"] >= 8
    assert status["failed"] == []
    result = ask_sample("doctor")
    assert result.exit_code == 0, result.output
    assert "✗" not in result.stdout
    report = json.loads(ask_sample("refresh", "--json").stdout)
    assert (report["unchanged"], report["embedded"], report["added"]) == (status["articles"], 0, [])


def test_a_chat_with_a_follow_up(ask_sample: Run) -> None:
    stdin = "How many troops will each new battlegroup have?\nWho is the president of Lithuania?\n/sources\n"
    result = ask_sample("chat", stdin=stdin)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "1,500" in result.stdout
    assert "Nausėda" in result.stdout
    assert "Sources of the last answer:" in result.stdout
