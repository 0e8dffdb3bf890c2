"""A small Discord on a loopback address: REST and gateway over real sockets, for the real discord.py.

    async with Loopback() as server, server.online(client):
        asked = await server.command("ask", question="...")
        answer = await asked.answer()

While the server runs, discord.py in this process is aimed at it; another process does that with `aimed`.
"""

from __future__ import annotations

import asyncio
import fnmatch
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

import discord
from aiohttp import web

from tests.discord import wire
from tests.discord.loopback_aim import aimed
from tests.discord.loopback_gateway import Gateway
from tests.discord.loopback_people import People
from tests.discord.loopback_rest import Request, Rest, error
from tests.discord.wire import Payload

TOKEN = "a-token-for-tests"
PATIENCE = 30.0
"""Seconds after which a wait for the bot is given up. No test should come near it."""


@dataclass(eq=False)
class Fault:
    """What goes wrong with requests of a method and path (with `*`), how many times."""

    method: str
    path: str
    times: int
    status: int | None = None
    body: Any = None
    headers: dict[str, str] | None = None
    cut: bool = False
    held: asyncio.Event | None = None

    def fits(self, request: Request) -> bool:
        return (
            self.times > 0
            and self.method in (request.method, "*")
            and fnmatch.fnmatchcase(request.path, self.path)
        )


class Loopback(People):
    """The server. `gateway` has the faults of the gateway; `rest` the messages, channels and commands.

    `requests` are all that came, but for downloads of files; `waits` the seconds that discord.py meant to
    sleep (it is hurried on); `unknown` what this small Discord has no answer to: at the end that is an error.
    """

    def __init__(
        self, token: str = TOKEN, *, shards: int = 1, heartbeat: float = 41.25, hurry: bool = True
    ) -> None:
        self.token = token
        self.requests: list[Request] = []
        self.waits: list[float] = []
        self.unknown: list[str] = []
        self.url = ""
        self.rest = Rest(lambda: self.url, self.dispatch)
        self.gateway = Gateway(token, lambda: wire.guild(list(self.rest.channels.values())), self._news)
        self.gateway.heartbeat = heartbeat
        self._shards = shards
        self._hurry = hurry
        self._faults: list[Fault] = []
        self._happened = asyncio.Event()
        self._stack = ExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/", self.gateway.handle)
        app.router.add_route("*", "/{path:.+}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"
        self.gateway.url = f"ws://127.0.0.1:{port}/"
        self._stack.enter_context(aimed(self.url, self.waits if self._hurry else None))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stack.close()
        for fault in self._faults:
            if fault.held is not None:
                fault.held.set()
        await self.gateway.close(1001)
        await self._runner.cleanup()
        if self.unknown:
            raise AssertionError(f"The loopback server has no answer to {', '.join(self.unknown)}")

    # -- what goes wrong

    def fail(
        self, method: str, path: str, *, code: int = 0, status: int | None = None, times: int = 1
    ) -> None:
        """The next requests fail: with one of Discord's codes, or with a status and a page of HTML."""
        if status is None:
            status, body = error(code)
            self._faults.append(Fault(method, path, times, status, body))
        else:
            self._faults.append(Fault(method, path, times, status, f"<h1>{status}</h1>"))

    def limit(
        self, method: str, path: str, seconds: float, *, everywhere: bool = False, times: int = 1
    ) -> None:
        """The next requests get a 429, of their bucket or of the whole bot."""
        headers = {
            "Retry-After": str(seconds),
            "Via": "1.1 google",
            "X-RateLimit-Scope": "global" if everywhere else "user",
            "X-RateLimit-Remaining": "0",
            "X-RateLimit-Reset-After": str(seconds),
            **({"X-RateLimit-Global": "true"} if everywhere else {}),
        }
        body = {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}
        self._faults.append(Fault(method, path, times, 429, body, headers))

    def cut(self, method: str, path: str, *, times: int = 1) -> None:
        """The next requests' lines are cut before the answer."""
        self._faults.append(Fault(method, path, times, cut=True))

    def hold(self, method: str, path: str, *, times: int = 1) -> asyncio.Event:
        """The next requests are answered when the event is set."""
        event = asyncio.Event()
        self._faults.append(Fault(method, path, times, held=event))
        return event

    async def lose_channel(self, channel: str) -> None:
        """Somebody deletes a channel, or takes it from the bot."""
        gone = self.rest.channels.pop(channel)
        await self.dispatch("CHANNEL_DELETE", gone)

    async def lose_message(self, message: str) -> None:
        """Somebody deletes a message."""
        gone = self.rest.messages.pop(message)
        place = self._place(gone["channel_id"])
        await self.dispatch("MESSAGE_DELETE", {"id": message, "channel_id": gone["channel_id"], **place})

    # -- what to wait for

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds of the server or the bot; looked at after each request and frame."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                # A client also changes without telling us: look again now and then.
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._happened.wait(), 0.05)

    async def requested(self, method: str, path: str, times: int = 1) -> Request:
        """The last of so many requests of a method and path (with `*`), once they have come."""
        await self.until(lambda: len(self.seen(method, path)) >= times)
        return self.seen(method, path)[times - 1]

    async def reply(self, message: Payload) -> Payload:
        """The bot's reply to a message, once it has come."""

        def replies() -> list[Payload]:
            made = self.rest.messages.values()
            return [
                one for one in made if (one.get("message_reference") or {}).get("message_id") == message["id"]
            ]

        await self.until(lambda: bool(replies()))
        return replies()[-1]

    def seen(self, method: str, path: str) -> list[Request]:
        """The requests of a method and path (with `*`) so far."""
        fits = Fault(method, path, 1).fits
        return [request for request in self.requests if fits(request)]

    @asynccontextmanager
    async def online(
        self, client: discord.Client, token: str | None = None
    ) -> AsyncIterator[asyncio.Task[None]]:
        """Start a client and wait until it is ready; close it at the end.

        What stops it before it is ready is raised; afterwards it is the result of the task.
        """
        async with client:
            task = asyncio.create_task(client.start(self.token if token is None else token))
            ready = asyncio.create_task(client.wait_until_ready())
            try:
                await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED, timeout=PATIENCE)
                if task.done():
                    task.result()
                yield task
            finally:
                ready.cancel()
                await client.close()
                await asyncio.wait({task}, timeout=PATIENCE)
                task.cancel()
                await asyncio.gather(task, ready, return_exceptions=True)

    # -- inside

    def _news(self) -> None:
        happened, self._happened = self._happened, asyncio.Event()
        happened.set()

    async def dispatch(self, event: str, data: Payload) -> None:
        await self.gateway.dispatch(event, data)

    async def _handle(self, raw: web.Request) -> web.StreamResponse:
        request = await _read(raw)
        if request.path not in self.rest.files:
            self.requests.append(request)
        try:
            return await self._answer(raw, request)
        finally:
            self._news()

    async def _answer(self, raw: web.Request, request: Request) -> web.StreamResponse:
        if (fault := await self._fault(raw, request)) is not None:
            return fault
        if request.path in self.rest.files:
            return web.Response(body=self.rest.files[request.path])
        # Interactions and their webhooks are known by their token in the path.
        by_token = request.path.startswith(("/interactions/", "/webhooks/"))
        if not by_token and raw.headers.get("Authorization") != f"Bot {self.token}":
            return _response(401, {"message": "401: Unauthorized", "code": 0})
        if request.path.startswith("/gateway"):
            return _response(200, self._way(request.path))
        answer = await self.rest.answer(request)
        if answer is None:
            self.unknown.append(f"{request.method} {request.path}")
            answer = error(0)
        return _response(*answer, _bucket(request))

    async def _fault(self, raw: web.Request, request: Request) -> web.StreamResponse | None:
        """What goes wrong with this request, or None. One that was held is answered well afterwards."""
        fault = next((fault for fault in self._faults if fault.fits(request)), None)
        if fault is None:
            return None
        fault.times -= 1
        if fault.held is not None:
            self._news()
            await fault.held.wait()
            return None
        if fault.cut and raw.transport is not None:
            raw.transport.abort()
        headers = _bucket(request) | (fault.headers or {}) if fault.status == 429 else None
        return _response(fault.status or 500, fault.body, headers)

    def _way(self, path: str) -> Payload:
        if path == "/gateway":
            return {"url": self.gateway.url}
        limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": self._shards, "session_start_limit": limit}


