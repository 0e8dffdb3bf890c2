"""Discord's documented limits, checked apart from its OpenAPI document, which knows only some of them.

Every function yields one line for each fault, with the place first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from tests.discord.contract import DOCUMENT, Contract
from tests.discord.limits_commands import choices, commands
from tests.discord.measures import Body, Faults, address, count, length, text, unique

MESSAGES = re.compile(
    r"(POST|PATCH) /(channels/\d+/messages(/\d+)?|webhooks/\d+/[^/]+(/messages/(@original|\d+))?)"
)
CALLBACKS = re.compile(r"POST /interactions/\d+/[^/]+/callback")
COMMANDS = re.compile(r"(PUT|POST|PATCH) /applications/\d+/(guilds/\d+/)?commands(/\d+)?")
THREADS = re.compile(r"POST /channels/\d+/(messages/\d+/)?threads")
COMPONENTS_V2 = 1 << 15


class Request(Protocol):
    """What a record of a request has to have: simcord's log entries and the loopback server's do."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def params(self) -> dict[str, Any]: ...
    @property
    def json(self) -> Any: ...


def check_all(requests: Iterable[Request]) -> list[str]:
    """Everything wrong with the requests: contract (where the document is at hand), limits, mentions."""
    contract = Contract.load() if DOCUMENT.exists() else None
    found: list[str] = []
    for request in requests:
        name = f"{request.method} {request.path}"
        if contract is not None:
            found += contract.check(request.method, request.path, request.json, request.params)
        found += (f"{name}: {fault}" for fault in check_limits(request.method, request.path, request.json))
        message = message_of(request.method, request.path, request.json)
        if message is not None and (fault := mentions_allowed(message)):
            found.append(f"{name}: {fault}")
    return found


def message_of(method: str, path: str, body: Any) -> Body | None:
    """The message that a request creates or edits, or None."""
    name = f"{method} {path.partition('?')[0]}"
    if MESSAGES.fullmatch(name):
        return body or {}
    if CALLBACKS.fullmatch(name) and (body or {}).get("type") in (4, 7):
        return body.get("data") or {}
    return None


def mentions_allowed(body: Body) -> str | None:
    """What in a message's body could ping somebody, or None. Without `allowed_mentions` any text could."""
    if not any(body.get(part) for part in ("content", "embeds", "components")):
        return None
    allowed = body.get("allowed_mentions")
    if allowed is None:
        return "allowed_mentions: missing"
    if allowed.get("parse") != []:
        return f"allowed_mentions.parse: is {allowed.get('parse')!r}, not []"
    granted = [key for key in ("users", "roles", "replied_user") if allowed.get(key)]
    return f"allowed_mentions: allows {', '.join(granted)}" if granted else None


def check_limits(method: str, path: str, body: Any) -> list[str]:
    """What in a request's body goes beyond a documented limit."""
    name = f"{method} {path.partition('?')[0]}"
    found = list(_well_formed("", body))
    callback = (body or {}) if CALLBACKS.fullmatch(name) else {}
    data = callback.get("data") or {}
    if (message := message_of(method, path, body)) is not None:
        found += _message(message, new=method == "POST" and callback.get("type") != 7)
    if callback.get("type") == 8:
        found += choices("choices", data.get("choices") or [])
    if callback.get("type") == 9:
        found += _modal(data)
    if COMMANDS.fullmatch(name):
        found += commands(body if isinstance(body, list) else [body])
    if THREADS.fullmatch(name):
        found += text("name", (body or {}).get("name"), 100, 1)
    return found


def _well_formed(where: str, value: Any) -> Faults:
    """Half a surrogate pair has no UTF-8, so Discord refuses the whole body."""
    if isinstance(value, str):
        if re.search(r"[\ud800-\udfff]", value):
            yield f"{where}: has half a surrogate pair"
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _well_formed(f"{where}.{key}".lstrip("."), part)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _well_formed(f"{where}[{index}]", part)


def _message(body: Body, *, new: bool) -> Faults:
    embeds, components = body.get("embeds") or [], body.get("components") or []
    yield from text("content", body.get("content"), 2000)
    yield from count("embeds", embeds, 10)
    for index, embed in enumerate(embeds):
        yield from _embed(f"embeds[{index}]", embed)
    total = sum(_embed_size(embed) for embed in embeds)
    if total > 6000:
        yield f"embeds: have {total} together, at most 6000 allowed"
    yield from count("attachments", body.get("attachments") or [], 10)
    for index, attachment in enumerate(body.get("attachments") or []):
        yield from text(f"attachments[{index}].description", attachment.get("description"), 1024)
    if (body.get("flags") or 0) & COMPONENTS_V2:
        yield from _layout(components)
        if (body.get("content") or "") or embeds:
            yield "flags: a message of components has neither content nor embeds"
    else:
        yield from _rows(components)
    parts = ("embeds", "components", "attachments", "sticker_ids", "poll")
    if new and not (body.get("content") or "").strip() and not any(body.get(part) for part in parts):
        yield "content: the message is empty"


def _embed_size(embed: Body) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for field in embed.get("fields") or []:
        texts += [field.get("name"), field.get("value")]
    return sum(length(text or "") for text in texts)


