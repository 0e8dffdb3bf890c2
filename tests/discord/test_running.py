"""`footnote run` against a Discord on a loopback address: how it starts, why it cannot, how it stops."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from bot import running
from bot.app import FootnoteBot
from bot.ledger import Ledger
from bot.settings import BotSettings
from index import open_desk
from index.errors import SettingsError
from index.secret import Secret
from index.settings import Settings
from tests.discord import wire
from tests.discord.limits import check_all
from tests.discord.loopback import PATIENCE, TOKEN, Loopback
from tests.discord.loopback_aim import aimed
from tests.discord.test_sockets import COUNTRIES, ORIGINAL, text_of

ROOT = Path(__file__).parents[2]
SETTINGS = replace(BotSettings(), token=Secret(TOKEN), questions_a_minute=600)
START = """
import sys
from bot.__main__ import main
from tests.discord.loopback_aim import aimed

with aimed(sys.argv.pop(1), []):
    main()
"""


@pytest.fixture
async def server() -> AsyncIterator[Loopback]:
    async with Loopback() as running_server:
        yield running_server
    assert check_all(running_server.requests) == []


@pytest.fixture
async def footnote(indexed_sample: Path, tmp_path: Path) -> AsyncIterator[FootnoteBot]:
    """Not started yet."""
    settings = Settings(corpus=indexed_sample / "corpus", data=indexed_sample / "data")
    desk, ledger = open_desk(settings, purpose="tests"), Ledger(tmp_path / "bot.db")
    async with FootnoteBot(desk, ledger, SETTINGS) as made:
        yield made
    await ledger.close()
    await desk.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "WAITS", (0.01,))


@asynccontextmanager
async def connecting(bot: FootnoteBot) -> AsyncIterator[asyncio.Task[None]]:
    """`connect` as a task, until the end of the block."""
    task = asyncio.create_task(running.connect(bot, SETTINGS))
    yield task
    await bot.close()
    await asyncio.wait_for(task, PATIENCE)


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


# -- why it cannot start


async def test_without_a_token_it_says_where_to_get_one(server: Loopback, footnote: FootnoteBot) -> None:
    with pytest.raises(
        SettingsError, match=r"DISCORD_TOKEN is not set.*discord\.com/developers.*Reset Token"
    ):
        await running.connect(footnote, BotSettings())
    assert server.requests == []


@pytest.mark.parametrize("token", ["wrong", "wrong token", "wrong\ntoken", "tökén", "Bot x"])
async def test_with_a_wrong_token_it_says_where_to_get_the_right_one(
    server: Loopback, footnote: FootnoteBot, token: str
) -> None:
    with pytest.raises(SettingsError, match=r"does not know the token.*Reset Token") as raised:
        await running.connect(footnote, replace(SETTINGS, token=Secret(token)))
    assert token not in str(raised.value)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(4004, r"code 4004.*reset the token.*Reset Token"), (4014, r"intents.*developers/applications.*Bot")],
)
async def test_where_the_gateway_refuses_it_says_where_to_click(
    server: Loopback, footnote: FootnoteBot, code: int, sentence: str
) -> None:
    server.gateway.refuse = code
    with pytest.raises(SettingsError, match=sentence):
        await running.connect(footnote, SETTINGS)
    assert footnote.is_closed()


# -- Discord is not there yet


async def test_a_discord_that_is_not_reachable_is_tried_until_it_is(
    server: Loopback, footnote: FootnoteBot, caplog: pytest.LogCaptureFixture
) -> None:
    with aimed(f"http://127.0.0.1:{unused_port()}", []):
        task = asyncio.create_task(running.connect(footnote, SETTINGS))
        await server.until(lambda: caplog.text.count("cannot be reached") >= 2)
    await footnote.wait_until_ready()
    await footnote.close()
    await task


def _cut(server: Loopback, path: str) -> None:
    server.cut("GET", path, times=4)


def _down(server: Loopback, path: str) -> None:
    server.fail("GET", path, status=500, times=6)


def _blocked(server: Loopback, path: str) -> None:
    server.fail("GET", path, status=429, times=2)


@pytest.mark.parametrize("fault", [_cut, _down, _blocked])
@pytest.mark.parametrize("path", ["/users/@me", "/oauth2/applications/@me", "/gateway/bot"])
async def test_a_start_goes_on_where_discord_stumbles(
    server: Loopback, footnote: FootnoteBot, path: str, fault: Callable[[Loopback, str], None]
) -> None:
    fault(server, path)
    async with connecting(footnote) as task:
        ready = asyncio.create_task(server.until(footnote.is_ready))
        await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
        assert not task.done(), task.exception()
        await ready


async def test_a_connection_that_breaks_for_good_ends_the_process_with_an_error(
    server: Loopback, footnote: FootnoteBot
) -> None:
    task = asyncio.create_task(running._until_stopped(footnote, SETTINGS))
    await server.until(footnote.is_ready)
    (session,) = server.gateway.sessions.values()
    assert session.socket is not None
    await session.socket.ws.send_str("{")
    # The command line makes one sentence of it, and a code that has systemd start the bot again.
    with pytest.raises(ValueError, match="line 1"):
        await asyncio.wait_for(task, PATIENCE)


# -- `footnote run` as a process


class Process:
    """`footnote run`, aimed at the loopback server."""

    def __init__(self, folder: Path, corpus: Path, url: str, **env: str) -> None:
        self._folder, self._url = folder, url
        self._env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error,ignore:'audioop' is deprecated:DeprecationWarning",
            "FOOTNOTE_CORPUS": str(corpus),
            "FOOTNOTE_DATA": str(folder / "data"),
            "DISCORD_TOKEN": TOKEN,
            **env,
        }
        self.output = ""

    async def __aenter__(self) -> Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", START, self._url, "run", cwd=self._folder, env=self._env,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self.ended()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self.output += line.decode()

    def stop(self, sign: signal.Signals) -> None:
        self._process.send_signal(sign)

    async def ended(self) -> int:
        """The exit code; all of the output is there then."""
        async with asyncio.timeout(PATIENCE):
            await self._reading
            return await self._process.wait()


@pytest.fixture
def start(indexed_sample: Path, tmp_path: Path, server: Loopback) -> Callable[..., Process]:
    shutil.copytree(indexed_sample / "data", tmp_path / "data")

    def started(**env: str) -> Process:
        return Process(tmp_path, indexed_sample / "corpus", server.url, **env)

    return started


async def _health(port: int) -> int | None:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.get(f"http://127.0.0.1:{port}/healthz") as answer:
                return answer.status
        except aiohttp.ClientConnectionError:
            return None


async def test_run_starts_says_when_it_is_well_finishes_what_is_under_way_and_stops(
    server: Loopback, start: Callable[..., Process]
) -> None:
    port = unused_port()
    connects = server.hold("GET", "/gateway/bot")
    async with start(FOOTNOTE_HEALTH_PORT=str(port)) as first:
        await server.requested("GET", "/gateway/bot")
        assert await _health(port) == 503
        connects.set()
        while await _health(port) != 200:
            await asyncio.sleep(0.05)
        held = server.hold("PATCH", ORIGINAL)
        asked = await server.command("ask", question=COUNTRIES)
        await server.requested("PATCH", ORIGINAL)
        first.stop(signal.SIGTERM)
        await server.until(lambda: "Stopping" in first.output)
        held.set()
        assert await first.ended() == 0
    assert "Slovakia" in text_of(await asked.answer())
    async with start() as second:
        await server.until(lambda: "index has loaded" in second.output and "Online as" in second.output)
        said = await server.say(COUNTRIES, by=wire.BOB, channel=server.rest.dm(wire.BOB))
        assert "Slovakia" in text_of(await server.reply(said))
        second.stop(signal.SIGINT)
        assert await second.ended() == 0
    assert len(server.seen("PUT", "/applications/*/commands")) == 1
    for output in (first.output, second.output):
        assert TOKEN not in output
        assert COUNTRIES not in output
        assert "Traceback" not in output
        assert "ERROR" not in output


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("a-wrong-secret", "Discord does not know the token in DISCORD_TOKEN. Open "),
        ("", "DISCORD_TOKEN is not set. Open "),
    ],
)
async def test_run_without_the_right_token_ends_in_one_sentence(
    start: Callable[..., Process], token: str, sentence: str
) -> None:
    async with start(DISCORD_TOKEN=token) as process:
        assert await process.ended() == 2
    assert process.output.startswith(sentence)
    assert process.output.count("\n") == 1
    assert "a-wrong-secret" not in process.output


async def test_run_without_discord_can_be_stopped_while_it_tries(
    server: Loopback, start: Callable[..., Process]
) -> None:
    server.fail("GET", "/users/@me", status=503, times=1000)
    async with start() as process:
        await server.until(lambda: "cannot be reached" in process.output)
        process.stop(signal.SIGTERM)
        assert await process.ended() == 0
    assert "Traceback" not in process.output
