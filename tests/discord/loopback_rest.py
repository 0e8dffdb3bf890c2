"""What Discord's REST answers: messages, interactions, commands, as much as a bot like ours asks for.

An answer is a status and a body. Errors have Discord's own codes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.discord import wire
from tests.discord.wire import Payload, Person

Answer = tuple[int, Any]

ERRORS: Mapping[int, tuple[int, str]] = {
    0: (404, "404: Not Found"),
    10003: (404, "Unknown Channel"),
    10008: (404, "Unknown Message"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
}


def error(code: int) -> Answer:
    """Discord's error of a code, with its status."""
    status, text = ERRORS[code]
    return status, {"message": text, "code": code}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in. `path` is what follows `/api/v10`; `at` the event loop's time.

    `json` is the body, or `payload_json` of a multipart one, whose files are in `files`.
    """

    method: str
    path: str
    params: dict[str, Any]
    json: Any
    files: Mapping[str, bytes]
    at: float
    reason: str | None


@dataclass(eq=False)
class Interaction:
    """One interaction of a person's, and what the bot has done with it.

    `callback` is the first response's body; `message` the response as it stands, None before there is one and
    after it was deleted; `followups` the further messages.
    """

    payload: Payload
    until: Callable[[Callable[[], bool]], Awaitable[None]]
    source: Payload | None = None
    callback: Payload | None = None
    message: Payload | None = None
    followups: list[Payload] = field(default_factory=list)
    expired: bool = False

    @property
    def loading(self) -> bool:
        return self.message is not None and bool(self.message["flags"] & wire.LOADING)

    @property
    def ephemeral(self) -> bool:
        return self.message is not None and bool(self.message["flags"] & wire.EPHEMERAL)

    async def first(self) -> Payload:
        """The first response, once it has come: `{"type": 5, ...}`."""
        await self.until(lambda: self.callback is not None)
        assert self.callback is not None
        return self.callback

    async def answer(self) -> Payload:
        """The response's message, once it no longer says that the bot is thinking."""
        await self.until(lambda: self.message is not None and not self.loading)
        assert self.message is not None
        return self.message

    async def shows(self, holds: Callable[[Payload], Any]) -> Payload:
        """The response's message, once something holds of it: it may change several times on its way."""
        await self.until(lambda: self.message is not None and bool(holds(self.message)))
        assert self.message is not None
        return self.message

    async def followup(self, number: int = 0) -> Payload:
        """A further message, once it has come."""
        await self.until(lambda: len(self.followups) > number)
        return self.followups[number]


