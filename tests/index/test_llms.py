"""Language models by their providers, each asked for real: what comes, what fails, what nobody may see."""

from __future__ import annotations

import asyncio
import io
import logging
import subprocess
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from bot.__main__ import QUIET
from index.errors import ModelMissing, SettingsError, WriterAway, WriterRefused
from index.llm import Piece, Request
from index.llms import LlamaIndexModel, open_model
from index.patience import Patience
from index.secret import Secret
from index.settings import Settings
from tests.index.chat_server import KEY, ChatServer, Script, fails, refuses, says, stops

SYSTEM = "Write from the evidence alone, says the prompt."
ARTICLE = "The battlegroup in Rukla, an article says, has 1,600 soldiers."
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
ASKED = Request(SYSTEM, ARTICLE, most=300)
TEXT = "In Rukla there are 1,600 soldiers, and Ukrainian is українська."
SOON = Patience(attempts=3, first=0.001, longest=1.0, silent=1)
PROVIDERS = ["openai", "openai-like", "anthropic", "ollama"]
AS_OPENAI = PROVIDERS[:2]
OPTION = {"anthropic": "output_config", "ollama": "format"}
"""Where a provider is told the form of the reply, if not in `response_format`."""


def settings(server: ChatServer, provider: str, name: str = "scripted") -> Settings:
    url = server.url if provider in AS_OPENAI else server.root
    return Settings(llm=f"{provider}:{name}", llm_url=url, llm_key=Secret(KEY))


def model(server: ChatServer, provider: str, name: str = "scripted") -> LlamaIndexModel:
    return LlamaIndexModel(settings(server, provider, name), SOON)


async def whole(
    asked: LlamaIndexModel,
    request: Request = ASKED,
    each: Callable[[Piece], Awaitable[object]] | None = None,
) -> tuple[str, Piece]:
    """The text of a reply, and the piece with its tokens. `each` is shown every piece meanwhile."""
    pieces = []
    async for piece in asked.reply(request):
        pieces.append(piece)
        if each is not None:
            await each(piece)
    return "".join(piece.text for piece in pieces), pieces[-1]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_reply_comes_piece_by_piece_and_then_its_tokens(provider: str) -> None:
    with ChatServer([says(TEXT, usage=(812, 31))]) as server:
        pieces = [piece async for piece in model(server, provider).reply(ASKED)]
    assert "".join(piece.text for piece in pieces) == TEXT
    assert len(pieces) > 5
    assert [(piece.tokens_in, piece.tokens_out) for piece in pieces[-2:]] == [(0, 0), (812, 31)]
    (asked,) = server.asked
    assert (asked.system, asked.user, asked.body["model"]) == (SYSTEM, ARTICLE, "scripted")
    assert KEY in {asked.headers.get("X-Api-Key"), asked.headers.get("Authorization", "")[len("Bearer ") :]}


@pytest.mark.parametrize("provider", ["openai", "openai-like", "ollama"])
async def test_tokens_that_nobody_counts_are_estimated(provider: str) -> None:
    with ChatServer([says("x" * 400, usage=None)]) as server:
        _, last = await whole(model(server, provider))
    assert (last.tokens_in, last.tokens_out) == (28, 100)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_limit_of_a_reply_is_told(provider: str) -> None:
    with ChatServer([says(TEXT)]) as server:
        await whole(model(server, provider, "gpt-4o"))
    body = server.asked[0].body
    told = [
        body.get("max_tokens"),
        body.get("max_completion_tokens"),
        (body.get("options") or {}).get("num_predict"),
    ]
    assert [limit for limit in told if limit is not None] == [300]


async def test_a_reasoning_model_is_told_to_think_little_and_has_room_for_it() -> None:
    with ChatServer([says(TEXT)]) as server:
        await whole(model(server, "openai", "gpt-5-mini"))
    body = server.asked[0].body
    assert body["reasoning_effort"] == "low"
    assert body["max_completion_tokens"] > 300
    assert "max_tokens" not in body


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_form_of_the_reply_is_asked_for_where_a_schema_is_given(provider: str) -> None:
    with ChatServer([says(TEXT)]) as server:
        asked = model(server, provider)
        await whole(asked, replace(ASKED, schema=SCHEMA))
        await whole(asked)
    option = OPTION.get(provider, "response_format")
    assert str(SCHEMA) in str(server.asked[0].body[option])
    assert server.asked[1].body.get(option) is None


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_server_that_knows_no_schema_is_asked_without_one_from_then_on(provider: str) -> None:
    option = OPTION.get(provider, "response_format")
    with ChatServer(refuses(option, says(TEXT), "Sorry, no")) as server:
        asked = model(server, provider)
        for _ in range(2):
            assert (await whole(asked, replace(ASKED, schema=SCHEMA)))[0] == TEXT
    assert [option in each.body for each in server.asked] == [True, False, False]