def _embed(where: str, embed: Body) -> Faults:
    fields, footer, author = embed.get("fields") or [], embed.get("footer"), embed.get("author")
    yield from text(f"{where}.title", embed.get("title"), 256)
    yield from text(f"{where}.description", embed.get("description"), 4096)
    yield from address(f"{where}.url", embed.get("url"), 2048)
    yield from count(f"{where}.fields", fields, 25)
    for index, field in enumerate(fields):
        yield from text(f"{where}.fields[{index}].name", field.get("name"), 256, 1)
        yield from text(f"{where}.fields[{index}].value", field.get("value"), 1024, 1)
    if footer is not None:
        yield from text(f"{where}.footer.text", footer.get("text"), 2048, 1)
    if author is not None:
        yield from text(f"{where}.author.name", author.get("name"), 256, 1)
        yield from address(f"{where}.author.url", author.get("url"), 2048)
    for part in ("image", "thumbnail"):
        yield from address(
            f"{where}.{part}.url", (embed.get(part) or {}).get("url"), 2048, ("http", "https", "attachment")
        )
    if not _embed_size(embed) and not (embed.get("image") or embed.get("thumbnail")):
        yield f"{where}: the embed is empty"


def _walk(components: Iterable[Body]) -> Iterator[Body]:
    for component in components:
        yield component
        inner = [component.get("accessory"), component.get("component"), *(component.get("components") or [])]
        yield from _walk(part for part in inner if part)


def _layout(components: Sequence[Body]) -> Faults:
    """Components of the second kind: 40 in all, 4,000 units of text together."""
    every = list(_walk(components))
    yield from count("components", every, 40, 1)
    total = sum(length(part.get("content") or "") for part in every if part.get("type") == 10)
    if total > 4000:
        yield f"components: have {total} of text together, at most 4000 allowed"
    yield from unique("components.custom_id", (part["custom_id"] for part in every if part.get("custom_id")))
    for index, part in enumerate(every):
        yield from _part(f"components({index})", part)


def _rows(rows: Sequence[Body]) -> Faults:
    yield from count("components", rows, 5)
    every = list(_walk(rows))
    yield from unique("components.custom_id", (part["custom_id"] for part in every if part.get("custom_id")))
    for index, row in enumerate(rows):
        if row.get("type") != 1:
            yield f"components[{index}]: is no row"
        yield from _part(f"components[{index}]", row)
        for place, part in enumerate(row.get("components") or []):
            yield from _part(f"components[{index}].components[{place}]", part)


def _part(where: str, part: Body) -> Faults:
    kind = part.get("type")
    if kind == 1:
        inside = part.get("components") or []
        alone = any(other.get("type") != 2 for other in inside)
        yield from count(f"{where}.components", inside, 1 if alone else 5, 1)
    elif kind == 2:
        yield from _button(where, part)
    elif kind in (3, 5, 6, 7, 8):
        yield from _select(where, part)
    elif kind == 10:
        yield from text(f"{where}.content", part.get("content"), 4000, 1)


def _button(where: str, button: Body) -> Faults:
    yield from text(f"{where}.label", button.get("label"), 80, 0 if button.get("emoji") else 1)
    if button.get("style") == 5:
        yield from address(f"{where}.url", button.get("url") or "", 512, ("http", "https", "discord"))
        if button.get("custom_id"):
            yield f"{where}.custom_id: a link has none"
    elif button.get("style") != 6:
        yield from text(f"{where}.custom_id", button.get("custom_id"), 100, 1)
        if button.get("url"):
            yield f"{where}.url: only a link has one"


def _select(where: str, select: Body) -> Faults:
    yield from text(f"{where}.custom_id", select.get("custom_id"), 100, 1)
    yield from text(f"{where}.placeholder", select.get("placeholder"), 150)
    if select.get("type") != 3:
        return
    options = select.get("options") or []
    yield from count(f"{where}.options", options, 25, 1)
    yield from unique(f"{where}.options.value", (option.get("value") for option in options))
    for index, option in enumerate(options):
        yield from text(f"{where}.options[{index}].label", option.get("label"), 100, 1)
        yield from text(f"{where}.options[{index}].value", option.get("value"), 100, 1)
        yield from text(f"{where}.options[{index}].description", option.get("description"), 100)
    if (select.get("min_values") or 0) > len(options) or (select.get("max_values") or 1) > len(options):
        yield f"{where}: asks for more values than it has"


def _modal(data: Body) -> Faults:
    yield from text("title", data.get("title"), 45, 1)
    yield from text("custom_id", data.get("custom_id"), 100, 1)
    yield from count("components", data.get("components") or [], 5, 1)
    every = list(_walk(data.get("components") or []))
    yield from unique("components.custom_id", (part["custom_id"] for part in every if part.get("custom_id")))
    for index, part in enumerate(every):
        where = f"components({index})"
        yield from _select(where, part) if part.get("type") in (3, 5, 6, 7, 8) else ()
        yield from _label(where, part) if part.get("type") == 18 else ()
        yield from _input(where, part) if part.get("type") == 4 else ()


def _label(where: str, part: Body) -> Faults:
    yield from text(f"{where}.label", part.get("label"), 45, 1)
    yield from text(f"{where}.description", part.get("description"), 100)


def _input(where: str, part: Body) -> Faults:
    yield from text(f"{where}.custom_id", part.get("custom_id"), 100, 1)
    yield from text(f"{where}.label", part.get("label"), 45)
    yield from text(f"{where}.placeholder", part.get("placeholder"), 100)
    least, most = part.get("min_length") or 0, part.get("max_length") or 4000
    if not 0 <= least <= most <= 4000:
        yield f"{where}: min_length {least} and max_length {most} do not fit"
    yield from text(f"{where}.value", part.get("value"), most)
