"""A real server of a scripted language model, on this machine, which fails on command.

It speaks as OpenAI's does (`/v1/chat/completions`), as Anthropic's (`/v1/messages`) and as Ollama
(`/api/chat`), each in its own form of a stream. It runs in a thread of its own, so that tests with and
without an event loop can use it. What it says when it refuses quotes all that it was sent, as providers may.

    with ChatServer([says("Seven countries [k1].")]) as server:
        settings = Settings(llm="openai-like:scripted", llm_url=server.url)
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web

KEY = "sk-secret-4711"
"""For tests that look for it where it must not be; any other is taken too."""


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]

    @property
    def system(self) -> str:
        """What the model is told before the conversation."""
        told = [each["content"] for each in self.body["messages"] if each["role"] in {"system", "developer"}]
        said = self.body.get("system") or ""
        return _text(told[0] if told else said)

    @property
    def user(self) -> str:
        """What the user's message says."""
        return _text(self.body["messages"][-1]["content"])


@dataclass(frozen=True)
class Act:
    """What a request gets."""

    text: str = ""
    size: int = 12
    """Characters in a piece."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    message: str = ""
    """Of an error; it goes on with all that the server was sent."""
    code: str | None = None
    after: int | None = None
    """So many pieces come, and then `then`; None: all come."""
    then: str = ""
    """`stall`: nothing more, until the client goes; `break`: the connection breaks; `end`: the stream ends as
    if nothing were wrong, but without the word that it is complete; `error`: an error in the stream."""
    usage: tuple[int, int] | None = (100, 20)
    """Tokens in and out, as it tells them; None: it tells none."""


Script = Iterable[Act] | Callable[[Asked], Act]


def says(text: str, size: int = 12, usage: tuple[int, int] | None = (100, 20)) -> Act:
    """A whole reply."""
    return Act(text, size, usage=usage)


def fails(status: int, message: str = "", code: str | None = None, **headers: str) -> Act:
    """An error; `retry_after="1"` is the header Retry-After."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Act(status=status, message=message, code=code, headers=named)


def stops(text: str, after: int, then: str, size: int = 12) -> Act:
    """A reply of which `after` pieces come, and then `then`, as in `Act.then`."""
    return Act(text, size, after=after, then=then)


def refuses(option: str, otherwise: Act, message: str = "Unknown parameter") -> Callable[[Asked], Act]:
    """A server that does not know an option, and says so; without it, it does `otherwise`."""
    return lambda asked: fails(400, f"{message}: {option}") if option in asked.body else otherwise