class Rest:
    """The state of this small Discord, and its routes."""

    def __init__(
        self, address: Callable[[], str], dispatch: Callable[[str, Payload], Awaitable[None]]
    ) -> None:
        self.commands: list[Payload] = []
        self.channels: dict[str, Payload] = {wire.CHANNEL: wire.text_channel(wire.CHANNEL, "general")}
        self.messages: dict[str, Payload] = {}
        self.interactions: dict[str, Interaction] = {}
        self.files: dict[str, bytes] = {}
        self._address = address
        self._dispatch = dispatch
        self._routes = [
            (re.compile(f"{method} {path}"), handler)
            for method, path, handler in (
                ("GET", r"/users/@me", self._own_user),
                ("GET", r"/oauth2/applications/@me", self._application),
                ("POST", r"/users/@me/channels", self._open_dm),
                ("(?:GET|PUT)", r"/applications/\d+/commands", self._commands),
                ("(?:GET|PUT)", r"/applications/\d+/guilds/\d+/commands", self._commands),
                ("GET", r"/guilds/\d+", self._guild),
                ("GET", r"/channels/(\d+)", self._channel),
                ("GET", r"/channels/(\d+)/messages", self._messages),
                ("POST", r"/channels/(\d+)/messages", self._post),
                ("(?:GET|PATCH|DELETE)", r"/channels/(\d+)/messages/(\d+)", self._message),
                ("POST", r"/channels/(\d+)/messages/(\d+)/threads", self._start_thread),
                ("(?:PUT|DELETE)", r"/channels/(\d+)/messages/(\d+)/reactions/.+", self._nothing),
                ("POST", r"/channels/(\d+)/typing", self._nothing),
                ("POST", r"/interactions/(\d+)/([^/]+)/callback", self._callback),
                ("POST", r"/webhooks/\d+/([^/]+)", self._follow_up),
                ("(?:GET|PATCH|DELETE)", r"/webhooks/\d+/([^/]+)/messages/(@original|\d+)", self._response),
            )
        ]

    async def answer(self, request: Request) -> Answer | None:
        """The answer, or None where there is no such route here."""
        for pattern, handler in self._routes:
            if found := pattern.fullmatch(f"{request.method} {request.path}"):
                names = found.groups()
                if names and request.path.startswith("/channels/") and names[0] not in self.channels:
                    return error(10003)
                return await handler(request, *names)
        return None

    def dm(self, *people: Person) -> str:
        """The id of the bot's direct messages with a person, or of a group of several."""
        names = [wire.user(person) for person in people]
        for channel in self.channels.values():
            if channel.get("recipients") == names:
                return str(channel["id"])
        channel = wire.private_channel(wire.snowflake(), people)
        self.channels[channel["id"]] = channel
        return str(channel["id"])

    def keep_file(self, name: str, content: bytes) -> Payload:
        """An attachment whose address this server answers."""
        made = wire.attachment(f"{self._address()}/attachments/{wire.snowflake()}/{name}", name, content)
        self.files[made["url"].removeprefix(self._address())] = content
        return made

    async def _nothing(self, request: Request, *_: str) -> Answer:
        return 204, None

    async def _own_user(self, request: Request) -> Answer:
        return 200, wire.own_user()

    async def _application(self, request: Request) -> Answer:
        return 200, wire.application()

    async def _guild(self, request: Request) -> Answer:
        return 200, wire.guild(list(self.channels.values()))

    async def _open_dm(self, request: Request) -> Answer:
        people = [wire.ALICE, wire.BOB, wire.MODERATOR]
        wanted = [person for person in people if person.id == str(request.json["recipient_id"])]
        return (200, self.channels[self.dm(wanted[0])]) if wanted else error(50007)

    async def _commands(self, request: Request) -> Answer:
        if request.method == "PUT":
            self.commands = [
                {
                    "description": "",
                    **made,
                    "id": wire.snowflake(),
                    "application_id": wire.APPLICATION,
                    "version": wire.snowflake(),
                    "integration_types": made.get("integration_types") or [0],
                    "default_member_permissions": _as_text(made.get("default_member_permissions")),
                }
                for made in request.json
            ]
        return 200, self.commands

    async def _channel(self, request: Request, channel: str) -> Answer:
        return 200, self.channels[channel]

    async def _messages(self, request: Request, channel: str) -> Answer:
        here = [made for made in self.messages.values() if made["channel_id"] == channel and _is_public(made)]
        return 200, here[::-1][: int(request.params.get("limit", 50))]

    async def _post(self, request: Request, channel: str) -> Answer:
        reference = request.json.get("message_reference")
        replied = self.messages.get(str(reference["message_id"])) if reference else None
        if reference and replied is None and reference.get("fail_if_not_exists", True):
            return error(50035)
        made = self._made(request, channel)
        if replied is not None:
            place = {"message_id": replied["id"], "channel_id": channel, "type": 0}
            made |= {"type": 19, "message_reference": place, "referenced_message": replied}
        here = self.channels[channel].get("guild_id")
        await self._dispatch("MESSAGE_CREATE", {**made, **({"guild_id": here} if here else {})})
        return 200, made

    async def _message(self, request: Request, channel: str, message: str) -> Answer:
        made = self.messages.get(message)
        if made is None or made["channel_id"] != channel or not _is_public(made):
            return error(10008)
        return self._change(request, made)

    async def _start_thread(self, request: Request, channel: str, message: str) -> Answer:
        if message not in self.messages:
            return error(10008)
        made = wire.thread(message, request.json["name"], channel)
        self.channels[message] = made
        await self._dispatch("THREAD_CREATE", {**made, "newly_created": True})
        return 201, made

    async def _callback(self, request: Request, identity: str, token: str) -> Answer:
        asked = self.interactions.get(token)
        if asked is None or asked.payload["id"] != identity or asked.expired:
            return error(10062)
        if asked.callback is not None:
            return error(40060)
        kind, data = request.json["type"], request.json.get("data") or {}
        if kind == 4:
            asked.message = self._made(request, asked.payload["channel_id"], data)
        elif kind == 5:
            hidden = (data.get("flags") or 0) & wire.EPHEMERAL
            asked.message = self._made(request, asked.payload["channel_id"], {"flags": hidden | wire.LOADING})
        elif kind in (6, 7):
            asked.message = asked.source
        if kind == 7 and asked.source is not None:
            self._edit(asked.source, data, request.files)
        asked.callback = request.json
        if not request.params.get("with_response"):
            return 204, None
        return 200, _callback_response(asked, kind)

    async def _follow_up(self, request: Request, token: str) -> Answer:
        asked = self.interactions.get(token)
        if asked is None or asked.expired or asked.callback is None:
            return error(50027)
        if asked.loading and asked.message is not None:
            # The first message after "thinking" takes its place, and its visibility.
            return 200, self._edit(asked.message, request.json, request.files)
        asked.followups.append(self._made(request, asked.payload["channel_id"]))
        return 200, asked.followups[-1]

    async def _response(self, request: Request, token: str, message: str) -> Answer:
        asked = self.interactions.get(token)
        if asked is None or asked.expired:
            return error(50027)
        made = asked.message if message == "@original" else self.messages.get(message)
        if made is None or made not in [asked.message, *asked.followups]:
            return error(10008)
        answer = self._change(request, made)
        if request.method == "DELETE" and made is asked.message:
            asked.message = None
        return answer

    def _change(self, request: Request, made: Payload) -> Answer:
        """Show, edit or delete one message."""
        if request.method == "DELETE":
            del self.messages[made["id"]]
            return 204, None
        if request.method == "PATCH":
            self._edit(made, request.json, request.files)
        return 200, made

    def _made(self, request: Request, channel: str, body: Payload | None = None) -> Payload:
        body = request.json if body is None else body
        made = wire.message(channel, wire.ITSELF, body.get("content") or "", flags=body.get("flags") or 0)
        self._fill(made, body, request.files)
        self.messages[made["id"]] = made
        return made

    def _edit(self, made: Payload, body: Payload, files: Mapping[str, bytes]) -> Payload:
        made["flags"] &= ~wire.LOADING
        if "content" in body:
            made["content"] = body["content"] or ""
        self._fill(made, body, files)
        made["edited_timestamp"] = wire.now()
        return made

    def _fill(self, made: Payload, body: Payload, files: Mapping[str, bytes]) -> None:
        if "embeds" in body:
            made["embeds"] = [{"type": "rich", **embed} for embed in body["embeds"] or []]
        if "components" in body:
            numbers = iter(range(1, 1000))
            made["components"] = [_numbered(part, numbers) for part in body["components"] or []]
        if "attachments" in body:
            kept = {str(part["id"]) for part in body["attachments"] or []}
            made["attachments"] = [old for old in made["attachments"] if old["id"] in kept]
            made["attachments"] += [self.keep_file(name, content) for name, content in files.items()]


def _as_text(permissions: int | None) -> str | None:
    return None if permissions is None else str(permissions)


def _is_public(made: Payload) -> bool:
    """A message that only one person sees is no message of its channel."""
    return not made["flags"] & wire.EPHEMERAL


def _numbered(part: Payload, numbers: Any) -> Payload:
    """Components come back with ids."""
    made = {key: value for key, value in part.items() if value is not None} | {"id": next(numbers)}
    if "components" in part:
        made["components"] = [_numbered(inner, numbers) for inner in part["components"]]
    return made


def _callback_response(asked: Interaction, kind: int) -> Payload:
    made: Payload = {"interaction": {"id": asked.payload["id"], "type": asked.payload["type"]}}
    if asked.message is not None:
        made["interaction"] |= {
            "response_message_id": asked.message["id"],
            "response_message_loading": asked.loading,
            "response_message_ephemeral": asked.ephemeral,
        }
        if kind in (4, 7):
            made["resource"] = {"type": kind, "message": asked.message}
    return made