async def test_a_request_that_is_bad_in_itself_costs_no_later_one_its_form() -> None:
    with ChatServer([fails(400, "too long"), fails(400, "too long"), says(TEXT)]) as server:
        asked = model(server, "openai-like")
        with pytest.raises(WriterRefused):
            await whole(asked, replace(ASKED, schema=SCHEMA))
        await whole(asked, replace(ASKED, schema=SCHEMA))
    assert ["response_format" in each.body for each in server.asked] == [True, False, True]


@pytest.mark.parametrize(
    ("provider", "option"),
    [
        ("openai", "temperature"),
        ("openai", "stream_options"),
        ("openai", "reasoning_effort"),
        ("openai-like", "max_tokens"),
        ("anthropic", "temperature"),
    ],
)
async def test_a_request_does_without_what_a_server_does_not_know(provider: str, option: str) -> None:
    with ChatServer(refuses(option, says(TEXT))) as server:
        assert (await whole(model(server, provider), replace(ASKED, schema=SCHEMA)))[0] == TEXT
    assert [option in each.body for each in server.asked] == [True, False]
    assert OPTION.get(provider, "response_format") in server.asked[1].body, "no more than that goes"


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", [fails(429, retry_after="0"), fails(500), fails(503), fails(408)])
async def test_what_can_be_retried_is(provider: str, fault: Any) -> None:
    with ChatServer([fault, fault, says(TEXT)]) as server:
        assert (await whole(model(server, provider)))[0] == TEXT
    assert len(server.asked) == 3


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_server_that_goes_on_failing_is_away(provider: str) -> None:
    with ChatServer([fails(500)]) as server, pytest.raises(WriterAway, match="HTTP 500"):
        await whole(model(server, provider))
    assert len(server.asked) == SOON.attempts


@pytest.mark.parametrize("provider", AS_OPENAI)
async def test_who_wants_to_be_left_alone_for_long_is_not_waited_for(provider: str) -> None:
    with (
        ChatServer([fails(429, retry_after="3600")]) as server,
        pytest.raises(WriterAway, match="3600 seconds"),
    ):
        await whole(model(server, provider))
    assert len(server.asked) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("status", "said"), [(401, "FOOTNOTE_LLM_KEY"), (404, "model's name"), (400, "HTTP 400")]
)
async def test_what_no_other_attempt_would_mend_is_refused_at_once(
    provider: str, status: int, said: str
) -> None:
    with ChatServer([fails(status)]) as server, pytest.raises(WriterRefused, match=said):
        await whole(model(server, provider))
    assert len(server.asked) == 1


async def test_an_account_without_credit_is_not_asked_again() -> None:
    script = [fails(429, code="insufficient_quota")]
    with ChatServer(script) as server, pytest.raises(WriterRefused, match="no credit"):
        await whole(model(server, "openai"))
    assert len(server.asked) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_server_that_is_not_there_is_away(provider: str) -> None:
    with ChatServer([says(TEXT)]) as server:
        asked = model(server, provider)
    with pytest.raises(WriterAway, match="cannot be reached"):
        await whole(asked)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("then", ["break", "end", "error"])
async def test_a_reply_that_stops_in_the_middle_ends_there(provider: str, then: str) -> None:
    came = []

    async def keep(piece: Piece) -> None:
        came.append(piece.text)

    with ChatServer([stops(TEXT, 3, then)]) as server, pytest.raises(WriterAway, match="in the middle"):
        await whole(model(server, provider), each=keep)
    assert TEXT.startswith("".join(came))
    assert came
    assert len(server.asked) == 1, "what has begun is not begun again"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_error_that_is_told_before_the_first_piece_is_retried(provider: str) -> None:
    with ChatServer([stops(TEXT, 0, "error"), says(TEXT)]) as server:
        assert (await whole(model(server, provider)))[0] == TEXT
    assert len(server.asked) == 2


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_server_that_is_killed_breaks_the_reply_off(provider: str) -> None:
    with ChatServer([stops(TEXT, 2, "stall")]) as server, pytest.raises(WriterAway, match="in the middle"):
        await whole(model(server, provider), each=lambda _: asyncio.to_thread(server.stop))


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_who_stops_reading_stops_the_server(provider: str) -> None:
    with ChatServer([stops(TEXT, 2, "stall")]) as server:
        async with aclosing(model(server, provider).reply(ASKED)) as reply:
            async for _ in reply:
                break
        assert await asyncio.to_thread(server.gone.wait, 30)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("after", [0, 2])
async def test_who_is_cancelled_stops_the_server(provider: str, after: int) -> None:
    with ChatServer([stops(TEXT, after, "stall")]) as server:
        asked = asyncio.ensure_future(whole(model(server, provider)))
        while not (server.asked or asked.done()):
            await asyncio.sleep(0.01)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert await asyncio.to_thread(server.gone.wait, 30)


