"""The chat with a scripted desk: through a pipe, through prompt_toolkit, and with Ctrl-C."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from bot.chat import HELP, Chat
from bot.lines import ChatCompleter, Lines, TypedLines
from corpus.article import Article
from index.errors import IndexBusy
from index.types import Hit, Turn
from tests.bot.conftest import Run
from tests.bot.fakes import ANSWER, BBC, LRT, QUOTE, ScriptedDesk, passage, raises, sleeps

ARTICLE = Article("bbc-1", "Headline", "The whole text.", "BBC News", None, None, None, "a.txt")


def desk(**answers: object) -> ScriptedDesk:
    return ScriptedDesk(
        answers={"Which countries?": ANSWER, **answers},
        texts={"bbc-1": ARTICLE},
        hits=[Hit(passage(QUOTE), BBC, 0.9, 0.8)],
    )


def test_a_pipe_can_chat(run: Run) -> None:
    result = run(desk().open, "chat", stdin="Which countries?\n\n  \n/quit\nnever read\n")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "2 articles from 1 outlet, the newest of 24 Mar 2022" in result.stdout
    assert "› Which countries?\n\n  Four new battlegroups" in result.stdout
    assert "never read" not in result.stdout


def test_the_end_of_the_input_ends_the_chat(run: Run) -> None:
    assert run(desk().open, "chat", stdin="Bread?").exit_code == 0


def test_commands(run: Run) -> None:
    stdin = (
        "/help\n/sources\nWhich countries?\n/sources\n/article 1\n/search groups\n/article [1]\n/search\n"
        "/article\n/article nowhere\n/nonsense\n/s\n/he\n"
    )
    result = run(desk().open, "chat", stdin=stdin)
    parts = dict(zip(stdin.splitlines(), result.stdout.split("› ")[1:], strict=True))
    assert all(name in parts["/help"] for name in HELP)
    assert "Sources of the last answer" in result.stdout
    assert "BBC News" in parts["/sources"]
    assert "The whole text." in parts["/article 1"]
    assert "The whole text." in parts["/article [1]"]
    assert QUOTE in parts["/search groups"]
    assert "some words" in parts["/search"]
    assert "Which article?" in parts["/article"]
    assert "No article has the id nowhere." in parts["/article nowhere"]
    assert "There is no command /nonsense." in parts["/nonsense"]
    assert "There is no command /s." in parts["/s"]
    assert "/search QUERY" in parts["/he"]


def test_follow_ups_get_the_last_four_turns(run: Run) -> None:
    follow_up = replace(ANSWER, understood="Which countries, and Romania?")
    script = desk(**{"and Romania?": follow_up})
    questions = ["Which countries?", "and Romania?", "Bread?", "Milk?", "Eggs?", "Tea?"]
    result = run(script.open, "chat", stdin="\n".join(questions))
    assert "Read as: Which countries, and Romania?" in result.stdout
    assert script.asked[0].earlier == ()
    assert script.asked[2].earlier == (
        Turn("Which countries?", QUOTE),
        Turn("Which countries, and Romania?", QUOTE),
    )
    assert [turn.question for turn in script.asked[5].earlier] == [
        "Which countries, and Romania?",
        "Bread?",
        "Milk?",
        "Eggs?",
    ]
    assert script.asked[5].earlier[-1].answer == ""


def test_how_the_last_question_was_read_is_shown_on_request(run: Run) -> None:
    script = desk(**{"and Romania?": replace(ANSWER, understood="Which countries, and Romania?")})
    stdin = "/understood\nWhich countries?\n/understood\nand Romania?\n/und\n"
    parts = run(script.open, "chat", stdin=stdin).stdout.split("› ")[1:]
    assert "No question was asked yet." in parts[0]
    assert "Read as" not in parts[1]
    assert parts[2] == "/understood\n\n  Read as: Which countries?\n\n"
    assert parts[4] == "/und\n\n  Read as: Which countries, and Romania?\n\n"


def test_an_error_is_a_sentence_and_the_chat_goes_on(run: Run) -> None:
    script = desk(busy=raises(IndexBusy("The index is busy.")), broken=raises(KeyError("x")))
    result = run(script.open, "chat", stdin="busy\nbroken\nWhich countries?\n")
    assert result.exit_code == 0
    assert "  The index is busy.\n" in result.stdout
    assert "Something broke inside Footnote (KeyError: 'x')" in result.stdout
    assert QUOTE in result.stdout
    assert "Traceback" not in result.output


def converse(script: ScriptedDesk, lines: Lines) -> str:
    out = Console(file=io.StringIO(), width=80, color_system=None)
    asyncio.run(Chat(script, lines, out).run())
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_typed_lines_history_and_control_keys(tmp_path: Path) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("half a ques\x03Which countries?\r\x04")  # with Ctrl-C and Ctrl-D
        script = desk()
        converse(script, TypedLines(tmp_path, HELP, [BBC]))
    assert [each.text for each in script.asked] == ["Which countries?"]
    history = tmp_path / "history"
    assert "Which countries?" in history.read_text("utf-8")
    assert history.stat().st_mode & 0o077 == 0


def test_without_a_place_for_its_history_it_still_chats(tmp_path: Path) -> None:
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        keys.send_text("Which countries?\r/quit\r")
        assert QUOTE in converse(desk(), TypedLines(tmp_path / "missing", HELP, []))


class Scripted:
    """Lines from a list."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    async def read(self) -> str:
        if not self._lines:
            raise EOFError
        return self._lines.pop(0)


def test_ctrl_c_abandons_an_answer_and_the_chat_goes_on() -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    text = converse(desk(slow=sleeps(30)), Scripted("slow", "Which countries?"))
    assert text.index("Stopped.") < text.index(QUOTE)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("/", list(HELP)),
        ("/se", ["/search"]),
        ("/article ", ["bbc-1", "lrt-1"]),
        ("/article lr", ["lrt-1"]),
        ("/article battle", ["bbc-1"]),
        ("/search ", []),
        ("Which", []),
        ("", []),
    ],
)
def test_completion(typed: str, completed: list[str]) -> None:
    found = ChatCompleter(HELP, [BBC, LRT]).get_completions(Document(typed), CompleteEvent())
    assert [each.text for each in found] == completed
