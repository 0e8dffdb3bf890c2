"""Written answers on the real desk, with a model that follows a script."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from index.errors import ModelMissing, SettingsError
from index.llm import Piece, Request
from index.reports import RefreshOptions
from index.service import IndexDesk
from index.settings import Settings
from index.types import Answer, Question, Turn
from tests.index.workshop import Desk, write
from tests.served import placed

LINES = Callable[[list[dict[str, Any]]], str]
ENGLISH = "Who led the strike of the ferry crew in Velm?"
GERMAN = "Wer führte den Streik der Fährmannschaft in Velm?"
LED = "Anna Holm led the strike of the ferry crew in Velm on Monday."


class Scripted:
    """Reads the JSON lines of each request, and replies with what `say` makes of them."""

    name = "openai-like:scripted"

    def __init__(self, say: LINES) -> None:
        self.say = say
        self.asked: list[Request] = []

    async def reply(self, request: Request) -> AsyncGenerator[Piece, None]:
        self.asked.append(request)
        yield Piece(self.say([json.loads(line) for line in request.user.splitlines()[1:-1]]))
        yield Piece(tokens_in=100, tokens_out=10)

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[LINES], Desk]]:
    corpus, opened = tmp_path / "corpus", list[Desk]()
    write(
        corpus / "strike.md", f"{LED}\n\nThe crew wants higher pay.", title="Ferry strike", source="Gazette"
    )
    write(corpus / "pay.md", "Karl Brandt, who runs the harbour, will not pay more.", title="Harbour pay")

    def make(say: LINES, **settings: Any) -> Desk:
        model = Scripted(say)
        monkeypatch.setattr("index.llms.open_model", lambda _: model)
        data = tmp_path / f"data-{len(opened)}"
        made = Desk(placed(Settings(corpus=corpus, data=data, llm=model.name, **settings)))
        opened.append(made)
        made(made.desk.refresh, RefreshOptions())
        made.model = model  # type: ignore[attr-defined]  # for the test to look at
        return made

    yield make
    for each in opened:
        each.close()


def verbatim(lines: list[dict[str, Any]]) -> str:
    """The first quote, as the answer."""
    first = next(line for line in lines if "quote" in line)
    return json.dumps({"answers": True, "sentences": [{"text": first["quote"], "keys": [first["key"]]}]})


def test_a_model_writes_and_without_one_nothing_changes(desk: Callable[..., Desk]) -> None:
    made = desk(verbatim)
    written, plain = made.ask(ENGLISH), made.ask(ENGLISH, plain=True)
    assert written.sentences[0].text == plain.sentences[0].text == LED
    assert (written.writer, plain.writer) == ("openai-like:scripted", "extractive")
    assert plain.writing is None
    assert written.writing is not None
    assert (written.writing.held, written.writing.tokens_in) == (1, 100)
    assert made.ask("How do I bake bread?").writing is None


def test_a_follow_up_is_put_in_full_by_the_model(desk: Callable[..., Desk]) -> None:
    def say(lines: list[dict[str, Any]]) -> str:
        if "last question" in lines[-1]:
            return json.dumps({"question": "Who led the strike in Velm?"})
        return verbatim(lines)

    answer = desk(say).ask("And who led it?", earlier=(Turn("Was there a strike in Velm?", LED),))
    assert answer.understood == "Who led the strike in Velm?"
    assert answer.sentences[0].text == LED


def test_a_question_in_another_language_is_answered_in_it(desk: Callable[..., Desk]) -> None:
    def say(lines: list[dict[str, Any]]) -> str:
        if "last question" in lines[-1]:
            return json.dumps({"question": ENGLISH})
        if "sentence" in lines[0]:
            german = {LED: "Anna Holm führte am Montag den Streik der Fährmannschaft in Velm."}
            told = [{"text": german.get(line["sentence"], ""), "keys": [line["key"]]} for line in lines]
            return json.dumps({"sentences": told})
        return verbatim(lines)

    made = desk(say)
    answer = made.ask(GERMAN)
    assert answer.understood == ENGLISH
    assert answer.language == "de"
    assert answer.sentences[0].text == LED
    assert answer.sentences[0].translation.startswith("Anna Holm führte")
    assert answer.citations[0].quote == LED
    assert answer.citations[0].translation.startswith("Anna Holm führte")
    assert answer.writing is not None
    assert answer.writing.tokens_in == 200


def test_a_translation_that_does_not_hold_is_not_shown(desk: Callable[..., Desk]) -> None:
    def say(lines: list[dict[str, Any]]) -> str:
        if "last question" in lines[-1]:
            return json.dumps({"question": ENGLISH})
        if "sentence" in lines[0]:
            false = "Anna Holm führte am Montag nicht den Streik der Fährmannschaft in Velm."
            return json.dumps({"sentences": [{"text": false, "keys": [line["key"]]} for line in lines]})
        return verbatim(lines)

    answer = desk(say).ask(GERMAN)
    assert answer.sentences[0].text == LED
    assert (answer.language, answer.sentences[0].translation) == ("", "")


def test_a_budget_outlives_the_desk(desk: Callable[..., Desk]) -> None:
    made = desk(verbatim, llm_tokens_a_day=2000)
    silences = [_silence(made.ask(ENGLISH)) for _ in range(20)]
    assert silences[0] == ""
    assert silences[-1] == "spent"
    again = Desk(made.desk._settings)
    try:
        assert _silence(again.ask(ENGLISH)) == "spent"
        assert again.ask(ENGLISH).sentences[0].text == LED
    finally:
        again.close()


def _silence(answer: Answer) -> str:
    assert answer.writing is not None
    return answer.writing.silence


async def test_a_model_that_cannot_be_opened_is_told_with_a_way_out(tmp_path: Path) -> None:
    write(tmp_path / "corpus" / "a.md", LED)
    for llm, word in (("openai:gpt-4.1-mini", "FOOTNOTE_LLM_KEY"), ("openai-like:any", "FOOTNOTE_LLM_URL")):
        desk = IndexDesk(
            placed(Settings(corpus=tmp_path / "corpus", data=tmp_path / "data", llm=llm)), "tests"
        )
        try:
            await desk.prepare(RefreshOptions())
            with pytest.raises((SettingsError, ModelMissing), match=word):
                await desk.ask(Question(ENGLISH))
            assert (await desk.ask(Question(ENGLISH, plain=True))).outcome == "answered"
        finally:
            await desk.close()
