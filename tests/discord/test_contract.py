"""The checkers of request bodies: what discord.py sends passes, planted faults are named."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import discord
import pytest
from discord import app_commands
from discord.http import handle_message_parameters
from discord.webhook.async_ import interaction_message_response_params, interaction_response_params

from tests.discord.contract import TOLERATED, Contract, Tolerated, needs_document
from tests.discord.limits import check_all, check_limits, message_of

CHANNEL = "/channels/123/messages"
MESSAGE = "/channels/123/messages/456"
CALLBACK = "/interactions/123/token/callback"
ORIGINAL = "/webhooks/123/token/messages/@original"
FOLLOWUP = "/webhooks/123/token"
COMMANDS = "/applications/123/commands"
NOBODY = discord.AllowedMentions.none()


@dataclass(frozen=True)
class Sent:
    method: str
    path: str
    json: Any
    params: dict[str, Any] = field(default_factory=dict)


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract.load()


def embed() -> discord.Embed:
    made = discord.Embed(title="Harvest", description="A [1](https://example.org/a) quote", colour=0x336699)
    made.url = "https://example.org/a#:~:text=a%20quote"
    made.set_author(name="Town Times", url="https://example.org").set_footer(text="As of 24 Mar 2022")
    made.set_image(url="attachment://chart.png").set_thumbnail(url="https://example.org/picture.png")
    made.timestamp = discord.utils.utcnow()
    return made.add_field(name="Sources", value="one", inline=False)


def view() -> discord.ui.View:
    made = discord.ui.View(timeout=None)
    made.add_item(discord.ui.Button(label="Show evidence", custom_id="evidence:1"))
    made.add_item(discord.ui.Button(emoji="👍", custom_id="up:1", style=discord.ButtonStyle.success))
    made.add_item(discord.ui.Button(label="Article", url="https://example.org"))
    options = [discord.SelectOption(label="Town Times", value="tt", description="12 articles", emoji="📰")]
    made.add_item(discord.ui.Select(custom_id="outlet", placeholder="Outlet", options=options))
    made.add_item(discord.ui.ChannelSelect(custom_id="channel"))
    return made


def layout() -> discord.ui.LayoutView:
    made = discord.ui.LayoutView(timeout=None)
    inside = [discord.ui.TextDisplay("# Harvest"), discord.ui.Separator()]
    row: discord.ui.ActionRow[Any] = discord.ui.ActionRow(discord.ui.Button(label="More", custom_id="more"))
    made.add_item(discord.ui.Container(*inside, row, accent_colour=0x336699))
    return made


class Form(discord.ui.Modal, title="Add an article"):
    address: discord.ui.Label[Any] = discord.ui.Label(
        text="Address",
        description="Of one page",
        component=discord.ui.TextInput(custom_id="url", max_length=500, placeholder="https://"),
    )
    note: discord.ui.TextInput[Any] = discord.ui.TextInput(label="Note", required=False)


def kept() -> discord.Attachment:
    """An attachment of a message that an edit keeps."""
    address = "https://cdn.example.org/chart.png"
    state = discord.Client(intents=discord.Intents(guilds=True))._connection
    return discord.Attachment(
        data={"id": 9, "filename": "chart.png", "size": 3, "url": address, "proxy_url": address}, state=state
    )


def message(**parts: Any) -> Any:
    """The JSON that discord.py makes of a message, with or without a file."""
    with handle_message_parameters(allowed_mentions=NOBODY, **parts) as made:
        return made.payload or discord.utils._from_json(made.multipart[0]["value"])


def reply(kind: discord.InteractionResponseType, **parts: Any) -> Any:
    with interaction_message_response_params(type=kind.value, allowed_mentions=NOBODY, **parts) as made:
        return made.payload or discord.utils._from_json(made.multipart[0]["value"])


class German(app_commands.Translator):
    async def translate(self, string: Any, locale: Any, context: Any) -> str | None:
        return f"{string.message}-übersetzt" if locale is discord.Locale.german else None


async def commands() -> Any:
    """What a sync sends: commands in groups, with choices, completions, contexts, languages, a menu."""
    client = discord.Client(intents=discord.Intents(guilds=True))
    tree = app_commands.CommandTree(client)
    group = app_commands.Group(
        name="index", description="Moderate", default_permissions=discord.Permissions(manage_guild=True)
    )

    @tree.command(name=app_commands.locale_str("ask"), description=app_commands.locale_str("question"))
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.choices(tone=[app_commands.Choice(name="short", value="s")])
    async def ask(
        interaction: discord.Interaction,
        question: app_commands.Range[str, 1, 400],
        tone: str = "",
        page: int = 1,
    ) -> None: ...

    @ask.autocomplete("question")
    async def complete(interaction: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return []

    @tree.context_menu(name="Check against articles")
    async def check(interaction: discord.Interaction, message: discord.Message) -> None: ...

    @group.command(name="add", description="Add a file")
    async def add(interaction: discord.Interaction, file: discord.Attachment) -> None: ...

    tree.add_command(group)
    return [await command.get_translated_payload(tree, German()) for command in tree.get_commands()]


async def good() -> list[Sent]:
    kinds, query = discord.InteractionResponseType, {"with_response": "1"}
    chart = discord.File(io.BytesIO(b"png"), "chart.png", description="Questions a day")
    answer = discord.MessageReference(message_id=456, channel_id=123, guild_id=789, fail_if_not_exists=False)
    choices = [app_commands.Choice(name="Town Times", value="tt").to_dict()]
    return [
        Sent("POST", CHANNEL, message(content="Hello", embed=embed(), view=view())),
        Sent("POST", CHANNEL, message(embed=embed(), file=chart)),
        Sent(
            "POST",
            CHANNEL,
            message(content="As asked", message_reference=answer.to_dict(), mention_author=False, nonce="12"),
        ),
        Sent("POST", CHANNEL, message(view=layout())),
        Sent("PATCH", MESSAGE, message(content=None, embeds=[], view=None, attachments=[])),
        Sent("PATCH", MESSAGE, message(content="As before", attachments=[kept()])),
        Sent("DELETE", MESSAGE, None),
        Sent("GET", CHANNEL, None, {"limit": 50}),
        Sent("POST", "/channels/123/typing", None),
        Sent("POST", "/users/@me/channels", {"recipient_id": 5}),
        Sent(
            "POST", CALLBACK, reply(kinds.channel_message, content="Hi", embeds=[embed()], view=view()), query
        ),
        Sent("POST", CALLBACK, reply(kinds.message_update, embeds=[embed()], view=view()), query),
        Sent("POST", CALLBACK, {"type": 5, "data": {"flags": 64}}, query),
        Sent("POST", CALLBACK, {"type": 6}, query),
        Sent("POST", CALLBACK, {"type": 8, "data": {"choices": choices}}, query),
        Sent("POST", CALLBACK, interaction_response_params(type=9, data=Form().to_dict()).payload, query),
        Sent("PATCH", ORIGINAL, message(embeds=[embed()], view=view())),
        Sent("POST", FOLLOWUP, message(content="More", view=view()), {"wait": 1, "with_components": 0}),
        Sent("PUT", COMMANDS, await commands()),
    ]


@needs_document
async def test_what_discord_py_sends_passes() -> None:
    assert check_all(await good()) == []


@needs_document
@pytest.mark.parametrize("dropped", TOLERATED, ids=lambda tolerated: tolerated.field)
async def test_nothing_is_tolerated_that_discord_py_does_not_send(
    monkeypatch: pytest.MonkeyPatch, dropped: Tolerated
) -> None:
    rest = tuple(tolerated for tolerated in TOLERATED if tolerated is not dropped)
    monkeypatch.setattr("tests.discord.contract.TOLERATED", rest)
    assert check_all(await good()) != []


async def test_what_discord_py_sends_is_within_the_limits() -> None:
    sent = await good()
    assert [fault for one in sent for fault in check_limits(one.method, one.path, one.json)] == []
    assert sum(message_of(one.method, one.path, one.json) is not None for one in sent) == 10


BUTTON = {"type": 2, "style": 1, "label": "x", "custom_id": "c"}
PLANTED = [
    (("POST", CHANNEL, {"content": "x" * 4001}), "content: has 4001, at most 4000"),
    (("POST", CHANNEL, {"content": 3}), "content: 3 is not of type"),
    (("POST", CHANNEL, {"contents": "x"}), "contents: the document knows no such field"),
    (("POST", CHANNEL, {"embeds": [{"title": "x" * 257}]}), "embeds[0].title: has 257, at most 256"),
    (("POST", CHANNEL, {"embeds": [{"url": "https://a b"}]}), "embeds[0].url: 'https://a b' is not a 'uri'"),
    (("POST", CHANNEL, {"embeds": [{"timestamp": "today"}]}), "embeds[0].timestamp: 'today' is not"),
    (("POST", CHANNEL, {"embeds": [{"fields": [{"name": "x"}]}]}), "'value' is a required property"),
    (("POST", CHANNEL, {"components": [{"type": 1, "components": [BUTTON] * 6}]}), "[0].components: has 6"),
    (("POST", CHANNEL, {"components": [{"type": 1, "components": [{**BUTTON, "style": 9}]}]}), "style: 9 is"),
    (("POST", CHANNEL, {"components": [{"type": 1, "components": [{"type": 77}]}]}), "[0].type: 77 is not"),
    (("POST", CHANNEL, {"components": [BUTTON]}), "components[0].type: 2 is not one of"),
    (("POST", CHANNEL, {"allowed_mentions": {"parse": ["all"]}}), "parse[0]: 'all' is not one of"),
    (("POST", CHANNEL, {"message_reference": {"message_id": "x"}}), "message_id: 'x' does not match"),
    (("POST", CHANNEL, None), "has no body, and the route needs one"),
    (("GET", CHANNEL, {"limit": 1}), "has a body, and the route takes none"),
    (("GET", "/channels/none/messages", None), "the document knows no such route"),
    (("DELETE", CHANNEL, None), "the document knows no such route"),
    (("POST", FOLLOWUP, {"content": "x" * 2001}), "content: has 2001, at most 2000"),
    (("POST", CALLBACK, {"type": 44}), "type: 44 is not one of [1, 4, 5, 6, 7, 8, 9"),
    (("POST", CALLBACK, {"data": {}}), "'type' is a required property"),
    (("POST", CALLBACK, {"type": 4, "data": {"content": []}}), "data.content: [] is not of type"),
    (("POST", CALLBACK, {"type": 8, "data": {"choices": [{"name": "x"}]}}), "choices[0]: 'value' is a req"),
    (("POST", CALLBACK, {"type": 9, "data": {"title": "x" * 46, "custom_id": "c"}}), "data.title: has 46"),
    (("PUT", COMMANDS, [{"name": "x" * 33}]), "[0].name: has 33, at most 32"),
    (
        ("PUT", COMMANDS, [{"name": "x", "options": [{"type": 3, "name": "y"}]}]),
        "'description' is a required",
    ),
    (("PUT", COMMANDS, [{"name": "x", "contexts": [9]}]), "[0].contexts[0]: 9 is not one of"),
]


@needs_document
@pytest.mark.parametrize(("request_", "fault"), PLANTED, ids=[fault for _, fault in PLANTED])
def test_a_fault_is_named_by_the_contract(
    contract: Contract, request_: tuple[str, str, Any], fault: str
) -> None:
    assert any(fault in told for told in contract.check(*request_))


@needs_document
def test_a_query_is_checked_as_well(contract: Contract) -> None:
    body = {"content": "x"}
    assert contract.check("POST", FOLLOWUP, body, {"wait": "perhaps"})[0].endswith("is not of type 'boolean'")
    assert "no such parameter" in contract.check("POST", FOLLOWUP, body, {"await": 1})[0]


@needs_document
def test_one_fault_makes_one_line_and_a_long_text_is_not_repeated(contract: Contract) -> None:
    told = contract.check("POST", CHANNEL, {"embeds": [{"title": "x", "description": "y" * 200_000}]})
    assert told == [f"POST {CHANNEL}: embeds[0].description: has 200000, at most 4096 allowed"]
