"""Discord's limits: what is beyond one is named, in messages, commands, modals and completions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import discord
import pytest

from tests.discord.limits import check_all, check_limits, mentions_allowed
from tests.discord.measures import length

CHANNEL = "/channels/123/messages"
MESSAGE = "/channels/123/messages/456"
CALLBACK = "/interactions/123/token/callback"
ORIGINAL = "/webhooks/123/token/messages/@original"
FOLLOWUP = "/webhooks/123/token"
COMMANDS = "/applications/123/commands"


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    json: Any
    params: dict[str, Any] = field(default_factory=dict)


BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "c"}


def rows(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"content": "x", "components": [{"type": 1, "components": list(buttons)}]}


def embeds(*made: dict[str, Any]) -> dict[str, Any]:
    return {"embeds": list(made)}


def select(**parts: Any) -> dict[str, Any]:
    return rows({"type": 3, "custom_id": "s", "options": [{"label": "a", "value": "a"}], **parts})


TEN = "".join(f"{number:010}" for number in range(10))
TOO_MUCH = [
    ({"content": "x" * 2001}, "content: has 2001"),
    ({"content": "😀" * 1001}, "content: has 2002"),
    ({"content": " \n "}, "the message is empty"),
    ({}, "the message is empty"),
    ({"content": "\ud83d"}, "half a surrogate pair"),
    (embeds(*[{"title": "x"}] * 11), "embeds: has 11"),
    (embeds({"title": "😀" * 129}), "embeds[0].title: has 258"),
    (embeds({"description": "x" * 4097}), "embeds[0].description: has 4097"),
    (embeds({"title": "x", "fields": [{"name": "x", "value": "x"}] * 26}), "embeds[0].fields: has 26"),
    (embeds({"fields": [{"name": "x" * 257, "value": "x"}]}), "fields[0].name: has 257"),
    (embeds({"fields": [{"name": "x", "value": "x" * 1025}]}), "fields[0].value: has 1025"),
    (embeds({"fields": [{"name": "", "value": "x"}]}), "fields[0].name: is empty"),
    (embeds({"fields": [{"name": "x", "value": " "}]}), "fields[0].value: is empty"),
    (embeds({"footer": {"text": "x" * 2049}}), "footer.text: has 2049"),
    (embeds({"author": {"name": "x" * 257}}), "author.name: has 257"),
    (embeds({"description": "x" * 3001}, {"description": "x" * 3000}), "embeds: have 6001 together"),
    (embeds({"title": "x", "url": "javascript:alert(1)"}), "embeds[0].url: javascript is not one of"),
    (embeds({"title": "x", "url": "https:///path"}), "embeds[0].url: https is not one of"),
    (embeds({"title": "x", "url": "https://a/b c"}), "embeds[0].url: has a character"),
    (embeds({"title": "x", "url": "https://[a"}), "embeds[0].url: is no address"),
    (embeds({"title": "x", "url": "https://a/" + "b" * 2048}), "embeds[0].url: has 2058"),
    (embeds({"color": 1}), "embeds[0]: the embed is empty"),
    ({**rows(BUTTON), "components": rows(BUTTON)["components"] * 6}, "components: has 6"),
    (rows(*[{**BUTTON, "custom_id": str(number)} for number in range(6)]), "components[0].components: has 6"),
    (rows(BUTTON, BUTTON), "components.custom_id: 'c' is there 2 times"),
    (rows({**BUTTON, "label": "x" * 81}), "label: has 81"),
    (rows({**BUTTON, "label": ""}), "label: is empty"),
    (rows({**BUTTON, "custom_id": TEN + "x"}), "custom_id: has 101"),
    (rows({**BUTTON, "custom_id": ""}), "custom_id: is empty"),
    (rows({"type": 2, "style": 5, "label": "x", "url": "https://a/" + "b" * 503}), "url: has 513"),
    (rows({"type": 2, "style": 5, "label": "x", "url": "file:///etc"}), "url: file is not one of"),
    (rows({"type": 2, "style": 5, "label": "x"}), "url: is empty"),
    (rows({**BUTTON, "url": "https://a"}), "only a link has one"),
    (rows(BUTTON, select()["components"][0]["components"][0]), "components[0].components: has 2"),
    (select(placeholder="x" * 151), "placeholder: has 151"),
    (select(options=[]), "options: has 0"),
    (select(options=[{"label": str(n), "value": str(n)} for n in range(26)]), "options: has 26"),
    (select(options=[{"label": "a", "value": "a"}] * 2), "options.value: 'a' is there 2 times"),
    (select(options=[{"label": "x" * 101, "value": "a"}]), "options[0].label: has 101"),
    (select(options=[{"label": "a", "value": "a", "description": "x" * 101}]), "description: has 101"),
    (select(max_values=2), "asks for more values"),
    ({"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "x"}]}, "neither content"),
    ({"flags": 1 << 15, "components": [{"type": 10, "content": "x" * 2001}] * 2}, "have 4002 of text"),
    ({"flags": 1 << 15, "components": [{"type": 10, "content": "x"}] * 41}, "components: has 41"),
]


@pytest.mark.parametrize(("body", "fault"), TOO_MUCH, ids=[fault for _, fault in TOO_MUCH])
def test_a_message_beyond_a_limit_is_named(body: dict[str, Any], fault: str) -> None:
    told = check_limits("POST", CHANNEL, body)
    assert any(fault in one for one in told), told
    if "empty" not in fault:
        answered = check_limits("POST", CALLBACK, {"type": 4, "data": body})
        assert [one.removeprefix("data.") for one in answered] == told
        assert check_limits("PATCH", ORIGINAL, body) == told


def command(**parts: Any) -> dict[str, Any]:
    return {"type": 1, "name": "ask", "description": "Ask", **parts}


def option(name: str = "x", **parts: Any) -> dict[str, Any]:
    return {"type": 3, "name": name, "description": "x", **parts}


def choice(name: str, value: Any = "v") -> dict[str, Any]:
    return {"name": name, "value": value}


LONG = [option(f"x{n}", choices=[choice(f"{n}-{m}", "v" * 100) for m in range(20)]) for n in range(4)]
NESTED = option(type=2, options=[option(type=1, options=[option(type=1)])])
WRONG_COMMANDS = [
    (command(name="Ask"), "is not a lower-case word"),
    (command(name="ask it"), "is not a lower-case word"),
    (command(name="x" * 33), "name: has 33"),
    (command(description=""), "description: is empty"),
    (command(description="x" * 101), "description: has 101"),
    (command(name_localizations={"de": "Frag"}), "is not a lower-case word"),
    (command(name_localizations={"de": "x" * 33}), "name (de): has 33"),
    (command(description_localizations={"uk": "x" * 101}), "description (uk): has 101"),
    (command(description_localizations={"es": "x"}), "es is no language of Discord's"),
    (command(options=[option(str(n)) for n in range(26)]), "options: has 26"),
    (command(options=[option(), option()]), "'x' is there 2 times"),
    (command(options=[option("a"), option("b", required=True)]), "required ones come first"),
    (command(options=[option("no space")]), "is not a lower-case word"),
    (command(options=[option(choices=[choice(str(n)) for n in range(26)])]), "choices: has 26"),
    (command(options=[option(choices=[choice("x" * 101)])]), "choices[0].name: has 101"),
    (command(options=[option(choices=[choice("a")], autocomplete=True)]), "and completes as well"),
    (command(options=LONG), "has 8298 in all (default)"),
    (command(options=[NESTED]), "is nested too deep"),
    ({"type": 3, "name": "x" * 33}, "name: has 33"),
    ({"type": 3, "name": "Check it", "description": "x"}, "neither description nor options"),
]


@pytest.mark.parametrize(("made", "fault"), WRONG_COMMANDS, ids=[fault for _, fault in WRONG_COMMANDS])
def test_a_command_beyond_a_limit_is_named(made: dict[str, Any], fault: str) -> None:
    told = check_limits("PUT", COMMANDS, [made])
    assert any(fault in one for one in told), told
    assert check_limits("POST", COMMANDS, made) == told


def modal(*components: dict[str, Any], **parts: Any) -> dict[str, Any]:
    inside = [{"type": 1, "components": [component]} for component in components]
    return {"type": 9, "data": {"title": "x", "custom_id": "c", "components": inside, **parts}}


def suggest(*choices: dict[str, Any]) -> dict[str, Any]:
    return {"type": 8, "data": {"choices": list(choices)}}


LINE = {"type": 4, "custom_id": "i", "label": "x", "style": 1}
WRONG_ANSWERS = [
    (modal(LINE, title="x" * 46), "title: has 46"),
    (modal(), "components: has 0"),
    (modal(*[{**LINE, "custom_id": str(number)} for number in range(6)]), "components: has 6"),
    (modal(LINE, LINE), "'i' is there 2 times"),
    (modal({**LINE, "label": "x" * 46}), "label: has 46"),
    (modal({**LINE, "min_length": 5, "max_length": 4}), "do not fit"),
    (modal({**LINE, "value": "x" * 5, "max_length": 4}), "value: has 5"),
    (suggest(*[choice(str(number)) for number in range(26)]), "choices: has 26"),
    (suggest(choice("x" * 101)), "choices[0].name: has 101"),
    (suggest(choice("x", "y" * 101)), "choices[0].value: has 101"),
    (suggest(choice("")), "choices[0].name: is empty"),
]


@pytest.mark.parametrize(("body", "fault"), WRONG_ANSWERS, ids=[fault for _, fault in WRONG_ANSWERS])
def test_a_modal_or_completion_beyond_a_limit_is_named(body: dict[str, Any], fault: str) -> None:
    told = check_limits("POST", CALLBACK, body)
    assert any(fault in one for one in told), told


@pytest.mark.parametrize(
    ("allowed", "fault"),
    [
        ({}, "missing"),
        ({"allowed_mentions": None}, "missing"),
        ({"allowed_mentions": {}}, "parse: is None"),
        ({"allowed_mentions": {"parse": ["users"]}}, "parse: is ['users']"),
        ({"allowed_mentions": {"parse": [], "users": ["1"]}}, "allows users"),
        ({"allowed_mentions": {"parse": [], "roles": ["1"]}}, "allows roles"),
        ({"allowed_mentions": {"parse": [], "replied_user": True}}, "allows replied_user"),
    ],
)
@pytest.mark.parametrize("text", [{"content": "@everyone"}, {"embeds": [{"title": "x"}]}])
def test_a_message_that_may_ping_is_named(text: dict[str, Any], allowed: dict[str, Any], fault: str) -> None:
    body = {**text, **allowed}
    assert fault in (mentions_allowed(body) or "")
    sent = [
        Sent("POST", CHANNEL, body),
        Sent("PATCH", MESSAGE, body),
        Sent("POST", FOLLOWUP, body),
        Sent("PATCH", ORIGINAL, body),
        Sent("POST", CALLBACK, {"type": 4, "data": body}),
        Sent("POST", CALLBACK, {"type": 7, "data": body}),
    ]
    assert [any("allowed_mentions" in told for told in check_all([one])) for one in sent] == [True] * 6


def test_a_message_that_pings_nobody_passes() -> None:
    assert (
        mentions_allowed({"content": "x", "allowed_mentions": {"parse": [], "replied_user": False}}) is None
    )
    assert (
        mentions_allowed({"content": "x", "allowed_mentions": discord.AllowedMentions.none().to_dict()})
        is None
    )
    assert mentions_allowed({"flags": 64}) is None


def test_a_length_is_never_taken_too_small() -> None:
    assert [length(text) for text in ("", "abc", "é", "😀", "\u200d", "\ud83d")] == [0, 3, 1, 2, 1, 1]
