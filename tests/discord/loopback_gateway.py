"""Discord's gateway, version 10, over a real websocket: sessions that resume, and faults on demand."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.discord import wire
from tests.discord.wire import Payload

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID_SESSION, HELLO, HEARTBEAT_ACK = (
    0,
    1,
    2,
    6,
    7,
    9,
    10,
    11,
)
NOT_AUTHENTICATED, WRONG_TOKEN, ALREADY_AUTHENTICATED, DISALLOWED_INTENTS = 4003, 4004, 4005, 4014
PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15


class Socket:
    """One connection. Frames are compressed if the client asked for zlib-stream, and plain text if not."""

    def __init__(self, request: web.Request, ws: web.WebSocketResponse) -> None:
        self.ws = ws
        self.silent = False
        self._transport = request.transport
        self._zlib = zlib.compressobj() if request.query.get("compress") == "zlib-stream" else None

    async def send(self, op: int, data: Any, event: str | None = None, number: int | None = None) -> None:
        text = json.dumps({"op": op, "d": data, "s": number, "t": event})
        if self.silent or self.ws.closed:
            return
        # Whatever a client that has gone did not get, it gets when it resumes.
        with suppress(ConnectionError):
            if self._zlib is None:
                await self.ws.send_str(text)
            else:
                packed = self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH)
                await self.ws.send_bytes(packed)

    def abort(self) -> None:
        """As if the line were cut: no closing frame."""
        if self._transport is not None:
            self._transport.abort()


@dataclass(eq=False)
class Session:
    """What a shard identified itself for. It outlives its socket: events wait to be replayed."""

    shard: int
    shards: int
    intents: int
    socket: Socket | None
    id: str = field(default_factory=wire.snowflake)
    events: list[tuple[str, Payload]] = field(default_factory=list)
    sent: int = 0
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def dispatch(self, event: str, data: Payload) -> None:
        self.events.append((event, data))
        await self.flush()

    async def flush(self) -> None:
        """Send what was not sent yet, in order; numbers count from 1."""
        async with self.sending:
            while self.sent < len(self.events) and self.socket is not None:
                event, data = self.events[self.sent]
                self.sent += 1
                await self.socket.send(DISPATCH, data, event, self.sent)


class Gateway:
    """All sessions and sockets, what clients sent, and the faults to come.

    - `refuse`: the close code that the next IDENTIFYs get, such as 4004 or 4014; None lets them in.
    - `refuse_resume`: a RESUME is answered with "invalid session".
    - `heartbeat`: seconds between heartbeats that clients are told.
    - `identified`, `resumed`, `heartbeats`: what clients sent, and how often.
    """

    def __init__(self, token: str, guild: Callable[[], Payload], news: Callable[[], None]) -> None:
        self.privileged = 0
        self.refuse: int | None = None
        self.refuse_resume = False
        self.heartbeat = 41.25
        self.url = ""
        self.identified: list[Payload] = []
        self.resumed: list[Payload] = []
        self.heartbeats = 0
        self.sessions: dict[str, Session] = {}
        self._token = token
        self._guild = guild
        self._news = news
        self._sockets: set[Socket] = set()

    @property
    def connected(self) -> bool:
        """Whether some session has a socket that is open and not silent."""
        sockets = [session.socket for session in self.sessions.values()]
        return any(socket and not socket.ws.closed and not socket.silent for socket in sockets)

    async def dispatch(self, event: str, data: Payload) -> None:
        """Give an event to the session of its server's shard, as far as its intents allow."""
        for session in self.sessions.values():
            shard = (int(data.get("guild_id") or 0) >> 22) % session.shards
            if shard == session.shard and (seen := _as_seen(event, data, session.intents)) is not None:
                await session.dispatch(event, seen)

    async def drop(self) -> None:
        """Cut every line, without a word."""
        for socket in self._sockets:
            socket.abort()

    async def close(self, code: int) -> None:
        """Close every socket with a code."""
        for socket in list(self._sockets):
            await socket.ws.close(code=code)

    async def ask_to_reconnect(self) -> None:
        """Opcode 7."""
        for socket in self._sockets:
            await socket.send(RECONNECT, None)

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Opcode 9. Sessions that cannot be resumed are gone."""
        if not resumable:
            self.sessions.clear()
        for socket in self._sockets:
            await socket.send(INVALID_SESSION, resumable)

    def silence(self) -> None:
        """Say nothing on the sockets open now, not even to heartbeats. New ones are well."""
        for socket in self._sockets:
            socket.silent = True

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One connection, until it ends."""
        ws = web.WebSocketResponse(compress=False, max_msg_size=0)
        await ws.prepare(request)
        socket = Socket(request, ws)
        self._sockets.add(socket)
        try:
            await socket.send(HELLO, {"heartbeat_interval": int(self.heartbeat * 1000), "_trace": []})
            async for frame in ws:
                if frame.type is aiohttp.WSMsgType.TEXT:
                    await self._received(socket, json.loads(frame.data))
                    self._news()
        finally:
            self._sockets.discard(socket)
            for session in self.sessions.values():
                if session.socket is socket:
                    session.socket = None
            self._news()
        return ws

    async def _received(self, socket: Socket, frame: Payload) -> None:
        op, data = frame["op"], frame.get("d")
        if op == HEARTBEAT:
            self.heartbeats += 1
            await socket.send(HEARTBEAT_ACK, None)
        elif op == IDENTIFY:
            self.identified.append(data)
            await self._identify(socket, data)
        elif op == RESUME:
            self.resumed.append(data)
            await self._resume(socket, data)
        elif all(session.socket is not socket for session in self.sessions.values()):
            await socket.ws.close(code=NOT_AUTHENTICATED)

    async def _identify(self, socket: Socket, data: Payload) -> None:
        refused = self.refuse
        if data["token"] != self._token:
            refused = WRONG_TOKEN
        elif data["intents"] & PRIVILEGED & ~self.privileged:
            refused = DISALLOWED_INTENTS
        elif any(session.socket is socket for session in self.sessions.values()):
            refused = ALREADY_AUTHENTICATED
        if refused is not None:
            await socket.ws.close(code=refused)
            return
        shard, shards = data.get("shard") or (0, 1)
        session = Session(shard, shards, data["intents"], socket)
        self.sessions = {key: old for key, old in self.sessions.items() if old.shard != shard}
        self.sessions[session.id] = session
        guild = self._guild()
        here = (int(guild["id"]) >> 22) % shards == shard and session.intents & GUILDS
        ready = {
            "v": 10,
            "user": wire.own_user(),
            "guilds": [{"id": guild["id"], "unavailable": True}] if here else [],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": wire.APPLICATION, "flags": 0},
            "shard": [shard, shards],
        }
        await session.dispatch("READY", ready)
        if here:
            await session.dispatch("GUILD_CREATE", guild)

    async def _resume(self, socket: Socket, data: Payload) -> None:
        session = self.sessions.get(data["session_id"] or "")
        number = data["seq"]
        fits = session is not None and number is not None and number <= len(session.events)
        if session is None or not fits or self.refuse_resume or data["token"] != self._token:
            await socket.send(INVALID_SESSION, False)
            return
        session.socket, session.sent = socket, number
        await session.dispatch("RESUMED", {"_trace": []})


def _as_seen(event: str, data: Payload, intents: int) -> Payload | None:
    """An event as a client with these intents gets it, or None.

    Without the intent for it a message's content is empty, unless it is a direct message, mentions the bot or
    is its own.
    """
    if not event.startswith("MESSAGE_"):
        return data if intents & GUILDS or not event.startswith(("GUILD_", "CHANNEL_", "THREAD_")) else None
    if not intents & (GUILD_MESSAGES if data.get("guild_id") else DIRECT_MESSAGES):
        return None
    meant = any(mentioned["id"] == wire.APPLICATION for mentioned in data.get("mentions", ()))
    own = data.get("author", {}).get("id") == wire.APPLICATION
    if event == "MESSAGE_DELETE" or intents & MESSAGE_CONTENT or not data.get("guild_id") or meant or own:
        return data
    return {**data, "content": "", "embeds": [], "attachments": [], "components": []}
