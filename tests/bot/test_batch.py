"""`ask --questions`: order, ids, and what goes wrong in a file of questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from index.errors import QuestionError
from tests.bot.conftest import Run
from tests.bot.fakes import ANSWER, ScriptedDesk, raises

Contract = Callable[[str], Mapping[str, Any]]


def lines(*questions: Mapping[str, object]) -> str:
    return "".join(json.dumps(each) + "\n" for each in questions)


def test_one_line_for_each_question_in_order(run: Run, contract: Contract, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(
        "\ufeff"
        + lines(
            {"id": "b", "question": "Which countries?", "answers": ["extra"]},
            {"id": "a", "question": "", "asked": ""},
        )
        + "\n"
        + lines({"id": 7, "question": "Bread?", "asked": "2022-03-24"}, {"id": "b", "question": "Bread?"}),
        "utf-8",
    )
    desk = ScriptedDesk(answers={"Which countries?": ANSWER, "": raises(QuestionError("It is empty."))})
    result = run(desk.open, "ask", "--questions", str(file), "--json", "--asked", "2022-01-01")
    assert result.exit_code == 0
    answers = [contract(line) for line in result.stdout.splitlines()]
    assert [(each["id"], each["outcome"]) for each in answers] == [
        ("b", "answered"),
        ("a", "not_found"),
        ("7", "not_found"),
        ("b", "not_found"),
    ]
    assert result.stderr == "Question a: It is empty.\n"
    assert [each.asked for each in desk.asked][2:] == [date(2022, 3, 24), date(2022, 1, 1)]


def test_standard_input(run: Run) -> None:
    desk = ScriptedDesk()
    result = run(
        desk.open, "ask", "--questions", "-", "--json", stdin=lines({"id": "x", "question": "Bread?"})
    )
    assert json.loads(result.stdout)["id"] == "x"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"question": "?"}', "`id`"),
        (b'{"id": true, "question": "?"}', "`id`"),
        (b'{"id": "x"}', "`question`"),
        (b'{"id": "x", "question": ["?"]}', "`question`"),
        (b'{"id": "x", "question": "?", "asked": "someday"}', "'someday' is not a date"),
        (b'{"id": "x", "question": "?", "asked": 3}', "`asked`"),
        (b'{"id": "x", "question": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "nested"),
    ],
)
def test_a_malformed_line_is_named_before_anything_is_asked(run: Run, line: bytes, told: str) -> None:
    desk = ScriptedDesk()
    stdin = b'{"id": "x", "question": "?"}\n' + line
    result = run(desk.open, "ask", "--questions", "-", "--json", stdin=stdin)
    assert (result.exit_code, result.stdout, desk.asked) == (2, "", [])
    assert "Line 2 of" in result.stderr
    assert told in result.stderr
    assert desk.opened_with is None


@pytest.mark.parametrize("args", [["a question", "--json"], []])
def test_a_file_stands_alone_and_needs_json(run: Run, args: list[str]) -> None:
    result = run(ScriptedDesk().open, "ask", "--questions", "-", *args, stdin="")
    assert result.exit_code == 2
    assert "--questions goes with --json" in result.stderr


def test_an_error_in_the_middle_keeps_what_was_answered(run: Run) -> None:
    desk = ScriptedDesk(answers={"boom": raises(OSError("disk"))})
    stdin = lines(
        {"id": "1", "question": "Bread?"}, {"id": "2", "question": "boom"}, {"id": "3", "question": "x"}
    )
    result = run(desk.open, "ask", "--questions", "-", "--json", stdin=stdin)
    assert result.exit_code == 3
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["1"]