class ChatServer:
    """Serves while its `with` block lasts."""

    def __init__(self, script: Script) -> None:
        """`script`: acts for the requests in turn, the last one for all further ones; or what makes them."""
        self.asked: list[Asked] = []
        self.gone = threading.Event()
        """Set once a client has gone before its reply was complete."""
        self._script = script if callable(script) else _in_turn(script)
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def root(self) -> str:
        """Its address, for Anthropic's and Ollama's clients."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """Its address for OpenAI's."""
        return f"{self.root}/v1"

    def __enter__(self) -> ChatServer:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._run(self._start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def stop(self) -> None:
        """Break all connections and take no more, as a server that is killed. Again is harmless."""
        self._run(self._stop())

    def _run(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _start(self) -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._handler(_openai))
        app.router.add_post("/v1/messages", self._handler(_anthropic))
        app.router.add_post("/api/chat", self._handler(_ollama))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def _stop(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    def _handler(self, form: Form) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            asked = Asked(request.path, await request.json(), dict(request.headers))
            self.asked.append(asked)
            act = self._script(asked)
            if act.status != 200:
                said = f"{act.message} {json.dumps(asked.body)} {asked.headers}"
                error = {"message": said, "type": "invalid_request_error", "code": act.code}
                return web.json_response({"error": error}, status=act.status, headers=act.headers)
            try:
                return await _streamed(request, form(act, asked), act)
            except (asyncio.CancelledError, ConnectionError):
                self.gone.set()
                raise

        return handle


async def _streamed(request: web.Request, lines: Iterator[str | None], act: Act) -> web.StreamResponse:
    """Send lines; None stands for the place where something else happens."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **act.headers})
    await response.prepare(request)
    async for line in _paced(lines):
        if line is not None:
            await response.write(line.encode())
        elif act.then == "stall":
            await asyncio.Event().wait()
        elif act.then == "break":
            assert request.transport is not None
            request.transport.abort()
            return response
        elif act.then == "end":
            break
    await response.write_eof()
    return response


async def _paced(lines: Iterator[str | None]) -> AsyncIterator[str | None]:
    """Each line on its own way, as from a model."""
    for line in lines:
        yield line
        await asyncio.sleep(0)


def _in_turn(acts: Iterable[Act]) -> Callable[[Asked], Act]:
    left = list(acts)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def _pieces(act: Act) -> Iterator[str | None]:
    pieces = [act.text[start : start + act.size] for start in range(0, len(act.text), act.size)]
    for number, piece in enumerate(pieces):
        if number == act.after:
            break
        yield piece
    if act.then:
        yield None


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


Form = Callable[[Act, Asked], Iterator[str | None]]


def _openai(act: Act, asked: Asked) -> Iterator[str | None]:
    def chunk(choices: list[dict[str, Any]], **more: Any) -> str:
        head = {"id": "chat-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted"}
        return f"data: {json.dumps({**head, 'choices': choices, **more})}\n\n"

    def delta(reason: str | None = None, **said: str) -> list[dict[str, Any]]:
        return [{"index": 0, "delta": said, "finish_reason": reason}]

    yield chunk(delta(role="assistant", content=""))
    for piece in _pieces(act):
        if piece is None and act.then == "error":
            yield f"data: {json.dumps({'error': {'message': f'overloaded: {asked.user}', 'code': 503}})}\n\n"
            return
        yield None if piece is None else chunk(delta(content=piece))
    yield chunk(delta("stop"))
    if act.usage and (asked.body.get("stream_options") or {}).get("include_usage"):
        used, made = act.usage
        usage = {"prompt_tokens": used, "completion_tokens": made, "total_tokens": used + made}
        yield chunk([], usage=usage)
    yield "data: [DONE]\n\n"


def _anthropic(act: Act, asked: Asked) -> Iterator[str | None]:
    def event(kind: str, **said: Any) -> str:
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **said})}\n\n"

    used, made = act.usage or (0, 0)
    message = {"id": "m1", "type": "message", "role": "assistant", "content": [], "model": "scripted"}
    usage = {"input_tokens": used, "output_tokens": 1}
    start = {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield event("message_start", message=start)
    yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for piece in _pieces(act):
        if piece is None and act.then == "error":
            yield event("error", error={"type": "overloaded_error", "message": f"Overloaded: {asked.user}"})
            return
        said = {"type": "text_delta", "text": piece}
        yield None if piece is None else event("content_block_delta", index=0, delta=said)
    yield event("content_block_stop", index=0)
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    yield event("message_delta", delta=ended, usage={"output_tokens": made})
    yield event("message_stop")


def _ollama(act: Act, asked: Asked) -> Iterator[str | None]:
    def line(text: str, **more: Any) -> str:
        head = {"model": "scripted", "created_at": "2022-03-24T12:00:00Z"}
        message = {"role": "assistant", "content": text}
        return json.dumps({**head, "message": message, "done": False, **more}) + "\n"

    for piece in _pieces(act):
        if piece is None and act.then == "error":
            yield json.dumps({"error": f"out of memory: {asked.user}"}) + "\n"
            return
        yield None if piece is None else line(piece)
    used, made = act.usage or (None, None)
    counts = {"prompt_eval_count": used, "eval_count": made} if act.usage else {}
    yield line("", done=True, done_reason="stop", **counts)