@pytest.mark.parametrize("provider", PROVIDERS[1:])
async def test_a_server_that_falls_silent_is_away(provider: str) -> None:
    with ChatServer([stops(TEXT, 0, "stall")]) as server:
        quick = replace(settings(server, provider), llm_timeout=1)
        with pytest.raises(WriterAway, match="in time"):
            await whole(LlamaIndexModel(quick, SOON))
    assert len(server.asked) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_very_long_reply_comes_whole(provider: str) -> None:
    with ChatServer([says("слово " * 16_667, size=500)]) as server:
        text, _ = await whole(model(server, provider))
    assert text == "слово " * 16_667


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_empty_reply_is_one(provider: str) -> None:
    with ChatServer([says("")]) as server:
        text, last = await whole(model(server, provider))
    assert (text, last.tokens_in) == ("", 100)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_several_are_answered_at_once(provider: str) -> None:
    with ChatServer(lambda asked: says(f"To {asked.user}")) as server:
        asked = model(server, provider)
        told = await asyncio.gather(*(whole(asked, Request("", f"person {n}")) for n in range(5)))
    assert [text for text, _ in told] == [f"To person {n}" for n in range(5)]


def test_a_model_can_be_asked_on_one_event_loop_after_another() -> None:
    with ChatServer([says(TEXT)]) as server:
        asked = model(server, "openai-like")
        assert [asyncio.run(whole(asked))[0] for _ in range(2)] == [TEXT, TEXT]


# What nobody may see.

SECRETS = (KEY, SYSTEM, ARTICLE, "Rukla", "4711")
WORST: dict[str, Script] = {
    "all is well": [says(TEXT)],
    "refused": [fails(400, "Your prompt was")],
    "the key is wrong": [fails(401, "Incorrect API key")],
    "failing": [fails(500)],
    "breaks off": [stops(TEXT, 2, "break")],
    "an error in the stream": [stops(TEXT, 2, "error")],
    "ends early": [stops(TEXT, 2, "end")],
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged at the level that is set where nobody sets another, by whatever logger."""
    stream = io.StringIO()
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("", *QUIET)}
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    yield stream
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("case", WORST)
def test_neither_log_nor_error_shows_key_prompt_or_article(
    provider: str, case: str, log: io.StringIO
) -> None:
    failed: Exception | None = None
    with ChatServer(WORST[case]) as server:
        asked = model(server, provider)
        try:
            asyncio.run(whole(asked))
        except (WriterAway, WriterRefused) as error:
            failed = error
    assert (failed is None) == (case == "all is well")
    shown = f"{asked!r} {failed!r} {''.join(traceback.format_exception(failed)) if failed else ''}"
    for secret in SECRETS:
        assert secret not in shown
    assert failed is None or failed.__context__ is None, "what a library says may hold all of it"
    assert not log.getvalue()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_who_goes_away_in_the_middle_leaves_nothing_in_the_log(provider: str, log: io.StringIO) -> None:
    with ChatServer([stops(TEXT, 2, "stall")]) as server:
        async with aclosing(model(server, provider).reply(ASKED)) as reply:
            await anext(reply)
        for _ in range(20):  # what is left over ends at the loop's next turns
            await asyncio.sleep(0)
    assert not log.getvalue()


@pytest.mark.parametrize("value", [ASKED, Piece("Rukla"), Settings(llm="openai:x", llm_key=Secret(KEY))])
def test_a_repr_shows_none_of_it(value: object) -> None:
    assert not any(secret in repr(value) for secret in SECRETS)


# What is set.


def test_without_the_setting_there_is_no_model() -> None:
    assert open_model(Settings()) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"llm": "openai:gpt-5-mini"}, "FOOTNOTE_LLM_KEY"),
        ({"llm": "anthropic:claude-haiku-4-5"}, "FOOTNOTE_LLM_KEY"),
        ({"llm": "openai-like:any"}, "FOOTNOTE_LLM_URL"),
    ],
)
def test_what_is_missing_is_named(given: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        open_model(Settings(**given))


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_extra_that_is_missing_is_named(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = provider.removesuffix("-like")
    monkeypatch.setitem(
        sys.modules, f"llama_index.llms.{provider.replace('openai-like', 'openai_like')}", None
    )
    monkeypatch.setitem(sys.modules, "llama_index.llms.openai_like", None)
    given = Settings(llm=f"{provider}:any", llm_url="http://127.0.0.1:9", llm_key=Secret(KEY))
    with pytest.raises(ModelMissing, match=rf'pip install -e "\.\[{extra}\]"'):
        open_model(given)


def test_to_open_a_model_loads_nothing_heavy() -> None:
    code = (
        "import sys; from index.llms import open_model; from index.settings import read_settings\n"
        "assert open_model(read_settings({'FOOTNOTE_LLM': 'ollama:any'}))\n"
        "assert not {'llama_index.core', 'ollama', 'httpx', 'openai'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
