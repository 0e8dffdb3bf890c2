"""A real language model on a real OpenAI-compatible server: llama.cpp with small weights."""

from __future__ import annotations

import json
from contextlib import aclosing
from dataclasses import replace

import pytest

from index.errors import WriterAway, WriterRefused
from index.llm import Model, Piece, Request
from index.llms import open_model
from index.secret import Secret
from index.settings import Settings
from tests.index import llm_process

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
