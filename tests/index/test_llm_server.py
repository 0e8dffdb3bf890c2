"""A real language model on a real OpenAI-compatible server: llama.cpp with small weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import WriterAway, WriterRefused
from index.llm import Model, Piece, Request
from index.llms import open_model
from index.reports import RefreshOptions
from index.secret import Secret
from index.settings import Settings
from index.types import Answer, Question
from tests.index import llm_process
from tests.index.scripted_process import HALF, scripted_process
from tests.index.workshop import Desk, write
from tests.served import placed

# One server for all of these, where the tests are spread over processes (--dist loadgroup).
pytestmark = pytest.mark.xdist_group("language model")

ASKED = Request("You answer briefly.", "Say: The battlegroup in Rukla has 1,600 soldiers.", most=12)
SCHEMA = {
    "type": "object",
    "properties": {"key": {"enum": ["k1x", "k2y"]}},
    "required": ["key"],
    "additionalProperties": False,
}


def opened(settings: Settings) -> Model:
    model = open_model(settings)
    assert model is not None
    return model


async def pieces(settings: Settings, request: Request) -> list[Piece]:
    return [piece async for piece in opened(settings).reply(request)]


async def test_a_reply_streams_and_its_tokens_are_counted(language_model: Settings) -> None:
    said = await pieces(language_model, ASKED)
    assert len(said) > 5
    assert "".join(piece.text for piece in said).strip()
    assert said[-1].tokens_in > 10
    assert 0 < said[-1].tokens_out <= ASKED.most


async def test_a_reply_has_the_form_that_was_asked_for(language_model: Settings) -> None:
    said = await pieces(language_model, replace(ASKED, schema=SCHEMA, most=30))
    reply = json.loads("".join(piece.text for piece in said))
    assert reply in ({"key": "k1x"}, {"key": "k2y"})


async def test_a_reply_that_nobody_wants_any_more_makes_room_for_the_next(language_model: Settings) -> None:
    async with aclosing(opened(language_model).reply(replace(ASKED, most=1000))) as reply:
        await anext(reply)
    assert await pieces(language_model, ASKED)


async def test_a_wrong_key_is_refused(language_model: Settings) -> None:
    with pytest.raises(WriterRefused, match="FOOTNOTE_LLM_KEY"):
        await pieces(replace(language_model, llm_key=Secret("sk-of-nobody")), ASKED)


async def test_a_server_that_is_killed_in_the_middle_is_away(language_model: Settings) -> None:
    with llm_process.served() as server:
        mine = replace(language_model, llm_url=server.url)
        async with aclosing(opened(mine).reply(replace(ASKED, most=1000))) as reply:
            await anext(reply)
            server.process.kill()
            with pytest.raises(WriterAway, match="in the middle"):
                [piece async for piece in reply]


@pytest.fixture
def asking(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """A desk on a small corpus, whose answers a model writes."""
    opened: list[Desk] = []
    write(tmp_path / "corpus" / "strike.md", STRIKE, title="Ferry strike", source="Gazette")

    def make(settings: Settings) -> Desk:
        made = Desk(placed(replace(settings, corpus=tmp_path / "corpus", data=tmp_path / "data")))
        opened.append(made)
        made(made.desk.refresh, RefreshOptions())
        return made

    yield make
    for each in opened:
        each.close()


STRIKE = "Anna Holm led the strike of the ferry crew in Velm on Monday."
WHO = Question("Who led the strike of the ferry crew in Velm?")


async def whole(desk: Desk) -> tuple[Answer, list[Answer]]:
    """An answer, and what was seen of it on the way."""
    seen: list[Answer] = []
    return await desk.desk.ask(WHO, seen.append), seen


def test_a_question_is_answered_by_a_real_model_or_in_the_articles_words(
    language_model: Settings, asking: Callable[..., Desk]
) -> None:
    desk = asking(replace(language_model, llm_timeout=60))
    answer, seen = desk(whole, desk)
    assert answer.writing is not None
    assert answer.writing.silence in {"", "unusable", "late"}  # so small a model hardly writes what holds
    assert answer.writing.tokens_in > 200
    assert {sentence.text for each in (*seen, answer) for sentence in each.sentences} == {STRIKE}
    assert answer.citations[0].quote == STRIKE
    spent = desk(desk.desk.status).spent
    assert spent.tokens >= answer.writing.tokens_in


def test_a_server_that_is_killed_in_mid_answer_leaves_the_articles_words(
    asking: Callable[..., Desk],
) -> None:
    """The first sentence has been seen; then the process is gone, with all of its connections."""
    with scripted_process(HALF) as server:
        desk = asking(Settings(llm="openai-like:scripted", llm_url=server.url))
        seen: list[Answer] = []

        def watch(partial: Answer) -> None:
            seen.append(partial)
            server.process.kill()

        answer = desk(desk.desk.ask, WHO, watch)
    assert [sentence.text for sentence in seen[0].sentences] == [STRIKE]
    assert answer.writing is not None
    assert answer.writing.silence == "away"
    assert answer.writer == "extractive"
    assert [sentence.text for sentence in answer.sentences] == [STRIKE]
    assert answer == replace(desk.ask(WHO.text, plain=True), seconds=answer.seconds, writing=answer.writing)


def test_a_server_that_was_never_there_leaves_them_too(asking: Callable[..., Desk]) -> None:
    desk = asking(Settings(llm="openai-like:scripted", llm_url="http://127.0.0.1:9/v1"))
    answer, _ = desk(whole, desk)
    assert answer.writing is not None
    assert (answer.writing.silence, answer.writing.tokens_in) == ("away", 0)
    assert answer.sentences[0].text == STRIKE