async def _read(raw: web.Request) -> Request:
    files: dict[str, bytes] = {}
    body: Any = None
    if raw.content_type.startswith("multipart/"):
        async for part in await raw.multipart():
            content = bytes(await part.read())
            if part.name == "payload_json":
                body = json.loads(content)
            else:
                files[part.filename or part.name] = content
    elif content := await raw.read():
        body = json.loads(content)
    return Request(
        raw.method,
        raw.path.removeprefix("/api/v10"),
        dict(raw.query),
        body,
        files,
        asyncio.get_running_loop().time(),
        raw.headers.get("X-Audit-Log-Reason"),
    )


def _response(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    """JSON with the bare content type that discord.py looks for, or a page of HTML."""
    if body is None:
        return web.Response(status=status, headers=headers)
    if isinstance(body, str):
        return web.Response(status=status, text=body, content_type="text/html", headers=headers)
    data = json.dumps(body).encode()
    return web.Response(status=status, body=data, content_type="application/json", headers=headers)


def _bucket(request: Request) -> dict[str, str]:
    """Headers of a bucket that is nearly full: one bucket for each route."""
    route = re.sub(r"/(\d+|interaction-[^/]+)", "/-", f"{request.method} {request.path}")
    return {
        "X-RateLimit-Bucket": hashlib.md5(route.encode(), usedforsecurity=False).hexdigest(),
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset": "2000000000.000",
        "X-RateLimit-Reset-After": "1.000",
    }
