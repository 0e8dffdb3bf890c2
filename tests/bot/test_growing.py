"""An answer that is seen as it is written, on a terminal and not in a pipe."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from bot import growing
from bot.terminal import put_answer
from index.errors import QuestionError
from index.types import Answer, AnswerSentence, Citation, Question, Writing
from tests.bot.conftest import Run
from tests.bot.fakes import ANSWER, BBC, QUOTE, ScriptedDesk
from tests.bot.screen import Screen

FIRST = "Four countries get new battlegroups."
SECOND = "NATO's leaders decided it on Thursday."
CITED = (Citation(1, BBC, QUOTE, 0, len(QUOTE), None),)
ONE = Answer("?", "answered", (AnswerSentence(FIRST, (1,)),), CITED)
TWO = replace(ONE, sentences=(AnswerSentence(FIRST, (1,)), AnswerSentence(SECOND, (1,))))
WRITTEN = replace(TWO, writer="openai:gpt-x", writing=Writing(2, 2), understood="?")


def terminal(*, width: int = 80, height: int = 25, known: bool = True) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        height=height,
        force_terminal=known,
        color_system="truecolor" if known else None,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )


def written_to(out: Console) -> str:
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def seen(out: Console) -> str:
    screen = Screen()
    screen.write(written_to(out))
    return screen.text()


def answered(out: Console, desk: ScriptedDesk) -> None:
    put_answer(out, asyncio.run(growing.ask(out, desk, Question("?"))))


def plain(answer: Answer) -> str:
    out = terminal()
    put_answer(out, replace(answer, question="?"))
    return seen(out)


def test_sentences_appear_as_they_come_and_the_answer_stands_alone() -> None:
    out = terminal()
    on_the_way: list[str] = []

    def look() -> Answer:
        on_the_way.append(seen(out))
        return WRITTEN

    desk = ScriptedDesk(answers={"?": look}, drafts=[ONE, TWO])
    answered(out, desk)
    assert FIRST in on_the_way[0]
    assert SECOND in on_the_way[0]
    assert growing.WRITING in on_the_way[0]
    assert on_the_way[0].count(FIRST) == 1
    assert seen(out) == plain(WRITTEN)
    assert "Written by openai:gpt-x; 2 of 2 sentences checked." in seen(out)


@pytest.mark.parametrize("drafts", [[ONE], [ONE, TWO], [TWO, ONE], [TWO, replace(ONE, sentences=())]])
def test_what_the_articles_say_replaces_a_draft_that_broke(drafts: list[Answer]) -> None:
    fallen = replace(ANSWER, writing=Writing(silence="away"))
    out = terminal()
    answered(out, ScriptedDesk(answers={"?": fallen}, drafts=drafts))
    assert seen(out) == plain(fallen)
    assert FIRST not in seen(out)
    assert "these are the articles' own sentences" in seen(out).replace("\n ", "")


@pytest.mark.parametrize("height", [1, 4, 9])
def test_a_draft_that_is_higher_than_the_terminal_leaves_nothing_behind(height: int) -> None:
    many = replace(ONE, sentences=tuple(AnswerSentence(f"{FIRST} {n}", (1,)) for n in range(30)))
    out = terminal(height=height)
    answered(out, ScriptedDesk(answers={"?": WRITTEN}, drafts=[ONE, many]))
    assert seen(out) == plain(WRITTEN)


def test_an_error_wipes_the_draft_away_too() -> None:
    def broken() -> object:
        raise QuestionError("No.")

    out = terminal()
    with pytest.raises(QuestionError):
        answered(out, ScriptedDesk(answers={"?": broken}, drafts=[ONE]))
    assert FIRST in written_to(out)
    assert seen(out).strip() == ""


def piped(run: Run) -> str:
    desk = ScriptedDesk(answers={"?": WRITTEN}, drafts=[ONE, TWO])
    return str(run(desk.open, "ask", "?").stdout)


def in_json(run: Run) -> str:
    desk = ScriptedDesk(answers={"?": WRITTEN}, drafts=[ONE, TWO])
    return str(run(desk.open, "ask", "--json", "?").stdout)


def to_a_file(_run: Run) -> str:
    out = terminal(known=False)
    answered(out, ScriptedDesk(answers={"?": WRITTEN}, drafts=[ONE, TWO]))
    return written_to(out)


@pytest.mark.parametrize("way", [piped, in_json, to_a_file])
def test_in_a_pipe_there_is_the_answer_alone(run: Run, way: Callable[[Run], str]) -> None:
    text = way(run)
    assert text.count(FIRST) == 1
    assert growing.WRITING not in text
    assert "\x1b" not in text


def test_where_it_takes_long_there_is_a_sign_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "PATIENCE", 0)
    out = terminal()
    on_the_way: list[str] = []

    async def slow() -> Answer:
        while growing.LOOKING not in written_to(out):
            await asyncio.sleep(0.001)
        on_the_way.append(seen(out))
        return WRITTEN

    answered(out, ScriptedDesk(answers={"?": slow}))
    assert growing.LOOKING in on_the_way[0]
    assert seen(out) == plain(WRITTEN)


def test_text_of_a_model_cannot_drive_the_terminal() -> None:
    evil = "\x1b]0;owned\x07Red\x1b[31m \u202ealert\x9b2J [bold]not markup[/bold] :smile:"
    draft = replace(ONE, sentences=(AnswerSentence(QUOTE, (1,), evil),))
    out = terminal()
    answered(out, ScriptedDesk(answers={"?": replace(WRITTEN, sentences=draft.sentences)}, drafts=[draft]))
    assert not set(written_to(out)) & set("\x07\x9b\u202e")
    assert "]0;ownedRed[31m alert2J [bold]not markup[/bold] :smile:" in seen(out)
